"""A group and its sets held against the standard and the guide of their partner; nothing is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.received import Received, in_bytes, in_letters
from edi_engine.flow.wording import a_or_an
from edi_engine.x12.letters import narrow
from edi_engine.x12.values import GroupOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

ACKNOWLEDGMENTS = "FA"
"""GS01 of groups that are never acknowledged themselves."""
_UNKNOWN_KIND = "x12.unsupported.kind"
_ASKED = 20
"""Sets of a group that are asked whether they are of its kind, before all those of the dictionary are."""


def check_group(books: Books, group: GroupOutline, partner: Partner | None) -> tuple[Finding, ...]:
    """Give the envelope faults of a group, and whether we can read its version at all."""
    version = books.version_of(group.version, partner)
    if version is not None:
        return group.findings if _is_kind(books, version, group) else (*group.findings, _unknown_kind(group))
    known = ", ".join(books.dictionary.versions())
    return (
        *group.findings,
        Finding(
            "x12.unsupported.version",
            Severity.REFUSE,
            f"Version {group.version or '(none)'} is not in the dictionary; it has {known}.",
            Position(group=group.control, byte=group.start, segment=group.number, segment_id="GS", element=8),
            seen=group.version,
            wanted=known,
            ack=AckCode("AK9", "2"),
            fix="ask the sender for one of these versions, or name one to read it in (`envelope: {versions: }`)",
        ),
    )


def _is_kind(books: Books, version: str, group: GroupOutline) -> bool:
    """Say whether any set of the dictionary goes into groups of this kind; those of the group are asked first."""
    ids = chain((found.set_id for found in islice(group.sets, _ASKED)), books.dictionary.sets(version))
    return any(books.dictionary.group(version, set_id) == group.kind for set_id in ids)


def _unknown_kind(group: GroupOutline) -> Finding:
    ids = ", ".join(dict.fromkeys(found.set_id for found in group.sets))
    holds = f" (here: {ids})" if ids else ""
    return Finding(
        _UNKNOWN_KIND,
        Severity.REFUSE,
        f"The dictionary has no set that goes into a group of the kind {group.kind or '(none)'}{holds}.",
        Position(group=group.control, byte=group.start, segment=group.number, segment_id="GS", element=1),
        seen=group.kind,
        ack=AckCode("AK9", "1"),
        fix="ask the sender what it is meant to be",
    )


def check_set(books: Books, group: GroupOutline, received: Received, partner: Partner | None) -> tuple[Finding, ...]:
    """Check one set against the standard and the partner's guide, its envelope faults included.

    `group` tells all its faults, those that `check_group` finds included.
    """
    found = received.outline
    if any(one.code == "envelope.missing.se" for one in found.findings):
        return found.findings  # nobody knows how much of it is missing: what else it lacks is no fault of its own
    version = books.version_of(group.version, partner)
    if version is None or any(one.code == "envelope.set-id" for one in found.findings):
        return found.findings  # nothing says what it is to be held against, which was told
    standard = books.dictionary.set(version, found.set_id)
    strange = standard is None or standard.group != group.kind
    if strange and not any(one.code == _UNKNOWN_KIND for one in group.findings):
        known = standard is not None
        message = (
            f"{a_or_an(found.set_id).capitalize()} does not belong into a group {group.kind}; "
            f"it goes into {standard.group}."
            if standard is not None
            else f"The set {found.set_id or '(none)'} is not in the dictionary of version {version}."
        )
        unsupported = Finding(
            "x12.unsupported.group" if known else "x12.unsupported.set",
            Severity.REFUSE,
            message,
            replace(received.where, byte=found.start, segment=found.number, in_set=1, segment_id="ST", element=1),
            seen=found.set_id,
            ack=AckCode("AK5", "18" if known else "1"),
            fix="ask the sender what it is meant to be",
        )
        return (*found.findings, unsupported)
    check = books.checker(version, found.set_id, partner, received=True)
    if check is None:
        return found.findings
    said = _read_instead(received, group, version)
    spoken = in_letters(received, partner)
    whole = None if group.kind == ACKNOWLEDGMENTS else received.whole  # of these it is read what can be
    faults = check.check(narrow(spoken.text), found, received.delimiters, received.where, whole)
    if found.findings:
        faults = _beside(found.findings, faults)
    if group.kind == ACKNOWLEDGMENTS:
        faults = tuple(_told_by_its_reading(one) for one in faults)
    return (*found.findings, *said, *in_bytes(received, spoken, partner, faults))


def _beside(told: Sequence[Finding], faults: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out what the check says of an ST or SE element whose text was found to be wrong already.

    What is wrong with ST02 is wrong with the same text in SE02.
    """
    known = {(one.where.segment_id, one.where.element) for one in told if one.code != "envelope.control.repeated"}
    if ("ST", 2) in known:
        known.add(("SE", 2))
    return tuple(one for one in faults if (one.where.segment_id, one.where.element) not in known)


def _told_by_its_reading(fault: Finding) -> Finding:
    """Let an acknowledgment be read whose elements are wrong: if nothing can be made of it, `ack.invalid` says so."""
    refuses = fault.severity is Severity.REFUSE and fault.code.startswith("x12.element.")
    return replace(fault, severity=Severity.WARNING) if refuses else fault


def _read_instead(received: Received, group: GroupOutline, version: str) -> tuple[Finding, ...]:
    """Say that a set was read in another version than its own, where it was."""
    if group.version[:6] == version:
        return ()
    message = f"Version {group.version} is not in the dictionary; the partner's file has the set read in {version}."
    where = replace(received.where, byte=group.start, segment=group.number, segment_id="GS", element=8)
    return (Finding("x12.version.instead", Severity.NOTE, message, where, seen=group.version, wanted=version),)
