"""Step 3, first pass: walk a file's envelopes, resolve the partner of each interchange, quarantine what is unsound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.cases import GONE, Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import FileRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.respond import respond_to_interchange
from edi_engine.flow.sender import TERMINAL, whose
from edi_engine.x12.reader import outline
from edi_engine.x12.values import InterchangeOutline

__all__ = ["TERMINAL", "close_file", "open_file", "reopen_interchange"]


def open_file(office: Office, record: FileRecord) -> FileRecord:
    """Record the interchanges, groups and sets of a stored file, in one commit; each on its own feet.

    A file that could not be read is looked at again.
    """
    with office.ledger.reading() as unit:
        data = unit.blobs.get(record.sha256 or "")
    found = outline(data, file=record.name)
    with office.ledger.unit("interpret.opened") as unit:
        if not found.interchanges:
            return _unreadable(office, unit, record, found.findings)
        for interchange in found.interchanges:
            _open_interchange(office, unit, record, data, interchange)
        kinds = by_kind(found.findings)
        for same in kinds.values():
            open_case(office, unit, _of_file(record), same)
        settle_cases(office, unit, f"file:{record.id}", keep=kinds, how=GONE)
        return close_file(unit, unit.files.change(record, state="INTERPRETED", partner=_whose_file(unit, record)))


def _whose_file(unit: Unit, record: FileRecord) -> str | None:
    """Give the partner whose all interchanges of a file are; None where they are several's, or a stranger's."""
    partners = {one.partner for one in unit.interchanges.select(file_id=record.id, direction="in")}
    return partners.pop() if len(partners) == 1 else None


def close_file(unit: Unit, record: FileRecord) -> FileRecord:
    """Move a file to DONE once none of its interchanges is still being worked on."""
    busy = unit.interchanges.one(file_id=record.id, direction="in", state=("RECEIVED", "OPENED"))
    return record if busy is not None or record.state != "INTERPRETED" else unit.files.change(record, state="DONE")


def _of_file(record: FileRecord) -> Waiting:
    return Waiting(f"file:{record.id}", "open", record.at, partner=record.partner, file_id=record.id)


def _unreadable(office: Office, unit: Unit, record: FileRecord, findings: Sequence[Finding]) -> FileRecord:
    kinds = by_kind(findings)
    for same in kinds.values():
        open_case(office, unit, _of_file(record), same)
    settle_cases(office, unit, f"file:{record.id}", keep=kinds, how=GONE)
    office.note(unit, "file unreadable", f"file:{record.id}", f"{record.name}: {findings[0].message}")
    return unit.files.change(record, state="UNREADABLE")


def _open_interchange(
    office: Office, unit: Unit, record: FileRecord, data: bytes, interchange: InterchangeOutline
) -> InterchangeRecord:
    sender, strangers = whose(office, interchange, record.connection)
    sha256 = hashlib.sha256(data[interchange.start : interchange.end]).hexdigest()
    received = unit.interchanges.add(
        InterchangeRecord(
            direction="in",
            sender_qualifier=interchange.sender_qualifier,
            sender=interchange.sender,
            receiver_qualifier=interchange.receiver_qualifier,
            receiver=interchange.receiver,
            control=interchange.control,
            at=office.clock.now(),
            file_id=record.id,
            ordinal=interchange.ordinal,
            usage="T" if sender is not None and sender.test else interchange.usage,
            version=interchange.version,
            partner=sender.partner.name if sender else None,
            start=interchange.start,
            end=interchange.end,
            sha256=sha256,
            edition=office.edition.name,
        )
    )
    earlier = _earlier(unit, received)
    if earlier is not None and earlier.sha256 == sha256:
        return _repeats(office, unit, received, earlier)
    faults = [*interchange.findings, *strangers]
    if earlier is not None:
        faults.append(_conflict(interchange, earlier))
    if stops(faults):
        return _quarantine(office, unit, record, received, faults)
    return _let_in(office, unit, received, interchange)


def _repeats(office: Office, unit: Unit, received: InterchangeRecord, earlier: InterchangeRecord) -> InterchangeRecord:
    office.note(
        unit,
        "interchange repeated",
        f"interchange:{received.id}",
        f"interchange {received.control} came before (interchange {earlier.id}); nothing is done twice",
        partner=received.partner,
    )
    return unit.interchanges.change(received, state="DUPLICATE")


def _earlier(unit: Unit, received: InterchangeRecord) -> InterchangeRecord | None:
    """Give the first interchange of this identity that was let in: sender, receiver and control number."""
    return unit.interchanges.one(
        direction="in",
        sender_qualifier=received.sender_qualifier,
        sender=received.sender,
        receiver_qualifier=received.receiver_qualifier,
        receiver=received.receiver,
        control=received.control,
        state=("OPENED", "DONE"),
    )


def _conflict(interchange: InterchangeOutline, earlier: InterchangeRecord) -> Finding:
    return Finding(
        "envelope.conflict",
        Severity.HOLD,
        f"Interchange {interchange.control} came before with other content "
        f"(interchange {earlier.id}, {earlier.at:%Y-%m-%d %H:%M} UTC); this one was not booked.",
        Position(interchange=interchange.control, byte=interchange.start, segment=interchange.number),
        seen=interchange.control,
        wanted="a control number that was not used before",
        fix="ask the sender which of the two counts; if this one does, they send it again under a new number",
    )


def _quarantine(
    office: Office, unit: Unit, record: FileRecord, received: InterchangeRecord, faults: Sequence[Finding]
) -> InterchangeRecord:
    findings = [finding.at(file=record.name) for finding in faults]
    _open_cases(office, unit, record, received, findings, received.partner)
    return unit.interchanges.change(received, state="QUARANTINED")


def _open_cases(
    office: Office,
    unit: Unit,
    record: FileRecord,
    received: InterchangeRecord,
    findings: Sequence[Finding],
    partner: str | None,
) -> None:
    waiting = Waiting(f"interchange:{received.id}", "open", record.at, partner=partner, file_id=record.id)
    for same in by_kind(findings).values():
        open_case(office, unit, waiting, same)


def _let_in(
    office: Office, unit: Unit, received: InterchangeRecord, interchange: InterchangeOutline
) -> InterchangeRecord:
    opened = unit.interchanges.change(received, state="OPENED")
    if interchange.acknowledgments and opened.partner is not None:
        partner = office.edition.partners[opened.partner]
        respond_to_interchange(office, unit, partner, opened, interchange.acknowledgments)
    for group in interchange.groups:
        recorded = unit.groups.add(
            GroupRecord(
                interchange_id=opened.id,
                ordinal=group.ordinal,
                kind=group.kind,
                sender=group.sender,
                receiver=group.receiver,
                control=group.control,
                version=group.version,
                at=opened.at,
                sets_stated=group.stated_sets,
                sets_found=len(group.sets),
            )
        )
        for found in group.sets:
            unit.sets.add(
                SetRecord(
                    group_id=recorded.id,
                    interchange_id=opened.id,
                    ordinal=found.ordinal,
                    set_id=found.set_id,
                    control=found.control,
                    start=found.start,
                    end=found.end,
                    number=found.number,
                    segments=found.segments,
                    at=opened.at,
                    partner=opened.partner,
                )
            )
    return opened


def reopen_interchange(office: Office, received: InterchangeRecord) -> InterchangeRecord:
    """Look at a quarantined interchange again, after its partner file was repaired."""
    with office.ledger.unit("interpret.reopened") as unit:
        if received.file_id is None:
            return received
        record = unit.files.get(received.file_id)
        found = outline(unit.blobs.get(record.sha256 or ""), file=record.name)
        interchange = next(one for one in found.interchanges if one.ordinal == received.ordinal)
        sender, strangers = whose(office, interchange, record.connection)
        faults = [*interchange.findings, *strangers]
        earlier = _earlier(unit, received)
        if earlier is not None and earlier.sha256 == received.sha256 and sender is not None:
            settle_cases(office, unit, f"interchange:{received.id}", how="it came again, and that one counts")
            known = unit.interchanges.change(received, state="RECEIVED", partner=sender.partner.name)
            return _repeats(office, unit, known, earlier)
        if earlier is not None:
            faults.append(_conflict(interchange, earlier))
        findings = [finding.at(file=record.name) for finding in faults]
        partner = sender.partner.name if sender is not None else received.partner
        _open_cases(office, unit, record, received, findings, partner)
        settle_cases(office, unit, f"interchange:{received.id}", keep=by_kind(findings), how=GONE)
        if stops(faults) or sender is None:
            return received
        test = "T" if sender.test else interchange.usage
        known = unit.interchanges.change(
            received, state="RECEIVED", partner=sender.partner.name, usage=test, edition=office.edition.name
        )
        opened = _let_in(office, unit, known, interchange)
        unit.files.change(record, state="INTERPRETED", partner=_whose_file(unit, record))
        return opened
