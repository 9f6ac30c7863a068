"""Text into segments and elements, with or without their places in the file.

Bytes are decoded as Latin-1, one character a byte, so that offsets in the text are offsets in the file; whoever knows
the sender's character set decodes single values again.
"""

from __future__ import annotations

from functools import lru_cache
from mmap import mmap

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


def spoken(data: bytes | mmap, outline: SetOutline, delimiters: Delimiters) -> list[Spoken]:
    """Give the segments of one set, ST and SE among them, with their ordinals and byte offsets in the file."""
    text = bytes(data[outline.start : outline.end]).decode("latin-1")
    noise, element, terminator = padding(delimiters), delimiters.element, delimiters.segment
    segments: list[Spoken] = []
    at, number = outline.start, outline.number
    for piece in text.split(terminator):
        body = piece.lstrip(noise)
        if body:
            byte = at + len(piece) - len(body)
            if terminator == "\n":
                body = body.rstrip("\r")
            in_set = len(segments)
            segments.append(Spoken(body.split(element), in_set + 1, number + in_set, byte))
        at += len(piece) + 1
    return segments
