"""Facts for one order, gathered once from the partner's tables before the rules run."""

from __future__ import annotations

from datetime import date

from edi_engine.orders.facts import EarlierOrder, Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.partners.partner import Partner


def gather(order: PurchaseOrder, partner: Partner, today: date, earlier: EarlierOrder | None, live: bool) -> Facts:  # noqa: FBT001
    """Give what the rules may know: the items that the lines name, the known ship-to ids, the order booked before.

    `today` is the partner's day. A line whose item no row names has no fact. Without a ship-to table, every ship-to
    is known.
    """
    ship_tos = partner.ship_tos
    found = ((line.position, partner.items.find(line)) for line in order.lines)
    return Facts(
        today=today,
        items={position: fact for position, fact in found if fact is not None},
        ship_tos=None if ship_tos is None else ship_tos.ids,
        earlier=earlier,
        live=live,
        ship_to_source=None if ship_tos is None else ship_tos.source,
    )
