"""Places in text files, and findings about them."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.finding import Finding, Position, Severity


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    @property
    def position(self) -> Position:
        """The same place, as findings carry it."""
        return Position(file=self.file, line_no=self.line, column=self.column)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def problem(code: str, mark: Mark, message: str, *, fix: str | None = None, wanted: str | None = None) -> Finding:
    """Make a finding about a place in a text file; it holds whatever the file is about."""
    return Finding(code, Severity.HOLD, message, mark.position, wanted=wanted, fix=fix)
