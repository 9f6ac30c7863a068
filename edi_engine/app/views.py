"""What people look at: cases with their place in the file, orders with their lines, documents and history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.workplace import Workplace, edition_in_force, opened
from edi_engine.desk.queue import Entry, entry, find_case, list_cases
from edi_engine.desk.resolve import Effect, preview, resolve
from edi_engine.desk.retry import Retried, retry
from edi_engine.errors import UsageError
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import (
    CaseRecord,
    DocumentRecord,
    EventRecord,
    FileRecord,
    LineRecord,
    OrderRecord,
    ShipmentRecord,
)
from edi_engine.flow.ship_days import to_come
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Delimiters


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with what it stands on: the file's bytes (None where none were fetched), its order, its history."""

    entry: Entry
    file_name: str | None
    data: bytes | None
    delimiters: Delimiters | None
    order: OrderRecord | None
    history: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order with all that belongs to it."""

    record: OrderRecord
    lines: tuple[LineRecord, ...]
    documents: tuple[DocumentRecord, ...]
    cases: tuple[CaseRecord, ...]
    shipments: tuple[ShipmentRecord, ...] = ()
    to_come: tuple[str, ...] = ()
    """What is still to leave on a later day, and what is backordered, a sentence each."""


@contextmanager
def looking(settings: Settings) -> Iterator[Workplace]:
    """Open the store for looking only, with the partner files in force: they are not published into it."""
    from edi_engine.store.ledger import open_store

    edition = edition_in_force(settings)
    place = Workplace(settings, open_store(settings.db, owner=False), edition, SystemClock())
    try:
        yield place
    finally:
        place.close()


def cases(settings: Settings, state: str | None = "OPEN", partner: str | None = None) -> tuple[Entry, ...]:
    """Give the queue, the nearest deadline first."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        return tuple(list_cases(unit, state=state, partner=partner))


def case(settings: Settings, case_id: int) -> CaseView:
    """Give one case. Raises UsageError if there is none of this number."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        record = find_case(unit, case_id)
        name, data, delimiters = _file_of(unit, record)
        order = unit.orders.get(record.order_id) if record.order_id is not None else None
        history = tuple(unit.events.select(subject=record.subject))
        return CaseView(entry(record), name, data, delimiters, order, history)


def _file_of(unit: Unit, record: CaseRecord) -> tuple[str | None, bytes | None, Delimiters | None]:
    if record.file_id is None:
        return None, None, None
    file = unit.files.get(record.file_id)
    if file.sha256 is None:
        return file.name, None, None
    data = unit.blobs.get(file.sha256)
    found = outline(data).interchanges
    bytes_named = [one.where.byte for one in findings_from_json(record.findings_json) if one.where.byte is not None]
    at = bytes_named[0] if bytes_named else 0
    about = next((one for one in found if one.start <= at < one.end), found[0] if found else None)
    return file.name, data, about.delimiters if about is not None else None


def preview_resolution(settings: Settings, case_id: int, choice: str, line: int | None) -> Effect:
    """Show what a choice would do."""
    with looking(settings) as place:
        return preview(place.office(), case_id, choice, line)


def resolve_case(settings: Settings, case_id: int, choice: str, line: int | None) -> Effect:
    """Do it, and give what it did."""
    with opened(settings, edition_in_force(settings)) as place:
        effect = preview(place.office(), case_id, choice, line)
        resolve(place.office(), case_id, choice, line)
        return effect


def retry_case(settings: Settings, case_id: int) -> Retried:
    """Re-enter the step that a case stopped."""
    with opened(settings) as place:
        return retry(place.office(), case_id)


def orders(settings: Settings, partner: str | None = None, state: str | None = None) -> tuple[OrderView, ...]:
    """Give booked orders, oldest first."""
    wanted: dict[str, Any] = {}
    if partner is not None:
        wanted["partner"] = partner
    if state is not None:
        wanted["state"] = state.upper()
    with looking(settings) as place, place.office().ledger.reading() as unit:
        return tuple(_view(unit, record) for record in unit.orders.select(**wanted))


def order(settings: Settings, reference: str) -> OrderView:
    """Give one order by our number or theirs. Raises UsageError if there is none, or more than one."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        view = _view(unit, find_order(unit, reference))
        return replace(view, to_come=to_come(place.office(), unit, view.record, view.lines))


def find_order(unit: Unit, reference: str) -> OrderRecord:
    """Find an order by their PO number, else by our number. Raises UsageError."""
    found = list(unit.orders.select(po_number=reference))
    if not found and re.fullmatch(r"[0-9]{1,9}", reference):
        try:
            found = [unit.orders.get(int(reference))]
        except KeyError:
            found = []
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"there is no order {reference}; `edi orders list` shows them all"
        raise UsageError(message)
    several = ", ".join(f"{one.id} ({one.partner}, {'live' if one.live else 'test'})" for one in found)
    message = f"{reference} is the number of several orders; name one by our number: {several}"
    raise UsageError(message)


def _view(unit: Unit, record: OrderRecord) -> OrderView:
    return OrderView(
        record,
        tuple(unit.lines.select(order_id=record.id)),
        tuple(unit.documents.select(order_id=record.id)),
        tuple(unit.cases.select(order_id=record.id)),
        tuple(unit.shipments.select(order_id=record.id)),
    )


def timeline(settings: Settings, reference: str) -> tuple[EventRecord, ...]:
    """Give everything that happened to an order, from the arrival of its file on."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        record = find_order(unit, reference)
        received = unit.sets.get(record.set_id)
        interchange = unit.interchanges.get(received.interchange_id)
        subjects = (f"file:{interchange.file_id}", f"interchange:{interchange.id}", f"set:{received.id}")
        events = {one.id: one for one in unit.events.select(order_id=record.id)}
        events.update({one.id: one for one in unit.events.select(subject=subjects)})
        group = unit.groups.get(received.group_id)
        if group.document_id is not None:
            about = unit.events.select(subject=f"document:{group.document_id}")
            events.update({one.id: one for one in about})
        return tuple(events[number] for number in sorted(events))


def stored(settings: Settings, reference: str) -> tuple[str, bytes]:
    """Give the name and the bytes of a stored file (`7`, `file:7`) or of a document of ours (`document:105`).

    Raises UsageError where there are none.
    """
    kind, _, number = reference.rpartition(":")
    with looking(settings) as place, place.office().ledger.reading() as unit:
        try:
            record: FileRecord | DocumentRecord
            record = unit.documents.get(int(number)) if kind == "document" else unit.files.get(int(number))
        except KeyError:
            message = f"there is no {kind or 'file'} {number} in the store"
            raise UsageError(message) from None
        if record.sha256 is None:
            message = f"the bytes of {record.name} were never fetched; there is nothing to show"
            raise UsageError(message)
        return record.name, unit.blobs.get(record.sha256)
