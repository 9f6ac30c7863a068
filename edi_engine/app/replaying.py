"""Replaying a file: walk it through a store in memory with today's partner files, and show what would be different."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from edi_engine.app.settings import Settings
from edi_engine.app.views import looking
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.desk.retry import retry
from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.decide import decide_order
from edi_engine.flow.documents import TA1
from edi_engine.flow.ports import Clock, Unit
from edi_engine.flow.receive import receive, text_of
from edi_engine.flow.records import DocumentRecord, FileRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.reader import outline, split

_MEMORY = "sqlite://"
_SHOWN = (TA1, "997", "999", "855")
_READ = ("STORED", "INTERPRETED", "DONE", "UNREADABLE")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay shows: the documents and cases as they stand (`before`) and as they would be now (`after`).

    `findings` are those of the cases that would be open then.
    """

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    diff: tuple[str, ...]
    committed: bool
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Then:
    """The moment at which a file came, for what was answered then: its dates are judged as of that day."""

    moment: datetime
    real: Clock

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.real.monotonic()


def replay(settings: Settings, target: str, *, commit: bool = False, given: bytes | None = None) -> Replayed:
    """Replay a stored file by its id, or any file by its path, with today's partner files and people's decisions.

    What was answered is judged as of the day when it came; a file of which something still waits, as of today. With
    `commit`, re-enter what waits of a stored file. Raises UsageError for a target that is neither.
    """
    with (opened if commit else looking)(settings) as place:
        return replay_in(place, target, commit=commit, given=given)


def replay_in(place: Workplace, target: str, *, commit: bool = False, given: bytes | None = None) -> Replayed:
    """Replay in an opened workplace, as `replay` does."""
    path = Path(target if given is None else "stdin")
    if given is None and path.is_file():
        given = path.read_bytes()
    record = _known(place, given) if given is not None else _stored(place, target)
    if record is None and given is None:
        message = f"{target} is neither a file here nor the number of a stored file"
        raise UsageError(message)
    before = _standing(place, record) if record is not None else ()
    name = record.name if record is not None else path.name
    data = given if given is not None and record is None else _bytes(place, record)
    after, findings = _walk_in_memory(place, data, name, record)
    diff = tuple(difflib.unified_diff(before, after, "as it stands", "with today's partner files", lineterm="", n=2))
    if not commit:
        return Replayed(name, before, after, diff, committed=False, findings=findings)
    if record is None:
        notes: tuple[str, ...] = ("a file that is not stored is processed by `edi process`; nothing was changed",)
        return Replayed(name, before, after, diff, committed=False, notes=notes, findings=findings)
    notes = _re_enter(place, record)
    now, standing = _standing(place, record), _waiting(place, record)
    return Replayed(name, before, now, diff, committed=True, notes=notes, findings=standing)


def _stored(place: Workplace, target: str) -> FileRecord | None:
    if not re.fullmatch(r"[0-9]{1,9}", target):
        return None
    with place.office().ledger.reading() as unit:
        try:
            record = unit.files.get(int(target))
        except KeyError:
            return None
        if record.sha256 is None:
            message = f"the bytes of {record.name} were never fetched; there is nothing to replay"
            raise UsageError(message)
        return record if record.arrival_of is None else unit.files.get(record.arrival_of)


def _known(place: Workplace, data: bytes) -> FileRecord | None:
    """Give the stored file with these bytes, None if they never came."""
    with place.office().ledger.reading() as unit:
        return unit.files.one(sha256=hashlib.sha256(data).hexdigest(), state=_READ)


def _bytes(place: Workplace, record: FileRecord | None) -> bytes:
    with place.office().ledger.reading() as unit:
        return text_of(unit, record) if record is not None else b""


