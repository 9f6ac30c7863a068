"""Looking something up in the X12 standard: a set, a segment, an element, a place such as PO106, a code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from edi_engine.errors import UsageError
from edi_engine.text.nearest import nearest
from edi_engine.x12.check_words import likely_code
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import ElementDef, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef

USUAL: Final = "004010"
"""The version that is looked into first where nobody names one: the one that most partners use."""

_PLACE: Final = re.compile(r"([A-Z][A-Z0-9]{1,2})([0-9]{2})(?:-([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class SetTopic:
    """A set in one version, and the versions that have it; `also` is the element of the same number, if any."""

    version: str
    set: SetDef
    versions: tuple[str, ...]
    also: ElementDef | None


@dataclass(frozen=True, slots=True)
class SegmentTopic:
    """A segment in one version; `used_in` gives each set with the loops that it stands in, outermost first."""

    version: str
    segment: SegmentDef
    used_in: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ElementTopic:
    """An element or composite in one version, the places where it stands, and its codes with our words for them."""

    version: str
    element: ElementDef
    places: tuple[str, ...]
    codes: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class PlaceTopic:
    """An element of a segment in its place, such as PO106, or a component of it."""

    segment: SegmentDef
    position: int
    component: int | None
    use: ElementUse
    topic: ElementTopic

    @property
    def name(self) -> str:
        """The place as people write it."""
        part = "" if self.component is None else f"-{self.component}"
        return f"{self.segment.id}{self.position:02d}{part}"


@dataclass(frozen=True, slots=True)
class CodeTopic:
    """A code of an element. `versions` are those whose list has it; None where the list is open."""

    version: str
    place: str
    element: ElementDef
    code: str
    meaning: str | None
    versions: tuple[str, ...] | None


Topic = SetTopic | SegmentTopic | ElementTopic | PlaceTopic | CodeTopic
Thing = SetTopic | SegmentTopic | ElementTopic | PlaceTopic


def look_up(
    dictionary: Dictionary, what: str, code: str | None = None, version: str | None = None, *, element: bool = False
) -> Topic:
    """Find what a name means: `850`, `PO1`, `PO106`, `355`, `C001`, and with `code` one of its codes.

    Without a `version` it is 004010, or the first other one that has it. Where a number is a set and an element, it is
    the set, unless `element` says otherwise. Raises UsageError with the nearest name.
    """
    name = what.strip().upper()
    tried = versions_to_try(dictionary, version)
    found = next((found for each in tried if (found := _thing(dictionary, each, name, element)) is not None), None)
    if found is None:
        raise UsageError(_unknown(dictionary, name, tried, version))
    if code is None:
        return found
    return _code(dictionary, found, code)


def versions_to_try(dictionary: Dictionary, version: str | None) -> tuple[str, ...]:
    """Give the versions to look into: the one that was asked for, or all, the usual one first."""
    versions = dictionary.versions()
    if version is None:
        return (*(each for each in versions if each >= USUAL), *(each for each in versions if each < USUAL))
    found = dictionary.resolve(version)
    if found is None:
        near = next((each for each in versions if each.strip("0") == version.strip("0")), None)
        meant = f"; nearest: {near}" if near is not None else ""
        message = f"the dictionary has no version {version}{meant}; it has {', '.join(versions)}"
        raise UsageError(message)
    return (found,)


def _thing(dictionary: Dictionary, version: str, name: str, wants_element: bool) -> Thing | None:  # noqa: FBT001
    element = dictionary.element(version, name)
    if not wants_element:
        set_def = dictionary.set(version, name)
        if set_def is not None:
            versions = tuple(each for each in dictionary.versions() if name in dictionary.sets(each))
            return SetTopic(version, set_def, versions, element)
        segment = dictionary.segment(version, name)
        if segment is not None:
            return SegmentTopic(version, segment, tuple(_used_in(dictionary, version, name)))
    if element is not None:
        return _element(dictionary, version, element)
    return _place(dictionary, version, name)


def _place(dictionary: Dictionary, version: str, name: str) -> PlaceTopic | None:
    match = _PLACE.fullmatch(name)
    segment = dictionary.segment(version, match[1]) if match is not None else None
    if match is None or segment is None:
        return None
    position, component = int(match[2]), int(match[3]) if match[3] else None
    if not 0 < position <= len(segment.elements):
        message = f"{segment.id} has {len(segment.elements)} elements in {version}, so there is no {name}"
        raise UsageError(message)
    use = segment.elements[position - 1]
    parts = use.element.parts
    if component is not None:
        if not 0 < component <= len(parts):
            has = f"{len(parts)} parts" if parts else "no parts"
            message = f"{segment.id}{position:02d} has {has} in {version}, so there is no {name}"
            raise UsageError(message)
        use = parts[component - 1]
    return PlaceTopic(segment, position, component, use, _element(dictionary, version, use.element))


def _element(dictionary: Dictionary, version: str, element: ElementDef) -> ElementTopic:
    places = tuple(_places(dictionary, version, element.id))
    codes = sorted(element.codes or ())
    return ElementTopic(version, element, places, tuple((code, dictionary.meaning(element.id, code)) for code in codes))


def _places(dictionary: Dictionary, version: str, element_id: str) -> Iterator[str]:
    for segment_id in dictionary.segments(version):
        segment = dictionary.segment(version, segment_id)
        for at, use in enumerate(segment.elements if segment is not None else (), 1):
            if use.element.id == element_id:
                yield f"{segment_id}{at:02d}"
            for part, inner in enumerate(use.element.parts, 1):
                if inner.element.id == element_id:
                    yield f"{segment_id}{at:02d}-{part}"


def _used_in(dictionary: Dictionary, version: str, segment_id: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for set_id in dictionary.sets(version):
        set_def = dictionary.set(version, set_id)
        areas = set_def.areas() if set_def is not None else ()
        loops = dict.fromkeys(loop for _, children in areas for loop in _loops(children, segment_id, ""))
        if loops:
            yield set_id, tuple(loops)


def _loops(children: Iterable[SegmentUse | LoopUse], segment_id: str, around: str) -> Iterator[str]:
    """Give the loops around each place of a segment, as a path; "" outside of all loops."""
    for child in children:
        if isinstance(child, LoopUse):
            yield from _loops(child.children, segment_id, f"{around}/{child.id}".lstrip("/"))
        elif child.id == segment_id:
            yield around


def _code(dictionary: Dictionary, found: Thing, code: str) -> CodeTopic:
    if isinstance(found, SetTopic) and found.also is not None:
        found = _element(dictionary, found.version, found.also)
    if not isinstance(found, ElementTopic | PlaceTopic):
        named = found.set.id if isinstance(found, SetTopic) else found.segment.id
        message = f"{named} is no element, so it has no codes; name one of its elements"
        raise UsageError(message)
    place = found.name if isinstance(found, PlaceTopic) else found.element.id
    topic = found.topic if isinstance(found, PlaceTopic) else found
    element = topic.element
    if element.parts:
        message = f"{place} is made of {len(element.parts)} parts: name one, such as {place}-1"
        raise UsageError(message)
    lists = {version: _codes_in(dictionary, version, element.id) for version in dictionary.versions()}
    closed = element.codes is not None
    same = next(
        (each for each in (code, code.upper(), code.zfill(2), code.zfill(3)) if _known(each, lists.values())), None
    )
    meaning = dictionary.meaning(element.id, code if same is None else same)
    if closed and same is None:
        near = likely_code(element, code, dictionary)
        end = f"nearest: {near}" if near else f"`edi dictionary show {element.id} --element` lists them"
        message = f'"{code}" is no code of {place} ({element.name}) in any version; {end}'
        raise UsageError(message)
    if not closed:
        return CodeTopic(topic.version, place, element, code, meaning, None)
    has = tuple(version for version, codes in lists.items() if same in codes)
    return CodeTopic(topic.version, place, element, same or code, meaning, has)


def _codes_in(dictionary: Dictionary, version: str, element_id: str) -> frozenset[str]:
    element = dictionary.element(version, element_id)
    return element.codes or frozenset() if element is not None else frozenset()


def _known(code: str, lists: Iterable[frozenset[str]]) -> bool:
    return any(code in codes for codes in lists)


def _unknown(dictionary: Dictionary, name: str, tried: tuple[str, ...], version: str | None) -> str:
    """Say that there is no such thing, in which other version there is, and the nearest name."""
    if version is not None:
        held = ((each, _thing(dictionary, each, name, wants_element=False)) for each in dictionary.versions())
        where = [each for each, found in held if found is not None]
        if where:
            return f"{tried[0]} has no {name}; it is in {', '.join(where)}"
    sets = [each for one in tried for each in dictionary.sets(one)]
    others = [each for one in tried for each in (*dictionary.segments(one), *dictionary.elements(one))]
    if re.fullmatch("[0-9]{3}", name):
        near: str | None = min(sets, key=lambda each: abs(int(each) - int(name)))
    else:
        near = nearest(name, dict.fromkeys((*sets, *others)))
    end = (
        f"nearest: {near} ({_label(dictionary, near)})"
        if near
        else "try a set (850), a segment (PO1) or an element (PO106)"
    )
    return f"X12 has no {name} that we know; {end}"


def _label(dictionary: Dictionary, name: str) -> str:
    label = dictionary.set_name(name)
    return dictionary.label(name) if label == name else label
