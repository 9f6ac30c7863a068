"""The neutral purchase order: what a partner asked for, in business words, free of X12's layout.

Codes of units, product id types and charges stay X12 codes. Quantities, prices, amounts, percents and days are
Decimal, dates are date, all other fields are text. A field that was not sent is None (or an empty tuple).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ProductId:
    """A product id with its type: an X12 product id qualifier such as UP, VN or IN."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or desk to call. `role` is X12's contact function code."""

    role: str | None = None
    name: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A number by which something is known to somebody. `type` is X12's reference identification qualifier."""

    type: str | None = None
    id: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a role in the order: ship_to, bill_to, buyer, vendor ..., or the partner's own code.

    `span` gives the kept segments that it was read from, as a half-open range of `PurchaseOrder.kept.segments`.
    """

    role: str | None = None
    name: str | None = None
    name_2: str | None = None
    id_type: str | None = None
    id: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of payment, as stated. Percents are percents (2 is 2 %), days are whole days.

    `day_of_month` is a day from 1 to 31, as in proximo terms (the 10th of next month).
    """

    type: str | None = None
    basis: str | None = None
    discount_percent: Decimal | None = None
    discount_due: dt.date | None = None
    discount_days: Decimal | None = None
    net_due: dt.date | None = None
    net_days: Decimal | None = None
    discount_amount: Decimal | None = None
    text: str | None = None
    day_of_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """An allowance or charge.

    `kind`: allowance, charge, promotion, service, none. `method` is X12's handling code (331). `code` is X12's own
    (1300); `agency_code` one of an agency's list, which `agency` (559) names: never is the one said for the other.
    """

    kind: str | None = None
    code: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    rate: Decimal | None = None
    unit: str | None = None
    quantity: Decimal | None = None
    method: str | None = None
    text: str | None = None
    agency: str | None = None
    agency_code: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """How the goods should travel."""

    order: str | None = None
    id_type: str | None = None
    carrier: str | None = None
    mode: str | None = None
    text: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free text with its kind and title."""

    kind: str | None = None
    title: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """One of several prices that a line states."""

    class_: str | None = None
    type: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    factor_type: str | None = None
    factor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PackSize:
    """How the item is packed, as the partner states it: `inner` inner packs of `size` `unit` each."""

    inner: Decimal | None = None
    size: Decimal | None = None
    unit: str | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    inner_inner: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """A store's share of a line."""

    id_type: str | None = None
    id: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A part of a line that is wanted on a day of its own."""

    quantity: Decimal | None = None
    unit: str | None = None
    date_type: str | None = None
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a kit or assortment."""

    number: str | None = None
    relation: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    ids: tuple[ProductId, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The segments of the set that the order was read from, so that a map may send any of them back later.

    Element 0 of a segment is its id. `component` and `repetition` are the delimiters that cut its elements further.
    """

    set_id: str
    version: str
    segments: tuple[tuple[str, ...], ...]
    component: str = ">"
    repetition: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order. `number` is theirs and may repeat; `position` is ours, counts from 1 and is always there.

    `price_basis` is X12's basis of unit price code (PE per each, HP per hundred, TP per thousand ...), None: per unit.
    `span` gives the kept segments of the line.
    """

    position: int
    number: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    ids: tuple[ProductId, ...] = ()
    buyer_item: str | None = None
    vendor_item: str | None = None
    gtin: str | None = None
    item: str | None = None
    description: str | None = None
    ship_not_before: dt.date | None = None
    ship_by: dt.date | None = None
    deliver_not_before: dt.date | None = None
    deliver_by: dt.date | None = None
    cancel_after: dt.date | None = None
    prices: tuple[Price, ...] = ()
    pack: PackSize | None = None
    destinations: tuple[Destination, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    charges: tuple[Charge, ...] = ()
    parties: tuple[Party, ...] = ()
    notes: tuple[Note, ...] = ()
    components: tuple[Component, ...] = ()
    span: tuple[int, int] | None = None
    in_set: int | None = None
    """Position of the line's first segment in its set (ST is 1), so that a rule's finding can point at it."""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """One purchase order as a partner sent it. `po_number` is never empty.

    `replaces` is ours: the day of the order under the same number whose place this one took, None for most.
    """

    po_number: str
    release: str | None = None
    order_date: dt.date | None = None
    purpose: str | None = None
    type: str | None = None
    currency: str | None = None
    contract: str | None = None
    department: str | None = None
    vendor_number: str | None = None
    customer_order: str | None = None
    promotion: str | None = None
    ship_not_before: dt.date | None = None
    ship_by: dt.date | None = None
    deliver_not_before: dt.date | None = None
    deliver_by: dt.date | None = None
    cancel_after: dt.date | None = None
    freight_terms: str | None = None
    stated_lines: Decimal | None = None
    stated_total: Decimal | None = None
    parties: tuple[Party, ...] = ()
    contacts: tuple[Contact, ...] = ()
    terms: tuple[Terms, ...] = ()
    charges: tuple[Charge, ...] = ()
    routes: tuple[Route, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    kept: Kept | None = None
    replaces: dt.date | None = None

    def party(self, role: str) -> Party | None:
        """Give the first party with `role`, None where there is none."""
        return next((party for party in self.parties if party.role == role), None)
