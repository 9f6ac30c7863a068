"""Settles places of X12 against the grammar when a map loads: what a path means never depends on the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from edi_engine.mapping.language import FROM_LOOP, FROM_SELF, FROM_TOP, Place
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mark
from edi_engine.x12.grammar import LoopUse, Pair, SegmentDef, SegmentUse, SetDef
from edi_engine.x12.path import Path, Step

Use: TypeAlias = SegmentUse | LoopUse
THE_SET: Final = "the set itself"


class PlaceError(ValueError):
    """A path names nothing here; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a path starts: inside a loop (`loop` None: the set or one of its areas), or on one segment of it."""

    name: str
    children: tuple[Use, ...]
    loop: LoopUse | None = None
    outer: Ground | None = None
    segment: SegmentDef | None = None

    @property
    def top(self) -> Ground:
        """The whole set."""
        ground = self
        while ground.outer is not None:
            ground = ground.outer
        return ground

    @property
    def around(self) -> tuple[str, ...]:
        """The ids of the loops that this stands in, from outside."""
        ids: list[str] = []
        ground: Ground | None = self
        while ground is not None:
            if ground.loop is not None:
                ids.append(ground.loop.id)
            ground = ground.outer
        return tuple(reversed(ids))

    def on(self, segment: SegmentDef) -> Ground:
        """Stand on a segment of this loop."""
        return Ground(self.name, self.children, self.loop, self.outer, segment)

    def within(self, loop: LoopUse) -> Ground:
        """Step into a loop of this one."""
        outer = Ground(self.name, self.children, self.loop, self.outer)
        return Ground(loop.id, loop.children, loop, outer)

    def uses(self, segment_id: str) -> list[Use]:
        """Give the segments and loops of this name that stand directly here."""
        return [use for use in self.children if use.id == segment_id]


def ground_of(grammar: SetDef, area: str | None = None) -> Ground:
    """Stand at the top of a set, or of one of its areas."""
    if area is not None:
        return Ground(area, dict(grammar.areas())[area])
    return Ground(THE_SET, tuple(use for _, uses in grammar.areas() for use in uses))


def segment_of(use: Use) -> SegmentDef:
    """Give the segment, or the one that opens the loop."""
    return use.head if isinstance(use, LoopUse) else use.segment


def element_kind(segment: SegmentDef, element: int, component: int | None) -> tuple[str, str]:
    """Give X12's type and number of an element or component.

    Raises PlaceError where there is none such, or where a part of a composite must be named.
    """
    if element > len(segment.elements):
        message = f"{segment.id} has {len(segment.elements)} elements, so there is no {segment.id}{element:02d}"
        raise PlaceError(message)
    found = segment.elements[element - 1].element
    if component is None:
        if found.kind == "C":
            place = f"{segment.id}{element:02d}"
            message = f"{place} is made of parts: name one, such as {place}-1"
            raise PlaceError(message)
        return found.kind, found.id
    if found.kind != "C":
        if component == 1:
            return found.kind, found.id
        message = f"{segment.id}{element:02d} has no parts, so there is no {segment.id}{element:02d}-{component}"
        raise PlaceError(message)
    if component > len(found.parts):
        message = f"{segment.id}{element:02d} has {len(found.parts)} parts, so there is no part {component}"
        raise PlaceError(message)
    part = found.parts[component - 1].element
    return part.kind, part.id


def knows(segment: SegmentDef, position: int, qualifier: str) -> bool:
    """Say whether the element at `position` may hold `qualifier`."""
    if not 0 < position <= len(segment.elements):
        return False
    codes = segment.elements[position - 1].element.codes
    return codes is None or qualifier in codes


def value_pairs(segment: SegmentDef, qualifier: str) -> tuple[Pair, ...]:
    """Give the pairs of `segment` whose qualifier may be `qualifier` and that have a value."""
    return tuple(pair for pair in segment.pairs if pair.value and knows(segment, pair.qualifier, qualifier))


def own_pair(segment: SegmentDef, qualifier: str) -> Pair | None:
    """Give the pair that makes a segment of its own for `qualifier` (REF, DTM, N1 ...), None where there is none."""
    for pair in segment.pairs:  # asked for every row, so told without a generator
        if not pair.many and knows(segment, pair.qualifier, qualifier):
            return pair
    return None


def check_qualifier(segment: SegmentDef, qualifier: str) -> None:
    """Raise PlaceError where no element of the segment may hold this qualifier."""
    if not segment.pairs:
        message = f"{segment.id} has no qualifier, so {segment.id}({qualifier}) means nothing"
        raise PlaceError(message)
    if not any(knows(segment, pair.qualifier, qualifier) for pair in segment.pairs):
        known = sorted(
            {code for pair in segment.pairs for code in segment.elements[pair.qualifier - 1].element.codes or ()}
        )
        message = f"{qualifier} is no qualifier of {segment.id}; {nearest_or_all(qualifier, known)}"
        raise PlaceError(message)


def settle(path: Path, ground: Ground, mark: Mark, *, whole: bool = False) -> tuple[Place, Ground, Use]:
    """Settle a path that is read: the place, the ground its last segment stands in, and what that is there.

    `whole`: the place may be a segment or loop instead of a value. Raises PlaceError.
    """
    start, at, use = _start(path, ground)
    loops: list[tuple[Step, tuple[int, ...]]] = []
    for step, following in zip(path.steps, path.steps[1:], strict=False):
        if not isinstance(use, LoopUse):
            message = f"{step.segment} opens no loop in {at.name}, so nothing stands inside it"
            raise PlaceError(message)
        loops.append((step, _qualifiers(use.head, step)))
        at = at.within(use)
        use = _inside(following.segment, at)
    segment = segment_of(use)
    step = path.last
    qualifiers = _qualifiers(segment, step)
    pairs: tuple[tuple[int, int], ...] = ()
    kind, element_id, loop = "", "", False
    if step.element is not None:
        kind, element_id = element_kind(segment, step.element, step.component)
    else:
        found = value_pairs(segment, step.qualifier) if step.qualifier is not None else ()
        if found and not (whole and isinstance(use, LoopUse)):
            pairs = tuple((pair.qualifier, pair.value) for pair in found)
            kind, element_id = element_kind(segment, found[0].value, None)
        elif not whole:
            message = f"{step} is a whole segment: name one of its elements, such as {segment.id}01"
            raise PlaceError(message)
        loop = isinstance(use, LoopUse)
    place = Place(path.text, mark, start, tuple(loops), step, qualifiers, pairs, kind, element_id, loop)
    return place, at, use


def _qualifiers(segment: SegmentDef, step: Step) -> tuple[int, ...]:
    if step.qualifier is None:
        return ()
    check_qualifier(segment, step.qualifier)
    return tuple(pair.qualifier for pair in segment.pairs if knows(segment, pair.qualifier, step.qualifier))


def _start(path: Path, ground: Ground) -> tuple[int, Ground, Use]:
    first = path.steps[0].segment
    if path.from_top:
        top = ground.top
        return FROM_TOP, top, _inside(first, top)
    if ground.segment is not None and ground.segment.id == first:
        return FROM_SELF, ground, SegmentUse(ground.segment, required=False, maximum=1)
    here = ground.uses(first) if ground.segment is None else []
    if here:
        return FROM_LOOP, ground, here[0]
    count, outer = (1, ground) if ground.segment is not None else (1, ground.outer)
    while outer is not None:
        if outer.loop is not None and outer.loop.id == first:
            return count, outer, outer.children[0]
        count, outer = count + 1, outer.outer
    raise PlaceError(_no_place(first, ground))


def _inside(segment_id: str, ground: Ground) -> Use:
    found = ground.uses(segment_id)
    if not found:
        raise PlaceError(_no_place(segment_id, ground))
    return found[0]


def _no_place(segment_id: str, ground: Ground) -> str:
    here = ground.segment.id if ground.segment is not None else ground.name
    return not_here(segment_id, here, {THE_SET: ground.top.children})


def not_here(segment_id: str, here: str, everywhere: dict[str, tuple[Use, ...]]) -> str:
    """Say that a segment does not stand here, and where it does; `everywhere` names the parts of the set."""
    found = (home for name, uses in everywhere.items() for home in _homes(segment_id, uses, name))
    homes = list(dict.fromkeys(home for home in found if home != here))
    if homes:
        return f"{segment_id} does not stand in {here} (it stands in {', '.join(homes)})"
    known = dict.fromkeys(one for uses in everywhere.values() for one in _ids(uses))
    return f"{segment_id} does not stand in {here}; {nearest_or_all(segment_id, known)}"


def _homes(segment_id: str, uses: tuple[Use, ...], name: str) -> Iterator[str]:
    for use in uses:
        if use.id == segment_id:
            yield name
        if isinstance(use, LoopUse):
            inside = _homes(segment_id, use.children, use.id)
            yield from (home for home in inside if use.id != segment_id or home != use.id)


def _ids(uses: tuple[Use, ...]) -> Iterator[str]:
    for use in uses:
        yield use.id
        if isinstance(use, LoopUse):
            yield from _ids(use.children)
