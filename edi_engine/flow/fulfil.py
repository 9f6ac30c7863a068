"""After the answer: the 856 in the commit of the shipment, the 810 in the commit of the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import draft, map_for
from edi_engine.flow.book import today
from edi_engine.flow.cases import Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.documents import Draft, Source, destination, post
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord, ShipmentRecord
from edi_engine.flow.wording import a_or_an, amount, counted
from edi_engine.orders.bill import InvoiceInstruction, bill
from edi_engine.orders.decide import money_held
from edi_engine.orders.decision import Answer, LineVerdict
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.lifecycle import order_state
from edi_engine.orders.order import Party, PurchaseOrder
from edi_engine.orders.packs import packed
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import Dispatch, ShipInstruction, ship
from edi_engine.orders.shipment import Shipment
from edi_engine.orders.sscc import sscc
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner
from edi_engine.partners.routes import carrier_for

SHIPPABLE = ("ANSWERED", "PART_SHIPPED")
_WAITING = {"ship": ("ANSWERED", "PART_SHIPPED"), "bill": ("PART_SHIPPED", "SHIPPED")}
"""The lines that wait for each step."""

NO_INSTRUCTION = InvoiceInstruction()
UNBILLED = "not billed"
"""In the place of an invoice number, for a shipment of an order without financial value."""
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


def ship_order(
    office: Office, record: OrderRecord, instruction: ShipInstruction, *, by_hand: bool = False
) -> Fulfilled:
    """Record a shipment of an answered order and put its 856 into the outbox, or say why not.

    What stops work that goes by itself opens a case; a person (`by_hand`) is told at once.
    """
    partner = office.partner(record.partner)
    if record.answer_json is None or record.state not in SHIPPABLE:
        return Fulfilled(None, None, (_not_now(record, "shipped", f"it is {_words(record.state)}"),))
    answer = from_json(Answer, record.answer_json)
    if not any(map_for(partner, set_id, answer.order) for set_id in ("856", "810")):
        return _unfit(office, record, "ship", (_no_map(partner, record, "856"),), by_hand=by_hand)
    items = _items(office, record, partner, answer)
    try:
        with office.ledger.unit("fulfil.shipped") as unit:
            return _ship(office, unit, record, instruction, partner, answer, items)
    except Unfit as unfit:
        return _unfit(office, record, "ship", unfit.findings, by_hand=by_hand)


def _items(office: Office, record: OrderRecord, partner: Partner, answer: Answer) -> dict[int, ItemFact]:
    items = gather(answer.order, partner, today(office, partner), None, live=record.live).items
    return dict(packed(items, answer.order, partner.policy))


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

    def carton() -> str:
        prefix = partner.fulfilment.sscc_prefix
        if not prefix:
            raise Unfit((_no_prefix(partner, record),))
        return sscc(prefix, EXTENSION, take(f"SSCC {prefix}"))

    faults = _used_before(unit, record, instruction)
    if faults:
        raise Unfit(faults)
    number = instruction.number or f"S{take('shipment'):07d}"
    while instruction.number is None and unit.shipments.one(number=number) is not None:  # a person has used it
        number = f"S{take('shipment'):07d}"
    dispatch = Dispatch(
        number=number,
        when=office.clock.now().astimezone(ZoneInfo(partner.clocks.zone)),
        sscc=carton,
        parties=_parties(partner),
        carrier=_carrier(partner, answer.order),
    )
    before = [from_json(Shipment, one.body_json) for one in unit.shipments.select(order_id=record.id)]
    served = shipped_to_stores(before)
    shipment, findings = ship(instruction, answer, already, items, dispatch, stores_shipped=served)
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
        f"shipment {number} in {counted(len({content.pack for content in shipment.contents}), 'carton')}",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(stored, document)


def _carrier(partner: Partner, order: PurchaseOrder) -> str | None:
    """Give the carrier by which an order goes: the one that its route means, else our usual one."""
    routed = carrier_for(order, partner)
    return routed if isinstance(routed, str) else partner.fulfilment.carrier


def _used_before(unit: Unit, record: OrderRecord, instruction: ShipInstruction) -> tuple[Finding, ...]:
    """Refuse a shipment number, or a carton of this order, that is on an earlier ship notice: both are unique."""
    faults: list[Finding] = []
    if instruction.number is not None and unit.shipments.one(number=instruction.number) is not None:
        faults.append(_taken("order.shipment.number", "shipment", instruction.number))
    wanted = {row.sscc for row in instruction.lines if row.sscc is not None}
    for earlier in unit.shipments.select(order_id=record.id) if wanted else ():
        packs = (content.pack for content in from_json(Shipment, earlier.body_json).contents)
        again = sorted(wanted & {pack.sscc for pack in packs if pack is not None})
        faults.extend(_taken("order.shipment.carton", "carton", sscc) for sscc in again)
    return tuple(faults)


def _taken(code: str, what: str, number: str) -> Finding:
    return Finding(
        code,
        Severity.HOLD,
        f"The {what} number {number} was used before; the partner would take this for the same {what}.",
        seen=number,
        wanted="a number of its own",
        fix="correct the instruction and give it again; without a number we choose one",
    )


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
    office: Office,
    shipped: ShipmentRecord,
    instruction: InvoiceInstruction = NO_INSTRUCTION,
    *,
    by_hand: bool = False,
) -> Fulfilled:
    """Record the invoice of a shipment (once) and put its 810 into the outbox, or say why not.

    What stops work that goes by itself opens a case; a person (`by_hand`) is told at once.
    """
    with office.ledger.reading() as unit:
        record = unit.orders.get(shipped.order_id)
    try:
        with office.ledger.unit("fulfil.billed") as unit:
            current = unit.shipments.get(shipped.id)
            if current.invoice_number is not None:
                reason = f"shipment {current.number} is invoiced already as {current.invoice_number}"
                return Fulfilled(None, None, (_not_now(record, "invoiced", reason),))
            return _bill(office, unit, record, current, instruction)
    except Unfit as unfit:
        return _unfit(office, record, "bill", unfit.findings, by_hand=by_hand)


def _close_unbilled(office: Office, unit: Unit, record: OrderRecord, shipped: ShipmentRecord) -> Fulfilled:
    """Close what was shipped of an order without financial value: it is never billed."""
    closed = unit.shipments.change(shipped, invoice_number=UNBILLED)
    for line in unit.lines.select(order_id=record.id, state="SHIPPED"):
        unit.lines.change(line, state="CLOSED")
    _derive(unit, record)
    settle_cases(office, unit, f"bill:{record.id}", how="not billed")
    office.note(
        unit,
        "order closed",
        f"order:{record.id}",
        f"shipment {shipped.number} is not billed: the partner sent the order without financial value",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(closed, None)


def _bill(
    office: Office, unit: Unit, record: OrderRecord, shipped: ShipmentRecord, instruction: InvoiceInstruction
) -> Fulfilled:
    partner = office.partner(record.partner)
    answer = from_json(Answer, record.answer_json or "")
    if not partner.policy.bills(answer.order):
        return _close_unbilled(office, unit, record, shipped)
    if map_for(partner, "810", answer.order) is None:
        raise Unfit((_no_map(partner, record, "810"),))
    number, taken = _invoice_number(unit, instruction)
    invoiced = [one for one in unit.shipments.select(order_id=record.id) if one.invoice_number is not None]
    invoice, findings = bill(
        answer,
        from_json(Shipment, shipped.body_json),
        _items(office, record, partner, answer),
        partner.policy,
        number=number,
        date=instruction.date or today(office, partner),
        first=not invoiced,
        note=instruction.note,
    )
    if invoice is None:
        raise Unfit(findings)
    billed = unit.shipments.change(shipped, invoice_number=invoice.number, invoice_json=to_json(invoice))
    document = _post(office, unit, record, "810", invoice, answer, billed)
    if document is not None:
        for one in taken:
            unit.numbers.link("invoice", one, document.id)
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
        f"invoice {invoice.number} over {amount(invoice.total, record.currency)} for shipment {shipped.number}",
        order_id=record.id,
        partner=record.partner,
    )
    return Fulfilled(billed, document)


def _invoice_number(unit: Unit, instruction: InvoiceInstruction) -> tuple[str, list[int]]:
    """Give the invoice's number, and what was taken of our own sequence for it. No number is ever billed twice."""
    wanted = instruction.number
    if wanted is not None:
        if unit.shipments.one(invoice_number=wanted) is not None:
            raise Unfit((_taken("order.invoice.number", "invoice", wanted),))
        return wanted, []
    taken: list[int] = []
    while True:
        taken.append(unit.numbers.take("invoice"))
        number = f"I{taken[-1]:07d}"
        if unit.shipments.one(invoice_number=number) is None:  # a person may have used it
            return number, taken


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


