"""Step 1 of the walk, its eyes: what a partner's folder holds, what of it has come to rest, and what is left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase

from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox, RemoteFile, Unit
from edi_engine.flow.receive import safe_name, see
from edi_engine.flow.records import FileRecord
from edi_engine.flow.sightings import Sightings
from edi_engine.flow.wording import counted, findings_to_json
from edi_engine.partners.connection import Connection

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

STORED = ("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE")
STANDING = ("SEEN", *STORED)


@dataclass(slots=True)
class Watch:
    """What is known of one folder between two polls (in memory: after a restart files just settle once more).

    Of the last poll: `ignored` counts entries that match no pattern of ours, `settling` those that will rest soon,
    `left` those that were too many for one poll. `incomplete` holds size and time of files that were read, but lack
    their end. `odd` are the names that people were told of, None before the first poll. `alone` says since when
    (monotonic seconds) each entry stands that we do not want, `told` what was last told of them.
    """

    sightings: Sightings = field(default_factory=Sightings)
    ignored: int = 0
    settling: int = 0
    left: int = 0
    incomplete: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    odd: tuple[RemoteFile, ...] | None = None
    alone: dict[bytes, float] = field(default_factory=dict)
    told: str | None = None


def list_folder(
    office: Office, connection: Connection, mailbox: Mailbox, watch: Watch
) -> tuple[set[bytes], list[RemoteFile]]:
    """Give the names of all files that the connection wants, and those of the files that have settled."""
    watch.settling = 0
    settle = connection.intake.settle.total_seconds()
    now = office.clock.monotonic()
    names: set[bytes] = set()
    settled: list[RemoteFile] = []
    odd: list[RemoteFile] = []
    alone: list[bytes] = []
    for entry in mailbox.listing(connection.intake.folder):
        if entry.special or not _plain(entry.name):
            odd.append(entry)
        elif entry.regular and not _wanted(connection, entry):
            alone.append(entry.name)
        elif entry.regular:
            names.add(entry.name)
            if watch.sightings.rests(entry, now, settle):
                settled.append(entry)
                continue
            age = watch.sightings.age(entry.name, now)
            watch.settling += age <= SETTLES * max(settle, 1.0)
            if age >= NEVER_RESTS.total_seconds():
                _report_restless(office, connection, entry)
    _tell_alone(office, connection, watch, alone)
    _report_odd(office, connection, watch, tuple(sorted(odd, key=lambda entry: entry.name)))
    return names, settled


def _plain(name: bytes) -> bool:
    """Say whether a name can only mean an entry of the folder in which it is listed."""
    return name not in {b"", b".", b".."} and b"/" not in name and b"\0" not in name


def _wanted(connection: Connection, entry: RemoteFile) -> bool:
    text = safe_name(entry.name)
    intake = connection.intake
    return fnmatchcase(text, intake.match) and not any(fnmatchcase(text, pattern) for pattern in intake.ignore)


def _tell_alone(office: Office, connection: Connection, watch: Watch, alone: list[bytes]) -> None:
    """Note, once, which entries have stood for a while that we do not want: one of them may be an order in disguise."""
    now = office.clock.monotonic()
    watch.ignored = len(alone)
    watch.alone = {name: watch.alone.get(name, now) for name in alone}
    old = sorted(name for name, since in watch.alone.items() if now - since >= LEFT_ALONE.total_seconds())
    if alone and not old:
        return
    names = ", ".join(safe_name(name) for name in old[:MOST_NAMES])
    more = f" and {len(old) - MOST_NAMES} more" if len(old) > MOST_NAMES else ""
    said = f"{counted(len(old), 'file')} in {connection.intake.folder}: {names}{more}" if old else NONE_ALONE
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
    findings = [_odd(entry) for entry in odd[:MOST_NAMES]]
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
