"""Whole files of X12: envelopes, segments, and lines of a fixed width joined again."""

from __future__ import annotations

from typing import Final

from edi_engine.x12.reader import outline, split, spoken
from edi_engine.x12.unwrap import unwrap
from fuzz.inputs import x12_files
from fuzz.mutate_x12 import change_x12
from fuzz.shapes_x12 import ENVELOPES, SETS
from fuzz.target import Target

_WIDTHS: Final = (80, 128)
_SHORT: Final = 1 << 17


def run(data: bytes) -> None:
    """Read a file, and hold both ways to cut a set against each other."""
    for width in (None, *_WIDTHS):
        unwrap(data, width)
    for interchange in outline(data, file="fuzz.edi").interchanges:
        for group in interchange.groups:
            for found in group.sets:
                text = data[found.start : found.end].decode("latin-1")
                said = spoken(data, found, interchange.delimiters)
                if len(text) > _SHORT:  # two ways at once would double the memory that we measure
                    continue
                if [one.elements for one in said] != split(text, interchange.delimiters):
                    message = "split and spoken cut a set differently"
                    raise AssertionError(message)
                if not all(data.startswith(one.elements[0].encode("latin-1"), one.byte) for one in said):
                    message = "a segment does not stand where it is said to"
                    raise AssertionError(message)


TARGET: Final = Target(
    "reader",
    run,
    x12_files,
    change_x12,
    {**ENVELOPES, "lines-of-80": lambda size: (b"A" * 80 + b"\n") * (size // 81), **SETS},
)
