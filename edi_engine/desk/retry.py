"""Retrying a case: re-enter the very step that stopped, after a table, map or partner file was repaired.

A retry that finds the same again renews its case: it stays open, its epoch rises. Each one is a commit of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.letting_go import let_go
from edi_engine.desk.queue import open_case_of
from edi_engine.errors import Outrun, UsageError
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.cases import BUGS, GONE, settle_cases, waits
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_set
from edi_engine.flow.decide import decide_order
from edi_engine.flow.deliver import queue
from edi_engine.flow.fulfil import ship_due
from edi_engine.flow.interpret import open_file, reopen_interchange
from edi_engine.flow.judge import book_checked, judge_again, judge_interchange
from edi_engine.flow.office import Office
from edi_engine.flow.opened import Opened, take_up
from edi_engine.flow.records import CaseRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.respond import respond
from edi_engine.flow.ship_days import SHIPPABLE
from edi_engine.x12.reader import split

TRY_NOW: Final = "connection to be tried now"
"""The event by which a person ends the pause of a connection that failed; a daemon looks for it."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry came to: the case as it is now, and the other cases of the same subject that are open."""

    case: CaseRecord
    others: tuple[CaseRecord, ...]


def retry(office: Office, case_id: int) -> Retried:
    """Re-enter the step that the case stopped. Raises UsageError where there is nothing to re-enter."""
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
        instead = instead_of_retry(unit, case)
    if instead is not None:
        message = f"a retry cannot settle case {case_id} ({case.kind}). {instead}"
        raise UsageError(message)
    kind, _, number = case.subject.partition(":")
    if kind == "connection":
        _connection(office, number)
    else:
        _STEPS[kind](office, case, int(number))
    with office.ledger.reading() as unit:
        standing = unit.cases.select(subject=case.subject, state="OPEN")
        return Retried(unit.cases.get(case_id), tuple(one for one in standing if one.id != case_id))


def _must_be(case: CaseRecord, state: str, *states: str) -> None:
    """See that what a case is about is still where the step begins. Raises Outrun: somebody else was faster."""
    if state not in states:
        message = f"case {case.id}: what it is about is {state.lower()} by now; nothing was done"
        raise Outrun(message)


