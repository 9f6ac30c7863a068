"""Step 3, second pass, and step 4: check each set on its own, book it, and acknowledge its group in the same commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edi_engine.errors import EngineError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.book import book, hold, of_order
from edi_engine.flow.cases import BUG, GONE, Waiting, by_kind, open_case, settle_cases, waits
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_group, check_set
from edi_engine.flow.documents import Destination, Draft, Source, post, proof
from edi_engine.flow.interpret import close_file
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.reading import Received, read_order
from edi_engine.flow.records import FileRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.respond import respond
from edi_engine.flow.sender import TERMINAL
from edi_engine.flow.wording import findings_from_json, findings_to_json
from edi_engine.partners.partner import Address, Partner
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.reader import outline, split
from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline

BATCH = 10
"""Sets that share one commit; when one of them fails, each of them is judged again in a commit of its own."""

_SAYABLE = re.compile(r"[0-9A-Z]{6,12}")
"""A GS08 that our answer can repeat; of any other it repeats the version only."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An interchange in work: its records, its bytes and what the first pass saw of it."""

    file: FileRecord
    record: InterchangeRecord
    data: bytes
    outline: InterchangeOutline
    partner: Partner

    def group(self, record: GroupRecord) -> GroupOutline:
        """Give the outline of one of its groups."""
        return next(group for group in self.outline.groups if group.ordinal == record.ordinal)

    def received(self, group: GroupOutline, found: SetOutline) -> Received:
        """Give one of its sets, ready to be read."""
        where = Position(
            file=self.file.name,
            interchange=self.outline.control,
            group=group.control,
            set_control=found.control,
            set_id=found.set_id,
        )
        text = self.data[found.start : found.end].decode("latin-1")
        return Received(text, found, self.outline.delimiters, group.version, where)

    @property
    def sender(self) -> Address:
        """The address that it came from."""
        return Address(self.outline.sender_qualifier, self.outline.sender)


def take_up(office: Office, record: InterchangeRecord) -> Opened | None:
    """Read an opened interchange back from the store; None if its partner is no longer in the edition."""
    partner = office.edition.partners.get(record.partner or "")
    if record.file_id is None or partner is None:
        return None
    with office.ledger.reading() as unit:
        file = unit.files.get(record.file_id)
        data = unit.blobs.get(file.sha256 or "")
    seen = next(one for one in outline(data, file=file.name).interchanges if one.ordinal == record.ordinal)
    return Opened(file, record, data, seen, partner)


def judge_interchange(office: Office, opened: Opened) -> None:
    """Judge all sets of an interchange that still wait, group by group, and close what is done."""
    with office.ledger.reading() as unit:
        groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
    for group in groups:
        _judge_group(office, opened, group)
    _close(office, opened)


def judge_again(office: Office, opened: Opened, record: SetRecord | None = None) -> None:
    """Judge a set that broke us once more, or (None) close what else broke us; go on with what waited for it."""
    with office.ledger.reading() as unit:
        groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
    for group in groups:
        if record is not None and record.group_id == group.id:
            _judge_alone(office, opened, group, record)
        elif record is None:
            _judge_group(office, opened, group, again=True)
    _close(office, opened)


def _close(office: Office, opened: Opened) -> None:
    with office.ledger.reading() as unit:
        if unit.groups.one(interchange_id=opened.record.id, state="RECEIVED") is not None:
            return
    with office.ledger.unit("judge.closed") as unit:
        record = unit.interchanges.get(opened.record.id)
        if record.state == "OPENED":
            unit.interchanges.change(record, state="DONE")
            close_file(unit, unit.files.get(opened.file.id))


def _judge_group(office: Office, opened: Opened, group: GroupRecord, *, again: bool = False) -> None:
    with office.ledger.reading() as unit:
        waiting = unit.sets.select(group_id=group.id, state="RECEIVED")
        todo = [record for record in waiting if not waits(unit, f"set:{record.id}")]
        subject = f"interchange:{opened.record.id}"  # other cases of it, such as a TA1 that fits nothing, stop no group
        stuck = not again and unit.cases.one(subject=subject, cause=BUG, state="OPEN") is not None
    if not waiting and not stuck:
        _close_empty(office, opened, group)
    for start in range(0, len(todo), BATCH):
        if office.stopping():
            return
        batch = todo[start : start + BATCH]
        try:
            _judge_batch(office, opened, group, batch)
        except EngineError:
            raise
        except Exception:  # noqa: BLE001 (whatever it was: the sets are judged one by one, so that only one pays)
            for record in batch:
                _judge_alone(office, opened, group, record)


