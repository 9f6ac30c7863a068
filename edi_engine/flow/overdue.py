"""Timers that fell due: an acknowledgment that did not come becomes a case. Nothing is ever sent by a timer."""

from __future__ import annotations

from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case
from edi_engine.flow.office import Office
from edi_engine.flow.records import TimerRecord


def fire_timers(office: Office, *, dry: bool = False) -> int:
    """Fire what is due, one commit a timer, its effect included. Gives how many; with `dry`, changes nothing."""
    now = office.clock.now()
    with office.ledger.reading() as unit:
        due = [timer for timer in unit.timers.select(state="WAITING") if timer.due_at <= now]
    if not dry:
        for timer in due:
            _fire(office, timer)
    return len(due)


def _fire(office: Office, timer: TimerRecord) -> None:
    with office.ledger.unit("clock.fired") as unit:
        unit.timers.change(timer, state="FIRED")
        kind, _, number = timer.subject.partition(":")
        if timer.kind != "ack_due" or kind != "document":
            return
        document = unit.documents.get(int(number))
        if document.state != "CONFIRMED":
            return
        finding = Finding(
            "ack.overdue",
            Severity.HOLD,
            f"{document.partner} has not acknowledged our {document.kind} {document.interchange_control} "
            f"({document.name}), which was due {timer.due_at:%Y-%m-%d %H:%M} UTC.",
            fix="ask the partner whether they have it; nothing is sent again by itself",
        )
        waiting = Waiting(
            timer.subject,
            "respond",
            document.at,
            partner=document.partner,
            po_number=document.po_number,
            order_id=document.order_id,
            deadline=timer.due_at,
        )
        open_case(office, unit, waiting, [finding])
