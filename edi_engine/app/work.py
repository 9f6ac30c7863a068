"""One round of work on what the store holds: envelopes to walk, sets to judge, orders to decide, ship and bill."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from edi_engine.app.workplace import Workplace
from edi_engine.errors import EngineError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, waits
from edi_engine.flow.decide import decide_order
from edi_engine.flow.fulfil import auto_ships, bill_shipment, ship_order
from edi_engine.flow.interpret import open_file
from edi_engine.flow.judge import judge_interchange, take_up
from edi_engine.flow.office import Office
from edi_engine.flow.records import OrderRecord, ShipmentRecord
from edi_engine.orders.ship import ShipInstruction

BATCH = 100


def open_stored(office: Office, connection: str) -> int:
    """Walk the envelopes of all stored files of a connection; one that breaks us becomes a case, the others go on."""
    with office.ledger.reading() as unit:
        stored = [
            record
            for record in unit.files.select(connection=connection, state="STORED", limit=BATCH)
            if not waits(unit, f"file:{record.id}")
        ]
    for record in stored:
        guarded(office, f"file:{record.id}", "open", partial(open_file, office, record), file=record.name)
    return len(stored)


def guarded(office: Office, subject: str, step: str, act: Callable[[], object], *, file: str | None = None) -> None:
    """Do one thing; if it breaks us, keep it as a case so that only it waits."""
    try:
        act()
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001 (a bug of ours must stop one thing, not a lane)
        finding = Finding(
            "system.bug",
            Severity.HOLD,
            f"{subject.replace(':', ' ')} broke our program ({type(error).__name__}: {error}); nothing of it is lost.",
            Position(file=file),
            fix="report it; retry the case after an update",
        )
        with office.ledger.unit("bug.kept") as unit:
            open_case(office, unit, Waiting(subject, step, office.clock.now()), [finding])


def work_through(place: Workplace, office: Office, partner: str) -> int:
    """Do one round of a partner's work. Gives how many things moved on."""
    moved = 0
    with office.ledger.reading() as unit:
        interchanges = unit.interchanges.select(partner=partner, direction="in", state="OPENED", limit=BATCH)
    for record in interchanges:
        pinned = place.office(office.ledger, place.named_edition(record.edition))
        opened = take_up(pinned, record)
        if opened is not None:
            before = _unjudged(office, record.id)
            judge_interchange(pinned, opened)
            moved += before != _unjudged(office, record.id)
    with office.ledger.reading() as unit:
        orders = [
            record
            for record in unit.orders.select(partner=partner, state="OPEN", limit=BATCH)
            if not waits(unit, f"order:{record.id}")
        ]
    for booked in orders:
        guarded(office, f"order:{booked.id}", "decide", partial(decide_order, office, booked))
    moved += len(orders)
    for order in to_ship(office, partner):
        guarded(office, f"ship:{order.id}", "ship", partial(ship_order, office, order, ShipInstruction()))
        moved += 1
    for shipment in to_bill(office, partner):
        subject = f"bill:{shipment.order_id}"
        guarded(office, subject, "bill", partial(bill_shipment, office, shipment))
        moved += 1
    return moved


def _unjudged(office: Office, interchange_id: int) -> tuple[str, int]:
    with office.ledger.reading() as unit:
        state = unit.interchanges.get(interchange_id).state
        return state, unit.sets.count(interchange_id=interchange_id, state="RECEIVED")


def to_ship(office: Office, name: str) -> list[OrderRecord]:
    """Give the answered orders that ship by themselves now."""
    partner = office.edition.partners.get(name)
    if partner is None or partner.fulfilment.mode != "auto":
        return []
    with office.ledger.reading() as unit:
        return [
            record
            for record in unit.orders.select(partner=name, state="ANSWERED", limit=BATCH)
            if auto_ships(partner, live=record.live) and not waits(unit, f"ship:{record.id}")
        ]


def to_bill(office: Office, name: str) -> list[ShipmentRecord]:
    """Give the shipments that are billed by themselves now."""
    partner = office.edition.partners.get(name)
    if partner is None or partner.fulfilment.mode != "auto":
        return []
    with office.ledger.reading() as unit:
        found: list[ShipmentRecord] = []
        for shipment in unit.shipments.select(invoice_number=None, limit=BATCH):
            order = unit.orders.get(shipment.order_id)
            mine = order.partner == name and auto_ships(partner, live=order.live)
            if mine and not waits(unit, f"bill:{order.id}"):
                found.append(shipment)
        return found
