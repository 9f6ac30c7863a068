"""What follows from an answer: what would be shipped, and what would be invoiced for it.

The very functions that ship and bill say it, on paper: nothing is stored, no number is taken, no document written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from edi_engine.finding import Finding
from edi_engine.flow.answer import map_for
from edi_engine.flow.books import Books
from edi_engine.flow.fulfil import auto_ships
from edi_engine.orders.bill import bill
from edi_engine.orders.charges import net_of
from edi_engine.orders.decision import Answer, AnswerLine, LineAnswer
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.order import Charge, PurchaseOrder, Terms
from edi_engine.orders.packs import packed
from edi_engine.orders.plan import due, ship_plan
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import Dispatch, ShipInstruction, ship
from edi_engine.orders.shipment import Shipment, quantities
from edi_engine.orders.sscc import sscc
from edi_engine.partners.partner import Partner

_EXAMPLE: Final = "0000000"
"""In the place of our company prefix and of the numbers that are not taken."""


@dataclass(frozen=True, slots=True)
class Going:
    """What ships of one line, in the line's unit, and what it costs before its charges (None: it is not billed)."""

    position: int
    quantity: Decimal
    unit: str | None
    unit_price: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One shipment and its invoice. `on` is the day on which it leaves, None for at once.

    `total` is what its 810 would come to: the lines and the `net` of the charges. None where it is not billed.
    """

    on: dt.date | None
    lines: tuple[Going, ...]
    cartons: int
    charges: tuple[Charge, ...] = ()
    net: Decimal = Decimal(0)
    total: Decimal | None = None
    terms: tuple[Terms, ...] = ()
    discount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an answer leads to, if all that it promises is shipped: one part, or one for each day of shipping.

    `total` is the money of all invoices; None where nothing is billed (`billed` is False: the order has no financial
    value) and where `findings` say what stands in the way. `sets` are the documents that the partner's maps write.
    """

    currency: str | None
    billed: bool
    sets: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    total: Decimal | None = None
    findings: tuple[Finding, ...] = ()


def forecast(books: Books, partner: Partner, answer: Answer, facts: Facts, *, live: bool) -> Forecast:
    """Ship and bill on paper what an answer promises, as it would go by itself, else all at once."""
    order, now, day = answer.order, partner.local(books.clock.now()), books.today(partner)
    items = packed(facts.items, order, partner.policy)
    waves: Sequence[tuple[dt.date | None, ShipInstruction]] = ()
    if any(line.quantity_accepted for line in answer.lines):
        waves = _waves(partner, answer, day) if auto_ships(partner, live=live) else ((None, ShipInstruction()),)
    shipments: list[Shipment] = []
    parts: list[Part] = []
    faults: tuple[Finding, ...] = ()
    serials = count()
    for on, instruction in waves:
        dispatch = Dispatch(
            number=_EXAMPLE,
            when=dt.datetime.combine(on, dt.time(), ZoneInfo(partner.clocks.zone)) if on else now,
            sscc=lambda: sscc(_EXAMPLE, "0", next(serials)),
        )
        gone = quantities(shipments)
        made, faults = ship(instruction, answer, gone, items, dispatch, stores_shipped=shipped_to_stores(shipments))
        if made is None:
            break
        part, faults = _part(on, made, answer, items, partner, on or day, before=gone)
        shipments.append(made)
        parts.append(part)
        if faults:
            break
    totals = [part.total for part in parts if part.total is not None]
    whole = not faults and partner.policy.bills(order)
    return Forecast(
        order.currency or partner.policy.currency,
        partner.policy.bills(order),
        tuple(set_id for set_id in ("856", "810") if map_for(partner, set_id, order) is not None),
        tuple(parts),
        sum(totals, Decimal(0)) if whole else None,
        faults,
    )


def as_ordered(order: PurchaseOrder) -> Answer:
    """Give the answer that promises all of an order as the partner wrote it: what anything else is compared with."""
    lines = tuple(
        AnswerLine(
            line,
            "accepted",
            (LineAnswer("accepted", line.quantity, line.unit, unit_price=line.unit_price),),
            unit_price=line.unit_price,
        )
        for line in order.lines
    )
    return Answer(order, "accepted", lines)


def _waves(partner: Partner, answer: Answer, day: dt.date) -> Sequence[tuple[dt.date | None, ShipInstruction]]:
    found = due(ship_plan(answer), {}, day, partner.fulfilment.transit_days)
    now = () if found.now is None else ((None, found.now),)
    return (*now, *((on, ShipInstruction(rows)) for on, rows in found.later))


def _part(
    on: dt.date | None,
    shipment: Shipment,
    answer: Answer,
    items: Mapping[int, ItemFact],
    partner: Partner,
    day: dt.date,
    *,
    before: Collection[int],
) -> tuple[Part, tuple[Finding, ...]]:
    cartons = len({one.pack.sscc for one in shipment.contents if one.pack is not None})
    units = {one.line.position: one.unit for one in shipment.contents}
    shipped = tuple(Going(position, quantity, units[position]) for position, quantity in quantities([shipment]).items())
    if not partner.policy.bills(answer.order):
        return Part(on, shipped, cartons), ()
    invoice, findings = bill(answer, shipment, items, partner.policy, number=_EXAMPLE, date=day, before=before)
    if invoice is None:
        return Part(on, shipped, cartons), findings
    charges = _charges(invoice)
    lines = tuple(Going(one.position, one.quantity, one.unit, one.unit_price, one.amount) for one in invoice.lines)
    return Part(on, lines, cartons, charges, net_of(charges), invoice.total, invoice.terms, invoice.discount), ()


def _charges(invoice: Invoice) -> tuple[Charge, ...]:
    return (*invoice.charges, *(one for line in invoice.lines for one in line.charges))
