"""Terms: a discount or days that cannot be meant are said before anything is shipped on them."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.terms import TermDays, absurd, said
from edi_engine.orders.worth import worth_of

OFFERS: Final = {
    "order.terms": {
        ACCEPT_THEIRS: "The order is answered and shipped; its invoice is held, and somebody bills it by hand.",
        REJECT_LINE: "The whole order is rejected; the 855 says so for every line.",
    },
}
REASON: Final = "terms"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order whose terms the invoice would be held for, were all of it billed today."""
    if not order.terms or not policy.bills(order):
        return ()
    worth = worth_of(order, facts, policy)
    base = None if isinstance(worth, int) else worth.discountable(policy)
    found = absurd(order.terms, TermDays(facts.today, order=order.order_date), base)
    if found is None:
        return ()
    of = "" if base is None else f" for an order over {base:f}"
    return (
        Finding(
            code="order.terms.absurd",
            severity=Severity.HOLD,
            message=f"The terms of payment cannot be meant{of}: {said(found)}.",
            where=on_order("terms"),
            seen=said(found),
            wanted="a discount within the order, and no number below zero",
            fix="Ask the partner for the terms. Accept the order if you will bill it by hand, or reject it.",
        ),
    )
