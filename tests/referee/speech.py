"""Transaction sets made up from the grammar: valid ones, and the same with one thing wrong.

A set is a list of segments, a segment a list of texts with its id in front. Everything is drawn from a seeded Random,
so that a set is the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import Condition, ElementDef, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef

Segment = list[str]
COMPONENT = ">"
ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"


class Speech:
    """Draws sets of one grammar."""

    def __init__(self, dictionary: Dictionary, grammar: SetDef, seed: str) -> None:
        self.dictionary = dictionary
        self.grammar = grammar
        self.random = Random(seed)
        self._level = 0

    def valid(self, density: float = 0.12) -> list[Segment]:
        """Draw a set: all that is mandatory, and of the rest as much as `density` says."""
        self._level = 0
        children = [child for _, area in self.grammar.areas() for child in area]
        return [one for child in children for one in self._child(child, density)]

    def _child(self, child: SegmentUse | LoopUse, density: float) -> Iterator[Segment]:
        if not child.required and self.random.random() > density:
            return
        most = min(child.maximum, 2)
        for _ in range(self.random.randint(1, most) if child.id not in {"ST", "SE"} else 1):
            if isinstance(child, SegmentUse):
                yield self.segment(child.segment, density)
                continue
            inner = [one for each in child.children for one in self._child(each, density / 2)]
            if child.id == "LS":
                inner[0][1:] = inner[-1][1:] = ["LOOP"]
            yield from inner

    def segment(self, segment: SegmentDef, density: float = 0.12) -> Segment:
        """Draw a segment whose elements keep all conditions."""
        if segment.id in {"ST", "SE"}:
            return [segment.id]
        there = {
            at
            for at, use in enumerate(segment.elements, 1)
            if use.required or (self.random.random() < density and not use.conditional)
        }
        keep(segment.conditions, there)
        if not there:
            there.add(self.random.randint(1, len(segment.elements)))
            keep(segment.conditions, there)
        values = [self.value(use) if at in there else "" for at, use in enumerate(segment.elements, 1)]
        if segment.id == "HL":
            self._level += 1
            values[:2] = [str(self._level), str(self._level - 1) if self._level > 1 else ""]
        return trimmed([segment.id, *values])

    def value(self, use: ElementUse) -> str:
        """Draw a valid value of an element or composite."""
        element = use.element
        if element.kind != "C":
            return self.simple(element)
        there = {at for at, part in enumerate(element.parts, 1) if part.required} | {1}
        keep(element.conditions, there)
        parts = [self.simple(part.element) if at in there else "" for at, part in enumerate(element.parts, 1)]
        return COMPONENT.join(parts).rstrip(COMPONENT)

    def simple(self, element: ElementDef) -> str:
        least = max(element.minimum, 1)
        if element.codes is not None:
            fitting = [code for code in sorted(element.codes) if least <= len(code) <= element.maximum]
            return self.random.choice(fitting)
        if element.kind == "DT":
            return "20260314" if element.maximum == 8 else "260314"
        if element.kind == "TM":
            return "0915"
        if element.kind == "R":
            digits = max(least, min(2, element.maximum))
            return "1" * (digits - 1) + ".5" if digits > 1 else "5"
        if element.kind[0] == "N":
            return "1" * least
        return "A" * self.random.randint(least, min(element.maximum, least + 3))


def keep(conditions: Sequence[Condition], there: set[int]) -> None:
    """Add positions to those that are there, and take some away, until no condition is broken."""
    for _ in range(20):
        before = set(there)
        for condition in conditions:
            first, *rest = condition.positions
            present = [at for at in condition.positions if at in there]
            if condition.kind == "P" and present:
                there.update(condition.positions)
            elif condition.kind == "R" and not present:
                there.add(first)
            elif condition.kind == "E" and len(present) > 1:
                there.difference_update(present[1:])
            elif condition.kind == "C" and first in there:
                there.update(rest)
            elif condition.kind == "L" and present == [first]:
                there.add(rest[0])
        if there == before:
            return


def trimmed(segment: Segment) -> Segment:
    """Take the empty elements off the end."""
    while len(segment) > 1 and not segment[-1]:
        segment.pop()
    return segment


def interchange(grammar: SetDef, sets: Sequence[Sequence[Segment]], gs08: str = "", icvn: str = "00401") -> bytes:
    """Put sets into one group of one interchange; ST and SE are filled in."""
    isa = ISA if icvn == "00401" else ISA.replace("*U*00401*", f"*^*{icvn}*")
    day = "20260314" if grammar.version >= "004010" else "260314"
    lines = [f"GS*{grammar.group}*NORTH*ACME*{day}*0915*7*X*{gs08 or grammar.version}"]
    for number, segments in enumerate(sets, 1):
        body = [one for one in segments if one[0] not in {"ST", "SE"}]
        written = ["*".join(one) for one in body]
        lines += [f"ST*{grammar.id}*{number:04d}", *written, f"SE*{len(body) + 2}*{number:04d}"]
    lines += [f"GE*{len(sets)}*7", "IEA*1*000000042"]
    return (isa + "".join(f"{line}~" for line in lines)).encode()


# One thing wrong. Each takes a speech and a set of its own, and gives the set with a fault, or None where it finds no
# place for one.

Wrong = Callable[[Speech, list[Segment]], list[Segment] | None]


def _pick(
    speech: Speech, segments: list[Segment], fits: Callable[[Segment, SegmentDef], list[int]]
) -> tuple[Segment, int] | None:
    """Choose a segment and one of its elements that `fits` names."""
    found = []
    for one in segments:
        known = speech.dictionary.segment(speech.grammar.version, one[0])
        if known is not None and one[0] not in {"ST", "SE", "HL", "LS", "LE"}:
            found += [(one, at) for at in fits(one, known)]
    return speech.random.choice(found) if found else None


def _elements(one: Segment, known: SegmentDef, fits: Callable[[ElementUse], bool]) -> list[int]:
    return [
        at
        for at, use in enumerate(known.elements, 1)
        if at < len(one) and one[at] and use.element.kind != "C" and fits(use)
    ]


def _change(fits: Callable[[ElementUse], bool], value: Callable[[ElementDef, str], str]) -> Wrong:
    def wrong(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
        chosen = _pick(speech, segments, lambda one, known: _elements(one, known, fits))
        if chosen is None:
            return None
        one, at = chosen
        element = speech.dictionary.segment(speech.grammar.version, one[0]).elements[at - 1].element
        one[at] = value(element, one[at])
        trimmed(one)
        return segments

    return wrong


def _is(*kinds: str) -> Callable[[ElementUse], bool]:
    return lambda use: use.element.kind in kinds


def _text(use: ElementUse) -> bool:
    return use.element.kind in {"AN", "ID"}


def _roomy(use: ElementUse) -> bool:
    return use.element.kind == "AN" and use.element.minimum <= 3 <= use.element.maximum


def no_segment(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Take a mandatory segment of the set away."""
    needed = {use.id for _, area in speech.grammar.areas() for use in area if use.required} - {"ST", "SE"}
    places = [at for at, one in enumerate(segments) if one[0] in needed]
    if not places:
        return None
    gone = segments[speech.random.choice(places)][0]
    return [one for one in segments if one[0] != gone]


