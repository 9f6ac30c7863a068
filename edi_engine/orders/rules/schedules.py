"""Schedules: a line that is wanted in parts on several days."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy

OFFERS: Final = {"order.schedules": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."}}
REASON: Final = "not_served"


def served(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order with parts on several days. One finding for the whole of it."""
    del facts, policy
    scheduled = next((line for line in order.lines if line.schedules), None)
    if scheduled is None:
        return ()
    what = f"a schedule of deliveries on line {scheduled.position}"
    return (
        Finding(
            code="order.schedules.unsupported",
            severity=Severity.HOLD,
            message=f"The order has {what}; such an order needs a person.",
            where=on_line(scheduled, "schedules"),
            seen=what,
            wanted="one delivery",
            fix="Enter the order by hand and dismiss the case, or reject the order.",
        ).at(line=None),
    )