def _walk_in_memory(
    real: Workplace, data: bytes, name: str, record: FileRecord | None
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Walk a file through a store of its own, after those whose orders it repeats."""
    settings = replace(real.settings, db=_MEMORY)
    clock = real.clock if record is None or _waits(real, record) else _Then(record.stored_at or record.at, real.clock)
    with opened(settings, real.edition, clock) as place:
        for earlier in _earlier(real, record) if record is not None else ():
            _walk(place, _bytes(real, earlier), earlier.name, earlier.connection)
        walked = _walk(place, data, name, record.connection if record is not None else TERMINAL)
        _rule(real, place)
        return _standing(place, walked), _waiting(place, walked)


def _walk(place: Workplace, data: bytes, name: str, connection: str) -> FileRecord:
    office = place.office()
    record = receive(office, connection, name.encode("utf-8", "surrogateescape"), data)
    open_stored(office, connection)
    for partner in office.edition.partners:
        while work_through(place, office, partner):
            pass
    return record


def _waits(place: Workplace, record: FileRecord) -> bool:
    with place.office().ledger.reading() as unit:
        subjects = _subjects(unit, record)
        return any(case.subject in subjects for case in unit.cases.select(state="OPEN"))


def _earlier(place: Workplace, record: FileRecord) -> list[FileRecord]:
    """Give the files before this one that hold orders and interchanges which it repeats."""
    numbers: set[int] = set()
    with place.office().ledger.reading() as unit:
        for interchange in unit.interchanges.select(file_id=record.id, direction="in"):
            same = unit.interchanges.select(
                direction="in", sender=interchange.sender, receiver=interchange.receiver, control=interchange.control
            )
            numbers.update(one.file_id for one in same if one.file_id is not None)
            for found in unit.sets.select(interchange_id=interchange.id):
                about = unit.cases.select(subject=f"set:{found.id}")
                orders = {found.order_id, *(case.order_id for case in about)} - {None}
                for order_id in orders:
                    at: int | None = order_id
                    while at is not None:  # a replacement is none without the order whose place it takes
                        order = unit.orders.get(at)
                        origin = unit.sets.get(order.set_id)
                        numbers.add(unit.interchanges.get(origin.interchange_id).file_id or record.id)
                        at = order.replaces
        return [unit.files.get(number) for number in sorted(numbers) if number < record.id]


def _rule(real: Workplace, place: Workplace) -> None:
    """Decide the orders that are held in memory as people have decided them in the store."""
    office = place.office()
    with office.ledger.reading() as unit:
        held = unit.orders.select(state="HELD")
    with real.office().ledger.reading() as unit:
        ruled = [
            (order, known.rulings_json)
            for order in held
            if (
                known := unit.orders.one(
                    partner=order.partner, live=order.live, po_number=order.po_number, release=order.release
                )
            )
            and known.rulings_json != "[]"
        ]
    for order, rulings in ruled:
        with office.ledger.unit("desk.resolved") as unit:
            changed = unit.orders.change(order, rulings_json=rulings)
        decide_order(office, changed)


def _standing(place: Workplace, record: FileRecord) -> tuple[str, ...]:
    """Tell what a file has become: the verdict of each set, the answers without numbers and times, the open cases."""
    lines: list[str] = []
    with place.office().ledger.reading() as unit:
        current = unit.files.get(record.id)
        lines.append(f"file: {current.state.lower()}")
        for interchange in unit.interchanges.select(file_id=record.id, direction="in"):
            lines.append(f"interchange {interchange.control}: {interchange.state.lower()}")
            lines.extend(_documents(unit, unit.documents.select(source=f"interchange:{interchange.id}")))
            for group in unit.groups.select(interchange_id=interchange.id):
                for found in unit.sets.select(group_id=group.id):
                    lines.append(
                        f"set {found.set_id} {found.control}: {found.state.lower()} {found.verdict or ''}".rstrip()
                    )
                    lines.extend(_order(unit, found.order_id, found.id))
                lines.extend(_documents(unit, unit.documents.select(group_id=group.id)))
        subjects = _subjects(unit, record)
        lines.extend(
            f"case {case.kind}: {case.title}" for case in unit.cases.select(state="OPEN") if case.subject in subjects
        )
    return tuple(lines)


def _waiting(place: Workplace, record: FileRecord) -> tuple[Finding, ...]:
    """Give the findings of the cases that a file has open."""
    with place.office().ledger.reading() as unit:
        subjects = _subjects(unit, record)
        cases = [case for case in unit.cases.select(state="OPEN") if case.subject in subjects]
    return tuple(finding for case in cases for finding in findings_from_json(case.findings_json))


def _order(unit: Unit, order_id: int | None, set_id: int) -> list[str]:
    if order_id is None:
        return []
    order = unit.orders.get(order_id)
    if order.set_id != set_id:
        return [f"order {order.po_number}: linked to the one that came before"]
    state = "answered" if order.answered_at is not None else order.state.lower()
    return [f"order {order.po_number}: {state}", *_documents(unit, unit.documents.select(order_id=order_id))]


def _subjects(unit: Unit, record: FileRecord) -> set[str]:
    subjects = {f"file:{record.id}"}
    for interchange in unit.interchanges.select(file_id=record.id, direction="in"):
        subjects.add(f"interchange:{interchange.id}")
        for found in unit.sets.select(interchange_id=interchange.id):
            subjects.add(f"set:{found.id}")
            if found.order_id is not None and unit.orders.get(found.order_id).set_id == found.id:
                subjects |= {f"order:{found.order_id}", f"ship:{found.order_id}", f"bill:{found.order_id}"}
    return subjects


def _documents(unit: Unit, documents: Sequence[DocumentRecord]) -> list[str]:
    """Write the bodies of answers, without envelope and without numbers that every writing makes anew."""
    lines: list[str] = []
    for document in documents:
        if document.kind in _SHOWN and document.resend_of is None:
            data = unit.blobs.get(document.sha256)
            interchange = outline(data).interchanges[0]
            element = interchange.delimiters.element
            lines.extend("  " + element.join(segment) for segment in interchange.acknowledgments)
            for found in (each for group in interchange.groups for each in group.sets):
                text = data[found.start : found.end].decode("latin-1")
                body = split(text, interchange.delimiters)[1:-1]
                lines.extend("  " + element.join(_masked(segment)) for segment in body)
    return lines


def _masked(segment: list[str]) -> list[str]:
    """Hide what is new in every writing of an 855: our order number and its date."""
    if segment[0] != "BAK":
        return segment
    return [*segment[:8], *("#" if value else "" for value in segment[8:10]), *segment[10:]]


def _re_enter(place: Workplace, record: FileRecord) -> tuple[str, ...]:
    """Retry every open case of a stored file; nothing else of it is touched."""
    notes: list[str] = []
    office = place.office()
    with office.ledger.reading() as unit:
        subjects = _subjects(unit, record)
        cases = [case for case in unit.cases.select(state="OPEN") if case.subject in subjects]
    for case in cases:
        with office.ledger.reading() as unit:
            current = unit.cases.get(case.id)
        if current.state == "OPEN":  # the retry of another one may have settled it
            try:
                current = retry(office, case.id).case
            except UsageError as refusal:
                notes.append(str(refusal))
                continue
        notes.append(f"case {case.id} {case.kind}: {current.state.lower()}")
    return tuple(notes) or ("nothing of this file waits; nothing was changed",)
