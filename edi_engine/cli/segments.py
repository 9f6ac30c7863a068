"""A file as its segments, each with its depth in loops and the names of its elements and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import ElementDef, ElementUse, SegmentDef
from edi_engine.x12.reader import split, spoken
from edi_engine.x12.tree import parse
from edi_engine.x12.unpack import padding
from edi_engine.x12.values import Delimiters, GroupOutline, InterchangeOutline, Loop, Outline, SetOutline, Spoken

_DATE: Final = re.compile(r"([0-9]{2}|[0-9]{4})([0-9]{2})([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})?[0-9]{0,2}")
_IMPLIED: Final = re.compile(r"(-?)([0-9]+)")
_CENTURY: Final = 70
"""Years of two digits from here on are of the 20th century."""
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a segment. `place` such as PO103 or PO103-2, `meaning` what its code, date or amount says."""

    place: str
    element_id: str | None
    name: str | None
    value: str
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. `depth` counts the envelopes and loops around it, `text` is it as it stands, without terminator."""

    number: int
    byte: int
    depth: int
    id: str
    name: str | None
    text: str
    elements: tuple[Element, ...]


def segments(data: bytes, outline: Outline, dictionary: Dictionary) -> Iterator[Segment]:
    """Give all segments of a file in order, the envelopes among them."""
    for interchange in outline.interchanges:
        depths = dict(_depths(data, interchange, dictionary))
        versions = _versions(interchange, dictionary)
        outer = dictionary.resolve(f"{interchange.version}0") or dictionary.versions()[-1]
        text = data[interchange.start : interchange.end].decode("latin-1")
        for number, byte, body in _pieces(text, interchange):
            version = next((name for start, end, name in versions if start <= byte < end), outer)
            elements = body.split(interchange.delimiters.element)
            depth = depths.get(byte, _ENVELOPE_DEPTHS.get(elements[0], 1))
            yield _named(number, byte, depth, elements, body, interchange.delimiters, dictionary, version)


_ENVELOPE_DEPTHS: Final = {"ISA": 0, "IEA": 0, "TA1": 1, "GS": 1, "GE": 1, "ST": 2, "SE": 2}


def _pieces(text: str, interchange: InterchangeOutline) -> Iterator[tuple[int, int, str]]:
    """Give the segments of an interchange with their numbers and bytes."""
    noise = padding(interchange.delimiters)
    at, number = interchange.start, interchange.number
    for piece in text.split(interchange.delimiters.segment):
        body = piece.lstrip(noise)
        if body:
            yield (
                number,
                at + len(piece) - len(body),
                _ended(body, interchange.delimiters),
            )
            number += 1
        at += len(piece) + 1


def _ended(body: str, delimiters: Delimiters) -> str:
    return body.rstrip("\r") if delimiters.segment == "\n" else body


def _versions(interchange: InterchangeOutline, dictionary: Dictionary) -> list[tuple[int, int, str]]:
    found = ((group.start, group.end, dictionary.resolve(group.version)) for group in interchange.groups)
    return [(start, end, version) for start, end, version in found if version is not None]


def _depths(data: bytes, interchange: InterchangeOutline, dictionary: Dictionary) -> Iterator[tuple[int, int]]:
    for group in interchange.groups:
        for found in group.sets:
            tree = _tree(data, found, group, interchange.delimiters, dictionary)
            if tree is None:
                inner = spoken(data, found, interchange.delimiters)
                yield from ((one.byte, 2 if one.id in {"ST", "SE"} else 3) for one in inner)
            else:
                yield from _walk(tree, 2)


def _tree(
    data: bytes, found: SetOutline, group: GroupOutline, delimiters: Delimiters, dictionary: Dictionary
) -> Loop | None:
    version = dictionary.resolve(group.version)
    standard = dictionary.set(version, found.set_id) if version is not None else None
    if standard is None:
        return None
    return parse(data[found.start : found.end].decode("latin-1"), delimiters, standard, found)


def _walk(tree: Loop, depth: int) -> Iterator[tuple[int, int]]:
    """Give the depth of each segment by its byte; loops of HL stand below their parents, as HL02 says."""
    levels: dict[str, int] = {}
    stack: list[tuple[Spoken | Loop, int]] = [(child, depth + 1) for child in reversed(tree.children)]
    while stack:
        item, inside = stack.pop()
        if isinstance(item, Spoken):
            yield item.byte, depth if item.id in {"ST", "SE"} else min(inside, _DEEPEST)
            continue
        if item.head.id == "HL":
            inside = levels.get(item.head.get(2), inside - 1) + 1 if item.head.get(2) else inside
            levels[item.head.get(1)] = inside
        stack.extend((child, inside + (child is not item.children[0])) for child in reversed(item.children))


def _named(
    number: int,
    byte: int,
    depth: int,
    elements: list[str],
    body: str,
    delimiters: Delimiters,
    dictionary: Dictionary,
    version: str,
) -> Segment:
    known = dictionary.segment(version, elements[0])
    values = tuple(_elements(elements, known, delimiters, dictionary))
    return Segment(number, byte, depth, elements[0], known.name if known else None, _readable(body), values)


def _elements(
    elements: list[str], known: SegmentDef | None, delimiters: Delimiters, dictionary: Dictionary
) -> Iterator[Element]:
    envelope = elements[0] == "ISA"  # whose elements are padded, and hold the delimiters themselves
    for position, text in enumerate(elements[1:], start=1):
        use = known.elements[position - 1] if known and position <= len(known.elements) else None
        if not text.strip():
            continue
        place = f"{elements[0]}{position:02d}"
        repeated = delimiters.repetition if use is not None and use.repeats and not envelope else None
        for value in text.split(repeated) if repeated else [text]:
            yield from _values(place, use, value, delimiters, dictionary)


def _values(
    place: str, use: ElementUse | None, text: str, delimiters: Delimiters, dictionary: Dictionary
) -> Iterator[Element]:
    if use is None:
        yield Element(place, None, None, _readable(text))
        return
    parts = use.element.parts
    if not parts:
        yield _value(place, use.element, text, dictionary)
        return
    for position, part in enumerate(text.split(delimiters.component), start=1):
        if part:
            inner = parts[position - 1].element if position <= len(parts) else use.element
            yield _value(f"{place}-{position}", inner, part, dictionary)


def _value(place: str, element: ElementDef, text: str, dictionary: Dictionary) -> Element:
    meaning = dictionary.meaning(element.id, text.strip()) if element.kind == "ID" else _said(element.kind, text)
    return Element(place, element.id, element.name, _readable(text), meaning)


def _said(kind: str, text: str) -> str | None:
    """Write out a date, a time or a number with implied decimals; None for everything else."""
    if kind == "DT" and (found := _DATE.fullmatch(text)):
        century = "" if len(found[1]) == 4 else "19" if int(found[1]) >= _CENTURY else "20"
        return f"{century}{found[1]}-{found[2]}-{found[3]}"
    if kind == "TM" and (found := _TIME.fullmatch(text)):
        return ":".join(part for part in found.groups() if part)
    if kind in {"N1", "N2", "N3", "N4"} and (found := _IMPLIED.fullmatch(text)):
        decimals = int(kind[1])
        digits = found[2].rjust(decimals + 1, "0")
        return f"{found[1]}{int(digits[:-decimals]):,}.{digits[-decimals:]}"
    return None


def _readable(text: str) -> str:
    """Decode as UTF-8 what is UTF-8; other bytes stay one character each."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def raw(data: bytes, outline: Outline) -> Iterator[str]:
    """Give all segments as they stand, terminators included, one at a time."""
    for interchange in outline.interchanges:
        delimiters = interchange.delimiters
        text = data[interchange.start : interchange.end].decode("latin-1")
        terminator = "" if delimiters.segment == "\n" else delimiters.segment
        for elements in split(text, delimiters):
            yield _readable(delimiters.element.join(elements)) + terminator
