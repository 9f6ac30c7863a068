"""What people look at: orders with their lines, documents and history. The exception queue is in `cases`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from edi_engine.app.naming import need_partner
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.workplace import Workplace, edition_in_force
from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.decided import decided_total
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import (
    CaseRecord,
    DocumentRecord,
    EventRecord,
    FileRecord,
    LineRecord,
    OrderRecord,
    ShipmentRecord,
)
from edi_engine.flow.refusal import noted_in
from edi_engine.flow.ship_days import to_come

_OURS: Final = re.compile(r"(order:)?([0-9]{1,9})", re.ASCII)
"""Our number of an order; without the word it may be a PO number as well."""


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
    ordered_total: Decimal | None = None
    """What its lines come to as the partner wrote them."""
    decided_total: Decimal | None = None
    """What our answer promises, at the prices that it stands for; None before there is one."""
    noted: tuple[Finding, ...] = ()
    """What the partner noted in documents that they took all the same."""


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


def orders(settings: Settings, partner: str | None = None) -> tuple[OrderView, ...]:
    """Give booked orders, oldest first. Raises UsageError for a partner that there is not."""
    wanted: dict[str, Any] = {} if partner is None else {"partner": partner}
    with looking(settings) as place, place.office().ledger.reading() as unit:
        need_partner(place, unit, partner)
        return tuple(_view(place, unit, record) for record in unit.orders.select(**wanted))


def order(settings: Settings, reference: str) -> OrderView:
    """Give one order by our number or theirs. Raises UsageError if there is none, or more than one."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        view = _view(place, unit, find_order(unit, reference))
        office = place.office()
        noted = tuple(finding for one in view.documents for finding in noted_in(office, unit, one))
        return replace(view, to_come=to_come(office, unit, view.record, view.lines), noted=noted)


def find_order(unit: Unit, reference: str) -> OrderRecord:
    """Find an order by our number (`order:7`); or by 7, which is their PO number or ours, where that is only one order.

    Of orders of one PO number, those count that stand, and not those that were replaced. Raises UsageError.
    """
    number = _OURS.fullmatch(reference)
    if number is not None and number[1]:
        found = _ours(unit, number[2])
    else:
        same = unit.orders.select(po_number=reference)
        replaced = {one.replaces for one in same}
        found = [one for one in same if one.id not in replaced]
        if number is not None:
            found += [one for one in _ours(unit, number[2]) if one.po_number != reference]
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"there is no order {reference}; `edi orders list` shows them all"
        raise UsageError(message)
    several = ", ".join(f"order:{one.id} ({_which(one, reference)})" for one in found)
    message = f"{reference} is the number of several orders; name one by our number: {several}"
    raise UsageError(message)


def _ours(unit: Unit, number: str) -> list[OrderRecord]:
    try:
        return [unit.orders.get(int(number))]
    except KeyError:
        return []


def _which(order: OrderRecord, reference: str) -> str:
    po = f", PO {order.po_number}" if order.po_number != reference else ""
    release = f", release {order.release}" if order.release else ""
    return f"{order.partner}, {'live' if order.live else 'test'}{po}{release}"


def _view(place: Workplace, unit: Unit, record: OrderRecord) -> OrderView:
    return OrderView(
        record,
        tuple(unit.lines.select(order_id=record.id)),
        tuple(unit.documents.select(order_id=record.id)),
        tuple(unit.cases.select(order_id=record.id)),
        tuple(unit.shipments.select(order_id=record.id)),
        ordered_total=record.total,
        decided_total=decided_total(place.office(), record),
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
        return record.name, text_of(unit, record) if isinstance(record, FileRecord) else unit.blobs.get(record.sha256)
