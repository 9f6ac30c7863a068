"""How the body of a document is laid out for its partner, and what of it would be read as laid out in another way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import SegmentDef
from edi_engine.x12.style import Style
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import named, quoted
from edi_engine.x12.writer import COMPONENT, REPETITION, Envelope

Body = Sequence[Sequence[str]]


def faithful(style: Style) -> Style:
    """Give the style of what answers their sets: it repeats their own letters and numbers, so it changes none."""
    return replace(style, replace={}, basic=False)


def laid_out(dictionary: Dictionary, envelope: Envelope, body: Body) -> Body:
    """Give the body as it is written: for who wants nothing trimmed, with all elements that its version has."""
    if envelope.style.trim:
        return body
    return [_whole(segment, _definition(dictionary, envelope, segment)) for segment in body]


def _whole(segment: Sequence[str], definition: SegmentDef | None) -> Sequence[str]:
    size = len(definition.elements) + 1 if definition is not None else 0
    return (*segment, *[""] * (size - len(segment)))


def misplaced(dictionary: Dictionary, envelope: Envelope, set_id: str, body: Body) -> tuple[Finding, ...]:
    """Find values that hold the sign of a separator where none belongs, such as one pasted into a text."""
    faults: list[Finding] = []
    for in_set, segment in enumerate(body, 2):
        if not any(COMPONENT in text or REPETITION in text for text in segment):
            continue
        definition = _definition(dictionary, envelope, segment)
        uses = definition.elements if definition is not None else ()
        for n, (text, use) in enumerate(zip(segment[1:], uses, strict=False), 1):
            parted = COMPONENT in text and use.element.kind != "C"
            if parted or (REPETITION in text and not use.repeats):
                path = f"{segment[0]}{n:02d}"
                where = Position(set_id=set_id, in_set=in_set, segment_id=segment[0], path=path, element=n)
                sign = named(COMPONENT if parted else REPETITION)
                message = f"{path} {quoted(text)} holds a control character ({sign})."
                fix = "correct the value where it comes from"
                faults.append(Finding("document.character", Severity.HOLD, message, where, text, fix=fix))
    return tuple(faults)


def body_text(body: Sequence[Sequence[str]], marks: Delimiters) -> tuple[str, ...]:
    """Show the body of a set, one segment a line, in these delimiters; an end that is a line's own is not shown."""
    repetition, end = marks.repetition or REPETITION, marks.segment if marks.segment.isprintable() else ""
    lines = (marks.element.join(segment).rstrip(marks.element) + end for segment in body)
    return tuple(line.replace(COMPONENT, marks.component).replace(REPETITION, repetition) for line in lines)


def _definition(dictionary: Dictionary, envelope: Envelope, segment: Sequence[str]) -> SegmentDef | None:
    version = dictionary.resolve(envelope.version)
    return dictionary.segment(version, segment[0]) if version is not None and segment else None
