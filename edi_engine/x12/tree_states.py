"""The grammar of a set as states: after a segment, which segments may follow, and what that opens, closes and skips.

A state is a segment in its place. Steps are worked out when they are first asked for, and kept. Where an id can stand
at several places, the rule is: the first in the nearest loop wins; a later one is taken only when that one is full,
or when what follows stands without a fault only there (`tree_forks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from edi_engine.x12.grammar import LoopUse, SegmentDef, SegmentUse, SetDef


@dataclass(slots=True, eq=False)
class Ring:
    """A loop in its place. The set itself is the outermost ring: it has no use and no parent."""

    id: str
    use: LoopUse | None
    area: str
    parent: Ring | None
    at: int
    depth: int
    children: list[Node | Ring] = field(default_factory=list)
    inside: dict[str, Node | Ring] = field(default_factory=dict)
    """The first child of each id, but for the segment that opens the loop."""

    @property
    def required(self) -> bool:
        """Say whether its parent must hold it."""
        return self.use is not None and self.use.required

    @property
    def maximum(self) -> int:
        """How often its parent may hold it."""
        return 1 if self.use is None else self.use.maximum

    @property
    def segment(self) -> SegmentDef:
        """The segment that opens it."""
        return self.head.segment

    @property
    def head(self) -> Node:
        """The place of the segment that opens it."""
        first = self.children[0]
        return first if isinstance(first, Node) else first.head

    def loops(self) -> tuple[str, ...]:
        """Give the ids of the loops around and the loop itself, from outside; none for the set."""
        return () if self.parent is None else (*self.parent.loops(), self.id)


def rings_of(ring: Ring) -> tuple[Ring, ...]:
    """Give the set and the loops inside it down to one, from outside."""
    return (ring,) if ring.parent is None else (*rings_of(ring.parent), ring)


@dataclass(slots=True, eq=False)
class Node:
    """A segment in its place: the `at`-th child of its ring. `steps` keeps what may follow, by segment id."""

    id: str
    use: SegmentUse
    ring: Ring
    area: str
    at: int
    steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    openings: dict[str, tuple[tuple[Step, Ring], ...]] = field(default_factory=dict)
    """Keeps which loops may open behind it that begin with a segment of an id (`tree_lost`)."""
    segment: SegmentDef = field(init=False)
    """The segment itself."""
    required: bool = field(init=False)
    """Says whether its ring must hold it."""
    maximum: int = field(init=False)
    """How often its ring may hold it."""
    opens: bool = field(init=False)
    """Says whether it opens a loop."""
    place: str = field(init=False)
    """Its loops and its id, without qualifiers, such as `PO1/N1/N3`."""

    def __post_init__(self) -> None:
        """Work out once what is asked for with each segment."""
        self.segment, self.required, self.maximum = self.use.segment, self.use.required, self.use.maximum
        self.opens = self.at == 0 and self.ring.parent is not None
        self.place = "/".join((*self.ring.loops(), self.id))

    def follow(self, segment_id: str) -> tuple[Step, ...]:
        """Give the places where a segment of the set may stand after this one, the best first.

        To be asked only for ids of the set's vocabulary: the answers are kept, and a file could name any number.
        """
        found = self.steps.get(segment_id)
        if found is None:
            found = self.steps[segment_id] = _with_rivals(list(_follow(self, segment_id)))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Going on to `node`: close `up` loops, count child `at` of the ring then on top, and open a loop if `ring` is one.

    `skipped` are mandatory children passed over, each as (loops closed before it, its place in that ring). `again`
    says that this same segment or loop stood there before.
    """

    node: Node
    up: int
    at: int
    limit: int
    ring: Ring | None
    skipped: tuple[tuple[int, int], ...]
    again: bool
    rivals: tuple[Step, ...] = ()
    """Other places that the same segment can stand at as well, with nothing mandatory passed over: a fork."""


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """A whole set as states. `start` stands before its ST. `vocabulary` gives the first place of each segment id.

    `heads` are the ids that open loops. `blurred` gives the ids that a text may stand for: each as it is, and with any
    one letter left out.
    """

    set_def: SetDef
    root: Ring
    start: Node
    nodes: tuple[Node, ...]
    vocabulary: dict[str, Node]
    heads: tuple[str, ...]
    blurred: dict[str, list[str]]


