"""Writes a document as a transaction set through a loaded map: its body, without ST and SE. Pure."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.build import Draft, Later, OutLoop
from edi_engine.mapping.convert import plain, read_decimal, write_decimal
from edi_engine.mapping.language import WritingMap
from edi_engine.mapping.levels import Node, nest
from edi_engine.mapping.pen import Frame, Pen
from edi_engine.mapping.places import element_kind
from edi_engine.mapping.recount import recount
from edi_engine.mapping.tables import Table
from edi_engine.orders.decision import Answer
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.shipment import Shipment
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import LoopUse

Document = Answer | Shipment | Invoice
_HL: Final = {
    "shipment": "S", "order": "O", "tare": "T", "pack": "P", "subpack": "Q", "item": "I", "component": "F",
}  # fmt: skip
"""HL03 of each level."""


@dataclass(frozen=True, slots=True)
class Written:
    """The body of a set: each segment its id and elements, counts and HL numbers filled in, the parts of composites
    joined as x12.writer wants them.

    What any finding holds is not to be sent.
    """

    set_id: str
    segments: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]


def write(
    mapping: WritingMap,
    document: Document,
    tables: Map[str, Table],
    dictionary: Dictionary,
    version: str,
) -> Written:
    """Write `document` in `version` (a GS08: its first six characters choose the grammar).

    Never raises for bad data: what does not fit is a Finding (`mapping.*`) with the row that wrote it.
    """
    resolved = dictionary.resolve(version)
    grammar = dictionary.set(resolved, mapping.set_id) if resolved is not None else None
    if grammar is None:
        message = f"The dictionary has no {mapping.set_id} in version {version}, so none can be written."
        where = Position(set_id=mapping.set_id)
        return Written(
            mapping.set_id, (), (Finding("mapping.version.unknown", Severity.HOLD, message, where, version),)
        )
    pen = Pen(mapping, tables, dictionary)
    parts: list[OutLoop] = []
    for area, uses in grammar.areas():
        out = OutLoop(area, uses)
        parts.append(out)
        if area == "detail" and mapping.levels and isinstance(document, Shipment):
            _levels(pen, out, document)
        elif area in mapping.areas:
            pen.items(mapping.areas[area], Frame(out, "", mapping.drops[area]), (document,))
    for out in parts:
        out.unfold()
        for loop in out.headless():
            pen.headless(loop)
    drafts = [draft for out in parts for draft in out.drafts()]
    for draft in drafts:
        draft.settle()
    drafts = [draft for draft in drafts if draft.cells]
    for draft in drafts:
        _count(draft, drafts)
    if isinstance(document, Invoice):
        pen.findings.extend(recount(drafts, document))
    return Written(mapping.set_id, tuple(draft.elements() for draft in drafts), tuple(pen.findings))


def _levels(pen: Pen, out: OutLoop, shipment: Shipment) -> None:
    """Write the HL loops of a ship notice, parents before their children, numbered from 1."""
    at = next((at for at, use in enumerate(out.children) if isinstance(use, LoopUse)), None)
    use = out.children[at] if at is not None else None
    if at is None or not isinstance(use, LoopUse):
        return
    count = 0
    waiting: list[tuple[Node, int]] = [(node, 0) for node in reversed(nest(shipment, pen.mapping.levels, pen))]
    while waiting:
        node, parent = waiting.pop()
        count += 1
        path = f"HL[{count}]"
        loop = out.open(at, use, path)
        if loop.head is not None:
            loop.head.cells = {
                (1, 0): str(count),
                (3, 0): _HL[node.plan.level],
                (4, 0): "1" if node.children else "0",
            }
            if parent:
                loop.head.cells[2, 0] = str(parent)
            loop.head.given = loop.head.sourced = True
        pen.items(node.plan.items, Frame(loop, path, node.plan.drops), node.things)
        waiting.extend((child, count) for child in reversed(node.children))


def _count(draft: Draft, drafts: list[Draft]) -> None:
    """Fill in the counts and sums that were waiting for everything else."""
    for cell, text in list(draft.cells.items()):
        if not isinstance(text, Later):
            continue
        if text.count is not None:
            draft.cells[cell] = str(sum(1 for other in drafts if other.segment.id == text.count))
            continue
        total = _total(text, drafts)
        if total is None:
            del draft.cells[cell]
        else:
            kind, _ = element_kind(draft.segment, cell[0], cell[1] or None)
            draft.cells[cell] = write_decimal(total, kind) or plain(total)


def _total(later: Later, drafts: list[Draft]) -> Decimal | None:
    step = later.total
    if step is None or step.element is None:
        return None
    found: list[Decimal] = []
    for draft in drafts:
        text = draft.cells.get((step.element, step.component or 0))
        if draft.segment.id == step.segment and isinstance(text, str):
            kind, _ = element_kind(draft.segment, step.element, step.component)
            number = read_decimal(text, kind)
            if number is not None:
                found.append(number)
    return sum(found, Decimal(0)) if found else None
