"""Follows settled places through what was actually said: a set as a tree of loops and segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from edi_engine.finding import Position
from edi_engine.mapping.language import FROM_LOOP, FROM_SELF, FROM_TOP, Place
from edi_engine.x12.path import Step
from edi_engine.x12.values import Delimiters, Loop, Spoken

Pairs = tuple[tuple[int, int], ...]


class Here:
    """The thing in hand: a loop, or with `segment` one segment of it, or with `pair` one pair inside that segment.

    `outer` is the loop around, None for the set. `path` is for people, such as `PO1[2]`.
    """

    __slots__ = ("_inner", "_items", "_numbers", "delimiters", "loop", "outer", "pair", "segment", "template")

    def __init__(
        self, loop: Loop, delimiters: Delimiters, outer: Here | None = None, segment: Spoken | None = None
    ) -> None:
        """Stand in a loop, or on a segment of it."""
        self.loop = loop
        self.outer = outer
        self.segment = segment
        self.delimiters = delimiters
        self.template: tuple[int, int] | None = None
        self.pair: tuple[int, int] | None = None
        self._items: dict[str, list[Spoken | Loop]] | None = None
        self._inner: dict[int, Here] = {}
        self._numbers: dict[int, int] = {}

    @property
    def path(self) -> str:
        """Name the loop for people; it is asked for only where something is wrong."""
        loop, outer = self.loop, self.outer
        if outer is None:
            return ""
        name = loop.id
        if loop.use is None or loop.use.maximum > 1:
            name = f"{loop.id}[{outer.number_of(loop)}]"
        return f"{outer.path}/{name}" if outer.path else name

    def items(self, segment_id: str) -> list[Spoken | Loop]:
        """Give the segments and loops of this name that stand directly in the loop, in file order."""
        items = self._items
        if items is None:
            items = self._items = {}
            for child in self.loop.children:
                items.setdefault(child.id, []).append(child)
        return items.get(segment_id, [])

    def on(self, segment: Spoken) -> Here:
        """Stand on one segment of this loop."""
        here = Here(self.loop, self.delimiters, self.outer, segment)
        here._items, here._numbers = self._items, self._numbers
        return here

    def at(self, template: tuple[int, int], pair: tuple[int, int]) -> Here:
        """Stand on one pair of the segment in hand; rows are written for the pair `template`."""
        here = self.on(self.segment) if self.segment is not None else self
        here.template, here.pair = template, pair
        return here

    def within(self, loop: Loop) -> Here:
        """Step into a loop of this one."""
        found = self._inner.get(id(loop))
        if found is None:
            found = self._inner[id(loop)] = Here(loop, self.delimiters, self)
        return found

    def number_of(self, child: Spoken | Loop) -> int:
        """Count what stands in the loop under this name up to `child`; a segment counts among segments only."""
        numbers = self._numbers
        if not numbers:  # counted once for all: a set may hold tens of thousands of lines
            seen: dict[tuple[str, bool], int] = {}
            for each in self.loop.children:
                spoken = isinstance(each, Spoken)
                seen[each.id, False] = seen.get((each.id, False), 0) + 1
                seen[each.id, True] = seen.get((each.id, True), 0) + spoken
                numbers[id(each)] = seen[each.id, spoken]
        return numbers.get(id(child), 1)

    def name_of(self, segment: Spoken) -> str:
        """Name a segment of this loop for people: `PO1[2]/DTM`, and from the second of its kind on `PO1[2]/DTM[2]`."""
        number = self.number_of(segment)
        name = f"{segment.id}[{number}]" if number > 1 else segment.id
        return f"{self.path}/{name}" if self.path else name

    def around(self) -> str:
        """Give the ids of the loops from outside, such as `PO1/N1`; empty in the set itself."""
        ids: list[str] = []
        here: Here | None = self
        while here is not None and here.outer is not None:
            ids.append(here.loop.id)
            here = here.outer
        return "/".join(reversed(ids))

    def top(self) -> Here:
        """Give the whole set."""
        here = self
        while here.outer is not None:
            here = here.outer
        return here


class Hit(NamedTuple):
    """A value that was found: `text` without blanks around it, never empty."""

    text: str
    segment: Spoken
    element: int
    here: Here

    def position(self, place: Place, base: Position) -> Position:
        """Say where the value stands, on top of what `base` knows of file and set."""
        spoken, element = self.segment, self.element
        name = f"{self.here.name_of(spoken)}{element:02d}"
        if place.step.repetition is not None:
            name += f"[{place.step.repetition}]"
        if place.step.component is not None:
            name += f"-{place.step.component}"
        return replace(
            base,
            byte=spoken.byte + sum(len(text) + 1 for text in spoken.elements[:element]),
            segment=spoken.number or None,
            in_set=spoken.in_set,
            segment_id=spoken.id,
            loop=self.here.around() or None,
            path=name,
            element=element,
            component=place.step.component,
            repetition=place.step.repetition,
            element_id=place.element_id or None,
        )


def hits(place: Place, here: Here) -> list[Hit]:
    """Give every value at a place, in file order; blank ones are none."""
    step = place.step
    if place.start == FROM_LOOP and not here.items(place.loops[0][0].segment if place.loops else step.segment):
        return []  # most places of a map are not there in most orders
    if place.start == FROM_SELF:
        segment = here.segment
        if segment is None or not _qualified(segment, step, place.qualifiers):
            return []
        return _hits_in(place, segment, here)
    found: list[Hit] = []
    for segment, inside in segments(place, here):
        found += _hits_in(place, segment, inside)
    return found


def _hits_in(place: Place, segment: Spoken, inside: Here) -> list[Hit]:
    """Give the values at a place in one segment."""
    return [
        Hit(text, segment, element, inside)
        for element in _elements(place, segment, inside)
        if element < len(segment[0])
        for text in _texts(segment[0][element], place.step, inside.delimiters)
    ]


def segments(place: Place, here: Here) -> Iterator[tuple[Spoken, Here]]:
    """Give the segments that a place means, each with the loop it stands in."""
    step = place.step
    if place.start == FROM_SELF:
        if here.segment is not None and _qualified(here.segment, step, place.qualifiers):
            yield here.segment, here
        return
    if place.start > FROM_LOOP:
        around = _around(here, place.start)
        if around is not None and _qualified(around.loop.head, step, place.qualifiers):
            yield around.loop.head, around
        return
    start = here.top() if place.start == FROM_TOP else here
    number = 0
    for inside in _descend(start, place.loops) if place.loops else (start,):
        for item in inside.items(step.segment):
            segment = item if isinstance(item, Spoken) else item.head
            if _qualified(segment, step, place.qualifiers):
                number += 1
                if step.number is None or step.number == number:
                    yield segment, inside if isinstance(item, Spoken) else inside.within(item)


def loops(place: Place, here: Here) -> Iterator[Here]:
    """Give the loops that a place means."""
    step = place.step
    start = here.top() if place.start == FROM_TOP else here
    for inside in _descend(start, place.loops):
        yield from _loops(inside, step, place.qualifiers)


def _descend(here: Here, steps: tuple[tuple[Step, tuple[int, ...]], ...]) -> Iterator[Here]:
    if not steps:
        yield here
        return
    (step, qualifiers), *rest = steps
    for inside in _loops(here, step, qualifiers):
        yield from _descend(inside, tuple(rest))


def _loops(here: Here, step: Step, qualifiers: tuple[int, ...]) -> Iterator[Here]:
    number = 0
    for item in here.items(step.segment):
        if isinstance(item, Loop) and _qualified(item.head, step, qualifiers):
            number += 1
            if step.number is None or step.number == number:
                yield here.within(item)


def _around(here: Here, count: int) -> Here | None:
    at: Here | None = here if here.segment is not None else here.outer
    for _ in range(count - 1):
        at = at.outer if at is not None else None
    return at


def _qualified(segment: Spoken, step: Step, qualifiers: tuple[int, ...]) -> bool:
    wanted = step.qualifier
    if wanted is None:
        return True
    elements = segment[0]
    return wanted in [elements[position].strip() for position in qualifiers if position < len(elements)]


def _elements(place: Place, segment: Spoken, here: Here) -> tuple[int, ...]:
    """Give the positions of the value in a segment: the element named, or the value of each pair that fits."""
    step = place.step
    if step.element is not None:
        if here.pair is not None and here.template is not None and segment is here.segment:
            for side in (0, 1):
                if step.element == here.template[side]:
                    return (here.pair[side],)
        return (step.element,)
    elements = segment[0]
    size = len(elements)
    return tuple(
        [
            value
            for qualifier, value in place.pairs
            if qualifier < size and elements[qualifier].strip() == step.qualifier
        ]
    )


def _texts(text: str, step: Step, delimiters: Delimiters) -> list[str]:
    """Cut an element into its repetitions and components as the step asks; blank ones are left out."""
    if not text:
        return []
    if step.repetition is None and step.component is None and not delimiters.repetition:
        text = text.strip()
        return [text] if text else []
    texts = [text]
    if delimiters.repetition and delimiters.repetition in text:
        texts = text.split(delimiters.repetition)
    if step.repetition is not None:
        texts = texts[step.repetition - 1 : step.repetition]
    if step.component is not None:
        cut = [one.split(delimiters.component) for one in texts]
        texts = [parts[step.component - 1] if step.component <= len(parts) else "" for parts in cut]
    return [stripped for one in texts if (stripped := one.strip())]