def no_element(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Empty a mandatory element."""
    chosen = _pick(
        speech,
        segments,
        lambda one, known: [at for at, use in enumerate(known.elements, 1) if use.required and at < len(one)],
    )
    if chosen is None:
        return None
    chosen[0][chosen[1]] = ""
    trimmed(chosen[0])
    return segments


def empty(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Leave nothing of a segment but its id."""
    fit = []
    for one in segments:
        known = speech.dictionary.segment(speech.grammar.version, one[0])
        if known and len(one) > 1 and not any(use.required for use in known.elements):
            fit += [one] if not any(each.kind == "R" for each in known.conditions) else []
    if not fit:
        return None
    del speech.random.choice(fit)[1:]
    return segments


def strange(_speech: Speech, segments: list[Segment]) -> list[Segment]:
    """Put in a segment that X12 does not have."""
    return [*segments[:2], ["ZZ9", "1"], *segments[2:]]


def foreign(_speech: Speech, segments: list[Segment]) -> list[Segment]:
    """Put in a segment of another set."""
    return [*segments[:2], ["AK5", "A"], *segments[2:]]


def swapped(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Change the order of two neighbours."""
    places = [at for at in range(1, len(segments) - 2) if segments[at][0] != segments[at + 1][0]]
    if not places:
        return None
    at = speech.random.choice(places)
    segments[at], segments[at + 1] = segments[at + 1], segments[at]
    return segments


def too_many(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Repeat a segment of the heading once more than its place allows."""
    single = {
        use.id: use.maximum
        for _, area in speech.grammar.areas()
        for use in area
        if isinstance(use, SegmentUse) and use.maximum <= 10 and use.id not in {"ST", "SE"}
    }
    places = [at for at, one in enumerate(segments) if one[0] in single]
    if not places:
        return None
    at = speech.random.choice(places)
    one = segments[at]
    rest = segments[at + 1 :]
    while rest and rest[0][0] == one[0]:
        rest.pop(0)
    return [*segments[:at], *([list(one)] * (single[one[0]] + 1)), *rest]


def too_many_elements(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
    """Put an element behind the last one that a segment has."""
    chosen = _pick(speech, segments, lambda one, known: [len(known.elements) + 1])
    if chosen is None:
        return None
    one, at = chosen
    one += [""] * (at - len(one)) + ["X"]
    return segments


def broken(kind: str) -> Wrong:
    """Break a relational condition."""

    def wrong(speech: Speech, segments: list[Segment]) -> list[Segment] | None:
        found = []
        for at, one in enumerate(segments):
            known = speech.dictionary.segment(speech.grammar.version, one[0])
            if known is None or one[0] in {"ST", "SE", "HL"}:
                continue
            found += [(at, known, each) for each in known.conditions if each.kind == kind and not each.inferred]
        if not found:
            return None
        at, known, condition = speech.random.choice(found)
        one = segments[at] + [""] * (len(known.elements) + 1 - len(segments[at]))
        first, *rest = condition.positions
        there = {"P": [first], "C": [first], "L": [first], "R": [], "E": [first, rest[0]]}[kind]
        for position in condition.positions:
            use = known.elements[position - 1]
            if position in there:
                one[position] = one[position] or speech.value(use)
            elif not use.required:
                one[position] = ""
        segments[at] = trimmed(one)
        return segments

    return wrong


WRONGS: dict[str, Wrong] = {
    "no segment": no_segment,
    "no element": no_element,
    "empty segment": empty,
    "unknown segment": strange,
    "foreign segment": foreign,
    "wrong order": swapped,
    "too many segments": too_many,
    "too many elements": too_many_elements,
    "too long": _change(_text, lambda element, _: "A" * (element.maximum + 1)),
    "too short": _change(
        lambda use: _text(use) and use.element.minimum > 1, lambda element, _: "A" * (element.minimum - 1)
    ),
    "too many digits": _change(_is("R", "N0", "N2"), lambda element, _: "1" * (element.maximum + 1)),
    "bad code": _change(lambda use: use.element.codes is not None, lambda element, _: "?" * element.maximum),
    "bad date": _change(_is("DT"), lambda element, _: "20261340"[-element.maximum :]),
    "bad time": _change(_is("TM"), lambda _element, _: "2561"),
    "bad number": _change(_is("R", "N0", "N2"), lambda _element, _: "1X"),
    "no letters of X12": _change(_text, lambda _element, value: value[:-1] + "\x07"),
    "component": _change(_roomy, lambda _element, _: "A>B"),
    "blank behind": _change(_roomy, lambda _element, _: "AB "),
    "broken P": broken("P"),
    "broken R": broken("R"),
    "broken E": broken("E"),
    "broken C": broken("C"),
    "broken L": broken("L"),
}
"""What may be wrong, by name."""
