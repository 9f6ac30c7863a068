"""Step 1 of the walk: wait until a file in a partner's folder rests, fetch it whole, clear it once it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.again import answer_file_again
from edi_engine.flow.cases import open_case, settle_cases
from edi_engine.flow.clear import OF_THE_FILE, clear, clear_left_overs, leave
from edi_engine.flow.look import STANDING, STORED, Watch, knows, list_folder, see_entry, waiting_for
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile
from edi_engine.flow.receive import store
from edi_engine.flow.records import FileRecord
from edi_engine.partners.connection import Connection
from edi_engine.x12.reader import outline
from edi_engine.x12.unwrap import unwrap

BATCH = 500
"""Files of one folder that one poll takes, so that a full folder cannot starve the other partners."""

PARTIAL_ATTEMPTS = 10
"""Fetches that may fail, or come out at another length than the listing said, before a person is told."""

OF_ONE_FOLDER = frozenset({"transport.listing"})
"""Troubles of one folder, where the next one may be fine."""


@dataclass(slots=True)
class Pickup:
    """What is known of a connection's folders between two polls, and sums of the last one (see `Watch`)."""

    watches: dict[str, Watch] = field(default_factory=dict)

    def watch(self, folder: str) -> Watch:
        """Give what is known of one folder."""
        return self.watches.setdefault(folder, Watch())

    @property
    def ignored(self) -> int:
        """Count the entries that match no pattern of ours."""
        return sum(watch.ignored for watch in self.watches.values())

    @property
    def settling(self) -> int:
        """Count the files that will rest soon."""
        return sum(watch.settling for watch in self.watches.values())

    @property
    def left(self) -> int:
        """Count the files that were too many for one poll."""
        return sum(watch.left for watch in self.watches.values())


def pick_up(office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup) -> int:
    """Make one poll: store what has settled, clear what is stored. Gives how many files were stored.

    What is wrong with one file or folder never keeps the others. Raises TransportError when the connection itself
    fails, or a folder of it, then with the others done; what was stored before stays stored.
    """
    standing = _standing(office, connection)
    stored = 0
    failure: TransportError | None = None
    for folder in connection.intake.folders:
        try:
            stored += _poll(office, connection.only(folder), mailbox, pickup.watch(folder), standing[folder])
        except TransportError as error:
            if error.code not in OF_ONE_FOLDER:
                raise
            failure = failure or error
    if failure is not None:
        raise failure
    return stored


def _poll(
    office: Office, connection: Connection, mailbox: Mailbox, watch: Watch, standing: Mapping[bytes, FileRecord]
) -> int:
    """Poll one folder, the only one of `connection`; `standing` are the files that stood in it."""
    watch.left = 0
    names, settled = list_folder(office, connection, mailbox, watch)
    watch.sightings.keep(names)
    watch.incomplete = {name: stamp for name, stamp in watch.incomplete.items() if name in names}
    for name, known in standing.items():
        if known.state == "SEEN" and name not in names:
            _note_gone(office, known, "it was taken back before it was read")
    left = {name: known for name, known in standing.items() if known.state in STORED}
    clear_left_overs(office, connection, mailbox, left.values(), limit=BATCH)
    stored = 0
    # What was listed under the name of a left-over may be gone by now; a new file there is seen by the next poll.
    todo = _todo(office, connection, watch, standing, [entry for entry in settled if entry.name not in left])
    watch.left = max(0, len(todo) - BATCH)
    for entry, seen in todo[:BATCH]:
        if office.stopping():
            return stored
        record = _take(office, connection, mailbox, watch, entry, seen)
        if record is not None:
            stored += 1
            clear(office, connection, mailbox, record)
    return stored


def _standing(office: Office, connection: Connection) -> dict[str, dict[bytes, FileRecord]]:
    """Give the records, by folder and name, of the files that stand at the partner's as far as we know.

    What stands in a folder that is read no more is done with. Older programs kept no folder: there was only one.
    """
    with office.ledger.reading() as unit:
        known = unit.files.select(connection=connection.name, cleared_at=None, state=STANDING)
    folders = connection.intake.folders
    standing: dict[str, dict[bytes, FileRecord]] = {folder: {} for folder in folders}
    for record in known:
        folder = record.folder or folders[0]
        if folder not in standing:
            why = f"it may still stand in {folder}, which is read no more"
            _note_gone(office, record, why) if record.state == "SEEN" else leave(office, record, why)
        elif record.folder is None:
            with office.ledger.unit("pickup.seen") as unit:
                standing[folder][bytes.fromhex(record.name_hex)] = unit.files.change(record, folder=folder)
        else:
            standing[folder][bytes.fromhex(record.name_hex)] = record
    return standing


def _note_gone(office: Office, record: FileRecord, why: str) -> None:
    """Close the record of a file that will not be read."""
    with office.ledger.unit("pickup.gone") as unit:
        unit.files.change(record, state="GONE", cleared_at=office.clock.now())
        office.note(unit, "file gone", f"file:{record.id}", f"{record.name}: {why}")
        settle_cases(office, unit, f"file:{record.id}", how="the file is no longer there to be read")


