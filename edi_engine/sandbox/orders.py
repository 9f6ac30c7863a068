"""How the retailer writes an order: its lines as values, and the segments of the 850 that says them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from edi_engine.sandbox.book import SentLine
from edi_engine.sandbox.catalog import ARTICLES, Center, Profile


@dataclass(frozen=True, slots=True)
class Line:
    """One line to order. `quantity` is in `unit` (CA or EA), `price` in dollars for each piece; `text` spoils PO103.

    `stores` are the quantities for single stores (SDQ), as store number and quantity.
    """

    article: str
    quantity: str
    unit: str
    price: Decimal
    stores: tuple[tuple[str, str], ...] = ()

    def sent(self, number: int) -> SentLine:
        """Give the line as the books keep it, in pieces."""
        known = ARTICLES.get(self.article)
        pieces = Decimal(self.quantity) * (known.case_pack if known is not None and self.unit == "CA" else 1)
        return SentLine(str(number), self.article, pieces, self.price)


@dataclass(frozen=True, slots=True)
class Order:
    """One order to write. `lines_stated` spoils CTT01, `quantity_text` and `unit_text` spoil the first line."""

    po: str
    center: Center
    day: date
    department: str
    lines: tuple[Line, ...]
    lines_stated: int | None = None
    quantity_text: str | None = None
    unit_text: str | None = None

    def segments(self, profile: Profile) -> list[list[str]]:
        """Give the segments of the 850, without ST and SE."""
        center = self.center
        return [
            ["BEG", "00", "SA", self.po, "", f"{self.day:%Y%m%d}"],
            ["REF", "DP", self.department],
            ["REF", "IA", profile.vendor_number],
            ["REF", "MR", "0020"],
            ["DTM", "010", f"{self.day + timedelta(days=7):%Y%m%d}"],
            ["DTM", "001", f"{self.day + timedelta(days=21):%Y%m%d}"],
            ["N1", "ST", center.name, "92", center.number],
            ["N3", center.street],
            ["N4", center.city, center.state, center.postal_code, "US"],
            *(segment for number, line in enumerate(self.lines, 1) for segment in self._line(number, line)),
            ["CTT", str(len(self.lines) if self.lines_stated is None else self.lines_stated), self._hash()],
        ]

    def _line(self, number: int, line: Line) -> list[list[str]]:
        spoil = number == 1
        quantity = (self.quantity_text if spoil else None) or line.quantity
        unit = (self.unit_text if spoil else None) or line.unit
        known = ARTICLES.get(line.article)
        ids = ["IN", line.article]
        if known is not None:
            ids += ["UP", known.upc, "VN", known.supplier_number]
        segments = [["PO1", str(number), quantity, unit, str(line.price), "PE", *ids]]
        if known is not None:
            segments.append(["PID", "F", "08", "", "", known.description])
            segments.append(["PO4", str(known.case_pack)])
        if line.stores:
            segments.append(["SDQ", line.unit, "92", *(part for store in line.stores for part in store)])
        return segments

    def _hash(self) -> str:
        """CTT02: the sum of the quantities."""
        return str(sum(Decimal(line.quantity) for line in self.lines))


def cancellation(po: str, day: date, line: Line) -> list[list[str]]:
    """Give the segments of an 860 that takes a line out of an order, without ST and SE."""
    return [
        ["BCH", "04", "SA", po, "", "1", f"{day:%Y%m%d}", "", "", "", "", f"{day:%Y%m%d}"],
        ["POC", "1", "DI", line.quantity, "0", line.unit, str(line.price), "PE", "IN", line.article],
        ["CTT", "1"],
    ]
