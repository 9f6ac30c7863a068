"""Retrying a case: re-enter the very step that stopped, after a table, map or partner file was repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edi_engine.desk.queue import open_case_of
from edi_engine.errors import UsageError
from edi_engine.flow.book import book
from edi_engine.flow.cases import Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.decide import decide_order
from edi_engine.flow.interpret import open_file, reopen_interchange
from edi_engine.flow.judge import Opened, check_set, judge_interchange, take_up
from edi_engine.flow.office import Office
from edi_engine.flow.records import CaseRecord, SetRecord

GONE = "the cause is gone"


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry came to: the case as it is now, and the other cases of the same subject that are open."""

    case: CaseRecord
    others: tuple[CaseRecord, ...]


def retry(office: Office, case_id: int) -> Retried:
    """Re-enter the step that the case stopped. Raises UsageError where there is nothing to re-enter."""
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
    kind, _, number = case.subject.partition(":")
    enter = _STEPS.get(kind)
    if enter is None:
        message = f"case {case_id} ({case.kind}) tries again by itself; there is nothing to retry"
        raise UsageError(message)
    enter(office, case, int(number))
    with office.ledger.reading() as unit:
        standing = unit.cases.select(subject=case.subject, state="OPEN")
        return Retried(unit.cases.get(case_id), tuple(one for one in standing if one.id != case_id))


def _file(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.files.get(number)
    if record.state != "UNREADABLE":
        message = f"case {case.id}: {record.name} is fetched again by itself at the next poll"
        raise UsageError(message)
    with office.ledger.unit("desk.reopened") as unit:
        reopened = unit.files.change(record, state="STORED")
        settle_cases(office, unit, case.subject, how="read again")
    open_file(office, reopened)


def _interchange(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.interchanges.get(number)
    if record.state != "QUARANTINED":
        message = f"case {case.id}: interchange {record.control} is {record.state.lower()}, not quarantined"
        raise UsageError(message)
    reopened = reopen_interchange(office, record)
    if reopened.state == "OPENED":
        opened = take_up(office, reopened)
        if opened is not None:
            judge_interchange(office, opened)


def _set(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.sets.get(number)
        interchange = unit.interchanges.get(record.interchange_id)
        group = unit.groups.get(record.group_id)
    if record.state == "REFUSED":
        message = (
            f"case {case.id}: our acknowledgment has refused {record.set_id} {record.control} already; "
            "the partner must send it again. Dismiss the case when that is arranged"
        )
        raise UsageError(message)
    opened = take_up(office, interchange)
    if opened is None:
        message = f"case {case.id}: the partner {interchange.partner} is no longer in the partner files"
        raise UsageError(message)
    if record.state == "RECEIVED":
        with office.ledger.unit("desk.reopened") as unit:
            settle_cases(office, unit, case.subject, how="judged again")
        judge_interchange(office, opened)
        return
    _book_held(office, record, case, opened, group.ordinal)


def _book_held(office: Office, record: SetRecord, case: CaseRecord, opened: Opened, ordinal: int) -> None:
    """Check a held set again, book it if nothing holds it any more, and go on to its decision."""
    group = next(one for one in opened.outline.groups if one.ordinal == ordinal)
    found = next(one for one in group.sets if one.ordinal == record.ordinal)
    received = opened.received(group, found)
    waiting = Waiting(case.subject, "judge", case.received_at, partner=opened.partner.name, file_id=opened.file.id)
    holding = by_kind(check_set(office, group, received, opened.partner))
    with office.ledger.unit("desk.booked") as unit:
        if holding:
            for same in holding.values():
                open_case(office, unit, waiting, same)
            settle_cases(office, unit, case.subject, keep=frozenset(holding), how=GONE)
            return
        accepted = unit.sets.change(record, state="ACCEPTED")
        booked = book(office, unit, accepted, received, opened.partner, waiting, live=opened.record.usage == "P")
        if booked.state != "HELD":
            settle_cases(office, unit, case.subject, how=GONE)
    if booked.state == "MAPPED" and booked.order_id is not None:
        with office.ledger.reading() as unit:
            order = unit.orders.get(booked.order_id)
        decide_order(office, order)


def _order(office: Office, case: CaseRecord, number: int) -> None:
    del case
    with office.ledger.reading() as unit:
        record = unit.orders.get(number)
    decide_order(office, record)


def _document(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.unit("desk.reopened") as unit:
        record = unit.documents.get(number)
        if record.state != "PARKED":
            message = f"case {case.id}: the {record.kind} is {record.state.lower()}; there is nothing to retry"
            raise UsageError(message)
        unit.documents.change(record, state="READY", next_at=office.clock.now(), last_error=None)
        settle_cases(office, unit, case.subject, how="tried again")


_STEPS: dict[str, Callable[[Office, CaseRecord, int], None]] = {
    "file": _file,
    "interchange": _interchange,
    "set": _set,
    "order": _order,
    "document": _document,
}
