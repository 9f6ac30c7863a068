"""After the answer: the 856 in the commit of the shipment, the 810 in the commit of the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import draft
from edi_engine.flow.cases import Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.documents import Draft, Source, destination, post
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord, ShipmentRecord
from edi_engine.orders.bill import InvoiceInstruction, bill
from edi_engine.orders.decision import Answer
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.lifecycle import order_state
from edi_engine.orders.order import Party
from edi_engine.orders.ship import Dispatch, ShipInstruction, ship
from edi_engine.orders.shipment import Shipment
from edi_engine.orders.sscc import sscc
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner

SHIPPABLE = ("ANSWERED", "PART_SHIPPED")
NO_INSTRUCTION = InvoiceInstruction()
EXTENSION = "0"
"""The first digit of our SSCCs."""


class Unfit(Exception):
    """A document may not be sent; the commit that would have numbered it is undone."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep why."""
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What a shipment or invoice came to: its document (None where the partner wants none), or why there is none."""

    record: ShipmentRecord | None
    document: DocumentRecord | None
    findings: tuple[Finding, ...] = ()


def auto_ships(partner: Partner, *, live: bool) -> bool:
    """Say whether orders of this partner ship by themselves. For live ones its file must say so in words."""
    return partner.fulfilment.mode == "auto" and (not live or bool(partner.fulfilment.auto_live))


def ship_order(office: Office, record: OrderRecord, instruction: ShipInstruction) -> Fulfilled:
    """Record a shipment of an answered order and put its 856 into the outbox; or open a case that says why not."""
    partner = office.edition.partners[record.partner]
    if record.answer_json is None or record.state not in SHIPPABLE:
        return Fulfilled(None, None, (_not_now(record, "shipped", record.state),))
    answer = from_json(Answer, record.answer_json)
    items = _items(office, record, partner, answer)
    try:
        with office.ledger.unit("fulfil.shipped") as unit:
            done = _ship(office, unit, record, instruction, partner, answer, items)
    except Unfit as unfit:
        return _unfit(office, record, "ship", unfit.findings)
    return done


def _items(office: Office, record: OrderRecord, partner: Partner, answer: Answer) -> dict[int, ItemFact]:
    today = office.clock.now().astimezone(ZoneInfo(partner.clocks.zone)).date()
    return dict(gather(answer.order, partner, today, None, live=record.live).items)


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
    taken: list[tuple[str, int]] = []

    def take(scope: str) -> int:
        number = unit.numbers.take(scope)
        taken.append((scope, number))
        return number

    prefix = partner.fulfilment.sscc_prefix
    number = instruction.number or f"S{take('shipment'):07d}"
    dispatch = Dispatch(
        number=number,
        when=office.clock.now().astimezone(ZoneInfo(partner.clocks.zone)),
        sscc=lambda: sscc(prefix, EXTENSION, take(f"SSCC {prefix}")),
        parties=_parties(partner),
        carrier=partner.fulfilment.carrier,
    )
    shipment, findings = ship(instruction, answer, already, items, dispatch)
    if shipment is None:
        raise Unfit(findings or (_not_now(record, "shipped", "nothing of it was accepted"),))
    stored = unit.shipments.add(
        ShipmentRecord(
            order_id=record.id, number=number, body_json=to_json(shipment), at=office.clock.now(), os_user=office.who
        )
    )
    document = _post(office, unit, record, "856", shipment, answer, stored)
    for scope, one in taken:
        if document is not None:
            unit.numbers.link(scope, one, document.id)
    for position, quantity in _quantities(shipment).items():
        line = lines[position]
        total = line.shipped + quantity
        unit.lines.change(line, shipped=total, state="SHIPPED" if total >= line.accepted else "PART_SHIPPED")
    _derive(unit, record)
    settle_cases(office, unit, f"ship:{record.id}", how="shipped")
    office.note(
        unit,
        "order shipped",
        f"order:{record.id}",
        f"shipment {number} in {len({content.pack for content in shipment.contents})} cartons",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(stored, document)


def _parties(partner: Partner) -> tuple[Party, ...]:
    """Give our own parties, such as ship_from and remit_to; the order's come along with its answer."""
    return tuple(Party(role=role, **dict[str, Any](fields)) for role, fields in partner.parties.items())


def _quantities(shipment: Shipment) -> dict[int, Decimal]:
    """Give what a shipment holds, by line position, in the line's unit."""
    found: dict[int, Decimal] = {}
    for content in shipment.contents:
        found[content.line.position] = found.get(content.line.position, Decimal(0)) + content.quantity
    return found


