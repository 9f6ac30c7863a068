"""Step 8: the queue of documents of each connection. Nothing overtakes, and nothing is lost, however long it waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from zlib import crc32

from edi_engine.errors import EngineError, Outrun, TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.documents import X12_KINDS
from edi_engine.flow.handover import hand_over, park
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, Unit
from edi_engine.flow.records import DocumentRecord
from edi_engine.partners.connection import Connection

UNSENT = ("READY", "UPLOADING", "UPLOADED", "SENT")
FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=15)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one drain of an outbox did. `stopped` is the error that ended it before its queue was empty."""

    sent: int
    stopped: TransportError | None = None


def due(office: Office, connection: str, now: datetime, limit: int = 100) -> Sequence[DocumentRecord]:
    """Give what waits for a connection and may be tried now, oldest first.

    Nothing overtakes an older document, but for those that a person holds back.
    """
    with office.ledger.reading() as unit:
        ready = takewhile(lambda document: not rests(document, now), queue(unit, connection))
        return list(islice(ready, limit))


def queue(unit: Unit, connection: str) -> Iterator[DocumentRecord]:
    """Give what is to go out on a connection, oldest first: not what is held, nor what goes after it."""
    last = 0
    while page := unit.documents.select(connection=connection, state=UNSENT, held_at=None, after=last, limit=_PAGE):
        yield from (document for document in page if held_before(unit, document) is None)
        last = page[-1].id


def held_before(unit: Unit, document: DocumentRecord) -> DocumentRecord | None:
    """Give the held document that this one goes after, None if there is none: one to the partner for the same order.

    A partner who gets the ship notice of an order before its answer may refuse it.
    """
    if document.order_id is None or document.state != "READY" or document.kind not in X12_KINDS:
        return None
    ready = unit.documents.select(order_id=document.order_id, state="READY", kind=X12_KINDS)
    return next((one for one in ready if one.held_at is not None and one.id < document.id), None)


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
        return hand_over(office, connection, mailbox, document)
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
        return park(office, standing, finding)


def _spread(document: DocumentRecord, attempts: int) -> float:
    """Give 0.8 to 1, another part for each connection, document and attempt: not all of them come back at once."""
    return 1 - crc32(f"{document.connection} {document.id} {attempts}".encode()) % 1000 / 5000


def postpone(office: Office, document_id: int, error: TransportError) -> None:
    """Note a failed attempt; the queue of its connection waits, longer each time, and loses nothing."""
    with office.ledger.unit("deliver.postponed") as unit:
        document = unit.documents.get(document_id)
        attempts = document.attempts + 1
        pause = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LAST_RETRY) * _spread(document, attempts)
        unit.documents.change(document, attempts=attempts, last_error=str(error), next_at=office.clock.now() + pause)
