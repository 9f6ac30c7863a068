"""Writing X12: bodies of sets into an interchange, with envelopes, counts, control numbers and padding.

In the elements of a body COMPONENT stands between the components of a composite and REPETITION between repetitions, so
that a body does not depend on the delimiters of whoever gets it. No other control character may occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import named, quoted

COMPONENT: Final = "\x1f"
"""Stands between the components of a composite element in a body."""
REPETITION: Final = "\x1e"
"""Stands between the repetitions of an element in a body."""

_SEGMENT_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_ENVELOPES: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})
_LINE_ENDS: Final = re.compile(r"[\r\n]*")
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Envelope:
    """The outside of what is sent. `when` is aware, in the zone the partner is to read; `version` is GS08.

    `charset` is a Python codec of one byte a character, such as ascii or latin-1, or utf-8 where the partner wants it.
    """

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    interchange_version: str
    group_kind: str
    group_sender: str
    group_receiver: str
    version: str
    usage: str
    wants_ta1: bool
    delimiters: Delimiters
    when: datetime
    interchange_control: int
    group_control: int
    agency: str = "X"
    charset: str = "ascii"


@dataclass(frozen=True, slots=True)
class Writing:
    """What was written: the bytes of the interchange, or None and the findings that kept it from being written."""

    data: bytes | None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """Segments as they will be written, and what is wrong with them."""

    envelope: Envelope
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def put(self, segment: Sequence[str], where: Position) -> None:
        """Write one segment without its trailing empty elements and components."""
        texts = [self._element(text, where, n) for n, text in enumerate(segment)]
        while texts and not texts[-1]:
            texts.pop()
        self.lines.append(self.envelope.delimiters.element.join(texts))

    def fault(self, code: str, message: str, where: Position, seen: str | None = None) -> None:
        """Note why nothing can be sent."""
        if len(self.findings) < _MOST:
            self.findings.append(Finding(code, Severity.HOLD, message, where, seen))

    def _element(self, text: str, where: Position, n: int) -> str:
        if not text:
            return text
        delimiters = self.envelope.delimiters
        if COMPONENT not in text and REPETITION not in text:
            self._check(text, where, n)
            return text
        if REPETITION in text and delimiters.repetition is None:
            place = _place(where, n)
            message = f"{place.path} repeats, but this partner has no repetition separator (ISA11)."
            self.fault("document.character", message, place, text)
        repeats = []
        for repeat in text.split(REPETITION):
            parts = repeat.split(COMPONENT)
            for m, part in enumerate(parts, 1):
                self._check(part, where, n, m)
            while parts and not parts[-1]:
                parts.pop()
            repeats.append(delimiters.component.join(parts))
        while repeats and not repeats[-1]:
            repeats.pop()
        return (delimiters.repetition or "").join(repeats)

    def _check(self, text: str, where: Position, n: int, component: int | None = None) -> None:
        """Hold what holds a delimiter, a control character or one that the partner's character set lacks."""
        bad = _forbidden(self.envelope.delimiters).search(text)
        if bad is None and (text.isascii() or _encodable(text, self.envelope.charset)):
            return
        place = _place(where, n, component)
        if bad is None:
            letter = next(one for one in text if not _encodable(one, self.envelope.charset))
            reason = f'holds "{letter}", which the partner\'s character set {self.envelope.charset} does not have'
        elif (role := _role(bad[0], self.envelope.delimiters)) is not None:
            reason = f"holds {named(bad[0])}, which is the {role} of this partner"
        else:
            reason = f"holds a control character ({named(bad[0])})"
        message = f"{place.path} {quoted(text)} {reason}. Correct the value where it comes from."
        self.fault("document.character", message, place, text)


