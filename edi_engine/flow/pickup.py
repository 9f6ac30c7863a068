"""Step 1 of the walk: list a partner's folder, wait until a file rests, fetch it whole, clear it once it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase

from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.clear import OF_THE_FILE, clear, clear_left_overs
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile, Unit
from edi_engine.flow.receive import safe_name, see, store
from edi_engine.flow.records import FileRecord
from edi_engine.flow.sightings import Sightings
from edi_engine.flow.wording import findings_to_json
from edi_engine.partners.connection import Connection
from edi_engine.x12.reader import outline

BATCH = 500
"""Files of one folder that one poll takes, so that a full folder cannot starve the other partners."""

PARTIAL_ATTEMPTS = 10
"""Fetches that may fail, or come out at another length than the listing said, before a person is told."""

NEVER_RESTS = timedelta(hours=24)
"""How long a file may go on changing before a person is told; it is watched even then."""

SETTLES = 5
"""A file that has not come to rest within this many times the connection's `settle` is not waited for by a run that
shall end: its upload may take all day."""

MOST_NAMES = 20
"""Odd names that one case lists."""

_STORED = ("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE")
_STANDING = ("SEEN", *_STORED)


@dataclass(slots=True)
class Pickup:
    """The state of one connection's intake between polls (in memory: after a restart files just settle once more).

    Of the last poll: `ignored` counts entries that match no pattern of ours, `settling` those that will rest soon,
    `left` those that were too many for one poll. `incomplete` holds size and time of files that were read, but lack
    their end. `odd` are the names that people were told of, None before the first poll.
    """

    sightings: Sightings = field(default_factory=Sightings)
    ignored: int = 0
    settling: int = 0
    left: int = 0
    incomplete: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    odd: tuple[RemoteFile, ...] | None = None


def pick_up(office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup) -> int:
    """Make one poll: store what has settled, clear what is stored. Gives how many files were stored.

    What is wrong with one file never keeps the others. Raises TransportError when the connection itself fails; what
    was stored before stays stored.
    """
    pickup.left = 0
    names, settled = _listed(office, connection, mailbox, pickup)
    pickup.sightings.keep(names)
    pickup.incomplete = {name: stamp for name, stamp in pickup.incomplete.items() if name in names}
    standing = _standing(office, connection)
    _note_gone(office, standing, names)
    left = {name: record for name, record in standing.items() if record.state in _STORED}
    clear_left_overs(office, connection, mailbox, left.values(), limit=BATCH)
    stored = 0
    # What was listed under the name of a left-over may be gone by now; a new file there is seen by the next poll.
    todo = _todo(office, connection, pickup, standing, [entry for entry in settled if entry.name not in left])
    pickup.left = max(0, len(todo) - BATCH)
    for entry, seen in todo[:BATCH]:
        if office.stopping():
            return stored
        record = _take(office, connection, mailbox, pickup, entry, seen)
        if record is not None:
            stored += 1
            clear(office, connection, mailbox, record)
    return stored


def _listed(
    office: Office, connection: Connection, mailbox: Mailbox, pickup: Pickup
) -> tuple[set[bytes], list[RemoteFile]]:
    """Give the names of all files that the connection wants, and those of the files that have settled."""
    pickup.ignored = pickup.settling = 0
    settle = connection.intake.settle.total_seconds()
    now = office.clock.monotonic()
    names: set[bytes] = set()
    settled: list[RemoteFile] = []
    odd: list[RemoteFile] = []
    for entry in mailbox.listing(connection.intake.folder):
        if entry.special or not _plain(entry.name):
            odd.append(entry)
        elif entry.regular and _wanted(connection, pickup, entry):
            names.add(entry.name)
            if pickup.sightings.rests(entry, now, settle):
                settled.append(entry)
                continue
            age = pickup.sightings.age(entry.name, now)
            pickup.settling += age <= SETTLES * max(settle, 1.0)
            if age >= NEVER_RESTS.total_seconds():
                _report_restless(office, connection, entry)
    _report_odd(office, connection, pickup, tuple(sorted(odd, key=lambda entry: entry.name)))
    return names, settled


def _plain(name: bytes) -> bool:
    """Say whether a name can only mean an entry of the folder in which it is listed."""
    return name not in {b"", b".", b".."} and b"/" not in name and b"\0" not in name


def _wanted(connection: Connection, pickup: Pickup, entry: RemoteFile) -> bool:
    text = safe_name(entry.name)
    intake = connection.intake
    wanted = fnmatchcase(text, intake.match) and not any(fnmatchcase(text, pattern) for pattern in intake.ignore)
    pickup.ignored += not wanted
    return wanted


def _standing(office: Office, connection: Connection) -> dict[bytes, FileRecord]:
    """Give the records, by name, of the files that stand at the partner's as far as we know."""
    with office.ledger.reading() as unit:
        known = unit.files.select(connection=connection.name, cleared_at=None, state=_STANDING)
    return {bytes.fromhex(record.name_hex): record for record in known}