def _no_map(partner: Partner, record: OrderRecord, set_id: str) -> Finding:
    """Say that nothing may be recorded that the partner would never hear of."""
    what = "shipped" if set_id == "856" else "invoiced"
    return Finding(
        "order.fulfilment.map",
        Severity.HOLD,
        f"Order {record.po_number} cannot be {what}: {partner.title} has no map that writes {a_or_an(set_id)} for it.",
        seen=f"no {set_id}",
        wanted=f"a map under maps: {set_id}:",
        source=partner.source,
        fix=f"add {a_or_an(set_id)} map to {partner.source} and try again; or do it outside of this program",
    )


def _words(state: str) -> str:
    return state.lower().replace("_", " ")


def _unfit(
    office: Office, record: OrderRecord, step: str, findings: tuple[Finding, ...], *, by_hand: bool
) -> Fulfilled:
    if by_hand:
        return Fulfilled(None, None, findings)
    partner = office.partner(record.partner)
    order = from_json(PurchaseOrder, record.body_json)
    facts = gather(order, partner, today(office, partner), None, live=record.live)
    with office.ledger.unit("fulfil.held") as unit:
        open_lines = unit.lines.select(order_id=record.id, state=_WAITING[step])
        received = unit.sets.get(record.set_id)
        waiting = Waiting(
            f"{step}:{record.id}",
            step,
            record.at,
            partner=record.partner,
            po_number=record.po_number,
            order_id=record.id,
            file_id=unit.interchanges.get(received.interchange_id).file_id,
            money_held=money_held(order, facts, (LineVerdict(line.position, ()) for line in open_lines)),
            currency=record.currency,
            deadline=record.at + partner.clocks.answer,
        )
        for same in by_kind(findings).values():
            open_case(office, unit, waiting, same)
    return Fulfilled(None, None, findings)
