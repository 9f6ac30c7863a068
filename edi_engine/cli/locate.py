"""Finds the place in the file of a finding that knows only its segment in the set, as the findings of rules do."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.reader import spoken
from edi_engine.x12.values import Delimiters, Outline, SetOutline, Spoken

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


class Places:
    """The places of one file. Each set is cut up once, however many findings stand in it."""

    def __init__(self, data: bytes, outline: Outline) -> None:
        """Take a file with its outline."""
        self._data = data
        self._sets: dict[str, list[_Place]] = {}
        for interchange in outline.interchanges:
            for group in interchange.groups:
                for found in group.sets:
                    place = _Place(interchange.control, group.control, found, interchange.delimiters)
                    self._sets.setdefault(found.control, []).append(place)
        self._cut: tuple[_Place, dict[int, Spoken]] | None = None

    def locate(self, finding: Finding) -> Finding:
        """Fill in segment, byte and, where exactly one element holds what was seen, element and path.

        A finding that has a byte already, or whose set cannot be told, comes back as it is.
        """
        where = finding.where
        if where.byte is not None or where.in_set is None:
            return finding
        place = self._place(where)
        segment = self._segments(place).get(where.in_set) if place is not None else None
        if place is None or segment is None:
            return finding
        return replace(finding, where=_at(where, place.found, segment, _element(segment, finding.seen)))

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

    def _segments(self, place: _Place) -> dict[int, Spoken]:
        if self._cut is None or self._cut[0] is not place:
            segments = {one.in_set: one for one in spoken(self._data, place.found, place.delimiters)}
            self._cut = (place, segments)
        return self._cut[1]


@dataclass(frozen=True, slots=True)
class _Place:
    """A set with the control numbers of what it stands in."""

    interchange: str
    group: str
    found: SetOutline
    delimiters: Delimiters


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
