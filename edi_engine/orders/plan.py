"""Plan: what was accepted of an order, as the shipments in which it is to leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from edi_engine.orders.decision import NOT_SHIPPED, Answer, AnswerLine, LineAnswer
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.ship import ShipInstruction, ShipLine

NONE: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlannedShipment:
    """What is to leave together. `on` is the day it ships, or (`arrives`) reaches them; None: no day was named."""

    on: dt.date | None
    arrives: bool
    instruction: ShipInstruction

    def leaves(self, transit_days: int = 0) -> dt.date | None:
        """Give the day on which it leaves us, where a delivery takes so many days; None: at once."""
        return self.on - dt.timedelta(days=transit_days) if self.on is not None and self.arrives else self.on


@dataclass(frozen=True, slots=True)
class Due:
    """A plan as it stands on a day: what is to leave by now (None: nothing), and what leaves on which later day."""

    now: ShipInstruction | None
    later: tuple[tuple[dt.date, tuple[ShipLine, ...]], ...]


def ship_plan(answer: Answer) -> tuple[PlannedShipment, ...]:
    """Give what was accepted as shipments by day, the earliest first; what has no day of its own comes last.

    A day is the one that we answered, else the one before which the order wants nothing shipped, or delivered.
    """
    rows: dict[tuple[dt.date | None, bool], dict[int, ShipLine]] = {}
    for line in answer.lines:
        position = line.line.position
        for one in line.answers:
            if one.status in NOT_SHIPPED or not one.quantity:
                continue
            planned = rows.setdefault(_day(one, line, answer.order), {})
            row = planned.get(position, ShipLine(position, NONE, one.unit))
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


def due(plan: Iterable[PlannedShipment], shipped: Mapping[int, Decimal], today: dt.date, transit_days: int = 0) -> Due:
    """Part a plan into what leaves by `today` and what leaves later; `shipped` (by position) has left already.

    What has left counts against the earliest parts. Goods that leave on another day than planned, or together with
    others, name no day of delivery: nobody has promised one for them.
    """
    gone = dict(shipped)
    now: dict[int, ShipLine] = {}
    arrivals: set[dt.date | None] = set()
    later: dict[dt.date, dict[int, ShipLine]] = {}
    for one in sorted(plan, key=lambda planned: planned.leaves(transit_days) or dt.date.min):
        leaves = one.leaves(transit_days)
        left = [row for row in _left(one.instruction.lines, gone) if row.quantity]
        if not left:
            continue
        if leaves is not None and leaves > today:
            _add(later.setdefault(leaves, {}), left)
            continue
        _add(now, left)
        arrivals.add(one.on if one.arrives and leaves == today else None)
    instruction = None
    if now:
        arrival = arrivals.pop() if len(arrivals) == 1 else None
        instruction = ShipInstruction(tuple(now[position] for position in sorted(now)), deliver_on=arrival)
    return Due(instruction, tuple((day, tuple(rows.values())) for day, rows in sorted(later.items())))


def _day(one: LineAnswer, line: AnswerLine, order: PurchaseOrder) -> tuple[dt.date | None, bool]:
    """Give the day of one answer, and whether it is one of arrival."""
    if one.ship_on is not None or one.deliver_on is not None:
        return one.ship_on or one.deliver_on, one.ship_on is None
    opens = line.line.ship_not_before or order.ship_not_before
    arrives = line.line.deliver_not_before or order.deliver_not_before
    return (opens, False) if opens is not None or arrives is None else (arrives, True)


def _left(rows: Iterable[ShipLine], gone: dict[int, Decimal]) -> Iterable[ShipLine]:
    for row in rows:
        used = min(gone.get(row.position, NONE), row.quantity)
        gone[row.position] = gone.get(row.position, NONE) - used
        yield replace(row, quantity=row.quantity - used)


def _add(rows: dict[int, ShipLine], more: Iterable[ShipLine]) -> None:
    for row in more:
        before = rows.get(row.position)
        rows[row.position] = row if before is None else replace(before, quantity=before.quantity + row.quantity)
