"""Facts for one order, gathered once from the partner's tables before the rules run."""

from __future__ import annotations

from datetime import date

from edi_engine.finding import Finding
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.partners.partner import Partner
from edi_engine.partners.routes import carrier_for


def gather(order: PurchaseOrder, partner: Partner, today: date) -> Facts:
    """Give what the rules may know: the items that the lines name, the known places, the route.

    `today` is the partner's day. A line whose item no row names has no fact. Without a table of ship-to places, or of
    stores, every one is known.
    """
    ship_tos, stores = partner.ship_tos, partner.stores
    routed = carrier_for(order, partner)
    found = ((line.position, partner.items.find(line)) for line in order.lines)
    return Facts(
        today=today,
        items={position: fact for position, fact in found if fact is not None},
        ship_tos=None if ship_tos is None else ship_tos.ids,
        ship_to_source=None if ship_tos is None else ship_tos.source,
        stores=None if stores is None else stores.ids,
        store_source=None if stores is None else stores.source,
        unlisted=partner.unlisted,
        unrouted=routed if isinstance(routed, Finding) else None,
    )
