"""Opening a case again that was decided or closed by mistake, where something can still be done about it."""

from __future__ import annotations

import json
import re
from typing import Final

from edi_engine.desk.queue import DISMISS, closed_how, find_case
from edi_engine.desk.resolve import changed_by_others, must_stand, note
from edi_engine.errors import UNKNOWN, Outrun, UsageError
from edi_engine.flow.cases import by_kind, open_again
from edi_engine.flow.contradiction import CONTRADICTED
from edi_engine.flow.decide import apply_judgement, judge_order, rulings_of, rulings_to_json
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord, OrderRecord
from edi_engine.orders.decision import CHOICES, Ruling
from edi_engine.orders.lifecycle import may_move

_BOOKED: Final = {"OPEN", "HELD"}
_WORD: Final = re.compile(r"[a-z-]+")


def reopen(office: Office, case_id: int, why: str = "") -> CaseRecord:
    """Open a case again and take back what was decided for it; an open one forgets the lines decided so far.

    Raises UsageError where it is too late, Outrun if somebody else was faster.
    """
    with office.ledger.reading() as unit:
        case = find_case(unit, case_id)
        hindrance = too_late(unit, case)
        if hindrance is not None:
            raise UsageError(hindrance)
        order = _order_of(unit, case)
    try:
        if order is not None and order.state in _BOOKED:
            return _undecide(office, case, order, why)
        with office.ledger.unit("desk.reopened") as unit:
            if order is not None:
                return _take_up(office, unit, case, order, why)
            return _open(office, unit, case, why)
    except Outrun as error:
        raise Outrun(changed_by_others(office, case)) from error


def too_late(unit: Unit, case: CaseRecord) -> str | None:
    """Say why a case cannot be opened again; None where it can."""
    order = _order_of(unit, case)
    if case.state == "OPEN":
        if order is not None and _of(case, rulings_of(order)):
            return None
        return f"case {case.id} is open, and nothing of it is decided yet"
    if case.state == "RESOLVED" and not _by_a_person(case):
        return f"case {case.id} is {closed_how(case)}. If the same thing happens again, a case opens by itself"
    standing = unit.cases.one(subject=case.subject, cause=case.cause, state="OPEN")
    if standing is not None:
        return f"case {standing.id} is open for the same thing already"
    hindrance = _order(unit, case, order) if order is not None else _other(unit, case)
    return None if hindrance is None else f"it is too late to open case {case.id} again: {hindrance}"


def _order_of(unit: Unit, case: CaseRecord) -> OrderRecord | None:
    kind, _, number = case.subject.partition(":")
    return unit.orders.get(int(number)) if kind == "order" else None


def _of(case: CaseRecord, rulings: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """Give the rulings that were made for a case: those of its kind."""
    return tuple(one for one in rulings if ".".join(one.kind.split(".")[:2]) == case.kind)


def _by_a_person(case: CaseRecord) -> bool:
    """Say whether a choice resolved it, alone or by line, and not the end of its cause."""
    return not {*CHOICES, DISMISS}.isdisjoint(_WORD.findall(case.resolution or ""))


def _order(unit: Unit, case: CaseRecord, order: OrderRecord) -> str | None:
    if order.answer_json is not None:
        sent = unit.documents.one(order_id=order.id, kind="855")
        stands = ""
        if sent is not None:
            hold = f"; `edi outbox hold {sent.id}` keeps it back" if sent.state == "READY" else ""
            stands = f" Its 855 is document {sent.id}: {sent.state.lower()}{hold}."
        return (
            f"order {order.po_number} was answered at {order.answered_at:%Y-%m-%d %H:%M} UTC.{stands} What was "
            "answered cannot be taken back here; agree with the partner on what holds"
        )
    if order.state in _BOOKED:
        return None
    if case.state != "DISMISSED":
        closing = unit.cases.one(subject=case.subject, state="DISMISSED")
        first = f"; open case {closing.id} again first" if closing is not None else ""
        return f"order {order.po_number} is {order.state.lower()}{first}"
    later = [one for one in unit.sets.select(order_id=order.id, after=order.set_id) if one.id != order.set_id]
    if later or unit.orders.one(replaces=order.id) is not None:
        return f"the partner has sent order {order.po_number} anew, or cancelled it, after it was closed"
    return None


def _other(unit: Unit, case: CaseRecord) -> str | None:
    kind, _, text = case.subject.partition(":")
    number = int(text) if text.isdigit() else 0
    state = ""
    match kind:
        case "set":
            state = unit.sets.get(number).state
            if state == "APPLIED":
                return "the document was put aside and is not read again; ask the partner to send it once more"
        case "interchange":
            state = unit.interchanges.get(number).state
            if state == "DONE":
                return "all of the interchange was read; what waits of it has cases of its own"
        case "document":
            state = unit.documents.get(number).state
            if state in {"ACCEPTED", "VOID"} and case.kind != CONTRADICTED:
                return "the partner has accepted the document" if state == "ACCEPTED" else "the document is never sent"
            if case.kind == UNKNOWN and state != "PARKED":
                return f"it was handed over; `edi outbox resend {number}` sends it once more"
        case "ship":
            state = unit.orders.get(number).state
            if not may_move("order", state, "SHIPPED"):
                return f"the order is {state.lower()}"
        case "bill":
            if unit.shipments.one(order_id=number, invoice_number=None) is None:
                return "all its shipments are billed"
    return None


def _open(office: Office, unit: Unit, case: CaseRecord, why: str) -> CaseRecord:
    opened = case if case.state == "OPEN" else open_again(unit, case)
    note(office, unit, case, "case reopened", f"was {case.resolution or 'partly decided'}.", why)
    return opened


def _take_up(office: Office, unit: Unit, case: CaseRecord, order: OrderRecord, why: str) -> CaseRecord:
    """Take an order up again that was closed by hand, with all the cases that were closed with it."""
    cases = unit.cases.select(subject=case.subject, state="DISMISSED")
    opened = {one.id: _open(office, unit, one, why) for one in cases}
    held = {line for one in cases for line in json.loads(one.lines_json)}
    for line in unit.lines.select(order_id=order.id, state="CANCELLED"):
        back = unit.lines.change(line, state="OPEN")
        if not held or line.position in held:
            unit.lines.change(back, state="HELD")
    unit.orders.change(unit.orders.change(order, state="OPEN"), state="HELD")
    return opened[case.id]


def _undecide(office: Office, case: CaseRecord, order: OrderRecord, why: str) -> CaseRecord:
    """Take back what was decided for a case of an order that other cases still hold."""
    made = rulings_of(order)
    own = _of(case, made)
    kept = tuple(one for one in made if one not in own)
    judged = judge_order(office, order, kept)
    if not judged.decision.held or case.cause not in by_kind(judged.decision.all_findings()):
        message = (
            f"case {case.id} cannot be opened again: its cause is gone, or was settled along with another case of "
            f"order {order.po_number}"
        )
        raise UsageError(message)
    with office.ledger.unit("desk.reopened") as unit:
        must_stand(unit, case)
        _open(office, unit, case, why)
        again = unit.orders.change(order, rulings_json=rulings_to_json(kept))
        apply_judgement(office, unit, again, judged, how="settled along with another case")
        return unit.cases.get(case.id)