def _todo(
    office: Office,
    connection: Connection,
    watch: Watch,
    standing: Mapping[bytes, FileRecord],
    settled: Sequence[RemoteFile],
) -> list[tuple[RemoteFile, FileRecord | None]]:
    """Give the files to look at now, the oldest first; those that failed before come after the others.

    A file that only has to wait does not count: else some of them could hold up all others.
    """
    todo = [
        (entry, seen)
        for entry in settled
        if (seen := standing.get(entry.name)) is None or not _idle(office, connection, watch, entry, seen)
    ]
    return sorted(todo, key=lambda one: (one[1].attempts if one[1] else 0, one[0].modified, one[0].name))


def _idle(office: Office, connection: Connection, watch: Watch, entry: RemoteFile, seen: FileRecord) -> bool:
    """Say whether a file that we know has not changed and only has to wait."""
    waited = office.clock.now() - seen.at
    if _changed(entry, seen) or waited < timedelta(0):
        return False
    if entry.size > connection.intake.max_bytes:
        with office.ledger.reading() as unit:
            return knows(unit, seen, "transport.size")
    if entry.size == 0:
        return waited < connection.intake.wait_empty
    if watch.incomplete.get(entry.name) == (entry.size, entry.modified):
        return waited < connection.intake.wait_incomplete
    return False


def _changed(entry: RemoteFile, seen: FileRecord) -> bool:
    return (seen.size, seen.modified) != (entry.size, entry.modified)


def _take(
    office: Office,
    connection: Connection,
    mailbox: Mailbox,
    watch: Watch,
    entry: RemoteFile,
    known: FileRecord | None,
) -> FileRecord | None:
    """Fetch and store one settled file; None while it must wait or where it could not be had.

    Raises TransportError where the connection fails.
    """
    seen = _seen(office, connection, entry, known)
    waited = office.clock.now() - seen.at
    if entry.size > connection.intake.max_bytes:
        _report_size(office, connection, seen, entry)
        return None
    if entry.size == 0 and waited < connection.intake.wait_empty:
        return None
    try:
        data, trouble = _fetch(office, connection, mailbox, entry)
    except TransportError as error:
        watch.sightings.again(entry.name)
        _report_partial(office, connection, seen, str(error))
        if error.code in OF_THE_FILE:
            return None
        raise
    if trouble:
        watch.sightings.again(entry.name)
        _report_partial(office, connection, seen, trouble)
        return None
    if waited < connection.intake.wait_incomplete and _may_grow(unwrap(data, connection.intake.wrap)):
        watch.incomplete[entry.name] = (entry.size, entry.modified)
        return None
    with office.ledger.unit("pickup.stored") as unit:
        record = store(office, unit, seen, data)
        answer_file_again(office, unit, record)
        settle_cases(office, unit, f"file:{seen.id}", how="the file came in whole")
    watch.sightings.forget(entry.name)
    watch.incomplete.pop(entry.name, None)
    return record


def _seen(office: Office, connection: Connection, entry: RemoteFile, known: FileRecord | None) -> FileRecord:
    """Give the record of a file that is to be read, making it when the file is new.

    A file that changed before it was read starts its waiting time again; so does one that was seen in the future,
    because our own clock was wrong then. One that changed after it was stored gets its own record when the old one is
    closed.
    """
    if known is None:
        with office.ledger.unit("pickup.seen") as unit:
            return see_entry(office, unit, connection, entry)
    if _changed(entry, known) or known.at > office.clock.now():
        with office.ledger.unit("pickup.seen") as unit:
            return unit.files.change(known, size=entry.size, modified=entry.modified, at=office.clock.now())
    return known


def _fetch(office: Office, connection: Connection, mailbox: Mailbox, entry: RemoteFile) -> tuple[bytes, str]:
    """Read a whole file and look at it again. Gives its bytes, and what is wrong with them ("" if nothing is)."""
    folder = connection.intake.folder
    office.ledger.crashpoint("pickup.fetch:before")
    data = mailbox.fetch(folder, entry.name, connection.intake.max_bytes)
    office.ledger.crashpoint("pickup.fetch:after")
    after = mailbox.size(folder, entry.name)
    if after is None:
        return data, "it was gone after it was read"
    if len(data) != entry.size or after.size != entry.size:
        return data, f"it was listed with {entry.size} bytes, {len(data)} came, and then it had {after.size}"
    if after.modified != entry.modified:
        return data, "it was written anew while it was read"
    return data, ""


def _may_grow(data: bytes) -> bool:
    """Say whether `data` looks like an interchange whose end has not arrived yet."""
    found = outline(data)
    if any(not interchange.whole for interchange in found.interchanges):
        return True
    return any(finding.code == "envelope.truncated" for finding in found.findings)


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
    with office.ledger.unit("pickup.size") as unit:
        open_case(office, unit, waiting_for(seen), [finding])


def _report_partial(office: Office, connection: Connection, seen: FileRecord, why: str) -> None:
    """Count an attempt that failed or came out at another length; tell a person when it keeps happening."""
    with office.ledger.unit("pickup.partial") as unit:
        counted = unit.files.change(seen, attempts=seen.attempts + 1)
        if counted.attempts < PARTIAL_ATTEMPTS or knows(unit, seen, "transport.partial"):
            return
        finding = Finding(
            "transport.partial",
            Severity.HOLD,
            f"{seen.name} could not be fetched whole in {counted.attempts} attempts; the last time: {why}. "
            "It is tried again at every poll.",
            Position(file=seen.name),
            fix=f"ask the partner what happens to the file in {connection.intake.folder}",
        )
        open_case(office, unit, waiting_for(counted), [finding])
