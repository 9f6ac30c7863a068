"""Prices: theirs against ours, at the basis that theirs is stated in, exactly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.money import BASES, extended, half_up, plain, price_at, price_of, priced
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import named, on_line
from edi_engine.orders.policy import Policy, PriceTolerance
from edi_engine.orders.promise import Promise

_ACCEPT: Final = "The line is accepted and billed at their price."
_KEEP: Final = "The line is accepted and billed at our price; the 855 says so."
_REJECT: Final = "The line is rejected; the 855 says so."
OFFERS: Final = {
    "order.price": {ACCEPT_THEIRS: _ACCEPT, KEEP_OURS: _KEEP, REJECT_LINE: _REJECT},
    "order.price.missing": {KEEP_OURS: _KEEP, REJECT_LINE: _REJECT},
    "order.price.negative": {REJECT_LINE: _REJECT},
    "order.price.unknown": {ACCEPT_THEIRS: _ACCEPT, REJECT_LINE: _REJECT},
    "order.price.neither": {REJECT_LINE: _REJECT},
    "order.price.basis": {REJECT_LINE: _REJECT},
}
REASON: Final = "price"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold lines whose price stands further from ours than was agreed, or cannot be compared.

    Where the order is not billed, no price matters.
    """
    if not policy.bills(order):
        return ()
    found = (_line(line, facts.items.get(line.position), facts, policy.price) for line in order.lines)
    return tuple(finding for finding in found if finding is not None)


def keep_ours(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Answer our price, at their basis; where it has no end there (a third) it is rounded to four decimals."""
    del policy
    fact = facts.items.get(line.position)
    ours = None if fact is None else our_price(line, fact)
    return promise if ours is None else replace(promise, unit_price=price_of(ours))


def our_price(line: OrderLine, fact: ItemFact) -> Fraction | None:
    """Give our price for the line's item, in the unit and basis that the line is priced in; None where unknown."""
    if fact.price is None:
        return None
    return price_at(fact.price, fact.price_unit, line.unit, line.price_basis, fact.case_pack)


def _line(line: OrderLine, fact: ItemFact | None, facts: Facts, tolerance: PriceTolerance) -> Finding | None:
    if priced(line.unit, line.price_basis) is None:
        return _held(
            line,
            "basis",
            f"What the price on line {line.position} is for is not clear: its basis is {line.price_basis}.",
            seen=line.price_basis,
            wanted=", ".join(sorted(BASES)),
            fix="Ask the partner what the price is for; reject the line if a new order comes.",
            field="price_basis",
        )
    if fact is None:
        if facts.unlisted == "hold":
            return None  # the item rule holds the line
        if line.unit_price is None:
            return _neither(line, named(line))
    ours = None if fact is None else our_price(line, fact)
    if line.unit_price is not None and line.unit_price < 0:
        return _held(
            line,
            "negative",
            f"Unit price {plain(line.unit_price)} on line {line.position} is less than nothing.",
            seen=plain(line.unit_price),
            wanted=None if ours is None else plain(price_of(ours)),
            fix="Ask the partner what the line is: a return or a credit does not come as an order line.",
        )
    if fact is None:
        return None
    if fact.price is None or line.unit_price is None:
        return _missing(line, fact, ours)
    if ours is None:
        return None  # the unit rule says why
    return _compare(line, line.unit_price, ours, fact, tolerance)


def _missing(line: OrderLine, fact: ItemFact, ours: Fraction | None) -> Finding | None:
    if fact.price is not None:
        if ours is None:
            return None  # the unit rule says why
        agreed = plain(price_of(ours))
        return _held(
            line,
            "missing",
            f"Line {line.position} states no price; ours for {fact.item} is {agreed}.",
            seen=None,
            wanted=agreed,
            fix="Answer with our price, or reject the line.",
            source=fact.source,
        )
    if line.unit_price is None:
        return _neither(line, fact.item, fact.source)
    return _held(
        line,
        "unknown",
        f"Line {line.position} states {plain(line.unit_price)}, and we have no price for {fact.item}.",
        seen=plain(line.unit_price),
        wanted="a price in the items table",
        fix="Write our price into the partner's items table and retry.",
        source=fact.source,
    )


def _neither(line: OrderLine, item: str, source: str | None = None) -> Finding:
    return _held(
        line,
        "neither",
        f"Line {line.position} states no price, and we have no price for {item}.",
        seen=None,
        wanted="a price in the items table",
        fix="Write our price into the partner's items table and retry.",
        source=source,
    )


def _compare(
    line: OrderLine, theirs: Decimal, ours: Fraction, fact: ItemFact, tolerance: PriceTolerance
) -> Finding | None:
    """Compare at the line's basis; the tolerance's amount counts per unit of our own price."""
    gap = Fraction(theirs) - ours
    share = tolerance.over if gap > 0 else tolerance.under
    in_our_unit = price_at(Decimal(1), fact.price_unit, line.unit, line.price_basis, fact.case_pack) or Fraction(1)
    if abs(gap) * 100 <= ours * Fraction(share) or abs(gap) <= Fraction(tolerance.amount) * in_our_unit:
        return None
    word = "over" if gap > 0 else "under"
    side = "above" if gap > 0 else "below"
    agreed = plain(price_of(ours))
    return _held(
        line,
        f"{word}-tolerance",
        f"Unit price {plain(theirs)} is {_percent(gap, ours)}{side} the agreed {agreed} "
        f"(limit {_limit(share, tolerance.amount)}){_on_this_line(line, gap, fact)}.",
        seen=plain(theirs),
        wanted=agreed,
        fix="Accept their price, answer with ours, or reject the line. If ours is old, correct the items table.",
        source=fact.source or tolerance.source,
    )


def _percent(gap: Fraction, ours: Fraction) -> str:
    if ours <= 0:
        return ""
    shown = half_up(abs(gap) * 100 / ours)
    return f"{plain(shown)} % " if shown else "less than 0.01 % "


def _limit(share: Decimal, amount: Decimal) -> str:
    return f"{plain(share)} %" if not amount else f"{plain(share)} % or {plain(amount)}"


def _on_this_line(line: OrderLine, gap: Fraction, fact: ItemFact) -> str:
    """Say what the gap comes to on the whole line."""
    if line.quantity is None or line.quantity <= 0:
        return ""
    whole = extended(abs(gap), line.quantity, line.unit, line.price_basis, fact.case_pack)
    return "" if whole is None else f": {plain(half_up(whole))} on this line"


def _held(
    line: OrderLine,
    word: str,
    message: str,
    *,
    seen: str | None,
    wanted: str | None,
    fix: str,
    source: str | None = None,
    field: str = "unit_price",
) -> Finding:
    return Finding(
        code=f"order.price.{word}",
        severity=Severity.HOLD,
        message=message,
        where=on_line(line, field),
        seen=seen,
        wanted=wanted,
        fix=fix,
        source=source,
    )
