"""A clock that jumps, and days that are not like others: nothing is taken twice, and nothing waits for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edi_engine.app.settings import SystemClock
from edi_engine.flow.overdue import fire_timers
from edi_engine.x12.reader import outline
from tests.fixtures.trading import Desk, interchange, order

JUMPS = {
    "back an hour": timedelta(hours=-1),
    "back ten years": timedelta(days=-3653),
    "ten years on": timedelta(days=3653),
}


def headings(trade: Desk, *kinds: str) -> list[tuple[str, str, str]]:
    """Give the day, the time and the number of the group of each document."""
    with trade.office().ledger.reading() as unit:
        groups = [outline(unit.blobs.get(one.sha256)).interchanges[0].groups[0] for one in trade.documents(*kinds)]
    return [(one.date, one.time, one.control) for one in groups]


@pytest.mark.fault("H10", "D6")
@pytest.mark.parametrize("jump", JUMPS)
def test_what_came_before_the_jump_is_known_after_it(trade: Desk, jump: str) -> None:
    first = interchange(order("1"), control=1)
    trade.walk(first)
    trade.shop.clock.moment += JUMPS[jump]  # the steady clock stays
    trade.walk(first)
    trade.walk(first + b"\r\n")
    trade.walk(interchange(order("2"), control=1))
    trade.walk(interchange(order("2"), control=2))
    assert [one.po_number for one in trade.orders()] == ["1", "2"]
    with trade.office().ledger.reading() as unit:
        states = [one.state for one in unit.interchanges.select(direction="in")]
        numbers = [int(one.control) for one in unit.interchanges.select(direction="out")]
    assert states == ["DONE", "DUPLICATE", "QUARANTINED", "DONE"]
    assert numbers == sorted(set(numbers)) == list(range(1, len(numbers) + 1))
    trade.shop.clock.moment -= JUMPS[jump]
    trade.walk(first)
    assert len(trade.orders()) == 2
    trade.sound()


@pytest.mark.fault("H10", "E12")
def test_ten_years_on_each_silence_is_told_once_and_back_again_nothing_is_sent_twice(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    before = len(trade.documents())
    for jump in (JUMPS["ten years on"], -JUMPS["ten years on"]):
        trade.shop.clock.moment += jump
        while fire_timers(trade.office()):
            pass
        assert [case.kind for case in trade.cases() if case.kind == "ack.overdue"] == ["ack.overdue"]
    assert len(trade.documents()) == before
    trade.sound()


# What the clock says in UTC, and the day and the time at the partner's in New York.
DAYS = {
    "before clocks go on": ((2026, 3, 8, 6, 59), ("20260308", "0159")),
    "after clocks went on": ((2026, 3, 8, 7, 0), ("20260308", "0300")),
    "the first half past one": ((2026, 11, 1, 5, 30), ("20261101", "0130")),
    "the second half past one": ((2026, 11, 1, 6, 30), ("20261101", "0130")),
    "a leap day": ((2028, 3, 1, 4, 30), ("20280229", "2330")),
    "the last day of the year": ((2027, 1, 1, 4, 59), ("20261231", "2359")),
    "the first of the year": ((2027, 1, 1, 5, 0), ("20270101", "0000")),
}


@pytest.mark.fault("F12", "H10")
@pytest.mark.parametrize("day", DAYS)
def test_a_document_has_the_day_and_time_of_the_partner(trade: Desk, day: str) -> None:
    moment, (date, time) = DAYS[day]
    trade.shop.clock.moment = datetime(*moment, tzinfo=UTC)
    trade.walk(interchange(order("1", ship="DTM*010*20291207"), control=1))
    assert headings(trade, "997", "855") == [(date, time, "1"), (date, time, "2")]
    trade.sound()


@pytest.mark.fault("F12", "H10")
def test_an_hour_that_comes_twice_gives_no_name_and_no_number_twice(trade: Desk) -> None:
    for number, minutes in enumerate((0, 60), 1):
        trade.shop.clock.moment = datetime(2026, 11, 1, 5, 30, tzinfo=UTC) + timedelta(minutes=minutes)
        trade.walk(interchange(order(str(number), ship="DTM*010*20291207"), control=number))
    made = trade.documents("997", "855")
    assert len({one.name for one in made}) == len({one.group_control for one in made}) == 4
    assert [one.at for one in made] == sorted(one.at for one in made)
    trade.sound()


@pytest.mark.fault("H10")
def test_the_steady_clock_is_not_that_of_the_day() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    assert abs(clock.monotonic() - clock.now().timestamp()) > 1e6
