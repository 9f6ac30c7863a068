"""Instructions: what a person or a warehouse says about a shipment or an invoice, read from plain YAML or JSON values.

    number: S-1001                      shipment: S-1001
    carrier: UPSN                       number: INV-2001
    bill_of_lading: "0614141000000017"  date: 2026-01-09
    lines:
      - {line: 1, quantity: 3, unit: CA}

Everything may be left out: a shipment without lines ships all that is still to be shipped. A row of a line for several
stores may name its `store`; without one, they are served in turn.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.bill import InvoiceInstruction
from edi_engine.orders.ship import ShipInstruction, ShipLine

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)
_POSITION: Final = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHIPMENT: Final = (
    "number",
    "shipped_on",
    "deliver_on",
    "carrier",
    "mode",
    "tracking",
    "bill_of_lading",
    "weight",
    "lines",
)
_LINE: Final = ("line", "quantity", "unit", "sscc", "lot", "store")
_INVOICE: Final = ("number", "date", "shipment", "note")


def read_ship_instruction(plain: object) -> tuple[ShipInstruction | None, tuple[Finding, ...]]:
    """Read a shipping instruction from a plain mapping; with any finding there is none."""
    reading = _Reading()
    found = reading.mapping(plain, "shipment", _SHIPMENT)
    rows = found.get("lines")
    if rows is not None and not isinstance(rows, list | tuple):
        reading.complain("value", "lines", rows, "a list of lines")
        rows = None
    lines = [reading.line(row, f"lines[{number}]") for number, row in enumerate(rows or (), 1)]
    instruction = ShipInstruction(
        lines=tuple(line for line in lines if line is not None),
        number=reading.text(found, "number"),
        shipped_on=reading.date(found, "shipped_on"),
        deliver_on=reading.date(found, "deliver_on"),
        carrier=reading.text(found, "carrier"),
        mode=reading.text(found, "mode"),
        tracking=reading.text(found, "tracking"),
        bill_of_lading=reading.text(found, "bill_of_lading"),
        weight=reading.number(found, "weight"),
    )
    return (None if reading.findings else instruction), tuple(reading.findings)


def read_invoice_instruction(plain: object) -> tuple[InvoiceInstruction | None, tuple[Finding, ...]]:
    """Read a billing instruction from a plain mapping; with any finding there is none."""
    reading = _Reading()
    found = reading.mapping(plain, "invoice", _INVOICE)
    instruction = InvoiceInstruction(
        number=reading.text(found, "number"),
        date=reading.date(found, "date"),
        shipment=reading.text(found, "shipment"),
        note=reading.text(found, "note"),
    )
    return (None if reading.findings else instruction), tuple(reading.findings)


@dataclass(slots=True)
class _Reading:
    """Reads one instruction and gathers what is wrong with it."""

    findings: list[Finding] = field(default_factory=list)

    def complain(self, word: str, path: str, seen: object, wanted: str) -> None:
        shown = "nothing" if seen is None else str(seen)
        message = f"{path} is missing; it wants {wanted}." if seen is None else f"{path} wants {wanted}, not {shown}."
        self.findings.append(
            Finding(
                code=f"document.instruction.{word}",
                severity=Severity.HOLD,
                message=message,
                where=Position(path=path),
                seen=None if seen is None else shown,
                wanted=wanted,
                fix="Correct the file and give it again; nothing was done.",
            )
        )

    def mapping(self, plain: object, path: str, known: tuple[str, ...]) -> dict[str, object]:
        """Give the entries of a mapping whose keys are known, and complain of the others."""
        if plain is None:
            return {}
        if not isinstance(plain, Mapping):
            self.complain("value", path, plain, f"entries such as {known[0]}")
            return {}
        for key in plain:
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                wanted = f"{near[0]}, the nearest name" if near else f"one of {', '.join(known)}"
                self.complain("key", path, key, wanted)
        return {key: plain[key] for key in known if plain.get(key) is not None}

    def line(self, plain: object, path: str) -> ShipLine | None:
        """Read one row of a shipment."""
        before = len(self.findings)
        found = self.mapping(plain, path, _LINE)
        position = self._scalar(found, "line", _POSITION, "the number of a line, counted from 1", path)
        quantity = self.number(found, "quantity", path)
        for name, value in (("line", found.get("line")), ("quantity", found.get("quantity"))):
            if value is None:
                self.complain("missing", f"{path}.{name}", None, "a number")
        if len(self.findings) > before or position is None or quantity is None:
            return None
        unit, sscc, lot, store = (self.text(found, name, path) for name in ("unit", "sscc", "lot", "store"))
        return ShipLine(int(position), quantity, unit=unit, sscc=sscc, lot=lot, store=store)

    def text(self, found: Mapping[str, object], name: str, path: str = "") -> str | None:
        """Read a text; a number that was written without quotes is one too."""
        value = found.get(name)
        if value is None:
            return None
        if isinstance(value, bool | Mapping | list | tuple | float) or not str(value).strip():
            self.complain("value", _at(path, name), value, "text, in quotes if it is all digits")
            return None
        return str(value).strip()

    def number(self, found: Mapping[str, object], name: str, path: str = "") -> Decimal | None:
        """Read a number written with digits and at most one point."""
        text = self._scalar(found, name, _NUMBER, "a number such as 12 or 7.5", path)
        return None if text is None else Decimal(text)

    def date(self, found: Mapping[str, object], name: str) -> dt.date | None:
        """Read a date written as YYYY-MM-DD."""
        wanted = "a date such as 2026-01-09"
        text = self._scalar(found, name, _DATE, wanted, "")
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.complain("value", name, text, wanted)
            return None

    def _scalar(
        self, found: Mapping[str, object], name: str, pattern: re.Pattern[str], wanted: str, path: str
    ) -> str | None:
        value = found.get(name)
        if value is None:
            return None
        text = "" if isinstance(value, bool) else str(value).strip()
        if pattern.fullmatch(text) is None:
            self.complain("value", _at(path, name), value, wanted)
            return None
        return text


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
