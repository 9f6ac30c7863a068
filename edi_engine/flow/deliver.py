"""Step 8: hand documents over by temporary name, size check, rename and confirmation; unknown outcomes are probed.

Each outside effect stands between two commits (ENGINE.md's crash table): whatever is found at the partner after a crash
leads on, and never to a second document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.documents import EXPECT_RESPONSE, same_bytes
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox
from edi_engine.flow.records import DocumentRecord, TimerRecord
from edi_engine.partners.connection import Connection

UNSENT = ("READY", "UPLOADING", "UPLOADED", "SENT")
FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one drain of an outbox did. `stopped` is the error that ended it before its queue was empty."""

    sent: int
    stopped: TransportError | None = None


def due(office: Office, connection: str, now: datetime, limit: int = 100) -> Sequence[DocumentRecord]:
    """Give what waits for a connection and may be tried now, oldest first; nothing overtakes an older document."""
    with office.ledger.reading() as unit:
        waiting = unit.documents.select(connection=connection, state=UNSENT, limit=limit)
    ready: list[DocumentRecord] = []
    for document in waiting:
        if document.next_at is not None and document.next_at > now:
            break
        ready.append(document)
    return ready


def deliver(office: Office, connection: Connection, mailbox: Mailbox) -> Delivered:
    """Deliver all that is due on a connection, in order, until it is empty or the connection fails."""
    sent = 0
    while batch := due(office, connection.name, office.clock.now()):
        for document in batch:
            if office.stopping():
                return Delivered(sent)
            try:
                last = deliver_one(office, connection, mailbox, document)
            except TransportError as error:
                postpone(office, document.id, error)
                return Delivered(sent, error)
            sent += last.state in {"CONFIRMED", "ACCEPTED", "REJECTED"}
    return Delivered(sent)


def postpone(office: Office, document_id: int, error: TransportError) -> None:
    """Note a failed attempt; the queue of its connection waits, longer each time, and loses nothing."""
    with office.ledger.unit("deliver.postponed") as unit:
        document = unit.documents.get(document_id)
        attempts = document.attempts + 1
        pause = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LAST_RETRY)
        unit.documents.change(document, attempts=attempts, last_error=str(error), next_at=office.clock.now() + pause)


def deliver_one(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Lead one document as far as it goes. Raises TransportError where the connection fails."""
    current = document
    folder = _folder(connection, document)
    if current.state == "READY":
        temporary = f"{current.name}{connection.delivery.temporary}"
        with office.ledger.unit("deliver.uploading") as unit:
            current = unit.documents.change(current, state="UPLOADING", temporary=temporary)
    if current.state == "UPLOADING":
        current = _upload(office, mailbox, folder, current)
    if current.state == "UPLOADED":
        current = _rename(office, mailbox, folder, current)
    if current.state == "SENT":
        current = _confirm(office, connection, mailbox, folder, current)
    return current


def _folder(connection: Connection, document: DocumentRecord) -> str:
    return "/".join(part for part in (connection.delivery.folder, document.folder) if part)


def _upload(office: Office, mailbox: Mailbox, folder: str, document: DocumentRecord) -> DocumentRecord:
    with office.ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    office.ledger.crashpoint("deliver.put:before")
    mailbox.put(folder, document.temporary, data)
    office.ledger.crashpoint("deliver.put:after")
    there = mailbox.size(folder, document.temporary.encode())
    if there is None or there.size != document.size:
        seen = "nothing" if there is None else f"{there.size} bytes"
        message = f"{document.temporary}: {document.size} bytes were written, but {seen} stand there"
        raise TransportError(message, code="transport.partial")
    with office.ledger.unit("deliver.uploaded") as unit:
        return unit.documents.change(document, state="UPLOADED")


def _rename(office: Office, mailbox: Mailbox, folder: str, document: DocumentRecord) -> DocumentRecord:
    """Give the document its final name. Without its temporary name, the rename happened: it is sent."""
    temporary, final = document.temporary.encode(), document.name.encode()
    if mailbox.size(folder, temporary) is not None:
        standing = mailbox.size(folder, final)
        if standing is not None:
            data = mailbox.fetch(folder, final, max(standing.size, 1))
            if not same_bytes(data, document.sha256):
                return _park(office, document, standing.size)
            mailbox.remove(folder, temporary)
        else:
            office.ledger.crashpoint("deliver.rename:before")
            mailbox.rename(folder, temporary, folder, final)
            office.ledger.crashpoint("deliver.rename:after")
    with office.ledger.unit("deliver.sent") as unit:
        return unit.documents.change(document, state="SENT", sent_at=office.clock.now())


def _confirm(
    office: Office, connection: Connection, mailbox: Mailbox, folder: str, document: DocumentRecord
) -> DocumentRecord:
    """See the final name at its right size, or gone: then the partner has taken it."""
    standing = mailbox.size(folder, document.name.encode())
    if standing is not None and standing.size != document.size:
        return _park(office, document, standing.size)
    now = office.clock.now()
    partner = office.edition.partners.get(document.partner or "")
    due_at = now + partner.clocks.acknowledge_ours if partner is not None and document.kind in EXPECT_RESPONSE else None
    with office.ledger.unit("deliver.confirmed") as unit:
        confirmed = unit.documents.change(document, state="CONFIRMED", due_at=due_at, last_error=None)
        if due_at is not None:
            unit.timers.add(TimerRecord(f"document:{document.id}", "ack_due", due_at))
        settle_cases(office, unit, f"document:{document.id}", how="delivered")
        office.note(
            unit,
            f"{document.kind} delivered",
            f"document:{document.id}",
            f"{document.name} to {connection.name}{':' + folder if folder else ''}",
            order_id=document.order_id,
            partner=document.partner,
        )
    return confirmed


def _park(office: Office, document: DocumentRecord, size: int) -> DocumentRecord:
    finding = Finding(
        "document.collision",
        Severity.HOLD,
        f"At the partner another file of {size} bytes has the name {document.name} of our {document.kind} "
        f"({document.size} bytes); ours was not put over it.",
        seen=f"{size} bytes",
        wanted=f"{document.size} bytes",
        fix="ask the partner to take that file away, then retry the case",
    )
    with office.ledger.unit("deliver.parked") as unit:
        parked = unit.documents.change(document, state="PARKED", last_error=finding.message)
        waiting = Waiting(
            f"document:{document.id}",
            "deliver",
            document.at,
            partner=document.partner,
            po_number=document.po_number,
            order_id=document.order_id,
        )
        open_case(office, unit, waiting, [finding])
    return parked
