"""Acknowledgments as values: a 997 or 999 for each group, but for those that hold acknowledgments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.x12.surroundings import Around
from edi_engine.x12.values import Delimiters, GroupOutline, SetOutline
from edi_engine.x12.writer import COMPONENT

_SILENT: Final = "FA"
_MOST_ELEMENTS: Final = 99
_MOST_CODES: Final = 5
_LONGEST_COPY: Final = 99
_LONGEST_CONTEXT: Final = 35
_LONGEST_LOOP: Final = 4
_SITUATIONAL: Final = "SITUATIONAL TRIGGER"
"""What CTX01 says where the fault lies in what another element makes of it."""
_MOST_SETS: Final = 999_999
_LAST_PLACE: Final = 99
_LAST_REPETITION: Final = 9_999
"""What the elements can say that count sets and places; what lies beyond is told as their greatest number."""
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_ELEMENT_ID: Final = re.compile(r"[0-9]{1,4}")
_CONTROL: Final = re.compile(r"[0-9]{1,9}")
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-/")
_BASIC: Final = _PLAIN | frozenset("!\"&'()*+:;?=")
"""The basic character set of X12, and small letters: what every program takes, whatever its delimiters are."""

TOGETHER: Final = "x12.together"
"""The code of the finding for which a group is refused that has no fault of its own but stands or falls with others."""

_SINCE: Final = {
    ("AK3", "8"): "003060",
    ("AK4", "12"): "004020",
    ("AK4", "13"): "004020",
    ("AK5", "18"): "004050",
    ("AK5", "19"): "004050",
    ("AK5", "I5"): "005040",
    ("AK9", "7"): "005030",
    ("AK9", "8"): "005030",
    ("AK9", "9"): "005030",
    ("AK9", "19"): "004050",
    ("AK9", "30"): "005030",
    ("AK9", "31"): "005030",
}
"""First version in which a code means what we mean by it; codes not listed are in every version."""
_BEFORE: Final = {("AK4", "12"): "3", ("AK4", "13"): "3", ("AK5", "18"): "1", ("AK9", "19"): "6"}
"""What an older version says instead; where it has no word for it, nothing."""

OLDEST_999: Final = "005010"
"""The first version in which there is a 999."""

_NOTHING: Final[Mapping[Finding, Around]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """A set of the group, and all that was found in it by the check (those of the outline count in any case).

    `around` says of some findings what stands around them; AK303 and the CTX of a 999 name it.
    """

    outline: SetOutline
    findings: tuple[Finding, ...] = ()
    around: Mapping[Finding, Around] = field(default_factory=lambda: _NOTHING, compare=False)

    @property
    def all(self) -> tuple[Finding, ...]:
        """The findings of both passes, each once."""
        if not self.outline.findings and len(self.findings) < 2:
            return self.findings
        return tuple(dict.fromkeys((*self.outline.findings, *self.findings)))

    @property
    def code(self) -> str:
        """AK501: R refused, E accepted with errors noted, A accepted. What only a person must decide is accepted."""
        return _code(self.all)


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """The body of a 997 or 999, without ST and SE, and what it says.

    `verdict` is AK901: A, E, P or R. `received` and `accepted` count sets; `included` are the sets it names.
    """

    set_id: str
    segments: tuple[tuple[str, ...], ...]
    verdict: str
    received: int
    accepted: int
    included: tuple[SetOutline, ...]


def acknowledge(
    group: GroupOutline,
    verdicts: Sequence[SetVerdict],
    version: str,
    *,
    set_id: str = "997",
    delimiters: Delimiters | None = None,
) -> Acknowledgment:
    """Say to the sender of `group` what became of it, in the codes that `version` (such as 004010) has.

    `verdicts` has one for each set, in the order of the group. `delimiters` are those the answer will be written with;
    copies of bad values are stripped of them (without them, of all but letters, digits, blanks and .,-/). Composites
    hold `writer.COMPONENT`. Raises ValueError for a group of acknowledgments, for verdicts on other sets and for a 999
    before there was one: these are bugs of the caller.
    """
    if group.kind == _SILENT:
        message = f"group {group.control} holds acknowledgments; they are never acknowledged"
        raise ValueError(message)
    if [verdict.outline.ordinal for verdict in verdicts] != [one.ordinal for one in group.sets]:
        message = f"group {group.control} has {len(group.sets)} sets, but the {len(verdicts)} verdicts are on others"
        raise ValueError(message)
    if set_id == "999" and version < OLDEST_999:
        message = f"there is no 999 in version {version}"
        raise ValueError(message)
    return _Letter(version, set_id, delimiters).write(group, verdicts)


def details(
    finding: Finding, version: str, set_id: str = "997", delimiters: Delimiters | None = None
) -> tuple[tuple[str, ...], ...]:
    """Give the AK3 and AK4 (IK3, IK4) in which `acknowledge` tells of one fault; none where it tells nothing of it."""
    return tuple(_Letter(version, set_id, delimiters).details((finding,), {}))


def code_in(level: str, code: str, version: str, set_id: str = "997") -> str:
    """Give a code of `level`, such as AK4, as a 997 or 999 of this version has it, "" where it has none."""
    if code.startswith("I") and set_id != "999":
        return ""
    if version >= _SINCE.get((level, code), ""):
        return code
    return _BEFORE.get((level, code), "")


class _Letter:
    """One 997 or 999 being written."""

    def __init__(self, version: str, set_id: str, delimiters: Delimiters | None) -> None:
        self._version = version
        self._set_id = set_id
        self._prefix = "IK" if set_id == "999" else "AK"
        self._kept = _kept(delimiters)
        self._words: dict[tuple[str, str], str] = {}  # codes of faults as this version has them
        self._last = 10 ** (10 if version >= "005010" else 6) - 1

    def write(self, group: GroupOutline, verdicts: Sequence[SetVerdict]) -> Acknowledgment:
        refused = any(finding.severity >= Severity.REFUSE for finding in group.findings)
        judged = [(verdict, every := verdict.all, _code(every)) for verdict in verdicts]
        accepted = 0 if refused else sum(1 for *_, code in judged if code != "R")
        # When the group itself is refused, only the sets that would have been refused anyway say something useful.
        # Where it is refused for what a set in it or beside it has wrong, the others must not be taken for accepted.
        if refused and all(one.code == TOGETHER for one in group.findings if one.severity >= Severity.REFUSE):
            included = [(verdict, every, "R") for verdict, every, _ in judged]
        else:
            included = [one for one in judged if one[2] == "R" or not refused]
        segments = [self._ak1(group)]
        for verdict, every, code in included:
            segments.extend(self._set(verdict, every, code))
        noted = self._codes("AK9", group.findings)
        if refused or (verdicts and accepted == 0):
            verdict_code = "R"
        elif accepted < len(verdicts):
            verdict_code = "P"
        else:
            verdict_code = "E" if noted or any(code == "E" for *_, code in judged) else "A"
        received = len(verdicts)
        counts = [str(min(count, _MOST_SETS)) for count in (received, accepted)]
        stated = str(int(group.stated_sets)) if _NUMBER.fullmatch(group.stated_sets) else counts[0]
        segments.append(self._segment("AK9", verdict_code, stated, *counts, *noted))
        outlines = tuple(verdict.outline for verdict, *_ in included)
        return Acknowledgment(self._set_id, tuple(segments), verdict_code, received, accepted, outlines)

    def _ak1(self, group: GroupOutline) -> tuple[str, ...]:
        version = self._clean(group.version, 12) if self._version >= "004050" else ""
        control = group.control if _CONTROL.fullmatch(group.control) else "0"  # half a number may be another group's
        return self._segment("AK1", self._filled(group.kind, 2, 2), control, version)

    def _set(self, verdict: SetVerdict, every: tuple[Finding, ...], code: str) -> Iterable[tuple[str, ...]]:
        """Give AK2, the AK3 and AK4 of what is wrong in the set, which is `every` finding of its verdict, and AK5; its
        own word may be less than `code`.
        """
        outline = verdict.outline
        named = (self._filled(outline.set_id, 3, 3), self._filled(outline.control, 4, 9))
        guide = self._clean(outline.implementation, 35) if self._version >= "004050" else ""
        yield self._segment("AK2", *named, guide)
        if code == "A":
            yield self._segment(f"{self._prefix}5", "A")
            return
        placed = [finding for finding in every if finding.ack is not None and finding.ack.level != "AK5"]
        details = list(self.details(placed, verdict.around)) if placed else []
        yield from details
        codes = set(self._codes("AK5", every))
        if details or (not codes and _code(every) != "A"):
            codes.add("5")
        told = sorted(codes, key=lambda one: (len(one), one))[:_MOST_CODES]
        yield self._segment(f"{self._prefix}5", code, *told)

    def details(self, findings: Iterable[Finding], around: Mapping[Finding, Around]) -> Iterable[tuple[str, ...]]:
        """Give AK3 for each segment in error, in their order, each with the AK4 of its elements; in a 999, CTX too."""
        places: dict[tuple[int, str], list[Finding]] = {}
        for finding in findings:
            where = finding.where
            placed = where.in_set is not None and where.segment_id is not None
            if placed and _is_said(finding) and finding.ack and finding.ack.level in {"AK3", "AK4"}:
                places.setdefault((where.in_set or 0, where.segment_id or ""), []).append(finding)
        for (in_set, segment_id), here in sorted(places.items(), key=lambda place: place[0][0]):
            known = [around[finding] for finding in here if finding in around] if around else []
            loop = next((one.loop for one in known if 0 < len(one.loop) <= _LONGEST_LOOP), "")
            loop = self._clean(loop, _LONGEST_LOOP)
            name = (self._filled(segment_id, 2, 3), str(min(in_set, self._last)), loop)
            unit = tuple(self._unit(known))
            for code in self._codes("AK3", here):
                if code != "8":
                    yield self._segment(f"{self._prefix}3", *name, code)
                    yield from unit
            elements = [(fault, finding) for finding in here if (fault := self._element(finding)) is not None]
            if elements:
                yield self._segment(f"{self._prefix}3", *name, self._word("AK3", "8"))
                yield from unit
            for fault, finding in elements[:_MOST_ELEMENTS]:
                yield fault
                if around:
                    yield from self._trigger(name, around.get(finding))

    def _unit(self, known: Iterable[Around]) -> Iterable[tuple[str, ...]]:
        """Give the CTX that names the line or the document of a segment, where its number can be repeated as it is."""
        named = next((one.unit for one in known if one.unit is not None), None)
        if self._set_id == "999" and named is not None and self._clean(named[1], _LONGEST_CONTEXT) == named[1]:
            yield self._segment("CTX", COMPONENT.join(named))

    def _trigger(self, name: tuple[str, str, str], around: Around | None) -> Iterable[tuple[str, ...]]:
        """Give the CTX that names the element for whose sake another one is wrong."""
        if self._set_id != "999" or around is None or around.trigger is None:
            return
        found = around.trigger
        place = str(min(found.element, _LAST_PLACE))
        if found.component is not None:
            place += f"{COMPONENT}{min(found.component, _LAST_PLACE)}"
        number = found.element_id if _ELEMENT_ID.fullmatch(found.element_id) else ""
        yield self._segment("CTX", _SITUATIONAL, *name, place, number)

    def _element(self, finding: Finding) -> tuple[str, ...] | None:
        where, ack = finding.where, finding.ack
        if ack is None or ack.level != "AK4" or where.element is None:
            return None
        code = self._word("AK4", ack.code)
        if not code:
            return None
        place = str(min(where.element, _LAST_PLACE))
        if where.component is not None and self._version >= "003060":
            place += f"{COMPONENT}{min(where.component, _LAST_PLACE)}"
        if where.repetition is not None and self._version >= "004020":
            place += COMPONENT if where.component is not None else COMPONENT * 2
            place += str(min(where.repetition, _LAST_REPETITION))
        element_id = where.element_id if where.element_id and _ELEMENT_ID.fullmatch(where.element_id) else ""
        # A bad character copied into our answer would be a bad character in our answer.
        copy = "" if ack.code == "6" or finding.seen is None else self._clean(finding.seen, _LONGEST_COPY)
        return self._segment(f"{self._prefix}4", place, element_id, code, copy)

    def _codes(self, level: str, findings: Iterable[Finding]) -> tuple[str, ...]:
        """Give the codes of one level that this version has, each once, at most five."""
        words: dict[str, None] = {}
        for finding in findings:
            ack = finding.ack
            if ack is not None and ack.level == level and finding.severity in _SAID:
                word = self._word(level, ack.code)
                if word:
                    words[word] = None
        return tuple(words)[:_MOST_CODES]

    def _word(self, level: str, code: str) -> str:
        word = self._words.get((level, code))
        if word is None:
            word = self._words[level, code] = code_in(level, code, self._version, self._set_id)
        return word

    def _clean(self, text: str, longest: int) -> str:
        """Strip a copied text to what our own segments can carry."""
        if not self._kept.issuperset(text):
            text = "".join([letter for letter in text if letter in self._kept])
        return text[:longest].rstrip()

    def _filled(self, text: str, shortest: int, longest: int) -> str:
        """Copy what the sender should have written: zeros stand for what is missing, so that the answer is sound."""
        if shortest <= len(text) <= longest and text.isalnum() and self._kept.issuperset(text):
            return text  # as almost all are
        return self._clean(text, longest).strip().rjust(shortest, "0")

    def _segment(self, name: str, *elements: str) -> tuple[str, ...]:
        last = len(elements)
        while last and not elements[last - 1]:
            last -= 1
        return (name, *elements[:last])


def _is_said(finding: Finding) -> bool:
    """Say whether X12 is told of a finding: what is only our guide's affair (HOLD) or worth knowing (NOTE) is not."""
    return finding.severity in _SAID


_REFUSE: Final = Severity.REFUSE
_SAID: Final = (Severity.REFUSE, Severity.WARNING)


def _code(findings: Sequence[Finding]) -> str:
    """Give AK501 for a set in which all this was found."""
    for finding in findings:
        if finding.severity >= _REFUSE:
            return "R"
    noted = any(
        _is_said(finding) and finding.ack and finding.ack.level in {"AK3", "AK4", "AK5"} for finding in findings
    )
    return "E" if noted else "A"


def _kept(delimiters: Delimiters | None) -> frozenset[str]:
    """Give the characters that a copied text may keep."""
    if delimiters is None:
        return _PLAIN
    used = (delimiters.element, delimiters.component, delimiters.segment, delimiters.repetition)
    return _BASIC.difference(one for one in used if one is not None)