def write(
    envelope: Envelope,
    set_id: str,
    bodies: Sequence[Sequence[Sequence[str]]],
    *,
    implementation: str = "",
    acknowledgments: Sequence[Sequence[str]] = (),
) -> Writing:
    """Write sets of one kind as one group in one interchange.

    Each body is the segments between ST and SE, each segment its id and elements. ST and SE are added with control
    numbers from 0001, `implementation` as ST03 where it is given. `acknowledgments` are TA1 segments; without bodies
    there is no group. Nothing is written if anything is wrong: the findings say what. Raises ValueError if
    `envelope.when` has no time zone.
    """
    if envelope.when.tzinfo is None:
        message = "Envelope.when must have a time zone"
        raise ValueError(message)
    sheet = _Sheet(envelope)
    for fault in _faults(envelope):
        sheet.fault("document.invalid.envelope", f"{fault} Correct the partner file.", Position())
    if sheet.findings:
        return Writing(None, tuple(sheet.findings))
    control = f"{envelope.interchange_control:09d}"
    sheet.lines.append(_isa(envelope, control))
    for ta1 in acknowledgments:
        sheet.put(ta1, Position(segment_id="TA1"))
    if bodies:
        _put_group(sheet, set_id, bodies, implementation)
    element = envelope.delimiters.element
    sheet.lines.append(f"IEA{element}{1 if bodies else 0}{element}{control}")
    if sheet.findings:
        return Writing(None, tuple(sheet.findings))
    end = envelope.delimiters.segment + envelope.delimiters.suffix
    return Writing("".join(line + end for line in sheet.lines).encode(envelope.charset))


def _put_group(sheet: _Sheet, set_id: str, bodies: Sequence[Sequence[Sequence[str]]], implementation: str) -> None:
    envelope, control = sheet.envelope, str(sheet.envelope.group_control)
    day = envelope.when.strftime("%Y%m%d" if envelope.version[:6] >= "004010" else "%y%m%d")
    parties = (envelope.group_kind, envelope.group_sender, envelope.group_receiver)
    group = ("GS", *parties, day, envelope.when.strftime("%H%M"), control, envelope.agency, envelope.version)
    sheet.put(group, Position(segment_id="GS"))
    for ordinal, body in enumerate(bodies, 1):
        number = f"{ordinal:04d}"
        sheet.put(("ST", set_id, number, implementation), Position(set_id=set_id, set_control=number, segment_id="ST"))
        for in_set, segment in enumerate(body, 2):
            where = Position(set_id=set_id, set_control=number, in_set=in_set, segment_id=segment[0] if segment else "")
            if not segment or not _SEGMENT_ID.fullmatch(segment[0]) or segment[0] in _ENVELOPES:
                message = (
                    f"Segment {in_set} of our {set_id} begins with {quoted(where.segment_id or '')}, no segment id."
                )
                sheet.fault("document.invalid.segment", message, where)
            elif not any(text.strip(COMPONENT + REPETITION) for text in segment[1:]):
                message = f"{segment[0]} (segment {in_set} of our {set_id}) has no value in it, so it cannot be sent."
                sheet.fault("document.invalid.segment", message, where)
            else:
                sheet.put(segment, where)
        sheet.put(("SE", str(len(body) + 2), number), Position(set_id=set_id, set_control=number, segment_id="SE"))
    sheet.put(("GE", str(len(bodies)), control), Position(segment_id="GE"))


def _isa(envelope: Envelope, control: str) -> str:
    elements = (
        "ISA", "00", " " * 10, "00", " " * 10,
        envelope.sender_qualifier.ljust(2), envelope.sender.ljust(15),
        envelope.receiver_qualifier.ljust(2), envelope.receiver.ljust(15),
        envelope.when.strftime("%y%m%d"), envelope.when.strftime("%H%M"),
        envelope.delimiters.repetition or "U", envelope.interchange_version, control,
        "1" if envelope.wants_ta1 else "0", envelope.usage, envelope.delimiters.component,
    )  # fmt: skip
    return envelope.delimiters.element.join(elements)


