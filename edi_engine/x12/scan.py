"""Finds the envelope segments of an interchange without cutting up what lies between them.

One regular expression jumps from terminator to terminator and looks at the first characters of each segment; the
segments in between are only counted. This is what makes the first pass fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from mmap import MADV_DONTNEED, PAGESIZE, mmap
from typing import Final, NamedTuple

from edi_engine.finding import Position
from edi_engine.x12.envelope import ELEMENT_IDS, PLAUSIBLE
from edi_engine.x12.unpack import padding
from edi_engine.x12.values import Delimiters


class Mark(NamedTuple):
    """One envelope segment as found: bytes `start:end` hold it, its terminator included if it is `terminated`.

    `number` counts segments in the file from 1. `elements[0]` is its id.
    """

    elements: tuple[str, ...]
    start: int
    end: int
    number: int
    terminated: bool = True

    @property
    def id(self) -> str:
        """The segment's id."""
        return self.elements[0]

    def marks(self) -> tuple[Mark, ...]:
        """Give the segment alone, as a plain set gives two."""
        return (self,)

    def get(self, n: int) -> str:
        """Give the text of element `n` (from 1) without blanks around it, "" where it is absent."""
        return self.elements[n].strip(" ") if n < len(self.elements) else ""

    def place(self, within: Position, n: int | None = None, *, in_set: int | None = None) -> Position:
        """Give the position of the segment, or of its element `n`, in the interchange, group and set of `within`."""
        byte, path, element_id = self.start, None, None
        if n is not None:
            byte = self.start + sum(len(text) + 1 for text in self.elements[:n]) - (n >= len(self.elements))
            path, element_id = f"{self.id}{n:02d}", ELEMENT_IDS[self.id][n - 1]
        return Position(
            file=within.file,
            byte=byte,
            interchange=within.interchange,
            group=within.group,
            set_control=within.set_control,
            set_id=within.set_id,
            segment=self.number,
            in_set=in_set,
            segment_id=self.id,
            path=path,
            element=n,
            element_id=element_id,
        )


class PlainSet(NamedTuple):
    """An ST and the SE that ends it, with no envelope segment between them and nothing wrong in either.

    Bytes `start:end` hold the set. `number` is its SE's, `first` its ST's. `stated` is SE01, `guide` is ST03. Where the
    delimiters have no suffix, nothing stands between its segments but their terminators.
    """

    set_id: str
    control: str
    guide: bytes | None
    stated: bytes
    start: int
    end: int
    number: int
    first: int

    @property
    def id(self) -> str:
        """The id of the last of its segments."""
        return "SE"

    def marks(self) -> tuple[Mark, ...]:
        """Give its ST and its SE."""
        head, trailer = _head(self.set_id, self.control, self.guide), ("SE", self.stated.decode(), self.control)
        after, before = (sum(len(text) + 1 for text in elements) for elements in (head, trailer))
        return (
            Mark(head, self.start, self.start + after, self.first),
            Mark(trailer, self.end - before, self.end, self.number),
        )


_HEADS: Final = frozenset({3, 4})
_TRAILER: Final = 6
_NOISE: Final = 10
"""The last group of the pattern that a plain ST matches (with or without ST03), a plain SE alone, and stray blanks."""

ROOM: Final = 64
"""Bytes that the plain ST and SE surely fit into."""


@lru_cache(maxsize=64)
def _pattern(delimiters: Delimiters) -> re.Pattern[bytes]:
    """Match a terminator that an envelope segment follows (group 1 is its id), or a run of them that none follows, or,
    where lines have no usual end, one that stray blanks follow (group 10).

    Groups 2 to 4 are the elements of a plain ST, groups 5 and 6 those of a plain SE, and groups 7 to 9 those of a plain
    ST right after it: an SE and the next ST are found at once.
    """
    segment, element = (re.escape(letter.encode("latin-1")) for letter in (delimiters.segment, delimiters.element))
    blanks = "".join(re.escape(letter) for letter in padding(delimiters)).encode("latin-1")
    noise = b"[" + blanks + b"]*+" if blanks else b""
    ids = rb"(ISA(?=[^0-9A-Za-z])|(?:SE|ST|GE|GS|IEA|TA1)(?=" + element + rb"|" + segment + rb"|\Z))"
    empty = b"(?=" + segment + b")[" + segment + blanks + b"]*(?=" + segment + b")"
    likely = b"(?=[GIST" + segment + blanks + b"])"  # most segments are done with at their first letter
    control, ends = element + b"([0-9A-Za-z]{1,9})", b"(?=" + segment + b")"
    head = b"(?<=ST)" + element + b"([0-9A-Z]{3})" + control + b"(?:" + element + b"([0-9A-Za-z]{1,35}))?" + ends
    following = b"(?:" + segment + noise + b"ST" + head + b")?"
    trailer = b"(?<=SE)" + element + b"([0-9]{1,9})" + control + ends + following
    envelope = ids + b"(?:" + head + b"|" + trailer + b")?"
    if noise and not delimiters.suffix:
        stray = b"(?<=[" + blanks + b"])()"
        return re.compile(segment + likely + noise + b"(?:" + envelope + b"|" + empty + b"|" + stray + b")")
    return re.compile(segment + likely + (noise and noise + likely) + b"(?:" + envelope + b"|" + empty + b")")