def _judge_alone(office: Office, opened: Opened, group: GroupRecord, record: SetRecord) -> None:
    """Judge one set in a commit of its own; if it breaks us, keep it as a case and let the others go on."""
    try:
        _judge_batch(office, opened, group, (record,))
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 (FAILURES: a bug of ours must stop one set, not the partner)
        finding = Finding(
            BUG,
            Severity.HOLD,
            f"The {record.set_id} {record.control} broke our program ({type(error).__name__}: {error}). "
            "Its bytes are safe; it was neither accepted nor refused.",
            Position(
                file=opened.file.name,
                interchange=opened.record.control,
                group=group.control,
                set_id=record.set_id,
                set_control=record.control,
                byte=record.start,
                segment=record.number,
                in_set=1,
            ),
            fix="report it with the file; retry the case after an update",
        )
        with office.ledger.unit("judge.bug") as unit:
            unit.sets.change(record, attempts=record.attempts + 1)
            open_case(office, unit, waiting_for(opened, record), [finding])


def _close_empty(office: Office, opened: Opened, group: GroupRecord) -> None:
    """Acknowledge a group without sets; if that breaks us, keep it as a case."""
    try:
        _judge_batch(office, opened, group, ())
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 (as above)
        finding = Finding(
            BUG,
            Severity.HOLD,
            f"The empty group {group.control} broke our program ({type(error).__name__}: {error}). "
            "It was not acknowledged.",
            Position(file=opened.file.name, interchange=opened.record.control, group=group.control),
            fix="report it with the file; retry the case after an update",
        )
        with office.ledger.unit("judge.bug") as unit:
            open_case(office, unit, _of_interchange(opened), [finding])


def _of_interchange(opened: Opened) -> Waiting:
    subject = f"interchange:{opened.record.id}"
    return Waiting(subject, "judge", opened.file.at, partner=opened.partner.name, file_id=opened.file.id)


def waiting_for(opened: Opened, record: SetRecord) -> Waiting:
    """Say what a case about this set is about."""
    return Waiting(f"set:{record.id}", "judge", opened.file.at, partner=opened.partner.name, file_id=opened.file.id)


def _judge_batch(office: Office, opened: Opened, group: GroupRecord, batch: Sequence[SetRecord]) -> None:
    """Judge some sets and, when they were the group's last, acknowledge the group: all in one commit."""
    with office.ledger.unit("judge.booked") as unit:
        for record in batch:
            judge_set(office, unit, opened, group, record)
            if record.attempts:
                settle_cases(office, unit, f"set:{record.id}", cause=BUG, how=GONE)
        if unit.sets.one(group_id=group.id, state="RECEIVED") is None:
            _close_group(office, unit, opened, group)
        if not batch and not _lacks_an_acknowledgment(unit, opened):
            settle_cases(office, unit, f"interchange:{opened.record.id}", cause=BUG, how=GONE)


def _lacks_an_acknowledgment(unit: Unit, opened: Opened) -> bool:
    """Say whether a group still waits although all its sets are judged."""
    groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
    return any(unit.sets.one(group_id=group.id, state="RECEIVED") is None for group in groups)


def judge_set(office: Office, unit: Unit, opened: Opened, group: GroupRecord, record: SetRecord) -> SetRecord:
    """Check one set, and book it if it stands."""
    group_outline = opened.group(group)
    found = group_outline.sets[record.ordinal - 1]
    received = opened.received(group_outline, found)
    group_faults = [
        one for one in check_group(office, group_outline, opened.partner) if one.severity is Severity.REFUSE
    ]
    findings = () if group_faults else check_set(office, group_outline, received, opened.partner)
    verdict = "R" if group_faults else SetVerdict(found, findings).code
    judged = unit.sets.change(
        record,
        state="REFUSED" if verdict == "R" else "ACCEPTED",
        verdict=verdict,
        findings_json=findings_to_json(findings),
        edition=office.edition.name,
        partner=opened.partner.name,
    )
    waiting = waiting_for(opened, record)
    if verdict == "R":
        waiting = replace(waiting, po_number=_po_number(office, received, opened.partner))
        refusing = [one for one in (*group_faults, *findings) if one.severity is Severity.REFUSE]
        open_case(office, unit, waiting, [*refusing, *(one for one in findings if one not in refusing)])
        return judged
    if group.kind == ACKNOWLEDGMENTS:
        respond(office, unit, opened.partner, judged, split(received.text, received.delimiters))
        return unit.sets.change(judged, state="MAPPED")
    return book_checked(office, unit, opened, judged, received, findings)


