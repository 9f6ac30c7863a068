"""Step 3, first pass: walk a file's envelopes, resolve the partner of each interchange, quarantine what is unsound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from edi_engine.finding import Finding, Position, stops
from edi_engine.flow.again import answer_again
from edi_engine.flow.agreed import as_agreed
from edi_engine.flow.cases import GONE, Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.identity import first_of, is_same
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import keep_text, text_of
from edi_engine.flow.records import FileRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.repeated import conflict, repeat
from edi_engine.flow.respond import respond_to_interchange
from edi_engine.flow.sender import whose
from edi_engine.flow.ta1 import answer_interchange
from edi_engine.partners.connection import Connection
from edi_engine.x12.reader import outline
from edi_engine.x12.unwrap import unwrap
from edi_engine.x12.values import InterchangeOutline


def open_file(office: Office, record: FileRecord) -> FileRecord:
    """Record the interchanges, groups and sets of a stored file, in one commit; each on its own feet.

    A file that could not be read is looked at again. What the wrapped lines of a connection read as is stored in the
    same commit: from then on, every place in the file is a place in that text.
    """
    with office.ledger.reading() as unit:
        data, text = unit.blobs.get(record.sha256 or ""), text_of(unit, record)
    connection = office.edition.connections.get(record.connection)
    if connection is not None:  # a file that was given at a terminal was unwrapped there
        text = unwrap(data, connection.intake.wrap)
    found = outline(text, file=record.name)
    with office.ledger.unit("interpret.opened") as unit:
        kept = keep_text(unit, data, text)
        if not found.interchanges:
            told = found.findings
            if connection is not None and connection.intake.wrap is not None and text == data:
                told = tuple(_not_wrapped(one, connection) for one in told)
            return _unreadable(office, unit, record, kept, told)
        for interchange in found.interchanges:
            _open_interchange(office, unit, record, text, interchange)
        kinds = by_kind(found.findings)
        for same in kinds.values():
            open_case(office, unit, _of_file(record), same)
        settle_cases(office, unit, f"file:{record.id}", keep=kinds, how=GONE)
        partner = _whose_file(unit, record)
        return close_file(unit, unit.files.change(record, state="INTERPRETED", partner=partner, text_sha256=kept))


def _not_wrapped(finding: Finding, connection: Connection) -> Finding:
    """Add that the file is not cut as its connection says; that may be all that is wrong with it."""
    hint = f"The connection says `wrap: {connection.intake.wrap}`, but this file's lines are not all cut there."
    return replace(finding, fix=f"{hint} {finding.fix or ''}".strip())


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


def _unreadable(
    office: Office, unit: Unit, record: FileRecord, kept: str | None, findings: Sequence[Finding]
) -> FileRecord:
    kinds = by_kind(findings)
    for same in kinds.values():
        open_case(office, unit, _of_file(record), same)
    settle_cases(office, unit, f"file:{record.id}", keep=kinds, how=GONE)
    office.note(unit, "file unreadable", f"file:{record.id}", f"{record.name}: {findings[0].message}")
    return unit.files.change(record, state="UNREADABLE", text_sha256=kept)


def _open_interchange(
    office: Office, unit: Unit, record: FileRecord, text: bytes, interchange: InterchangeOutline
) -> InterchangeRecord:
    sender, strangers = whose(office, interchange, record.connection)
    sha256 = hashlib.sha256(text[interchange.start : interchange.end]).hexdigest()
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
    earlier = first_of(unit, received)
    if earlier is not None and is_same(unit, received, text, earlier):
        answer_again(office, unit, record, earlier, interchange)
        return _repeats(office, unit, received, earlier)
    faults = [*as_agreed(sender.partner if sender else None, interchange), *strangers]
    if earlier is not None:
        faults.append(_conflict(unit, record, interchange, earlier))
    answer_interchange(office, unit, record, received, interchange, faults)
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


def _conflict(unit: Unit, record: FileRecord, interchange: InterchangeOutline, earlier: InterchangeRecord) -> Finding:
    when = f"{earlier.at:%Y-%m-%d %H:%M} UTC"
    if earlier.file_id is None or earlier.file_id == record.id:
        return conflict(interchange, f"interchange {earlier.id} of this file, {when}")
    first = unit.files.get(earlier.file_id)
    compare = f"edi diff file:{first.id} file:{record.id}"
    return conflict(interchange, f"interchange {earlier.id} of file {first.id}, {first.name}, {when}", compare)


def repeats_of(unit: Unit, file_id: int) -> tuple[Finding, ...]:
    """Give a note for each interchange of a file that came before, in another file or in this one."""
    told: list[Finding] = []
    for one in unit.interchanges.select(file_id=file_id, direction="in", state="DUPLICATE"):
        earlier = first_of(unit, one)
        if earlier is None or earlier.file_id is None:
            continue
        file = "this file" if earlier.file_id == file_id else unit.files.get(earlier.file_id).name
        where = Position(file=unit.files.get(file_id).name, interchange=one.control, byte=one.start)
        before = f"the one at byte {earlier.start} of {file} (interchange {earlier.id})"
        told.append(repeat(where, before, exact=earlier.sha256 == one.sha256))
    return tuple(told)


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
                sets_found=len(group.sets),
            )
        )
        unit.sets.add_all(
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
            for found in group.sets
        )
    return opened


def reopen_interchange(office: Office, received: InterchangeRecord) -> InterchangeRecord:
    """Look at a quarantined interchange again, after its partner file was repaired."""
    with office.ledger.unit("interpret.reopened") as unit:
        if received.file_id is None:
            return received
        record = unit.files.get(received.file_id)
        text = text_of(unit, record)
        found = outline(text, file=record.name)
        interchange = next(one for one in found.interchanges if one.ordinal == received.ordinal)
        sender, strangers = whose(office, interchange, record.connection)
        faults = [*as_agreed(sender.partner if sender else None, interchange), *strangers]
        earlier = first_of(unit, received)
        if earlier is not None and sender is not None and is_same(unit, received, text, earlier):
            settle_cases(office, unit, f"interchange:{received.id}", how="it came again, and that one counts")
            known = unit.interchanges.change(received, state="RECEIVED", partner=sender.partner.name)
            return _repeats(office, unit, known, earlier)
        if earlier is not None:
            faults.append(_conflict(unit, record, interchange, earlier))
        findings = [finding.at(file=record.name) for finding in faults]
        partner = sender.partner.name if sender is not None else received.partner
        _open_cases(office, unit, record, received, findings, partner)
        settle_cases(office, unit, f"interchange:{received.id}", keep=by_kind(findings), how=GONE)
        answer_interchange(office, unit, record, received, interchange, faults)
        if stops(faults) or sender is None:
            return received
        test = "T" if sender.test else interchange.usage
        known = unit.interchanges.change(
            received, state="RECEIVED", partner=sender.partner.name, usage=test, edition=office.edition.name
        )
        opened = _let_in(office, unit, known, interchange)
        unit.files.change(record, state="INTERPRETED", partner=_whose_file(unit, record))
        return opened
