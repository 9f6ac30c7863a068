"""Retrying a case: re-enter the very step that stopped, after a table, map or partner file was repaired.

A retry that finds the same again renews its case: it stays open, its epoch rises. Each one is a commit of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edi_engine.desk.letting_go import let_go
from edi_engine.desk.queue import open_case_of
from edi_engine.errors import Outrun, UsageError
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.calloff import CALLED_OFF
from edi_engine.flow.cases import BUGS, GONE, settle_cases, waits
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_set
from edi_engine.flow.decide import decide_order
from edi_engine.flow.fulfil import ship_due
from edi_engine.flow.interpret import open_file, reopen_interchange
from edi_engine.flow.judge import book_checked, judge_again, judge_interchange
from edi_engine.flow.office import Office
from edi_engine.flow.opened import Opened, take_up
from edi_engine.flow.records import CaseRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.respond import respond
from edi_engine.flow.ship_days import SHIPPABLE
from edi_engine.x12.reader import split


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
    if record.state == "SEEN":
        message = f"case {case.id}: {record.name} is fetched again by itself at the next poll"
        raise UsageError(message)
    if record.state not in {"STORED", "UNREADABLE"}:
        message = f"case {case.id}: {record.name} was read; what waits of it has cases of its own. Dismiss this one"
        raise UsageError(message)
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
    elif record.state == "QUARANTINED":
        record = reopen_interchange(office, record)
        if record.state == "OPENED":
            _go_on(office, record)
    else:
        message = f"case {case.id}: interchange {record.control} is {record.state.lower()}, not quarantined"
        raise UsageError(message)


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
    if record.state == "REFUSED" and group.kind == ACKNOWLEDGMENTS:
        message = (
            f"case {case.id}: {record.set_id} {record.control} of the partner cannot be read, however often; "
            "ask them what became of our documents, and dismiss the case"
        )
        raise UsageError(message)
    if record.state == "REFUSED":
        message = (
            f"case {case.id}: our acknowledgment has refused {record.set_id} {record.control} already; "
            "the partner must send it again. Dismiss the case when that is arranged"
        )
        raise UsageError(message)
    opened = _taken_up(office, case, interchange)
    if record.state == "RECEIVED":
        judge_again(office, opened, record)
    elif group.kind == ACKNOWLEDGMENTS:
        _respond_again(office, record, case, opened, group)
    elif record.state == "HELD":
        _book_held(office, record, case, opened, group)
    else:
        message = f"case {case.id}: {record.set_id} {record.control} is {record.state.lower()}; nothing of it waits"
        raise UsageError(message)
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
    if record.state not in {"OPEN", "HELD"}:
        message = f"case {case.id}: order {record.po_number} is {record.state.lower()}; it is decided already"
        raise UsageError(message)
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


def _settle(office: Office, case: CaseRecord, how: str) -> None:
    with office.ledger.unit("desk.reopened") as unit:
        settle_cases(office, unit, case.subject, how=how)


def _document(office: Office, case: CaseRecord, number: int) -> None:
    if case.kind == CALLED_OFF:
        message = f"case {case.id}: the order of the document is called off; it is not sent. Dismiss the case"
        raise UsageError(message)
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
    "ship": _ship,
    "bill": _bill,
    "document": _document,
}
