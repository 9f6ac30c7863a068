"""Components: a kit ships and is billed as its parent item; parts that are to be added or left out need a person."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.components": {
        ACCEPT_THEIRS: "The line goes as its parent item; its parts are seen to by hand.",
        REJECT_LINE: "The line is rejected; the 855 says so.",
    },
}
REASON: Final = "components"
CHANGES: Final = MappingProxyType({"A": "added", "D": "left out", "S": "put in place of another"})
"""Relationship codes (X12 element 662) by which a kit is not the one that we know."""


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold lines whose kit is to be changed."""
    del facts, policy
    return tuple(finding for line in order.lines if (finding := _line(line)) is not None)


def _line(line: OrderLine) -> Finding | None:
    changed = [part for part in line.components if part.relation in CHANGES]
    if not changed:
        return None
    said = ", ".join(
        f"{part.number or part.description or 'a part'} {CHANGES[part.relation or '']}" for part in changed
    )
    return Finding(
        code="order.components.changed",
        severity=Severity.HOLD,
        message=f"The kit on line {line.position} is to be changed: {said}.",
        where=on_line(line, "components"),
        seen=said,
        wanted="the parts that the kit has (included)",
        fix="Agree with the partner on what is shipped and billed, then accept or reject the line.",
    )
