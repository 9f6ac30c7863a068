"""A pyx12 map read as a partner's guide: what it narrows of the standard becomes rules, what no rule can say is listed.

A map says what may come, a guide what differs from X12. So the map is laid over our grammar, place by place: what the
grammar has and the map has not is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from edi_engine.x12.check import unresolved
from edi_engine.x12.grammar import UNBOUNDED, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import PathError, parse
from edi_engine.x12.pyx12.read_map import Map, MapElement, MapLoop, MapSegment
from edi_engine.x12.wording import counted

_ENDS: Final = frozenset({"ST", "SE"})

Spot = MapSegment | MapLoop
Child = SegmentUse | LoopUse


@dataclass(frozen=True, slots=True)
class ReadGuide:
    """A guide, and in plain words what the map says besides."""

    guide: Guide
    unsaid: tuple[str, ...]


def read_guide(
    found: Map, grammar: SetDef, lengths: Mapping[str, tuple[int, int]], codes: Mapping[str, Sequence[str]]
) -> ReadGuide:
    """Lay a map over the grammar of its set. `lengths` and `codes` are what dataele.xml and codes.xml beside it say;
    where they are empty, lengths and external lists are left as X12 has them.
    """
    reader = _Reader(lengths, codes)
    children = tuple(child for _, area in grammar.areas() for child in area)
    reader.level("", children, found.set.children)
    guide = Guide(grammar.id, tuple(reader.rules))
    for rule, reason in unresolved(guide, grammar):
        reader.unsaid.append(f"{rule.path}: {reason}")
        reader.rules.remove(rule)
    if reader.often:
        reader.unsaid.append(f"how often something may come: {', '.join(reader.often)}")
    return ReadGuide(Guide(grammar.id, tuple(reader.rules)), tuple(reader.unsaid))


@dataclass(slots=True)
class _Reader:
    """Lays a map over a grammar, loop by loop."""

    lengths: Mapping[str, tuple[int, int]]
    codes: Mapping[str, Sequence[str]]
    rules: list[GuideRule] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    often: list[str] = field(default_factory=list)

    def level(self, within: str, children: Sequence[Child], spots: Sequence[Spot]) -> None:
        """Lay the children of a map's loop over those of ours; `within` is the path of the loop, `PO1/`."""
        placed: dict[int, list[Spot]] = {}
        for at, spot in self._placed(within, children, spots):
            placed.setdefault(at, []).append(spot)
        for at, child in enumerate(children):
            if child.id in _ENDS or (within and at == 0):
                continue  # the head of a loop goes with the loop
            here = placed.get(at, [])
            if here:
                self._place(within, child, here)
            elif not child.required and not any(
                other.id == child.id and placed.get(n) for n, other in enumerate(children)
            ):
                self._rule(f"{within}{child.id}", not_used=True)

    def _placed(self, within: str, children: Sequence[Child], spots: Sequence[Spot]) -> Iterator[tuple[int, Spot]]:
        """Give the place of each spot among our children; a loop that only wraps others is opened."""
        last, taken = 0, False
        for spot in spots:
            head = _head(spot)
            if head is None or head.id in _ENDS:
                if isinstance(spot, MapLoop):
                    yield from self._placed(within, children, spot.children)
                continue
            fitting = [at for at, child in enumerate(children) if child.id == head.id and (at or not within)]
            if not fitting:
                self.unsaid.append(f"{within}{head.id}: X12 has no such segment there")
                continue
            again = last in fitting and taken  # where X12 has two places for it, the second comes next
            at = next((at for at in fitting if at > last or (at == last and not again)), last if again else fitting[0])
            last, taken = at, True
            if isinstance(spot, MapLoop) and isinstance(children[at], SegmentUse):
                yield from self._placed(within, children, spot.children)  # X12 has no loop there
                continue
            yield at, spot
            if isinstance(spot, MapLoop) and head.id == "HL":  # pyx12 nests levels, X12's tables do not
                nested = [one for one in spot.children[1:] if isinstance(one, MapLoop) and _is_level(one)]
                yield from self._placed(within, children, nested)

    def _place(self, within: str, child: Child, spots: Sequence[Spot]) -> None:
        """Make rules of what stands in one place: one segment or loop, or several that a qualifier tells apart."""
        segment = child.head if isinstance(child, LoopUse) else child.segment
        at = _qualifier(segment)
        told = [_codes_at(spot, at) if at else () for spot in spots]
        if len(spots) == 1:
            self._spot(f"{within}{child.id}", child, segment, spots[0], 0)
            return
        if not all(told):
            self.unsaid.append(f"{within}{child.id}: the map has {len(spots)} of it, and no code tells them apart")
            return
        every = tuple(dict.fromkeys(code for codes in told for code in codes))
        self._codes(f"{within}{child.id}{at:02d}", segment.elements[at - 1], every)
        for spot, codes in zip(spots, told, strict=True):
            if len(codes) > 1 and spot.usage == "R" and not child.required:
                self.unsaid.append(f"{within}{child.id}: at least one of {', '.join(codes)} must come")
            for code in codes:
                self._spot(f"{within}{child.id}({code})", child, segment, spot, at, alone=len(codes) == 1)

    def _spot(self, path: str, child: Child, segment: SegmentDef, spot: Spot, told: int, *, alone: bool = True) -> None:
        """Make rules of one segment or loop of the map. `told` is the element whose code the path names already."""
        if spot.usage == "N":
            self._rule(path, not_used=True)
            return
        if spot.usage == "R" and alone and (told or not child.required):
            self._rule(path, required=True)
        most = spot.maximum
        if most < child.maximum:
            self.often.append(f"{path} at most {counted(most, 'time')}")
        head = _head(spot)
        if head is not None:
            self._segment(path, segment, head, told)
        if isinstance(child, LoopUse):
            inner = spot.children[1:] if isinstance(spot, MapLoop) else ()
            inner = tuple(
                one for one in inner if not (isinstance(one, MapLoop) and child.id == "HL" and _is_level(one))
            )
            self.level(f"{path}/", child.children, inner)

    def _segment(self, path: str, segment: SegmentDef, spot: MapSegment, told: int) -> None:
        known = {f"{one.kind}{''.join(f'{at:02d}' for at in one.positions)}" for one in segment.conditions}
        self.unsaid.extend(f"{path}: the condition {one}" for one in spot.conditions if one not in known)
        for at, use in enumerate(segment.elements, 1):
            if at != told:
                self._element(f"{path}{at:02d}", use, spot.elements.get(at))
        extra = [at for at in spot.elements if at > len(segment.elements)]
        if extra:
            self.unsaid.append(f"{path}: elements from {min(extra)} on, which X12 does not have there")

    def _element(self, path: str, use: ElementUse, spot: MapElement | None) -> None:
        if spot is None or spot.usage == "N":
            if use.required:
                self.unsaid.append(f"{path}: not used, though X12 makes it mandatory")
            else:
                self._rule(path, not_used=True)
            return
        if spot.number.partition(".")[0] != use.element.id:
            self.unsaid.append(f"{path}: it is element {spot.number}, and {use.element.id} in X12")
            return
        if spot.pattern is not None:
            self.unsaid.append(f"{path}: the pattern {spot.pattern}")
        required = spot.usage == "R" and not use.required
        for at, part in enumerate(use.element.parts, 1):
            inner = spot.parts[at - 1] if at <= len(spot.parts) else None
            self._element(f"{path}-{at}", part, inner)
        least, most = self.lengths.get(spot.number, (0, UNBOUNDED))
        self._rule(
            path,
            required=required,
            codes=self._narrowed(path, use, self._listed(path, spot)),
            minimum=least if least > use.element.minimum else None,
            maximum=most if most < use.element.maximum else None,
        )

    def _listed(self, path: str, spot: MapElement) -> tuple[str, ...]:
        """Give the codes that the map allows, none where it allows any."""
        if spot.external is None:
            return spot.codes
        listed = self.codes.get(spot.external)
        if listed is None:
            self.unsaid.append(f"{path}: the list {spot.external}, which is not beside the map")
            return ()
        return (*spot.codes, *listed)

    def _codes(self, path: str, use: ElementUse, codes: tuple[str, ...]) -> None:
        self._rule(path, codes=self._narrowed(path, use, codes))

    def _narrowed(self, path: str, use: ElementUse, codes: tuple[str, ...]) -> frozenset[str] | None:
        """Give the codes of a map that X12 has as well, None where they narrow nothing."""
        if not codes:
            return None
        standard = use.element.codes
        if standard is None:
            return frozenset(codes)
        strange = [code for code in codes if code not in standard]
        if strange:
            self.unsaid.append(f"{path}: the codes {' '.join(strange)}, which X12 does not have")
        kept = standard.intersection(codes)
        return kept if kept and kept != standard else None

    def _rule(
        self,
        path: str,
        *,
        required: bool = False,
        not_used: bool = False,
        codes: frozenset[str] | None = None,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        """Add a rule if it asks for anything."""
        try:
            rule = GuideRule(parse(path), required, not_used, codes, minimum, maximum)
        except PathError as error:
            self.unsaid.append(f"{path}: {error}")
            return
        if rule.narrows:
            self.rules.append(rule)


def _head(spot: Spot) -> MapSegment | None:
    return spot.head if isinstance(spot, MapLoop) else spot


def _is_level(loop: MapLoop) -> bool:
    return loop.head is not None and loop.head.id == "HL"


def _qualifier(segment: SegmentDef) -> int:
    """Give the element that says which of several segments of one id it is, 0 where none does."""
    return next((pair.qualifier for pair in segment.pairs if not pair.many), 0)


def _codes_at(spot: Spot, at: int) -> tuple[str, ...]:
    head = _head(spot)
    return head.elements[at].codes if head is not None and at in head.elements else ()
