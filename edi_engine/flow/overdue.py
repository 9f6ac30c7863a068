"""Timers that fell due: an acknowledgment that did not come becomes a case. Nothing is ever sent by a timer."""

from __future__ import annotations

from dataclasses import replace

from edi_engine.errors import Outrun
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import open_case
from edi_engine.flow.documents import ACK_DUE, OUT, about_document
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, TimerRecord

SCRUB = "scrub"
"""The timer of the weekly look at all stored bytes, and the lane that does it."""
"""The timer of a document that the partner has to acknowledge."""
MOST = 100
"""Timers that one drain of the clock fires."""


def fire_timers(office: Office, *, dry: bool = False) -> int:
    """Fire what is due, one commit a timer, its effect included, some each time. Gives how many; with `dry`, changes
    nothing.

    The timer of a shipment is its partner's work, which ships and ends it in one commit; that of something that is
    expected belongs to `flow.expected`.
    """
    with office.ledger.reading() as unit:
        due = unit.timers.due(ACK_DUE, office.clock.now(), MOST)
    if dry:
        return len(due)
    return sum(_fire(office, timer) for timer in due if not office.stopping())


def _fire(office: Office, timer: TimerRecord) -> bool:
    """Fire one timer. Gives whether it still waited: the partner's answer may have come meanwhile."""
    try:
        with office.ledger.unit("clock.fired") as unit:
            unit.timers.change(timer, state="FIRED")
            kind, _, number = timer.subject.partition(":")
            if kind == "document":
                _tell(office, unit, timer, unit.documents.get(int(number)))
            return True
    except Outrun:
        return False


def _tell(office: Office, unit: Unit, timer: TimerRecord, document: DocumentRecord) -> None:
    """Tell people that a document was not acknowledged in time, unless it is settled by now."""
    if document.state != "CONFIRMED":
        return
    partner = office.edition.partners.get(document.partner or "")
    finding = Finding(
        "ack.overdue",
        Severity.HOLD,
        f"{partner.title if partner is not None else document.partner} has not acknowledged our {document.kind} "
        f"{document.interchange_control} ({document.name}), which was due {timer.due_at:%Y-%m-%d %H:%M} UTC.",
        fix=f"ask the partner whether they have it; {_again(document)}",
    )
    open_case(office, unit, replace(about_document(document, "respond"), deadline=timer.due_at), [finding])


def _again(document: DocumentRecord) -> str:
    """Say how a document gets to the partner once more. What was written into a folder goes there by no connection."""
    if document.connection.partition(":")[0] == OUT:
        return f"`edi process` wrote it into its folder and sends nothing itself: pass {document.name} on, or once more"
    return f"nothing is sent again by itself, `edi outbox resend {document.id}` does it"
