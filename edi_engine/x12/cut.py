"""A set cut into segments the quick way, and whether all of it is plain text.

Plain text needs no second look at its characters: all are printable ASCII, and no element repeats or begins with a
blank. Most sets are plain from ST to SE; where one is not, `is_odd` tells which of its segments are to blame.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from edi_engine.x12.values import Delimiters

_PRINTABLE: Final = bytes(range(0x20, 0x7F))


class Cut(NamedTuple):
    """The segments of a set, without terminators. `plain`: all of them are plain text."""

    segments: list[str]
    plain: bool


class _Signs(NamedTuple):
    """The signs of an interchange: what ends a segment, how many bytes of that (and of the terminator alone) cannot be
    printed, what begins an element with a blank, and the bytes that plain text is made of.
    """

    ending: str
    bare: int
    bare_terminator: int
    blank: str
    plain: bytes


@lru_cache(maxsize=64)
def _signs(delimiters: Delimiters) -> _Signs:
    terminator, ending = delimiters.segment, delimiters.segment + delimiters.suffix
    bare = sum(not sign.isprintable() for sign in ending)
    plain = _PRINTABLE + delimiters.element.encode("latin-1")
    return _Signs(ending, bare, not terminator.isprintable(), delimiters.element + " ", plain)


def cut(text: str, delimiters: Delimiters) -> Cut | None:
    """Cut a set into its segments; None where some but not all terminators are followed by the usual line end."""
    signs = _signs(delimiters)
    terminator, repetition = delimiters.segment, delimiters.repetition
    segments = text.split(signs.ending)
    ends, last = len(segments) - 1, segments[-1]
    bare = ends * signs.bare
    if delimiters.suffix:
        if last.endswith(terminator):  # the set ends before the line does
            segments[-1] = last[: -len(terminator)]
            ends, bare = ends + 1, bare + signs.bare_terminator
        if text.count(terminator) != ends:
            return None
    if not segments[-1]:
        segments.pop()
    if terminator == "\n" and "\r" in text:
        return None
    plain = text.isascii() and (repetition is None or repetition not in text)
    plain = plain and text.rfind(signs.blank) < 0  # from the end takes a third of the time
    return Cut(segments, plain and len(text.encode().translate(None, signs.plain)) == bare)


def is_odd(segment: str, delimiters: Delimiters) -> bool:
    """Say whether a segment is not plain text."""
    if not segment.isascii() or delimiters.element + " " in segment:
        return True
    repetition = delimiters.repetition
    if repetition is not None and repetition in segment:
        return True
    return not segment.replace(delimiters.element, "").isprintable()
