"""The retailer's program for one day: about twenty orders, most of them clean, and one of each kind of trouble."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.book import SentOrder
from edi_engine.sandbox.catalog import ARTICLES, CENTERS, SCARCE, Center, Profile
from edi_engine.sandbox.orders import Line, Order, cancellation
from edi_engine.sandbox.write_x12 import Segments

CLEAN: Final = 12
"""Clean orders in files of their own; two more are in the file of three."""
DEPARTMENTS: Final = ("023", "041", "077")


@dataclass(frozen=True, slots=True)
class Planned:
    """One file of the program. `name` may hold {n}, the interchange's number. `raw` is sent as it stands.

    `verdict` is the AK901 that the supplier's 997 should carry; `booked` the orders that it should come to know.
    """

    name: str
    story: str
    sets: tuple[tuple[str, Segments], ...] = ()
    kind: str = "PO"
    usage: str = "P"
    verdict: str = "A"
    booked: tuple[SentOrder, ...] = ()
    raw: bytes | None = None


class Program:
    """Deterministic for a seed: the same numbers and the same day give the same files."""

    def __init__(self, profile: Profile, *, run: int, day: date, seed: int = 0) -> None:
        """Plan for `day`; orders of each `run` have numbers of their own."""
        self._profile = profile
        self._day = day
        self._random = random.Random(f"{seed}:{run}")  # noqa: S311  # practice orders, not secrets
        self._po = 45_000_000 + run * 100
        self._test_po = 99_000_000 + run * 100

    def files(self, clean: int = CLEAN) -> Iterator[Planned]:
        """Give the day's files in the order in which they are sent."""
        clean_orders = [self._order() for _ in range(clean)]
        for order in clean_orders[:-1]:
            yield self._file("PO_{n}.edi", "clean", order)
        yield self._file("Année 2 été {n}.edi", "clean, in a file whose name has blanks and accents", clean_orders[-1])
        yield from self._held()
        yield from self._answered_by_997()
        yield from self._odd(clean_orders[0])

    def _held(self) -> Iterator[Planned]:
        """Give orders that are good X12 and still need a person."""
        order = self._order()
        dear, *others = order.lines
        cheap = replace(dear, price=(dear.price * Decimal("0.88")).quantize(Decimal("0.01")))
        yield self._file("PO_{n}.edi", "one price is 12 % below the list", replace(order, lines=(cheap, *others)))

        order = self._order()
        strange = Line("100999", "6", "EA", Decimal("4.44"))
        yield self._file("PO_{n}.edi", "one article is unknown", replace(order, lines=(*order.lines, strange)))

        order = self._order()
        broken = Line("100105", "20", "EA", ARTICLES["100105"].price)
        yield self._file("PO_{n}.edi", "20 pieces of an article packed by 12", replace(order, lines=(broken,)))

        order = self._order()
        scarce = Line(SCARCE, "10", "CA", ARTICLES[SCARCE].price)
        yield self._file(
            "PO_{n}.edi", "more than the supplier has in stock", replace(order, lines=(*order.lines, scarce))
        )

        order = self._order()
        yield self._file(
            "PO_{n}.edi", "CTT counts one line too many", replace(order, lines_stated=len(order.lines) + 1)
        )

        nowhere = Center("0999", "BLUEBIRD DC NOWHERE", "1 NEW ROAD", "DAYTON", "OH", "45402")
        yield self._file("PO_{n}.edi", "an unknown ship-to", replace(self._order(), center=nowhere))

        order = self._order()
        shared = Line("100102", "24", "EA", ARTICLES["100102"].price, (("0417", "10"), ("0533", "14")))
        yield self._file("PO_{n}.edi", "quantities for single stores (SDQ)", replace(order, lines=(shared,)))

    def _answered_by_997(self) -> Iterator[Planned]:
        """Give files of which the supplier's 997 refuses all or a part."""
        spoiled = replace(self._order(), unit_text="CASE")
        yield replace(self._file("PO_{n}.edi", "a unit of four letters", spoiled), verdict="R", booked=())

        first, third = self._order(), self._order()
        second = replace(self._order(), quantity_text="TWELVE")
        yield Planned(
            "PO_{n}.edi",
            "three orders, the second with a quantity in words",
            tuple(("850", order.segments(self._profile)) for order in (first, second, third)),
            verdict="P",
            booked=(self._sent(first, "clean, beside a bad one"), self._sent(third, "clean, beside a bad one")),
        )

    def _odd(self, known: Order) -> Iterator[Planned]:
        """Give what is no plain new order: a repetition, a test, a change, and something that is no X12 at all."""
        line, *others = known.lines
        more = replace(line, quantity=str(int(line.quantity) * 2))
        again = replace(known, lines=(more, *others))
        yield replace(self._file("PO_{n}.edi", "an order number once more, with another quantity", again), booked=())

        self._test_po += 1
        test = replace(self._order(), po=str(self._test_po))
        sent = replace(self._sent(test, "a test order"), live=False)
        yield replace(self._file("PO_{n}.edi", "a test order (ISA15 is T)", test), usage="T", booked=(sent,))

        change = cancellation(known.po, self._day, known.lines[-1])
        yield Planned("PC_{n}.edi", "an order change (860)", (("860", change),), kind="PC")

        yield Planned(
            "Price list {n}.pdf", "a file that is not X12", raw=b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nprice list\n%%EOF\n"
        )

    def _order(self) -> Order:
        """Draw a clean order of one to five lines."""
        self._po += 1
        drawn = self._random.sample([article for article in ARTICLES if article != SCARCE], self._random.randint(1, 5))
        return Order(
            str(self._po),
            self._random.choice(CENTERS),
            self._day,
            self._random.choice(DEPARTMENTS),
            tuple(self._line(article) for article in drawn),
        )

    def _line(self, article: str) -> Line:
        known = ARTICLES[article]
        cases = self._random.randint(1, 12)
        if self._random.random() < 0.25:
            return Line(article, str(cases * known.case_pack), "EA", known.price)
        return Line(article, str(cases), "CA", known.price)

    def _file(self, name: str, story: str, order: Order) -> Planned:
        return Planned(name, story, (("850", order.segments(self._profile)),), booked=(self._sent(order, story),))

    @staticmethod
    def _sent(order: Order, story: str) -> SentOrder:
        return SentOrder(
            order.po, live=True, lines=[line.sent(n) for n, line in enumerate(order.lines, 1)], story=story
        )
