"""The tables of places of a partner: where its orders may be shipped to, and the stores that may share a line out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.text.csv import Sheet
from edi_engine.text.yaml import Mark, problem

SHIP_TOS: Final = "ship_tos"
STORES: Final = "stores"
_NOUN: Final = {SHIP_TOS: "place", STORES: "store"}


@dataclass(frozen=True, slots=True)
class PlaceList:
    """The ids of all known places (N104, or SDQ03 for stores), and the table's file."""

    ids: frozenset[str]
    source: str


def read_places(name: str, sheet: Sheet, problems: list[Finding]) -> PlaceList:
    """Read the table `name` (SHIP_TOS or STORES): column theirs holds the partner's id of each place, once."""
    lines: dict[str, int] = {}
    noun = _NOUN[name]
    for row in sheet.rows:
        id_ = row.values.get("theirs", "")
        mark = Mark(sheet.file, row.line, sheet.columns.index("theirs") + 1 if "theirs" in sheet.columns else 1)
        if not id_:
            problems.append(problem("partner.table.key", mark, f"theirs is empty in this row; every {noun} has an id"))
        elif id_ in lines:
            message = f"theirs {id_} stands in line {lines[id_]} already; one {noun} has one row"
            problems.append(problem("partner.table.duplicate", mark, message))
        else:
            lines[id_] = row.line
    return PlaceList(frozenset(lines), sheet.file)
