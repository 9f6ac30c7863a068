"""Calling an order off: it is cancelled or replaced by its partner while nothing of it has left. All in one commit.

What nobody outside has seen yet is made void; where the ERP may have the order, a file tells it that it is cancelled.
The partner gets no 855 for a cancel: the 997 has acknowledged it, and whoever cancels expects no other answer.
"""

from __future__ import annotations

from typing import Final

from edi_engine.erp.json import erp_order, from_json
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import erp_files
from edi_engine.flow.cases import open_case, settle_cases
from edi_engine.flow.documents import about_document, destination, note_document, post_erp
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord, SetRecord
from edi_engine.orders.decision import Answer
from edi_engine.orders.purpose import called_off

CALLED_OFF: Final = "document.called-off"
"""The code, and the kind of case, of a parked document whose order is called off: no retry sends it."""


def call_off(office: Office, unit: Unit, booked: OrderRecord, by: SetRecord, why: str) -> OrderRecord:
    """Cancel a booked order with all that waits of it. `by` is the set that asked for it, `why` a clause for people.

    Raises Outrun where something of the order moved meanwhile: then it is another question, and is asked again.
    """
    for line in unit.lines.select(order_id=booked.id):
        if line.state != "CANCELLED":
            unit.lines.change(line, state="CANCELLED")
    cancelled = booked
    if booked.state != "CANCELLED":  # one that we rejected whole is called off already
        cancelled = unit.orders.change(booked, state="CANCELLED")
    came = unit.sets.get(booked.set_id)
    if came.state == "MAPPED":  # it was not even decided
        unit.sets.change(came, state="APPLIED")
    for subject in (f"order:{booked.id}", f"ship:{booked.id}"):
        settle_cases(office, unit, subject, how=why)
        for timer in unit.timers.select(subject=subject, state="WAITING"):
            unit.timers.change(timer, state="CANCELLED")
    office.note(unit, "order called off", f"order:{booked.id}", why, order_id=booked.id, partner=booked.partner)
    known = [one.kind for one in unit.documents.select(order_id=booked.id) if not _void(office, unit, one, why)]
    _tell_erp(office, unit, cancelled, by, [kind for kind in known if kind.startswith("erp-")])
    return cancelled


def _void(office: Office, unit: Unit, document: DocumentRecord, why: str) -> bool:
    """Make a document void that nobody outside can have seen; say whether it is. Its numbers stay its own.

    One that is parked after its delivery was begun is left to a person, who asks the partner; it is not tried again.
    """
    if document.state == "VOID":
        return True
    if document.state not in {"READY", "PARKED"}:
        return False
    subject = f"document:{document.id}"
    if document.temporary or document.sent_at is not None:
        if document.state == "PARKED":
            settle_cases(office, unit, subject, how=why)
            open_case(office, unit, about_document(document, "deliver"), [_may_be_there(document, why)])
        return False
    settle_cases(office, unit, subject, how=why)
    unit.documents.change(document, state="VOID", last_error=why)
    note_document(office, unit, document, "void", f"{document.name} is not sent: {why}")
    return True


def _may_be_there(document: DocumentRecord, why: str) -> Finding:
    return Finding(
        CALLED_OFF,
        Severity.HOLD,
        f"The order of our {document.kind} {document.name} is called off ({why}), but the partner may have the "
        "document, or a part of it.",
        seen=document.last_error,
        wanted="a partner who knows that nothing of it holds",
        fix="Ask the partner what they have of it and tell them that it does not hold, then dismiss the case. It is "
        "not sent.",
    )


def _tell_erp(office: Office, unit: Unit, cancelled: OrderRecord, by: SetRecord, kinds: list[str]) -> None:
    """Write a file for each kind of file that the ERP may have of an order: nothing of it is to be shipped."""
    if not kinds or cancelled.answer_json is None:
        return
    to = destination(office, unit, cancelled.set_id)
    if to.terminal_file is not None:  # that command has ended; this one has a folder of its own
        to = destination(office, unit, by.id)
    answer = called_off(from_json(Answer, cancelled.answer_json))
    written = erp_files(
        erp_order(answer.order, answer, partner=cancelled.partner, live=cancelled.live, reference=str(cancelled.id))
    )
    if isinstance(written, tuple):
        message = f"an order that the ERP has cannot be written for it: {written[0].message}"
        raise TypeError(message)
    for kind in dict.fromkeys(kinds):
        document = post_erp(office, unit, kind, written[kind], cancelled, to, cancels=True)
        note_document(office, unit, document, "written", f"{document.name} tells the ERP that the order is cancelled")
