"""Documents held back by a person, and let go again."""

from __future__ import annotations

from collections.abc import Sequence

from edi_engine.desk.outbox import DocumentEntry, entry, find_document, why_held
from edi_engine.errors import Outrun, UsageError
from edi_engine.flow.deliver import held_before
from edi_engine.flow.documents import note_document
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord


def hold(office: Office, numbers: Sequence[int], why: str) -> tuple[DocumentEntry, ...]:
    """Hold documents back, all or none; give them, and what waits behind them. The queue goes on without them.

    Raises UsageError for one that is on its way, gone, or held already.
    """
    try:
        with office.ledger.unit("desk.held") as unit:
            held = [_hold(office, unit, number, why) for number in numbers]
            behind = {one.id: one for record in held for one in _behind(unit, record) if one.id not in numbers}
            return tuple(entry(unit, one, office.clock.now()) for one in (*held, *behind.values()))
    except Outrun as error:
        message = "one of them is being sent at this very moment; look with `edi outbox list`. Nothing was held"
        raise UsageError(message) from error


def _hold(office: Office, unit: Unit, number: int, why: str) -> DocumentRecord:
    record = find_document(unit, number)
    if record.state != "READY":
        message = f"document {number} cannot be held: {_too_late(unit, record)}"
        raise UsageError(message)
    if record.held_at is not None:
        message = f"document {number} is held already, by {record.held_by}: {why_held(unit, record)}"
        raise UsageError(message)
    held = unit.documents.change(record, held_at=office.clock.now(), held_by=office.who)
    note_document(office, unit, held, "held", why)
    return held


def _too_late(unit: Unit, record: DocumentRecord) -> str:
    if record.state == "PARKED":
        case = unit.cases.one(subject=f"document:{record.id}", state="OPEN")
        named = f" (case {case.id})" if case is not None else ""
        return f"it is parked and does not go before somebody retries it{named}"
    if record.state == "VOID":
        return "it will never be sent"
    return "it is being sent" if record.state in {"UPLOADING", "UPLOADED"} else "it was sent"


def _behind(unit: Unit, record: DocumentRecord) -> tuple[DocumentRecord, ...]:
    """Give what goes to the same partner for the same order after a held document, and waits with it."""
    if record.order_id is None:
        return ()
    later = unit.documents.select(order_id=record.order_id, state="READY", after=record.id)
    return tuple(one for one in later if held_before(unit, one) is not None)


def release(office: Office, numbers: Sequence[int]) -> tuple[DocumentEntry, ...]:
    """Let held documents go, all or none. Raises UsageError for one that nobody holds."""
    with office.ledger.unit("desk.released") as unit:
        return tuple(entry(unit, _release(office, unit, number), office.clock.now()) for number in numbers)


def _release(office: Office, unit: Unit, number: int) -> DocumentRecord:
    record = find_document(unit, number)
    if record.state != "READY" or record.held_at is None:
        message = f"document {number} is not held; it is {entry(unit, record, office.clock.now()).standing}"
        raise UsageError(message)
    free = unit.documents.change(record, held_at=None, held_by=None)
    note_document(office, unit, free, "released", f"held since {record.held_at:%Y-%m-%d %H:%M} UTC by {record.held_by}")
    return free
