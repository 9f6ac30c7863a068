"""Promise: what we are ready to answer to one order line, while the rules and rulings work on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_engine.orders.decision import Allotment, LineAnswer
from edi_engine.orders.order import OrderLine


@dataclass(frozen=True, slots=True)
class Promise:
    """What we would ship of a line, in its unit, and what differs from the order.

    `quantity` ships, `backordered` follows later. `unit_price` is ours where it replaces theirs, at the line's basis.
    `ship_on` is ours where it replaces theirs. `refused` is the reason of a line that is rejected whole. `reason` says
    why the quantity differs. `allotments` say which store gets what of it; `whole` that each gets whole cartons.
    """

    quantity: Decimal
    backordered: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    ship_on: date | None = None
    refused: str | None = None
    reason: str | None = None
    allotments: tuple[Allotment, ...] = ()
    whole: bool = False


def as_ordered(line: OrderLine) -> Promise:
    """Give the promise that keeps to the order in everything."""
    return Promise(quantity=line.quantity if line.quantity is not None else Decimal(0))


def answers_to(line: OrderLine, promise: Promise) -> tuple[LineAnswer, ...]:
    """Give the answers to `line` (one ACK each) that say what the promise says."""
    if promise.refused is not None or not (promise.quantity or promise.backordered):
        reason = promise.refused or promise.reason or "quantity"
        return (LineAnswer("rejected", quantity=line.quantity, unit=line.unit, reason=reason),)
    answers: list[LineAnswer] = []
    if promise.quantity:
        status, why = _status(line, promise)
        answers.append(
            LineAnswer(
                status,
                quantity=promise.quantity,
                unit=line.unit,
                ship_on=promise.ship_on,
                unit_price=promise.unit_price,
                reason=why,
            )
        )
    if promise.backordered:
        later = LineAnswer(
            "backordered",
            quantity=promise.backordered,
            unit=line.unit,
            unit_price=promise.unit_price,
            reason=promise.reason,
        )
        answers.append(later)
    return tuple(answers)


def _status(line: OrderLine, promise: Promise) -> tuple[str, str | None]:
    """Give the status and reason of the part that ships."""
    differs: list[tuple[str, str]] = []
    if promise.quantity + promise.backordered != line.quantity:
        differs.append(("quantity_changed", promise.reason or "quantity"))
    if promise.unit_price is not None:
        differs.append(("price_changed", "price"))
    if promise.ship_on is not None:
        differs.append(("rescheduled", "date"))
    if not differs:
        return "accepted", None
    status, reason = differs[0]
    return (status if len(differs) == 1 else "changed"), reason


def summed(answers: tuple[LineAnswer, ...]) -> str:
    """Give the status of a line: that of its answers where they agree, else changed."""
    statuses = {answer.status for answer in answers}
    return statuses.pop() if len(statuses) == 1 else "changed"
