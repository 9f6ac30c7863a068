"""Step 1 of the walk, its eyes: what a partner's folder holds, what of it has come to rest, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from heapq import nsmallest
from itertools import islice

from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.names import LONGEST, plain
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile, Unit
from edi_engine.flow.receive import safe_name, see
from edi_engine.flow.records import FileRecord
from edi_engine.flow.sightings import Sightings
from edi_engine.flow.wording import counted, findings_to_json
from edi_engine.partners.connection import Connection, Intake

NEVER_RESTS = timedelta(hours=24)
"""How long a file may go on changing before a person is told; it is watched even then."""

SETTLES = 5
"""A file that has not come to rest within this many times the connection's `settle` is not waited for by a run that
shall end: its upload may take all day."""

LEFT_ALONE = timedelta(hours=1)
"""How long an entry that we do not want may stand before it is told: an upload under a temporary name ends sooner."""

ALONE = "files left alone"
"""The event that tells of entries that no pattern of ours wants; its subject is the folder."""

NONE_ALONE = "none"

MOST_NAMES = 20
"""Odd names that one case, or one event, lists."""

MOST_SHOWN = 120
"""Letters of an odd name that are shown."""

TRACKED = 10_000
"""Files of one folder that are kept in mind between two polls, the oldest of them; the others wait for those. So much
memory a folder takes, whatever stands in it.
"""

SLICE = 500
"""Entries of a listing that are looked up in the store at a time."""

STORED = ("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE")
STANDING = ("SEEN", *STORED)


@dataclass(slots=True)
class Watch:
    """What is known of one folder between two polls (in memory: after a restart files just settle once more).

    Of the last poll: `ignored` counts entries that match no pattern of ours, `settling` those that will rest soon,
    `left` those that were too many for one poll. `incomplete` holds size and time of files that were read, but lack
    their end. `odd` are the names that people were told of, None before the first poll. `alone` says since when
    (monotonic seconds) each entry stands that we do not want, `told` what was last told of them. `together` is how many
    files are fetched before they are looked at again and stored: one after the connection broke, then more and more.
    """

    sightings: Sightings = field(default_factory=Sightings)
    ignored: int = 0
    settling: int = 0
    left: int = 0
    incomplete: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    odd: tuple[RemoteFile, ...] | None = None
    alone: dict[bytes, float] = field(default_factory=dict)
    told: str | None = None
    together: int = 32


Found = tuple[RemoteFile, FileRecord | None]
"""An entry of a folder, and its record if it was seen before."""


@dataclass(slots=True)
class Listed:
    """What one listing showed. `settled` are files that may be read, those that failed before last, then the oldest.

    `met` are the ids of all records whose file still stands there; `beyond` counts files that were not kept in mind.
    """

    settled: list[Found] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    beyond: int = 0


@dataclass(slots=True)
class _Aside:
    """Entries of one listing that are not read: how many, and some of them."""

    odd: list[RemoteFile] = field(default_factory=list)
    alone: list[bytes] = field(default_factory=list)
    unwanted: int = 0


def list_folder(
    office: Office,
    connection: Connection,
    mailbox: Mailbox,
    watch: Watch,
    waits: Callable[[RemoteFile, FileRecord], bool],
) -> Listed:
    """Stream the folder and give what has settled. `waits` says of a file that was seen that there is nothing to do."""
    watch.settling = 0
    settle = connection.intake.settle.total_seconds()
    now = office.clock.monotonic()
    listed, aside, kept = Listed(), _Aside(), set[bytes]()
    incomplete: dict[bytes, tuple[int, int]] = {}

    def to_read() -> Iterator[Found]:
        for entry, known in _known(office, connection, _files(connection, mailbox, aside), listed.met):
            if entry.name in watch.incomplete:
                incomplete[entry.name] = watch.incomplete[entry.name]
            if known is None or (known.state not in STORED and not waits(entry, known)):
                listed.beyond += 1
                yield entry, known
            elif len(kept) < TRACKED and (entry.name in watch.sightings.seen or changed(entry, known)):
                kept.add(entry.name)
                watch.sightings.rests(entry, now, settle)

    candidates = nsmallest(TRACKED, to_read(), key=_turn)
    listed.beyond -= len(candidates)
    names = set[bytes]()
    for entry, known in candidates:
        if entry.name in names:  # a server that lists a name twice
            continue
        names.add(entry.name)
        if watch.sightings.rests(entry, now, settle):
            listed.settled.append((entry, known))
            continue
        age = watch.sightings.age(entry.name, now)
        watch.settling += age <= SETTLES * max(settle, 1.0)
        if age >= NEVER_RESTS.total_seconds():
            _report_restless(office, connection, entry)
    watch.sightings.keep(names | kept)
    watch.incomplete = incomplete
    _tell_alone(office, connection, watch, aside)
    _report_odd(office, connection, watch, tuple(sorted(set(aside.odd), key=lambda entry: entry.name)))
    return listed


def changed(entry: RemoteFile, known: FileRecord) -> bool:
    """Say whether a file is not as it was when its record was made."""
    return (known.size, known.modified) != (entry.size, entry.modified)


def _turn(found: Found) -> tuple[int, int, bytes]:
    entry, known = found
    return (known.attempts if known is not None else 0, entry.modified, entry.name)


def _files(connection: Connection, mailbox: Mailbox, aside: _Aside) -> Iterator[RemoteFile]:
    """Stream the files that the connection wants, and put what else there is aside, as much of it as is ever told."""
    for entry in mailbox.listing(connection.intake.folder):
        if entry.special or not plain(entry.name):
            aside.odd.append(replace(entry, name=entry.name[: LONGEST + 1]))
            if len(aside.odd) > 2 * MOST_NAMES:
                aside.odd = nsmallest(MOST_NAMES, set(aside.odd), key=lambda one: one.name)
        elif entry.regular and not wanted(connection.intake, entry.name):
            aside.unwanted += 1
            if len(aside.alone) < TRACKED:
                aside.alone.append(entry.name)
        elif entry.regular:
            yield entry


def _known(office: Office, connection: Connection, entries: Iterator[RemoteFile], met: set[int]) -> Iterator[Found]:
    """Put to each entry its record, if it stood there before, and note the ids of those."""
    while batch := list(islice(entries, SLICE)):
        known = {one.name_hex: one for one in _records(office, connection, [entry.name for entry in batch])}
        met.update(one.id for one in known.values())
        yield from ((entry, known.get(entry.name.hex())) for entry in batch)


def _records(office: Office, connection: Connection, names: Sequence[bytes]) -> Sequence[FileRecord]:
    with office.ledger.reading() as unit:
        return unit.files.select(
            connection=connection.name,
            folder=connection.intake.folder,
            name_hex=tuple(name.hex() for name in names),
            cleared_at=None,
            state=STANDING,
        )


def wanted(intake: Intake, name: bytes) -> bool:
    """Say whether a connection's patterns ask for a file of this name."""
    text = safe_name(name)
    return fnmatchcase(text, intake.match) and not any(fnmatchcase(text, pattern) for pattern in intake.ignore)


