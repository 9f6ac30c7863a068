"""Schedules: the parts of a line that is wanted on several days (SCH)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import OrderLine, Schedule
from edi_engine.orders.units import convert, exact

SHIP_DATES: Final = frozenset({"010", "037", "038", "068", "079", "118"})
"""Kinds of date (X12 element 374) on which goods leave us."""
DELIVERY_DATES: Final = frozenset({"002", "017", "063", "064", "067", "069", "074", "077", "106"})
"""Kinds of date on which goods reach them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line in its unit, on the day on which it ships, or else on which it arrives."""

    quantity: Decimal
    ship_on: dt.date | None = None
    deliver_on: dt.date | None = None

    @property
    def day(self) -> dt.date | None:
        """The day that it has."""
        return self.ship_on or self.deliver_on


def part_of(schedule: Schedule, line: OrderLine, fact: ItemFact | None) -> Part | None:
    """Give a schedule as a part of its line; None where its day, its quantity or its unit does not tell."""
    if schedule.quantity is None or schedule.quantity <= 0 or schedule.date is None:
        return None
    case_pack = None if fact is None else fact.case_pack
    converted = convert(schedule.quantity, schedule.unit or line.unit, line.unit, case_pack)
    quantity = None if converted is None else exact(converted)
    if quantity is None:
        return None
    if schedule.date_type in SHIP_DATES:
        return Part(quantity, ship_on=schedule.date)
    return Part(quantity, deliver_on=schedule.date) if schedule.date_type in DELIVERY_DATES else None


def parts_of(line: OrderLine, fact: ItemFact | None) -> tuple[Part, ...]:
    """Give the parts of a line, the earliest first; those that cannot be told are left out: a rule holds them."""
    found = [part for one in line.schedules if (part := part_of(one, line, fact)) is not None]
    return tuple(sorted(found, key=lambda part: part.day or dt.date.max))
