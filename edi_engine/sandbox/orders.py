"""What a retailer orders, as values, and the parts of an 850 that all of them write alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.book import SentLine, SentOrder
from edi_engine.sandbox.profile import Center, Profile
from edi_engine.sandbox.write_x12 import Segments

DOZEN: Final = 12
_PER: Final = {"PE": 1, "HP": 100, "TP": 1000}
"""How many pieces a price is for, by its basis (PO105)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line to order. `quantity` is in `unit` (CA, DZ or EA), `price` in dollars for each piece.

    `basis` says per how many pieces the price is written. `stores` are the quantities for single stores (SDQ), as store
    number and quantity.
    """

    article: str
    quantity: str
    unit: str
    price: Decimal
    stores: tuple[tuple[str, str], ...] = ()
    basis: str = "PE"

    def sent(self, number: int, profile: Profile) -> SentLine:
        """Give the line as the books keep it, in pieces."""
        known = profile.articles.get(self.article)
        in_a_case = known.case_pack if known is not None else 1
        pieces = Decimal(self.quantity) * {"CA": in_a_case, "DZ": DOZEN}.get(self.unit, 1)
        return SentLine(str(number), self.article, pieces, self.price)


@dataclass(frozen=True, slots=True)
class Order:
    """One order to write. `lines_stated` spoils CTT01, `quantity_text` and `unit_text` spoil the first line.

    `purpose` is BEG01, `kind` BEG02. `department`, `customer_order` and `notes` are for those who write them.
    """

    po: str
    center: Center
    day: date
    lines: tuple[Line, ...]
    kind: str = "SA"
    purpose: str = "00"
    department: str = ""
    customer_order: str = ""
    notes: tuple[str, ...] = ()
    lines_stated: int | None = None
    quantity_text: str | None = None
    unit_text: str | None = None

    def sent(self, story: str, profile: Profile, *, live: bool = True) -> SentOrder:
        """Give the order as the books keep it."""
        lines = [line.sent(number, profile) for number, line in enumerate(self.lines, 1)]
        return SentOrder(self.po, live=live, lines=lines, story=story, consumer=self.center.name)


@dataclass(frozen=True, slots=True)
class Planned:
    """One file of a program. `name` may hold {n}, the interchange's number. `raw` is sent as it stands.

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


def lines_of(order: Order, profile: Profile) -> list[list[str]]:
    """Give PO1 to SDQ of each line, and the CTT."""
    lines = [_line(order, profile, number, line) for number, line in enumerate(order.lines, 1)]
    stated = len(order.lines) if order.lines_stated is None else order.lines_stated
    total = sum(Decimal(line.quantity) for line in order.lines)
    return [*(segment for line in lines for segment in line), ["CTT", str(stated), str(total)]]


def _line(order: Order, profile: Profile, number: int, line: Line) -> list[list[str]]:
    spoil = number == 1
    quantity = (order.quantity_text if spoil else None) or line.quantity
    unit = (order.unit_text if spoil else None) or line.unit
    known = profile.articles.get(line.article)
    ids = [profile.article_type, line.article]
    if known is not None:
        ids += ["UP", known.upc, "VN", known.supplier_number]
    segments = [["PO1", str(number), quantity, unit, str(line.price * _PER[line.basis]), line.basis, *ids]]
    if known is not None:
        segments.append(["PID", "F", "08", "", "", known.description])
        if profile.cartons != "none":
            segments.append(["PO4", str(known.case_pack)])
    if line.stores:
        segments.append(["SDQ", line.unit, "92", *(part for store in line.stores for part in store)])
    return segments
