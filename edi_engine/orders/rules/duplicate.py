"""Duplicates: an order whose number is booked already never ships a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import KEEP_OURS
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.duplicate": {KEEP_OURS: "This copy is linked to the booked order; nothing is booked or answered again."},
}
REASON: Final = "duplicate"
IDENTICAL: Final = "order.duplicate.identical"
MOST_TOLD: Final = 6
"""Differences that are told one by one."""


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Compare the order with the one booked under its number: an equal copy is a NOTE, another content is held."""
    del policy
    if facts.earlier is None:
        return ()
    received = facts.earlier.received_on.isoformat()
    differing = differences(order, facts.earlier.order)
    if not differing:
        return (
            Finding(
                code=IDENTICAL,
                severity=Severity.NOTE,
                message=f"Order {order.po_number} came on {received} already, the same in all; it is not booked again.",
                where=on_order("po_number"),
                seen=order.po_number,
            ),
        )
    return (
        Finding(
            code="order.duplicate.differs",
            severity=Severity.HOLD,
            message=(
                f"Order {order.po_number} came on {received} already and is {facts.earlier.state.lower()}; "
                f"this one differs in {_told(order, facts.earlier.order, differing)}."
            ),
            where=on_order("po_number"),
            seen=order.po_number,
            wanted="a number that was not used before, or a change order (860)",
            fix="Ask the partner which one holds. Keep the booked one, and let changes come as an 860 or a new number.",
        ),
    )


def differences(order: PurchaseOrder, earlier: PurchaseOrder) -> tuple[str, ...]:
    """Name the fields in which two orders differ; how they lay in the file, and original or duplicate, do not count."""
    ours, theirs = _content(order), _content(earlier)
    return tuple(field.name for field in fields(ours) if getattr(ours, field.name) != getattr(theirs, field.name))


def _told(order: PurchaseOrder, earlier: PurchaseOrder, differing: tuple[str, ...]) -> str:
    """Say which fields differ and how, booked -> new, for the first few; parts of a field by its name alone."""
    told: list[str] = []
    ours, theirs = _content(order), _content(earlier)
    for name in differing:
        if name == "lines":
            told.extend(_lines(ours.lines, theirs.lines))
        else:
            told.append(_change(_words(name), getattr(theirs, name), getattr(ours, name)))
    more = len(told) - MOST_TOLD
    return "; ".join(told[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _lines(new: tuple[OrderLine, ...], booked: tuple[OrderLine, ...]) -> Iterator[str]:
    if len(new) != len(booked):
        yield f"number of lines {len(booked)} -> {len(new)}"
    for one, other in zip(new, booked, strict=False):
        for field in fields(one):
            before, now = getattr(other, field.name), getattr(one, field.name)
            if before != now and field.name != "ids":
                yield _change(f"line {one.position} {_words(field.name)}", before, now)
        if one.ids != other.ids and (one.buyer_item, one.vendor_item, one.gtin) == (
            other.buyer_item,
            other.vendor_item,
            other.gtin,
        ):
            yield f"line {one.position} item numbers"


def _change(name: str, before: object, now: object) -> str:
    if isinstance(before, tuple) or isinstance(now, tuple):
        return name
    return f"{name} {_value(before)} -> {_value(now)}"


def _value(value: object) -> str:
    if value is None:
        return "(none)"
    return plain(value) if isinstance(value, Decimal) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _content(order: PurchaseOrder) -> PurchaseOrder:
    return replace(
        order,
        purpose=None if order.purpose in {"original", "duplicate"} else order.purpose,
        parties=_parties(order.parties),
        lines=tuple(_line(line) for line in order.lines),
        kept=None,
    )


def _line(line: OrderLine) -> OrderLine:
    return replace(line, parties=_parties(line.parties), span=None, in_set=None, item=None)


def _parties(parties: tuple[Party, ...]) -> tuple[Party, ...]:
    return tuple(replace(party, span=None) for party in parties)
