"""Step 8: hand documents over by temporary name, size check, rename and confirmation; unknown outcomes are probed.

Each outside effect stands between two commits (ENGINE.md's crash table): whatever is found at the partner after a crash
leads on, and never to a second document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from edi_engine.errors import EngineError, Outrun, TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.documents import EXPECT_RESPONSE, same_bytes
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile
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
    return list(takewhile(lambda document: not rests(document, now), waiting))


def rests(document: DocumentRecord, now: datetime) -> bool:
    """Say whether a document may not be tried yet. No pause is longer than the last one, so that one which ends later
    was counted by a clock that ran ahead, and does not hold.
    """
    return document.next_at is not None and now < document.next_at <= now + LAST_RETRY


def deliver(office: Office, connection: Connection, mailbox: Mailbox, most: int | None = None) -> Delivered:
    """Deliver what is due on a connection, in order, until it is empty, the connection fails, or `most` are done.

    Raises TransportError with a code of the store (system.*) where it is the store that fails.
    """
    sent = tried = 0
    while batch := due(office, connection.name, office.clock.now()):
        for document in batch:
            if office.stopping() or tried == most:
                return Delivered(sent)
            tried += 1
            try:
                last = _one(office, connection, mailbox, document)
            except Outrun:  # the partner's answer, or a person, was faster; the next drain sees how it stands
                return Delivered(sent)
            except TransportError as error:
                if error.code.startswith("system."):
                    raise
                postpone(office, document.id, error)
                return Delivered(sent, error)
            sent += last.state == "CONFIRMED"
    return Delivered(sent)


def _one(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Deliver one document; if it breaks us, park it with a case so that the others go on."""
    try:
        return deliver_one(office, connection, mailbox, document)
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 (a bug of ours, or damaged bytes, must stop one document, not a queue)
        finding = Finding(
            "system.bug",
            Severity.HOLD,
            f"Delivering our {document.kind} {document.name} broke our program ({type(error).__name__}: {error}). "
            "Nobody knows how much of it is at the partner's.",
            fix="run `edi audit`, and report it; retry the case when its cause is repaired",
        )
        with office.ledger.reading() as unit:
            standing = unit.documents.get(document.id)
        return _park(office, standing, finding)


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
    if current.state == "READY":
        temporary = f"{current.name}{connection.delivery.temporary}"
        with office.ledger.unit("deliver.uploading") as unit:
            current = unit.documents.change(current, state="UPLOADING", temporary=temporary)
    if current.state == "UPLOADING":
        current = _upload(office, mailbox, _folder(connection, document), current)
    folder, _, temporary = current.temporary.rpartition("/")
    if current.state == "UPLOADED":
        current = _rename(office, mailbox, folder, temporary, current)
    if current.state == "SENT":
        current = _confirm(office, connection, mailbox, folder, current)
    return current


def _folder(connection: Connection, document: DocumentRecord) -> str:
    return "/".join(part for part in (connection.delivery.folder, document.folder) if part)


def _upload(office: Office, mailbox: Mailbox, folder: str, document: DocumentRecord) -> DocumentRecord:
    """Write the document under its temporary name, and keep with it in which folder it stands: from now on that one
    counts, whatever becomes of the connection's.
    """
    temporary = document.temporary.rpartition("/")[2]
    with office.ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    office.ledger.crashpoint("deliver.put:before")
    mailbox.put(folder, temporary, data)
    office.ledger.crashpoint("deliver.put:after")
    there = mailbox.size(folder, temporary.encode())
    if there is None or there.size != document.size:
        seen = "nothing" if there is None else f"{there.size} bytes"
        message = f"{temporary}: {document.size} bytes were written, but {seen} stand there"
        raise TransportError(message, code="transport.partial")
    with office.ledger.unit("deliver.uploaded") as unit:
        return unit.documents.change(
            document, state="UPLOADED", temporary=f"{folder}/{temporary}" if folder else temporary
        )


def _rename(office: Office, mailbox: Mailbox, folder: str, temporary: str, document: DocumentRecord) -> DocumentRecord:
    """Give the document its final name. Without its temporary name, the rename happened: it is sent."""
    was, final = temporary.encode(), document.name.encode()
    if mailbox.size(folder, was) is not None:
        standing = mailbox.size(folder, final)
        if standing is None:
            office.ledger.crashpoint("deliver.rename:before")
            mailbox.rename(folder, was, folder, final)
            office.ledger.crashpoint("deliver.rename:after")
        elif _is_ours(mailbox, folder, standing, document):
            mailbox.remove(folder, was)
        else:
            return _park(office, document, _collision(document, standing))
    with office.ledger.unit("deliver.sent") as unit:
        return unit.documents.change(document, state="SENT", sent_at=office.clock.now())


def _is_ours(mailbox: Mailbox, folder: str, standing: RemoteFile, document: DocumentRecord) -> bool:
    """Say whether what stands under the final name is our document, byte by byte."""
    if not standing.regular or standing.size != document.size:
        return False
    return same_bytes(mailbox.fetch(folder, standing.name, max(standing.size, 1)), document.sha256)


def _confirm(
    office: Office, connection: Connection, mailbox: Mailbox, folder: str, document: DocumentRecord
) -> DocumentRecord:
    """See the final name at its right size, or gone: then the partner has taken it."""
    standing = mailbox.size(folder, document.name.encode())
    if standing is not None and standing.size != document.size:
        return _park(office, document, _changed(document, standing))
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


def _collision(document: DocumentRecord, standing: RemoteFile) -> Finding:
    return Finding(
        "document.collision",
        Severity.HOLD,
        f"At the partner another file of {standing.size} bytes has the name {document.name} of our {document.kind} "
        f"({document.size} bytes); ours was not put over it.",
        seen=f"{standing.size} bytes",
        wanted=f"{document.size} bytes",
        fix="ask the partner to take that file away, then retry the case",
    )


def _changed(document: DocumentRecord, standing: RemoteFile) -> Finding:
    return Finding(
        "document.collision",
        Severity.HOLD,
        f"Our {document.kind} {document.name} was handed over with {document.size} bytes, but {standing.size} bytes "
        "stand under its name now.",
        seen=f"{standing.size} bytes",
        wanted=f"{document.size} bytes",
        fix="ask the partner whether their copy is whole; retry the case once they have taken that file away",
    )


def _park(office: Office, document: DocumentRecord, finding: Finding) -> DocumentRecord:
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
