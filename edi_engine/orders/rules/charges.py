"""Charges: a SAC that billing will not understand is said when the order comes, not when the invoice is due."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.charges import heading_charges, line_charges
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.policy import Policy

OFFERS: Final[dict[str, dict[str, str]]] = {"order.charge": {}}
REASON: Final = "charge"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Warn of charges that the invoice will be held for."""
    found = list(heading_charges(order, Fraction(0), policy).findings)
    for line in order.lines:
        fact = facts.items.get(line.position)
        case_pack = None if fact is None else fact.case_pack
        quantity = line.quantity or Decimal(0)
        found.extend(line_charges(line, Fraction(0), policy, quantity=quantity, case_pack=case_pack).findings)
    return tuple(replace(finding, severity=min(finding.severity, Severity.WARNING)) for finding in found)
