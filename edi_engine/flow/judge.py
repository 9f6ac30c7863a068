"""Step 3, second pass, and step 4: check each set on its own, book it, and acknowledge its group in the same commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edi_engine.errors import EngineError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.acknowledging import acknowledge_group
from edi_engine.flow.book import book, hold, naming, of_order
from edi_engine.flow.cases import BUG, BUGS, GONE, POISON, by_kind, open_case, settle_cases, waits
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_group, check_set
from edi_engine.flow.interpret import close_file
from edi_engine.flow.office import Office, Poisoned
from edi_engine.flow.opened import Opened, of_interchange, waiting_for
from edi_engine.flow.ports import Unit
from edi_engine.flow.reading import number_of, read_order
from edi_engine.flow.received import Received
from edi_engine.flow.records import GroupRecord, SetRecord
from edi_engine.flow.respond import respond, unread
from edi_engine.flow.together import Fate, by_group, stands_alone
from edi_engine.flow.wording import findings_from_json, findings_to_json
from edi_engine.x12.acknowledge import SetVerdict
from edi_engine.x12.reader import split
from edi_engine.x12.values import GroupOutline

BATCH = 10
"""Sets that share one commit; when one of them fails, each of them is judged again in a commit of its own."""


def judge_interchange(office: Office, opened: Opened) -> None:
    """Judge all sets of an interchange that still wait, group by group, and close what is done."""
    with office.ledger.reading() as unit:
        groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
        stuck = not stands_alone(opened.partner.reception) and any(
            waits(unit, f"set:{one.id}") for one in unit.sets.select(interchange_id=opened.record.id, state="RECEIVED")
        )
    fated = None if stuck else _with_fates(office, opened)
    if fated is None:
        return  # what belongs together waits together
    for group in groups:
        _judge_group(office, fated, group)
    _close(office, fated)


def judge_again(office: Office, opened: Opened, record: SetRecord | None = None) -> None:
    """Judge a set that broke us once more, or (None) close what else broke us; go on with what waited for it."""
    fated = _with_fates(office, opened)
    if fated is None:
        return
    with office.ledger.reading() as unit:
        groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
    for group in groups:
        if record is not None and record.group_id == group.id:
            _judge_alone(office, fated, group, record)
        elif record is None:
            _judge_group(office, fated, group, again=True)
    if record is not None and not stands_alone(opened.partner.reception):
        for group in groups:
            _judge_group(office, fated, group)
    _close(office, fated)


def _with_fates(office: Office, opened: Opened) -> Opened | None:
    """See first what becomes of all that belongs together, so that nothing is booked that is to be refused with it.

    An interchange is judged by one edition from its first set to its last, so that this always comes out the same. None
    where a set breaks us: a case is kept for it.
    """
    reception = opened.partner.reception
    if stands_alone(reception):
        return opened
    fates: dict[int, Fate] = {}
    for group in opened.outline.groups:
        if group.kind == ACKNOWLEDGMENTS:
            continue
        because = _refused_in(office, opened, group)
        if because is None:
            return None
        if because:
            touched = (group,) if by_group(reception) else opened.outline.groups
            fates |= {one.ordinal: Fate(opened.partner, because) for one in touched}
        if because and not by_group(reception):
            break
    return replace(opened, fates=fates)


def _refused_in(office: Office, opened: Opened, group: GroupOutline) -> str | None:
    """Name what is refused in a group first, "" for nothing; None where a set of it breaks us."""
    if any(fault.severity is Severity.REFUSE for fault in check_group(office, group, opened.partner)):
        return f"group {group.control}"
    for found in group.sets:
        try:
            faults = check_set(office, group, opened.received(group, found), opened.partner)
        except EngineError:
            raise
        except Exception as error:  # noqa: BLE001 (as in _judge_alone)
            with office.ledger.reading() as unit:
                recorded = unit.groups.one(interchange_id=opened.record.id, ordinal=group.ordinal)
                record = unit.sets.one(group_id=recorded.id, ordinal=found.ordinal) if recorded is not None else None
            if recorded is not None and record is not None:
                _keep(office, opened, recorded, record, error)
            return None
        if SetVerdict(found, faults).code == "R":
            return f"{found.set_id} {found.control}"
    return ""


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
        stuck = not again and unit.cases.one(subject=subject, cause=BUGS, state="OPEN") is not None
    if not waiting and not stuck:
        _close_empty(office, opened, group)
    size = 1 if office.left_in_hand(f"group:{group.id}") else BATCH  # one of them may have ended the program
    for start in range(0, len(todo), size):
        if office.stopping():
            return
        batch = todo[start : start + size]
        if len(batch) == 1:
            _judge_alone(office, opened, group, batch[0])
            continue
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
        _keep(office, opened, group, record, error)


def _keep(office: Office, opened: Opened, group: GroupRecord, record: SetRecord, error: Exception) -> None:
    finding = Finding(
        POISON if isinstance(error, Poisoned) else BUG,
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
            open_case(office, unit, of_interchange(opened), [finding])


def _judge_batch(office: Office, opened: Opened, group: GroupRecord, batch: Sequence[SetRecord]) -> None:
    """Judge some sets and, when they were the group's last, acknowledge the group: all in one commit."""
    subject = f"set:{batch[0].id}" if len(batch) == 1 else f"group:{group.id}"
    with office.in_hand(subject), office.ledger.unit("judge.booked") as unit:
        for record in batch:
            judge_set(office, unit, opened, group, record)
            if record.attempts:
                settle_cases(office, unit, f"set:{record.id}", causes=BUGS, how=GONE)
        if unit.sets.one(group_id=group.id, state="RECEIVED") is None:
            _close_group(office, unit, opened, group)
        if not batch and not _lacks_an_acknowledgment(unit, opened):
            settle_cases(office, unit, f"interchange:{opened.record.id}", causes=BUGS, how=GONE)


