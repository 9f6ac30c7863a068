"""Facts that the rules compare an order with, gathered once before they run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.finding import Finding
from edi_engine.orders.order import PurchaseOrder


@dataclass(frozen=True, slots=True)
class ItemFact:
    """What we know of one of our items, for this partner.

    `price` is for one `price_unit` (default EA). `case_pack` is how many EA a case (CA) holds. `stock` counts EA;
    None means that stock is not tracked here. `source` is the table row, as `file:line`.
    """

    item: str
    price: Decimal | None = None
    price_unit: str = "EA"
    case_pack: Decimal | None = None
    stock: Decimal | None = None
    description: str | None = None
    discontinued: bool = False
    gtin: str | None = None
    source: str | None = None
    weight: Decimal | None = None
    """Gross weight of one EA in pounds (LB), for the ship notice."""


@dataclass(frozen=True, slots=True)
class EarlierOrder:
    """An order with the same identity that is already booked.

    `shipped` says that something of it left, where `state` (such as HELD) does not tell.
    """

    order: PurchaseOrder
    received_on: dt.date
    state: str
    shipped: bool = False

    @property
    def begun(self) -> bool:
        """Whether something of it has left, or been billed: it can no longer be called off or replaced."""
        return self.shipped or self.state in {"PART_SHIPPED", "SHIPPED", "INVOICED", "CLOSED"}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may know beside the order and the policy.

    `today` is the partner's day. `items` gives the fact for a line's position. `ship_tos` are the known ship-to ids,
    None where the partner has no ship-to table; `stores` are the known stores of an SDQ in the same way. `unlisted` is
    what a line does whose item no row names: hold, or pass (it goes on as it stands). `unrouted` says that no carrier
    of ours is known for the order's route.
    """

    today: dt.date
    items: dict[int, ItemFact]
    ship_tos: frozenset[str] | None = None
    ship_to_source: str | None = None
    stores: frozenset[str] | None = None
    store_source: str | None = None
    unlisted: str = "hold"
    unrouted: Finding | None = None
