"""What the standard says about one thing, drawn for people and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from edi_engine.app.lookup import CodeTopic, ElementTopic, PlaceTopic, SegmentTopic, SetTopic, Topic
from edi_engine.cli import terminal
from edi_engine.cli.table import table
from edi_engine.x12.check_words import size_of, with_article
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import UNBOUNDED, ElementDef, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef
from edi_engine.x12.grammar_words import kind_of, length_of, often, rules_of, spans

_NO_ARTICLE: Final = frozenset({"text", "binary"})
_MANY: Final = 24
"""Places that are named one by one; of more, only their segments are."""
_INDENT: Final = "  "


def drawn(topic: Topic, dictionary: Dictionary) -> Iterator[str]:
    """Give the lines that tell a topic."""
    match topic:
        case SetTopic():
            yield from _set(topic, dictionary)
        case SegmentTopic():
            yield from _segment(topic)
        case ElementTopic():
            yield f"{topic.element.id}  {topic.element.name}   (element, version {topic.version})"
            yield from _element(topic)
        case PlaceTopic():
            yield from _place(topic)
        case CodeTopic():
            yield from code_lines(topic, dictionary)


def _set(topic: SetTopic, dictionary: Dictionary) -> Iterator[str]:
    found = topic.set
    yield f"{found.id}  {found.name}   (set, version {topic.version}, in groups {found.group})"
    yield from _wrapped(f"We hold it in {spans(topic.versions, dictionary.versions())}.")
    yield "A loop is drawn by its first segment; what stands further right belongs to it and comes with it again."
    for area, children in found.areas():
        if children:
            rows = list(_rows(children, 1))
            size = max(len(name) for name, *_ in rows)
            yield ""
            yield area
            for name, must, most, words in rows:
                yield f"{name:<{size}}  {must:<4}  {most:<13}  {words}".rstrip()
    if topic.also is not None:
        yield ""
        told = f"{topic.also.id} is also the number of an element, {topic.also.name}"
        yield f"{told}: `edi dictionary show {topic.also.id} --element`."


def _rows(children: Iterable[SegmentUse | LoopUse], depth: int) -> Iterator[tuple[str, str, str, str]]:
    for child in children:
        loop = isinstance(child, LoopUse)
        segment = child.head if isinstance(child, LoopUse) else child.segment
        must = "must" if child.required else "may"
        yield _INDENT * depth + segment.id, must, often(child.maximum), f"{segment.name}{', a loop' if loop else ''}"
        if isinstance(child, LoopUse):
            yield from _rows(child.children[1:], depth + 1)


def _segment(topic: SegmentTopic) -> Iterator[str]:
    segment = topic.segment
    yield f"{segment.id}  {segment.name}   (segment, version {topic.version})"
    yield "An element must be there, may be left out, or follows the rules below."
    yield ""
    rows = [
        (
            f"  {segment.id}{at:02d}",
            use.element.id,
            use.element.name,
            _must(use),
            kind_of(use.element),
            length_of(use.element),
            "again" if use.repeats else "",
        )
        for at, use in enumerate(segment.elements, 1)
    ]
    yield table(("  place", "element", "", "", "holds", "length", "may repeat"), rows, right=frozenset({"element"}))
    rules = [*_rules(segment), *_pairs(segment)]
    if rules:
        yield ""
        yield "Rules:"
        yield from (line for rule in rules for line in _wrapped(f"{rule}.", "- "))
    yield ""
    used = (set_id if loops == ("",) else f"{set_id} ({_loops(loops)})" for set_id, loops in topic.used_in)
    yield from _wrapped(f"Used in {', '.join(used) or 'the envelopes'}.")


def _loops(loops: Iterable[str]) -> str:
    return ", ".join(f"in {loop}" if loop else "outside of loops" for loop in loops)


def _must(use: ElementUse) -> str:
    return "must" if use.required else "rule" if use.conditional else "may"


def _rules(segment: SegmentDef, position: int | None = None) -> Iterator[str]:
    """Give the conditions of a segment in words; with a `position` only those that name it."""
    named = [each for each in segment.conditions if position is None or position in each.positions]
    yield from map(_capital, rules_of(named, lambda at: f"{segment.id}{at:02d}"))


def _pairs(segment: SegmentDef, position: int | None = None) -> Iterator[str]:
    """Give the pairs of qualifier and value in words; with a `position` only those that name it."""
    told = [
        f"{segment.id}{pair.qualifier:02d} says what "
        + (f"{segment.id}{pair.value:02d} is" if pair.value else f"the {segment.id} is for")
        for pair in segment.pairs
        if position is None or position in {pair.qualifier, pair.value}
    ]
    if len(told) > 3:
        told = [*told[:2], f"and so on, up to {told[-1]}"]
        yield "; ".join(told)
    else:
        yield from told


def _place(topic: PlaceTopic) -> Iterator[str]:
    segment, element = topic.segment, topic.use.element
    of = f"element {element.id} in {segment.id}, {segment.name}, version {topic.topic.version}"
    yield f"{topic.name}  {element.name}   ({of})"
    whole = topic.component is None
    rules = [*_rules(segment, topic.position), *_pairs(segment, topic.position)] if whole else []
    if topic.use.required:
        told = "It must be there."
    elif topic.use.conditional and rules:
        told = "Whether it must be there depends on other elements."
    else:
        told = "It may be left out."
    yield told + (" It may be repeated." if topic.use.repeats else "")
    yield from (line for rule in rules for line in _wrapped(f"{rule}.", "- "))
    yield from _element(topic.topic)


def _element(topic: ElementTopic) -> Iterator[str]:
    element = topic.element
    if element.parts:
        yield f"It is made of {len(element.parts)} parts, with the component separator between them:"
        rows = [
            (
                f"  -{at}",
                part.element.id,
                part.element.name,
                _must(part),
                kind_of(part.element),
                length_of(part.element),
            )
            for at, part in enumerate(element.parts, 1)
        ]
        yield table(("  part", "element", "", "", "holds", "length"), rows, right=frozenset({"element"}))
        for rule in rules_of(element.conditions, lambda at: f"-{at}"):
            yield from _wrapped(f"{_capital(rule)}.", "- ")
    else:
        closed = f", one of {len(topic.codes):,}" if topic.codes else ""
        kind = kind_of(element)
        yield f"It holds {kind if kind in _NO_ARTICLE else with_article(kind)}, {size_of(element)}{closed}."
    segments = dict.fromkeys(place[: -2 if "-" not in place else place.index("-") - 2] for place in topic.places)
    short = f"{len(topic.places)} places in {', '.join(segments)}"
    yield from _wrapped(f"It stands in {', '.join(topic.places) if len(topic.places) <= _MANY else short}.")
    yield from _codes(topic)


def _codes(topic: ElementTopic) -> Iterator[str]:
    known = [(f"  {code}", meaning) for code, meaning in topic.codes if meaning is not None]
    others = [code for code, meaning in topic.codes if meaning is None]
    if known:
        yield ""
        yield table(("  code", "means"), known)
    if others:
        yield ""
        yield from _wrapped(f"{'Also valid' if known else 'Valid'}, without words of ours: {' '.join(others)}")


def code_lines(topic: CodeTopic, dictionary: Dictionary) -> Iterator[str]:
    """Give the lines that tell a code."""
    place = topic.place if topic.place == topic.element.id else f"{topic.place}, element {topic.element.id}"
    yield f"{topic.code}  {topic.meaning or '(no words of ours)'}   (code of {place}, {topic.element.name})"
    if topic.versions is None:
        yield "X12 has no closed list for this element: any value of its kind and length is valid."
        return
    yield from _wrapped(f"Valid in {spans(topic.versions, dictionary.versions())}.")
    if topic.version not in topic.versions:
        yield f"It is not valid in {topic.version}."


def _wrapped(text: str, bullet: str = "") -> list[str]:
    gap = " " * len(bullet)
    return textwrap.wrap(text, terminal.width(), initial_indent=bullet, subsequent_indent=gap, break_on_hyphens=False)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def content(topic: Topic) -> dict[str, object]:
    """Give a topic for `--json`."""
    match topic:
        case SetTopic():
            areas = {area: [_child(child) for child in children] for area, children in topic.set.areas()}
            return {
                **_headed("set", topic.version, topic.set),
                "group": topic.set.group,
                "versions": topic.versions,
                **areas,
            }
        case SegmentTopic():
            segment = topic.segment
            return {
                **_headed("segment", topic.version, segment),
                "elements": [_use(f"{segment.id}{at:02d}", use) for at, use in enumerate(segment.elements, 1)],
                "rules": list(_rules(segment)),
                "pairs": segment.pairs,
                "used_in": [{"set": set_id, "loops": loops} for set_id, loops in topic.used_in],
            }
        case ElementTopic():
            return {**_headed("element", topic.version, topic.element), **_described(topic)}
        case PlaceTopic():
            return {
                **_headed("place", topic.topic.version, topic.use.element),
                **_use(topic.name, topic.use),
                "rules": list(_rules(topic.segment, topic.position)) if topic.component is None else [],
                **_described(topic.topic),
            }
        case CodeTopic():
            return {
                **_headed("code", topic.version, topic.element),
                "place": topic.place,
                "code": topic.code,
                "meaning": topic.meaning,
                "versions": topic.versions,
            }


def _headed(kind: str, version: str, found: SetDef | SegmentDef | ElementDef) -> dict[str, object]:
    return {"kind": kind, "version": version, "id": found.id, "name": found.name}


def _described(topic: ElementTopic) -> dict[str, object]:
    element = topic.element
    return {
        "type": element.kind,
        "minimum": None if element.parts else element.minimum,
        "maximum": None if element.parts else element.maximum,
        "parts": [_use(f"-{at}", part) for at, part in enumerate(element.parts, 1)],
        "places": topic.places,
        "codes": dict(topic.codes) if element.codes is not None else None,
    }


def _use(place: str, use: ElementUse) -> dict[str, object]:
    marks = {"required": use.required, "conditional": use.conditional, "repeats": use.repeats}
    return {"place": place, "element": use.element.id, "name": use.element.name, **marks}


def _child(child: SegmentUse | LoopUse) -> dict[str, object]:
    segment = child.head if isinstance(child, LoopUse) else child.segment
    most = None if child.maximum >= UNBOUNDED else child.maximum
    told: dict[str, object] = {"segment": segment.id, "name": segment.name, "required": child.required, "maximum": most}
    if isinstance(child, LoopUse):
        told["loop"] = [_child(inner) for inner in child.children[1:]]
    return told
