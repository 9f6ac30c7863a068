"""Faults of a set into findings: each with its words, its place in the file, and the code of the acknowledgment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.check_element import ElementCheck
from edi_engine.x12.check_fault import Fault
from edi_engine.x12.check_guide import GuideFault, GuidePlan, allowed
from edi_engine.x12.check_reads import matters, touches
from edi_engine.x12.check_room import MOST_FINDINGS, Room
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.guide import GuideRule
from edi_engine.x12.tree_states import Node, Ring
from edi_engine.x12.values import Delimiters, SetOutline, Spoken
from edi_engine.x12.wording import counted, quoted

_HABITS: Final = frozenset({"x12.element.trailing"})
"""What a sender does everywhere or nowhere: it is told once for each place of the grammar in a set."""

_STRAYS: Final = frozenset({f"x12.segment.{word}" for word in ("misplaced", "unknown", "foreign")})
"""Faults of a segment that is there, but not where it was meant to be, or not as what it was meant to be."""

Heads = Sequence[tuple[Ring, list[str]]]
"""The loops around a segment from outside, each with the segment that opened it."""


_HOLD: Final = Severity.HOLD
_REFUSE: Final = Severity.REFUSE
"""Named once: to look one up in its enumeration takes longer than to compare it."""

_AS_THE_GUIDE: Final = "ask the partner to keep to their guide, or correct this rule of it; then retry the case"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a set is judged by, besides its grammar."""

    dictionary: Dictionary
    version: str
    reads: frozenset[str] | None
    plan: GuidePlan | None
    elements: ElementCheck
    allows: tuple[GuideRule, ...]


class Place(NamedTuple):
    """A segment where it stands. `loops` are the ids of its loops ("" for none), `path` is for people."""

    spoken: Spoken
    loops: str
    path: str
    heads: Heads


class Opened(NamedTuple):
    """A loop that is open: its place in the grammar, and the how-manieth of its place it is."""

    ring: Ring
    number: int


class Mark(NamedTuple):
    """What is told at some point, as `Teller.rewind` wants it."""

    findings: list[Finding]
    more: int
    told: Severity
    worst: Severity
    habits: set[tuple[str, str]]
    stopped: bool


class InLoop(Protocol):
    """A loop that is open: its place in the grammar, and the how-manieth of its place it is."""

    @property
    def ring(self) -> Ring:
        """The loop in the grammar."""

    @property
    def number(self) -> int:
        """Its number, from 1."""


def path_of(loops: Sequence[InLoop], segment_id: str, number: int) -> str:
    """Spell where a segment stands, such as `PO1[2]/PID[3]`: the `number`-th of its kind in the innermost loop."""
    steps = [f"{each.ring.id}[{each.number}]" if each.ring.maximum > 1 else each.ring.id for each in loops]
    return "/".join([*steps, f"{segment_id}[{number}]" if number > 1 else segment_id])


def _habit(fault: Fault, node: Node | None) -> tuple[str, str] | None:
    """Name a fault that is told once in a set, None for others. A control number stands in ST02, and again in SE02."""
    place = node.place if node is not None else ""
    if fault.code in _HABITS:
        composite = f"{fault.element:02d}" if fault.element_id is not None else ""
        return fault.code, f"{place}{composite}"
    return (fault.code, f"control {fault.seen}") if place in {"ST", "SE"} and fault.element == 2 else None


