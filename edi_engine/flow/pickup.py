"""Step 1 of the walk: wait until a file in a partner's folder rests, fetch it whole, clear it once it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.again import answer_file_again
from edi_engine.flow.cases import open_case, settle_cases
from edi_engine.flow.clear import clear, clear_left_overs, leave
from edi_engine.flow.look import (
    SLICE,
    STANDING,
    STORED,
    Found,
    Watch,
    changed,
    knows,
    list_folder,
    see_entry,
    waiting_for,
)
from edi_engine.flow.office import Office
from edi_engine.flow.ports import OF_THE_FILE, Mailbox, RemoteFile, Unit
from edi_engine.flow.receive import store
from edi_engine.flow.records import FileRecord
from edi_engine.partners.connection import Connection
from edi_engine.x12.reader import outline
from edi_engine.x12.unwrap import unwrap

BATCH = 500
"""Files of one folder that one poll takes, so that a full folder cannot starve the other partners."""

MOST_BYTES = 16 * 1024 * 1024
"""Bytes of the files that are fetched before they are stored; one larger file is fetched alone."""

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
    _settle_old_folders(office, connection)
    stored = 0
    failure: TransportError | None = None
    for folder in connection.intake.folders:
        try:
            stored += _poll(office, connection.only(folder), mailbox, pickup.watch(folder))
        except TransportError as error:
            if error.code not in OF_ONE_FOLDER:
                raise
            failure = failure or error
    if failure is not None:
        raise failure
    return stored


def _poll(office: Office, connection: Connection, mailbox: Mailbox, watch: Watch) -> int:
    """Poll one folder, the only one of `connection`."""
    watch.left = 0
    last = _last_file(office)
    listed = list_folder(office, connection, mailbox, watch, partial(_idle, office, connection, watch))
    for record in _standing(office, connection, state="SEEN"):
        if record.id <= last and record.id not in listed.met:
            _note_gone(office, record, "it was taken back before it was read")
    left = (one for one in _standing(office, connection, state=STORED) if one.id <= last)
    clear_left_overs(office, connection, mailbox, left, limit=BATCH)
    watch.left = listed.beyond + max(0, len(listed.settled) - BATCH)
    stored, todo = 0, listed.settled[:BATCH]
    while todo and not office.stopping():
        some = _together(todo, watch.together)
        todo = todo[len(some) :]
        stored += _take_some(office, connection, mailbox, watch, some)
        watch.together = min(2 * watch.together, BATCH)
    return stored


def _together(todo: Sequence[Found], most: int) -> Sequence[Found]:
    """Give the files that are fetched next: at most so many, and not more bytes than memory has room for."""
    size = 0
    for count, (entry, _) in enumerate(todo[:most]):
        size += entry.size
        if size > MOST_BYTES:
            return todo[: max(count, 1)]
    return todo[:most]


def _last_file(office: Office) -> int:
    """Give the id of the newest record: what comes later is another drain's, and not judged by our listing."""
    with office.ledger.reading() as unit:
        newest = unit.files.select(descending=True, limit=1)
    return newest[0].id if newest else 0


def _standing(
    office: Office, connection: Connection, *, state: str | tuple[str, ...] = STANDING, everywhere: bool = False
) -> Iterator[FileRecord]:
    """Give the records of the files that stand in the connection's folder as far as we know, page by page."""
    where: dict[str, Any] = {} if everywhere else {"folder": connection.intake.folder}
    last = 0
    while True:
        with office.ledger.reading() as unit:
            page = unit.files.select(
                connection=connection.name, cleared_at=None, state=state, after=last, limit=SLICE, **where
            )
        yield from page
        if len(page) < SLICE:
            return
        last = page[-1].id


def _settle_old_folders(office: Office, connection: Connection) -> None:
    """Be done with what stands in a folder that is read no more. Older programs kept no folder: there was only one."""
    folders = connection.intake.folders
    for record in _standing(office, connection, everywhere=True):
        if record.folder is None:
            with office.ledger.unit("pickup.seen") as unit:
                unit.files.change(record, folder=folders[0])
        elif record.folder not in folders:
            why = f"it may still stand in {record.folder}, which is read no more"
            _note_gone(office, record, why) if record.state == "SEEN" else leave(office, record, why)


def _note_gone(office: Office, record: FileRecord, why: str) -> None:
    """Close the record of a file that will not be read."""
    with office.ledger.unit("pickup.gone") as unit:
        unit.files.change(record, state="GONE", cleared_at=office.clock.now())
        office.note(unit, "file gone", f"file:{record.id}", f"{record.name}: {why}")
        settle_cases(office, unit, f"file:{record.id}", how="the file is no longer there to be read")