def _tell_alone(office: Office, connection: Connection, watch: Watch, aside: _Aside) -> None:
    """Note, once, which entries have stood for a while that we do not want: one of them may be an order in disguise."""
    now = office.clock.monotonic()
    alone = aside.alone
    watch.ignored = aside.unwanted
    watch.alone = {name: watch.alone.get(name, now) for name in alone}
    old = sorted(name for name, since in watch.alone.items() if now - since >= LEFT_ALONE.total_seconds())
    if alone and not old:
        return
    names = ", ".join(safe_name(name) for name in old[:MOST_NAMES])
    more = f" and {len(old) - MOST_NAMES} more" if len(old) > MOST_NAMES else ""
    many = "at least " if aside.unwanted > len(alone) else ""
    said = f"{many}{counted(len(old), 'file')} in {connection.intake.folder}: {names}{more}" if old else NONE_ALONE
    subject = subject_of(connection.name, connection.intake.folder)
    if watch.told is None:
        with office.ledger.reading() as unit:
            last = unit.events.select(subject=subject, what=ALONE, descending=True, limit=1)
        watch.told = last[0].detail if last else NONE_ALONE
    if said != watch.told:
        with office.ledger.unit("pickup.alone") as unit:
            office.note(unit, ALONE, subject, said)
        watch.told = said


