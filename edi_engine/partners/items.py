"""The items table of a partner as facts: what an item costs, its case pack, its stock, by every name it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import OrderLine
from edi_engine.orders.sscc import check_digit
from edi_engine.partners.form import NO, YES
from edi_engine.partners.measures import number, without_sign
from edi_engine.text.csv import Row, Sheet
from edi_engine.text.yaml import Mark, problem

NAME: Final = "items"
KEYS: Final = ("theirs", "ours")
COLUMNS: Final = (
    *KEYS, "description", "gtin", "price", "price_unit", "case_pack", "stock", "discontinued", "weight",
)  # fmt: skip
_UNIT: Final = re.compile(r"[0-9A-Z]{2}")
_GTIN: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")


@dataclass(frozen=True, slots=True)
class ItemList:
    """The rows of an items table, found by the partner's item number, by ours, or by GTIN (14 digits)."""

    by_theirs: Mapping[str, ItemFact] = field(default_factory=dict)
    by_ours: Mapping[str, ItemFact] = field(default_factory=dict)
    by_gtin: Mapping[str, ItemFact] = field(default_factory=dict)

    def find(self, line: OrderLine) -> ItemFact | None:
        """Give the fact for a line: by its buyer's item, else its vendor's item, else its GTIN; None if none fits."""
        tries = ((self.by_theirs, line.buyer_item), (self.by_ours, line.vendor_item), (self.by_gtin, _long(line.gtin)))
        found = (names.get(name) for names, name in tries if name)
        return next((fact for fact in found if fact is not None), None)


def read_items(sheet: Sheet, problems: list[Finding]) -> ItemList:
    """Read the items table. Every number, unit and GTIN is checked; every wrong cell is a problem at its line."""
    names: tuple[dict[str, ItemFact], ...] = ({}, {}, {})
    lines: tuple[dict[str, int], ...] = ({}, {}, {})
    for row in sheet.rows:
        cell = _Cells(sheet, row, problems)
        fact = _fact(cell)
        keys = (("theirs", cell.text("theirs")), ("ours", fact.item), ("gtin", fact.gtin))
        for (column, key), found, seen in zip(keys, names, lines, strict=True):
            if not key:
                if column in KEYS:
                    cell.complain("partner.table.key", column, f"{column} is empty in this row; every item has one")
            elif key in found:
                first = seen[key]
                message = f"{column} {cell.text(column)} stands in line {first} already; one item has one row"
                cell.complain("partner.table.duplicate", column, message)
            else:
                found[key], seen[key] = fact, row.line
    return ItemList(*names)


def _fact(cell: _Cells) -> ItemFact:
    return ItemFact(
        item=cell.text("ours"),
        price=cell.number("price"),
        price_unit=cell.fitting("price_unit", _UNIT, "a unit of two characters such as EA") or "EA",
        case_pack=cell.number("case_pack", positive=True),
        stock=cell.number("stock"),
        description=cell.text("description") or None,
        discontinued=cell.yes("discontinued"),
        gtin=_long(cell.gtin("gtin")),
        source=f"{cell.sheet.file}:{cell.row.line}",
        weight=cell.number("weight", positive=True),
    )


def _long(gtin: str | None) -> str | None:
    """Write a GTIN of any length with 14 digits, so that a UPC and an EAN of the same item meet."""
    return gtin.rjust(14, "0") if gtin else None


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row, its cells read by kind. An absent column and an empty cell are the same: nothing."""

    sheet: Sheet
    row: Row
    problems: list[Finding]

    def text(self, column: str) -> str:
        return self.row.values.get(column, "")

    def number(self, column: str, *, positive: bool = False) -> Decimal | None:
        text = self.text(column)
        if not text:
            return None
        value = number(text)
        if value is None or (positive and not value):
            wanted = "a number above 0" if positive else "a number such as 12 or 7.20"
            self.complain("partner.table.number", column, f"{column} wants {wanted}, not {text}{without_sign(text)}")
            return None
        return value

    def fitting(self, column: str, pattern: re.Pattern[str], wanted: str) -> str | None:
        text = self.text(column)
        if text and not pattern.fullmatch(text):
            self.complain("partner.table.value", column, f"{column} wants {wanted}, not {text}")
            return None
        return text or None

    def gtin(self, column: str) -> str | None:
        """Read a GTIN; one whose check digit is wrong is a slip of somebody's, and still what they may order by."""
        text = self.fitting(column, _GTIN, "8, 12, 13 or 14 digits")
        if text is not None and text[-1] != (digit := check_digit(text[:-1])):
            message = f"{column} {text} has a wrong check digit: its last digit would be {digit}"
            fix = "compare it with the barcode; a scanner refuses this one"
            self.problems.append(
                Finding("partner.table.check-digit", Severity.WARNING, message, self._mark(column).position, fix=fix)
            )
        return text

    def yes(self, column: str) -> bool:
        text = self.text(column).casefold()
        if text and text not in YES and text not in NO:
            self.complain("partner.table.value", column, f"{column} wants yes or no, not {text}")
        return text in YES

    def complain(self, code: str, column: str, message: str) -> None:
        """Add a problem; its column is the number of the table's column, from 1."""
        self.problems.append(problem(code, self._mark(column), message))

    def _mark(self, column: str) -> Mark:
        return Mark(self.sheet.file, self.row.line, self.sheet.columns.index(column) + 1)
