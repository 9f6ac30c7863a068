"""The tables of a partner: tables: in partner.yaml, each with its CSV file in the folder tables/."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.mapping.language import HOLD, OMIT, PASS
from edi_engine.mapping.tables import Table
from edi_engine.partners import items, route_list
from edi_engine.partners.form import Form
from edi_engine.partners.items import ItemList
from edi_engine.partners.places import SHIP_TOS, STORES, PlaceList, read_places
from edi_engine.partners.read_expect import HOLIDAY_KEYS, HOLIDAYS, read_holidays
from edi_engine.partners.route_list import RouteList
from edi_engine.partners.shelf import Shelf
from edi_engine.text.csv import Sheet
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mark, Text, problem

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_ON_MISSING: Final = (HOLD, PASS, OMIT)
_COLUMNS: Final = {
    items.NAME: (items.COLUMNS, items.KEYS),
    SHIP_TOS: (None, ("theirs",)),
    STORES: (None, ("theirs",)),
    route_list.NAME: (None, route_list.KEYS),
    HOLIDAYS: (None, HOLIDAY_KEYS),
}
"""The tables that the engine itself reads: the columns they may have (None: any), and those they must have."""
_NEVER_OMIT: Final = (items.NAME, SHIP_TOS, STORES)


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables for maps to look up in, and those that the order rules read; None where a table of places is not."""

    by_name: dict[str, Table] = field(default_factory=dict)
    items: ItemList = field(default_factory=ItemList)
    ship_tos: PlaceList | None = None
    stores: PlaceList | None = None
    routes: RouteList | None = None
    unlisted: str = HOLD
    holidays: frozenset[date] = frozenset()


def read_tables(file: Form, partner: str, shelf: Shelf) -> Tables:
    """Read `tables:` and the files it names."""
    form = file.form("tables")
    by_name: dict[str, Table] = {}
    sheets: dict[str, Sheet] = {}
    for entry in form.entries() if form is not None else ():
        name = entry.key.value
        if not _NAME.fullmatch(name):
            message = f"the table name {name} may hold only small letters, digits, - and _"
            file.complain("partner.value.name", entry.key.mark, message)
            continue
        settings = file.inside(entry.value, f"tables.{name}")
        sheet = _sheet(name, entry.key, partner, shelf)
        if settings is None or sheet is None:
            continue
        settings.only(("columns", "on_missing"), unbuilt=("keys", "wildcards"))
        by_name[name] = Table.of(name, sheet, _on_missing(settings, name))
        if _columns_fit(settings, name, sheet):
            sheets[name] = sheet
    _unlisted(file, partner, shelf, frozenset(form.block.keys() if form is not None else ()))
    listed, routed = sheets.get(items.NAME), sheets.get(route_list.NAME)
    missing = {name: table.on_missing for name, table in by_name.items()}
    places = {name: read_places(name, sheets[name], file.problems) for name in (SHIP_TOS, STORES) if name in sheets}
    strict = {name: place for name, place in places.items() if missing[name] == HOLD}
    return Tables(
        by_name,
        items.read_items(listed, file.problems) if listed is not None else ItemList(),
        strict.get(SHIP_TOS),
        strict.get(STORES),
        None if routed is None else route_list.read_routes(routed, missing[route_list.NAME], file.problems),
        missing.get(items.NAME, HOLD),
        read_holidays(sheets[HOLIDAYS], file.problems) if HOLIDAYS in sheets else frozenset(),
    )


def _on_missing(settings: Form, name: str) -> str:
    """Read what a value does that no row has. What an order names is never left out by the order rules."""
    said = settings.choice("on_missing", _ON_MISSING, HOLD)
    if name not in _NEVER_OMIT or said != OMIT:
        return said
    message = f"{settings.named('on_missing')} is hold or pass: what an order names is not left out in silence"
    fix = "a row of a map that looks up in this table may have an on_missing of its own"
    settings.complain("partner.value.choice", settings.mark_of("on_missing"), message, fix=fix)
    return HOLD


def _sheet(name: str, key: Text, partner: str, shelf: Shelf) -> Sheet | None:
    path = shelf.beside(partner, f"tables/{name}.csv")
    if path in shelf.files:
        return shelf.sheet(path)
    shelf.problems.append(problem("partner.table.missing", key.mark, f"the table {name} has no file {path}"))
    return None


def _columns_fit(settings: Form, name: str, sheet: Sheet) -> bool:
    """Compare the columns that the partner file names with those of the file, and both with what the engine reads."""
    for named in settings.texts("columns"):
        if named.value not in sheet.columns:
            message = f"{sheet.file} has no column {named.value}; {nearest_or_all(named.value, sheet.columns)}"
            settings.complain("partner.table.column", named.mark, message)
    known, needed = _COLUMNS.get(name, (None, ()))
    for number, column in enumerate(sheet.columns, start=1):
        if known is not None and column not in known:
            message = f"the table {name} has no use for a column {column}; {nearest_or_all(column, known)}"
            settings.complain("partner.table.column", Mark(sheet.file, 1, number), message)
    missing = [column for column in needed if column not in sheet.columns]
    for column in missing:
        settings.complain("partner.table.column", Mark(sheet.file, 1, 1), f"the table {name} needs a column {column}")
    return not missing


def _unlisted(file: Form, partner: str, shelf: Shelf, listed: frozenset[str]) -> None:
    """Point out tables that lie in the folder and that nothing reads."""
    start, end = shelf.beside(partner, "tables/"), ".csv"
    for path in sorted(shelf.files):
        name = path.removeprefix(start).removesuffix(end)
        if path.startswith(start) and path.endswith(end) and name not in listed:
            message = f"{path} is not named under tables:, so nothing reads it"
            where = Mark(path, 1, 1).position
            file.problems.append(Finding("partner.table.unlisted", Severity.WARNING, message, where))
