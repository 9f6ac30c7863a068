"""An order whose cancel or replacement waits for a person waits as well: it is not answered or shipped by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.flow.fulfil import ship_order
from edi_engine.orders.ship import ShipInstruction
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order

MORE = HOSE.replace("*12*EA", "*24*EA")
LATER = "DTM*037*20261201"
"""Nothing of the order leaves before this day, nine days from now."""


def sent(code: str, control: int, *lines: str, number: str = "1", usage: str = "P", **options) -> bytes:
    data = interchange(order(number, *lines, **options), control=control, usage=usage)
    return data.replace(b"BEG*00", b"BEG*" + code.encode())


def kinds(trade: Desk) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in trade.cases()]


def states(trade: Desk) -> list[str]:
    return [one.state for one in trade.orders()]


def on_its_day(trade: Desk) -> None:
    trade.shop.clock.move(timedelta(days=10))
    trade.work()


@pytest.mark.fault("F2")
def test_an_order_that_comes_after_its_cancel_waits(auto: Desk) -> None:
    auto.walk(sent("01", 1))
    cancel = auto.case()
    auto.walk(sent("00", 2))
    assert states(auto) == ["HELD"]
    assert kinds(auto) == [("order.purpose", "set:1"), ("order.recall", "order:1")]
    held = auto.cases()[1]
    assert held.title == (
        "A cancel of order 1 came on 2026-11-22 and waits (case 1); until that is settled, the order waits too."
    )
    assert auto.documents("855", "856", "810") == []
    retry(auto.office(), held.id)
    assert states(auto) == ["HELD"]
    retry(auto.office(), cancel.id)
    assert states(auto) == ["CANCELLED"]
    assert auto.cases() == []
    auto.work()
    assert auto.documents("855", "856", "810") == []
    auto.sound()


def test_it_goes_on_when_the_cancel_is_put_aside(auto: Desk) -> None:
    auto.walk(sent("01", 1))
    cancel = auto.case()
    auto.walk(sent("00", 2))
    resolve(auto.office(), cancel.id, "dismiss", why="they ordered it again")
    assert states(auto) == ["ANSWERED"]
    auto.work()
    assert states(auto) == ["INVOICED"]
    assert auto.cases() == []
    auto.sound()


@pytest.mark.parametrize("other", [{"usage": "T"}, {"number": "2"}])
def test_another_order_does_not_wait(auto: Desk, other: dict[str, str]) -> None:
    auto.walk(sent("01", 1))
    auto.walk(sent("00", 2, **other))
    assert states(auto) == ["INVOICED"]
    auto.sound()


def test_a_copy_with_another_content_stops_nothing(auto: Desk) -> None:
    auto.walk(sent("00", 1, ship=LATER))
    auto.walk(sent("00", 2, MORE, ship=LATER))
    assert kinds(auto) == [("order.duplicate", "set:2")]
    on_its_day(auto)
    assert states(auto) == ["INVOICED"]


@pytest.mark.parametrize("code", ["01", "05"])
def test_what_the_guide_holds_keeps_the_booked_order_from_shipping(auto: Desk, code: str) -> None:
    auto.walk(sent("00", 1, ship=LATER))
    auto.walk(sent(code, 2, MORE, ship=LATER, department=None))
    guide = auto.case()
    assert (guide.kind, guide.order_id) == ("partner.guide", 1)  # `edi orders show` lists it
    on_its_day(auto)
    assert states(auto) == ["ANSWERED"]
    assert kinds(auto) == [("partner.guide", "set:2"), ("order.recall", "ship:1")]
    auto.work()
    assert auto.documents("856") == []
    auto.edit("partner.yaml", "    REF(DP): required ", "    BEG05: required ")
    retry(auto.office(), guide.id)
    assert states(auto) == (["CANCELLED"] if code == "01" else ["CANCELLED", "ANSWERED"])
    assert auto.cases() == []
    auto.sound()


def test_it_ships_when_the_replacement_is_put_aside(auto: Desk) -> None:
    auto.walk(sent("00", 1, ship=LATER))
    auto.walk(sent("05", 2, MORE, department=None))
    on_its_day(auto)
    resolve(auto.office(), auto.cases()[0].id, "dismiss")
    assert auto.cases() == []
    auto.work()
    assert states(auto) == ["INVOICED"]
    auto.sound()


def test_the_rest_of_an_order_waits_for_a_cancel_that_came_too_late(auto: Desk) -> None:
    later = ["PO1*1*24*EA*12.4*PE*IN*100101", "SCH*12*EA***010*20261122", "SCH*12*EA***010*20261201"]
    auto.walk(sent("00", 1, *later, ship="DTM*001*20261231"))
    before = len(auto.documents("856"))
    auto.walk(sent("01", 2, *later, ship="DTM*001*20261231"))
    on_its_day(auto)
    assert len(auto.documents("856")) == before
    assert ("order.recall", "ship:1") in kinds(auto)


def test_a_person_may_ship_it_all_the_same(trade: Desk) -> None:
    trade.walk(sent("00", 1))
    trade.walk(sent("01", 2, department=None))
    assert ship_order(trade.office(), trade.orders()[0], ShipInstruction(), by_hand=True).record is not None


def test_a_decision_about_something_else_does_not_send_the_answer(trade: Desk) -> None:
    trade.walk(sent("00", 1, HOSE, DEAR_SHEARS))
    price = trade.case()
    trade.walk(sent("05", 2, HOSE, department=None))
    resolve(trade.office(), price.id, "keep-ours")
    assert states(trade) == ["HELD"]
    assert trade.documents("855") == []
    held = next(one for one in trade.cases() if one.kind == "order.recall")
    waiting = next(one for one in trade.cases() if one.kind == "partner.guide")
    resolve(trade.office(), waiting.id, "dismiss")
    assert states(trade) == ["ANSWERED"]
    with trade.office().ledger.reading() as unit:
        assert unit.cases.get(held.id).state == "RESOLVED"
    trade.sound()
