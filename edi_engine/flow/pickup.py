"""Step 1 of the walk: list a partner's folder, wait until a file rests, fetch it whole, clear it once it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile
from edi_engine.flow.receive import safe_name, see, store
from edi_engine.flow.records import FileRecord
from edi_engine.partners.connection import Connection
from edi_engine.x12.reader import outline

BATCH = 500
"""Files of one folder that one poll takes, so that a full folder cannot starve the other partners."""

PARTIAL_ATTEMPTS = 10
"""Fetches that may come out at another length than the listing said before a person is told."""

CLEAR_ATTEMPTS = 10
"""Failed moves or deletions of a stored file before a person is told."""

_STORED = ("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE")
_STANDING = ("SEEN", *_STORED)


@dataclass(slots=True)
class Sightings:
    """What earlier polls saw of each name: size, time and since when (monotonic) both have rested."""

    seen: dict[bytes, tuple[int, int, float]] = field(default_factory=dict)

    def rests(self, entry: RemoteFile, now: float, settle: float) -> bool:
        """Say whether `entry` has kept its size and time for `settle` seconds, over at least two polls."""
        known = self.seen.get(entry.name)
        if known is None or known[:2] != (entry.size, entry.modified):
            self.seen[entry.name] = (entry.size, entry.modified, now)
            return False
        return now - known[2] >= settle

    def forget(self, name: bytes) -> None:
        """Start over with a name: its file changed under our hands."""
        self.seen.pop(name, None)


@dataclass(slots=True)
class Pickup:
    """The state of one connection's intake between polls (in memory: after a restart files just settle once more).

    `ignored` and `settling` count the last poll's entries that match no pattern of ours, or do not rest yet.
    """

    sightings: Sightings = field(default_factory=Sightings)
    ignored: int = 0
    settling: int = 0
    odd_names: set[bytes] = field(default_factory=set)


def pick_up(office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup) -> int:
    """Make one poll: store what has settled, clear what is stored. Gives how many files were stored.

    Raises TransportError when the connection itself fails; what was stored before stays stored.
    """
    stored = 0
    pickup.ignored = 0
    pickup.settling = 0
    names: set[bytes] = set()
    for entry in _listed(office, connection, mailbox, pickup, names):
        record = _take(office, connection, mailbox, pickup, entry)
        if record is not None:
            stored += 1
            clear(office, connection, mailbox, record)
    for name in [known for known in pickup.sightings.seen if known not in names]:
        pickup.sightings.forget(name)
    _note_gone(office, connection, names)
    _clear_left_overs(office, connection, mailbox)
    return stored


def _listed(
    office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup, names: set[bytes]
) -> Iterator[RemoteFile]:
    """Give the settled files that the connection wants, at most BATCH, oldest first."""
    settle = connection.intake.settle.total_seconds()
    settled: list[RemoteFile] = []
    for entry in mailbox.listing(connection.intake.folder):
        names.add(entry.name)
        text = safe_name(entry.name)
        if any(fnmatchcase(text, pattern) for pattern in connection.intake.ignore):
            pickup.ignored += 1
            continue
        if not entry.regular:
            continue
        if b"/" in entry.name or b"\0" in entry.name or not entry.name:
            _report_name(office, connection, pickup, entry)
            continue
        if not fnmatchcase(text, connection.intake.match):
            pickup.ignored += 1
            continue
        if pickup.sightings.rests(entry, office.clock.monotonic(), settle):
            settled.append(entry)
        else:
            pickup.settling += 1
    settled.sort(key=lambda entry: (entry.modified, entry.name))
    yield from settled[:BATCH]


def _report_name(office: Office, connection: Connection, pickup: Pickup, entry: RemoteFile) -> None:
    if entry.name in pickup.odd_names:
        return
    pickup.odd_names.add(entry.name)
    finding = Finding(
        "transport.filename",
        Severity.HOLD,
        f'The server lists a file named "{safe_name(entry.name)}", which no folder can hold; it is left alone.',
        Position(file=safe_name(entry.name)),
        fix="ask the partner what put that name there",
    )
    with office.ledger.unit("pickup.name") as unit:
        waiting = Waiting(f"connection:{connection.name}", "receive", office.clock.now())
        open_case(office, unit, waiting, [finding])


def _take(
    office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup, entry: RemoteFile
) -> FileRecord | None:
    """Fetch and store one settled file; None while it must wait or when it was taken before."""
    seen = _known(office, connection, entry)
    if seen.state != "SEEN":
        return None
    if entry.size > connection.intake.max_bytes:
        _report_size(office, connection, seen, entry)
        return None
    waited = office.clock.now() - seen.at
    if entry.size == 0 and waited < connection.intake.wait_empty:
        return None
    office.ledger.crashpoint("pickup.fetch:before")
    data = mailbox.fetch(connection.intake.folder, entry.name, connection.intake.max_bytes)
    office.ledger.crashpoint("pickup.fetch:after")
    after = mailbox.size(connection.intake.folder, entry.name)
    if after is None or (after.size, after.modified) != (entry.size, entry.modified) or len(data) != entry.size:
        _report_partial(office, connection, seen, entry, len(data), after)
        pickup.sightings.forget(entry.name)
        return None
    if waited < connection.intake.wait_incomplete and _may_grow(data):
        return None
    with office.ledger.unit("pickup.stored") as unit:
        record = store(office, unit, seen, data)
        settle_cases(office, unit, f"file:{seen.id}", how="the file came in whole")
    return record


def _may_grow(data: bytes) -> bool:
    """Say whether `data` looks like an interchange whose end has not arrived yet."""
    found = outline(data)
    if any(not interchange.whole for interchange in found.interchanges):
        return True
    return any(finding.code == "envelope.truncated" for finding in found.findings)


def _known(office: Office, connection: Connection, entry: RemoteFile) -> FileRecord:
    """Give the record of the file that stands under this name, making it when the file is new.

    A file that changed before it was read starts its waiting time again. One that changed after it was stored gets
    its own record at the next poll, when the old one has been closed.
    """
    with office.ledger.reading() as unit:
        known = unit.files.one(connection=connection.name, name_hex=entry.name.hex(), cleared_at=None, state=_STANDING)
    if known is None:
        with office.ledger.unit("pickup.seen") as unit:
            return see(office, unit, connection.name, entry.name, entry.size, entry.modified)
    if known.state == "SEEN" and (known.size, known.modified) != (entry.size, entry.modified):
        with office.ledger.unit("pickup.seen") as unit:
            return unit.files.change(known, size=entry.size, modified=entry.modified, at=office.clock.now())
    return known


def _note_gone(office: Office, connection: Connection, names: set[bytes]) -> None:
    """Close the records of files that the partner took back before they were read."""
    with office.ledger.reading() as unit:
        seen = unit.files.select(connection=connection.name, state="SEEN")
    for record in seen:
        if bytes.fromhex(record.name_hex) not in names:
            with office.ledger.unit("pickup.gone") as unit:
                unit.files.change(record, state="GONE", cleared_at=office.clock.now())
                office.note(unit, "file gone", f"file:{record.id}", f"{record.name} was taken back before it was read")
                settle_cases(office, unit, f"file:{record.id}", how="the partner took the file back")


def _waiting(seen: FileRecord) -> Waiting:
    return Waiting(f"file:{seen.id}", "receive", seen.at, file_id=seen.id)


def _report_size(office: Office, connection: Connection, seen: FileRecord, entry: RemoteFile) -> None:
    megabytes = connection.intake.max_bytes / (1024 * 1024)
    finding = Finding(
        "transport.size",
        Severity.HOLD,
        f"{seen.name} has {entry.size} bytes, over the limit of {megabytes:.0f} MB; it was not fetched.",
        Position(file=seen.name),
        seen=str(entry.size),
        wanted=f"at most {connection.intake.max_bytes} bytes",
        fix="ask the partner for smaller files, or raise `max_size` of this connection; it is then fetched by itself",
    )
    with office.ledger.reading() as unit:
        if unit.cases.one(subject=f"file:{seen.id}", cause=finding.kind, state="OPEN") is not None:
            return
    with office.ledger.unit("pickup.size") as unit:
        open_case(office, unit, _waiting(seen), [finding])


def _report_partial(
    office: Office, connection: Connection, seen: FileRecord, entry: RemoteFile, got: int, after: RemoteFile | None
) -> None:
    """Count an attempt that came out at another length; tell a person when it keeps happening."""
    with office.ledger.unit("pickup.partial") as unit:
        counted = unit.files.change(seen, attempts=seen.attempts + 1)
        if counted.attempts < PARTIAL_ATTEMPTS:
            return
        now_size = "gone" if after is None else f"{after.size} bytes"
        finding = Finding(
            "transport.partial",
            Severity.HOLD,
            f"{seen.name} was listed with {entry.size} bytes, {got} came, and afterwards it was {now_size}; "
            f"{counted.attempts} attempts went the same way. It is tried again at every poll.",
            Position(file=seen.name),
            fix=f"ask the partner why the file keeps changing in {connection.intake.folder}",
        )
        open_case(office, unit, _waiting(counted), [finding])


def clear(office: Office, connection: Connection, mailbox: Mailbox, record: FileRecord) -> FileRecord:
    """Move or delete a stored file at the partner's, if it is still the very file that we read."""
    intake = connection.intake
    name = bytes.fromhex(record.name_hex)
    standing = mailbox.size(intake.folder, name)
    if standing is not None:
        if (standing.size, standing.modified) != (record.size, record.modified):
            return _cleared(office, record, "the partner wrote a new file of this name, which is picked up by itself")
        office.ledger.crashpoint("pickup.clear:before")
        try:
            _post_action(connection, mailbox, record, name)
        except UnknownOutcome:
            return record  # the next poll looks whether it happened
        except TransportError as error:
            return _clear_failed(office, record, error)
        office.ledger.crashpoint("pickup.clear:after")
    return _cleared(office, record, "")


