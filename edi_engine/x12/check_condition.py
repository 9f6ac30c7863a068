"""Relational conditions of a segment or a composite: which of them are broken, each with its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edi_engine.finding import Severity
from edi_engine.x12.check_fault import Fault, Spot
from edi_engine.x12.grammar import Condition, ElementUse, SegmentDef

_LED: Final = frozenset({"C", "L"})
"""Conditions that say nothing where the first of their elements is not there."""


def conditions_broken(segment: SegmentDef, elements: list[str]) -> Iterator[Fault]:
    """Find the broken conditions. That one of several must be there is not told where another condition names it."""
    if not segment.conditions:
        return
    filled = {at for at, value in enumerate(elements) if value and not value.isspace()}
    uncertain = [  # most are at rest: nothing is there, or all that they name
        condition
        for condition in segment.conditions
        if filled.isdisjoint(condition.positions) == (condition.kind == "R")
        and (condition.kind == "E" or not filled.issuperset(condition.positions))
        and (condition.kind not in _LED or condition.positions[0] in filled)
    ]
    if not uncertain:
        return
    broken = [
        (condition, fault)
        for condition in uncertain
        for fault in condition_broken(segment.id, None, segment.elements, condition, elements)
    ]
    named = {fault.element for condition, fault in broken if condition.kind != "R" and not condition.inferred}
    for condition, fault in broken:
        if condition.kind != "R" or named.isdisjoint(condition.positions):
            yield fault


def condition_broken(
    segment: str, spot: Spot | None, uses: tuple[ElementUse, ...], condition: Condition, values: list[str]
) -> Iterator[Fault]:
    """Find whether a relational condition is broken, among elements or (with `spot`) among components."""
    size = len(values)
    there = [at for at in condition.positions if at < size and values[at].strip()]
    if not there and condition.kind != "R":
        return
    absent = [at for at in condition.positions if at not in there]
    blamed = _blamed(condition, there, absent)
    if blamed is None:
        return

    def name(at: int) -> str:
        return f"{segment}{at:02d}" if spot is None else f"{spot.name}-{at}"

    message = _broken(condition, [name(at) for at in condition.positions], [name(at) for at in absent])
    yield Fault(
        "x12.element.condition",
        None if condition.inferred else "10" if condition.kind == "E" else "2",
        f"{message} (a rule we infer; X12's own text may differ)." if condition.inferred else f"{message}.",
        blamed if spot is None else spot.element,
        uses[blamed - 1].element.id,
        None if spot is None else blamed,
        None if spot is None else spot.repetition,
        seen=values[blamed] if condition.kind == "E" else None,
        severity=Severity.WARNING if condition.inferred else Severity.REFUSE,
    )


def _broken(condition: Condition, names: list[str], absent: list[str]) -> str:
    """Say how a condition among `names` is broken, of which the `absent` ones are not there."""
    match condition.kind:
        case "P":
            are = "is" if len(absent) == 1 else "are"
            return f"{_listed(names, 'and')} come together or not at all, but {_listed(absent, 'and')} {are} missing"
        case "R":
            return f"{_listed(names, 'or')} must be there, and none of them is"
        case "E":
            return f"Only one of {_listed(names, 'and')} may be there"
        case "C":
            return f"{names[0]} is there, so {_listed(absent, 'and')} must be there too"
        case _:
            return f"{names[0]} is there, so {_listed(names[1:], 'or')} must be there too"


def _blamed(condition: Condition, there: list[int], absent: list[int]) -> int | None:
    """Give the position that a broken condition is reported at, None where it holds."""
    first = condition.positions[0]
    match condition.kind:
        case "P":
            return absent[0] if there and absent else None
        case "R":
            return None if there else first
        case "E":
            return there[1] if len(there) > 1 else None
        case "C":
            return absent[0] if first in there and absent else None
        case _:
            return condition.positions[1] if there == [first] else None


def _listed(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
