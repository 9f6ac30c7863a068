"""Purpose and type: an order that was booked although it asks for something else than being booked waits."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity, stops
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.purpose import consider

_REJECT: Final = "The whole order is rejected; the 855 says so for every line."
_ITSELF: Final = "It goes on as the order itself."
OFFERS: Final = {
    "order.purpose": {ACCEPT_THEIRS: _ITSELF, REJECT_LINE: _REJECT},
    "order.purpose.unseen": {ACCEPT_THEIRS: _ITSELF, REJECT_LINE: _REJECT},
    "order.purpose.unsupported": {REJECT_LINE: _REJECT},
    "order.purpose.not-an-order": {REJECT_LINE: _REJECT},
    "order.purpose.too-late": {},
    "order.purpose.nothing-to-cancel": {REJECT_LINE: _REJECT},
    "order.type": {REJECT_LINE: _REJECT},
}
REASON: Final = "not_served"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order that is not to be booked, or not without a person. One finding: no other rule makes sense for it.

    How it stands to the one booked before under its number was considered when it was booked itself; for one that took
    another one's place (`replaces`), that is all.
    """
    if order.replaces is not None:
        return ()
    del facts
    considered = consider(order, None, policy)
    if considered.action == "book" or stops(considered.findings):
        return considered.findings
    asked = order.purpose if considered.action != "file" or order.type != "blanket" else order.type
    return (
        Finding(
            code="order.purpose.not-an-order",
            severity=Severity.HOLD,
            message=f"Order {order.po_number} is no order to be booked, but comes as {asked}.",
            where=on_order("purpose"),
            seen=asked,
            wanted="an order to book",
            fix="Do by hand what it asks for and dismiss the case, or reject the order.",
        ),
    )
