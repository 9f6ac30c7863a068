"""Finds the place in the file of a finding that knows only its segment in the set, as the findings of rules do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from mmap import mmap
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.reader import spoken
from edi_engine.x12.values import Delimiters, Outline, SetOutline, Spoken

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


class InSet:
    """The places of one set, which is cut up at most once."""

    def __init__(self, data: bytes | mmap, found: SetOutline, delimiters: Delimiters) -> None:
        """Take a set in its file."""
        self._data = data
        self._found = found
        self._delimiters = delimiters

    def locate(self, finding: Finding) -> Finding:
        """Fill in segment, byte and, where exactly one element holds what was seen, element and path.

        A finding of the set that has a byte already, or none that can be told, comes back as it is.
        """
        where = finding.where
        if where.byte is not None or where.in_set is None or not 1 <= where.in_set <= len(self._segments):
            return finding
        segment = self._segments[where.in_set - 1]
        return replace(finding, where=_at(where, self._found, segment, _element(segment, finding.seen)))

    @cached_property
    def _segments(self) -> Sequence[Spoken]:
        return spoken(self._data, self._found, self._delimiters)


class Places:
    """The places of one file, where only the control numbers of a finding's set are known."""

    def __init__(self, data: bytes, outline: Outline) -> None:
        """Take a file with its outline."""
        self._sets: dict[str, list[_Place]] = {}
        for interchange in outline.interchanges:
            for group in interchange.groups:
                for found in group.sets:
                    inside = InSet(data, found, interchange.delimiters)
                    place = _Place(interchange.control, group.control, inside)
                    self._sets.setdefault(found.control, []).append(place)

    def locate(self, finding: Finding) -> Finding:
        """Fill in what `InSet` does; a finding whose set cannot be told comes back as it is."""
        where = finding.where
        if where.byte is not None or where.in_set is None:
            return finding
        place = self._place(where)
        return finding if place is None else place.inside.locate(finding)

    def _place(self, where: Position) -> _Place | None:
        """Give the one set that a finding can stand in, None where there are more or none."""
        if where.set_control is not None:
            candidates = self._sets.get(where.set_control, [])
        else:
            candidates = [place for places in self._sets.values() for place in places]
        fitting = [
            place
            for place in candidates
            if where.interchange in {None, place.interchange} and where.group in {None, place.group}
        ]
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True, slots=True)
class _Place:
    """A set with the control numbers of what it stands in."""

    interchange: str
    group: str
    inside: InSet


def _element(segment: Spoken, seen: str | None) -> int | None:
    """Give the position of the one element that holds `seen`: as text, as the same number, or as `qualifier value`."""
    if not seen:
        return None
    texts = segment.elements
    same = [n for n, text in enumerate(texts) if n and (text == seen or _equal(text, seen))]
    pairs = [n for n in range(2, len(texts)) if texts[n - 1] and f"{texts[n - 1]} {texts[n]}" == seen]
    found = same or pairs
    return found[0] if len(found) == 1 else None


def _equal(text: str, seen: str) -> bool:
    return bool(_NUMBER.fullmatch(text) and _NUMBER.fullmatch(seen)) and Decimal(text) == Decimal(seen)


def _at(where: Position, found: SetOutline, segment: Spoken, element: int | None) -> Position:
    loop = f"{segment.id}[{where.line}]" if where.line is not None else segment.id
    known = replace(
        where,
        byte=segment.byte,
        segment=segment.number,
        set_control=found.control,
        set_id=found.set_id,
        segment_id=segment.id,
        path=loop,
    )
    if element is None:
        return known
    before = sum(len(text) + 1 for text in segment.elements[:element])
    path = f"{loop}/{segment.id}{element:02d}"
    return replace(known, byte=segment.byte + before, element=element, path=path)
