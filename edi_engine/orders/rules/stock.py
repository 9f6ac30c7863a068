"""Stock: what there is, shared out line by line in the order's own sequence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.stores import allot, total
from edi_engine.orders.units import EACH, case_step, convert, exact

OFFERS: Final = {
    "order.stock": {
        ACCEPT_THEIRS: "All of it is promised although the stock is short.",
        KEEP_OURS: "What there is is promised, the rest is not; the 855 says so.",
        REJECT_LINE: "The line is rejected as out of stock; the 855 says so.",
    },
}
REASON: Final = "out_of_stock"
SETTLED: Final = {
    "cut": "what there is is promised, the rest is not",
    "backorder": "the rest is backordered",
}


def check(line: OrderLine, promise: Promise, fact: ItemFact, left: Fraction, policy: Policy) -> Finding | None:
    """Say that less than the promise is `left` (in EA): a HOLD if the policy wants a person, else a NOTE."""
    needed = convert(promise.quantity, line.unit, EACH, fact.case_pack)
    if needed is None or needed <= left:
        return None
    there = available(line, promise, fact, left, policy)
    settled = SETTLED.get(policy.short_stock)
    then = f"; {settled}" if settled else ""
    return Finding(
        code="order.stock.short",
        severity=Severity.NOTE if settled else Severity.HOLD,
        message=(
            f"{plain(promise.quantity)} {line.unit} of {fact.item} are ordered and {plain(there)} {line.unit} "
            f"are in stock{then}."
        ),
        where=on_line(line, "quantity"),
        seen=plain(promise.quantity),
        wanted=f"at most {plain(there)}",
        fix=None if settled else "Promise what there is, promise all if more comes in time, or reject the line.",
        source=fact.source,
    )


def available(line: OrderLine, promise: Promise, fact: ItemFact, left: Fraction, policy: Policy) -> Decimal:
    """Give how much of the line's unit there is: whole units, and whole cases where those are agreed on.

    On a line for several stores: what they can be given of the promise, the one that is cut in whole cartons.
    """
    there = convert(Decimal(1), EACH, line.unit, fact.case_pack)
    if there is None or left <= 0:
        return Decimal(0)
    step = Fraction(1)
    if policy.quantity_multiple == "case_pack" and not line.destinations:
        step = case_step(line.unit, fact.case_pack) or step
    units = exact((left * there) // step * step) or Decimal(0)
    if not line.destinations:
        return units
    return total(allot(line, min(units, promise.quantity), fact, whole=promise.whole))


def cut(promise: Promise, there: Decimal, *, backorder: bool) -> Promise:
    """Promise only what there is; the rest follows later or not at all."""
    rest = promise.quantity - there
    return replace(promise, quantity=there, backordered=rest if backorder else Decimal(0), reason=REASON)


def taken(line: OrderLine, promise: Promise, fact: ItemFact) -> Fraction:
    """Give how much stock (EA) the promise takes."""
    return convert(promise.quantity, line.unit, EACH, fact.case_pack) or Fraction(0)
