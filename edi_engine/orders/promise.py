"""Promise: what we are ready to answer to one order line, while the rules and rulings work on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from edi_engine.orders.decision import Allotment, LineAnswer
from edi_engine.orders.order import OrderLine
from edi_engine.orders.schedules import Part


@dataclass(frozen=True, slots=True)
class Promise:
    """What we would ship of a line, in its unit, and what differs from the order.

    `quantity` ships, `backordered` follows later. `unit_price` is ours where it replaces theirs, at the line's basis.
    `ship_on` is ours where it replaces theirs. `refused` is the reason of a line that is rejected whole. `reason` says
    why the quantity differs. `allotments` say which store gets what of it, `backorders` what each is owed; `whole`
    that each gets whole cartons.
    `parts` are what a schedule wants on which day, the earliest first.
    """

    quantity: Decimal
    backordered: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    ship_on: date | None = None
    refused: str | None = None
    reason: str | None = None
    allotments: tuple[Allotment, ...] = ()
    backorders: tuple[Allotment, ...] = ()
    whole: bool = False
    parts: tuple[Part, ...] = ()


def as_ordered(line: OrderLine) -> Promise:
    """Give the promise that keeps to the order in everything."""
    return Promise(quantity=line.quantity if line.quantity is not None else Decimal(0))


def answers_to(line: OrderLine, promise: Promise) -> tuple[LineAnswer, ...]:
    """Give the answers to `line` (one ACK each) that say what the promise says; one for each part of a schedule."""
    if promise.refused is not None or not (promise.quantity or promise.backordered):
        reason = promise.refused or promise.reason or "quantity"
        return (LineAnswer("rejected", quantity=line.quantity, unit=line.unit, reason=reason),)
    if promise.parts:
        return tuple(_scheduled(line, promise))
    answers: list[LineAnswer] = []
    if promise.quantity:
        short = promise.quantity + promise.backordered != line.quantity
        answers.append(
            _kept(line, promise, Part(promise.quantity, promise.ship_on), short, promise.ship_on is not None)
        )
    if promise.backordered:
        answers.append(_later(line, promise, Part(promise.backordered)))
    return tuple(answers)


def _scheduled(line: OrderLine, promise: Promise) -> Iterator[LineAnswer]:
    """Answer part by part, the earliest first, until the promise is used up; then what follows later, or not at all."""
    left, later = promise.quantity, promise.backordered
    missing = (line.quantity or Decimal(0)) - left - later
    for part in promise.parts:
        given = min(part.quantity, left)
        behind = min(part.quantity - given, later)
        lost = min(part.quantity - given - behind, missing)
        left, later, missing = left - given, later - behind, missing - lost
        moved = promise.ship_on is not None and part.day is not None and part.day < promise.ship_on
        dated = Part(given, promise.ship_on) if moved else replace(part, quantity=given)
        if given:
            yield _kept(line, promise, dated, lost > 0, moved)
        if behind:
            yield _later(line, promise, replace(part, quantity=behind))
        if lost and not given:
            yield _lost(line, promise, replace(part, quantity=lost))
    if missing > 0:
        yield _lost(line, promise, Part(missing))


def _kept(line: OrderLine, promise: Promise, part: Part, short: bool, moved: bool) -> LineAnswer:  # noqa: FBT001
    """Answer what ships; `short`: less than was wanted, `moved`: on another day."""
    differs: list[tuple[str, str]] = []
    if short:
        differs.append(("quantity_changed", promise.reason or "quantity"))
    if promise.unit_price is not None:
        differs.append(("price_changed", "price"))
    if moved:
        differs.append(("rescheduled", "date"))
    status, reason = differs[0] if differs else ("accepted", None)
    return LineAnswer(
        status if len(differs) <= 1 else "changed",
        quantity=part.quantity,
        unit=line.unit,
        ship_on=part.ship_on,
        deliver_on=part.deliver_on,
        unit_price=promise.unit_price,
        reason=reason,
    )


def _later(line: OrderLine, promise: Promise, part: Part) -> LineAnswer:
    return LineAnswer(
        "backordered", quantity=part.quantity, unit=line.unit, unit_price=promise.unit_price, reason=promise.reason
    )


def _lost(line: OrderLine, promise: Promise, part: Part) -> LineAnswer:
    return LineAnswer(
        "rejected",
        quantity=part.quantity,
        unit=line.unit,
        ship_on=part.ship_on,
        deliver_on=part.deliver_on,
        reason=promise.reason or "quantity",
    )


def summed(answers: tuple[LineAnswer, ...]) -> str:
    """Give the status of a line: that of its answers where they agree, else changed."""
    statuses = {answer.status for answer in answers}
    return statuses.pop() if len(statuses) == 1 else "changed"