def _idle(office: Office, connection: Connection, watch: Watch, entry: RemoteFile, seen: FileRecord) -> bool:
    """Say whether a file that we know has not changed and only has to wait."""
    waited = office.clock.now() - seen.at
    if changed(entry, seen) or waited < timedelta(0):
        return False
    if entry.size > connection.intake.max_bytes:
        with office.ledger.reading() as unit:
            return knows(unit, seen, "transport.size")
    if entry.size == 0:
        return waited < connection.intake.wait_empty
    if watch.incomplete.get(entry.name) == (entry.size, entry.modified):
        return waited < connection.intake.wait_incomplete
    return False


def _take_some(office: Office, connection: Connection, mailbox: Mailbox, watch: Watch, some: Sequence[Found]) -> int:
    """Fetch some settled files, look at all of them once more, then store and clear each. Gives how many were stored.

    Raises TransportError where the connection fails; what could still be looked at is stored before that.
    """
    seen = _wanted(office, connection, some)
    fetched: dict[bytes, bytes] = {}
    failure: TransportError | None = None
    office.ledger.crashpoint("pickup.fetch:before")
    for name, got in mailbox.fetch_all(connection.intake.folder, list(seen), connection.intake.max_bytes):
        if isinstance(got, bytes):
            fetched[name] = got
        else:
            watch.sightings.again(name)
            _report_partial(office, connection, seen[name][1], str(got))
            failure = failure or (None if got.code in OF_THE_FILE else got)
        if office.stopping():
            break
    office.ledger.crashpoint("pickup.fetch:after")
    if failure is not None:
        watch.together = 1
    try:
        after = mailbox.sizes(connection.intake.folder, list(fetched)) if fetched else {}
    except TransportError as error:
        watch.together = 1
        raise failure or error from None
    stored = 0
    for name, data in fetched.items():
        if office.stopping():
            break
        entry, record = seen[name]
        kept = _keep(office, connection, watch, entry, record, data, after.get(name))
        if kept is not None:
            stored += 1
            clear(office, connection, mailbox, kept)
    if failure is not None:
        raise failure
    return stored


def _wanted(
    office: Office, connection: Connection, some: Sequence[Found]
) -> dict[bytes, tuple[RemoteFile, FileRecord]]:
    """Give the files that are to be fetched now, each with its record."""
    with office.ledger.unit("pickup.seen") as unit:
        records = [(entry, _seen(office, unit, connection, entry, known)) for entry, known in some]
    wanted: dict[bytes, tuple[RemoteFile, FileRecord]] = {}
    for entry, record in records:
        if entry.size > connection.intake.max_bytes:
            _report_size(office, connection, record, entry)
        elif entry.size or office.clock.now() - record.at >= connection.intake.wait_empty:
            wanted[entry.name] = entry, record
    return wanted


def _keep(
    office: Office,
    connection: Connection,
    watch: Watch,
    entry: RemoteFile,
    seen: FileRecord,
    data: bytes,
    after: RemoteFile | None,
) -> FileRecord | None:
    """Store one fetched file; None while it must wait, or where it changed under our hands."""
    trouble = _trouble(entry, data, after)
    if trouble:
        watch.sightings.again(entry.name)
        _report_partial(office, connection, seen, trouble)
        return None
    waited = office.clock.now() - seen.at
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


def _seen(
    office: Office, unit: Unit, connection: Connection, entry: RemoteFile, known: FileRecord | None
) -> FileRecord:
    """Give the record of a file that is to be read, making it when the file is new.

    A file that changed before it was read starts its waiting time again; so does one that was seen in the future,
    because our own clock was wrong then. One that changed after it was stored gets its own record when the old one is
    closed.
    """
    if known is None:
        return see_entry(office, unit, connection, entry)
    if changed(entry, known) or known.at > office.clock.now():
        return unit.files.change(known, size=entry.size, modified=entry.modified, at=office.clock.now())
    return known


def _trouble(entry: RemoteFile, data: bytes, after: RemoteFile | None) -> str:
    """Say what is wrong with the bytes of a file that was looked at before and after ("" if nothing is)."""
    if after is None:
        return "it was gone after it was read"
    if len(data) != entry.size or after.size != entry.size:
        return f"it was listed with {entry.size} bytes, {len(data)} came, and then it had {after.size}"
    if after.modified != entry.modified:
        return "it was written anew while it was read"
    return ""


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
