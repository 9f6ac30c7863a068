"""Tables: two-way look-ups that a partner keeps as CSV files beside the partner file."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.language import HOLD, ReadingMap, TableUse, WritingMap
from edi_engine.text.csv import Sheet
from edi_engine.text.mark import problem
from edi_engine.text.nearest import nearest_or_all


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, in the order of the table's columns; `line` is its line in the file."""

    values: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `on_missing` (hold, pass, omit) is what an unknown value does where the map does not say otherwise."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    on_missing: str = HOLD
    file: str = ""
    _found: dict[tuple[str, str], dict[str, list[TableRow]]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, name: str, sheet: Sheet, on_missing: str = HOLD) -> Table:
        """Make a table of a sheet that was read from CSV."""
        rows = tuple(TableRow(tuple(row.values[column] for column in sheet.columns), row.line) for row in sheet.rows)
        return cls(name, sheet.columns, rows, on_missing, sheet.file)

    def look_up(self, find: str, give: str, value: str) -> tuple[str, ...]:
        """Give every different result for `value`: none where no row has it, more than one where rows disagree.

        Raises KeyError if the table lacks one of the two columns; `check_tables` finds that when a map loads.
        """
        index = self._index(find, give)
        at = self.columns.index(give)
        return tuple(dict.fromkeys(row.values[at] for row in index.get(value, ())))

    def conflicts(self, find: str, give: str) -> tuple[tuple[TableRow, TableRow], ...]:
        """Give the pairs of rows that have the same key and different results when read this way."""
        at = self.columns.index(give)
        found: list[tuple[TableRow, TableRow]] = []
        for rows in self._index(find, give).values():
            found.extend((rows[0], row) for row in rows[1:] if row.values[at] != rows[0].values[at])
        return tuple(found)

    def _index(self, find: str, give: str) -> dict[str, list[TableRow]]:
        if find not in self.columns or give not in self.columns:
            missing = find if find not in self.columns else give
            raise KeyError(missing)
        index = self._found.get((find, give))
        if index is None:
            at = self.columns.index(find)
            index = {}
            for row in self.rows:
                if row.values[at]:
                    index.setdefault(row.values[at], []).append(row)
            self._found[find, give] = index
        return index


def check_tables(mapping: ReadingMap | WritingMap, tables: Map[str, Table]) -> tuple[Finding, ...]:
    """Say what is wrong between a map and the tables it looks up in, so that it is known before a document comes.

    Codes: mapping.map.table (no such table or column), mapping.table.conflict (rows that disagree when read this way).
    """
    found: list[Finding] = []
    for use in mapping.tables:
        found.extend(_check(use, tables))
    return tuple(found)


def _check(use: TableUse, tables: Map[str, Table]) -> list[Finding]:
    table = tables.get(use.name)
    if table is None:
        return [
            problem(
                "mapping.map.table",
                use.mark,
                f"there is no table {use.name}; {nearest_or_all(use.name, tables)}",
                fix="name the table under tables: in partner.yaml and put its CSV file into tables/",
            )
        ]
    missing = [column for column in (use.find, use.give) if column not in table.columns]
    if missing:
        return [
            problem(
                "mapping.map.table",
                use.mark,
                f"the table {use.name} has no column {column}; {nearest_or_all(column, table.columns)}",
            )
            for column in missing
        ]
    return [
        Finding(
            "mapping.table.conflict",
            Severity.HOLD,
            f"{use.find} {first.values[table.columns.index(use.find)]} stands in lines {first.line} and {second.line} "
            f"with different {use.give}: a map that looks up {use.find} cannot choose",
            Position(file=table.file, line_no=second.line, column=1),
            fix="keep one of the two rows",
            source=str(use.mark),
        )
        for first, second in table.conflicts(use.find, use.give)
    ]
