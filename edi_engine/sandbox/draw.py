"""Drawing a retailer's orders by lot, the same for the same seed, run and day; each retailer's program uses it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.orders import Line, Order, Planned
from edi_engine.sandbox.profile import Profile
from edi_engine.sandbox.write_x12 import Segments

Write = Callable[[Order], Segments]
"""How a retailer writes an order, without ST and SE."""

ORDERS_A_RUN: Final = 100
TESTS_FROM: Final = 900_000
"""Test orders have numbers of their own, so many above the live ones."""


class Draw:
    """The retailer's lot, and the numbers of its orders; those of each run are its own."""

    def __init__(self, profile: Profile, write: Write, *, run: int, day: date, seed: int = 0) -> None:
        """Begin the program of `run` for `day`."""
        self.profile = profile
        self.day = day
        self.random = random.Random(f"{profile.name}:{seed}:{run}")  # noqa: S311  # practice orders, not secrets
        self._write = write
        self._run = run
        self._number = 0

    def po(self, *, test: bool = False) -> str:
        """Give the next order number."""
        self._number += 1
        first = self.profile.first_po + (TESTS_FROM if test else 0)
        return self.profile.po.format(first + self._run * ORDERS_A_RUN + self._number)

    def articles(self, most: int) -> list[str]:
        """Draw one to `most` articles of which there is enough."""
        plenty = [article for article in self.profile.articles if article != self.profile.scarce]
        return self.random.sample(plenty, self.random.randint(1, most))

    def price(self, article: str) -> Decimal:
        """Give the price of a piece."""
        return self.profile.articles[article].price

    def file(self, story: str, order: Order, **more: object) -> Planned:
        """Plan a file with one order that will be booked."""
        booked = (order.sent(story, self.profile),)
        return replace(
            Planned(self.profile.file, story, (("850", self._write(order)),), booked=booked),
            **more,  # type: ignore[arg-type]
        )

    def unbooked(self, story: str, order: Order, **more: object) -> Planned:
        """Plan a file with one order that books nothing new."""
        return replace(self.file(story, order, **more), booked=())

    def together(self, story: str, orders: list[Order], good: list[Order], verdict: str) -> Planned:
        """Plan a file of several orders, of which the `good` ones will be booked."""
        return Planned(
            self.profile.file,
            story,
            tuple(("850", self._write(order)) for order in orders),
            verdict=verdict,
            booked=tuple(order.sent("clean, beside a bad one", self.profile) for order in good),
        )

    def test(self, order: Order) -> Planned:
        """Plan a file with a test order."""
        test = replace(order, po=self.po(test=True))
        booked = (test.sent("a test order", self.profile, live=False),)
        return self.file("a test order (ISA15 is T)", test, usage="T", booked=booked)


Program = Callable[[Draw, int], Iterator[Planned]]
"""Gives a day's files in the order in which they are sent, with so many clean orders."""


def dearer(line: Line, factor: str) -> Line:
    """Give the line at another price."""
    return replace(line, price=(line.price * Decimal(factor)).quantize(Decimal("0.01")))
