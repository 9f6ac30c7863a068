"""The table routes of a partner: which carrier of ours their routing instructions (TD5) mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.orders.order import Route
from edi_engine.text.csv import Sheet
from edi_engine.text.yaml import Mark, problem

NAME: Final = "routes"
KEYS: Final = ("theirs", "carrier")
SCAC: Final = re.compile(r"[A-Z]{2,4}")


@dataclass(frozen=True, slots=True)
class RouteList:
    """Our carriers (SCAC) by what an order says: its carrier (TD503) or routing (TD505), and its service (TD512).

    A key is (theirs, service); an empty service stands for any, an empty theirs for a service alone. `on_missing` is
    what a route does that no row has: hold, pass (their TD503 is taken) or omit (our usual carrier).
    """

    carriers: Mapping[tuple[str, str], str]
    on_missing: str
    source: str

    def carrier(self, route: Route) -> str | None:
        """Give the carrier that a route means; None where no row has it. A row with the service comes first."""
        service = route.service or ""
        names = [name for name in (route.carrier, route.text) if name]
        keys = [key for name in names for key in ((name, service), (name, ""))]
        if service:
            keys.append(("", service))
        return next((self.carriers[key] for key in keys if key in self.carriers), None)


def read_routes(sheet: Sheet, on_missing: str, problems: list[Finding]) -> RouteList:
    """Read the table: theirs and service say which route, carrier is the SCAC that we use for it."""
    carriers: dict[tuple[str, str], str] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        key = row.values.get("theirs", ""), row.values.get("service", "")
        carrier = row.values.get("carrier", "")
        shown = " with service ".join(part for part in key if part)
        if not any(key):
            message = "theirs is empty in this row; a row says which route it is for, by theirs, service or both"
            problems.append(problem("partner.table.key", _mark(sheet, row.line, "theirs"), message))
        elif key in carriers:
            message = f"theirs {shown} stands in line {lines[key]} already; one route has one row"
            problems.append(problem("partner.table.duplicate", _mark(sheet, row.line, "theirs"), message))
        elif not SCAC.fullmatch(carrier):
            message = f"carrier wants a carrier's SCAC of 2 to 4 capitals, not {carrier or 'nothing'}"
            problems.append(problem("partner.table.value", _mark(sheet, row.line, "carrier"), message))
        else:
            carriers[key], lines[key] = carrier, row.line
    return RouteList(carriers, on_missing, sheet.file)


def _mark(sheet: Sheet, line: int, column: str) -> Mark:
    return Mark(sheet.file, line, sheet.columns.index(column) + 1 if column in sheet.columns else 1)
