"""Judges one set by a partner's guide: rules are aimed at places of the grammar once, then run over segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from edi_engine.x12.grammar import Pair, SegmentDef
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import Step
from edi_engine.x12.tree_states import Node, Ring, States

Item = tuple[Node, list[str]]
"""A segment that found its place, split into its id and elements."""


@dataclass(frozen=True, slots=True)
class GuideFault:
    """What a rule found. `item` is the segment it concerns, or the one that opened the loop in which something lacks.

    `word` is missing, not-used, code or length; `element` 0 means the segment as a whole.
    """

    rule: GuideRule
    word: str
    item: int
    element: int = 0
    component: int | None = None
    seen: str | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A loop that rules look into: those of its occurrences that open with `qualifier`, or the `number`-th of them."""

    ring: Ring
    qualifier: str | None = None
    number: int | None = None
    inner: dict[Ring, list[Scope]] = field(default_factory=dict)
    aims: dict[Node, list[Aim]] = field(default_factory=dict)
    required: list[GuideRule] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """A rule at one segment. `pairs` are those whose qualifier may be the one that the rule names.

    `each`: the rule asks every such segment for it. `closed`: all those qualifiers come from closed lists of codes, and
    several pairs stand side by side.
    """

    rule: GuideRule
    step: Step
    pairs: tuple[Pair, ...]
    each: bool
    closed: bool


@dataclass(slots=True, eq=False)
class _Occurrence:
    """A loop as it occurs: the item that opened it, the scopes that it falls under, what was found in it."""

    ring: Ring
    item: int
    scopes: list[Scope]
    met: set[int] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)


class GuidePlan:
    """A guide aimed at the places of one set. `unresolved` are the rules whose path names nothing in it, and why."""

    def __init__(self, guide: Guide, built: States) -> None:
        """Aim all rules that narrow."""
        self.root = Scope(built.root)
        self._lineage: dict[Node, frozenset[Ring]] = {}
        self._heads: set[Node] = set()
        unresolved: list[tuple[GuideRule, str]] = []
        for rule in guide.rules:
            reason = self._aim(rule)
            if reason:
                unresolved.append((rule, reason))
        self.unresolved = tuple(unresolved)
        self.idle = not self._lineage

    def _aim(self, rule: GuideRule) -> str | None:
        scopes = [self.root]
        *loops, last = rule.path.steps
        for step in loops:
            inner = [(scope, ring) for scope in scopes for ring in _rings(scope.ring, step.segment)]
            if not inner:
                return f"{step.segment} is no loop here"
            reason = _misfit(inner[0][1].segment, step)
            if reason:
                return reason
            scopes = [self._enter(scope, ring, step) for scope, ring in inner]
        aimed = False
        for scope in scopes:
            places = [child for child in scope.ring.children if child.id == last.segment]
            for place in places:
                reason = _misfit(place.segment, last)
                if reason:
                    return reason
                aimed = True
                if rule.narrows:
                    self._put(scope, place if isinstance(place, Node) else place.head, rule, last)
            if places and rule.required and last.element is None and not _each(places[0].segment, last):
                scope.required.append(rule)
                self._watch(scope.ring)
        return None if aimed else f"{last.segment} does not stand here"

    def _enter(self, scope: Scope, ring: Ring, step: Step) -> Scope:
        found = scope.inner.setdefault(ring, [])
        for inner in found:
            if (inner.qualifier, inner.number) == (step.qualifier, step.number):
                return inner
        inner = Scope(ring, step.qualifier, step.number)
        found.append(inner)
        self._watch(ring)
        return inner

    def _put(self, scope: Scope, node: Node, rule: GuideRule, last: Step) -> None:
        pairs = tuple(_pairs(node.segment, last))
        positions = [pair.qualifier for pair in pairs]
        side_by_side = positions == list(range(min(positions, default=0), max(positions, default=-2) + 1, 2))
        closed = side_by_side and all(node.segment.elements[at - 1].element.codes is not None for at in positions)
        scope.aims.setdefault(node, []).append(Aim(rule, last, pairs, _each(node.segment, last), closed))
        self._watch_node(node)

    def _watch(self, ring: Ring) -> None:
        if ring.parent is not None:
            self._heads.add(ring.head)
            self._watch_node(ring.head)

    def _watch_node(self, node: Node) -> None:
        lineage: list[Ring] = []
        ring: Ring | None = node.ring
        while ring is not None:
            lineage.append(ring)
            ring = ring.parent
        self._lineage[node] = frozenset(lineage)

    def watches(self, node: Node) -> bool:
        """Say whether any rule looks at the segments of a place; others may be left out of the items."""
        return node in self._lineage

    def faults(self, items: Iterable[Item], component: str) -> Iterator[GuideFault]:
        """Run all rules over the segments of a set. `component` is the separator of components."""
        found: list[GuideFault] = []
        open_loops = [_Occurrence(self.root.ring, 0, [self.root])]
        for index, (node, elements) in enumerate(items):
            lineage = self._lineage.get(node)
            if lineage is None:
                continue
            while open_loops[-1].ring not in lineage or (node.opens and open_loops[-1].ring is node.ring):
                _settle(open_loops.pop(), found)
            around = open_loops[-1]
            if around.ring is (node.ring.parent if node.opens else node.ring):
                _judge(around, node, elements, index, component, found)
                if node in self._heads:
                    inside = _Occurrence(node.ring, index, list(_entered(around, node, elements)))
                    open_loops.append(inside)
                    _judge(inside, node, elements, index, component, found)
            if found:
                yield from found
                found.clear()
        while open_loops:
            _settle(open_loops.pop(), found)
        yield from found


