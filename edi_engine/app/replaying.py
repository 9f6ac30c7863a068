"""Replaying a file: walk it through a store in memory with today's partner files, and show what would be different."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.desk.retry import retry
from edi_engine.errors import UsageError
from edi_engine.flow.interpret import TERMINAL
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import receive
from edi_engine.flow.records import DocumentRecord, FileRecord
from edi_engine.x12.reader import outline, split

_MEMORY = "sqlite://"
_SHOWN = ("997", "999", "855")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay shows: the documents and cases as they stand (`before`) and as they would be now (`after`)."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    diff: tuple[str, ...]
    committed: bool
    notes: tuple[str, ...] = ()


def replay(settings: Settings, target: str, *, commit: bool = False) -> Replayed:
    """Replay a stored file by its id, or any file by its path. With `commit`, re-enter what waits of a stored file.

    Raises UsageError for a target that is neither.
    """
    path = Path(target)
    with opened(settings) as place:
        record = _stored(place, target) if not path.is_file() else None
        if record is None and not path.is_file():
            message = f"{target} is neither a file here nor the number of a stored file"
            raise UsageError(message)
        before = _standing(place, record) if record is not None else ()
        data = _bytes(place, record) if record is not None else path.read_bytes()
        name = record.name if record is not None else path.name
        after = _walk_in_memory(settings, place, data, name)
        diff = tuple(
            difflib.unified_diff(before, after, "as it stands", "with today's partner files", lineterm="", n=2)
        )
        if not commit:
            return Replayed(name, before, after, diff, committed=False)
        if record is None:
            notes: tuple[str, ...] = ("a file that is not stored is processed by `edi process`; nothing was changed",)
            return Replayed(name, before, after, diff, committed=False, notes=notes)
        notes = _re_enter(place, record)
        return Replayed(name, before, _standing(place, record), diff, committed=True, notes=notes)


def _stored(place: Workplace, target: str) -> FileRecord | None:
    if not re.fullmatch(r"[0-9]{1,9}", target):
        return None
    with place.office().ledger.reading() as unit:
        try:
            return unit.files.get(int(target))
        except KeyError:
            return None


def _bytes(place: Workplace, record: FileRecord) -> bytes:
    with place.office().ledger.reading() as unit:
        return unit.blobs.get(record.sha256 or "")


def _walk_in_memory(settings: Settings, real: Workplace, data: bytes, name: str) -> tuple[str, ...]:
    with opened(replace(settings, db=_MEMORY), real.edition) as place:
        office = place.office()
        record = receive(office, TERMINAL, name.encode("utf-8", "surrogateescape"), data)
        open_stored(office, TERMINAL)
        for partner in office.edition.partners:
            while work_through(place, office, partner):
                pass
        return _standing(place, record)


def _standing(place: Workplace, record: FileRecord) -> tuple[str, ...]:
    """Tell what a file has become: the verdict of each set, the answers without numbers and times, the open cases."""
    lines: list[str] = []
    with place.office().ledger.reading() as unit:
        current = unit.files.get(record.id)
        lines.append(f"file: {current.state.lower()}")
        for interchange in unit.interchanges.select(file_id=record.id, direction="in"):
            lines.append(f"interchange {interchange.control}: {interchange.state.lower()}")
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


def _order(unit: Unit, order_id: int | None, set_id: int) -> list[str]:
    if order_id is None:
        return []
    order = unit.orders.get(order_id)
    if order.set_id != set_id:
        return [f"order {order.po_number}: linked to the one that came before"]
    return [
        f"order {order.po_number}: {order.state.lower()}",
        *_documents(unit, unit.documents.select(order_id=order_id)),
    ]


def _subjects(unit: Unit, record: FileRecord) -> set[str]:
    subjects = {f"file:{record.id}"}
    for interchange in unit.interchanges.select(file_id=record.id, direction="in"):
        subjects.add(f"interchange:{interchange.id}")
        for found in unit.sets.select(interchange_id=interchange.id):
            subjects.add(f"set:{found.id}")
            if found.order_id is not None:
                subjects |= {f"order:{found.order_id}", f"ship:{found.order_id}", f"bill:{found.order_id}"}
    return subjects


def _documents(unit: Unit, documents: Sequence[DocumentRecord]) -> list[str]:
    """Write the bodies of answers, without envelope and without numbers that every writing makes anew."""
    lines: list[str] = []
    for document in documents:
        if document.kind in _SHOWN:
            data = unit.blobs.get(document.sha256)
            interchange = outline(data).interchanges[0]
            for found in interchange.groups[0].sets:
                text = data[found.start : found.end].decode("latin-1")
                body = split(text, interchange.delimiters)[1:-1]
                lines.extend("  " + interchange.delimiters.element.join(_masked(segment)) for segment in body)
    return lines


def _masked(segment: list[str]) -> list[str]:
    """Hide what is new in every writing of an 855: our order number and its date."""
    if segment[0] != "BAK":
        return segment
    return [*segment[:8], *("#" if value else "" for value in segment[8:10]), *segment[10:]]


def _re_enter(place: Workplace, record: FileRecord) -> tuple[str, ...]:
    """Retry every open case of a stored file, and take up what was left."""
    notes: list[str] = []
    office = place.office()
    with office.ledger.reading() as unit:
        subjects = _subjects(unit, record)
        cases = [case for case in unit.cases.select(state="OPEN") if case.subject in subjects]
    for case in cases:
        try:
            done = retry(office, case.id)
        except UsageError as refusal:
            notes.append(str(refusal))
            continue
        notes.append(f"case {case.id} {case.kind}: {done.case.state.lower()}")
    open_stored(office, record.connection)
    for partner in office.edition.partners:
        while work_through(place, office, partner):
            pass
    return tuple(notes) or ("nothing of this file waits; nothing was changed",)
