"""A whole set compiled: the fast pass over a set that is most likely faultless.

It follows the states of the grammar and calls the compiled function of each segment. It never explains: it says which
segments must be looked at again, and it stops where one does not plainly stand in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from operator import length_hint
from typing import NamedTuple

from edi_engine.x12.check_guide import Item
from edi_engine.x12.compile import Doubt, compile_segments
from edi_engine.x12.cut import Cut, cut, is_odd
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import SetDef
from edi_engine.x12.tree_states import Node, States, rings_of, states
from edi_engine.x12.values import Delimiters


class Doubted(NamedTuple):
    """A segment in its place that may be faulty: the `at`-th of its set, counted from 0.

    `numbers` say the how-manieth each of the loops around it is, from outside, and the how-manieth it is itself.
    """

    at: int
    node: Node
    elements: list[str]
    numbers: list[int]


class Since(NamedTuple):
    """Where the fast pass goes on: before the `at`-th segment, counted from 0, in a state, with what was counted."""

    at: int
    moves: Moves
    counts: list[int]


class Passed(NamedTuple):
    """How far the fast pass came: the segments before the `stop`-th (from 0; None: all of them) stand in their places.

    Of these, the `doubted` ones must be looked at again, and no other.
    """

    doubted: list[Doubted]
    stop: int | None


Move = tuple["Moves", Doubt, int, bool]
"""Where a segment leads, its function, the counter it moves (-1 for none), and whether it starts that counter anew."""


class Moves(dict[str, Move]):
    """The moves from one state by segment id, worked out when they are first asked for."""

    __slots__ = ("compiled", "node", "slots")

    def __init__(self, compiled: CompiledSet, node: Node) -> None:
        """Know no move yet."""
        super().__init__()
        self.compiled = compiled
        self.node = node
        self.slots = compiled.slots_of(node)

    def __missing__(self, segment_id: str) -> Move:
        """Work out a move; ids of no segment of the set are not kept, as a hostile file could name any number."""
        move = self.compiled.move(self, segment_id)
        if segment_id in self.compiled.states.vocabulary:
            self[segment_id] = move
        return move


class CompiledSet:
    """The states of a set together with the compiled functions of its segments."""

    def __init__(self, built: States, functions: dict[str, Doubt]) -> None:
        """Stand ready; moves are worked out by use."""
        self.states = built
        self.functions = functions
        self._moves: dict[Node, Moves] = {}
        limits = {node: node.ring.maximum if node.opens else node.maximum for node in built.nodes}
        counted = [node for node, limit in limits.items() if limit > 1]
        self._slots = {node: slot for slot, node in enumerate(counted)}
        self._limits = [limits[node] for node in counted]
        self.start = self._from(built.start)
        self._has_levels = "HL" in built.vocabulary
        self._forked = False  # whether a set of this kind ever held a segment that could be meant in two ways
        self._end = next(node for node in reversed(built.nodes) if node.id == "SE")

    def walk(self, text: str, delimiters: Delimiters) -> list[Item] | None:
        """Give the segments of a faultless set with their places, None where it must be looked at closely."""
        items: list[Item] = []
        pieces = cut(text, delimiters)
        return items if pieces is not None and self.passes(pieces, delimiters, items) == ([], None) else None

    def passes(
        self, pieces: Cut, delimiters: Delimiters, items: list[Item] | None, since: Since | None = None
    ) -> Passed:
        """Say how far a set is plainly right. `items`, where given, is filled with its segments and their places.

        With `since` only what comes after the segments that are judged already is looked at; not for a set that has
        levels.
        """
        segments, element, odd = pieces.segments, delimiters.element, not pieces.plain
        limits, counts, moves = self._limits, [0] * len(self._limits), self.start
        size = len(segments)
        rest: Iterator[str] | Iterator[int]
        left = rest = iter(segments)
        if since is not None:
            start, moves, counts = since
            rest = iter(range(start, size))  # no copy of the rest: a bad set goes on again and again
            left = map(segments.__getitem__, rest)
        found: list[Doubted] = []
        stop: int | None = None
        for segment in left:
            elements = segment.split(element)
            moves, doubt, slot, anew = moves[elements[0]]
            if slot >= 0:
                counts[slot] = 1 if anew else counts[slot] + 1
                if counts[slot] > limits[slot]:
                    doubt = _lost
            if doubt(elements) or (odd and is_odd(segment, delimiters)):
                at = size - 1 - length_hint(rest)
                if doubt is _lost:
                    stop = at
                    break
                numbers = [counts[slot] if slot >= 0 else 1 for slot in moves.slots]
                found.append(Doubted(at, moves.node, elements, numbers))
            if items is not None:
                items.append((moves.node, elements))
        else:
            if moves.node is not self._end:
                stop = size
        if self._has_levels and (stop is not None or not _levels_stand(segments, element)):
            return Passed([], 0)
        if stop is not None and self._forked:
            return Passed([], 0)
        return Passed(found, stop)

    def move(self, moves: Moves, segment_id: str) -> Move:
        """Work out where a segment leads from a state; one that leads nowhere without a fault is doubted."""
        steps = moves.node.follow(segment_id) if segment_id in self.states.vocabulary else ()
        step = next((step for step in steps if not (step.again and step.limit == 1)), None)
        if step is None or step.skipped or segment_id == "LE":  # whether LE fits its LS is for the slow check
            return moves, _lost, -1, False
        self._forked = self._forked or bool(step.rivals)
        slot = self._slots.get(step.node, -1)
        return self._from(step.node), self.functions[segment_id], slot, not step.again

    def slots_of(self, node: Node) -> tuple[int, ...]:
        """Give the counters of the loops around a place, from outside, and of the place itself; -1 for none."""
        own = -1 if node.opens else self._slots.get(node, -1)
        rings = list(rings_of(node.ring))
        return (*(self._slots.get(ring.head, -1) for ring in rings[1:]), own)

    def since(self, at: int, node: Node, numbers: Sequence[int]) -> Since:
        """Go on before the `at`-th segment, after one that stands at `node`; `numbers` as a Doubted has them."""
        moves, counts = self._from(node), [0] * len(self._limits)
        for slot, number in zip(moves.slots, numbers, strict=True):
            if slot >= 0:
                counts[slot] = number
        return Since(at, moves, counts)

    def _from(self, node: Node) -> Moves:
        found = self._moves.get(node)
        return found if found is not None else self._moves.setdefault(node, Moves(self, node))


def _levels_stand(pieces: list[str], element: str) -> bool:
    """Say whether each HL of a set has a number of its own, names an earlier one as its parent, or none, and whether
    those that say that others hang below them (HL04 1), or that none do (0), are right.
    """
    says: dict[str, str] = {}
    parents: set[str] = set()
    for piece in pieces:
        if piece.startswith("HL"):
            _, number, parent, _, child = (*piece.split(element), "", "", "", "")[:5]
            if number in says or (parent and says.get(parent, "0") == "0"):
                return False
            says[number] = child
            parents.add(parent)
    return "1" not in says.values() or all(number in parents for number, child in says.items() if child == "1")


def _lost(_elements: list[str]) -> bool:
    return True


def compile_set(dictionary: Dictionary, set_def: SetDef, cache: MutableMapping[str, bytes]) -> CompiledSet:
    """Compile a set, or take its code from `cache`. Damaged entries of the cache count as absent."""
    built = states(set_def)
    segments = (node.segment for node in built.nodes)
    name = f"{set_def.version} {set_def.id}"
    return CompiledSet(built, compile_segments(segments, dictionary.edition(set_def.version, set_def.id), name, cache))
