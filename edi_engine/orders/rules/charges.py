"""Charges: a SAC that billing will not understand is said when the order comes, not when the invoice is due."""

from __future__ import annotations

from dataclasses import replace
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
    del facts
    found = list(heading_charges(order, Fraction(0), policy).findings)
    for line in order.lines:
        found.extend(line_charges(line, Fraction(0), policy).findings)
    return tuple(replace(finding, severity=min(finding.severity, Severity.WARNING)) for finding in found)
