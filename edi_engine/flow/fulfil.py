"""Shipping: the 856 in the commit of the shipment; what ships by itself leaves on its day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import map_for
from edi_engine.flow.cases import settle_cases
from edi_engine.flow.fulfilled import Fulfilled, Unfit, derive, items_of, no_map, not_now, put_out, taken, unfit
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.recall import recalled
from edi_engine.flow.records import CartonRecord, LineRecord, OrderRecord, ShipmentRecord
from edi_engine.flow.ship_days import SHIPPABLE, due_today, end_timers, wait_for_next
from edi_engine.flow.wording import counted
from edi_engine.orders.decision import Answer, AnswerLine
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import Party, PurchaseOrder
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import Dispatch, ShipInstruction, ship
from edi_engine.orders.shipment import Shipment, quantities
from edi_engine.orders.sscc import sscc
from edi_engine.partners.partner import Partner
from edi_engine.partners.routes import carrier_for

PAGE: Final = 500
"""Cartons that the store is asked for at a time."""
EXTENSION: Final = "0"
"""The first digit of our SSCCs."""


def auto_ships(partner: Partner, *, live: bool) -> bool:
    """Say whether orders of this partner ship by themselves. For live ones its file must say so in words."""
    return partner.fulfilment.mode == "auto" and (not live or bool(partner.fulfilment.auto_live))


def ship_due(office: Office, record: OrderRecord) -> Fulfilled:
    """Ship what is due of an order that ships by itself; the rest waits for its day, with a timer and a note."""
    partner = office.partner(record.partner)
    if record.answer_json is not None and record.state in SHIPPABLE:
        answer = from_json(Answer, record.answer_json)
        with office.ledger.reading() as unit:
            found = due_today(office, unit, record, partner, answer)
        if found.now is not None:
            return ship_order(office, record, found.now)
        with office.ledger.unit("fulfil.planned") as unit:
            wait_for_next(office, unit, record, partner, answer)
            settle_cases(office, unit, f"ship:{record.id}", how="nothing of it is due")
    else:
        with office.ledger.unit("fulfil.planned") as unit:
            end_timers(office, unit, record)
    return Fulfilled(None, None)


def ship_order(
    office: Office, record: OrderRecord, instruction: ShipInstruction, *, by_hand: bool = False
) -> Fulfilled:
    """Record a shipment of an answered order and put its 856 into the outbox, or say why not.

    What stops work that goes by itself opens a case; a person (`by_hand`) is told at once.
    """
    partner = office.partner(record.partner)
    if record.answer_json is None or record.state not in SHIPPABLE:
        return Fulfilled(None, None, (not_now(record, "shipped", f"it is {_words(record.state)}"),))
    answer = from_json(Answer, record.answer_json)
    if not any(map_for(partner, set_id, answer.order) for set_id in ("856", "810")):
        return unfit(office, record, "ship", (no_map(partner, record, "856"),), by_hand=by_hand)
    items = items_of(office, partner, answer)
    try:
        with office.ledger.unit("fulfil.shipped") as unit:
            current = unit.orders.get(record.id)
            if current.state not in SHIPPABLE:  # its partner called it off a moment ago
                return Fulfilled(None, None, (not_now(current, "shipped", f"it is {_words(current.state)}"),))
            if not by_hand:
                _must_not_wait(office, unit, record)
            return _ship(office, unit, record, instruction, partner, answer, items)
    except Unfit as stopped:
        return unfit(office, record, "ship", stopped.findings, by_hand=by_hand)


def _must_not_wait(office: Office, unit: Unit, record: OrderRecord) -> None:
    """See that no cancel or replacement of an order waits for a person. Raises Unfit."""
    waits = recalled(office, unit, record)
    if waits:
        raise Unfit(waits)


def _ship(
    office: Office,
    unit: Unit,
    record: OrderRecord,
    instruction: ShipInstruction,
    partner: Partner,
    answer: Answer,
    items: dict[int, ItemFact],
) -> Fulfilled:
    lines = {line.position: line for line in unit.lines.select(order_id=record.id)}
    already = {position: line.shipped for position, line in lines.items()}
    numbers: list[tuple[str, int]] = []

    def take(scope: str) -> int:
        number = unit.numbers.take(scope)
        numbers.append((scope, number))
        return number

    def carton() -> str:
        prefix = partner.fulfilment.sscc_prefix
        if not prefix:
            raise Unfit((_no_prefix(partner, record),))
        if spare:
            return spare.pop()
        number = sscc(prefix, EXTENSION, take(f"SSCC {prefix}"))
        while number in given:
            number = sscc(prefix, EXTENSION, take(f"SSCC {prefix}"))
        labels.append(number)
        return number

    given = {row.sscc for row in instruction.lines if row.sscc is not None}
    labels: list[str] = []
    spare: list[str] = []
    faults = _used_before(unit, instruction)
    if faults:
        raise Unfit(faults)
    number = instruction.number or f"S{take('shipment'):07d}"
    while instruction.number is None and unit.shipments.one(number=number) is not None:  # a person has used it
        number = f"S{take('shipment'):07d}"
    dispatch = Dispatch(
        number=number,
        when=partner.local(office.clock.now()),
        sscc=carton,
        parties=_parties(partner),
        carrier=_carrier(partner, answer.order),
    )
    before = [from_json(Shipment, one.body_json) for one in unit.shipments.select(order_id=record.id)]
    served = shipped_to_stores(before)
    while True:
        shipment, findings = ship(instruction, answer, already, items, dispatch, stores_shipped=served)
        if shipment is None:
            raise Unfit(findings or (not_now(record, "shipped", "nothing of it was accepted"),))
        used = _used(unit, labels)
        if not used:
            break
        labels = [label for label in labels if label not in used]  # a person has used those
        spare = labels[::-1]
    stored = unit.shipments.add_later(
        ShipmentRecord(
            order_id=record.id, number=number, body_json=to_json(shipment), at=office.clock.now(), os_user=office.who
        )
    )
    packs = {content.pack.sscc for content in shipment.contents if content.pack is not None and content.pack.sscc}
    unit.cartons.add_all(CartonRecord(label, stored.id) for label in sorted(packs))
    document = put_out(office, unit, record, "856", shipment, answer, stored)
    for scope, one in numbers:
        if document is not None:
            unit.numbers.link(scope, one, document.id)
    answered = {line.line.position: line for line in answer.lines}
    leaving = quantities([shipment]).items()
    unit.lines.change_all(
        [(lines[position], _shipped(lines[position], quantity, answered[position])) for position, quantity in leaving]
    )
    derive(unit, record)
    if auto_ships(partner, live=record.live):
        wait_for_next(office, unit, record, partner, answer)
    settle_cases(office, unit, f"ship:{record.id}", how="shipped")
    office.note(
        unit,
        "order shipped",
        f"order:{record.id}",
        f"shipment {number} in {counted(len({content.pack for content in shipment.contents}), 'carton')}",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(stored, document)


def _used(unit: Unit, labels: Sequence[str]) -> frozenset[str]:
    """Give those of many carton labels that stand on an earlier ship notice."""
    pages = (tuple(labels[start : start + PAGE]) for start in range(0, len(labels), PAGE))
    return frozenset(one.sscc for page in pages for one in unit.cartons.select(sscc=page))


def _shipped(line: LineRecord, quantity: Decimal, answered: AnswerLine) -> dict[str, object]:
    """Give what changes of a line by what has left: first what was accepted counts, then what is owed beyond it."""
    total = line.shipped + quantity
    beyond = max(total - line.accepted, Decimal(0))
    owed = answered.quantity_backordered - beyond
    return {
        "shipped": total,
        "backordered": owed if answered.quantity_backordered else None,
        "state": "SHIPPED" if total >= line.accepted and not owed else "PART_SHIPPED",
    }


def _carrier(partner: Partner, order: PurchaseOrder) -> str | None:
    """Give the carrier by which an order goes: the one that its route means, else our usual one."""
    routed = carrier_for(order, partner)
    return routed if isinstance(routed, str) else partner.fulfilment.carrier


def _used_before(unit: Unit, instruction: ShipInstruction) -> tuple[Finding, ...]:
    """Refuse a shipment number, or a carton, that is on an earlier ship notice of whatever order: both are unique."""
    faults: list[Finding] = []
    if instruction.number is not None and unit.shipments.one(number=instruction.number) is not None:
        faults.append(taken("order.shipment.number", "shipment", instruction.number))
    wanted = sorted({row.sscc for row in instruction.lines if row.sscc is not None})
    again = [one for one in wanted if unit.cartons.one(sscc=one) is not None]
    faults.extend(taken("order.shipment.carton", "carton", one) for one in again)
    return tuple(faults)


def _parties(partner: Partner) -> tuple[Party, ...]:
    """Give our own parties, such as ship_from and remit_to; the order's come along with its answer."""
    return tuple(Party(role=role, **dict[str, Any](fields)) for role, fields in partner.parties.items())


def _no_prefix(partner: Partner, record: OrderRecord) -> Finding:
    return Finding(
        "order.fulfilment.prefix",
        Severity.HOLD,
        f"Order {record.po_number} cannot be shipped: its cartons need numbers, and {partner.source} does not say "
        "policy.fulfilment.sscc_prefix.",
        wanted="our GS1 company prefix, 7 to 10 digits",
        source=partner.source,
        fix=f"write policy: {{fulfilment: {{mode: none, sscc_prefix: ...}}}} into {partner.source}, with our GS1 "
        "company prefix; or give an sscc in each row of the shipping instruction",
    )


def _words(state: str) -> str:
    return state.lower().replace("_", " ")
