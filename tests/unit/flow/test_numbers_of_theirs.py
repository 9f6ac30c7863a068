"""The interchange numbers of a partner: any order, any gap, and a new beginning after the highest (rows D15, D16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.app.gaps import missing, said
from edi_engine.flow.gaps import Gap
from tests.fixtures.trading import Desk, interchange, order


@pytest.mark.fault("D15")
def test_after_the_highest_comes_one(trade: Desk) -> None:
    for po_number, control in enumerate((999_999_998, 999_999_999, 1, 2), 1):
        trade.walk(interchange(order(str(po_number)), control=control))
    assert [one.po_number for one in trade.orders()] == ["1", "2", "3", "4"]
    assert trade.cases() == []
    trade.sound()


@pytest.mark.fault("D16")
def test_gaps_and_numbers_out_of_turn_are_accepted(trade: Desk) -> None:
    for po_number, control in enumerate((50, 7, 4000, 8, 1), 1):
        trade.walk(interchange(order(str(po_number)), control=control))
    assert len(trade.orders()) == 5
    assert trade.cases() == []
    trade.sound()


@pytest.mark.fault("D15")
@pytest.mark.parametrize(("days", "state"), [(365, "QUARANTINED"), (366, "DONE")])
def test_a_number_that_comes_back_after_a_year_is_a_new_one(trade: Desk, days: int, state: str) -> None:
    """The window is 365 days; something else came in it, so that it was no clock that jumped."""
    trade.walk(interchange(order("1"), control=7))
    trade.shop.clock.moment += timedelta(days=180)
    trade.walk(interchange(order("2"), control=8))
    trade.shop.clock.moment += timedelta(days=days - 180)
    trade.walk(interchange(order("3"), control=7))
    with trade.shop.place.office().ledger.reading() as unit:
        assert [one.state for one in unit.interchanges.select(direction="in")] == ["DONE", "DONE", state]
    assert [one.po_number for one in trade.orders()] == ["1", "2", *(["3"] if state == "DONE" else [])]
    conflicts = [case for case in trade.cases() if case.kind == "envelope.conflict"]
    assert len(conflicts) == (0 if state == "DONE" else 1)
    trade.sound()


@pytest.mark.fault("D16")
def test_what_did_not_come_is_listed(trade: Desk) -> None:
    for po_number, control in enumerate((1, 2, 3, 9, 5, 5), 1):
        trade.walk(interchange(order(str(po_number)), control=control))
    store = trade.shop.place.store
    (found,) = missing(store, trade.shop.clock.moment - timedelta(days=30))
    assert (found.partner, found.came, found.missing) == ("bluebird", 6, 4)
    assert found.gaps == (Gap(4, 4), Gap(6, 8))
    assert missing(store, trade.shop.clock.moment + timedelta(days=1)) == ()
    assert said(found).startswith(f"{found.came} interchanges of bluebird came in the last 30 days; 4 numbers between ")
