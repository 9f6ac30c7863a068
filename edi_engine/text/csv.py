"""CSV tables as rows that know their line: a heading row, then values. Every value is text, as written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.text.mark import Mark, problem

_OTHER_MARKS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: column -> text, blanks around it taken off. `line` counts from 1; the heading is usually line 1."""

    values: dict[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole table. Every row has every column. `file` is the name used in messages."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    file: str = ""


def read_csv(text: str, file: str) -> Sheet:
    """Read a comma-separated table with a heading row. Empty lines are skipped, a byte order mark is taken off.

    Raises ConfigurationError with every problem found (`partner.file.*`).
    """
    sheet, problems = look_at_csv(text, file)
    if sheet is None or problems:
        raise ConfigurationError(problems)
    return sheet


def look_at_csv(text: str, file: str) -> tuple[Sheet | None, tuple[Finding, ...]]:
    """Read a table as `read_csv` does, and give the rows that are sound beside the problems of the others.

    The table is None where its heading is wrong.
    """
    problems: list[Finding] = []
    lines = _cut(text.removeprefix("\ufeff"), file, problems)
    if not lines:
        if not problems:
            problems.append(_problem("heading", file, 1, 1, "the table is empty; its first row must name the columns"))
        return None, tuple(problems)
    first, columns = lines[0]
    for mark, name in _OTHER_MARKS.items():
        if len(columns) == 1 and mark in columns[0]:
            message = f"the columns are set apart by {name}; save the table with commas between them"
            return None, (*problems, _problem("heading", file, first, 1, message))
    wrong = _headings(columns, file, first)
    problems.extend(wrong)
    rows: list[Row] = []
    for line, cells in lines[1:]:
        if len(cells) != len(columns):
            message = f"this row has {len(cells)} values, the heading has {len(columns)} columns ({', '.join(columns)})"
            problems.append(_problem("row", file, line, 1, message))
        else:
            rows.append(Row(dict(zip(columns, cells, strict=True)), line))
    return None if wrong else Sheet(columns, tuple(rows), file), tuple(problems)


def _cut(text: str, file: str, problems: list[Finding]) -> list[tuple[int, tuple[str, ...]]]:
    """Give each row that is not empty with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, tuple[str, ...]]] = []
    line = 1
    try:
        for cells in reader:
            row = tuple(cell.strip() for cell in cells)
            if any(row):
                lines.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        why = "a quote is opened here and never closed" if "end of data" in str(error) else str(error)
        problems.append(_problem("syntax", file, line, 1, f"this is not a comma-separated table: {why}"))
    return lines


def _headings(columns: tuple[str, ...], file: str, line: int) -> list[Finding]:
    problems: list[Finding] = []
    for number, column in enumerate(columns, start=1):
        if not column:
            problems.append(_problem("heading", file, line, number, f"column {number} has no name"))
        elif column in columns[: number - 1]:
            problems.append(_problem("heading", file, line, number, f"the column name {column} stands twice"))
    return problems


def _problem(code: str, file: str, line: int, column: int, message: str) -> Finding:
    return problem(f"partner.file.{code}", Mark(file, line, column), message)