class Teller:
    """Puts the faults of one set into words; `findings` are those that are listed."""

    def __init__(self, rules: Rules, delimiters: Delimiters, outline: SetOutline, where: Position, room: Room) -> None:
        """Know nothing against the set yet; `room` says how much of it can be told."""
        self._room = room if room.listed else Room(1, room.counted)
        self.findings: list[Finding] = []
        self.rules = rules
        self.delimiters = delimiters
        self._where = where
        self._set_id = where.set_id or outline.set_id
        self._control = where.set_control or outline.control
        self._more = 0
        self._stopped = False  # whether some of the set was not looked at
        self._told = self._worst = Severity.NOTE  # the worst of those listed, and of all others
        self._habits: set[tuple[str, str]] = set()

    def mark(self) -> Mark:
        """Give what is told so far, for `rewind`."""
        return Mark(self.findings.copy(), self._more, self._told, self._worst, self._habits.copy(), self._stopped)

    def rewind(self, mark: Mark) -> None:
        """Go back to what was told at the mark."""
        self.findings[:], self._more, self._told, self._worst, self._habits, self._stopped = mark

    def told(self) -> tuple[Finding, ...]:
        """Give all findings in file order, and how many more there are."""
        findings = self.findings
        if len(findings) > 1:
            findings.sort(key=lambda finding: (finding.where.in_set or 0, finding.where.element or 0))
        if self._more or self._stopped:
            findings.append(self._rest())
        return tuple(findings)

    def element(self, fault: Fault, node: Node | None, find: Callable[[], Place]) -> None:
        """Tell of a fault of an element; `find` gives the place of its segment, `node` the one in the grammar."""
        severity, message, wanted, fix = fault.severity, fault.message, fault.wanted, fault.fix
        if severity is Severity.REFUSE and not matters(self.rules.reads, node, fault):
            severity, message = Severity.WARNING, f"{message[:-1]}; no map reads it."
        habit = _habit(fault, node)
        if habit is not None:
            if habit in self._habits:
                return
            self._habits.add(habit)
        if self.full(severity):
            return
        listed = len(self.findings) < self._most(severity)
        likely = self.rules.elements.likely(fault) if listed else None  # guessing takes longer than all the rest
        if likely:
            wanted, fix = likely, f"It looks like {likely}: ask the partner to send that."
        place = find()
        here = self._element_at(place, fault.element, fault.component, fault.repetition, fault.element_id)
        ack = ack_code("AK4", fault.ack) if fault.ack else None
        finding = Finding(fault.code, severity, message, here, fault.seen, wanted, ack, fix)
        self.tell(self.allow(finding, place.spoken.elements, fault.element, place.heads))

    def of_guide(
        self, faults: Iterable[GuideFault], in_set: Callable[[int], int], place: Callable[[int], Place]
    ) -> None:
        """Tell of the faults against the partner's guide, all others being told, but not where X12 does not take the
        element either, nor of what is missing because it stands in a wrong place. `in_set` gives the number in the
        set of an item, `place` where it stands; that is asked only of those that are listed, from the first of the
        set to the last.
        """
        told = (finding.where for finding in self.findings if finding.severity is Severity.REFUSE)
        refused = {(where.in_set, where.element) for where in told}
        elsewhere = self._elsewhere()
        listed: list[GuideFault] = []
        room = self._most(Severity.HOLD) - len(self.findings)
        for fault in faults:
            if fault.element and (in_set(fault.item), fault.element) in refused:
                continue
            if fault.word == "missing" and not fault.element and fault.rule.path.last.segment in elsewhere:
                continue
            if len(listed) < room:
                listed.append(fault)
                continue
            self._count(Severity.HOLD)
            if self.enough():
                break
        places = {item: place(item) for item in sorted({fault.item for fault in listed})}
        for fault in listed:
            self.tell(self._of_guide(fault, places[fault.item]))

    def _elsewhere(self) -> set[str]:
        """Name the segments that are there, but in a wrong place or under a wrong id: that is told of them already."""
        strays = (one for one in self.findings if one.severity is Severity.REFUSE and one.code in _STRAYS)
        return {one.wanted or one.where.segment_id or "" for one in strays}

    def _of_guide(self, fault: GuideFault, place: Place) -> Finding:
        """Put a fault against the partner's guide into words."""
        rule = fault.rule
        here = self.position(place.spoken, place.loops, place.path)
        named = str(rule.path)
        wanted: str | None = None
        if fault.element:
            here = self._element_at(place, fault.element, fault.component, None, None)
            named = here.path or named
        seen = f"{named} {quoted(fault.seen or '')}"
        it = "it" if named == str(rule.path) else str(rule.path)
        match fault.word:
            case "missing":
                message = f"{named} is missing: the partner's guide requires {it}."
            case "not-used":
                message = f"{named} is there, but the partner's guide does not use {it}."
            case "code":
                wanted = " ".join(sorted(rule.codes or ()))
                message = f"{seen} is not one of the codes in the partner's guide."
            case _:
                wanted = _limits(rule)
                size = counted(len(fault.seen or ""), "character")
                message = f"{seen} has {size}; the partner's guide wants {wanted}."
        code = f"partner.guide.{fault.word}"
        by = rule.source or None
        return Finding(code, Severity.HOLD, message, here, fault.seen, wanted, fix=_AS_THE_GUIDE, source=by)

    def allow(self, finding: Finding, elements: list[str], element: int, heads: Heads) -> Finding:
        """Turn a finding that the partner's guide allows into a note."""
        if not self.rules.allows:
            return finding
        word, segment_id = finding.code.rsplit(".", 1)[1], finding.where.segment_id or ""
        segment = self.rules.dictionary.segment(self.rules.version, segment_id) or segment_id
        for rule in self.rules.allows:
            if word in rule.allow and allowed(rule, heads, segment, elements, element):
                message = f"{finding.message} The partner's guide allows it."
                return replace(finding, severity=Severity.NOTE, message=message, ack=None, source=rule.source or None)
        return finding

    def tell(self, finding: Finding) -> None:
        """Keep a finding, or count it where there are too many."""
        if len(self.findings) < self._most(finding.severity):
            self.findings.append(finding)
            self._told = max(self._told, finding.severity)
        else:
            self._count(finding.severity)

    def _most(self, severity: Severity) -> int:
        """Say up to how many findings one so severe is listed: what stops a set first is told in any case, and all that
        a person must decide, unless it is refused.
        """
        bounded = severity < _HOLD or self._told >= _REFUSE
        return self._room.listed if bounded else MOST_FINDINGS

    def take_back(self, finding: Finding) -> None:
        """Forget a finding, if it is listed: what it missed came later."""
        self.findings[:] = [one for one in self.findings if one is not finding]
        self._told = max((one.severity for one in self.findings), default=Severity.NOTE)

    def enough(self, since: Mark | None = None) -> bool:
        """Say whether no more need be looked for: the set is refused, and so much is wrong that there is no room for
        more. With `since` it must have been so at that mark already: what was told after it may be taken back.
        """
        listed, least = self._room
        findings, more, told, worst = self.findings, self._more, self._told, self._worst
        if since is not None:
            findings, more, told, worst = since[:4]
        if more < least or len(findings) < listed or max(told, worst) < Severity.REFUSE:
            return False
        self._stopped = True
        return True

    def spares(self, node: Node) -> bool:
        """Say whether the elements of a segment may stay unread although something is wrong with them: so much is
        wrong already that there is no room for more, and what it holds can refuse nothing, as no map reads it.
        """
        if self._more < max(self._room.counted, 1) or len(self.findings) < self._room.listed:
            return False
        if max(self._told, self._worst) < Severity.WARNING or touches(self.rules.reads, node):
            return False
        self._stopped = True
        return True

    def full(self, severity: Severity = Severity.REFUSE) -> bool:
        """Say whether a fault need not be put into words any more, and count it then.

        What a guide allows is only seen in the words, so that they are made where a fault would be the worst of all
        that are not listed, and a guide allows anything.
        """
        if len(self.findings) < self._most(severity) or (self.rules.allows and severity > self._worst):
            return False
        self._count(severity)
        return True

    def position(self, spoken: Spoken, loops: str, path: str, segment_id: str | None = None) -> Position:
        """Give the position of a segment."""
        where, named = self._where, spoken.id if segment_id is None else segment_id
        return Position(
            where.file,
            spoken.byte,
            where.interchange,
            where.group,
            self._control,
            self._set_id,
            spoken.number,
            spoken.in_set,
            named,
            loops or None,
            path,
        )

    def _element_at(
        self, place: Place, element: int, component: int | None, repetition: int | None, element_id: str | None
    ) -> Position:
        """Narrow a segment's position to an element; one that is absent stands at the end of its segment."""
        spoken, elements = place.spoken, place.spoken.elements
        byte = spoken.byte + sum(len(text) + 1 for text in elements[:element])
        value = elements[element] if element < len(elements) else ""
        if element >= len(elements):
            byte = spoken.byte + sum(len(text) + 1 for text in elements) - 1
        for number, mark in ((repetition, self.delimiters.repetition), (component, self.delimiters.component)):
            if number is not None and mark is not None:
                pieces = value.split(mark)
                byte += sum(len(piece) + 1 for piece in pieces[: number - 1])
                value = pieces[number - 1] if number <= len(pieces) else ""
        path = f"{place.path}{element:02d}"
        path += f"[{repetition}]" if repetition is not None else ""
        path += f"-{component}" if component is not None else ""
        where = self._where
        return Position(
            where.file,
            byte,
            where.interchange,
            where.group,
            self._control,
            self._set_id,
            spoken.number,
            spoken.in_set,
            spoken.id,
            place.loops or None,
            path,
            element,
            component,
            repetition,
            element_id,
        )

    def _count(self, severity: Severity) -> None:
        self._more += 1
        self._worst = max(self._worst, severity)

    def _rest(self) -> Finding:
        """Tell how many findings are not listed; it stops what the worst of them would have stopped."""
        most = "At least " if self._stopped else ""
        message = f"{most}{counted(self._more, 'more fault')} of this set are not listed."
        if not self._more:
            message = "This set was looked at no further: it is refused, and its file has no room for more."
        severity = self._worst if self._worst > self._told else Severity.NOTE
        where = self._where
        here = Position(where.file, where.byte, where.interchange, where.group, self._control, self._set_id)
        return Finding("x12.set.more", severity, message, here)


@lru_cache(maxsize=64)
def ack_code(level: str, code: str) -> AckCode:
    """Give the code of an acknowledgment; there are few, and each is one value."""
    return AckCode(level, code)


def _limits(rule: GuideRule) -> str:
    if rule.minimum is not None and rule.minimum == rule.maximum:
        return f"exactly {rule.minimum}"
    least = f"at least {rule.minimum}" if rule.minimum is not None else ""
    most = f"at most {rule.maximum}" if rule.maximum is not None else ""
    return " and ".join(part for part in (least, most) if part)