def _post_action(connection: Connection, mailbox: Mailbox, record: FileRecord, name: bytes) -> None:
    intake = connection.intake
    if intake.after == "delete" or intake.done_folder is None:
        mailbox.remove(intake.folder, name)
        return
    target = name
    if mailbox.size(intake.done_folder, target) is not None:
        target = name + f".{record.id}".encode("ascii")
    mailbox.rename(intake.folder, name, intake.done_folder, target)


def _cleared(office: Office, record: FileRecord, remark: str) -> FileRecord:
    with office.ledger.unit("pickup.cleared") as unit:
        cleared = unit.files.change(record, cleared_at=office.clock.now())
        if remark:
            office.note(unit, "file left", f"file:{record.id}", f"{record.name}: {remark}")
        settle_cases(office, unit, f"file-clear:{record.id}", how="the file is gone from the partner's folder")
    return cleared


def _clear_failed(office: Office, record: FileRecord, error: TransportError) -> FileRecord:
    with office.ledger.unit("pickup.clear-failed") as unit:
        counted = unit.files.change(record, clear_attempts=record.clear_attempts + 1)
        if counted.clear_attempts == CLEAR_ATTEMPTS:
            finding = Finding(
                "transport.postaction",
                Severity.HOLD,
                f"{record.name} is stored, but cannot be moved away at the partner's after "
                f"{counted.clear_attempts} attempts: {error}",
                Position(file=record.name),
                fix="ask the partner for the right to move or delete files there; nothing is processed twice meanwhile",
            )
            waiting = replace(_waiting(counted), subject=f"file-clear:{record.id}")
            open_case(office, unit, waiting, [finding])
    return counted


def _clear_left_overs(office: Office, connection: Connection, mailbox: Mailbox) -> None:
    """Repeat the post-action for files that were stored, but not cleared when the last run ended."""
    with office.ledger.reading() as unit:
        left = unit.files.select(
            connection=connection.name,
            cleared_at=None,
            state=_STORED,
            limit=BATCH,
        )
    for record in left:
        clear(office, connection, mailbox, record)
