"""Units of measure: only those agreed on, and converted only by what a table says."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import REJECT_LINE
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.money import priced
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy
from edi_engine.orders.units import CASE, EACH, ratio

OFFERS: Final = {"order.unit": {REJECT_LINE: "The line is rejected; the 855 says so."}}
REASON: Final = "unit"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold lines in a unit that is not agreed on, or that cannot be turned into the units of price and stock."""
    findings: list[Finding] = []
    for line in order.lines:
        if line.unit not in policy.units:
            findings.append(_unknown(line, policy))
            continue
        fact = facts.items.get(line.position)
        missing = None if fact is None else unconvertible(line, fact)
        if fact is not None and missing is not None:
            findings.append(_unconvertible(line, fact, missing))
    return tuple(findings)


def unconvertible(line: OrderLine, fact: ItemFact) -> str | None:
    """Name the first unit that the line's unit must be turned into but cannot be, None where all is well."""
    wanted: list[str | None] = []
    target = priced(line.unit, line.price_basis)
    if target is not None:
        wanted.append(target[0])
    if fact.price is not None:
        wanted.append(fact.price_unit)
    if fact.stock is not None:
        wanted.append(EACH)
    return next((unit for unit in wanted if unit and ratio(line.unit, unit, fact.case_pack) is None), None)


def _unknown(line: OrderLine, policy: Policy) -> Finding:
    allowed = ", ".join(sorted(policy.units))
    seen = f"in {line.unit}" if line.unit else "without a unit of measure"
    return Finding(
        code="order.unit.unknown",
        severity=Severity.HOLD,
        message=f"Line {line.position} is ordered {seen}; agreed on are {allowed}.",
        where=on_line(line, "unit"),
        seen=line.unit,
        wanted=allowed,
        fix="Ask the partner which unit is meant; or add it to `units` in the partner file and retry.",
    )


def _unconvertible(line: OrderLine, fact: ItemFact, unit: str) -> Finding:
    if CASE in {line.unit, unit}:
        return Finding(
            code="order.unit.case-pack",
            severity=Severity.HOLD,
            message=f"How many {EACH if line.unit == CASE else line.unit} a case of {fact.item} holds is not known.",
            where=on_line(line, "unit"),
            seen=line.unit,
            wanted="a case pack in the items table",
            fix="Write the case pack of the item into the partner's items table and retry.",
            source=fact.source,
        )
    return Finding(
        code="order.unit.conversion",
        severity=Severity.HOLD,
        message=f"Line {line.position} is ordered in {line.unit}, but {fact.item} is priced or counted in {unit}.",
        where=on_line(line, "unit"),
        seen=line.unit,
        wanted=unit,
        fix=f"Give the item a price per {line.unit} in the items table and retry, or reject the line.",
        source=fact.source,
    )
