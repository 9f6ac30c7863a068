"""Days of shipping: what of an order leaves today, and a timer for what leaves on a later day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from edi_engine.erp.json import from_json
from edi_engine.flow.books import Books
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import LineRecord, OrderRecord, TimerRecord
from edi_engine.orders.decision import Answer
from edi_engine.orders.money import plain
from edi_engine.orders.plan import Due, due, ship_plan
from edi_engine.orders.ship import ShipLine
from edi_engine.partners.partner import Partner

SHIP_DUE: Final = "ship_due"
"""The kind of timer that waits for the day on which more of an order leaves; its subject is such as `ship:7`."""
SHIPPABLE: Final = ("ANSWERED", "PART_SHIPPED")


@dataclass(frozen=True, slots=True)
class Timers:
    """The orders with a timer that waits, by their ids: those whose day has come, and those whose day has not."""

    due: tuple[int, ...]
    later: frozenset[int]


def ship_timers(office: Books, unit: Unit) -> Timers:
    """Give the orders of which more is to leave on a day of its own."""
    now = office.clock.now()
    found = {timer.subject: timer.due_at for timer in unit.timers.select(kind=SHIP_DUE, state="WAITING")}
    by_id = {int(subject.partition(":")[2]): at for subject, at in found.items()}
    return Timers(
        tuple(number for number, at in by_id.items() if at <= now),
        frozenset(number for number, at in by_id.items() if at > now),
    )


def has_more(unit: Unit, record: OrderRecord) -> bool:
    """Say whether anything that was accepted of an order has not left yet; what is only backordered does not count."""
    waiting = unit.lines.select(order_id=record.id, state=SHIPPABLE)
    return any(line.shipped < line.accepted for line in waiting)


def due_today(books: Books, unit: Unit, record: OrderRecord, partner: Partner, answer: Answer) -> Due:
    """Give what of an answered order leaves by the partner's today, and what later."""
    shipped = {line.position: line.shipped for line in unit.lines.select(order_id=record.id)}
    return due(ship_plan(answer), shipped, books.today(partner), partner.fulfilment.transit_days)


def wait_for_next(office: Office, unit: Unit, record: OrderRecord, partner: Partner, answer: Answer) -> None:
    """Set the timer for the next day on which something of the order leaves; end one that has no reason any more."""
    later = due_today(office, unit, record, partner, answer).later
    at = _start_of(later[0][0], partner) if later else None
    standing = unit.timers.select(subject=_subject(record), kind=SHIP_DUE, state="WAITING")
    if at is not None and any(timer.due_at == at for timer in standing):
        return
    end_timers(office, unit, record)
    if at is None:
        return
    unit.timers.add(TimerRecord(_subject(record), SHIP_DUE, at))
    office.note(
        unit,
        "shipment planned",
        f"order:{record.id}",
        "; ".join(_told(day, rows) for day, rows in later),
        order_id=record.id,
        partner=record.partner,
    )


def end_timers(office: Office, unit: Unit, record: OrderRecord) -> None:
    """End the timers of an order: fired where their day has come, cancelled where it has not."""
    for timer in unit.timers.select(subject=_subject(record), kind=SHIP_DUE, state="WAITING"):
        unit.timers.change(timer, state="FIRED" if timer.due_at <= office.clock.now() else "CANCELLED")


def to_come(books: Books, unit: Unit, record: OrderRecord, lines: Iterable[LineRecord]) -> tuple[str, ...]:
    """Tell what of an order is still to leave on a later day, and what is backordered, a sentence each."""
    partner = books.edition.partners.get(record.partner)
    if record.answer_json is None or record.state not in SHIPPABLE or partner is None:
        return ()
    answer = from_json(Answer, record.answer_json)
    later = due_today(books, unit, record, partner, answer).later
    owed = [_goods(line.position, line.backordered, line.unit) for line in lines if line.backordered]
    backordered = (f"backordered: {', '.join(owed)}; it leaves when a shipping instruction names the line",)
    return (*(_told(day, rows) for day, rows in later), *(backordered if owed else ()))


def _subject(record: OrderRecord) -> str:
    return f"ship:{record.id}"


def _start_of(day: dt.date, partner: Partner) -> dt.datetime:
    """Give the moment (UTC) at which a day begins at the partner's."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(partner.clocks.zone)).astimezone(dt.UTC)


def _told(day: dt.date, rows: Iterable[ShipLine]) -> str:
    return f"{', '.join(_goods(row.position, row.quantity, row.unit) for row in rows)} on {day.isoformat()}"


def _goods(position: int, quantity: Decimal, unit: str | None) -> str:
    return f"{plain(quantity)} {unit or 'units'} of line {position}"