def _note_gone(office: Office, standing: Mapping[bytes, FileRecord], names: AbstractSet[bytes]) -> None:
    """Close the records of files that the partner took back before they were read."""
    for name, record in standing.items():
        if record.state == "SEEN" and name not in names:
            with office.ledger.unit("pickup.gone") as unit:
                unit.files.change(record, state="GONE", cleared_at=office.clock.now())
                office.note(unit, "file gone", f"file:{record.id}", f"{record.name} was taken back before it was read")
                settle_cases(office, unit, f"file:{record.id}", how="the file is no longer there to be read")


def _todo(
    office: Office,
    connection: Connection,
    pickup: Pickup,
    standing: Mapping[bytes, FileRecord],
    settled: Sequence[RemoteFile],
) -> list[tuple[RemoteFile, FileRecord | None]]:
    """Give the files to look at now, the oldest first; those that failed before come after the others.

    A file that only has to wait does not count: else some of them could hold up all others.
    """
    todo = [
        (entry, seen)
        for entry in settled
        if (seen := standing.get(entry.name)) is None or not _idle(office, connection, pickup, entry, seen)
    ]
    return sorted(todo, key=lambda one: (one[1].attempts if one[1] else 0, one[0].modified, one[0].name))


def _knows(unit: Unit, record: FileRecord, kind: str) -> bool:
    """Say whether a case of this kind is open, or was put aside by a person."""
    return unit.cases.one(subject=f"file:{record.id}", cause=kind, state=("OPEN", "DISMISSED")) is not None


def _idle(office: Office, connection: Connection, pickup: Pickup, entry: RemoteFile, seen: FileRecord) -> bool:
    """Say whether a file that we know has not changed and only has to wait."""
    waited = office.clock.now() - seen.at
    if _changed(entry, seen) or waited < timedelta(0):
        return False
    if entry.size > connection.intake.max_bytes:
        with office.ledger.reading() as unit:
            return _knows(unit, seen, "transport.size")
    if entry.size == 0:
        return waited < connection.intake.wait_empty
    if pickup.incomplete.get(entry.name) == (entry.size, entry.modified):
        return waited < connection.intake.wait_incomplete
    return False


def _changed(entry: RemoteFile, seen: FileRecord) -> bool:
    return (seen.size, seen.modified) != (entry.size, entry.modified)


