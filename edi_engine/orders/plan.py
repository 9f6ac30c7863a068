"""Plan: what was accepted of an order, as the shipments in which it is to leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from edi_engine.orders.decision import NOT_SHIPPED, Answer
from edi_engine.orders.ship import ShipInstruction, ShipLine


@dataclass(frozen=True, slots=True)
class PlannedShipment:
    """What is to leave together. `on` is the day it ships, or (`arrives`) reaches them; None: no day was named."""

    on: dt.date | None
    arrives: bool
    instruction: ShipInstruction


def ship_plan(answer: Answer) -> tuple[PlannedShipment, ...]:
    """Give what was accepted as shipments by day, the earliest first; what has no day of its own comes last."""
    rows: dict[tuple[dt.date | None, bool], dict[int, ShipLine]] = {}
    for line in answer.lines:
        position = line.line.position
        for one in line.answers:
            if one.status in NOT_SHIPPED or not one.quantity:
                continue
            key = (one.ship_on or one.deliver_on, one.ship_on is None and one.deliver_on is not None)
            planned = rows.setdefault(key, {})
            row = planned.get(position, ShipLine(position, Decimal(0), one.unit))
            planned[position] = replace(row, quantity=row.quantity + one.quantity)
    ordered = sorted(rows.items(), key=lambda entry: (entry[0][0] or dt.date.max, entry[0][1]))
    return tuple(
        PlannedShipment(
            on,
            arrives,
            ShipInstruction(
                tuple(planned.values()), shipped_on=None if arrives else on, deliver_on=on if arrives else None
            ),
        )
        for (on, arrives), planned in ordered
    )
