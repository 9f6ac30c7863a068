"""Totals: what the order says of itself, recounted."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import plain
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.worth import worth_of

OFFERS: Final = {
    "order.total": {
        KEEP_OURS: "The order goes by its lines; the stated total is not used.",
        REJECT_LINE: "The whole order is rejected; the 855 says so for every line.",
    },
}
REASON: Final = "total"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Recount lines and money; a difference is held or noted, as the policy says."""
    severity = Severity.NOTE if policy.totals == "note" else Severity.HOLD
    findings: list[Finding] = []
    if order.stated_lines is not None and order.stated_lines != len(order.lines):
        noun = "line" if order.stated_lines == 1 else "lines"
        findings.append(
            Finding(
                code="order.total.lines",
                severity=severity,
                message=f"The order says that it has {plain(order.stated_lines)} {noun}; it has {len(order.lines)}.",
                where=on_order("stated_lines"),
                seen=plain(order.stated_lines),
                wanted=str(len(order.lines)),
                fix="Ask the partner whether lines are missing; go by the lines only if none are.",
            )
        )
    if order.stated_total is not None and policy.bills(order):
        findings.extend(_amount(order, facts, policy, severity))
    return tuple(findings)


def _amount(order: PurchaseOrder, facts: Facts, policy: Policy, severity: Severity) -> tuple[Finding, ...]:
    """Compare the stated total with the lines, and with the lines minus allowances plus charges: either is right."""
    stated = order.stated_total
    worth = worth_of(order, facts, policy, stated=True)
    if isinstance(worth, int):
        return (
            Finding(
                code="order.total.unchecked",
                severity=Severity.NOTE,
                message=f"The stated total cannot be recounted: what line {worth} costs is not known.",
                where=on_order("stated_total"),
                seen=None if stated is None else plain(stated),
            ),
        )
    lines = worth.lines
    if stated in {lines, worth.net}:
        return ()
    return (
        Finding(
            code="order.total.amount",
            severity=severity,
            message=f"The order says that it comes to {plain(stated or lines)}; its lines come to {plain(lines)}.",
            where=on_order("stated_total"),
            seen=plain(stated or lines),
            wanted=plain(lines),
            fix="Ask the partner which one is right: a price, a quantity or the total.",
        ),
    )
