"""The invoice: what we bill for a shipment, with a total that its lines, allowances and charges add up to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.orders.order import Charge, OrderLine, Party, PurchaseOrder, Terms


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One billed line. `unit_price` is at `line.price_basis`; `amount` is what the line costs, before its charges."""

    line: OrderLine
    position: int
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    price_basis: str | None = None
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice for one shipment of one order. `total` is TDS01: lines, minus allowances, plus charges."""

    order: PurchaseOrder
    number: str
    date: dt.date
    lines: tuple[InvoiceLine, ...]
    total: Decimal
    type: str = "invoice"
    note: str | None = None
    currency: str | None = None
    terms: tuple[Terms, ...] = ()
    charges: tuple[Charge, ...] = ()
    parties: tuple[Party, ...] = ()
    discountable: Decimal | None = None
    total_after_discount: Decimal | None = None
    discount: Decimal | None = None
    shipped_on: dt.date | None = None
    deliver_on: dt.date | None = None
    bill_of_lading: str | None = None
    carrier: str | None = None
    mode: str | None = None
    route: str | None = None
    freight_terms: str | None = None
    units_shipped: Decimal | None = None
    weight_shipped: Decimal | None = None
