"""Billing: the 810 in the commit of the invoice, once for each shipment."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from edi_engine.erp.json import from_json, to_json
from edi_engine.flow.answer import map_for
from edi_engine.flow.cases import settle_cases
from edi_engine.flow.fulfilled import Fulfilled, Unfit, derive, items_of, no_map, not_now, put_out, taken, unfit
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import LineRecord, OrderRecord, ShipmentRecord
from edi_engine.flow.wording import amount
from edi_engine.orders.bill import InvoiceInstruction, bill
from edi_engine.orders.decision import Answer
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.shipment import Shipment

NO_INSTRUCTION: Final = InvoiceInstruction()
UNBILLED: Final = "not billed"
"""In the place of an invoice number, for a shipment of an order without financial value."""


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
                return Fulfilled(None, None, (not_now(record, "invoiced", reason),))
            return _bill(office, unit, record, current, instruction)
    except Unfit as stopped:
        return unfit(office, record, "bill", stopped.findings, by_hand=by_hand)


def _close_unbilled(office: Office, unit: Unit, record: OrderRecord, shipped: ShipmentRecord) -> Fulfilled:
    """Close what was shipped of an order without financial value: it is never billed."""
    closed = unit.shipments.change(shipped, invoice_number=UNBILLED)
    closing = unit.lines.select(order_id=record.id, state="SHIPPED")
    unit.lines.change_all([(line, {"state": "CLOSED"}) for line in closing])
    derive(unit, record)
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
        raise Unfit((no_map(partner, record, "810"),))
    number, numbers = _invoice_number(unit, instruction)
    invoiced = [one for one in unit.shipments.select(order_id=record.id) if one.invoice_number is not None]
    invoice, findings = bill(
        answer,
        from_json(Shipment, shipped.body_json),
        items_of(office, partner, answer),
        partner.policy,
        number=number,
        date=instruction.date or office.today(partner),
        before=_billed_before(invoiced),
        note=instruction.note,
    )
    if invoice is None:
        raise Unfit(findings)
    billed = unit.shipments.change(shipped, invoice_number=invoice.number, invoice_json=to_json(invoice))
    document = put_out(office, unit, record, "810", invoice, answer, billed)
    if document is not None:
        for one in numbers:
            unit.numbers.link("invoice", one, document.id)
    shipped_lines = unit.lines.select(order_id=record.id, state=("SHIPPED", "PART_SHIPPED"))
    unit.lines.change_all([(line, _invoiced(line, invoice)) for line in shipped_lines])
    derive(unit, record)
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


def _invoiced(line: LineRecord, invoice: Invoice) -> dict[str, object]:
    """Give what changes of a line by an invoice."""
    total = line.invoiced + sum((one.quantity for one in invoice.lines if one.position == line.position), Decimal(0))
    done = line.state == "SHIPPED" and total >= line.shipped
    return {"invoiced": total, "state": "INVOICED" if done else line.state}


def _billed_before(invoiced: Iterable[ShipmentRecord]) -> frozenset[int]:
    """Give the positions that earlier invoices bill."""
    written = (one.invoice_json for one in invoiced)
    earlier = (from_json(Invoice, text) for text in written if text is not None)
    return frozenset(line.position for invoice in earlier for line in invoice.lines)


def _invoice_number(unit: Unit, instruction: InvoiceInstruction) -> tuple[str, list[int]]:
    """Give the invoice's number, and what was taken of our own sequence for it. No number is ever billed twice."""
    wanted = instruction.number
    if wanted is not None:
        if unit.shipments.one(invoice_number=wanted) is not None:
            raise Unfit((taken("order.invoice.number", "invoice", wanted),))
        return wanted, []
    numbers: list[int] = []
    while True:
        numbers.append(unit.numbers.take("invoice"))
        number = f"I{numbers[-1]:07d}"
        if unit.shipments.one(invoice_number=number) is None:  # a person may have used it
            return number, numbers
