"""Codes of an agency's own list of allowances and charges go out as such, and never as codes of X12."""

from __future__ import annotations

import pytest

from tests.fixtures.trading import HOSE, Desk, interchange, order, pick


@pytest.mark.parametrize(
    ("stated", "billed"),
    [
        ("SAC*A**VI*0040*500*******02***PROMOTION", "SAC*A**VI*0040*500*******02***PROMOTION"),
        ("SAC*A*C310*VI*0040*500*******02", "SAC*A*C310*VI*0040*500*******02"),
        ("SAC*A*C310***500*******02", "SAC*A*C310***500*******02"),
    ],
)
def test_of_the_heading_and_of_a_line(auto: Desk, stated: str, billed: str) -> None:
    auto.walk(interchange(order("1", HOSE, stated)))
    body = order("2")
    body.insert(next(number for number, one in enumerate(body) if one.startswith("DTM")), stated)
    auto.walk(interchange(body, control=2))
    assert [["*".join(one) for one in pick(sent, "SAC")] for sent in auto.bodies("810")] == [[billed], [billed]]
    assert auto.cases() == []
    auto.sound()