def subject_of(connection: str, folder: str) -> str:
    """Name a folder of a connection, for cases and events."""
    return f"folder:{connection}:{folder}"


def see_entry(office: Office, unit: Unit, connection: Connection, entry: RemoteFile) -> FileRecord:
    """Make the record of a file that stands in the connection's folder."""
    return see(office, unit, connection.name, entry.name, entry.size, entry.modified, folder=connection.intake.folder)


def waiting_for(seen: FileRecord) -> Waiting:
    """Say what waits where a file cannot be read."""
    return Waiting(f"file:{seen.id}", "receive", seen.at, file_id=seen.id)


def knows(unit: Unit, record: FileRecord, kind: str) -> bool:
    """Say whether a case of this kind is open, or was put aside by a person."""
    return unit.cases.one(subject=f"file:{record.id}", cause=kind, state=("OPEN", "DISMISSED")) is not None


def _report_restless(office: Office, connection: Connection, entry: RemoteFile) -> None:
    """Tell a person, once, of a file that has been changing for a day."""
    with office.ledger.reading() as unit:
        seen = unit.files.one(
            connection=connection.name,
            folder=connection.intake.folder,
            name_hex=entry.name.hex(),
            cleared_at=None,
            state=STANDING,
        )
        if seen is not None and (seen.state != "SEEN" or knows(unit, seen, "transport.partial")):
            return
    with office.ledger.unit("pickup.partial") as unit:
        if seen is None:
            seen = see_entry(office, unit, connection, entry)
        finding = Finding(
            "transport.partial",
            Severity.HOLD,
            f"{seen.name} has not come to rest for {NEVER_RESTS.total_seconds() / 3600:.0f} hours: its size or time "
            f"changes at every poll, and it has {entry.size} bytes now. It is watched on.",
            Position(file=seen.name),
            fix=f"ask the partner whether they still write this file in {connection.intake.folder}",
        )
        open_case(office, unit, waiting_for(seen), [finding])


def _report_odd(office: Office, connection: Connection, watch: Watch, odd: tuple[RemoteFile, ...]) -> None:
    """Tell a person of entries that are never touched, whenever there are others than before."""
    if watch.odd == odd or (watch.odd is None and not odd and not _odd_known(office, connection)):
        watch.odd = odd
        return
    findings = [_odd(connection, entry) for entry in odd[:MOST_NAMES]]
    subject = subject_of(connection.name, connection.intake.folder)
    with office.ledger.unit("pickup.name") as unit:
        last = unit.cases.select(subject=subject, descending=True, limit=1)
        if not findings:
            settle_cases(office, unit, subject, how="the entry is gone from the partner's folder")
        elif not last or last[0].state == "RESOLVED" or last[0].findings_json != findings_to_json(findings):
            open_case(office, unit, Waiting(subject, "receive", office.clock.now()), findings)
    watch.odd = odd


def _odd_known(office: Office, connection: Connection) -> bool:
    with office.ledger.reading() as unit:
        subject = subject_of(connection.name, connection.intake.folder)
        return unit.cases.one(subject=subject, state="OPEN") is not None


def _odd(connection: Connection, entry: RemoteFile) -> Finding:
    name = safe_name(entry.name)
    if len(name) > MOST_SHOWN:
        name = f"{name[:MOST_SHOWN]}..."
    what = (
        f'The server lists a file named "{name}", which no folder can hold'
        if not plain(entry.name)
        else f'"{name}" is a link or a device, not a plain file'
    )
    return Finding(
        "transport.filename",
        Severity.HOLD,
        f"{what}; it is left alone in {connection.name}:{connection.intake.folder}.",
        Position(file=name),
        fix="ask the partner what put it there, and to send the file as a plain file under a plain name",
    )
