"""Text, counts, money and moments as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.cli.plain import counted, due, moment, money, number, ordinal, safe, span

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0.00"),
        ("1234.5", "1,234.50"),
        ("-1234567.891", "-1,234,567.891"),
        ("1E+3", "1,000.00"),
        ("0.1234", "0.1234"),
    ],
)
def test_money_has_thousands_and_two_decimals_or_more(value: str, text: str) -> None:
    assert money(Decimal(value)) == text
    assert money(Decimal(value), "USD") == f"{text} USD"


def test_no_money_is_nothing() -> None:
    assert money(None, "USD") == ""


@pytest.mark.parametrize(("value", "text"), [("12.000", "12"), ("2.50", "2.5"), ("1200", "1,200"), ("100", "100")])
def test_quantities_have_no_needless_zeros(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals(value: int, text: str) -> None:
    assert ordinal(value) == text


def test_counts_have_their_plural() -> None:
    assert [counted(n, "case") for n in (0, 1, 1000)] == ["0 cases", "1 case", "1,000 cases"]


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=10), "10 min"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=1, hours=3, minutes=59), "1 day 3 h"),
        (timedelta(days=20, hours=3), "20 days"),
    ],
)
def test_spans_have_at_most_two_units(length: timedelta, text: str) -> None:
    assert span(length) == text
    assert due(NOW + length, NOW) == f"in {text}"


def test_what_is_late_says_so() -> None:
    assert due(NOW - timedelta(hours=3), NOW) == "overdue by 3 h"
    assert due(None, NOW) == ""


def test_moments_are_in_utc() -> None:
    assert moment(NOW) == "2026-11-22 12:00:00"
    assert moment(None) == ""


@pytest.mark.fault("S3")
@given(st.text())
def test_safe_text_can_be_printed_and_is_kept_where_it_could_be(text: str) -> None:
    assert safe(text).isprintable()
    assert safe(safe(text)) == safe(text)
    if text.isprintable():
        assert safe(text) == text
