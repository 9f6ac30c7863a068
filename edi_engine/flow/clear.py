"""Step 2, its end: move or delete the partner's copy of a file, once its bytes are stored here and not before."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.look import STORED
from edi_engine.flow.office import Office
from edi_engine.flow.ports import OF_THE_FILE, Mailbox, Unit
from edi_engine.flow.records import FileRecord
from edi_engine.partners.connection import Connection

CLEAR_ATTEMPTS = 10
"""Failed moves or deletions of a stored file before a person is told."""

NOT_CLEARED = "file not moved away"
"""What the history says when a move or deletion fails for the first time."""

REFUSALS = 10
"""Refusals after which one poll tries to clear no more of the files that former polls left."""

_LONGEST_NAME = 255


def clear(office: Office, connection: Connection, mailbox: Mailbox, record: FileRecord) -> FileRecord:
    """Move or delete a stored file at the partner's, if it is still the very file that we read.

    A refusal is counted, and tried again by the next poll. Raises TransportError where the connection is gone.
    """
    name = bytes.fromhex(record.name_hex)
    try:
        target = _target(connection, mailbox, record, name)
        standing = mailbox.size(connection.intake.folder, name)  # last: little may come between
        if standing is not None:
            if not standing.regular or (standing.size, standing.modified) != (record.size, record.modified):
                return leave(office, record, "the partner put something else under this name; it is looked at anew")
            office.ledger.crashpoint("pickup.clear:before")
            _post_action(connection, mailbox, name, target)
            office.ledger.crashpoint("pickup.clear:after")
    except TransportError as error:
        failed = _failed(office, record, error)
        if isinstance(error, UnknownOutcome):  # the next poll looks whether it happened
            raise TransportError(str(error), code="transport.timeout") from error
        if error.code not in OF_THE_FILE:
            raise
        return failed
    return leave(office, record, "")


def clear_left_overs(
    office: Office, connection: Connection, mailbox: Mailbox, left: Iterable[FileRecord], limit: int
) -> None:
    """Repeat the post-action for files that were stored, but not cleared, by a former poll or run."""
    refused = 0
    for record in nsmallest(limit, left, key=lambda one: (one.clear_attempts, one.id)):
        if office.stopping() or refused == REFUSALS:
            return
        refused += clear(office, connection, mailbox, record).cleared_at is None


def _target(connection: Connection, mailbox: Mailbox, record: FileRecord, name: bytes) -> bytes | None:
    """Give the name in the done folder that is free for a file; None where it is deleted."""
    intake = connection.intake
    if intake.after == "delete" or intake.done_folder is None:
        return None
    if mailbox.size(intake.done_folder, name) is None:
        return name
    suffix = f".{record.id}".encode("ascii")  # an earlier file has this name
    return name[: _LONGEST_NAME - len(suffix)] + suffix


def _post_action(connection: Connection, mailbox: Mailbox, name: bytes, target: bytes | None) -> None:
    intake = connection.intake
    if target is None or intake.done_folder is None:
        mailbox.remove(intake.folder, name)
    else:
        mailbox.rename(intake.folder, name, intake.done_folder, target)


def leave(office: Office, record: FileRecord, remark: str) -> FileRecord:
    """Be done with a partner's copy; `remark` says why where it was not moved away."""
    with office.ledger.unit("pickup.cleared") as unit:
        cleared = unit.files.change(record, cleared_at=office.clock.now())
        if remark:
            office.note(unit, "file left", f"file:{record.id}", f"{record.name}: {remark}")
        settle_cases(office, unit, f"file-clear:{record.id}", how="the file is gone from the partner's folder")
    return cleared


def _failed(office: Office, record: FileRecord, error: TransportError) -> FileRecord:
    with office.ledger.unit("pickup.clear-failed") as unit:
        counted = unit.files.change(record, clear_attempts=record.clear_attempts + 1)
        if counted.clear_attempts == 1:
            office.note(unit, NOT_CLEARED, f"file:{record.id}", f"{record.name}: {error}")
        if counted.clear_attempts == CLEAR_ATTEMPTS:
            finding = Finding(
                "transport.postaction",
                Severity.HOLD,
                f"{record.name} is stored, but cannot be moved away at the partner's after "
                f"{counted.clear_attempts} attempts: {error}",
                Position(file=record.name),
                fix="ask the partner for the right to move or delete files there; nothing is processed twice meanwhile",
            )
            waiting = Waiting(f"file-clear:{record.id}", "receive", record.at, file_id=record.id)
            open_case(office, unit, waiting, [finding])
    return counted


def not_cleared(unit: Unit) -> tuple[Finding, ...]:
    """Give a finding for each connection where stored files could not be moved away, or deleted, so far."""
    left: dict[str, list[FileRecord]] = {}
    for record in unit.files.select(cleared_at=None, state=STORED):
        if record.clear_attempts > 0:
            left.setdefault(record.connection, []).append(record)
    return tuple(_not_cleared(unit, connection, records) for connection, records in left.items())


def _not_cleared(unit: Unit, connection: str, records: list[FileRecord]) -> Finding:
    first = records[0]
    told = unit.events.select(subject=f"file:{first.id}", what=NOT_CLEARED, descending=True, limit=1)
    why = told[0].detail if told else first.name
    what = "1 stored file" if len(records) == 1 else f"{len(records):,} stored files"
    return Finding(
        "transport.postaction",
        Severity.HOLD,
        f"{what} could not be moved away at the connection {connection}: {why}",
        Position(file=first.name),
        fix="ask the partner for the right to move or delete files there; it is tried again at every poll, and nothing "
        "is processed twice",
    )
