"""A line end inside an element is a fault of that element, and is never taken out in silence."""

from __future__ import annotations

import pytest

from tests.fixtures.trading import Desk, interchange, order, pick


@pytest.mark.fault("C6")
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_it_is_refused_with_code_6_and_nothing_is_booked(trade: Desk, line_end: str) -> None:
    broken = order("1")
    at = next(number for number, one in enumerate(broken) if one.startswith("N1*"))
    broken[at] = broken[at].replace("BLUEBIRD DC", f"BLUEBIRD{line_end}DC")
    trade.walk(interchange(broken, order("2")))
    (ack,) = trade.bodies("997")
    assert [(one[1], one[3]) for one in pick(ack, "AK4")] == [("2", "6")]
    assert [one[1] for one in pick(ack, "AK5")] == ["R", "A"]
    assert [one.po_number for one in trade.orders()] == ["2"]
    trade.sound()
