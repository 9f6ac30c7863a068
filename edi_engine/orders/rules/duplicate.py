"""Duplicates: an order whose number is booked already never ships a second time."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding
from edi_engine.orders.decision import KEEP_OURS
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.policy import Policy
from edi_engine.orders.repetition import compare

OFFERS: Final = {
    "order.duplicate": {KEEP_OURS: "This copy is linked to the booked order; nothing is booked or answered again."},
}
REASON: Final = "duplicate"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Compare the order with the one booked under its number: an equal copy is a NOTE, another content is held."""
    del policy
    return () if facts.earlier is None else compare(order, facts.earlier)