def _lacks_an_acknowledgment(unit: Unit, opened: Opened) -> bool:
    """Say whether a group still waits although all its sets are judged."""
    groups = unit.groups.select(interchange_id=opened.record.id, state="RECEIVED")
    return any(unit.sets.one(group_id=group.id, state="RECEIVED") is None for group in groups)


def judge_set(office: Office, unit: Unit, opened: Opened, group: GroupRecord, record: SetRecord) -> SetRecord:
    """Check one set, and book it if it stands."""
    group_outline = opened.group(group)
    found = group_outline.sets[record.ordinal - 1]
    received = opened.received(group_outline, found)
    group_outline = replace(group_outline, findings=check_group(office, group_outline, opened.partner))
    group_faults = [one for one in group_outline.findings if one.severity is Severity.REFUSE]
    findings = check_set(office, group_outline, received, opened.partner)
    verdict = "R" if group_faults else SetVerdict(found, findings).code
    fate = opened.fates.get(group.ordinal) if verdict != "R" and group.kind != ACKNOWLEDGMENTS else None
    with_others = (fate.of_set(found, received.where),) if fate is not None else ()
    if fate is not None and fate.refuses:
        verdict = "R"
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
        waiting = replace(waiting, po_number=number_of(office, received, opened.partner))
        refusing = [one for one in (*group_faults, *findings, *with_others) if one.severity is Severity.REFUSE]
        told = [*refusing, *(one for one in findings if one not in refusing)]
        if group.kind == ACKNOWLEDGMENTS:
            told = [unread(opened.partner, received), *(replace(one, ack=None) for one in told)]
        open_case(office, unit, waiting, told)
        return judged
    if group.kind == ACKNOWLEDGMENTS:
        respond(office, unit, opened.partner, judged, split(received.text, received.delimiters))
        return unit.sets.change(judged, state="MAPPED")
    return book_checked(office, unit, opened, judged, received, (*findings, *with_others))


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
        waiting = of_order(office, waiting, reading.order, opened.partner)
        waiting = naming(unit, waiting, reading.order, opened.partner, live=live)
    return hold(office, unit, accepted, waiting, findings)


def _close_group(office: Office, unit: Unit, opened: Opened, group: GroupRecord) -> None:
    """Acknowledge a group whose sets are all judged."""
    current = unit.groups.get(group.id)
    if current.state != "RECEIVED":
        return
    seen = opened.group(group)
    seen = replace(seen, findings=check_group(office, seen, opened.partner))
    if not seen.sets:
        _tell_of_empty_groups(office, unit, opened)
    fate = opened.fates.get(group.ordinal)
    if fate is not None:
        seen = replace(seen, findings=(*seen.findings, *fate.of_group(group.control)))
    records = unit.sets.select(group_id=group.id)
    outlines = {found.ordinal: found for found in seen.sets}
    verdicts = [SetVerdict(outlines[one.ordinal], findings_from_json(one.findings_json)) for one in records]
    acknowledge_group(office, unit, opened, current, seen, verdicts)


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
        open_case(office, unit, of_interchange(opened), placed)
