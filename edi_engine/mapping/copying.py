"""Copies what came into what is written, as far as the set to be written holds it."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.mapping.build import Draft, OutLoop
from edi_engine.mapping.language import Transform
from edi_engine.mapping.shape import change
from edi_engine.x12.grammar import LoopUse, SegmentDef
from edi_engine.x12.values import Delimiters, Loop, Spoken
from edi_engine.x12.writer import COMPONENT, REPETITION


@dataclass(frozen=True, slots=True)
class Came:
    """How what is copied was read, and what the map does to every text."""

    delimiters: Delimiters
    transforms: tuple[Transform, ...] = ()


def copy_segment(spoken: Spoken, segment: SegmentDef, came: Came, path: str) -> Draft:
    """Copy one segment, as far as it has elements here."""
    signs = came.delimiters
    draft = Draft(segment, f"{path}/{segment.id}" if path else segment.id, given=True, sourced=True)
    for position, use in enumerate(segment.elements, start=1):
        text = spoken.get(position).rstrip()
        if text.strip():
            if use.element.kind == "C":
                text = text.replace(signs.component, COMPONENT)
            if use.repeats and signs.repetition:
                text = text.replace(signs.repetition, REPETITION)
            draft.cells[position, 0] = change(text, came.transforms)
    return draft


def copy_loop(item: Spoken | Loop, use: LoopUse, came: Came, path: str) -> OutLoop:
    """Copy a loop (or a single segment that opens one here) with all that this loop holds."""
    head = item.head if isinstance(item, Loop) else item
    draft = copy_segment(head, use.head, came, path)
    out = OutLoop(use.id, use.children, draft, draft.path)
    out.add(0, draft)
    inner = item.children[1:] if isinstance(item, Loop) else []
    for child in inner:
        at = out.find(child.id)
        if not at:  # 0 is the head itself, None is not held here
            continue
        target = use.children[at]
        if isinstance(target, LoopUse):
            out.add(at, copy_loop(child, target, came, draft.path))
        else:
            spoken = child.head if isinstance(child, Loop) else child
            out.add(at, copy_segment(spoken, target.segment, came, draft.path))
    return out
