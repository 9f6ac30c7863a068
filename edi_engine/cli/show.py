"""`edi show`: segments drawn one below the other, indented by their loops, with names beside codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import click

from edi_engine.cli.plain import safe
from edi_engine.cli.segments import Segment
from edi_engine.cli.table import columns

_STEP: Final = "  "
_NAME_AT: Final = 56
"""Column where the names of segments stand, unless the segment is longer."""


def drawn(found: Iterable[Segment], *, color: bool) -> Iterator[str]:
    """Draw each segment as one line with its name, and below it its elements, one a line."""
    for segment in found:
        yield _headline(segment, color=color)
        yield from _elements(segment, color=color)


def _headline(segment: Segment, *, color: bool) -> str:
    begin = _STEP * segment.depth + safe(segment.text)
    gap = " " * max(_NAME_AT - columns(begin), 2)
    name = segment.name or "(not in the dictionary)"
    if not color:
        return f"{begin}{gap}{name}"
    return click.style(begin, bold=True) + gap + click.style(name, fg="cyan")


def _elements(segment: Segment, *, color: bool) -> Iterator[str]:
    margin = _STEP * (segment.depth + 2)
    places = max((len(element.place) for element in segment.elements), default=0)
    names = max((len(element.name or "") for element in segment.elements), default=0)
    for element in segment.elements:
        meaning = f" = {element.meaning}" if element.meaning else ""
        label = f"{margin}{element.place:<{places}}  {element.name or '':<{names}}"
        value = safe(element.value.strip() or element.value)
        yield (click.style(label, dim=True) if color else label) + f"  {value}{meaning}"
