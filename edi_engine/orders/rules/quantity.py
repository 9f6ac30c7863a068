"""Quantities: more than nothing, not absurd, whole, and in whole cases where that is agreed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import named, on_line
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.units import CASE, COUNTED, case_step, convert, exact, whole

_REJECT: Final = "The line is rejected; the 855 says so."
OFFERS: Final = {
    "order.quantity": {
        ACCEPT_THEIRS: "The quantity is accepted as ordered.",
        KEEP_OURS: "The quantity is rounded down to what we can ship whole; the 855 says so.",
        REJECT_LINE: _REJECT,
    },
    "order.quantity.missing": {REJECT_LINE: _REJECT},
    "order.quantity.zero": {REJECT_LINE: _REJECT},
    "order.quantity.negative": {REJECT_LINE: _REJECT},
    "order.quantity.absurd": {ACCEPT_THEIRS: "The quantity is accepted as ordered.", REJECT_LINE: _REJECT},
    "order.quantity.fraction": {
        KEEP_OURS: "The quantity is rounded down to a whole number; the 855 says so.",
        REJECT_LINE: _REJECT,
    },
    "order.quantity.multiple": {
        ACCEPT_THEIRS: "The quantity is accepted as ordered; the last case is broken.",
        KEEP_OURS: "The quantity is rounded down to whole cases; the 855 says so.",
        REJECT_LINE: _REJECT,
    },
}
REASON: Final = "quantity"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold lines whose quantity cannot be meant, or cannot be shipped in the cases that were agreed on."""
    return tuple(finding for line in order.lines for finding in _line(line, facts, policy))


def keep_ours(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Round down to whole pieces, and to whole cases where that is agreed."""
    step = Fraction(1) if line.unit in COUNTED else None
    if policy.quantity_multiple == "case_pack":
        step = _case(line, facts) or step
    if step is None:
        return promise
    rounded = exact((Fraction(promise.quantity) // step) * step)
    if rounded is None or rounded == promise.quantity:
        return promise
    return replace(promise, quantity=rounded, reason="quantity")


def _case(line: OrderLine, facts: Facts) -> Fraction | None:
    fact = facts.items.get(line.position)
    return None if fact is None else case_step(line.unit, fact.case_pack)


def _line(line: OrderLine, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    quantity, unit = line.quantity, line.unit or "units"
    if quantity is None:
        return (_held(line, "missing", f"Line {line.position} orders no quantity.", wanted="a quantity above 0"),)
    shown = f"{plain(quantity)} {unit}"
    if quantity == 0:
        return (_held(line, "zero", f"Line {line.position} orders {shown}.", wanted="a quantity above 0"),)
    if quantity < 0:
        message = f"Line {line.position} orders {shown}, which is less than nothing."
        return (_held(line, "negative", message, wanted="a quantity above 0"),)
    if quantity > policy.quantity_limit:
        limit = plain(policy.quantity_limit)
        message = f"Line {line.position} orders {shown}; more than {limit} is taken for a slip."
        return (_held(line, "absurd", message, wanted=f"at most {limit}"),)
    if unit in COUNTED and quantity != quantity.to_integral_value():
        message = f"Line {line.position} orders {shown}; there is no part of one {unit}."
        return (_held(line, "fraction", message, wanted=plain(whole(Fraction(quantity)))),)
    if policy.quantity_multiple == "case_pack":
        return _cases(line, quantity, facts, policy)
    return ()


def _cases(line: OrderLine, quantity: Decimal, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    fact = facts.items.get(line.position)
    if fact is None or line.unit == CASE:
        return ()
    cases = convert(quantity, line.unit, CASE, fact.case_pack)
    if cases is None:
        return (
            Finding(
                code="order.quantity.no-case-pack",
                severity=Severity.WARNING,
                message=f"Whether {plain(quantity)} {line.unit} of {fact.item} make whole cases is not known.",
                where=on_line(line, "quantity"),
                seen=plain(quantity),
                fix="Write the case pack of the item into the partner's items table.",
                source=fact.source,
            ),
        )
    if cases.denominator == 1:
        return ()
    pack = plain(fact.case_pack or Decimal(0))
    step = _case(line, facts) or Fraction(1)
    below, above = (exact((Fraction(quantity) // step + more) * step) for more in (0, 1))
    near = " or ".join(plain(near) for near in (below, above) if near)
    return (
        Finding(
            code="order.quantity.multiple",
            severity=Severity.HOLD,
            message=f"{plain(quantity)} {line.unit} of {named(line)} do not come in whole cases of {pack} EA.",
            where=on_line(line, "quantity"),
            seen=plain(quantity),
            wanted=near or None,
            fix="Accept it and break a case, round it down to whole cases, or reject the line.",
            source=policy.quantity_multiple_source or fact.source,
        ),
    )


def _held(line: OrderLine, word: str, message: str, *, wanted: str) -> Finding:
    return Finding(
        code=f"order.quantity.{word}",
        severity=Severity.HOLD,
        message=message,
        where=on_line(line, "quantity"),
        seen=None if line.quantity is None else plain(line.quantity),
        wanted=wanted,
        fix="Ask the partner how many they want, or decide the line as one of its choices says.",
    )
