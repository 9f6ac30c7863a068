"""A pyx12 map as a tree of values: its loops, segments and elements, in both spellings that pyx12 reads (facts as
attributes or as elements of their own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edi_engine.x12.grammar import UNBOUNDED

_DEEPEST: Final = 40


class MapError(ValueError):
    """A file is no pyx12 map; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class MapElement:
    """An element or composite of a map. `usage` is R, S or N; `codes` is empty where any value is allowed, `external`
    names a list that stands in codes.xml.
    """

    number: str
    usage: str
    codes: tuple[str, ...] = ()
    external: str | None = None
    pattern: str | None = None
    parts: tuple[MapElement, ...] = ()


@dataclass(frozen=True, slots=True)
class MapSegment:
    """A segment of a map, with its elements by position."""

    id: str
    usage: str
    maximum: int
    conditions: tuple[str, ...]
    elements: Mapping[int, MapElement]


@dataclass(frozen=True, slots=True)
class MapLoop:
    """A loop of a map, its children in the order of their positions. `name` is the map's own, such as 2000A."""

    name: str
    usage: str
    maximum: int
    children: tuple[MapSegment | MapLoop, ...]

    @property
    def head(self) -> MapSegment | None:
        """The segment that opens it, None where it opens with another loop."""
        first = self.children[0] if self.children else None
        return first if isinstance(first, MapSegment) else None


@dataclass(frozen=True, slots=True)
class Map:
    """A whole map: the id of its set, the GS08 that it names, and the loop of its set from ST to SE."""

    set_id: str
    versions: tuple[str, ...]
    set: MapLoop


def read_map(text: bytes) -> Map:
    """Read a pyx12 map. Raises MapError where `text` is none."""
    root = _parsed(text)
    if root.tag != "transaction":
        message = f"it begins with <{root.tag}> and not with <transaction>"
        raise MapError(message)
    loops = [_loop(child, 1) for child in root.findall("loop")]
    found = next((loop for each in loops for loop in _within(each) if loop.head and loop.head.id == "ST"), None)
    if found is None or found.head is None:
        message = "it has no loop that opens with ST"
        raise MapError(message)
    groups = [loop.head for each in loops for loop in _within(each) if loop.head and loop.head.id == "GS"]
    versions = tuple(code for head in groups if 8 in head.elements for code in head.elements[8].codes)
    named = found.head.elements[1].codes if 1 in found.head.elements else ()
    return Map(named[0] if named else (root.get("xid") or "")[:3], versions, found)


def read_lengths(text: bytes) -> dict[str, tuple[int, int]]:
    """Read dataele.xml: least and greatest length by number. Raises MapError where `text` is something else."""
    return {
        one.get("ele_num", ""): (_number(one.get("min_len"), "min_len"), _number(one.get("max_len"), "max_len"))
        for one in _parsed(text).iter("data_ele")
    }


def read_codes(text: bytes) -> dict[str, tuple[str, ...]]:
    """Read codes.xml: the codes of each list by its id. Raises MapError where `text` is something else."""
    return {
        one.findtext("id", ""): tuple(code.text or "" for code in one.iterfind("version/code"))
        for one in _parsed(text).iter("codeset")
    }


class _NoDoctype:
    """Sees a file go by, and refuses it at its DOCTYPE: before any entity is read that stands in it."""

    def doctype(self, *_: object) -> None:
        message = "it has a DOCTYPE, by which a file can name other files and grow without end: take that line out"
        raise MapError(message)

    def start(self, *_: object) -> None:
        """Pass over it, as over all that follows."""

    end = data = comment = start

    def close(self) -> None:
        """Give nothing."""


def _parsed(text: bytes) -> etree._Element:
    cautious = etree.XMLParser(target=_NoDoctype(), resolve_entities=False, no_network=True, load_dtd=False)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        etree.fromstring(text, cautious)
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        message = f"it is no XML: {error}"
        raise MapError(message) from error


def _within(loop: MapLoop) -> Iterator[MapLoop]:
    yield loop
    for child in loop.children:
        if isinstance(child, MapLoop):
            yield from _within(child)


def _loop(found: etree._Element, depth: int) -> MapLoop:
    if depth > _DEEPEST:
        message = f"its loops are more than {_DEEPEST} deep"
        raise MapError(message)
    children: list[tuple[int, MapSegment | MapLoop]] = []
    for child in found:
        if child.tag == "loop":
            children.append((_number(_fact(child, "pos"), "pos"), _loop(child, depth + 1)))
        elif child.tag == "segment":
            children.append((_number(_fact(child, "pos"), "pos"), _segment(child)))
    children.sort(key=lambda pair: pair[0])
    inside = tuple(child for _, child in children)
    return MapLoop(found.get("xid", ""), _usage(found), _times(_fact(found, "repeat")), inside)


def _segment(found: etree._Element) -> MapSegment:
    elements = {
        _number(_fact(one, "seq"), "seq"): _element(one) for one in found if one.tag in {"element", "composite"}
    }
    conditions = tuple(one.text or "" for one in found.findall("syntax"))
    return MapSegment(found.get("xid", ""), _usage(found), _times(_fact(found, "max_use")), conditions, elements)


def _element(found: etree._Element) -> MapElement:
    codes = found.find("valid_codes")
    return MapElement(
        _fact(found, "data_ele") or "",
        _usage(found),
        tuple(code.text or "" for code in codes.findall("code")) if codes is not None else (),
        codes.get("external") if codes is not None else None,
        found.findtext("regex") or None,
        tuple(_element(part) for part in found.findall("element")),
    )


def _fact(found: etree._Element, name: str) -> str | None:
    """Give a fact, which stands in an attribute or in an element of its own."""
    return (found.get(name) or found.findtext(name) or "").strip() or None


def _usage(found: etree._Element) -> str:
    usage = _fact(found, "usage")
    if usage not in {"R", "S", "N"}:
        message = f"line {found.sourceline}: the usage of {found.get('xid')} is {usage} and not R, S or N"
        raise MapError(message)
    return usage


def _times(text: str | None) -> int:
    return UNBOUNDED if text is None or text == ">1" else _number(text, "how often")


def _number(text: str | None, name: str) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 9):
        message = f"{name} is {text} and not a number"
        raise MapError(message)
    return int(text)
