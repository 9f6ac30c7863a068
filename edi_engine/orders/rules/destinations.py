"""Destinations: one ship-to for the order; shares for stores (SDQ) that name known stores and add up to their line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.money import plain
from edi_engine.orders.order import Destination, OrderLine, PurchaseOrder
from edi_engine.orders.places import named, on_line, on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.stores import allot, in_line_unit, total, wanted
from edi_engine.orders.units import COUNTED, case_step

_REJECT: Final = "The line is rejected; the 855 says so."
OFFERS: Final = {
    "order.destinations": {REJECT_LINE: _REJECT},
    "order.destinations.unsupported": {REJECT_LINE: "The whole order is rejected; the 855 says so for every line."},
    "order.destinations.sum": {
        KEEP_OURS: "The stores are served in turn, but never more than the line orders; the 855 says what is promised.",
        REJECT_LINE: _REJECT,
    },
    "order.destinations.unknown": {
        ACCEPT_THEIRS: "The goods go to the stores that the order names, this time.",
        REJECT_LINE: _REJECT,
    },
    "order.destinations.cases": {
        ACCEPT_THEIRS: "Each store gets what it wants; cases are broken.",
        KEEP_OURS: "Each store gets whole cases, rounded down; the 855 says what is promised.",
        REJECT_LINE: _REJECT,
    },
}
REASON: Final = "destination"


def served(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order that names several ship-to places. One finding: no other rule makes sense for it."""
    del facts, policy
    parties = (*order.parties, *(party for line in order.lines for party in line.parties))
    places = {(party.id_type, party.id) for party in parties if party.role == "ship_to"}
    if len(places) <= 1:
        return ()
    what = f"{len(places)} different ship-to places"
    return (
        Finding(
            code="order.destinations.unsupported",
            severity=Severity.HOLD,
            message=f"The order has {what}; such an order needs a person.",
            where=on_order("parties"),
            seen=what,
            wanted="one ship-to, and shares for stores (SDQ) where the goods go to several",
            fix="Enter the order by hand and dismiss the case, or reject the order.",
        ),
    )


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Judge the shares of each line that has some."""
    return tuple(
        finding
        for line in order.lines
        if line.destinations
        for finding in _line(line, facts.items.get(line.position), facts, policy)
    )


def keep_total(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Promise what both the line and its shares say: the lesser of the two."""
    del policy
    both = min(promise.quantity, total(wanted(line, facts.items.get(line.position))))
    return replace(promise, quantity=both, reason=promise.reason if both == promise.quantity else REASON)


def keep_cases(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Promise each store whole cases."""
    del policy
    rounded = total(allot(line, promise.quantity, facts.items.get(line.position), whole=True))
    return replace(promise, quantity=rounded, whole=True, reason="quantity")


KEEPS: Final = {"order.destinations.sum": keep_total, "order.destinations.cases": keep_cases}


def _line(line: OrderLine, fact: ItemFact | None, facts: Facts, policy: Policy) -> Iterator[Finding]:
    faulty = next((found for share in line.destinations if (found := _share(share, line, fact)) is not None), None)
    if faulty is not None:
        yield faulty
        return
    shares = wanted(line, fact)
    together = total(shares)
    if line.quantity is not None and together != line.quantity:
        yield _held(
            line,
            "sum",
            f"The shares of {len(shares)} stores on line {line.position} come to {plain(together)}; "
            f"the line orders {plain(line.quantity)} {line.unit or 'units'}.",
            seen=plain(together),
            wanted=plain(line.quantity),
            fix="Ask the partner which holds: the shares or the line. The order's other lines are good.",
        )
    strange = [share.id for share in shares if facts.stores is not None and share.id not in facts.stores]
    if strange:
        yield _held(
            line,
            "unknown",
            f"Line {line.position} has shares for stores that the partner's table does not know: {', '.join(strange)}.",
            seen=", ".join(strange),
            wanted="stores that the table knows",
            fix="Add the stores to the partner's table and retry, or accept them this time.",
            source=facts.store_source,
        )
    step = None if fact is None else case_step(line.unit, fact.case_pack)
    if policy.quantity_multiple == "case_pack" and step is not None:
        broken = [share for share in shares if Fraction(share.quantity) % step]
        if broken:
            said = ", ".join(f"{plain(share.quantity)} for {share.id}" for share in broken)
            yield _held(
                line,
                "cases",
                f"Shares of {named(line)} do not come in whole cases of {step} {line.unit}: {said}.",
                seen=said,
                wanted=f"multiples of {step}",
                fix="Accept it and break cases, round each share down to whole cases, or reject the line.",
                source=policy.quantity_multiple_source,
            )


def _share(share: Destination, line: OrderLine, fact: ItemFact | None) -> Finding | None:
    """Say what is wrong with one share by itself."""
    quantity = None if share.quantity is None else plain(share.quantity)
    what = None
    if not share.id:
        what = "names no store"
    elif share.quantity is None or share.quantity <= 0:
        what = f"gives {share.id} {quantity or 'no quantity'}"
    elif (share.unit or line.unit) in COUNTED and share.quantity % 1:
        what = f"gives {share.id} {quantity}; there is no part of one {share.unit or line.unit}"
    if what is not None:
        return _held(
            line,
            "share",
            f"A share of line {line.position} {what}.",
            seen=quantity if share.id else None,
            wanted="a store and a quantity above 0",
            fix="Ask the partner for a new order; reject the line if one comes.",
        )
    if in_line_unit(share, line, fact) is not None:
        return None
    return _held(
        line,
        "unit",
        f"The share of {share.id} on line {line.position} is in {share.unit}, which nothing turns into {line.unit}.",
        seen=share.unit,
        wanted=line.unit,
        fix="Write the case pack of the item into the partner's items table and retry, or ask the partner.",
    )


def _held(
    line: OrderLine,
    word: str,
    message: str,
    *,
    seen: str | None,
    wanted: str | None,
    fix: str,
    source: str | None = None,
) -> Finding:
    return Finding(
        code=f"order.destinations.{word}",
        severity=Severity.HOLD,
        message=message,
        where=on_line(line, "destinations"),
        seen=seen,
        wanted=wanted,
        fix=fix,
        source=source,
    )