def marks(
    data: bytes | mmap, at: int, number: int, delimiters: Delimiters, max_segment: int, size: int | None = None
) -> Iterator[Mark | PlainSet]:
    """Give the envelope segments after the terminator at byte `at`, which ends segment `number`; stop after an ISA.

    With `size` only that many bytes of `data` are looked at.
    Almost all of them are the ST and the SE of sets whose envelope is right: these come as one.
    """
    terminator, element = delimiters.segment.encode("latin-1"), delimiters.element
    last, lines, roomy, suffixed = at - 1, delimiters.segment == "\n", max_segment >= ROOM, bool(delimiters.suffix)
    size = len(data) if size is None else size
    head: tuple[bytes, bytes, bytes | None, int, int] | None = None  # its elements, its first byte, the byte after it
    first, tidy = 0, True
    for match in _pattern(delimiters).finditer(data, at, size):
        kind = match.lastindex
        if kind == _NOISE:
            tidy = False
            continue
        here, end = match.span()
        number += data[last + 1 : here].count(terminator)
        if kind is None:  # terminators with nothing between them, up to the last one of the run: no segments
            last, tidy = end - 1, False
            continue
        number, last = number + 1, here
        if (
            head is not None
            and match[6] == head[1]
            and int(match[5]) == number - first + 1
            and (suffixed or (tidy and match.start(5) == here + len("~SE*")))
        ):
            id_, control, guide, start, _ = head
            yield _plain((id_.decode(), control.decode(), guide, match[5], start, match.end(6) + 1, number, first))
            head = None
        else:
            if head is not None:
                yield _mark_of(head, first)
                head = None
            start = match.start(1)
            if kind in _HEADS and roomy:
                head, first, tidy = (match[2], match[3], match[4], start, end + 1), number, True
                continue
            if match[1] == b"ISA" and data[start + 3 : start + 4] != element.encode("latin-1"):
                if not PLAUSIBLE.match(data, start, size):
                    continue
                yield Mark(("ISA",), start, start + 3, number)
                return
            stop = data.find(terminator, start, size)
            terminated = stop >= 0
            end_of = stop if terminated else size
            text = data[start : end_of if end_of - start < max_segment else start + max_segment].decode("latin-1")
            if lines:
                text = text.rstrip("\r")
            yield _mark((tuple(text.split(element)), start, end_of + terminated, number, terminated))
            if match[1] == b"ISA":
                return
        if kind > _TRAILER:  # the ST right after this SE
            number, last = number + 1, match.end(6)
            head, first, tidy = (match[7], match[8], match[9], match.start(7) - len("ST*"), end + 1), number, True
            if not roomy:
                yield _mark_of(head, first)
                head = None
    if head is not None:
        yield _mark_of(head, first)


def _mark_of(head: tuple[bytes, bytes, bytes | None, int, int], number: int) -> Mark:
    """Give a plain ST alone."""
    set_id, control, guide, start, end = head
    return Mark(_head(set_id.decode(), control.decode(), guide), start, end, number)


def _head(set_id: str, control: str, guide: bytes | None) -> tuple[str, ...]:
    return ("ST", set_id, control) if guide is None else ("ST", set_id, control, guide.decode())


_mark: Final = partial(tuple.__new__, Mark)
_plain: Final = partial(tuple.__new__, PlainSet)
"""Make a Mark and a PlainSet of their parts in half the time that the classes themselves take."""


def overlong(data: bytes | mmap, start: int, end: int, delimiters: Delimiters, max_segment: int) -> int | None:
    """Give the byte where a segment longer than `max_segment` begins between two bytes, None if there is none."""
    terminator = delimiters.segment.encode("latin-1")
    kept = start
    while end - start > max_segment:
        last = data.rfind(terminator, start, start + max_segment + 1)
        if last < 0:
            return start
        start = last + 1
        if start - kept > _WINDOW:
            kept = start
            forget(data, start)
    forget(data, end)
    return None


_WINDOW: Final = 1024 * 1024
_BEHIND: Final = 8 * 1024 * 1024
"""How far back there may be anything that is held yet: a slice of sets, and the page of 2 MB that a kernel may map."""


def forget(data: bytes | mmap, end: int) -> None:
    """Let go of the memory that the bytes before `end` take: what is asked for again is read from the file again."""
    if isinstance(data, mmap):
        start = max(0, end - _BEHIND) // PAGESIZE * PAGESIZE
        data.madvise(MADV_DONTNEED, start, end // PAGESIZE * PAGESIZE - start)


def segments_in(data: bytes | mmap, start: int, end: int, delimiters: Delimiters) -> int:
    """Count the segments that begin at byte `start` or later and whose terminators stand before byte `end`."""
    terminator = re.escape(delimiters.segment.encode("latin-1"))
    blanks = re.escape(padding(delimiters).encode("latin-1"))
    whole = re.compile(rb"[^" + terminator + blanks + rb"][^" + terminator + rb"]*" + terminator)
    return sum(1 for _ in whole.finditer(data, start, end))
