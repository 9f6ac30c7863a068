"""What stands around the faults of a set: the bounded loop, the business unit and the trigger that its answer names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import Condition, ElementUse
from edi_engine.x12.unpack import split
from edi_engine.x12.values import Delimiters

_BOUNDS: Final = frozenset({"LS", "LE"})
_NUMBERED: Final = {"PO1": 1, "POC": 1, "IT1": 1, "LIN": 1}
"""The loops that are a line of a document, and which element of their first segment numbers it."""
_NAMED: Final = {"BEG": 3, "BCH": 3, "BAK": 3, "BCA": 3, "BIG": 2, "BSN": 2, "G50": 3, "G01": 2}
"""The segments that begin a document, and which element is its number."""
_LOOP: Final = re.compile(r"([0-9A-Z]{2,3})\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Trigger:
    """The element, in the segment of the fault, that makes a condition among its elements bite. Positions from 1."""

    element: int
    component: int | None
    element_id: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a fault.

    `loop` is LS01 of the bounded loop that it lies in, "" where it lies in none. `unit` is the element that numbers the
    line or the document, such as `PO101`, and what that element says.
    """

    loop: str = ""
    unit: tuple[str, str] | None = None
    trigger: Trigger | None = None


def surroundings(
    findings: Sequence[Finding], text: str, delimiters: Delimiters, dictionary: Dictionary, version: str
) -> dict[Finding, Around]:
    """See what stands around those faults of a set (`text`, from its ST) that an AK3 or AK4 will tell.

    What cannot be seen beyond doubt is left out.
    """
    told = [one for one in findings if one.ack is not None and one.ack.level in {"AK3", "AK4"} and one.where.in_set]
    if not told:
        return {}
    segments = split(text, delimiters)
    return {one: _around(one, segments, delimiters, dictionary, version) for one in told}


def _around(
    finding: Finding, segments: Sequence[Sequence[str]], delimiters: Delimiters, dictionary: Dictionary, version: str
) -> Around:
    unit = _line(finding, segments) or _document(segments)
    return Around(_bounded(finding, segments), unit, _trigger(finding, segments, delimiters, dictionary, version))


def _bounded(finding: Finding, segments: Sequence[Sequence[str]]) -> str:
    where = finding.where
    if "LS" not in (where.loop or "").split("/") or where.segment_id in _BOUNDS:
        return ""
    before = segments[: where.in_set]
    return next((_get(one, 1) for one in reversed(before) if one[0] == "LS"), "")


def _line(finding: Finding, segments: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """Give the number of the line that a fault lies in, as its first segment says it."""
    outermost = _LOOP.match(finding.where.path or "")
    if outermost is None or outermost[1] not in _NUMBERED:
        return None
    loop, at = outermost[1], _NUMBERED[outermost[1]]
    heads = [one for one in segments if one[0] == loop]
    number = int(outermost[2])
    said = _get(heads[number - 1], at) if 0 < number <= len(heads) else ""
    return (f"{loop}{at:02d}", said) if said else None


def _document(segments: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """Give the number of the document, as the segment after ST says it."""
    head = segments[1] if len(segments) > 1 else ("",)
    at = _NAMED.get(head[0])
    said = _get(head, at) if at is not None else ""
    return (f"{head[0]}{at:02d}", said) if said else None


def _trigger(
    finding: Finding, segments: Sequence[Sequence[str]], delimiters: Delimiters, dictionary: Dictionary, version: str
) -> Trigger | None:
    """Give what makes the broken condition bite; None for other faults, and where just one of several must be there."""
    where = finding.where
    at, place = where.in_set or 0, where.element or 0
    if finding.code != "x12.element.condition" or not 0 < at <= len(segments) or not place:
        return None
    values = segments[at - 1]
    known = dictionary.segment(version, values[0])
    if known is None or values[0] != where.segment_id or place > len(known.elements):
        return None
    if where.component is None:
        return _biting(known.conditions, known.elements, values, place, None)
    element = known.elements[place - 1].element
    value = _get(values, place)
    if where.repetition is not None and delimiters.repetition is not None:
        value = _get(value.split(delimiters.repetition), where.repetition - 1)
    parts = ("", *value.split(delimiters.component))
    return _biting(element.conditions, element.parts, parts, where.component, place)


def _biting(
    conditions: Sequence[Condition], uses: Sequence[ElementUse], values: Sequence[str], blamed: int, inside: int | None
) -> Trigger | None:
    there = {at for at in range(1, len(values)) if values[at].strip()}
    found = next((at for one in conditions for at in _triggers(one, there, blamed)), None)
    if found is None:
        return None
    number = uses[found - 1].element.id
    return Trigger(found, None, number) if inside is None else Trigger(inside, found, number)


def _triggers(condition: Condition, there: set[int], blamed: int) -> Iterator[int]:
    """Give the positions for whose sake the `blamed` one is wrong by this condition; none where it holds."""
    first, *others = condition.positions
    if blamed not in condition.positions:
        return
    match condition.kind:
        case "P" if blamed not in there:
            yield from (at for at in condition.positions if at in there)
        case "E" if blamed in there:
            yield from (at for at in condition.positions if at in there and at != blamed)
        case "C" if first in there and blamed != first and blamed not in there:
            yield first
        case "L" if first in there and there.isdisjoint(others):
            yield first


def _get(elements: Sequence[str], at: int) -> str:
    return elements[at].strip() if at < len(elements) else ""
