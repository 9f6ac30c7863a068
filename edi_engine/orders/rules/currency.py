"""Currency: an order in another currency than agreed is never compared or converted."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {"order.currency": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."}}
REASON: Final = "currency"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order in a currency that was not agreed on; an order that names none is in the partner's."""
    del facts
    if order.currency is None or order.currency == policy.currency:
        return ()
    return (
        Finding(
            code="order.currency.differs",
            severity=Severity.HOLD,
            message=f"The order is in {order.currency}; agreed on is {policy.currency}.",
            where=on_order("currency"),
            seen=order.currency,
            wanted=policy.currency,
            fix="Ask the partner; if they changed their currency, change it in the partner file and retry.",
        ),
    )
