"""Text into segments and elements, with or without their places in the file.

Bytes are decoded as Latin-1, one character a byte, so that offsets in the text are offsets in the file; whoever knows
the sender's character set decodes single values again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import accumulate, count, repeat
from mmap import mmap
from operator import add
from typing import Final, overload

from edi_engine.x12.values import Delimiters, SetOutline, Spoken


@lru_cache(maxsize=64)
def padding(delimiters: Delimiters) -> str:
    """Give the characters that may stand between a terminator and the next segment without meaning anything."""
    used = (delimiters.element, delimiters.component, delimiters.segment, delimiters.repetition)
    return "".join(letter for letter in "\r\n\t " if letter not in used)


def split(text: str, delimiters: Delimiters) -> list[list[str]]:
    """Cut `text` into segments, each a list of its id and elements. Empty segments are none; composites stay whole."""
    noise, element = padding(delimiters), delimiters.element
    pieces = text.split(delimiters.segment)
    if delimiters.segment == "\n":  # lines that end in CR LF where the ISA ends in LF alone
        pieces = [piece.rstrip("\r") for piece in pieces]
    return [body.split(element) for piece in pieces if (body := piece.lstrip(noise))]


def spoken(data: bytes | mmap, outline: SetOutline, delimiters: Delimiters) -> Segments:
    """Give the segments of one set, ST and SE among them, with their ordinals and byte offsets in the file."""
    text = data[outline.start : outline.end].decode("latin-1")
    return Segments(text, outline.start, outline.number, delimiters, tidy=outline.tidy)


class Segments(Sequence[Spoken]):
    """The segments of a stretch of a file, cut up at once. Where each one stands is worked out when it is asked for.

    The text is Latin-1, one character a byte; its first one is byte `start`. Its first segment has the `number` in the
    file, and stands at `in_set` in its set.
    """

    __slots__ = ("_end", "_gaps", "_in_set", "_number", "_pieces", "_rows", "_start", "_terminator")

    def __init__(
        self, text: str, start: int, number: int, delimiters: Delimiters, in_set: int = 1, *, tidy: bool = False
    ) -> None:
        """Cut up `text`; empty segments are none. `tidy`: only terminators stand between its segments."""
        element, terminator = delimiters.element, delimiters.segment
        self._start, self._number, self._in_set, self._terminator = start, number, in_set, terminator
        self._gaps: list[int] | None = None
        """Bytes before each segment that belong to none, None where only the terminator of the one before is."""
        pieces = text.split(terminator)
        self._end = start + len(text)
        if not pieces[-1]:
            pieces.pop()
        else:
            self._end += 1  # as if it had its terminator
        if terminator == "\n" or not (tidy or (pieces and min(pieces) >= "!")):
            pieces, self._gaps = _stripped(pieces, delimiters)
        self._pieces = pieces
        self._rows = [piece.split(element) for piece in pieces]

    @property
    def elements(self) -> Sequence[list[str]]:
        """The elements of each segment, its id the first; they cost less than the segments one by one."""
        return self._rows

    @property
    def starts(self) -> Sequence[int]:
        """The byte at which each segment begins."""
        gaps = repeat(1) if self._gaps is None else self._gaps[1:]
        first = self._start + (self._gaps[0] if self._gaps else 0)
        return list(accumulate(map(add, map(len, self._pieces[:-1]), gaps), initial=first))

    def start(self, at: int) -> int:
        """Give the byte at which the `at`-th segment begins, counted from 0."""
        gaps, pieces = self._gaps, self._pieces
        if gaps is not None:
            return self._start + sum(map(len, pieces[:at])) + sum(gaps[: at + 1])
        if not at:
            return self._start
        if at * 2 <= len(pieces):
            return self._start + len(self._terminator.join(pieces[:at])) + 1
        return self._end - len(self._terminator.join(pieces[at:])) - 1

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Spoken: ...
    @overload
    def __getitem__(self, at: slice) -> list[Spoken]: ...
    def __getitem__(self, at: int | slice) -> Spoken | list[Spoken]:
        if isinstance(at, slice):
            return list(self)[at]
        row = self._rows[at]
        if at < 0:
            at += len(self._rows)
        return _spoken((row, self._in_set + at, self._number + at, self.start(at)))

    def __iter__(self) -> Iterator[Spoken]:
        return map(_spoken, zip(self._rows, count(self._in_set), count(self._number), self.starts))


def _stripped(pieces: list[str], delimiters: Delimiters) -> tuple[list[str], list[int]]:
    """Take away what stands around segments without meaning; give how many bytes stand before each one."""
    noise, lines = padding(delimiters), delimiters.segment == "\n"
    bodies: list[str] = []
    gaps: list[int] = []
    gap = 0
    for piece in pieces:
        body = piece.lstrip(noise)
        gap += len(piece) - len(body)
        whole = len(body)
        if body:
            if lines:
                body = body.rstrip("\r")
            bodies.append(body)
            gaps.append(gap)
            gap = whole - len(body)
        gap += 1
    return bodies, gaps


_spoken: Final = partial(tuple.__new__, Spoken)
"""Makes a Spoken of a tuple of its parts in half the time that the class itself takes."""