_MOST: Final = 64
_kept: Final[dict[int, States]] = {}


def states(set_def: SetDef) -> States:
    """Give the states of a set; they are built once for each SetDef object."""
    kept = _kept.get(id(set_def))
    if kept is None or kept.set_def is not set_def:  # an id is used again once its object is gone
        if len(_kept) >= _MOST:
            _kept.clear()
        kept = _kept[id(set_def)] = _build(set_def)
    return kept


def _build(set_def: SetDef) -> States:
    root = Ring(set_def.id, None, "", None, 0, 0)
    nodes: list[Node] = []
    for area, children in set_def.areas():
        _fill(root, children, area, nodes)
    start = Node("", SegmentUse(SegmentDef("", "", ()), required=False, maximum=1), root, "", -1)
    vocabulary = {node.id: node for node in reversed(nodes)}
    heads = tuple(dict.fromkeys(node.id for node in nodes if node.opens))
    blurred: dict[str, list[str]] = {}
    for segment_id in dict.fromkeys(node.id for node in nodes):
        for blur in blurs(segment_id):
            blurred.setdefault(blur, []).append(segment_id)
    return States(set_def, root, start, tuple(nodes), vocabulary, heads, blurred)


def blurs(segment_id: str) -> set[str]:
    """Give an id as it is, and with any one letter left out: ids that differ by one slip share one of these."""
    return {segment_id, *(segment_id[:at] + segment_id[at + 1 :] for at in range(len(segment_id)))}


def _fill(ring: Ring, children: tuple[SegmentUse | LoopUse, ...], area: str, nodes: list[Node]) -> None:
    for use in children:
        at = len(ring.children)
        if isinstance(use, LoopUse):
            inner = Ring(use.id, use, area, ring, at, ring.depth + 1)
            ring.children.append(inner)
            _fill(inner, use.children, area, nodes)
        else:
            node = Node(use.id, use, ring, area, at)
            ring.children.append(node)
            nodes.append(node)
        if at or ring.parent is None:
            ring.inside.setdefault(use.id, ring.children[at])


def _follow(node: Node, segment_id: str) -> Iterator[Step]:
    if node.at >= 0 and node.id == segment_id and not node.opens:
        yield Step(node, 0, node.at, node.maximum, None, (), again=True)
    ring, at, up = node.ring, node.at, 0
    skipped: list[tuple[int, int]] = []
    while True:
        for child in ring.children[at + 1 :]:
            if child.id == segment_id:
                yield _step(child, up, tuple(skipped), again=False)
            if child.required:
                skipped.append((up, child.at))
        if ring.parent is None:
            return
        at, up = ring.at, up + 1
        if ring.id == segment_id:
            yield _step(ring, up, tuple(skipped), again=True)
        ring = ring.parent


def _with_rivals(steps: list[Step]) -> tuple[Step, ...]:
    """Tell each step that skips nothing of the later ones that skip nothing either and lead elsewhere."""
    for at, step in enumerate(steps[:-1]):
        rivals = tuple(one for one in steps[at + 1 :] if not one.skipped and one.node is not step.node)
        if rivals and not step.skipped:
            steps[at] = replace(step, rivals=rivals)
    return tuple(steps)


def _step(child: Node | Ring, up: int, skipped: tuple[tuple[int, int], ...], *, again: bool) -> Step:
    if isinstance(child, Ring):
        return Step(child.head, up, child.at, child.maximum, child, skipped, again)
    return Step(child, up, child.at, child.maximum, None, skipped, again)