def _post(
    office: Office,
    unit: Unit,
    record: OrderRecord,
    set_id: str,
    value: Shipment | Invoice,
    answer: Answer,
    stored: ShipmentRecord,
) -> DocumentRecord | None:
    made = draft(office, set_id, value, answer.order, destination(office, unit, record.set_id))
    if isinstance(made, Draft):
        source = Source(f"shipment:{stored.id}", order_id=record.id, shipment_id=stored.id)
        return post(office, unit, made, source)
    if made:
        raise Unfit(made)
    return None


def bill_shipment(
    office: Office, shipped: ShipmentRecord, instruction: InvoiceInstruction = NO_INSTRUCTION
) -> Fulfilled:
    """Record the invoice of a shipment (once) and put its 810 into the outbox; or open a case that says why not."""
    with office.ledger.reading() as unit:
        current = unit.shipments.get(shipped.id)
        record = unit.orders.get(current.order_id)
        earlier = [one for one in unit.shipments.select(order_id=record.id) if one.invoice_number is not None]
    if current.invoice_number is not None or record.answer_json is None:
        reason = f"shipment {current.number} is invoiced already as {current.invoice_number}"
        return Fulfilled(None, None, (_not_now(record, "invoiced", reason),))
    answer = from_json(Answer, record.answer_json)
    try:
        with office.ledger.unit("fulfil.billed") as unit:
            return _bill(office, unit, record, current, answer, instruction, first=not earlier)
    except Unfit as unfit:
        return _unfit(office, record, "bill", unfit.findings)


def _bill(
    office: Office,
    unit: Unit,
    record: OrderRecord,
    shipped: ShipmentRecord,
    answer: Answer,
    instruction: InvoiceInstruction,
    *,
    first: bool,
) -> Fulfilled:
    partner = office.edition.partners[record.partner]
    number = None if instruction.number else unit.numbers.take("invoice")
    today = office.clock.now().astimezone(ZoneInfo(partner.clocks.zone)).date()
    invoice, findings = bill(
        answer,
        from_json(Shipment, shipped.body_json),
        _items(office, record, partner, answer),
        partner.policy,
        number=instruction.number or f"I{number:07d}",
        date=instruction.date or today,
        first=first,
        note=instruction.note,
    )
    if invoice is None:
        raise Unfit(findings)
    billed = unit.shipments.change(shipped, invoice_number=invoice.number, invoice_json=to_json(invoice))
    document = _post(office, unit, record, "810", invoice, answer, billed)
    if document is not None and number is not None:
        unit.numbers.link("invoice", number, document.id)
    for line in unit.lines.select(order_id=record.id, state=("SHIPPED", "PART_SHIPPED")):
        part = sum((one.quantity for one in invoice.lines if one.position == line.position), Decimal(0))
        total = line.invoiced + part
        state = "INVOICED" if line.state == "SHIPPED" and total >= line.accepted else line.state
        unit.lines.change(line, invoiced=total, state=state)
    _derive(unit, record)
    settle_cases(office, unit, f"bill:{record.id}", how="invoiced")
    office.note(
        unit,
        "order invoiced",
        f"order:{record.id}",
        f"invoice {invoice.number} over {invoice.total} for shipment {shipped.number}",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(billed, document)


def _derive(unit: Unit, record: OrderRecord) -> None:
    """Bring the order's state in line with those of its lines."""
    current = unit.orders.get(record.id)
    state = order_state(line.state for line in unit.lines.select(order_id=record.id))
    if state != current.state:
        unit.orders.change(current, state=state)


def _not_now(record: OrderRecord, what: str, why: str) -> Finding:
    return Finding(
        "order.state",
        Severity.HOLD,
        f"Order {record.po_number} cannot be {what}: {why}.",
        seen=record.state,
        fix=f"see `edi orders show {record.id}`",
    )


def _unfit(office: Office, record: OrderRecord, step: str, findings: tuple[Finding, ...]) -> Fulfilled:
    partner = office.edition.partners[record.partner]
    with office.ledger.unit("fulfil.held") as unit:
        for same in by_kind(findings).values():
            waiting = Waiting(
                f"{step}:{record.id}",
                step,
                record.at,
                partner=record.partner,
                po_number=record.po_number,
                order_id=record.id,
                deadline=record.at + partner.clocks.answer,
            )
            open_case(office, unit, waiting, same)
    return Fulfilled(None, None, findings)
