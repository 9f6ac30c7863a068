"""Purpose and type: only original orders that ship once are served; cancels, changes, copies and blankets wait."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.purpose": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."},
    "order.type": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."},
}
REASON: Final = "not_served"
TYPES: Final = frozenset({"standard", "rush", "reorder", "release", "drop_ship"})


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order that is not a plain, original one. One finding: no other rule makes sense for it."""
    del facts, policy
    if order.purpose not in {None, "original"}:
        return (
            Finding(
                code="order.purpose.unsupported",
                severity=Severity.HOLD,
                message=f"The purpose of this order is {order.purpose}; only original orders go on by themselves.",
                where=on_order("purpose"),
                seen=order.purpose,
                wanted="original",
                fix="Read the order and do by hand what it asks for, then dismiss the case; or reject the order.",
            ),
        )
    if order.type is not None and order.type not in TYPES:
        return (
            Finding(
                code="order.type.unsupported",
                severity=Severity.HOLD,
                message=f"Orders of the type {order.type} are not served yet.",
                where=on_order("type"),
                seen=order.type,
                wanted=", ".join(sorted(TYPES)),
                fix="Do by hand what the order asks for and dismiss the case, or reject the order.",
            ),
        )
    return ()