def _rings(ring: Ring, loop_id: str) -> list[Ring]:
    return [child for child in ring.children if isinstance(child, Ring) and child.id == loop_id]


def _misfit(segment: SegmentDef, step: Step) -> str | None:
    """Say why a step cannot be aimed at a segment, None if it can."""
    if step.element is not None and step.element > len(segment.elements):
        return f"{segment.id} has only {len(segment.elements)} elements"
    if step.qualifier is not None and not any(_pairs(segment, step)):
        return f"{step.qualifier} is no qualifier of {segment.id}"
    return None


def _pairs(segment: SegmentDef, step: Step) -> Iterator[Pair]:
    for pair in segment.pairs:
        codes = segment.elements[pair.qualifier - 1].element.codes
        if step.qualifier is not None and (codes is None or step.qualifier in codes):
            yield pair


def _each(segment: SegmentDef, step: Step) -> bool:
    """Say whether a qualifier picks one of several pairs, so that every such segment is asked for it."""
    pairs = list(_pairs(segment, step))
    return bool(pairs) and all(pair.many for pair in pairs)


def _entered(around: _Occurrence, node: Node, elements: list[str]) -> Iterator[Scope]:
    for scope in around.scopes:
        for inner in scope.inner.get(node.ring, ()):
            if inner.qualifier is not None and not matched(node.segment, inner.qualifier, elements):
                continue
            around.seen[id(inner)] = around.seen.get(id(inner), 0) + 1
            if inner.number in {None, around.seen[id(inner)]}:
                yield inner


def matched(segment: SegmentDef, qualifier: str, elements: list[str]) -> bool:
    """Say whether a segment carries a qualifier in one of its pairs."""
    return any(
        pair.qualifier < len(elements) and elements[pair.qualifier].strip() == qualifier for pair in segment.pairs
    )


def _settle(loop: _Occurrence, found: list[GuideFault]) -> None:
    for scope in loop.scopes:
        found += [GuideFault(rule, "missing", loop.item) for rule in scope.required if id(rule) not in loop.met]


def _judge(
    loop: _Occurrence, node: Node, elements: list[str], index: int, component: str, found: list[GuideFault]
) -> None:
    for scope in loop.scopes:
        for aim in scope.aims.get(node, ()):
            places = list(_places(aim, elements))
            if not places:
                if aim.each and aim.rule.required:
                    found.append(GuideFault(aim.rule, "missing", index, aim.pairs[0].value))
                continue
            loop.seen[id(aim)] = loop.seen.get(id(aim), 0) + 1
            if aim.step.number in {None, loop.seen[id(aim)]}:
                loop.met.add(id(aim.rule))
                for place in places:
                    found += _judged(aim, place, elements, index, component)


def _places(aim: Aim, elements: list[str]) -> Iterator[int]:
    """Give the elements that the rule is about in this segment (0: the segment itself), none if it is about others."""
    step = aim.step
    if step.qualifier is None:
        yield step.element or 0
        return
    for pair in aim.pairs:
        if pair.qualifier < len(elements) and elements[pair.qualifier].strip() == step.qualifier:
            yield step.element or pair.value
            if not pair.many:
                return


def _judged(aim: Aim, place: int, elements: list[str], index: int, component: str) -> Iterator[GuideFault]:
    rule, part = aim.rule, aim.step.component
    if rule.not_used and aim.step.element is None:
        yield GuideFault(rule, "not-used", index, place if aim.each else 0)
        return
    if not place:
        return
    value = elements[place] if place < len(elements) else ""
    if part is not None:
        pieces = value.split(component)
        value = pieces[part - 1] if part <= len(pieces) else ""
    value = value.strip()
    if not value:
        if rule.required:
            yield GuideFault(rule, "missing", index, place, part)
    elif rule.not_used:
        yield GuideFault(rule, "not-used", index, place, part, value)
    elif rule.codes is not None and value not in rule.codes:
        yield GuideFault(rule, "code", index, place, part, value)
    elif len(value) < (rule.minimum or 0) or (rule.maximum is not None and len(value) > rule.maximum):
        yield GuideFault(rule, "length", index, place, part, value)


def allowed(
    rule: GuideRule,
    loops: Sequence[tuple[Ring, list[str]]],
    segment: SegmentDef | str,
    elements: list[str],
    element: int,
) -> bool:
    """Say whether a rule speaks of this place: loops from outside with the segments that opened them, a segment, an
    element (0: the segment itself).
    """
    *outer, last = rule.path.steps
    segment_id = segment if isinstance(segment, str) else segment.id
    if last.segment != segment_id or last.element not in {None, element}:
        return False
    if last.qualifier is not None and (isinstance(segment, str) or not _qualifies(segment, last, elements, element)):
        return False
    around = [*loops]
    if around and len(outer) == len(around) - 1 and around[-1][0].id == segment_id:
        around.pop()  # PO104 and PO1/PO104 are one place
    if len(outer) != len(around):
        return False
    return all(
        step.segment == ring.id and (step.qualifier is None or matched(ring.segment, step.qualifier, head))
        for step, (ring, head) in zip(outer, around, strict=True)
    )


def _qualifies(segment: SegmentDef, step: Step, elements: list[str], element: int) -> bool:
    for pair in _pairs(segment, step):
        if pair.qualifier < len(elements) and elements[pair.qualifier].strip() == step.qualifier:
            if step.element is not None or not element or not pair.value:
                return True
            if element in {pair.qualifier, pair.value}:
                return True
    return False
