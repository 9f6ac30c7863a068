"""Step 8 for one document: hand it over in its connection's manner, with a commit between each two outside effects.

`rename` writes under a temporary name and renames; `direct` writes under the final name, where nothing stands yet;
`done-file` does so too, and then puts an empty file beside it. Whatever is found at the partner after a crash leads on:
it is looked at by size and then by bytes, and never leads to a second document, or over somebody else's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from edi_engine.errors import UNKNOWN, TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import open_case, settle_cases
from edi_engine.flow.documents import ACK_DUE, EXPECT_RESPONSE, about_document, note_document, same_bytes
from edi_engine.flow.office import Office
from edi_engine.flow.ports import OF_THE_FILE, Mailbox, RemoteFile, Unit
from edi_engine.flow.records import DocumentRecord, TimerRecord
from edi_engine.partners.connection import Connection

REFUSED = "document.deliver"
"""The code of a write that the partner's server refused: nothing of it stands there."""


def hand_over(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Lead one document as far as it goes. Raises TransportError where the connection fails."""
    current = _where_it_was_begun(office, connection, document)
    tried = current.state == "UPLOADING"
    if current.state == "READY":
        current = _begin(office, connection, mailbox, current)
    if current.state == "UPLOADING":
        if is_renamed(current):
            current = _begin_again(office, connection, mailbox, current) if tried else current
            current = _upload(office, connection, mailbox, current)
        else:
            current = _write(office, connection, mailbox, current, tried=tried)
    if current.state == "UPLOADED":
        if is_renamed(current):
            current = _rename(office, mailbox, current)
        else:
            current = _tell_done(office, connection, mailbox, current)
    if current.state == "SENT":
        current = _confirm(office, connection, mailbox, current)
    return current


def _where_it_was_begun(office: Office, connection: Connection, document: DocumentRecord) -> DocumentRecord:
    """See to a document that was begun at another server, or in another folder of this machine, than is meant now.

    What may have been handed over there cannot be looked at any more, so a person asks the partner. A temporary file
    alone is nothing that they have: the document is begun anew.
    """
    if document.place is None or connection.leads_to(document.place) or document.state in {"READY", "SENT"}:
        return document
    if document.state == "UPLOADING" and is_renamed(document):
        with office.ledger.unit("deliver.uploading") as unit:
            return unit.documents.change(document, place=connection.place)
    return park(office, document, _begun_elsewhere(connection, document))


def is_renamed(document: DocumentRecord) -> bool:
    """Say whether a document that was begun is written under a temporary name, whatever its connection says by now."""
    return _split(document)[1] != document.name


def _split(document: DocumentRecord) -> tuple[str, str]:
    """Give the folder and the name under which a document is written."""
    folder, _, name = document.temporary.rpartition("/")
    return folder, name


def _folder(connection: Connection, document: DocumentRecord) -> str:
    return "/".join(part for part in (connection.delivery.folder, document.folder) if part)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _begin(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Write down how and where the document will be written. Under its final name, nothing may stand there yet."""
    if connection.delivery.deliver == "rename":
        temporary = f"{document.name}{connection.delivery.temporary}"
    else:
        folder = _folder(connection, document)
        standing = _taken(connection, mailbox, folder, document)
        if standing is not None:
            return park(office, document, _collision(document, standing))
        temporary = _joined(folder, document.name)
    begun = {"temporary": temporary, "place": connection.place, "manner": connection.delivery.deliver}
    with office.ledger.unit("deliver.uploading") as unit:
        return unit.documents.change(document, state="UPLOADING", **begun)


def _begin_again(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Take another temporary name. A server that hung may still do what it was asked to under the former one: cut the
    file to nothing, write a part of it, take it away.
    """
    folder = _folder(connection, document)
    with _tidying():
        mailbox.remove(folder, _split(document)[1].encode())
    temporary = f"{document.name}.{document.epoch}{connection.delivery.temporary}"
    with office.ledger.unit("deliver.uploading") as unit:
        return unit.documents.change(document, temporary=temporary)


@contextmanager
def _tidying() -> Iterator[None]:
    """Go on where the server refuses what is only for tidiness. Raises TransportError where the connection fails."""
    try:
        yield
    except TransportError as error:
        if error.code not in OF_THE_FILE:
            raise


def _taken(connection: Connection, mailbox: Mailbox, folder: str, document: DocumentRecord) -> RemoteFile | None:
    """Give what stands in the way of a document under its final name: another file, or a done-file of that name."""
    standing = _look(mailbox, folder, document.name, document)
    if standing is not None:
        return None if _is_ours(mailbox, folder, standing, document) else standing
    if connection.delivery.deliver == "done-file":
        return mailbox.size(folder, f"{document.name}{connection.delivery.done}".encode())
    return None


def _upload(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Write the document under its temporary name, and keep with it in which folder it stands: from now on that one
    counts, whatever becomes of the connection's.
    """
    folder, temporary = _folder(connection, document), _split(document)[1]
    _put(office, mailbox, folder, temporary, document)
    there = mailbox.size(folder, temporary.encode())
    if there is None or there.size != document.size:
        raise _partial(document, temporary, there)
    return _uploaded(office, document, _joined(folder, temporary))


def _write(
    office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord, *, tried: bool
) -> DocumentRecord:
    """Write the document under its final name. Where that was `tried` before, see first what came of it."""
    folder, name = _split(document)
    standing = _look(mailbox, folder, name, document)
    # One who takes what they see may have taken it, whether that is how they take files now or how they did then.
    if standing is None and tried and "direct" in {document.manner, connection.delivery.deliver}:
        return park(office, document, _unknown(connection, document))
    if standing is None or standing.size < document.size:
        if standing is not None and not (tried and _is_a_part(office, mailbox, folder, standing, document)):
            return park(office, document, _collision(document, standing))
        try:
            _put(office, mailbox, folder, name, document, new=standing is None)
        except TransportError as error:
            if error.code == REFUSED and standing is None:
                with office.ledger.unit("deliver.refused") as unit:
                    unit.documents.change(document, state="READY", temporary="", place=None, manner=None)
            raise
        there = mailbox.size(folder, name.encode())
        gone = there is None and connection.delivery.deliver == "direct"  # the partner was quick
        if not gone and (there is None or there.size != document.size):
            raise _partial(document, name, there)
    elif not _is_ours(mailbox, folder, standing, document):
        return park(office, document, _collision(document, standing))
    return _uploaded(office, document, document.temporary)


def _put(
    office: Office, mailbox: Mailbox, folder: str, name: str, document: DocumentRecord, *, new: bool = False
) -> None:
    with office.ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    office.ledger.crashpoint("deliver.put:before")
    mailbox.put(folder, name, data, new=new)
    office.ledger.crashpoint("deliver.put:after")


def _uploaded(office: Office, document: DocumentRecord, written: str) -> DocumentRecord:
    with office.ledger.unit("deliver.uploaded") as unit:
        return unit.documents.change(document, state="UPLOADED", temporary=written)


def _rename(office: Office, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Give the document its final name. Without its temporary name, the rename happened: it is sent."""
    folder, temporary = _split(document)
    was, final = temporary.encode(), document.name.encode()
    if mailbox.size(folder, was) is not None:
        standing = _look(mailbox, folder, document.name, document)
        if standing is None:
            office.ledger.crashpoint("deliver.rename:before")
            mailbox.rename(folder, was, folder, final)
            office.ledger.crashpoint("deliver.rename:after")
        elif _is_ours(mailbox, folder, standing, document):
            mailbox.remove(folder, was)
        else:
            return park(office, document, _collision(document, standing))
    return _sent(office, document)


def _tell_done(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """Put the empty file that says the document is whole, where the connection wants one.

    Where the document stands there no more, the partner was told before, and has taken it.
    """
    folder, name = _split(document)
    if connection.delivery.deliver == "done-file":
        done = f"{name}{connection.delivery.done}"
        if mailbox.size(folder, name.encode()) is not None and mailbox.size(folder, done.encode()) is None:
            office.ledger.crashpoint("deliver.done:before")
            mailbox.put(folder, done, b"")
            office.ledger.crashpoint("deliver.done:after")
    return _sent(office, document)


def _sent(office: Office, document: DocumentRecord) -> DocumentRecord:
    with office.ledger.unit("deliver.sent") as unit:
        return unit.documents.change(document, state="SENT", sent_at=office.clock.now())


def _look(mailbox: Mailbox, folder: str, name: str, document: DocumentRecord) -> RemoteFile | None:
    """Look at what stands under a name; twice where it is not as long as our document, before anybody is asked."""
    standing = mailbox.size(folder, name.encode())
    return standing if standing is None or standing.size == document.size else mailbox.size(folder, name.encode())


def _is_ours(mailbox: Mailbox, folder: str, standing: RemoteFile, document: DocumentRecord) -> bool:
    """Say whether what stands under the final name is our document, byte by byte."""
    if not standing.regular or standing.size != document.size:
        return False
    return same_bytes(mailbox.fetch(folder, standing.name, max(standing.size, 1)), document.sha256)


def _is_a_part(office: Office, mailbox: Mailbox, folder: str, standing: RemoteFile, document: DocumentRecord) -> bool:
    """Say whether what stands under the final name is the beginning of our document, as a broken write leaves it."""
    if not standing.regular:
        return False
    with office.ledger.reading() as unit:
        whole = unit.blobs.get(document.sha256)
    return whole.startswith(mailbox.fetch(folder, standing.name, document.size))


def _confirm(office: Office, connection: Connection, mailbox: Mailbox, document: DocumentRecord) -> DocumentRecord:
    """See the final name at its right size, or gone: then the partner has taken it.

    What was handed over at a place that the connection no longer leads to cannot be looked at; it was sent.
    """
    folder, _ = _split(document)
    if document.place is None or connection.leads_to(document.place):
        standing = _look(mailbox, folder, document.name, document)
        if standing is not None and standing.size != document.size:
            return park(office, document, _changed(document, standing))
    where = f"{connection.name}{':' + folder if folder else ''}"
    with office.ledger.unit("deliver.confirmed") as unit:
        return confirm(office, unit, document, f"{document.name} to {where}")


def confirm(
    office: Office, unit: Unit, sent: DocumentRecord, how: str, *, settled: str = "delivered"
) -> DocumentRecord:
    """Note, in the caller's commit, that the partner has a document, and until when they have to acknowledge it.

    `settled` is what its open cases are resolved by.
    """
    now = office.clock.now()
    partner = office.edition.partners.get(sent.partner or "")
    due_at = now + partner.clocks.acknowledge_ours if partner is not None and sent.kind in EXPECT_RESPONSE else None
    confirmed = unit.documents.change(sent, state="CONFIRMED", due_at=due_at, last_error=None)
    if due_at is not None:
        unit.timers.add(TimerRecord(f"document:{sent.id}", ACK_DUE, due_at))
    settle_cases(office, unit, f"document:{sent.id}", how=settled)
    note_document(office, unit, sent, "delivered", how)
    return confirmed


def park(office: Office, document: DocumentRecord, finding: Finding) -> DocumentRecord:
    """Take a document out of its queue, with a case that says why."""
    with office.ledger.unit("deliver.parked") as unit:
        parked = unit.documents.change(document, state="PARKED", last_error=finding.message)
        open_case(office, unit, about_document(document, "deliver"), [finding])
    return parked


def _partial(document: DocumentRecord, name: str, there: RemoteFile | None) -> TransportError:
    seen = "nothing" if there is None else f"{there.size} bytes"
    message = f"{name}: {document.size} bytes were written, but {seen} stand there"
    return TransportError(message, code="transport.partial")


def _collision(document: DocumentRecord, standing: RemoteFile) -> Finding:
    name = standing.name.decode("utf-8", "backslashreplace")
    whose = f"the name {name} of our {document.kind}"
    if name != document.name:
        whose = f"the name {name}, which would say that our {document.kind} {document.name} is whole,"
    return Finding(
        "document.collision",
        Severity.HOLD,
        f"At the partner another file of {standing.size} bytes has {whose} ({document.size} bytes); "
        "ours was not put over it.",
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


_ASK = "ask the partner whether they have it: if so, dismiss the case; if not, retry it, and the same bytes are sent"


def _unknown(connection: Connection, document: DocumentRecord) -> Finding:
    return Finding(
        UNKNOWN,
        Severity.HOLD,
        f"Writing our {document.kind} {document.name} to {connection.name} broke off, and nothing stands under its "
        "name now: either it never came there, or the partner has taken it. It was not sent again.",
        seen="nothing",
        wanted=f"{document.size} bytes",
        fix=_ASK,
    )


def _begun_elsewhere(connection: Connection, document: DocumentRecord) -> Finding:
    then, now = ((place or "").partition(" ")[0] for place in (document.place, connection.place))
    return Finding(
        UNKNOWN,
        Severity.HOLD,
        f"Our {document.kind} {document.name} was written to {then}, but it is not known whether it got there whole; "
        f"{connection.name} leads to {now} now, so nobody can look.",
        seen=now,
        wanted=then,
        fix=_ASK,
    )