def book_checked(
    office: Office, unit: Unit, opened: Opened, accepted: SetRecord, received: Received, findings: Sequence[Finding]
) -> SetRecord:
    """Book a set that the check accepts; hold it if it breaks the partner's guide."""
    live, waiting = opened.record.usage == "P", waiting_for(opened, accepted)
    holding = by_kind(findings)
    if not holding:
        return book(office, unit, accepted, received, opened.partner, waiting, live=live)
    reading, _ = read_order(office, received, opened.partner)
    if reading is not None:
        waiting = of_order(office, waiting, reading.order, opened.partner, live=live)
    return hold(office, unit, accepted, waiting, findings)


def _po_number(office: Office, received: Received, partner: Partner) -> str | None:
    """Give the number of an order that is refused, so that people can name it to the partner."""
    reading, _ = read_order(office, received, partner)
    return reading.order.po_number if reading is not None and reading.order is not None else None


def _close_group(office: Office, unit: Unit, opened: Opened, group: GroupRecord) -> None:
    """Acknowledge a group whose sets are all judged; an FA group is left silent.

    An acknowledgment that is not sound is a bug of ours: the sets stand, and one case has the group wait for a retry.
    """
    current = unit.groups.get(group.id)
    if current.state != "RECEIVED":
        return
    seen = opened.group(group)
    seen = replace(seen, findings=check_group(office, seen, opened.partner))
    if not seen.sets:
        _tell_of_empty_groups(office, unit, opened)
    if group.kind == ACKNOWLEDGMENTS:
        unit.groups.change(current, state="SILENT")
        return
    records = unit.sets.select(group_id=group.id)
    outlines = {found.ordinal: found for found in seen.sets}
    verdicts = [SetVerdict(outlines[one.ordinal], findings_from_json(one.findings_json)) for one in records]
    version = office.version_of(group.version, opened.partner)
    marks = opened.partner.envelope.delimiters
    answer = acknowledge(seen, verdicts, version or opened.partner.envelope.version[:6], delimiters=marks)
    to = Destination(
        opened.partner,
        opened.sender,
        live=opened.record.usage == "P",
        version=group.version if version == group.version[:6] and _SAYABLE.fullmatch(group.version) else version,
        terminal_file=opened.file.id if opened.file.connection == TERMINAL else None,
    )
    draft = Draft(answer.set_id, answer.segments, to)
    faults = proof(office, draft)
    if faults:
        open_case(office, unit, _of_interchange(opened), [_unsound(opened, group, faults[0])])
        return
    document = post(office, unit, draft, Source(f"group:{group.id}", group_id=group.id))
    unit.groups.change(
        current,
        state="ACKNOWLEDGED",
        verdict=answer.verdict,
        sets_accepted=answer.accepted,
        document_id=document.id,
    )


def _tell_of_empty_groups(office: Office, unit: Unit, opened: Opened) -> None:
    """Open the case of what is refused and has no set that could tell: all such groups of an interchange in one."""
    empty = (group for group in opened.outline.groups if not group.sets)
    faults = [
        fault
        for group in empty
        for fault in check_group(office, group, opened.partner)
        if fault.severity is Severity.REFUSE
    ]
    if faults:
        placed = [one.at(file=opened.file.name, interchange=opened.outline.control) for one in faults]
        open_case(office, unit, _of_interchange(opened), placed)


def _unsound(opened: Opened, group: GroupRecord, fault: Finding) -> Finding:
    return Finding(
        BUG,
        Severity.HOLD,
        f"Our own acknowledgment of group {group.control} is not sound, so it was not sent: {fault.message}",
        Position(file=opened.file.name, interchange=opened.record.control, group=group.control),
        fix="report it with the file; retry the case after an update",
    )
