"""The check of a set whose segments all plainly stand in their places: only those in doubt are looked at again.

Where a doubtful segment stands (`PO1[7]/PID[2]`) follows from the ids of the segments before it, so that the loops need
not be built. What is found is word for word what `check_judge` would find.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from edi_engine.x12.check_guide import Item
from edi_engine.x12.check_tell import Place, Rules, Teller, path_of
from edi_engine.x12.compile_set import CompiledSet, Doubted
from edi_engine.x12.tree import Frame
from edi_engine.x12.tree_states import Node, Ring, rings_of
from edi_engine.x12.values import Delimiters, Loop, SetOutline, Spoken


class _Open(NamedTuple):
    """A loop that is open: its place in the grammar, the how-manieth it is, and which segment opened it."""

    ring: Ring
    number: int
    head: int


class Trail:
    """The way through a set from its ST; it leads forward only."""

    def __init__(
        self, compiled: CompiledSet, rules: Rules, delimiters: Delimiters, outline: SetOutline, segments: Sequence[str]
    ) -> None:
        """Stand before the ST."""
        self._heads = bool(rules.allows)  # nobody else asks for them
        self._element = delimiters.element
        self._outline = outline
        self._segments = segments
        self._start = self._moves = compiled.start
        self._open: list[tuple[Ring, int, int]] = [(compiled.states.root, 1, 0)]
        self._next = 0
        self._number = 0  # how many of the last segment stand in a row
        self._at, self._byte = 0, outline.start
        self._ending = len(delimiters.segment + delimiters.suffix)

    def place(self, at: int) -> Place:
        """Give the place of the `at`-th segment, counted from 0; it must not stand before one that was asked for."""
        self._go(at + 1)
        spoken = self.spoken(at)
        loops = [_Open(*each) for each in self._open[1:]]
        path = path_of(loops, spoken.id, self._number)
        heads = [(each.ring, self._elements(each.head)) for each in loops] if self._heads else ()
        return Place(spoken, "/".join([each.ring.id for each in loops]), path, heads)

    def place_of(self, one: Doubted) -> Place:
        """Give the place of a segment in doubt: the same, and quicker, for its loops were counted."""
        if self._heads:
            return self.place(one.at)
        rings = rings_of(one.node.ring)[1:]
        loops = [_Open(ring, number, -1) for ring, number in zip(rings, one.numbers, strict=False)]
        path = path_of(loops, one.node.id, one.numbers[-1])
        return Place(self.spoken(one.at), "/".join([ring.id for ring in rings]), path, ())

    def frames(self, stop: int) -> tuple[list[Frame], Node]:
        """Give the loops that are open before the `stop`-th segment, and the place of the segment before it."""
        moves, element = self._start, self._element
        nodes: list[Node] = []
        for segment in self._segments[:stop]:
            moves = moves[segment.partition(element)[0]][0]
            nodes.append(moves.node)
        last = nodes[-1]
        frames: list[Frame] = []
        nodes.reverse()
        for ring in rings_of(last.ring):
            if not frames:
                frame = Frame(ring, Loop(ring.id, ring.use, ring.area), 1)
            else:
                size = nodes.index(ring.head) + 1
                del nodes[size:]
                frame = Frame(ring, Loop(ring.id, ring.use, ring.area), frames[-1].counts[ring.at])
                head = stop - size
                frame.loop.children.append(Spoken(self._elements(head), head + 1))
                frames[-1].loop.children.append(frame.loop)
            for node, often in _often(nodes).items():
                if node.ring is ring:
                    frame.counts[node.at] = often
                elif node.opens and node.ring.parent is ring:
                    frame.counts[node.ring.at] = often
            frames.append(frame)
        return frames, last

    def start_of(self, at: int) -> int:
        """Give the byte at which the `at`-th segment begins."""
        here = self._at
        if at != here:
            first, then = (here, at) if at > here else (at, here)
            size = sum(map(len, self._segments[first:then])) + (then - first) * self._ending
            self._at, self._byte = at, self._byte + (size if at > here else -size)
        return self._byte

    def _elements(self, at: int) -> list[str]:
        return self._segments[at].split(self._element)

    def spoken(self, at: int) -> Spoken:
        """Give the `at`-th segment."""
        return Spoken(self._elements(at), at + 1, self._outline.number + at, self.start_of(at))

    def _go(self, end: int) -> None:
        """Go on to the `end`-th segment, counted from 1."""
        start, moves, opened, element = self._next, self._moves, self._open, self._element
        if start >= end:
            return
        node, inner, row = moves.node, opened[-1][0], self._number
        for at, segment in enumerate(self._segments[start:end], start):
            before = node
            moves = moves[segment.partition(element)[0]][0]
            node = moves.node
            if node.opens:
                inner, number, row = node.ring, 1, 1
                around = inner.parent
                while opened[-1][0] is not around:
                    last, count, _ = opened.pop()
                    number = count + 1 if last is inner else 1
                opened.append((inner, number, at))
            elif node is before:
                row += 1
            else:
                row = 1
                while inner is not node.ring:
                    opened.pop()
                    inner = opened[-1][0]
        self._number = row
        self._next, self._moves = end, moves


def _often(nodes: list[Node]) -> dict[Node, int]:
    """Count how often each is there; a Counter takes longer where there are few."""
    found: dict[Node, int] = {}
    for node in nodes:
        found[node] = found.get(node, 0) + 1
    return found


def tell_doubted(doubted: Sequence[Doubted], teller: Teller, trail: Trail) -> None:
    """Tell of all that is wrong with the segments in doubt."""
    for one in doubted:
        if teller.enough():
            return
        for fault in teller.rules.elements.faults(one.node.segment, one.elements, teller.delimiters):
            if teller.enough():
                return
            teller.element(fault, one.node, partial(trail.place_of, one))


def tell_guide(items: Sequence[Item], teller: Teller, trail: Trail) -> None:
    """Tell of all that is wrong by the partner's guide."""
    plan = teller.rules.plan
    if plan is not None:
        teller.of_guide(plan.faults(items, teller.delimiters.component), lambda item: item + 1, trail.place)
