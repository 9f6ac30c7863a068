"""Leads a finding about a field of ours back to the element of the received set that the map read the field from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.mapping.here import Here, Hit, hits, loops, segments
from edi_engine.mapping.language import Place, ReadBlock, ReadingMap, ReadRow
from edi_engine.orders.order import OrderLine
from edi_engine.x12.values import Delimiters, Loop, Spoken

_FIELD: Final = re.compile(r"(order|line)\.([a-z_]+)(?:\(([a-z_]+)\))?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_ALSO: Final = {"item": ("buyer_item", "vendor_item", "gtin", "ids")}
"""Fields that stand in for one that the map does not fill."""

_NAMING: Final = ("id", "name", "amount", "date", "quantity")
"""The fields of a part by which people know it, the best one first."""


def names_a_field(findings: Sequence[Finding]) -> bool:
    """Say whether any finding points at a field of ours instead of a place in a file."""
    return any(_FIELD.fullmatch(finding.where.path or "") for finding in findings)


def placed(
    findings: Sequence[Finding], tree: Loop, delimiters: Delimiters, chosen: ReadingMap, base: Position
) -> tuple[Finding, ...]:
    """Point each finding that names a field of ours (`line.unit_price`) at the element that `chosen` read it from.

    `tree` is the set that was read, `base` what is known of its file and envelope. A field that was not sent is
    pointed at where it should have stood: its element of the line's segment, or else the segment itself.
    """
    top = Here(tree, delimiters)
    lines = {_head(here).in_set: (block, here) for block, here in _lines(chosen.root, top)}
    return tuple(_placed(finding, chosen.root, top, lines, base) for finding in findings)


def _lines(root: ReadBlock, top: Here) -> Iterator[tuple[ReadBlock, Here]]:
    for block in root.blocks:
        if block.of is OrderLine:
            yield from ((block, here) for here in _items(block, top))


def _placed(
    finding: Finding, root: ReadBlock, top: Here, lines: dict[int, tuple[ReadBlock, Here]], base: Position
) -> Finding:
    field = _FIELD.fullmatch(finding.where.path or "")
    if field is None:
        return finding
    part, name, key = field.groups()
    line = lines.get(finding.where.in_set or 0) if part == "line" else None
    if part == "line" and line is None:
        return replace(finding, where=_on_top(base, finding.where))
    block, here = line or (root, top)
    for attribute in (name, *_ALSO.get(name, ())):
        found = _spot(block, here, attribute, key, finding.seen)
        if found is not None:
            hit, place = found
            return replace(finding, where=replace(hit.position(place, base), line=finding.where.line))
    return replace(finding, where=replace(_absent(block, here, name, base), line=finding.where.line))


def _on_top(base: Position, where: Position) -> Position:
    return replace(base, line=where.line, in_set=where.in_set)


def _spot(block: ReadBlock, here: Here, attribute: str, key: str | None, seen: str | None) -> tuple[Hit, Place] | None:
    """Find the value that a field was read from; for a list of parts (parties, ids), the part that is meant."""
    for row in _rows(block, attribute):
        if (found := _first(row, here)) is not None:
            return found
    values: list[tuple[int, Hit, Place]] = []
    for inner in block.blocks:
        if inner.field is None or inner.field.attribute != attribute:
            continue
        for item in _items(inner, here):
            if key is None or _is_called(inner, item, key):
                values.extend(_values(inner, item, seen))
    if not values:
        return _spot(block, here, attribute, None, seen) if key is not None else None
    _, hit, place = min(values, key=lambda one: one[0])
    return hit, place


def _values(block: ReadBlock, item: Here, seen: str | None) -> Iterator[tuple[int, Hit, Place]]:
    """Give the values of one part, each with its rank: what was seen comes first, then what names the part."""
    for row in block.rows:
        found = _first(row, item)
        if found is None:
            continue
        name = row.field.attribute
        rank = _NAMING.index(name) + 1 if name in _NAMING else len(_NAMING) + 1
        yield (0 if _same(found[0].text, seen) else rank), *found


def _is_called(block: ReadBlock, item: Here, key: str) -> bool:
    """Say whether a part has this role, as the map translates it."""
    for row in _rows(block, "role"):
        found = _first(row, item)
        if found is not None:
            text = found[0].text
            return (row.shape.codes or {}).get(text, text) == key
    return False


def _same(text: str, seen: str | None) -> bool:
    if not seen:
        return False
    if text == seen or text == seen.replace("-", ""):  # a date that we show as 2026-12-31
        return True
    return bool(_NUMBER.fullmatch(text) and _NUMBER.fullmatch(seen)) and Decimal(text) == Decimal(seen)


def _rows(block: ReadBlock, attribute: str) -> Iterator[ReadRow]:
    return (row for row in block.rows if row.field.attribute == attribute)


def _first(row: ReadRow, here: Here) -> tuple[Hit, Place] | None:
    """Give the value that the row takes: the first one of the first place that has any."""
    return next(((hit, place) for place in row.places for hit in hits(place, here)), None)


def _items(block: ReadBlock, here: Here) -> list[Here]:
    """Give what a block is repeated for, as the reader of maps walks it."""
    each = block.each
    if each is None:
        return [here]
    if not each.pairs and each.place.loop:
        return list(loops(each.place, here))
    found = [inside.on(segment) for segment, inside in segments(each.place, here)]
    if not each.pairs:
        return found
    return [item.at(each.pairs[0], pair) for item in found for pair in each.pairs if _filled(_head(item), pair)]


def _filled(segment: Spoken, pair: tuple[int, int]) -> bool:
    return any(segment.get(position).strip() for position in pair)


def _head(here: Here) -> Spoken:
    return here.segment if here.segment is not None else here.loop.head


def _absent(block: ReadBlock, here: Here, attribute: str, base: Position) -> Position:
    """Point at where a field should have stood: in the head of the line, or for the heading beside the PO number."""
    segment, inside = _head(here), here
    if block.field is None and (number := _spot(block, here, "po_number", None, None)) is not None:
        segment, inside = number[0].segment, number[0].here
    name = inside.name_of(segment)
    whole_loop = here.segment is None and segment is inside.loop.head
    where = replace(
        base,
        byte=segment.byte,
        segment=segment.number or None,
        in_set=segment.in_set,
        segment_id=segment.id,
        loop=inside.around() or None,
        path=inside.path if whole_loop and inside.path else name,
    )
    steps = (place.step for row in _rows(block, attribute) for place in row.places)
    step = next((step for step in steps if step.segment == segment.id and step.element is not None), None)
    if step is None or step.element is None:
        return where
    before = sum(len(text) + 1 for text in segment.elements[: step.element])
    end = sum(len(text) + 1 for text in segment.elements) - 1
    return replace(where, byte=segment.byte + min(before, end), element=step.element, path=f"{name}{step.element:02d}")
