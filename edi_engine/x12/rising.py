"""Which control numbers were used in a group, and where first."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, MutableMapping
from typing import Final

_LONGEST: Final = 9
"""Digits of a control number."""


class Rising(MutableMapping[str, int]):
    """The segments in which control numbers were used first; in few bytes where the numbers rise by one."""

    def __init__(self) -> None:
        """Know no number yet."""
        self._first = ""
        self._next: str | None = None  # the one after the last of them
        self._segments = array("q")  # of the numbers that rise from the first one on; -1: taken back
        self._others: dict[str, int] = {}

    def setdefault(self, control: str, segment: int = 0) -> int:
        """Give the segment that used a number first: `segment` if none did before."""
        if (control == self._next or self._at(control) == len(self._segments)) and control not in self._others:
            self._segments.append(segment)
            self._next = str(int(control) + 1).zfill(len(self._first))
            return segment
        found = self.get(control)
        if found is None:
            self[control] = found = segment
        return found

    def _at(self, control: str) -> int:
        """Say which of the rising numbers this is; the next one of them is none yet. -1: it is not of their kind."""
        if len(control) > _LONGEST or not (control.isascii() and control.isdecimal()):
            return -1
        if not self._segments:
            self._first = control
        at = int(control) - int(self._first)
        return at if 0 <= at <= len(self._segments) and control == control.lstrip("0").zfill(len(self._first)) else -1

    def __getitem__(self, control: str) -> int:
        at = self._at(control)
        segment = self._segments[at] if 0 <= at < len(self._segments) else -1
        return segment if segment >= 0 else self._others[control]

    def __setitem__(self, control: str, segment: int) -> None:
        self._others[control] = segment

    def __delitem__(self, control: str) -> None:
        at = self._at(control)
        if 0 <= at < len(self._segments) and self._segments[at] >= 0:
            self._segments[at] = -1
        else:
            del self._others[control]

    def __iter__(self) -> Iterator[str]:
        size, first = len(self._first), int(self._first or "0")
        yield from (str(first + at).zfill(size) for at, segment in enumerate(self._segments) if segment >= 0)
        yield from self._others

    def __len__(self) -> int:
        return sum(1 for _ in self)
