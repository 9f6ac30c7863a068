"""The pen: runs the rows and blocks of a writing map over the things in hand."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.build import Draft, Later, OutLoop
from edi_engine.mapping.copying import Came, copy_loop, copy_segment
from edi_engine.mapping.here import loops, segments
from edi_engine.mapping.kept import KeptTrees
from edi_engine.mapping.language import CopyRow, Target, WriteBlock, WriteItem, WriteRow, WritingMap
from edi_engine.mapping.places import PlaceError, element_kind, knows, own_pair
from edi_engine.mapping.shape import pieces
from edi_engine.mapping.sources import Sources
from edi_engine.mapping.tables import Table
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import LoopUse, SegmentDef, SegmentUse
from edi_engine.x12.path import Step
from edi_engine.x12.values import Loop, Spoken

Things = tuple[object, ...]
_Key = tuple[str, str | None, int | None, str | None]


@dataclass(slots=True)
class Frame:
    """Where the rows of one block write: a loop, or with `draft` one segment of it. `drops` are pairs not wanted."""

    out: OutLoop
    path: str
    drops: tuple[Step, ...] = ()
    draft: Draft | None = None
    drafts: dict[_Key, Draft] = field(default_factory=dict)


class Pen(Sources):
    """Writes items into frames and gathers findings."""

    def __init__(self, mapping: WritingMap, tables: Map[str, Table], dictionary: Dictionary) -> None:
        """Take up a map."""
        super().__init__(mapping, tables, KeptTrees(dictionary))

    def items(self, items: tuple[WriteItem, ...], frame: Frame, things: Things) -> None:
        """Run the rows and blocks of one block."""
        for item in items:
            if isinstance(item, WriteRow):
                self._row(item, frame, things)
            elif isinstance(item, CopyRow):
                self._copy(item, frame, things)
            elif item.target.step.element is not None:
                self._pairs(item, frame, things)
            else:
                self._block(item, frame, things)

    def headless(self, loop: OutLoop) -> None:
        """Tell of a loop whose first segment has no value, though others in it have."""
        path = loop.path or loop.name
        message = f"{path} has segments inside, but nothing for {loop.name} itself, which must open it."
        self._hold("mapping.loop.headless", message, Position(set_id=self.mapping.set_id, path=path))

    def _row(self, row: WriteRow, frame: Frame, things: Things) -> None:
        step = row.target.step
        draft = self._draft(row.target, frame)
        if draft is None:
            if self._has_value(row, things):
                self._absent(row.target)
            return
        if row.constant is None:
            draft.sourced = True
        place = self._place(step, draft)
        if place is None:
            if self._has_value(row, things):
                self._full(row.target, draft)
            return
        qualifier, element = place
        value = self._text(row, draft, element, things)
        if value is None:
            return
        cell = (element, step.component or 0)
        split = row.shape.find("split")
        if split is not None and isinstance(value, str):
            value, *rest = pieces(value, split.number)
            draft.rest = (cell, tuple(rest))
        draft.cells[cell] = value
        if row.constant is None:
            draft.given = True
            draft.constants.discard(cell)
        else:
            draft.constants.add(cell)
        if qualifier and step.qualifier is not None:
            draft.cells.setdefault((qualifier, 0), step.qualifier)

    def _text(self, row: WriteRow, draft: Draft, element: int, things: Things) -> str | Later | None:
        try:
            kind, element_id = element_kind(draft.segment, element, row.target.step.component)
        except PlaceError:
            if self._has_value(row, things):
                self._absent(row.target)
            return None
        definition = draft.segment.elements[element - 1].element
        maximum = definition.maximum if definition.kind != "C" else 0

        def where() -> Position:
            return Position(
                set_id=self.mapping.set_id,
                segment_id=draft.segment.id,
                path=f"{draft.path}{element:02d}",
                element=element,
                component=row.target.step.component,
                element_id=element_id,
            )

        return self.value(row, things, kind, maximum, where)

    def _has_value(self, row: WriteRow, things: Things) -> bool:
        """Say whether a row that has no place to write in would have written something."""
        return self.value(row, things, "AN", 0, lambda: Position(path=row.target.text)) is not None

    def _draft(self, target: Target, frame: Frame) -> Draft | None:
        """Give the segment that a row writes into, a new one where the block has none such yet."""
        step = target.step
        if frame.draft is not None:
            return frame.draft
        at = frame.out.find(step.segment)
        if at is None:
            return None
        if at == 0 and frame.out.head is not None:
            return frame.out.head
        use = frame.out.children[at]
        segment = use.head if isinstance(use, LoopUse) else use.segment
        own = _owns(segment, step)
        key = (step.segment, step.qualifier if own else None, step.number, target.label)
        draft = frame.drafts.get(key)
        if draft is None:
            draft = frame.drafts[key] = self._new(frame, at)
        return draft

    def _new(self, frame: Frame, at: int) -> Draft:
        """Begin another segment, or another occurrence of the loop that it opens."""
        use = frame.out.children[at]
        number = len(frame.out.slots.get(at, ())) + 1
        before = f"{frame.path}/" if frame.path else ""
        if isinstance(use, LoopUse):
            head = frame.out.open(at, use, f"{before}{use.id}[{number}]" if use.maximum > 1 else before + use.id).head
            if head is not None:
                return head
        name = f"{use.id}[{number}]" if number > 1 else use.id
        draft = Draft(use.head if isinstance(use, LoopUse) else use.segment, before + name)
        frame.out.add(at, draft)
        return draft

    def _place(self, step: Step, draft: Draft) -> tuple[int, int] | None:
        """Give the positions of qualifier (0: none to fill) and value. None where every pair is taken."""
        segment = draft.segment
        if step.qualifier is None:
            return 0, step.element or 0
        own = own_pair(segment, step.qualifier)
        if step.element is not None:
            return (own.qualifier if own is not None else 0), step.element
        if own is not None and own.value:
            return own.qualifier, own.value
        for pair in segment.pairs:
            if not pair.many or not pair.value or not knows(segment, pair.qualifier, step.qualifier):
                continue
            taken = draft.cells.get((pair.qualifier, 0))
            if taken == step.qualifier or (taken is None and (pair.value, 0) not in draft.cells):
                return pair.qualifier, pair.value
        return None

    def _block(self, block: WriteBlock, frame: Frame, things: Things) -> None:
        step = block.target.step
        at = frame.out.find(step.segment) if frame.draft is None else None
        for inner in self.each(block.each, things):
            if not self.fits(block.where, inner):
                continue
            if at is None:
                self._absent(block.target)
                return
            use = frame.out.children[at]
            draft = self._new(frame, at)
            self._qualify(draft, step)
            if isinstance(use, LoopUse):
                made = frame.out.slots[at][-1]
                if isinstance(made, OutLoop):
                    self.items(block.items, Frame(made, made.path, block.drops), inner)
            else:
                self.items(block.items, Frame(frame.out, frame.path, block.drops, draft), inner)

    def _qualify(self, draft: Draft, step: Step) -> None:
        """Write the qualifier that a block's key names, such as BY in N1(BY)."""
        own = own_pair(draft.segment, step.qualifier) if step.qualifier is not None else None
        if own is not None and step.qualifier is not None:
            draft.cells[own.qualifier, 0] = step.qualifier

    def _pairs(self, block: WriteBlock, frame: Frame, things: Things) -> None:
        """Fill the pairs of a segment, one for each thing; a new segment where they are full or another row changes."""
        draft = self._draft(block.target, frame)
        if draft is None:
            if any(self.fits(block.where, inner) for inner in self.each(block.each, things)):
                self._absent(block.target)
            return
        draft.sourced = True
        many = [(pair.qualifier, pair.value) for pair in draft.segment.pairs if pair.many]
        start = next((at for at, pair in enumerate(many) if block.target.step.element in pair), None)
        if start is None:
            self._absent(block.target)
            return
        template, slots = many[start], many[start:]
        drops = {step.qualifier for step in frame.drops if step.segment == draft.segment.id}
        for inner in self.each(block.each, things):
            if not self.fits(block.where, inner):
                continue
            values = self._pair_values(block, draft, inner)
            qualifier, value = values.pop(template[0], None), values.pop(template[1], None)
            if value is None or qualifier in drops:
                continue
            free = self._free(draft, slots, values)
            if free is None and self._may_repeat(draft, frame):
                at = frame.out.find(draft.segment.id)
                draft = self._new(frame, at) if at is not None else draft
                draft.sourced = True
                free = self._free(draft, slots, values)
            if free is None:
                self._full(block.target, draft)
                return
            if qualifier is not None:
                draft.cells[free[0], 0] = qualifier
            draft.cells[free[1], 0] = value
            for element, text in values.items():
                draft.cells[element, 0] = text
            draft.given = True

    def _pair_values(self, block: WriteBlock, draft: Draft, things: Things) -> dict[int, str]:
        values: dict[int, str] = {}
        for row in block.items:
            element = row.target.step.element if isinstance(row, WriteRow) else None
            if element is None or not isinstance(row, WriteRow):
                continue
            text = self._text(row, draft, element, things)
            if isinstance(text, str):
                values[element] = text
        return values

    @staticmethod
    def _free(draft: Draft, slots: list[tuple[int, int]], others: dict[int, str]) -> tuple[int, int] | None:
        """Give the next free pair; None where there is none, or where another row would change the segment."""
        if any(draft.cells.get((element, 0), text) != text for element, text in others.items()):
            return None
        return next((pair for pair in slots if all((position, 0) not in draft.cells for position in pair)), None)

    @staticmethod
    def _may_repeat(draft: Draft, frame: Frame) -> bool:
        at = frame.out.find(draft.segment.id)
        use = frame.out.children[at] if at is not None else None
        return frame.draft is None and isinstance(use, SegmentUse) and use.maximum > 1 and draft is not frame.out.head

    def _copy(self, row: CopyRow, frame: Frame, things: Things) -> None:
        """Copy whole segments or loops as they came; what the set to be written does not hold is left out."""
        here = self.kept_at(row.source, things)
        at = frame.out.find(row.target.step.segment)
        if here is None or at is None or not self.fits(row.where, things):
            return
        use = frame.out.children[at]
        came = Came(here.delimiters, self.mapping.transforms)
        place = row.source.place
        found: list[Spoken | Loop] = []
        if place.loop and place.start <= 0:
            found.extend(inside.loop for inside in loops(place, here))
        else:
            found.extend(segment for segment, _ in segments(place, here))
        for item in found:
            spoken = item.head if isinstance(item, Loop) else item
            if isinstance(use, LoopUse):
                frame.out.add(at, copy_loop(item, use, came, frame.path))
            else:
                frame.out.add(at, copy_segment(spoken, use.segment, came, frame.path))

    def _absent(self, target: Target) -> None:
        message = f"There is no {target.text} here in the version to be written, and the map has a value for it."
        where = Position(set_id=self.mapping.set_id, segment_id=target.step.segment, path=target.text)
        self._hold("mapping.place.absent", message, where, str(target.mark))

    def _full(self, target: Target, draft: Draft) -> None:
        message = f"{draft.path} has no free pair for {target.text}: all places for another qualifier are taken."
        where = Position(set_id=self.mapping.set_id, segment_id=draft.segment.id, path=draft.path)
        fix = "send fewer product ids: choose them with where, or omit some"
        self._hold("mapping.pairs.full", message, where, str(target.mark), fix)

    def _hold(
        self, code: str, message: str, where: Position, source: str | None = None, fix: str | None = None
    ) -> None:
        self.findings.append(Finding(code, Severity.HOLD, message, where, fix=fix, source=source))


def _owns(segment: SegmentDef, step: Step) -> bool:
    """Say whether a key makes a segment of its own for its qualifier (REF(DP), N1(BY)04) and does not fill a pair."""
    own = own_pair(segment, step.qualifier) if step.qualifier is not None else None
    return own is not None and (bool(own.value) or step.element is not None)
