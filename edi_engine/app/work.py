"""One round of work on what the store holds: envelopes to walk, sets to judge, orders to decide, ship and bill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from edi_engine.app.grouping import Step, in_groups
from edi_engine.app.workplace import Workplace
from edi_engine.errors import EngineError, Outrun, Taken
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.cases import BUG, POISON, Waiting, open_case, waits
from edi_engine.flow.decide import decide_order
from edi_engine.flow.fulfil import auto_ships, ship_due
from edi_engine.flow.interpret import open_file
from edi_engine.flow.judge import judge_interchange
from edi_engine.flow.office import Office, Poisoned
from edi_engine.flow.opened import take_up
from edi_engine.flow.ports import Rows, Unit
from edi_engine.flow.records import FileRecord, InterchangeRecord, OrderRecord, ShipmentRecord
from edi_engine.flow.ship_days import has_more, ship_timers

Done = TypeVar("Done")
Stored = TypeVar("Stored", FileRecord, OrderRecord)

BATCH = 100
"""Things of one kind that one round takes, and records that are read at a time."""


def open_stored(office: Office, connection: str, file_id: int | None = None) -> int:
    """Walk the envelopes of all stored files of a connection; one that breaks us becomes a case, the others go on.

    With `file_id`, only that file's: another command may be about to walk its own. Gives how many were walked here.
    """
    only = {} if file_id is None else {"id": file_id}
    with office.ledger.reading() as unit:
        every_file = every(unit.files, connection=connection, state="STORED", **only)
        stored = list(islice((one for one in every_file if not waits(unit, f"file:{one.id}")), BATCH))
    return in_groups(office, Step("interpret.opened", _file, lambda file: file.size or 0, _open, _open_alone), stored)


def _file(record: FileRecord) -> str:
    return f"file:{record.id}"


def _open(office: Office, record: FileRecord) -> bool:
    with office.in_hand(_file(record)):
        open_file(office, record)
    return True


def _open_alone(office: Office, record: FileRecord) -> bool:
    try:
        guarded(office, _file(record), "open", partial(open_file, office, record), file=record.name)
    except (Outrun, Taken):  # somebody else walked it at the same moment
        return False
    return True


def every(rows: Rows[Stored], **equal: Any) -> Iterator[Stored]:  # noqa: ANN401 (as Rows.select takes them)
    """Give all records that fit, read page by page: what waits for a person must not hide what lies behind it."""
    last = 0
    while page := rows.select(limit=BATCH, after=last, **equal):
        yield from page
        last = page[-1].id


def guarded(
    office: Office, subject: str, step: str, act: Callable[[], Done], *, file: str | None = None
) -> Done | None:
    """Do one thing and give what it came to. If it breaks us, keep it as a case, so that only it waits: None."""
    try:
        with office.in_hand(subject):
            return act()
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 (a bug of ours must stop one thing, not a lane)
        finding = Finding(
            POISON if isinstance(error, Poisoned) else BUG,
            Severity.HOLD,
            f"{subject.replace(':', ' ')} broke our program ({type(error).__name__}: {error}); nothing of it is lost.",
            Position(file=file),
            fix="report it; retry the case after an update",
        )
        with office.ledger.unit("bug.kept") as unit:
            open_case(office, unit, _waiting(office, unit, subject, step), [finding])
        return None


def _waiting(office: Office, unit: Unit, subject: str, step: str) -> Waiting:
    """Say of a file, or of an order that is decided, shipped or billed, whose it is and what it holds."""
    kind, _, number = subject.partition(":")
    if kind == "file":
        file = unit.files.get(int(number))
        return Waiting(subject, step, file.at, partner=file.partner, file_id=file.id)
    order = unit.orders.get(int(number))
    partner = office.edition.partners.get(order.partner)
    return Waiting(
        subject,
        step,
        order.at,
        partner=order.partner,
        po_number=order.po_number,
        order_id=order.id,
        file_id=unit.interchanges.get(unit.sets.get(order.set_id).interchange_id).file_id,
        money_held=order.total,
        currency=order.currency,
        deadline=order.at + partner.clocks.answer if partner is not None else None,
    )


def has_work(office: Office, partner: str) -> bool:
    """Say whether anything of a partner can be taken a step further now."""
    with office.ledger.reading() as unit:
        kinds = (_to_judge(unit, partner), _to_decide(unit, partner), *_by_itself(office, unit, partner))
        return any(next(kind, None) is not None for kind in kinds)


def work_through(place: Workplace, office: Office, partner: str, file_id: int | None = None) -> int:
    """Do one round of a partner's work, or a part of it when an end was asked for. Gives how many things moved on.

    With `file_id`, only what came with that file is worked on.
    """
    moved = 0
    with office.ledger.reading() as unit:
        interchanges = [one for one in _to_judge(unit, partner) if file_id in {None, one.file_id}]
        only = _only_sets(unit, interchanges)
    small = [one for one in interchanges if one.id in only]
    judging = partial(_judge, place)
    step = Step("judge.booked", lambda one: f"set:{only[one.id]}", lambda one: one.end - one.start, judging, judging)
    moved += in_groups(office, step, small)
    for record in (one for one in interchanges if one.id not in only):
        if office.stopping():
            return moved
        moved += _judge(place, office, record)
    with office.ledger.reading() as unit:
        orders = list(islice(_of_file(unit, _to_decide(unit, partner), file_id), BATCH))
    moved += in_groups(office, Step("decide.decided", _order, _weight, _decide, _decide_alone), orders)
    with office.ledger.reading() as unit:
        shippable, _ = _by_itself(office, unit, partner)
        to_ship = list(islice(_of_file(unit, shippable, file_id), BATCH))
    moved += in_groups(office, Step("fulfil.shipped", _leaving, _weight, _ship, _ship_alone), to_ship)
    with office.ledger.reading() as unit:
        _, billable = _by_itself(office, unit, partner)
        to_bill = list(islice(billable if file_id is None else _bills_of_file(unit, billable, file_id), BATCH))
    return moved + in_groups(office, Step("fulfil.billed", _billed, _weight, _bill, _bill_alone), to_bill)


def _only_sets(unit: Unit, interchanges: Iterable[InterchangeRecord]) -> dict[int, int]:
    """Give the set of each interchange that has just one, by the ids of both."""
    sets = ((one.id, unit.sets.select(interchange_id=one.id, limit=2)) for one in interchanges)
    return {number: found[0].id for number, found in sets if len(found) == 1}


def _weight(record: OrderRecord | ShipmentRecord) -> int:
    return len(record.body_json)


def _order(booked: OrderRecord) -> str:
    return f"order:{booked.id}"


def _decide(office: Office, booked: OrderRecord) -> bool:
    with office.in_hand(_order(booked)):
        decide_order(office, booked)
    return True


def _decide_alone(office: Office, booked: OrderRecord) -> bool:
    return guarded(office, _order(booked), "decide", partial(decide_order, office, booked)) is not None


def _leaving(order: OrderRecord) -> str:
    return f"ship:{order.id}"


def _ship(office: Office, order: OrderRecord) -> bool:
    with office.in_hand(_leaving(order)):
        return ship_due(office, order).record is not None


def _ship_alone(office: Office, order: OrderRecord) -> bool:
    shipped = guarded(office, _leaving(order), "ship", partial(ship_due, office, order))
    return shipped is not None and shipped.record is not None


def _billed(shipment: ShipmentRecord) -> str:
    return f"bill:{shipment.order_id}"


def _bill(office: Office, shipment: ShipmentRecord) -> bool:
    with office.in_hand(_billed(shipment)):
        return bill_shipment(office, shipment).record is not None


def _bill_alone(office: Office, shipment: ShipmentRecord) -> bool:
    billed = guarded(office, _billed(shipment), "bill", partial(bill_shipment, office, shipment))
    return billed is not None and billed.record is not None


def _of_file(unit: Unit, orders: Iterator[OrderRecord], file_id: int | None) -> Iterator[OrderRecord]:
    """Give the orders that came with a file; all of them for None."""
    for order in orders:
        if file_id is None or unit.interchanges.get(unit.sets.get(order.set_id).interchange_id).file_id == file_id:
            yield order


def _bills_of_file(unit: Unit, shipments: Iterator[ShipmentRecord], file_id: int) -> Iterator[ShipmentRecord]:
    for shipment in shipments:
        if any(_of_file(unit, iter((unit.orders.get(shipment.order_id),)), file_id)):
            yield shipment


def _to_judge(unit: Unit, partner: str) -> Iterator[InterchangeRecord]:
    """Give the opened interchanges that are not waiting, with every set that is left, for a bug of ours."""
    for record in unit.interchanges.select(partner=partner, direction="in", state="OPENED"):
        left = unit.sets.select(interchange_id=record.id, state="RECEIVED")
        if not left or any(not waits(unit, f"set:{one.id}") for one in left):
            yield record


def _judge(place: Workplace, office: Office, record: InterchangeRecord) -> bool:
    """Judge an interchange by the edition that it was opened with. Gives whether it moved on."""
    pinned = place.office(office.ledger, place.named_edition(record.edition))
    pinned = replace(pinned, in_hand=office.in_hand, left_in_hand=office.left_in_hand, stopping=office.stopping)
    opened = take_up(pinned, record)
    if opened is None:
        return False
    before = _unjudged(office, record.id)
    judge_interchange(pinned, opened)
    return before != _unjudged(office, record.id)


def _unjudged(office: Office, interchange_id: int) -> tuple[str, int]:
    with office.ledger.reading() as unit:
        state = unit.interchanges.get(interchange_id).state
        return state, unit.sets.count(interchange_id=interchange_id, state="RECEIVED")


def _to_decide(unit: Unit, partner: str) -> Iterator[OrderRecord]:
    for record in every(unit.orders, partner=partner, state="OPEN"):
        if not waits(unit, f"order:{record.id}"):
            yield record


def _by_itself(office: Office, unit: Unit, name: str) -> tuple[Iterator[OrderRecord], Iterator[ShipmentRecord]]:
    """Give the orders that ship by themselves now, and the shipments that are billed by themselves now."""
    partner = office.edition.partners.get(name)
    lives = () if partner is None else tuple(live for live in (True, False) if auto_ships(partner, live=live))
    if not lives:
        return iter(()), iter(())
    return _to_ship(office, unit, name, lives), _to_bill(unit, name, lives)


def _to_ship(office: Office, unit: Unit, partner: str, lives: tuple[bool, ...]) -> Iterator[OrderRecord]:
    """Give the orders of which something leaves today: a timer has come due, or nobody has looked at them yet."""
    timers = ship_timers(office, unit)
    for number in timers.due:
        record = unit.orders.get(number)
        ours = record.partner == partner and record.live in lives and record.state != "HELD"
        if ours and not waits(unit, f"ship:{number}"):
            yield record
    for record in every(unit.orders, partner=partner, state="ANSWERED", live=lives):
        timed = record.id in timers.later or record.id in timers.due
        if not timed and has_more(unit, record) and not waits(unit, f"ship:{record.id}"):
            yield record


def _to_bill(unit: Unit, partner: str, lives: tuple[bool, ...]) -> Iterator[ShipmentRecord]:
    shipped = (every(unit.orders, partner=partner, state=state, live=lives) for state in ("PART_SHIPPED", "SHIPPED"))
    for order in merge(*shipped, key=attrgetter("id")):  # asked for both at once, SQLite walks through all orders
        if not waits(unit, f"bill:{order.id}"):
            yield from unit.shipments.select(order_id=order.id, invoice_number=None)
