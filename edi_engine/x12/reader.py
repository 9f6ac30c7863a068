"""Reading X12 in two passes: `outline` walks the envelopes of a whole file, `spoken` and `split` cut up single sets."""

from __future__ import annotations

import re
from dataclasses import replace
from mmap import mmap
from typing import Final

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.x12.envelope import LAYOUT, LENGTH, PLAUSIBLE, Header, read_header
from edi_engine.x12.foreign import foreign
from edi_engine.x12.unpack import split, spoken
from edi_engine.x12.values import InterchangeOutline, Outline
from edi_engine.x12.walk import Walk
from edi_engine.x12.wording import counted, quoted

__all__ = ["MAX_SEGMENT", "outline", "split", "spoken"]

MAX_SEGMENT: Final = 65_536
"""Bytes that one segment may have; longer ones mean that the terminator is missing or wrong."""

_PADDING: Final = re.compile(rb"[\x00\x1a\t\n\r ]*+(?:\xef\xbb\xbf[\x00\x1a\t\n\r ]*+)*+")
_REMARKABLE: Final = (
    (b"\xef\xbb\xbf", "a UTF-8 byte order mark"),
    (b"\x1a", "an end-of-file mark (1A)"),
    (b"\x00", "a NUL"),
    (b" ", "a blank"),
)
_MOST: Final = 100
_SHOWN: Final = 40
"""Bytes that stand in no interchange of which a finding repeats the first."""


def outline(
    data: bytes | mmap, *, file: str | None = None, max_segment: int = MAX_SEGMENT, keep: bool = True
) -> Outline:
    """Walk all interchanges of a file: their groups and sets, counts, control numbers and what is wrong with them.

    Any bytes give an Outline, never an exception. Each interchange stands alone: what is wrong with one does not touch
    the next. `max_segment` is in bytes. A file that is not X12 has no interchanges and a finding that says what it is.

    Without `keep` an outline takes next to no memory, however big the file: the sets are found again in `data`, which
    must stay open and as it is, each time that they are asked for.
    """
    start = _skip(data, 0)
    if not _begins(data, start):
        later = PLAUSIBLE.search(data, start)
        return Outline((), (foreign(data, start, later.start() if later else None, file=file),))
    findings = list(_padded(data, 0, start, file, "before the ISA"))
    interchanges: list[InterchangeOutline] = []
    number, at, spare = 1, start, len(data)
    while True:
        header = read_header(data, at, number, file=file)
        if isinstance(header, Finding):
            findings.append(header)
            following = _next(data, at + 3)
            number += 1
        else:
            # Looking beyond an ISA in vain takes time: as much as the whole file does, and then no more.
            stop = None if spare > 0 else _next(data, at + LENGTH)
            ordinal = len(interchanges) + 1
            interchange, number, end, vain = _read(data, header, ordinal, file, max_segment, stop, keep=keep)
            spare -= vain
            interchanges.append(interchange)
            following, remark = _after(data, end, file)
            findings.extend(remark)
        if following is None:
            return Outline(tuple(interchanges), _bounded(findings))
        at = following


def _read(
    data: bytes | mmap,
    header: Header,
    ordinal: int,
    file: str | None,
    max_segment: int,
    stop: int | None,
    *,
    keep: bool,
) -> tuple[InterchangeOutline, int, int, int]:
    """Read one interchange, which ends before byte `stop` at the latest.

    Gives it with the number of the next segment, the byte after it, and how many bytes were looked at in vain.
    """
    if header.walkable:
        vain = 0
        walk = Walk(data, header, file, keep=keep, stop=stop)
        found = walk.run(ordinal, max_segment)
        glued = PLAUSIBLE.search(data, header.start + LENGTH, walk.end) if stops(found.findings) else None
        if glued is not None:
            # Its IEA is missing or another's: a whole ISA in the middle of it was written behind a torn file.
            vain = walk.end - glued.start()
            walk = Walk(data, header, file, keep=keep, stop=glued.start())
            found = walk.run(ordinal, max_segment)
        return found, walk.number + 1, walk.end, vain
    # Without delimiters nothing tells where it ends, so it ends where the next ISA can be seen.
    following = _next(data, header.start + 3)
    end = len(data) if following is None else following
    return header.opens(ordinal, end), header.number + 1, end, 0


def _skip(data: bytes | mmap, at: int) -> int:
    match = _PADDING.match(data, at)
    return match.end() if match else at


def _begins(data: bytes | mmap, at: int) -> bool:
    """Say whether an ISA begins here, be it a broken one: ISA and no letter or digit, or the full layout."""
    head = bytes(data[at : at + 4])
    return head[:3] == b"ISA" and (not head[3:].isalnum() or LAYOUT.match(data, at) is not None)


def _next(data: bytes | mmap, at: int) -> int | None:
    """Find the next ISA whose separators are in place."""
    match = PLAUSIBLE.search(data, at)
    return match.start() if match else None


def _after(data: bytes | mmap, end: int, file: str | None) -> tuple[int | None, tuple[Finding, ...]]:
    """Find the interchange after byte `end`: where it begins, and what to say of the bytes up to there."""
    start = _skip(data, end)
    if start >= len(data):
        return None, _padded(data, end, start, file, "after the last IEA")
    if _begins(data, start):
        return start, _padded(data, end, start, file, "between two interchanges")
    following = _next(data, start)
    size = (len(data) if following is None else following) - start
    text = bytes(data[start : start + min(size, _SHOWN)]).decode("latin-1")
    what = f"{counted(size, 'byte')} after the IEA, {'beginning with ' if size > _SHOWN else ''}{quoted(text)},"
    message = f"{what} belong to no interchange and were not read."
    fix = "See whether something the partner meant to send is in them; the interchanges before them stand."
    where = Position(file=file, byte=start)
    return following, (Finding("envelope.trailing", Severity.WARNING, message, where, text, fix=fix),)


def _padded(data: bytes | mmap, start: int, end: int, file: str | None, place: str) -> tuple[Finding, ...]:
    """Remark on bytes that were passed over, unless they are only line ends (or blanks after the last IEA)."""
    passed = bytes(data[start:end])
    what = [name for mark, name in _REMARKABLE if mark in passed and not (mark == b" " and start > 0)]
    if not what:
        return ()
    message = f"{counted(len(passed), 'byte')} {place} were passed over: {' and '.join(what)}."
    seen = passed[:_SHOWN].decode("latin-1")
    return (Finding("envelope.padding", Severity.WARNING, message, Position(file=file, byte=start), seen),)


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    if len(findings) <= _MOST:
        return tuple(findings)
    more = len(findings) - _MOST
    last = findings[_MOST]
    return (*findings[:_MOST], replace(last, message=f"{counted(more, 'more fault')} of this kind are not listed."))
