"""What an interchange says, without the line ends behind its segments: a transfer may change those."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from mmap import mmap
from typing import Final

_TERMINATOR: Final = 105
_PIECE: Final = 1024 * 1024
"""Bytes that are looked at at a time: an interchange may be larger than the memory."""
_LINE_ENDS: Final = b"\r\n"


def essence(data: bytes | mmap, start: int, end: int) -> bytes:
    """Give a SHA-256 of what an interchange says: two that differ in line ends alone have the same."""
    digest = hashlib.sha256()
    for piece in plain(data, start, end):
        digest.update(piece)
    return digest.digest()


def plain(data: bytes | mmap, start: int, end: int, size: int = _PIECE) -> Iterator[bytes]:
    """Give an interchange in pieces, without line ends behind its segments; those that end segments are all LF.

    At most `size` bytes are looked at at a time. A line end inside a segment is content.
    """
    terminator = bytes(data[start + _TERMINATOR : start + _TERMINATOR + 1])
    pieces = (bytes(data[at : min(at + size, end)]) for at in range(start, end, size))
    if not terminator:
        return pieces
    return _lines(pieces) if terminator in {b"\r", b"\n"} else _segments(pieces, terminator)


def _segments(pieces: Iterator[bytes], terminator: bytes) -> Iterator[bytes]:
    ends = re.compile(b"(" + re.escape(terminator) + rb")[\r\n]+")
    behind = False
    for piece in pieces:
        kept = ends.sub(rb"\1", piece.lstrip(_LINE_ENDS) if behind else piece)
        if kept:
            behind = kept.endswith(terminator)
            yield kept


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    gap, begun = False, False
    for piece in pieces:
        lines = b"\n".join(line for line in re.split(rb"[\r\n]+", piece) if line)
        if not lines:
            gap = True
            continue
        yield b"\n" + lines if begun and (gap or piece[:1] in {b"\r", b"\n"}) else lines
        begun, gap = True, piece[-1:] in {b"\r", b"\n"}
