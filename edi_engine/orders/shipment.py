"""The shipment: what left our dock, as the facts from which every ASN structure is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.orders.order import OrderLine, Party, PurchaseOrder


@dataclass(frozen=True, slots=True)
class Tare:
    """A pallet. `sscc` has 18 digits."""

    sscc: str | None = None
    packaging: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A carton. `sscc` has 18 digits, its last one the check digit."""

    sscc: str | None = None
    tracking: str | None = None
    packaging: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Subpack:
    """An inner pack of a carton. `sscc` has 18 digits."""

    sscc: str | None = None
    packaging: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """One row for each order line in each pack. `quantity` is in `unit`."""

    order: PurchaseOrder
    line: OrderLine
    quantity: Decimal
    unit: str
    pack: Pack | None = None
    tare: Tare | None = None
    store: str | None = None
    lot: str | None = None
    expires: dt.date | None = None
    subpack: Subpack | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment of one or more orders. `number` is ours and unique (BSN02)."""

    number: str
    date: dt.date
    time: dt.time
    contents: tuple[Content, ...]
    purpose: str = "original"
    shipped_on: dt.date | None = None
    deliver_on: dt.date | None = None
    bill_of_lading: str | None = None
    master_bill: str | None = None
    tracking: str | None = None
    carrier: str | None = None
    mode: str | None = None
    service: str | None = None
    route: str | None = None
    freight_terms: str | None = None
    trailer: str | None = None
    seal: str | None = None
    package_count: Decimal | None = None
    packaging: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    parties: tuple[Party, ...] = ()


def quantities(shipments: Iterable[Shipment]) -> dict[int, Decimal]:
    """Give what shipments of one order hold, by line position, in the line's unit."""
    found: dict[int, Decimal] = {}
    for content in (content for shipment in shipments for content in shipment.contents):
        found[content.line.position] = found.get(content.line.position, Decimal(0)) + content.quantity
    return dict(sorted(found.items()))
