"""Items: every line names one of ours, and no two lines carry the same number."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import named, on_line
from edi_engine.orders.policy import Policy

_REJECT: Final = "The line is rejected; the 855 says so."
OFFERS: Final = {
    "order.item": {REJECT_LINE: _REJECT},
    "order.item.discontinued": {
        ACCEPT_THEIRS: "The line is accepted although we no longer sell the item.",
        REJECT_LINE: _REJECT,
    },
    "order.item.duplicate-line": {
        ACCEPT_THEIRS: "Both lines stand as they are; each is answered on its own.",
        REJECT_LINE: "The later line is rejected; the 855 says so.",
    },
    "order.item.no-lines": {},
}
REASONS: Final = {"order.item.discontinued": "discontinued", "order.item.duplicate-line": "duplicate_line"}
REASON: Final = "unknown_item"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold lines whose item is missing, not ours, or no longer sold, and lines whose number stood before."""
    del policy
    if not order.lines:
        return (
            Finding(
                code="order.item.no-lines",
                severity=Severity.HOLD,
                message=f"Order {order.po_number} has no lines.",
                where=Position(path="order.lines"),
                wanted="at least one line",
                fix="Ask the partner what they want to order, then dismiss the case.",
            ),
        )
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for line in order.lines:
        findings.extend(_item(line, facts))
        if line.number is None:
            continue
        if line.number in first:
            findings.append(
                Finding(
                    code="order.item.duplicate-line",
                    severity=Severity.HOLD,
                    message=(
                        f"Line number {line.number} stands twice: on line {first[line.number]} "
                        f"and again on line {line.position}."
                    ),
                    where=on_line(line, "number"),
                    seen=line.number,
                    wanted="a number of its own for each line",
                    fix="Ask the partner whether both lines are meant.",
                )
            )
        else:
            first[line.number] = line.position
    return tuple(findings)


def _item(line: OrderLine, facts: Facts) -> tuple[Finding, ...]:
    fact = facts.items.get(line.position)
    if fact is not None:
        if not fact.discontinued:
            return ()
        return (
            Finding(
                code="order.item.discontinued",
                severity=Severity.HOLD,
                message=f"Item {fact.item} is discontinued.",
                where=on_line(line, "item"),
                seen=named(line),
                wanted="an item that we still sell",
                fix="Accept it if there is enough left, or reject the line.",
                source=fact.source,
            ),
        )
    ids = ", ".join(f"{product.type} {product.id}" for product in line.ids) or line.buyer_item or line.vendor_item
    ids = ids or line.gtin or line.item
    if not ids:
        return (
            Finding(
                code="order.item.missing",
                severity=Severity.HOLD,
                message=f"Line {line.position} names no item.",
                where=on_line(line, "ids"),
                wanted="an item number of ours, or one that the items table knows",
                fix="Ask the partner which item they mean; reject the line if they send a new order.",
            ),
        )
    if facts.unlisted == "pass":
        return (
            Finding(
                code="order.item.unlisted",
                severity=Severity.NOTE,
                message=f"No item of ours is known by {ids}; the line goes on as it came, at the partner's price.",
                where=on_line(line, "ids"),
                seen=ids,
            ),
        )
    return (
        Finding(
            code="order.item.unknown",
            severity=Severity.HOLD,
            message=f"No item of ours is known by {ids}.",
            where=on_line(line, "ids"),
            seen=ids,
            wanted="an item that the partner's items table knows",
            fix="Add the item to the partner's items table and retry, or reject the line.",
        ),
    )
