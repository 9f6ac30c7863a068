"""Plain aligned tables: they read well, paste well and are cut to the terminal's width."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from edi_engine.cli.plain import safe

_GAP: Final = "  "
_LEAST: Final = 40
"""Columns that the last column must have to stand beside the others; with fewer it goes below them."""
_BELOW: Final = " " * 6


def columns(text: str) -> int:
    """Count the columns that `text` takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def clipped(text: str, width: int, end: str = "") -> str:
    """Cut `text` to `width` columns, with `...` where something was cut; `end` is added, whole."""
    if columns(text + end) <= width:
        return text + end
    width -= columns(end)
    while text and columns(text) > max(width - 3, 0):
        text = text[:-1]
    return text + "..."[: max(width, 0)] + end


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: frozenset[str] = frozenset(),
    width: int = 0,
    ends: Sequence[str] = (),
) -> str:
    """Lay out `rows` under `headings`, a line each; columns named in `right` are flush right.

    `ends`, one for each row, are added to the last column, and stay where it is cut.

    Columns that are empty in all rows are left out. With a `width`, the last column is cut to it; where too little is
    left for it, it stands on a line of its own below the others.
    """
    cells = [[safe(cell) for cell in row] for row in rows]
    kept = [n for n in range(len(headings)) if any(row[n] for row in cells)]
    lines = [[headings[n] for n in kept], *([row[n] for n in kept] for row in cells)]
    tails = ["", *(ends or [""] * len(rows))]
    sizes = [
        max(columns(line[n] + (tail if n == kept[-1] else "")) for line, tail in zip(lines, tails, strict=True))
        for n in range(len(kept))
    ]
    if width and kept:
        before = sum(sizes[:-1]) + len(_GAP) * (len(kept) - 1)
        if sizes[-1] > width - before < _LEAST and len(kept) > 1:
            return _two_lines(lines, tails, sizes, [headings[n] in right for n in kept], width)
        sizes[-1] = min(sizes[-1], max(width - before, 0))
    for line, tail in zip(lines, tails, strict=True):
        if kept:
            line[-1] = clipped(line[-1], sizes[-1], tail)
    flush = [headings[n] in right for n in kept]
    return "\n".join(_line(line, sizes, flush) for line in lines)


def _two_lines(
    lines: Sequence[Sequence[str]], tails: Sequence[str], sizes: Sequence[int], flush: Sequence[bool], width: int
) -> str:
    drawn = []
    for line, tail in zip(lines, tails, strict=True):
        drawn.append(_line(line[:-1], sizes[:-1], flush[:-1]))
        if line[-1]:
            drawn.append(_BELOW + clipped(line[-1], width - len(_BELOW), tail))
    return "\n".join(drawn)


def _line(line: Sequence[str], sizes: Sequence[int], flush: Sequence[bool]) -> str:
    padded = (
        " " * (size - columns(cell)) + cell if to_right else cell + " " * (size - columns(cell))
        for cell, size, to_right in zip(line, sizes, flush, strict=True)
    )
    return _GAP.join(padded).rstrip()
