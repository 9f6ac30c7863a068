"""How the texts of the dictionary are written, line by line: each word is matched before anything is made of it.

An operator may put texts of their own in front of the shipped ones, and what is read here names generated functions
and files. So nothing is taken that is not exactly what a line may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, NoReturn

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.grammar import UNBOUNDED, Condition, Pair

AREAS: Final = ("heading", "detail", "summary")
DEEPEST: Final = 12
"""Loops in loops; the deepest set of X12 has six."""
LONGEST: Final = 10_000
"""Lines of a set; the longest of X12 have a few hundred."""

_SEGMENT: Final = "[A-Z][A-Z0-9]{1,2}"
_ELEMENT: Final = "[A-Z]?[0-9]{1,4}"
_VERSION: Final = re.compile(r"([0-9]{6})((?: [0-9]{3})*)")
_SET_HEAD: Final = re.compile(r"([0-9]{3}) ([A-Z]{2})")
_CHILD: Final = re.compile(rf"((?:  )+)({_SEGMENT})(!?) (\*|[1-9][0-9]{{0,8}})(:?)")
_NAME: Final = re.compile(_SEGMENT)
_USE: Final = re.compile(rf"({_ELEMENT})([!?]?)(\+?)")
_CONDITION: Final = re.compile(r"(~?)([PRECL])((?:[0-9]{2}){2,})")
_PAIR: Final = re.compile(r"([0-9]{2})>([0-9]{2})?(\+?)")
_ELEMENT_LINE: Final = re.compile(
    rf"({_ELEMENT}) (AN|ID|DT|TM|R|B|N[0-9]) ([1-9][0-9]{{0,4}}) ([1-9][0-9]{{0,8}})( \*)?"
)
_LIST_HEAD: Final = re.compile(_ELEMENT)


class DictionaryError(ConfigurationError):
    """A text of the dictionary is not written as its first lines say; the finding names the text and the line."""

    def __init__(self, place: str, line_no: int | None, what: str) -> None:
        """Say what is wrong with a line of the text `place`, such as `004010/850.txt`."""
        file = f"mappings/x12/{place}"
        fix = "write it as the first lines of the shipped text say, or take your own text away"
        where = Position(file=file, line_no=line_no)
        super().__init__((Finding("x12.dictionary", Severity.HOLD, what, where, fix=fix),))


Numbered = tuple[int, str]
"""A line with its number, from 1."""


class Line(NamedTuple):
    """A line with its text, which it can refuse."""

    place: str
    number: int
    text: str

    def refuse(self, what: str) -> NoReturn:
        """Raise the error that says what is wrong with this line."""
        raise DictionaryError(self.place, self.number, f"{what}: {self.text[:60]!a}")


class Use(NamedTuple):
    """An element in its place, as it is written."""

    element: str
    required: bool
    conditional: bool
    repeats: bool


@dataclass(frozen=True, slots=True)
class SegmentText:
    """A segment or composite as it is written. Positions are sure to be there."""

    line: Line
    id: str
    uses: tuple[Use, ...]
    conditions: tuple[Condition, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ElementText:
    """An element as it is written; a composite has a `whole` instead of the rest."""

    line: Line
    id: str
    kind: str
    minimum: int
    maximum: int
    coded: bool
    whole: SegmentText | None = None


class Child(NamedTuple):
    """A segment or loop of a set as it is written; `children` is None for a segment."""

    line: Line
    segment: str
    required: bool
    maximum: int
    children: tuple[Child, ...] | None


def lines(text: str) -> list[Numbered]:
    """Give the lines that say something, with their numbers."""
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and line[0] != "#"]


def by_id(place: str, found: Iterable[Numbered]) -> dict[str, Numbered]:
    """Give lines by their first words. Raises DictionaryError for one that stands twice."""
    named: dict[str, Numbered] = {}
    for line in found:
        name = line[1].partition(" ")[0]
        if name in named:
            Line(place, *line).refuse(f"{name} stands here again")
        named[name] = line
    return named


def read_version(line: Line) -> tuple[str, tuple[str, ...]]:
    """Read a line of versions.txt: a version and its sets."""
    match = _VERSION.fullmatch(line.text)
    if match is None:
        line.refuse("this is no version with its sets")
    return match[1], tuple(match[2].split())


def read_segment(line: Line) -> SegmentText:
    """Read a line of segments.txt."""
    return _whole(line, _NAME, line.text)


def read_element(line: Line) -> ElementText:
    """Read a line of elements.txt."""
    name, _, rest = line.text.partition(" ")
    if rest[:2] == "C ":
        whole = _whole(line, _LIST_HEAD, f"{name} {rest[2:]}")
        if whole.pairs:
            line.refuse("a composite has no pairs")
        return ElementText(line, name, "C", 1, UNBOUNDED, coded=False, whole=whole)
    match = _ELEMENT_LINE.fullmatch(line.text)
    if match is None:
        line.refuse("this is no element")
    kind, minimum, maximum = match[2], int(match[3]), int(match[4])
    if minimum > maximum:
        line.refuse("the least length is above the greatest")
    if kind == "DT" and maximum not in {6, 8}:
        line.refuse("a date has 6 or 8 digits")
    return ElementText(line, name, kind, minimum, maximum, coded=match[5] is not None)


def _whole(line: Line, named: re.Pattern[str], text: str) -> SegmentText:
    """Read a segment or composite: its id, its elements, and after a bar its conditions and pairs."""
    elements, _, rest = text.partition(" | ")
    name, *words = elements.split(" ")
    uses = tuple(use for word in words if (use := _use(word)) is not None)
    if not named.fullmatch(name) or not uses or len(uses) < len(words):
        line.refuse("this is no segment or composite")
    conditions: list[Condition] = []
    pairs: list[Pair] = []
    for word in rest.split(" ") if rest else ():
        found = _relation(word)
        if found is None:
            line.refuse(f"{word[:20]!a} is no condition and no pair")
        if max(_positions(found)) > len(uses):
            line.refuse(f"{word} names an element that is not there")
        if isinstance(found, Pair):
            pairs.append(found)
        else:
            conditions.append(found)
    return SegmentText(line, name, uses, tuple(conditions), tuple(pairs))


def _positions(relation: Condition | Pair) -> tuple[int, ...]:
    """Give the positions that a condition or pair names."""
    return (relation.qualifier, relation.value) if isinstance(relation, Pair) else relation.positions


@lru_cache(maxsize=8192)
def _use(word: str) -> Use | None:
    match = _USE.fullmatch(word)
    return None if match is None else Use(match[1], match[2] == "!", match[2] == "?", bool(match[3]))


@lru_cache(maxsize=8192)
def _relation(word: str) -> Condition | Pair | None:
    """Read a condition or a pair; None where it is neither, or names position 0 or a position twice."""
    match = _PAIR.fullmatch(word)
    if match is not None:
        pair = Pair(int(match[1]), int(match[2] or 0), many=bool(match[3]))
        return pair if pair.qualifier and pair.qualifier != pair.value else None
    match = _CONDITION.fullmatch(word)
    if match is None:
        return None
    positions = tuple(int(match[3][at : at + 2]) for at in range(0, len(match[3]), 2))
    sound = all(positions) and len(set(positions)) == len(positions)
    return Condition(match[2], positions, inferred=bool(match[1])) if sound else None


def lists(place: str, text: str) -> dict[str, tuple[int, list[str]]]:
    """Split codes.txt into its lists: by element, the number of the line below its id, and all lines from there."""
    blocks: dict[str, tuple[int, list[str]]] = {}
    block: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] not in {" ", "#", ""}:
            if not _LIST_HEAD.fullmatch(line) or line in blocks:
                Line(place, number, line).refuse("this is no element id, or one that stands here again")
            block = []
            blocks[line] = (number + 1, block)
        elif block is not None:
            block.append(line)
        elif line[:1] == " ":
            Line(place, number, line).refuse("these codes stand under no element id")
    return blocks


def read_codes(place: str, found: tuple[int, list[str]]) -> frozenset[str]:
    """Read the lines of one list of codes."""
    first, block = found
    codes: list[str] = []
    for number, line in enumerate(block, first):
        if not line.isascii() or not line.isprintable():
            Line(place, number, line).refuse("codes are plain printable characters")
        if line[:1] == " ":
            codes += line.split()
    return frozenset(codes)


def read_group(set_id: str, head: Line) -> str:
    """Read the first line of the text of a set: its GS01."""
    match = _SET_HEAD.fullmatch(head.text)
    if match is None or match[1] != set_id:
        head.refuse(f"the first line is {set_id} and its group, such as PO")
    return match[2]


def read_set(head: Line, found: Iterable[Numbered]) -> dict[str, tuple[Child, ...]]:
    """Read the areas of a set, which stand below its first line. They begin with one ST and end with one SE."""
    areas: dict[str, list[tuple[int, Child]]] = {}
    area: list[tuple[int, Child]] | None = None
    for count, line in enumerate((Line(head.place, *numbered) for numbered in found), 1):
        if count > LONGEST:
            line.refuse(f"a set has at most {LONGEST:,} lines")
        if line.text in AREAS:
            if line.text in areas:
                line.refuse("this area stands here again")
            area = areas[line.text] = []
        elif area is None:
            line.refuse("this stands in no area: heading, detail or summary")
        else:
            area.append(_child(line))
    trees = {name: tuple(_nested(children)) for name, children in areas.items()}
    whole = [child for name in AREAS for child in trees.get(name, ())]
    if not whole or [whole[0].segment, whole[-1].segment] != ["ST", "SE"]:
        head.refuse("a set begins with ST and ends with SE")
    return trees


def _child(line: Line) -> tuple[int, Child]:
    match = _CHILD.fullmatch(line.text)
    if match is None:
        line.refuse("this is no segment with its greatest number")
    depth = len(match[1]) // 2
    if depth > DEEPEST:
        line.refuse(f"loops stand at most {DEEPEST} deep in each other")
    maximum = UNBOUNDED if match[4] == "*" else int(match[4])
    return depth, Child(line, match[2], bool(match[3]), maximum, () if match[5] else None)


def _nested(found: list[tuple[int, Child]], depth: int = 1) -> Iterator[Child]:
    at = 0
    while at < len(found):
        here, child = found[at]
        end = at + 1
        while end < len(found) and found[end][0] > here:
            end += 1
        inside = found[at + 1 : end]
        if here != depth or (inside and child.children is None):
            child.line.refuse("a loop ends with a colon, and what is in it stands two blanks further right")
        yield child._replace(children=tuple(_nested(inside, depth + 1))) if child.children is not None else child
        at = end
