"""A transaction set being written: segments and loops that find their places in the set's tree by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from edi_engine.x12.grammar import LoopUse, SegmentDef, SegmentUse
from edi_engine.x12.path import Step
from edi_engine.x12.writer import COMPONENT

Use = SegmentUse | LoopUse
Cell = tuple[int, int]
"""An element's position and its component's, 0 where the element has none."""


@dataclass(frozen=True, slots=True)
class Later:
    """A number that is known only when all is written: how often a segment stands, or the sum of an element."""

    count: str | None = None
    total: Step | None = None


@dataclass(slots=True)
class Draft:
    """One segment being written. `path` is for people: an element's number is put behind it.

    `sourced`: a row with a source speaks of the segment; `given`: one of them gave a value. Qualifiers that the engine
    fills in count as neither.
    """

    segment: SegmentDef
    path: str = ""
    cells: dict[Cell, str | Later] = field(default_factory=dict)
    constants: set[Cell] = field(default_factory=set)
    sourced: bool = False
    given: bool = False
    rest: tuple[Cell, tuple[str, ...]] | None = None
    """How the text of a cell goes on: each further piece stands in a segment like this one behind it."""

    def going_on(self) -> Iterator[Draft]:
        """Give the segments in which the text of this one goes on."""
        cell, pieces = self.rest or ((0, 0), ())
        for piece in pieces:
            yield replace(self, cells={**self.cells, cell: piece}, constants=set(self.constants), rest=None)

    @property
    def alive(self) -> bool:
        """Whether the segment is written: a source gave a value, or it is made of constants alone."""
        return self.given or (not self.sourced and bool(self.constants))

    def settle(self) -> None:
        """Drop the constants that X12 ties to an absent value: half of a pair, or a condition without its rest."""
        changed = bool(self.constants)
        while changed:
            changed = False
            for condition in self.segment.conditions:
                if condition.kind not in {"P", "C", "L"}:
                    continue
                present = [position for position in condition.positions if self._has(position)]
                for position in self._loose(condition.kind, condition.positions, present):
                    for cell in [cell for cell in self.constants if cell[0] == position]:
                        self.constants.discard(cell)
                        self.cells.pop(cell, None)
                        changed = True

    def _has(self, position: int) -> bool:
        return any(cell[0] == position for cell in self.cells)

    @staticmethod
    def _loose(kind: str, positions: tuple[int, ...], present: list[int]) -> list[int]:
        """Give the positions whose constants must go for the condition to hold."""
        if not present or len(present) == len(positions):
            return []
        if kind == "P":
            return present
        first, *rest = positions
        if first not in present or (kind == "L" and any(position in present for position in rest)):
            return []
        return [first]

    def elements(self) -> tuple[str, ...]:
        """Give the segment's id and elements, trailing empty ones taken off."""
        last = max((position for position, _ in self.cells), default=0)
        texts = [""] * (last + 1)
        texts[0] = self.segment.id
        parts: dict[int, dict[int, str]] = {}
        for (position, number), text in self.cells.items():
            if isinstance(text, str):
                parts.setdefault(position, {})[number] = text
        for position, found in parts.items():
            texts[position] = _joined(found)
        return tuple(texts[: max(parts, default=0) + 1])


def _joined(parts: dict[int, str]) -> str:
    if 0 in parts or not parts:
        return parts.get(0, "")
    return COMPONENT.join(parts.get(number, "") for number in range(1, max(parts) + 1))


@dataclass(slots=True)
class OutLoop:
    """One occurrence of a loop (or one area of the set) being written. `head` is None for an area."""

    name: str
    children: tuple[Use, ...]
    head: Draft | None = None
    path: str = ""
    slots: dict[int, list[Draft | OutLoop]] = field(default_factory=dict)

    def find(self, segment_id: str) -> int | None:
        """Give which child has this name; None where none has."""
        for at, use in enumerate(self.children):  # asked for every row, so told without a generator
            if use.id == segment_id:
                return at
        return None

    def add(self, at: int, item: Draft | OutLoop) -> None:
        """Put a segment or loop in its place, after those that stand there already."""
        self.slots.setdefault(at, []).append(item)

    def open(self, at: int, use: LoopUse, path: str) -> OutLoop:
        """Begin another occurrence of the loop that is child `at`."""
        inner = OutLoop(use.id, use.children, Draft(use.head, f"{path}/{use.id}"), path)
        if inner.head is not None:
            inner.add(0, inner.head)
        self.add(at, inner)
        return inner

    def unfold(self) -> None:
        """Put the segments in which a text goes on behind those in which it begins."""
        for at, items in self.slots.items():
            found: list[Draft | OutLoop] = []
            for item in items:
                found.append(item)
                if isinstance(item, OutLoop):
                    item.unfold()
                    heads = item.head.going_on() if item.head is not None else ()
                    found.extend(OutLoop(item.name, item.children, head, item.path, {0: [head]}) for head in heads)
                elif item is not self.head:
                    found.extend(item.going_on())
            self.slots[at] = found

    def drafts(self) -> Iterator[Draft]:
        """Give the segments that are written, in the order of the tree."""
        for at in sorted(self.slots):
            for item in self.slots[at]:
                if isinstance(item, OutLoop):
                    yield from item.drafts()
                elif item.alive:
                    yield item

    def headless(self) -> Iterator[OutLoop]:
        """Give the loops in which something is written, but not the segment that opens them."""
        for items in self.slots.values():
            for item in items:
                if isinstance(item, OutLoop):
                    if item.head is not None and not item.head.alive and any(True for _ in item.drafts()):
                        yield item
                    yield from item.headless()