def _faults(envelope: Envelope) -> Iterable[str]:
    """Say what is wrong with an envelope, a sentence each."""
    for name, text, least, most in (
        ("ISA05 (our qualifier)", envelope.sender_qualifier, 2, 2),
        ("ISA06 (our id)", envelope.sender, 1, 15),
        ("ISA07 (their qualifier)", envelope.receiver_qualifier, 2, 2),
        ("ISA08 (their id)", envelope.receiver, 1, 15),
        ("GS01 (kind of group)", envelope.group_kind, 2, 2),
        ("GS02 (our group id)", envelope.group_sender, 1, 15),
        ("GS03 (their group id)", envelope.group_receiver, 1, 15),
        ("GS07 (agency)", envelope.agency, 1, 2),
        ("GS08 (version)", envelope.version, 1, 12),
    ):
        if not least <= len(text) <= most:
            wanted = f"{least} characters" if least == most else f"{least} to {most} characters"
            yield f"{name} {quoted(text)} has {len(text)} characters instead of {wanted}."
        elif text != text.strip() or _forbidden(envelope.delimiters).search(text) or not text.isascii():
            yield f"{name} {quoted(text)} holds a delimiter, a blank at its edge or a character that cannot be sent."
    if not re.fullmatch(r"[0-9]{5}", envelope.interchange_version):
        yield f"ISA12 {quoted(envelope.interchange_version)} is not a version of 5 digits, such as 00401."
    if envelope.usage not in {"P", "T", "I"}:
        yield f"ISA15 {quoted(envelope.usage)} is not P, T or I."
    for name, number in (("ISA13", envelope.interchange_control), ("GS06", envelope.group_control)):
        if not 1 <= number <= 999_999_999:
            yield f"{name} {number} is not a control number from 1 to 999999999."
    yield from _delimiter_faults(envelope)


def _delimiter_faults(envelope: Envelope) -> Iterable[str]:
    delimiters = envelope.delimiters
    letters = [letter for letter, _ in _roles(delimiters)]
    for letter, role in _roles(delimiters):
        if len(letter) != 1 or letter == " " or letter.isalnum() or not letter.isascii():
            yield f"The {role} {quoted(letter)} is not one character other than a letter, digit or blank."
    if len(set(letters)) < len(letters):
        yield f"The delimiters {' '.join(map(quoted, letters))} are not all different."
    if delimiters.repetition is not None and envelope.interchange_version < "00402":
        yield f"There is no repetition separator before version 00402 of ISA12 (here {envelope.interchange_version})."
    if not _LINE_ENDS.fullmatch(delimiters.suffix) or set(letters) & set(delimiters.suffix):
        yield f"What follows each terminator ({quoted(delimiters.suffix)}) may only be line ends, not delimiters."


def _roles(delimiters: Delimiters) -> list[tuple[str, str]]:
    roles = [
        (delimiters.element, "element separator"),
        (delimiters.component, "component separator"),
        (delimiters.segment, "segment terminator"),
    ]
    return roles if delimiters.repetition is None else [*roles, (delimiters.repetition, "repetition separator")]


def _role(letter: str, delimiters: Delimiters) -> str | None:
    return next((role for delimiter, role in _roles(delimiters) if delimiter == letter), None)


@lru_cache(maxsize=64)
def _forbidden(delimiters: Delimiters) -> re.Pattern[str]:
    used = "".join(re.escape(letter) for letter, _ in _roles(delimiters))
    return re.compile(rf"[\x00-\x1f\x7f-\x9f{used}]")


def _encodable(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _place(where: Position, n: int, component: int | None = None) -> Position:
    path = f"{where.segment_id}{n:02d}" + (f"-{component}" if component is not None else "")
    return Position(
        set_id=where.set_id,
        set_control=where.set_control,
        in_set=where.in_set,
        segment_id=where.segment_id,
        path=path,
        element=n,
        component=component,
    )
