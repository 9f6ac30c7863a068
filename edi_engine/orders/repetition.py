"""Repetition: how an order stands to the one that is booked under its number."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.difference import Difference, differences
from edi_engine.orders.facts import EarlierOrder
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order

IDENTICAL: Final = "order.duplicate.identical"
SHOWN: Final = 5
"""Differences that a message names; more are counted."""


def same(findings: tuple[Finding, ...]) -> bool:
    """Say whether `compare` found an equal copy that needs nobody."""
    return any(finding.code == IDENTICAL for finding in findings)


def compare(order: PurchaseOrder, earlier: EarlierOrder) -> tuple[Finding, ...]:
    """Say in one finding how an order stands to the one booked under its number."""
    received = earlier.received_on.isoformat()
    differing = differences(earlier.order, order)
    gone = earlier.state.lower()
    if not differing and earlier.state in {"CANCELLED", "REJECTED"}:
        return (
            Finding(
                code="order.duplicate.cancelled",
                severity=Severity.HOLD,
                message=f"Order {order.po_number} came on {received} already, was {gone}, and comes once more.",
                where=on_order("po_number"),
                seen=order.po_number,
                wanted="a number that was not used before",
                fix="Ask the partner whether they want the goods after all; if so, let them send a new number.",
            ),
        )
    if not differing:
        return (
            Finding(
                code=IDENTICAL,
                severity=Severity.NOTE,
                message=f"Order {order.po_number} came on {received} already, the same in all; it is not booked again.",
                where=on_order("po_number"),
                seen=order.po_number,
            ),
        )
    return (
        Finding(
            code="order.duplicate.differs",
            severity=Severity.HOLD,
            message=(
                f"Order {order.po_number} came on {received} already and is {earlier.state.lower()}; "
                f"this one differs: {_said(differing)}."
            ),
            where=on_order("po_number"),
            seen=order.po_number,
            wanted="a number that was not used before, or a change order (860)",
            fix="Ask the partner which one holds. Keep the booked one, and let changes come as an 860 or a new number.",
        ),
    )


def _said(differing: tuple[Difference, ...]) -> str:
    said = "; ".join(str(one) for one in differing[:SHOWN])
    more = len(differing) - SHOWN
    return said if more <= 0 else f"{said}; and {more} more"
