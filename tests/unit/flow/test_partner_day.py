"""Days are the partner's: late on New Year's Eve in New York, it is next year already in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fixtures.trading import Desk, interchange, order, pick


@pytest.mark.fault("F12")
def test_an_invoice_and_its_terms_count_from_the_day_at_the_partners(auto: Desk) -> None:
    auto.shop.clock.moment = datetime(2027, 1, 1, 3, 30, tzinfo=UTC)
    begin, *refs_and_more = order("1", ship="DTM*010*20270111")
    at = next(at for at, one in enumerate(refs_and_more) if one.startswith("DTM*"))
    terms = ["ITD*01*3*2**10**30", "ITD*02*3*1.5**15**45"]
    auto.walk(interchange([begin, *refs_and_more[:at], *terms, *refs_and_more[at:]]))
    auto.work()
    (invoice,) = auto.bodies("810")
    assert pick(invoice, "BIG")[0][1] == "20261231"
    assert pick(invoice, "DTM")[0][2] == "20261231"  # shipped on
    from_day, from_month_end = pick(invoice, "ITD")
    assert from_day[4:8] == ["20270110", "10", "20270130", "30"]
    assert from_month_end[4:8] == ["20270115", "15", "20270214", "45"]
    (answer,) = auto.bodies("855")
    assert pick(answer, "BAK")[0][9] == "20261231"
