"""The slow check of a set: walks it once, tree and all, and puts every fault into words and its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.check_element import ElementCheck, Fault
from edi_engine.x12.check_guide import GuideFault, GuidePlan, Item, allowed
from edi_engine.x12.check_words import ordinal
from edi_engine.x12.compile_set import CompiledSet
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.guide import GuideRule
from edi_engine.x12.tree import Builder, Frame
from edi_engine.x12.tree_states import Node, Ring
from edi_engine.x12.values import Delimiters, SetOutline, Spoken
from edi_engine.x12.wording import counted, quoted

MOST_FINDINGS: Final = 500
"""Findings of one set that are listed; the rest is counted."""


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


class Judge(Builder):
    """Judges one set; made anew for each."""

    def __init__(
        self, compiled: CompiledSet, rules: Rules, delimiters: Delimiters, outline: SetOutline, where: Position
    ) -> None:
        """Stand before the ST."""
        super().__init__(compiled.states, delimiters)
        self._functions = compiled.functions
        self._rules = rules
        self._outline = outline
        self._where = replace(
            where, set_id=where.set_id or outline.set_id, set_control=where.set_control or outline.control
        )
        self._elements = rules.elements
        self._findings: list[Finding] = []
        self._more = 0
        self._worst = Severity.NOTE
        self._items: list[Item] = []
        self._spots: list[tuple[Spoken, str, str]] = []
        self._last: Spoken | None = None
        self._levels: set[str] = set()
        self._missed: dict[tuple[int, int], tuple[Frame, Finding]] = {}  # frames are held, so that no id comes twice

    def judge(self, text: str) -> tuple[Finding, ...]:
        """Give all findings of the set, in file order."""
        mark, blank = self.delimiters.repetition, self.delimiters.element + " "
        printable = "".join(text.split(self.delimiters.segment + self.delimiters.suffix)).isprintable()
        self._plain = printable and text.isascii() and blank not in text and (mark is None or mark not in text)
        self.build(text, self._outline.start, self._outline.number)
        self.end()
        plan = self._rules.plan
        if plan is not None:
            for fault in plan.faults(self._items, self.delimiters.component):
                self._tell(self._of_guide(fault))
        self._findings.sort(key=lambda finding: (finding.where.in_set or 0, finding.where.element or 0))
        if self._more:
            self._findings.append(self._rest())
        return tuple(self._findings)

    # What the builder tells

    def placed(self, spoken: Spoken, node: Node, frame: Frame) -> None:
        """Check the elements of a segment in its place."""
        self._last = spoken
        number = 1 if node.opens else frame.counts[node.at]
        if self._rules.plan is not None:
            self._items.append((node, spoken.elements))
            self._spots.append((spoken, self._loops(), self._path(spoken.id, number)))
        if number > node.maximum:
            return  # it is one too many, which is told: what it holds is no fault of its own
        for fault in self._of_structure(spoken, node, frame):
            self._tell_element(fault, spoken, number, node)
        if self._doubtful(spoken):
            for fault in self._elements.faults(node.segment, spoken.elements, self.delimiters):
                self._tell_element(fault, spoken, number, node)

    def astray(self, spoken: Spoken, node: Node) -> None:
        """Check the elements of a segment in a wrong place."""
        self._last = spoken
        for fault in self._elements.faults(node.segment, spoken.elements, self.delimiters):
            self._tell_element(fault, spoken, 1, None)

    def missing(self, child: Node | Ring, frame: Frame, spoken: Spoken | None) -> None:
        """Tell of a mandatory segment or loop that is not there, at the place where it was noticed."""
        if child.id == "SE" and spoken is None:
            return  # a set without SE is a fault of its envelope, and told there
        if self._full():
            return
        here = self._missing_at(child, frame, spoken)
        label = self._rules.dictionary.label(child.id)
        what = f"the loop {child.id} ({label})" if isinstance(child, Ring) else f"{child.id} ({label})"
        inside = f" in {frame.ring.id}" if frame.ring.parent is not None else ""
        before = f" before {spoken.id}" if spoken is not None else ""
        message = f"{what[0].upper()}{what[1:]} is missing{inside}{before}: it is mandatory."
        finding = Finding("x12.segment.missing", Severity.REFUSE, message, here, ack=AckCode("AK3", "3"))
        told = self._allow(finding, child.id, [], 0, self._heads(frame))
        self._missed[id(frame), id(child)] = frame, told
        self._tell(told)

    def repeated(self, child: Node | Ring, frame: Frame, spoken: Spoken) -> None:
        """Tell of a segment or loop that stands once too often."""
        if self._full():
            return
        loop = isinstance(child, Ring)
        most = counted(child.maximum, "time") if child.maximum > 1 else "once"
        inside = frame.ring.id if frame.ring.parent is not None else f"the {self.states.set_def.id}"
        what = f"The loop {child.id}" if loop else child.id
        message = f"{what} stands here for the {ordinal(child.maximum + 1)} time; {inside} may hold it {most}."
        code, ack = ("x12.loop.repeated", "4") if loop else ("x12.segment.repeated", "5")
        here = self._at(spoken, child.maximum + 1)
        finding = Finding(code, Severity.REFUSE, message, here, spoken.id, f"at most {most}", AckCode("AK3", ack))
        self._tell(self._allow(finding, spoken.id, spoken.elements, 0, self._heads(self.frames[-1])))

    def misplaced(self, spoken: Spoken, child: Node | Ring | None) -> None:
        """Tell of a segment of the set in a wrong place; one that was missed before is not missing, but late."""
        if child is not None:
            self._found_late(child)
        if self._full():
            return
        after = f" after {self.node.id}" if self.node.id else ""
        if child is not None:
            message = f"{spoken.id} comes too late{after}: its place is further up."
            ack, fix = AckCode("AK3", "7"), "Ask the partner to keep the order of segments."
        else:
            loops = self._belongs(spoken.id)
            message = f"{spoken.id} cannot stand here{after}: it belongs in {loops}."
            ack, fix = AckCode("AK3", "2"), "See whether the segment that opens the loop is missing."
        here = self._at(spoken, 1)
        finding = Finding("x12.segment.misplaced", Severity.REFUSE, message, here, spoken.id, None, ack, fix)
        self._tell(self._allow(finding, spoken.id, spoken.elements, 0, self._heads(self.frames[-1])))

    def _found_late(self, child: Node | Ring) -> None:
        """Take back that a segment or loop is missing."""
        keys = [(id(frame), id(child)) for frame in self.frames]
        missed = next((found for key in keys if (found := self._missed.pop(key, None)) is not None), None)
        if missed is not None:
            self._findings = [finding for finding in self._findings if finding is not missed[1]]

    def foreign(self, spoken: Spoken) -> None:
        """Tell of a segment that the set does not have."""
        self._last = spoken
        if self._full():
            return
        set_id, version = self.states.set_def.id, self._rules.version
        if self._rules.dictionary.known(version, spoken.id):
            message = f"{spoken.id} is a segment of X12, but not of the {set_id}."
            code, ack = "x12.segment.foreign", "6"
        else:
            message = f"{quoted(spoken.id)} is no segment of X12 {version}."
            code, ack = "x12.segment.unknown", "1"
        finding = Finding(code, Severity.REFUSE, message, self._at(spoken, 1), spoken.id, ack=AckCode("AK3", ack))
        self._tell(self._allow(finding, spoken.id, spoken.elements, 0, self._heads(self.frames[-1])))

    # Faults into findings

    def _of_structure(self, spoken: Spoken, node: Node, frame: Frame) -> Iterator[Fault]:
        """Check what ties segments to each other: HL numbers, and LE to its LS."""
        if node.id == "HL":
            number, parent = spoken.get(1), spoken.get(2)
            if parent and parent not in self._levels:
                message = f"HL02 {quoted(parent)} names no level that came before level {quoted(number)}."
                yield Fault("x12.level.parent", "7", message, 2, "734", seen=parent, wanted="an HL01 from further up")
            if number and number in self._levels:
                message = f"HL01 {quoted(number)} is the number of an earlier level already."
                yield Fault("x12.level.repeated", "7", message, 1, "628", seen=number)
            self._levels.add(number)
        elif node.id == "LE" and spoken.get(1) != frame.loop.head.get(1):
            wanted = frame.loop.head.get(1)
            message = f"LE01 {quoted(spoken.get(1))} does not close the loop that LS01 {quoted(wanted)} opened."
            yield Fault("x12.loop.bounds", "7", message, 1, "447", seen=spoken.get(1), wanted=wanted)

    def _doubtful(self, spoken: Spoken) -> bool:
        """Say whether the elements of a segment need the slow check: the compiled functions take plain ones only."""
        if self._functions[spoken.id](spoken.elements):
            return True
        if self._plain:
            return False
        mark, separator = self.delimiters.repetition, self.delimiters.element
        joined = separator.join(spoken.elements)
        plain = joined.isprintable() and joined.isascii() and separator + " " not in joined
        return not plain or (mark is not None and mark in joined)

    def _tell_element(self, fault: Fault, spoken: Spoken, number: int, node: Node | None) -> None:
        severity, message, wanted, fix = fault.severity, fault.message, fault.wanted, fault.fix
        if fault.code == "x12.element.code" and not self._is_read(node, fault):
            severity, message = Severity.WARNING, f"{message[:-1]}; no map reads it."
        if self._full(severity):
            return
        likely = self._elements.likely(fault)
        if likely:
            wanted, fix = likely, f"It looks like {likely}: ask the partner to send that."
        here = self._element_at(self._at(spoken, number), spoken, fault.element, fault.component, fault.repetition)
        ack = AckCode("AK4", fault.ack) if fault.ack else None
        here = replace(here, element_id=fault.element_id)
        finding = Finding(fault.code, severity, message, here, fault.seen, wanted, ack, fix)
        self._tell(self._allow(finding, spoken.id, spoken.elements, fault.element, self._heads(self.frames[-1])))

    def _of_guide(self, fault: GuideFault) -> Finding:
        rule = fault.rule
        spoken, loops, path = self._spots[fault.item] if self._spots else (Spoken(["ST"], 1), "", "ST")
        here = self._position(spoken, loops or None, path)
        place = str(rule.path)
        wanted: str | None = None
        if fault.element:
            here = self._element_at(here, spoken, fault.element, fault.component, None)
            place = here.path or place
        seen = f"{place} {quoted(fault.seen or '')}"
        it = "it" if place == str(rule.path) else str(rule.path)
        match fault.word:
            case "missing":
                message = f"{place} is missing: the partner's guide requires {it}."
            case "not-used":
                message = f"{place} is there, but the partner's guide does not use {it}."
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

    def _is_read(self, node: Node | None, fault: Fault) -> bool:
        reads = self._rules.reads
        if reads is None or node is None:
            return True
        place = f"{node.place}{fault.element:02d}"
        return place in reads or f"{place}-{fault.component or 1}" in reads

    def _allow(
        self, finding: Finding, segment_id: str, elements: list[str], element: int, heads: list[tuple[Ring, list[str]]]
    ) -> Finding:
        """Turn a finding that the partner's guide allows into a note."""
        if not self._rules.allows:
            return finding
        word = finding.code.rsplit(".", 1)[1]
        segment = self._rules.dictionary.segment(self._rules.version, segment_id) or segment_id
        for rule in self._rules.allows:
            if word in rule.allow and allowed(rule, heads, segment, elements, element):
                message = f"{finding.message} The partner's guide allows it."
                return replace(finding, severity=Severity.NOTE, message=message, ack=None, source=rule.source or None)
        return finding

    def _tell(self, finding: Finding) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(finding)
        else:
            self._count(finding.severity)

    def _full(self, severity: Severity = Severity.REFUSE) -> bool:
        """Say whether a fault need not be put into words any more, and count it then.

        What a guide allows is only seen in the words, so that a guide that allows anything has them all made.
        """
        if len(self._findings) < MOST_FINDINGS or self._rules.allows:
            return False
        self._count(severity)
        return True

    def _count(self, severity: Severity) -> None:
        self._more += 1
        self._worst = max(self._worst, severity)

    def _rest(self) -> Finding:
        """Tell how many findings are not listed; it stops what the worst of them would have stopped."""
        message = f"{counted(self._more, 'more fault')} of this set are not listed."
        told = max(finding.severity for finding in self._findings)
        severity = self._worst if self._worst > told else Severity.NOTE
        return Finding("x12.set.more", severity, message, self._where)

    def _belongs(self, segment_id: str) -> str:
        """Say in which loops of the set a segment may stand."""
        places = sorted({"/".join(node.ring.loops()) for node in self.states.nodes if node.id == segment_id})
        return " or ".join(place or "no loop" for place in places)

    # Places

    def _heads(self, frame: Frame) -> list[tuple[Ring, list[str]]]:
        depth = self.frames.index(frame) if frame in self.frames else len(self.frames) - 1
        return [(each.ring, each.loop.head.elements) for each in self.frames[1 : depth + 1]]

    def _loops(self) -> str:
        return "/".join(frame.ring.id for frame in self.frames[1:])

    def _path(self, segment_id: str, number: int, frames: list[Frame] | None = None) -> str:
        steps = [
            f"{frame.ring.id}[{frame.number}]" if frame.ring.maximum > 1 else frame.ring.id
            for frame in (self.frames[1:] if frames is None else frames)
        ]
        return "/".join([*steps, f"{segment_id}[{number}]" if number > 1 else segment_id])

    def _at(self, spoken: Spoken, number: int) -> Position:
        return self._position(spoken, self._loops() or None, self._path(spoken.id, number))

    def _position(self, spoken: Spoken, loops: str | None, path: str) -> Position:
        return replace(
            self._where,
            byte=spoken.byte,
            segment=spoken.number,
            in_set=spoken.in_set,
            segment_id=spoken.id,
            loop=loops,
            path=path,
        )

    def _missing_at(self, child: Node | Ring, frame: Frame, spoken: Spoken | None) -> Position:
        depth = self.frames.index(frame) if frame in self.frames else len(self.frames)
        frames = self.frames[1 : depth + 1] if frame in self.frames else [*self.frames[1:], frame]
        loops = "/".join(each.ring.id for each in frames)
        path = self._path(child.id, 1, frames)
        place = spoken or self._last or Spoken([""], 1, self._outline.number, self._outline.start)
        return replace(self._position(place, loops or None, path), segment_id=child.id)

    def _element_at(
        self, here: Position, spoken: Spoken, element: int, component: int | None, repetition: int | None
    ) -> Position:
        """Narrow a segment's position to an element; one that is absent stands at the end of its segment."""
        elements = spoken.elements
        byte = spoken.byte + sum(len(text) + 1 for text in elements[:element])
        value = elements[element] if element < len(elements) else ""
        if element >= len(elements):
            byte = spoken.byte + sum(len(text) + 1 for text in elements) - 1
        for number, mark in ((repetition, self.delimiters.repetition), (component, self.delimiters.component)):
            if number is not None and mark is not None:
                pieces = value.split(mark)
                byte += sum(len(piece) + 1 for piece in pieces[: number - 1])
                value = pieces[number - 1] if number <= len(pieces) else ""
        name = f"{here.path}{element:02d}"
        name += f"[{repetition}]" if repetition is not None else ""
        name += f"-{component}" if component is not None else ""
        return replace(here, byte=byte, path=name, element=element, component=component, repetition=repetition)


def _limits(rule: GuideRule) -> str:
    if rule.minimum is not None and rule.minimum == rule.maximum:
        return f"exactly {rule.minimum}"
    least = f"at least {rule.minimum}" if rule.minimum is not None else ""
    most = f"at most {rule.maximum}" if rule.maximum is not None else ""
    return " and ".join(part for part in (least, most) if part)
