"""Finds the place in the file of a finding that knows only its segment in the set, as the findings of rules do."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.reader import spoken
from edi_engine.x12.values import Delimiters, Outline, SetOutline, Spoken

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def located(finding: Finding, data: bytes, outline: Outline) -> Finding:
    """Fill in segment, byte and, where exactly one element holds what was seen, element and path.

    A finding that has a byte already, or whose set cannot be told, comes back as it is.
    """
    where = finding.where
    if where.byte is not None or where.in_set is None:
        return finding
    candidates = [found for found in _sets(outline) if _may_be(where, *found)]
    if len(candidates) != 1:
        return finding
    _, _, found, delimiters = candidates[0]
    segment = next((one for one in spoken(data, found, delimiters) if one.in_set == where.in_set), None)
    if segment is None:
        return finding
    return replace(finding, where=_at(where, found, segment, _element(segment, finding.seen)))


def _sets(outline: Outline) -> list[tuple[str, str, SetOutline, Delimiters]]:
    return [
        (interchange.control, group.control, found, interchange.delimiters)
        for interchange in outline.interchanges
        for group in interchange.groups
        for found in group.sets
    ]


def _may_be(where: Position, interchange: str, group: str, found: SetOutline, delimiters: Delimiters) -> bool:
    del delimiters
    return (
        where.interchange in {None, interchange}
        and where.group in {None, group}
        and where.set_control in {None, found.control}
    )


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
