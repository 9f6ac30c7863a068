"""Routes: how the partner wants the goods to travel is something that we can do."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.route": {
        ACCEPT_THEIRS: "The order goes on; it is shipped by our usual carrier, or by the one that is named then.",
        REJECT_LINE: "The whole order is rejected; the 855 says so for every line.",
    },
}
REASON: Final = "route"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order whose route no table turns into a carrier of ours, so that it is known before it ships."""
    del order, policy
    return () if facts.unrouted is None else (facts.unrouted,)


def unknown(said: str, source: str) -> Finding:
    """Say that no row of the table of routes (`source`) knows what the order says of its route."""
    return Finding(
        code="order.route.unknown",
        severity=Severity.HOLD,
        message=f"No row of the partner's routes says which carrier is meant by {said}.",
        where=on_order("routes"),
        seen=said,
        wanted="a route that the table knows",
        fix="Add the route with our carrier to the partner's table and retry, or let it go by the usual carrier.",
        source=source,
    )
