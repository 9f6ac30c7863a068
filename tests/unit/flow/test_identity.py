"""An interchange is named by its addresses and control number, for a year; line ends are no part of what it says."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.flow.line_ends import essence, plain
from tests.fixtures.exchange import Exchange, order

MONTH = timedelta(days=30)
DELIMITED = order(9).replace(b"\n", b"").replace(b"\r", b"")


def comes(exchange: Exchange, data: bytes) -> str:
    """Let a file come; give the state of its interchange."""
    exchange.drop("po.edi", data)
    exchange.take()
    exchange.work()
    with exchange.office().ledger.reading() as unit:
        return unit.interchanges.select(direction="in", descending=True, limit=1)[0].state


def other(number: int) -> bytes:
    """The same control number with other content."""
    return order(number).replace(b"45%08d" % number, b"46%08d" % number)


@pytest.mark.fault("D6")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"~", b"~\r\n"),
        (b"~\n", b"~"),
        (b"~\n", b"~\r\n"),
        (b"\n", b"\r\n"),
        (b"\r\n", b"\n"),
        (b"\x1c\r\n", b"\x1c\n"),
    ],
)
def test_other_line_ends_make_no_other_interchange(exchange: Exchange, first: bytes, second: bytes) -> None:
    assert comes(exchange, DELIMITED.replace(b"~", first)) == "DONE"
    orders = len(exchange.documents(kind="855"))
    assert comes(exchange, DELIMITED.replace(b"~", second)) == "DUPLICATE"
    assert len(exchange.documents(kind="855")) == orders == 1
    assert exchange.cases() == []
    assert exchange.sound()


@pytest.mark.fault("D7")
def test_other_content_under_a_used_number_is_a_conflict(exchange: Exchange) -> None:
    assert comes(exchange, order(9)) == "DONE"
    assert comes(exchange, other(9)) == "QUARANTINED"
    assert exchange.kinds() == ["envelope.conflict"]


@pytest.mark.fault("D7")
def test_a_line_end_inside_an_element_is_content(exchange: Exchange) -> None:
    comes(exchange, DELIMITED)
    assert comes(exchange, DELIMITED.replace(b"*SA*", b"*S\nA*")) == "QUARANTINED"


@pytest.mark.fault("D15")
def test_after_999999999_comes_1(exchange: Exchange) -> None:
    assert comes(exchange, order(1)) == "DONE"
    assert comes(exchange, order(999_999_999)) == "DONE"
    assert comes(exchange, order(2)) == "DONE"
    exchange.clock.move(4 * MONTH)
    assert comes(exchange, order(500)) == "DONE"
    exchange.clock.move(9 * MONTH)
    assert comes(exchange, other(1)) == "DONE", "more than a year ago, and they have sent others since"
    exchange.clock.move(MONTH)
    assert comes(exchange, other(500)) == "QUARANTINED", "less than a year ago"
    assert exchange.sound()


@pytest.mark.fault("D15", "H10")
def test_a_clock_that_jumps_ends_no_window(exchange: Exchange) -> None:
    assert comes(exchange, order(1)) == "DONE"
    exchange.clock.move(timedelta(days=3650))
    assert comes(exchange, order(2)) == "DONE"
    assert comes(exchange, other(1)) == "QUARANTINED"
    assert comes(exchange, other(2)) == "QUARANTINED"
    assert exchange.kinds().count("envelope.conflict") == 2


ENDS = st.lists(st.sampled_from((b"", b"\n", b"\r\n", b"\r", b"\n\n")), min_size=30, max_size=30)


@given(ends=ENDS, size=st.integers(1, 600))
def test_line_ends_are_all_that_is_left_out(ends: list[bytes], size: int) -> None:
    segments = DELIMITED.split(b"~")[:-1]
    written = b"".join(segment + b"~" + end for segment, end in zip(segments, ends, strict=False))
    assert len(segments) <= len(ends)
    assert b"".join(plain(written, 0, len(written), size)) == DELIMITED
    assert essence(b"junk" + written, 4, 4 + len(written)) == hashlib.sha256(DELIMITED).digest()


@given(
    ends=st.lists(st.sampled_from((b"\n", b"\r\n", b"\r", b"\n\n")), min_size=30, max_size=30), size=st.integers(1, 600)
)
def test_segments_that_end_in_line_ends_are_told_apart_by_one_each(ends: list[bytes], size: int) -> None:
    segments = DELIMITED.split(b"~")[:-1]
    written = b"".join(segment + end for segment, end in zip(segments, ends, strict=False))
    assert b"".join(plain(written, 0, len(written), size)) == b"\n".join(segments)
