"""Charges: what billing will not understand, or will be held for, is said when the order comes, not when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.charges import ALLOWANCE, effect_of, heading_charges, line_charges
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import plain
from edi_engine.orders.order import Charge, PurchaseOrder
from edi_engine.orders.places import on_line, on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.worth import worth_of

OFFERS: Final = {
    "order.charge": {
        ACCEPT_THEIRS: "The order is answered and shipped; where its invoice is held, somebody bills it by hand.",
        REJECT_LINE: "The line is rejected; where the whole order is held, all of it is.",
    },
}
REASON: Final = "charge"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Warn of charges that the invoice will be held for; hold allowances that would leave nothing to bill."""
    found = list(heading_charges(order, Fraction(0), policy).findings)
    for line in order.lines:
        fact = facts.items.get(line.position)
        case_pack = None if fact is None else fact.case_pack
        quantity = line.quantity or Decimal(0)
        found.extend(line_charges(line, Fraction(0), policy, quantity=quantity, case_pack=case_pack).findings)
    told = tuple(replace(finding, severity=min(finding.severity, Severity.WARNING)) for finding in found)
    return (*told, *_too_much(order, facts, policy)) if policy.bills(order) else told


def _too_much(order: PurchaseOrder, facts: Facts, policy: Policy) -> Iterator[Finding]:
    """Find allowances of more than all, and those that together are more than the goods."""
    found = [_over(charge, on_order("charges")) for charge in order.charges if _is_over(charge, policy)]
    for line in order.lines:
        found += [_over(charge, on_line(line, "charges")) for charge in line.charges if _is_over(charge, policy)]
    yield from found
    worth = worth_of(order, facts, policy)
    if not found and not isinstance(worth, int) and worth.net < 0 <= worth.lines:
        yield Finding(
            code="order.charge.above-goods",
            severity=Severity.HOLD,
            message=f"The allowances are more than the goods: the order comes to {plain(worth.net)}.",
            where=on_order("charges"),
            seen=plain(worth.net),
            wanted="an order that comes to something",
            fix=_FIX,
        )


def _is_over(charge: Charge, policy: Policy) -> bool:
    agreed = policy.allowed_charges is None or charge.code in policy.allowed_charges
    return agreed and effect_of(charge) == ALLOWANCE and (charge.percent or 0) > 100


def _over(charge: Charge, where: Position) -> Finding:
    percent = plain(charge.percent or Decimal(0))
    return Finding(
        code="order.charge.over",
        severity=Severity.HOLD,
        message=f"An allowance of {percent} % is more than all that it is taken off.",
        where=where,
        seen=f"{percent} %",
        wanted="100 % at most",
        fix=_FIX,
    )


_FIX: Final = "Ask the partner what is meant. Accept the order if you will bill it by hand, or reject it."
