"""The ship-to table of a partner: the places that its orders may be shipped to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.text.csv import Sheet
from edi_engine.text.yaml import Mark, problem

NAME: Final = "ship_tos"


@dataclass(frozen=True, slots=True)
class ShipToList:
    """The ids of all known places (N104), and the table's file."""

    ids: frozenset[str]
    source: str


def read_ship_tos(sheet: Sheet, problems: list[Finding]) -> ShipToList:
    """Read the ship-to table: column theirs holds the partner's id of each place, once."""
    lines: dict[str, int] = {}
    for row in sheet.rows:
        id_ = row.values.get("theirs", "")
        mark = Mark(sheet.file, row.line, sheet.columns.index("theirs") + 1 if "theirs" in sheet.columns else 1)
        if not id_:
            problems.append(problem("partner.table.key", mark, "theirs is empty in this row; every place has an id"))
        elif id_ in lines:
            message = f"theirs {id_} stands in line {lines[id_]} already; one place has one row"
            problems.append(problem("partner.table.duplicate", mark, message))
        else:
            lines[id_] = row.line
    return ShipToList(frozenset(lines), sheet.file)
