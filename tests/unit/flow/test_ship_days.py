"""What ships by itself leaves on its day; what is backordered leaves when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from edi_engine.flow.fulfil import ship_order
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.ship_days import SHIP_DUE, to_come
from edi_engine.orders.ship import ShipInstruction, ShipLine
from tests.fixtures.trading import BY_HAND, CANS, Desk, desk, interchange, order, pick

TWO_DAYS = ["PO1*1*24*EA*12.4*PE*IN*100101", "SCH*12*EA***010*20261201", "SCH*12*EA***010*20261215"]
RAKES = "PO1*1*20*EA*11.6*PE*IN*100107"
"""Twelve of them are there."""
LATER = ("short_stock: cut ", "short_stock: backorder ")


def states(trade: Desk) -> tuple[str, list[str]]:
    with trade.office().ledger.reading() as unit:
        return unit.orders.get(1).state, [line.state for line in unit.lines.select(order_id=1)]


def timers(trade: Desk) -> list[tuple[str, str]]:
    with trade.office().ledger.reading() as unit:
        return [(timer.state, f"{timer.due_at:%m-%d %H:%M}") for timer in unit.timers.select(kind=SHIP_DUE)]


def shipped(trade: Desk) -> list[list[str]]:
    return [[f"{one[1]}: {one[2]}" for one in pick(body, "SN1")] for body in trade.bodies("856")]


def told(trade: Desk) -> tuple[str, ...]:
    with trade.office().ledger.reading() as unit:
        return to_come(trade.office(), unit, unit.orders.get(1), unit.lines.select(order_id=1))


def on(trade: Desk, days: int) -> None:
    """Let days pass, and do what the daemon would do then."""
    trade.shop.clock.move(timedelta(days=days))
    fire_timers(trade.office())
    trade.work()


def test_parts_of_a_line_leave_on_their_days(auto: Desk) -> None:
    auto.walk(interchange(order("1", *TWO_DAYS, CANS)))
    assert shipped(auto) == [["2: 12", "2: 12"]]
    assert states(auto) == ("PART_SHIPPED", ["ANSWERED", "INVOICED"])
    assert timers(auto) == [("WAITING", "12-01 05:00")]  # midnight in New York
    assert told(auto) == ("12 EA of line 1 on 2026-12-01", "12 EA of line 1 on 2026-12-15")
    on(auto, 8)
    assert len(shipped(auto)) == 1  # the 30th of November
    on(auto, 1)
    assert shipped(auto)[1:] == [["1: 6", "1: 6"]]
    assert states(auto) == ("PART_SHIPPED", ["PART_SHIPPED", "INVOICED"])
    assert timers(auto) == [("FIRED", "12-01 05:00"), ("WAITING", "12-15 05:00")]
    on(auto, 20)  # nobody looked for some days
    assert len(shipped(auto)) == 3
    assert pick(auto.bodies("856")[2], "DTM") == [["DTM", "011", "20261221"]]
    assert states(auto) == ("INVOICED", ["INVOICED", "INVOICED"])
    assert [state for state, _ in timers(auto)] == ["FIRED", "FIRED"]
    assert told(auto) == ()
    totals = [int(pick(body, "TDS")[0][1]) for body in auto.bodies("810")]
    assert totals == [24 * 720, 12 * 1240, 12 * 1240]
    auto.sound()


def test_an_order_that_may_not_ship_yet_waits_for_its_window(auto: Desk) -> None:
    auto.walk(interchange(order("1", ship="DTM*037*20261125")))
    assert states(auto) == ("ANSWERED", ["ANSWERED"])
    assert shipped(auto) == []
    assert told(auto) == ("12 EA of line 1 on 2026-11-25",)
    before = auto.counts()
    auto.work()
    assert auto.counts() == before  # it is not looked at again before its day
    on(auto, 3)
    assert shipped(auto) == [["1: 6", "1: 6"]]
    auto.sound()


def test_goods_that_must_arrive_on_a_day_leave_as_many_days_before_as_they_travel(tmp_path: Path) -> None:
    with desk(tmp_path, ("    carrier: FDEG\n", "    carrier: FDEG\n    transit_days: 3\n")) as auto:
        auto.walk(interchange(order("1", TWO_DAYS[0], "SCH*24*EA***002*20261125")))
        assert [pick(body, "DTM") for body in auto.bodies("856")] == [
            [["DTM", "011", "20261122"], ["DTM", "017", "20261125"]]
        ]


@pytest.mark.fault("G10")
def test_what_a_person_ships_early_does_not_ship_again(auto: Desk) -> None:
    auto.walk(interchange(order("1", *TWO_DAYS)))
    early = ShipInstruction((ShipLine(1, Decimal(18)),))
    assert ship_order(auto.office(), auto.orders()[0], early, by_hand=True).document is not None
    assert timers(auto) == [("CANCELLED", "12-01 05:00"), ("WAITING", "12-15 05:00")]
    on(auto, 23)
    assert [sum(int(row[3:]) for row in one) for one in shipped(auto)] == [18, 6]
    assert states(auto) == ("INVOICED", ["INVOICED"])


def test_a_timer_of_an_order_that_is_gone_ends(auto: Desk) -> None:
    auto.walk(interchange(order("1", *TWO_DAYS)))
    with auto.office().ledger.unit("test") as unit:
        unit.lines.change(unit.lines.get(1), state="CANCELLED")
        unit.orders.change(unit.orders.get(1), state="CANCELLED")
    on(auto, 9)
    assert [state for state, _ in timers(auto)] == ["FIRED"]
    assert shipped(auto) == []


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Desk]:
    """A desk at which what is short follows later, and nothing ships by itself."""
    with desk(tmp_path, BY_HAND, LATER) as opened:
        yield opened


def ship(trade: Desk, *rows: tuple[int, int]) -> list[str]:
    instruction = ShipInstruction(tuple(ShipLine(position, Decimal(quantity)) for position, quantity in rows))
    return [
        finding.code for finding in ship_order(trade.office(), trade.orders()[0], instruction, by_hand=True).findings
    ]


def owed(trade: Desk) -> list[Decimal | None]:
    with trade.office().ledger.reading() as unit:
        return [line.backordered for line in unit.lines.select(order_id=1)]


def test_what_is_backordered_is_said_owed_and_shipped_later(later: Desk) -> None:
    later.walk(interchange(order("1", RAKES, CANS)))
    assert pick(later.bodies("855")[0], "ACK") == [
        ["ACK", "IA", "12", "EA"],
        ["ACK", "IB", "8", "EA"],
        ["ACK", "IA", "24", "EA"],
    ]
    assert owed(later) == [8, None]
    assert told(later) == ("backordered: 8 EA of line 1; it leaves when a shipping instruction names the line",)
    assert ship(later) == []
    assert (owed(later), states(later)) == ([8, None], ("PART_SHIPPED", ["PART_SHIPPED", "SHIPPED"]))
    assert ship(later) == ["order.shipment.nothing"]
    assert ship(later, (1, 9)) == ["order.shipment.over"]
    assert ship(later, (1, 5)) == []
    assert (owed(later), states(later)) == ([3, None], ("PART_SHIPPED", ["PART_SHIPPED", "SHIPPED"]))
    assert ship(later, (1, 3)) == []
    assert (owed(later), states(later)) == ([0, None], ("SHIPPED", ["SHIPPED", "SHIPPED"]))
    later.sound()


def test_an_order_that_ships_by_itself_stays_open_while_something_is_owed(tmp_path: Path) -> None:
    with desk(tmp_path, LATER) as auto:
        auto.walk(interchange(order("1", RAKES)))
        assert shipped(auto) == [["1: 4", "1: 4", "1: 4"]]
        assert states(auto) == ("PART_SHIPPED", ["PART_SHIPPED"])
        assert ship(auto, (1, 8)) == []
        auto.work()
        assert states(auto) == ("INVOICED", ["INVOICED"])
        assert [int(pick(body, "TDS")[0][1]) for body in auto.bodies("810")] == [12 * 1160, 8 * 1160]
        auto.sound()


def test_a_line_of_which_nothing_is_there_is_not_cancelled(tmp_path: Path) -> None:
    with desk(tmp_path, LATER) as auto:
        auto.edit("tables/items.csv", "11.60,EA,4,12,", "11.60,EA,4,0,")
        auto.walk(interchange(order("1", RAKES)))
        assert pick(auto.bodies("855")[0], "BAK")[0][2] == "AC"
        assert pick(auto.bodies("855")[0], "ACK") == [["ACK", "IB", "20", "EA"]]
        assert states(auto) == ("ANSWERED", ["ANSWERED"])
        assert (shipped(auto), auto.cases()) == ([], [])
        before = auto.counts()
        auto.work()
        assert auto.counts() == before
        assert ship(auto, (1, 20)) == []
        auto.work()
        assert states(auto) == ("INVOICED", ["INVOICED"])
        auto.sound()
