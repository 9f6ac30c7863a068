"""The segment that a finding is about, cut out of its file, with the place of the fault in it. Any bytes will do."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap
from typing import Final

from edi_engine.cli.plain import shown
from edi_engine.cli.table import columns
from edi_engine.finding import Finding
from edi_engine.x12.values import Delimiters

_REACH: Final = 4_096
"""Bytes before and after the fault that are looked at: more would not fit into any terminal."""
_NOISE: Final = b"\r\n\t "
_CUT: Final = "..."
_NO_X12: Final = Delimiters(element="", component="", segment="\n")


@dataclass(frozen=True, slots=True)
class Window:
    """One line for a terminal: its text, the column where the mark begins, and the mark's length in columns."""

    text: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The segment as cells, each the text of one character as it may be printed; cells `start:stop` are marked."""

    cells: tuple[str, ...]
    start: int
    stop: int

    def window(self, room: int) -> Window:
        """Fit the segment into `room` columns, with the mark in sight and `...` where something is left out."""
        room = max(room, 3 * len(_CUT))
        sizes = [columns(cell) for cell in self.cells]
        first, last = 0, len(self.cells)
        if sum(sizes) > room:
            first, last = self._around(sizes, room - 2 * len(_CUT))
        before = _CUT if first > 0 else ""
        after = _CUT if last < len(self.cells) else ""
        text = before + "".join(self.cells[first:last]) + after
        start = len(before) + sum(sizes[first : self.start])
        length = sum(sizes[self.start : min(self.stop, last)])
        return Window(text, start, max(length, 1))

    def _around(self, sizes: list[int], room: int) -> tuple[int, int]:
        """Choose the cells to show: as far to the left as the mark allows, with a third of the room before it."""
        first, before = min(self.start, len(sizes)), 0
        while first > 0 and before + sizes[first - 1] <= room // 3:
            first -= 1
            before += sizes[first]
        last, taken = first, 0
        while last < len(sizes) and taken + sizes[last] <= room:
            taken += sizes[last]
            last += 1
        while first > 0 and taken + sizes[first - 1] <= room:
            first -= 1
            taken += sizes[first]
        return first, last


def excerpt(data: bytes | mmap, delimiters: Delimiters | None, finding: Finding) -> Excerpt | None:
    """Cut the segment at `finding.where.byte` out of `data`; None where the position names no byte of it.

    Without delimiters (the file is no X12) a line takes the place of the segment.
    """
    byte = finding.where.byte
    if byte is None or not 0 <= byte <= len(data):
        return None
    cut = _bounds(data, byte, delimiters or _NO_X12)
    if cut is None:
        return None
    start, end = cut
    body = bytes(data[start:end])
    at = _fault(body, byte - start, delimiters or _NO_X12, finding)
    cells, offsets = _cells(body)
    if not cells:
        return None
    marked = [n for n, offset in enumerate(offsets) if at[0] <= offset < at[1]]
    if marked:
        return Excerpt(cells, marked[0], marked[-1] + 1)
    before = sum(1 for offset in offsets if offset < at[0])  # just past the end, or inside a character
    return Excerpt((*cells, " "), before, before + 1)


def _bounds(data: bytes | mmap, byte: int, delimiters: Delimiters) -> tuple[int, int] | None:
    terminator = _encoded(delimiters.segment) or b"\n"
    lowest, highest = max(0, byte - _REACH), min(len(data), byte + _REACH)
    start = data.rfind(terminator, lowest, byte) + 1 or lowest
    noise = bytes(letter for letter in _NOISE if bytes((letter,)) != terminator)
    while start < byte and data[start] in noise:
        start += 1
    end = data.find(terminator, byte, highest)
    end = highest if end < 0 else end + (0 if terminator in _NOISE else len(terminator))
    return (start, end) if start < end else None


def _fault(body: bytes, at: int, delimiters: Delimiters, finding: Finding) -> tuple[int, int]:
    """Give the bytes of the segment to be marked: the element or component, what was seen, or the segment's id."""
    where = finding.where
    element = _encoded(delimiters.element)
    if at == 0 and element and where.element is not None and where.element > 0:
        at = _element_start(body, element, where.element)
    ends = [element, _encoded(delimiters.segment)]
    if where.component is not None:
        ends.append(_encoded(delimiters.component))
    if where.repetition is not None:
        ends.append(_encoded(delimiters.repetition or ""))
    stop = min((found for end in ends if end and (found := body.find(end, at)) >= 0), default=len(body))
    seen = _encoded(finding.seen or "")
    if where.element is None and seen and body.startswith(seen, at):
        stop = at + len(seen)
    return at, max(stop, at + 1)


def _element_start(body: bytes, separator: bytes, element: int) -> int:
    """Give the offset of an element, the segment's end where it has fewer."""
    at = 0
    for _ in range(element):
        found = body.find(separator, at)
        if found < 0:
            return max(len(body) - 1, 0)
        at = found + len(separator)
    return at


def _cells(body: bytes) -> tuple[tuple[str, ...], list[int]]:
    """Give each character as it may be printed, with its offset: as UTF-8 where it is that, else a byte a character."""
    try:
        text, wide = body.decode("utf-8"), True
    except UnicodeDecodeError:
        text, wide = body.decode("latin-1"), False
    offsets, at = [], 0
    for letter in text:
        offsets.append(at)
        at += len(letter.encode("utf-8")) if wide else 1
    return tuple(shown(letter) for letter in text), offsets


def _encoded(text: str) -> bytes:
    return text.encode("latin-1", "replace")