def _file(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.files.get(number)
    _must_be(case, record.state, "STORED", "UNREADABLE")
    open_file(office, record)
    with office.ledger.reading() as unit:
        opened = unit.interchanges.select(file_id=number, direction="in", state="OPENED")
    for interchange in opened:
        _go_on(office, interchange)


def _interchange(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.interchanges.get(number)
    if record.state == "OPENED" and case.kind in BUGS:
        judge_again(office, _taken_up(office, case, record))
    else:
        _must_be(case, record.state, "QUARANTINED")
        record = reopen_interchange(office, record)
        if record.state == "OPENED":
            _go_on(office, record)


def _taken_up(office: Office, case: CaseRecord, record: InterchangeRecord) -> Opened:
    opened = take_up(office, record)
    if opened is None:
        message = f"case {case.id}: the partner {record.partner} is no longer in the partner files"
        raise UsageError(message)
    return opened


def _go_on(office: Office, record: InterchangeRecord) -> None:
    """Judge what an interchange holds, and decide the orders that come of it."""
    opened = take_up(office, record)
    if opened is not None:
        judge_interchange(office, opened)
        _decide(office, record.id)


def _decide(office: Office, interchange_id: int) -> None:
    with office.ledger.reading() as unit:
        mapped = unit.sets.select(interchange_id=interchange_id, state="MAPPED")
        orders = [unit.orders.get(one.order_id) for one in mapped if one.order_id is not None]
        waiting = [order for order in orders if order.state == "OPEN" and not waits(unit, f"order:{order.id}")]
    for order in waiting:
        try:
            decide_order(office, order)
        except Outrun:
            with office.ledger.reading() as unit:
                standing = unit.orders.get(order.id)
                undecided = standing.state == "OPEN" and not waits(unit, f"order:{order.id}")
            if undecided:  # else the daemon decided it first: it was booked, and that is what was asked for
                raise


def _set(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.sets.get(number)
        interchange = unit.interchanges.get(record.interchange_id)
        group = unit.groups.get(record.group_id)
    opened = _taken_up(office, case, interchange)
    if record.state == "RECEIVED":
        judge_again(office, opened, record)
    elif group.kind == ACKNOWLEDGMENTS:
        _respond_again(office, record, case, opened, group)
    else:
        _must_be(case, record.state, "HELD")
        _book_held(office, record, case, opened, group)
    _decide(office, interchange.id)


def _respond_again(office: Office, record: SetRecord, case: CaseRecord, opened: Opened, group: GroupRecord) -> None:
    """Match an acknowledgment once more with what we have sent by now."""
    seen = opened.group(group)
    received = opened.received(seen, next(one for one in seen.sets if one.ordinal == record.ordinal))
    with office.ledger.unit("desk.reopened") as unit:
        respond(office, unit, opened.partner, record, split(received.text, received.delimiters))
        if unit.cases.get(case.id).epoch == case.epoch:  # it was not renewed
            settle_cases(office, unit, case.subject, how=GONE)


def _book_held(office: Office, record: SetRecord, case: CaseRecord, opened: Opened, group: GroupRecord) -> None:
    """Check a held set again and book it if nothing holds it any more."""
    seen = opened.group(group)
    received = opened.received(seen, next(one for one in seen.sets if one.ordinal == record.ordinal))
    findings = check_set(office, seen, received, opened.partner)
    with office.ledger.unit("desk.booked") as unit:
        accepted = unit.sets.change(record, state="ACCEPTED")
        booked = book_checked(office, unit, opened, accepted, received, findings)
        if booked.state != "HELD":
            settle_cases(office, unit, case.subject, how=GONE)
    if booked.state != "HELD":
        let_go(office, case)


def _order(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.orders.get(number)
    _must_be(case, record.state, "OPEN", "HELD")
    decide_order(office, record)


def _ship(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        record = unit.orders.get(number)
    if record.state in SHIPPABLE:
        ship_due(office, record)
    else:
        _settle(office, case, f"the order is {record.state.lower()}")


def _bill(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.reading() as unit:
        waiting = unit.shipments.select(order_id=number, invoice_number=None)
    for shipment in waiting:
        bill_shipment(office, shipment)
    if not waiting:
        _settle(office, case, "all shipments are invoiced")


def _connection(office: Office, name: str) -> None:
    """Let a daemon try a connection at once, and what waits for it; its case closes when it works."""
    if name not in office.edition.connections and name != office.erp_connection:
        message = f"no file names the connection {name} any more; write it again, and what waits goes by itself"
        raise UsageError(message)
    with office.ledger.unit("desk.reopened") as unit:
        first = next(queue(unit, name), None)
        if first is not None and first.next_at is not None:
            unit.documents.change(first, next_at=office.clock.now())
        office.note(unit, TRY_NOW, f"connection:{name}", "a person asked for it")


def _settle(office: Office, case: CaseRecord, how: str) -> None:
    with office.ledger.unit("desk.reopened") as unit:
        settle_cases(office, unit, case.subject, how=how)


def _document(office: Office, case: CaseRecord, number: int) -> None:
    with office.ledger.unit("desk.reopened") as unit:
        record = unit.documents.get(number)
        _must_be(case, record.state, "PARKED")
        unit.documents.change(record, state="READY", next_at=office.clock.now(), last_error=None)
        settle_cases(office, unit, case.subject, how="tried again")


_STEPS: dict[str, Callable[[Office, CaseRecord, int], None]] = {
    "file": _file,
    "interchange": _interchange,
    "set": _set,
    "order": _order,
    "ship": _ship,
    "bill": _bill,
    "document": _document,
}
