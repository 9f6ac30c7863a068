"""Dates: in a year that can be meant, not past, not before the order, windows the right way round, time to ship."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.places import on_line, on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.schedules import SHIP_DATES

_ACCEPT: Final = "The date is accepted as ordered."
_KEEP: Final = "We promise the first day on which we can ship; the 855 says so."
_REJECT: Final = "The line is rejected; for a date of the heading, the whole order is."
_OURS: Final = {KEEP_OURS: _KEEP, REJECT_LINE: _REJECT}
OFFERS: Final = {
    "order.date": {ACCEPT_THEIRS: _ACCEPT, **_OURS},
    "order.date.year": _OURS,
    "order.date.past": _OURS,
    "order.date.window": _OURS,
    "order.date.order-date": {ACCEPT_THEIRS: "The order goes on; its date is not used.", REJECT_LINE: _REJECT},
}
REASON: Final = "date"
LATEST: Final = ("ship_by", "deliver_by", "cancel_after")
FIELDS: Final = ("ship_not_before", "ship_by", "deliver_not_before", "deliver_by", "cancel_after")
WINDOWS: Final = (
    ("ship_not_before", "ship_by"),
    ("deliver_not_before", "deliver_by"),
    ("ship_not_before", "deliver_by"),
    ("ship_not_before", "cancel_after"),
)
YEARS_AHEAD: Final = 5
YEARS_BACK: Final = 2


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Judge the dates of the heading and of each line on their own; a line without dates has those of the heading."""
    findings = [*_order_date(order, facts.today), *_block(order, None, order, facts, policy)]
    for line in order.lines:
        findings.extend(_block(line, line, order, facts, policy))
        findings.extend(_schedule(line, order, facts, policy))
    return tuple(findings)


def keep_ours(promise: Promise, line: OrderLine, facts: Facts, policy: Policy) -> Promise:
    """Promise the first day on which we can ship, but not before their window opens where it opens in a sane year."""
    ours = first_day(facts.today, policy.lead_days)
    opens = line.ship_not_before
    if opens is not None and opens > ours and opens.year <= facts.today.year + YEARS_AHEAD:
        ours = opens
    return replace(promise, ship_on=ours)


def dated(line: OrderLine, order: PurchaseOrder) -> OrderLine:
    """Give the line with the heading's dates where it states none of its own."""
    return replace(line, **{field: getattr(order, field) for field in FIELDS if getattr(line, field) is None})


def first_day(today: date, lead_days: int) -> date:
    """Give the day that is `lead_days` working days (Monday to Friday) after today."""
    day, left = today, lead_days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _order_date(order: PurchaseOrder, today: date) -> tuple[Finding, ...]:
    found = order.order_date
    if found is None or today.year - YEARS_BACK <= found.year <= today.year + 1:
        return ()
    return (
        Finding(
            code="order.date.order-date",
            severity=Severity.HOLD,
            message=f"The order is dated {found.isoformat()}, far from today ({today.isoformat()}).",
            where=on_order("order_date"),
            seen=found.isoformat(),
            wanted="the day on which the order was written",
            fix="Ask the partner whether the order is meant, then accept or reject it.",
        ),
    )


def _block(
    block: PurchaseOrder | OrderLine, line: OrderLine | None, order: PurchaseOrder, facts: Facts, policy: Policy
) -> list[Finding]:
    """Judge the dates that stand in one place: at most one finding for each date, the plainest one."""
    dates: dict[str, date] = {field: getattr(block, field) for field in FIELDS if getattr(block, field) is not None}
    findings: list[Finding] = []
    earliest = first_day(facts.today, policy.lead_days)
    for field, day in dates.items():
        found = _day(field, day, order.order_date, facts.today, earliest)
        if found is not None:
            word, message, wanted = found
            findings.append(_held(_where(line, field), word, message, day, wanted))
    faulty = {finding.where.path for finding in findings}
    for opens, closes in WINDOWS:
        if opens in dates and closes in dates and dates[opens] > dates[closes]:
            where = _where(line, closes)
            if where.path not in faulty:
                message = (
                    f"The window is the wrong way round: {_said(opens)} {dates[opens].isoformat()} "
                    f"comes after {_said(closes)} {dates[closes].isoformat()}."
                )
                findings.append(
                    _held(where, "window", message, dates[closes], f"not before {dates[opens].isoformat()}")
                )
                faulty.add(where.path)
    return findings


def _schedule(line: OrderLine, order: PurchaseOrder, facts: Facts, policy: Policy) -> Iterator[Finding]:
    """Judge the days of a line's parts, each of them as the last day on which it may ship or arrive."""
    earliest = first_day(facts.today, policy.lead_days)
    for part in line.schedules:
        if part.date is not None:
            field = "ship_by" if part.date_type in SHIP_DATES else "deliver_by"
            found = _day(field, part.date, order.order_date, facts.today, earliest)
            if found is not None:
                word, message, wanted = found
                yield _held(on_line(line, "schedules"), word, message, part.date, wanted)


def _day(field: str, day: date, ordered: date | None, today: date, earliest: date) -> tuple[str, str, str] | None:
    """Judge one date: the last word of its code, the message, and what was wanted."""
    shown = f"{_said(field).capitalize()} {day.isoformat()}"
    if not today.year - YEARS_BACK <= day.year <= today.year + YEARS_AHEAD:
        return "year", f"{shown} stands in a year that cannot be meant.", f"a day within {YEARS_AHEAD} years"
    if field not in LATEST:
        return None
    if day < today:
        return "past", f"{shown} is past; today is {today.isoformat()}.", f"{earliest.isoformat()} or later"
    if ordered is not None and day < ordered:
        message = f"{shown} comes before the order's own date, {ordered.isoformat()}."
        return "before-order", message, f"{ordered.isoformat()} or later"
    if day < earliest:
        message = f"{shown} comes before {earliest.isoformat()}, the first day on which we can ship."
        return "too-soon", message, f"{earliest.isoformat()} or later"
    return None


def _said(field: str) -> str:
    return field.replace("_", " ")


def _where(line: OrderLine | None, field: str) -> Position:
    return on_order(field) if line is None else on_line(line, field)


def _held(where: Position, word: str, message: str, day: date, wanted: str) -> Finding:
    return Finding(
        code=f"order.date.{word}",
        severity=Severity.HOLD,
        message=message,
        where=where,
        seen=day.isoformat(),
        wanted=wanted,
        fix="Answer with our first day, or ask the partner for a date that can be met.",
    )
