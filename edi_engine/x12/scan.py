"""Finds the envelope segments of an interchange without cutting up what lies between them.

One regular expression jumps from terminator to terminator and looks at the first characters of each segment; the
segments in between are only counted. This is what makes the first pass fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from mmap import mmap

from edi_engine.finding import Position
from edi_engine.x12.envelope import ELEMENT_IDS, PLAUSIBLE
from edi_engine.x12.unpack import padding
from edi_engine.x12.values import Delimiters


@dataclass(frozen=True, slots=True)
class Mark:
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

    def get(self, n: int) -> str:
        """Give the text of element `n` (from 1) without blanks around it, "" where it is absent."""
        return self.elements[n].strip(" ") if n < len(self.elements) else ""

    def place(self, within: Position, n: int | None = None, *, in_set: int | None = None) -> Position:
        """Give the position of the segment, or of its element `n`, in the interchange, group and set of `within`."""
        byte, path, element_id = self.start, None, None
        if n is not None:
            byte = min(self.start + sum(len(text) + 1 for text in self.elements[:n]), self.end)
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


@lru_cache(maxsize=64)
def _pattern(delimiters: Delimiters) -> re.Pattern[bytes]:
    """Match a terminator that an envelope segment follows (group 1 is its id), or a run of them that none follows."""
    segment, element = (re.escape(letter.encode("latin-1")) for letter in (delimiters.segment, delimiters.element))
    blanks = "".join(re.escape(letter) for letter in padding(delimiters)).encode("latin-1")
    noise = b"[" + blanks + b"]*+" if blanks else b""
    ids = rb"(ISA(?=[^0-9A-Za-z])|(?:SE|ST|GE|GS|IEA|TA1)(?=" + element + rb"|" + segment + rb"|\Z))"
    empty = b"(?=" + segment + b")[" + segment + blanks + b"]*(?=" + segment + b")"
    likely = b"(?=[GIST" + segment + b"])"  # most segments are done with at their first letter
    return re.compile(segment + noise + likely + b"(?:" + ids + b"|" + empty + b")")


def marks(data: bytes | mmap, at: int, number: int, delimiters: Delimiters, max_segment: int) -> Iterator[Mark]:
    """Give the envelope segments after the terminator at byte `at`, which ends segment `number`; stop after an ISA."""
    terminator, element = delimiters.segment.encode("latin-1"), delimiters.element
    last = at - 1
    for match in _pattern(delimiters).finditer(data, at):
        here = match.start()
        number += bytes(data[last + 1 : here]).count(terminator)
        if match[1] is None:  # terminators with nothing between them, up to the last one of the run: no segments
            last = match.end() - 1
            continue
        number, last = number + 1, here
        start = match.start(1)
        if match[1] == b"ISA" and data[start + 3 : start + 4] != element.encode("latin-1"):
            if not PLAUSIBLE.match(data, start):
                continue
            yield Mark(("ISA",), start, start + 3, number)
            return
        end = data.find(terminator, start)
        text = bytes(data[start : min(end if end >= 0 else len(data), start + max_segment)]).decode("latin-1")
        if delimiters.segment == "\n":
            text = text.rstrip("\r")
        yield Mark(tuple(text.split(element)), start, end + 1 if end >= 0 else len(data), number, terminated=end >= 0)
        if match[1] == b"ISA":
            return


def overlong(data: bytes | mmap, start: int, end: int, delimiters: Delimiters, max_segment: int) -> int | None:
    """Give the byte where a segment longer than `max_segment` begins between two bytes, None if there is none."""
    terminator = delimiters.segment.encode("latin-1")
    while end - start > max_segment:
        last = data.rfind(terminator, start, start + max_segment + 1)
        if last < 0:
            return start
        start = last + 1
    return None


def segments_in(data: bytes | mmap, start: int, end: int, delimiters: Delimiters) -> int:
    """Count the segments that begin at byte `start` or later and whose terminators stand before byte `end`."""
    terminator = re.escape(delimiters.segment.encode("latin-1"))
    blanks = re.escape(padding(delimiters).encode("latin-1"))
    whole = re.compile(rb"[^" + terminator + blanks + rb"][^" + terminator + rb"]*" + terminator)
    return sum(1 for _ in whole.finditer(data, start, end))
