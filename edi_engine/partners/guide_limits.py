"""Whether a row of a guide stands within X12: it narrows the standard; what widens it is written down, as `allow:`.

A row that no document can satisfy is a problem. One that would let more in than X12 does has no effect, as the standard
refuses it all the same: a warning says so, and how to take it in spite of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from edi_engine.finding import Finding, Severity
from edi_engine.partners.form import Form
from edi_engine.text.yaml import Entry, Mapping, Mark
from edi_engine.x12.grammar import ElementDef, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef
from edi_engine.x12.guide import GuideRule
from edi_engine.x12.path import Step

Children = tuple[SegmentUse | LoopUse, ...]


def hold_against_x12(rows: Form, entry: Entry, rule: GuideRule, grammar: SetDef) -> None:
    """Tell where a row contradicts the set that it is about, or would widen it."""
    use = _place(rule.path.steps, tuple(child for _, area in grammar.areas() for child in area))
    if use is None:  # the place itself is wrong, and that is told already
        return
    last = rule.path.last
    segment = use.head if isinstance(use, LoopUse) else use.segment
    element = _element(segment, last)
    if rule.not_used and "missing" not in rule.allow:
        _not_used(rows, entry, grammar, segment, element, required=use.required and last.element is None)
    if element is not None and "length" not in rule.allow:
        block = entry.value if isinstance(entry.value, Mapping) else None
        _lengths(rows, entry, rule, element.element, block)


def _not_used(
    rows: Form, entry: Entry, grammar: SetDef, segment: SegmentDef, element: ElementUse | None, *, required: bool
) -> None:
    step = entry.key.value
    if element is not None and element.required:
        what = f"element {element.element.id} ({element.element.name}) is mandatory in {segment.id}"
    elif element is None and required and "(" not in step:
        what = f"{segment.id} ({segment.name}) is mandatory in the {grammar.id}"
    else:
        return
    message = f"{rows.named(step)} is not_used, but {what}: X12 refuses what this guide asks for"
    fix = "take the row out; where they really send without it, write {use: not_used, allow: [missing]}"
    rows.complain("partner.value.guide", entry.key.mark, message, fix=fix)


def _lengths(rows: Form, entry: Entry, rule: GuideRule, element: ElementDef, block: Mapping | None) -> None:
    has = f"X12 has element {element.id} ({element.name}) with {element.minimum} to {element.maximum} characters"
    named = rows.named(entry.key.value)
    allow = "add `allow: [length]` where they really send it so"
    if rule.minimum is not None and rule.minimum > element.maximum:
        message = f"{named} asks for at least {rule.minimum} characters, which can never be: {has}"
        rows.complain(
            "partner.value.guide", _mark(block, entry, "min"), message, fix=f"write a smaller number; {allow}"
        )
    elif rule.maximum is not None and rule.maximum < element.minimum:
        message = f"{named} asks for at most {rule.maximum} characters, which can never be: {has}"
        rows.complain(
            "partner.value.guide", _mark(block, entry, "max"), message, fix=f"write a greater number; {allow}"
        )
    else:
        for word, wider, number in (
            ("max", rule.maximum is not None and rule.maximum > element.maximum, rule.maximum),
            ("min", rule.minimum is not None and rule.minimum < element.minimum, rule.minimum),
        ):
            if wider:
                message = f"{named} takes {word} {number}, which has no effect: {has}, and refuses all else"
                where = _mark(block, entry, word).position
                fix = f"write what X12 has, or less; {allow}"
                rows.problems.append(Finding("partner.value.wider", Severity.WARNING, message, where, fix=fix))


def _mark(block: Mapping | None, entry: Entry, word: str) -> Mark:
    if block is None:
        return entry.key.mark
    node = block.get(word) or block.get("length")
    return entry.key.mark if node is None else node.mark


def _place(steps: tuple[Step, ...], children: Children) -> SegmentUse | LoopUse | None:
    """Give the segment or loop that a place names, from the top of the set."""
    for step in steps[:-1]:
        inside = next((one for one in _of_id(step.segment, children) if isinstance(one, LoopUse)), None)
        if inside is None:
            return None
        children = inside.children
    return next(_of_id(steps[-1].segment, children), None)


def _of_id(segment: str, children: Children) -> Iterator[SegmentUse | LoopUse]:
    return (one for one in children if (one.head.id if isinstance(one, LoopUse) else one.id) == segment)


def _element(segment: SegmentDef, step: Step) -> ElementUse | None:
    """Give the element or component that a step names, None where it names none that there is."""
    if step.element is None or step.element > len(segment.elements):
        return None
    use = segment.elements[step.element - 1]
    if step.component is None:
        return use
    parts = use.element.parts
    return parts[step.component - 1] if step.component <= len(parts) else None
