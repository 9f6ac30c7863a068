"""Writing X12: bodies of sets into an interchange, with envelopes, counts, control numbers and padding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.sheet import COMPONENT, REPETITION, Sheet
from edi_engine.x12.style import PLAIN_STYLE, Style, in_order, unsendable
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import quoted

__all__ = ["COMPONENT", "REPETITION", "Envelope", "Style", "Writing", "write"]

_SEGMENT_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_ENVELOPES: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})
_NOTHING: Final = COMPONENT + REPETITION + " "
_LINE_ENDS: Final = re.compile(r"[\r\n]*")
_REPEATS_SINCE: Final = "00402"


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
    style: Style = PLAIN_STYLE


@dataclass(frozen=True, slots=True)
class Writing:
    """What was written: the bytes of the interchange, or None and the findings that kept it from being written.

    `replaced` counts the values in which `Style.replace` put one character in the place of another.
    """

    data: bytes | None
    findings: tuple[Finding, ...] = ()
    replaced: int = 0


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
    sheet = Sheet(envelope.delimiters, envelope.charset, envelope.style)
    for fault in _faults(envelope, implementation):
        sheet.fault("document.invalid.envelope", f"{fault} Correct the partner file.", Position())
    if sheet.findings:
        return Writing(None, tuple(sheet.findings))
    control = f"{envelope.interchange_control:09d}"
    sheet.envelope(*_isa(envelope, control))
    for ta1 in acknowledgments:
        sheet.put(ta1, Position(segment_id="TA1"))
    if bodies:
        _put_group(sheet, envelope, set_id, bodies, implementation)
    sheet.envelope("IEA", "1" if bodies else "0", control)
    if sheet.findings:
        return Writing(None, tuple(sheet.findings))
    return Writing(sheet.text().encode(envelope.charset), replaced=sheet.replaced)


def _put_group(
    sheet: Sheet, envelope: Envelope, set_id: str, bodies: Sequence[Sequence[Sequence[str]]], implementation: str
) -> None:
    control = f"{envelope.group_control:0{envelope.style.group_digits}d}"
    day = envelope.when.strftime("%Y%m%d" if envelope.version[:6] >= "004010" else "%y%m%d")
    parties = (envelope.group_kind, envelope.group_sender, envelope.group_receiver)
    moment = (day, envelope.when.strftime("%H%M"))
    sheet.envelope("GS", *parties, *moment, control, envelope.agency, envelope.version)
    for ordinal, body in enumerate(bodies, 1):
        number = f"{ordinal:0{envelope.style.set_digits}d}"
        sheet.envelope("ST", set_id, number, *([implementation] if implementation else []))
        for in_set, segment in enumerate(body, 2):
            if _is_sound(segment) and sheet.put_plain(segment):
                continue
            where = Position(set_id=set_id, set_control=number, in_set=in_set, segment_id=segment[0] if segment else "")
            if not _begins_well(segment):
                message = (
                    f"Segment {in_set} of our {set_id} begins with {quoted(where.segment_id or '')}, no segment id."
                )
                sheet.fault("document.invalid.segment", message, where)
            elif not _has_value(segment):
                message = f"{segment[0]} (segment {in_set} of our {set_id}) has no value in it, so it cannot be sent."
                sheet.fault("document.invalid.segment", message, where)
            else:
                sheet.put(segment, where)
        sheet.envelope("SE", str(len(body) + 2), number)
    sheet.envelope("GE", str(len(bodies)), control)


def _is_sound(segment: Sequence[str]) -> bool:
    return _begins_well(segment) and _has_value(segment)


def _begins_well(segment: Sequence[str]) -> bool:
    return bool(segment) and _SEGMENT_ID.fullmatch(segment[0]) is not None and segment[0] not in _ENVELOPES


def _has_value(segment: Sequence[str]) -> bool:
    return any(text.strip(_NOTHING) for text in segment[1:])


def _isa(envelope: Envelope, control: str) -> tuple[str, ...]:
    return (
        "ISA", "00", " " * 10, "00", " " * 10,
        envelope.sender_qualifier.ljust(2), envelope.sender.ljust(15),
        envelope.receiver_qualifier.ljust(2), envelope.receiver.ljust(15),
        envelope.when.strftime("%y%m%d"), envelope.when.strftime("%H%M"),
        envelope.delimiters.repetition or "U", envelope.interchange_version, control,
        "1" if envelope.wants_ta1 else "0", envelope.usage, envelope.delimiters.component,
    )  # fmt: skip


def _faults(envelope: Envelope, implementation: str) -> Iterable[str]:
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
        elif text != text.strip() or unsendable(text, envelope.delimiters, "ascii") is not None:
            yield f"{name} {quoted(text)} holds a delimiter, a blank at its edge or a character that cannot be sent."
    if not re.fullmatch(r"[0-9]{5}", envelope.interchange_version):
        yield f"ISA12 {quoted(envelope.interchange_version)} is not a version of 5 digits, such as 00401."
    if unsendable(implementation, envelope.delimiters, "ascii") is not None or len(implementation) > 35:
        yield f"ST03 {quoted(implementation)} holds a character that cannot be sent, or more than 35 of them."
    if envelope.usage not in {"P", "T", "I"}:
        yield f"ISA15 {quoted(envelope.usage)} is not P, T or I."
    for name, number in (("ISA13", envelope.interchange_control), ("GS06", envelope.group_control)):
        if not 1 <= number <= 999_999_999:
            yield f"{name} {number} is not a control number from 1 to 999999999."
    for name, digits, least in (("GS06", envelope.style.group_digits, 1), ("ST02", envelope.style.set_digits, 4)):
        if not least <= digits <= 9:
            yield f"{name} of {digits} digits does not exist: it has {least} to 9."
    yield from _delimiter_faults(envelope)


def _delimiter_faults(envelope: Envelope) -> Iterable[str]:
    delimiters = envelope.delimiters
    letters = [letter for letter, _ in in_order(delimiters)]
    for letter, role in in_order(delimiters):
        if len(letter) != 1 or letter in "\x00 " or letter.isalnum() or not letter.isascii():
            yield f"The {role} {quoted(letter)} is not one character other than a letter, digit, blank or NUL."
    if len(set(letters)) < len(letters):
        yield f"The delimiters {' '.join(map(quoted, letters))} are not all different."
    version = envelope.interchange_version
    if delimiters.repetition is not None and version < _REPEATS_SINCE:
        yield f"There is no repetition separator before version {_REPEATS_SINCE} of ISA12 (here {version})."
    if delimiters.repetition is None and version >= _REPEATS_SINCE:
        yield f"ISA11 of version {_REPEATS_SINCE} and later (here {version}) is a repetition separator; none is set."
    if not _LINE_ENDS.fullmatch(delimiters.suffix) or set(letters) & set(delimiters.suffix):
        yield f"What follows each terminator ({quoted(delimiters.suffix)}) may only be line ends, not delimiters."
