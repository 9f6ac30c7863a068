"""The interchange numbers of a partner: any order, any gap, and a new beginning after the highest (rows D15, D16)."""

from __future__ import annotations

import pytest

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
