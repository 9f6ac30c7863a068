"""Schedules: the parts of a line that is wanted on several days are told in full and add up to the line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine, PurchaseOrder, Schedule
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.schedules import DELIVERY_DATES, SHIP_DATES, part_of, parts_of

_REJECT: Final = "The line is rejected; the 855 says so."
OFFERS: Final = {
    "order.schedules": {REJECT_LINE: _REJECT},
    "order.schedules.sum": {
        KEEP_OURS: "The parts are promised in turn, never more than the line orders; the 855 says so.",
        REJECT_LINE: _REJECT,
    },
}
REASON: Final = "schedule"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Judge the schedule of each line that has one."""
    del policy
    return tuple(finding for line in order.lines if line.schedules for finding in _line(line, facts))


def keep_total(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Promise what both the line and its parts say: the lesser of the two."""
    del policy
    parts = parts_of(line, facts.items.get(line.position))
    both = min(promise.quantity, sum((part.quantity for part in parts), Decimal(0)))
    return replace(promise, quantity=both, reason=promise.reason if both == promise.quantity else REASON)


KEEPS: Final = {"order.schedules.sum": keep_total}


def _line(line: OrderLine, facts: Facts) -> Iterator[Finding]:
    if line.destinations:
        yield _held(
            line,
            "stores",
            f"Line {line.position} is wanted on several days and for several stores; which store gets what when is not "
            "said.",
            seen=None,
            wanted="a schedule or shares for stores, not both",
            fix="Ask the partner for an order for each day, and reject the line.",
        )
        return
    fact = facts.items.get(line.position)
    faulty = next((one for one in line.schedules if part_of(one, line, fact) is None), None)
    if faulty is not None:
        yield _faulty(line, faulty)
        return
    together = sum((part.quantity for part in parts_of(line, fact)), Decimal(0))
    if line.quantity is not None and together != line.quantity:
        yield _held(
            line,
            "sum",
            f"The {len(line.schedules)} parts of line {line.position} come to {plain(together)}; "
            f"the line orders {plain(line.quantity)} {line.unit or 'units'}.",
            seen=plain(together),
            wanted=plain(line.quantity),
            fix="Ask the partner which holds: the schedule or the line.",
        )


def _faulty(line: OrderLine, schedule: Schedule) -> Finding:
    """Say what keeps a part from being understood."""
    seen: str | None
    wanted: str | None
    if schedule.quantity is None or schedule.quantity <= 0:
        seen = None if schedule.quantity is None else plain(schedule.quantity)
        what, wanted = f"orders {seen or 'no quantity'}", "a quantity above 0"
    elif schedule.date is None:
        seen, what, wanted = None, "has no date", "a date"
    elif schedule.date_type not in SHIP_DATES | DELIVERY_DATES:
        seen = schedule.date_type
        what = f"has a date of the kind {seen}, which is neither shipping nor delivery"
        wanted = ", ".join(sorted(SHIP_DATES | DELIVERY_DATES))
    else:
        seen, what, wanted = schedule.unit, f"is in {schedule.unit}, which nothing turns into {line.unit}", line.unit
    return _held(
        line,
        "part",
        f"A part of line {line.position} {what}.",
        seen=seen,
        wanted=wanted,
        fix="Ask the partner for a new order; reject the line if one comes.",
    )


def _held(line: OrderLine, word: str, message: str, *, seen: str | None, wanted: str | None, fix: str) -> Finding:
    return Finding(
        code=f"order.schedules.{word}",
        severity=Severity.HOLD,
        message=message,
        where=on_line(line, "schedules"),
        seen=seen,
        wanted=wanted,
        fix=fix,
    )