def _take(
    office: Office,
    connection: Connection,
    mailbox: Mailbox,
    pickup: Pickup,
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
        pickup.sightings.again(entry.name)
        _report_partial(office, connection, seen, str(error))
        if error.code in OF_THE_FILE:
            return None
        raise
    if trouble:
        pickup.sightings.again(entry.name)
        _report_partial(office, connection, seen, trouble)
        return None
    if waited < connection.intake.wait_incomplete and _may_grow(data):
        pickup.incomplete[entry.name] = (entry.size, entry.modified)
        return None
    with office.ledger.unit("pickup.stored") as unit:
        record = store(office, unit, seen, data)
        settle_cases(office, unit, f"file:{seen.id}", how="the file came in whole")
    pickup.sightings.forget(entry.name)
    pickup.incomplete.pop(entry.name, None)
    return record


def _seen(office: Office, connection: Connection, entry: RemoteFile, known: FileRecord | None) -> FileRecord:
    """Give the record of a file that is to be read, making it when the file is new.

    A file that changed before it was read starts its waiting time again; so does one that was seen in the future,
    because our own clock was wrong then. One that changed after it was stored gets its own record when the old one is
    closed.
    """
    if known is None:
        with office.ledger.unit("pickup.seen") as unit:
            return see(office, unit, connection.name, entry.name, entry.size, entry.modified)
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
    with office.ledger.unit("pickup.size") as unit:
        open_case(office, unit, _waiting(seen), [finding])


def _report_partial(office: Office, connection: Connection, seen: FileRecord, why: str) -> None:
    """Count an attempt that failed or came out at another length; tell a person when it keeps happening."""
    with office.ledger.unit("pickup.partial") as unit:
        counted = unit.files.change(seen, attempts=seen.attempts + 1)
        if counted.attempts < PARTIAL_ATTEMPTS or _knows(unit, seen, "transport.partial"):
            return
        finding = Finding(
            "transport.partial",
            Severity.HOLD,
            f"{seen.name} could not be fetched whole in {counted.attempts} attempts; the last time: {why}. "
            "It is tried again at every poll.",
            Position(file=seen.name),
            fix=f"ask the partner what happens to the file in {connection.intake.folder}",
        )
        open_case(office, unit, _waiting(counted), [finding])


def _report_restless(office: Office, connection: Connection, entry: RemoteFile) -> None:
    """Tell a person, once, of a file that has been changing for a day."""
    with office.ledger.reading() as unit:
        seen = unit.files.one(connection=connection.name, name_hex=entry.name.hex(), cleared_at=None, state=_STANDING)
        if seen is not None and (seen.state != "SEEN" or _knows(unit, seen, "transport.partial")):
            return
    with office.ledger.unit("pickup.partial") as unit:
        if seen is None:
            seen = see(office, unit, connection.name, entry.name, entry.size, entry.modified)
        finding = Finding(
            "transport.partial",
            Severity.HOLD,
            f"{seen.name} has not come to rest for {NEVER_RESTS.total_seconds() / 3600:.0f} hours: its size or time "
            f"changes at every poll, and it has {entry.size} bytes now. It is watched on.",
            Position(file=seen.name),
            fix=f"ask the partner whether they still write this file in {connection.intake.folder}",
        )
        open_case(office, unit, _waiting(seen), [finding])


def _report_odd(office: Office, connection: Connection, pickup: Pickup, odd: tuple[RemoteFile, ...]) -> None:
    """Tell a person of entries that are never touched, whenever there are others than before."""
    if pickup.odd == odd or (pickup.odd is None and not odd and not _odd_known(office, connection)):
        pickup.odd = odd
        return
    findings = [_odd(entry) for entry in odd[:MOST_NAMES]]
    subject = f"folder:{connection.name}"
    with office.ledger.unit("pickup.name") as unit:
        last = unit.cases.select(subject=subject, descending=True, limit=1)
        if not findings:
            settle_cases(office, unit, subject, how="the entry is gone from the partner's folder")
        elif not last or last[0].state == "RESOLVED" or last[0].findings_json != findings_to_json(findings):
            open_case(office, unit, Waiting(subject, "receive", office.clock.now()), findings)
    pickup.odd = odd


def _odd_known(office: Office, connection: Connection) -> bool:
    with office.ledger.reading() as unit:
        return unit.cases.one(subject=f"folder:{connection.name}", state="OPEN") is not None


def _odd(entry: RemoteFile) -> Finding:
    name = safe_name(entry.name)
    what = (
        f'The server lists a file named "{name}", which no folder can hold'
        if not _plain(entry.name)
        else f'"{name}" is a link or a device, not a plain file'
    )
    return Finding(
        "transport.filename",
        Severity.HOLD,
        f"{what}; it is left alone.",
        Position(file=name),
        fix="ask the partner what put it there, and to send the file as a plain file under a plain name",
    )
