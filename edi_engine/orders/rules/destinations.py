"""Destinations: an order goes to one place on one day; shares for stores and schedules wait for the next release."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_line, on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.destinations": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."},
    "order.schedules": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."},
}
REASON: Final = "not_served"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order that ships to several places or in parts. One finding: no other rule makes sense for it."""
    del facts, policy
    shared = next((line for line in order.lines if line.destinations), None)
    if shared is not None:
        stores = {(share.id_type, share.id) for line in order.lines for share in line.destinations}
        what = f"shares for {len(stores)} store{'' if len(stores) == 1 else 's'}"
        return (_one(on_line(shared, "destinations"), "destinations", what),)
    heading = {(party.id_type, party.id) for party in order.parties if party.role == "ship_to"}
    places = heading | {
        (party.id_type, party.id) for line in order.lines for party in line.parties if party.role == "ship_to"
    }
    if len(places) > 1:
        return (_one(on_order("parties"), "destinations", f"{len(places)} different ship-to places"),)
    scheduled = next((line for line in order.lines if line.schedules), None)
    if scheduled is not None:
        what = f"a schedule of deliveries on line {scheduled.position}"
        return (_one(on_line(scheduled, "schedules"), "schedules", what),)
    return ()


def _one(where: Position, field: str, what: str) -> Finding:
    """Give the one finding: it points at a line where it can, but holds the order as a whole (`where.line` is None)."""
    return Finding(
        code=f"order.{field}.unsupported",
        severity=Severity.HOLD,
        message=f"The order has {what}; until the next release such an order needs a person.",
        where=where,
        seen=what,
        wanted="one ship-to and one delivery",
        fix="Enter the order by hand and dismiss the case, or reject the order.",
    ).at(line=None)
