"""Duplicates: an order whose number is booked already never ships a second time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import KEEP_OURS
from edi_engine.orders.facts import EarlierOrder, Facts
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.duplicate": {KEEP_OURS: "This copy is linked to the booked order; nothing is booked or answered again."},
}
REASON: Final = "duplicate"
IDENTICAL: Final = "order.duplicate.identical"
REPEATING: Final = frozenset({"original", "duplicate", "replace", "confirm", "resubmission", "reissue"})
"""Purposes that only say how an order relates to earlier ones, not what is ordered."""


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Compare the order with the one booked under its number: an equal copy is a NOTE, another content is held."""
    del policy
    return () if facts.earlier is None else compare(order, facts.earlier)


def same(findings: tuple[Finding, ...]) -> bool:
    """Say whether `compare` found an equal copy that needs nobody."""
    return any(finding.code == IDENTICAL for finding in findings)


def compare(order: PurchaseOrder, earlier: EarlierOrder) -> tuple[Finding, ...]:
    """Say in one finding how an order stands to the one booked under its number."""
    received = earlier.received_on.isoformat()
    differing = differences(order, earlier.order)
    if not differing and earlier.state == "CANCELLED":
        return (
            Finding(
                code="order.duplicate.cancelled",
                severity=Severity.HOLD,
                message=f"Order {order.po_number} came on {received} already, was cancelled, and comes once more.",
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
                f"this one differs in {', '.join(differing)}."
            ),
            where=on_order("po_number"),
            seen=order.po_number,
            wanted="a number that was not used before, or a change order (860)",
            fix="Ask the partner which one holds. Keep the booked one, and let changes come as an 860 or a new number.",
        ),
    )


def differences(order: PurchaseOrder, earlier: PurchaseOrder) -> tuple[str, ...]:
    """Name the fields in which two orders differ; how they lay in the file, and original or duplicate, do not count."""
    ours, theirs = _content(order), _content(earlier)
    return tuple(field.name for field in fields(ours) if getattr(ours, field.name) != getattr(theirs, field.name))


def _content(order: PurchaseOrder) -> PurchaseOrder:
    return replace(
        order,
        purpose=None if order.purpose in REPEATING else order.purpose,
        replaces=None,
        parties=_parties(order.parties),
        lines=tuple(_line(line) for line in order.lines),
        kept=None,
    )


def _line(line: OrderLine) -> OrderLine:
    return replace(line, parties=_parties(line.parties), span=None, in_set=None, item=None)


def _parties(parties: tuple[Party, ...]) -> tuple[Party, ...]:
    return tuple(replace(party, span=None) for party in parties)
