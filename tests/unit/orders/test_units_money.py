from decimal import Decimal
from fractions import Fraction

import pytest

from edi_engine.orders.money import extended, half_up, price_at, price_of, sum_of
from edi_engine.orders.policy import HALF_UP_LINE, HALF_UP_TOTAL
from edi_engine.orders.units import convert, exact, ratio

TWELVE = Decimal(12)


@pytest.mark.fault("F10")
@pytest.mark.parametrize(
    ("unit", "to", "pack", "wanted"),
    [
        ("CA", "EA", TWELVE, Fraction(12)),
        ("EA", "CA", TWELVE, Fraction(1, 12)),
        ("DZ", "EA", None, Fraction(12)),
        ("CA", "DZ", Decimal(24), Fraction(2)),
        ("SF", "SF", None, Fraction(1)),
        ("CA", "CA", None, Fraction(1)),
        ("CA", "EA", None, None),
        ("CA", "EA", Decimal(0), None),
        ("SF", "EA", TWELVE, None),
        (None, "EA", TWELVE, None),
    ],
)
def test_only_a_table_tells_how_many(unit, to, pack, wanted):
    assert ratio(unit, to, pack) == wanted


def test_thirty_each_are_two_and_a_half_cases():
    assert convert(Decimal(30), "EA", "CA", TWELVE) == Fraction(5, 2)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(Fraction(5, 2), "2.5"), (Fraction(1, 3), None), (Fraction(-7, 40), "-0.175"), (Fraction(36), "36")],
)
def test_exact_gives_all_digits_or_nothing(value, wanted):
    assert exact(value) == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(
    ("price", "quantity", "unit", "basis", "wanted"),
    [
        ("7.20", 3, "CA", "PE", "259.20"),
        ("86.40", 3, "CA", None, "259.20"),
        ("86.40", 3, "CA", "UM", "259.20"),
        ("720", 36, "EA", "HP", "259.20"),
        ("7200", 3, "CA", "TP", "259.20"),
        ("86.40", 36, "EA", "TD", "259.20"),
        ("72", 36, "EA", "PN", "259.20"),
    ],
)
def test_the_same_goods_cost_the_same_at_every_basis(price, quantity, unit, basis, wanted):
    assert extended(Decimal(price), Decimal(quantity), unit, basis, TWELVE) == Fraction(wanted)


def test_a_basis_that_does_not_say_what_the_price_is_for_gives_nothing():
    assert extended(Decimal(1), Decimal(1), "EA", "QT", TWELVE) is None
    assert extended(Decimal(1), Decimal(1), "CA", "PE", None) is None


def test_our_price_each_becomes_theirs_per_case():
    assert price_at(Decimal("7.20"), "EA", "CA", None, TWELVE) == Fraction("86.40")
    assert price_at(Decimal("86.40"), "CA", "CA", "PE", TWELVE) == Fraction("7.20")


@pytest.mark.fault("F6")
@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("2.5049", "2.50"),
        ("-0.005", "-0.01"),
        ("-0.001", "0.00"),
        ("19.99", "19.99"),
    ],
)
def test_halves_round_away_from_zero(value, wanted):
    assert str(half_up(Fraction(value))) == wanted


@pytest.mark.fault("F6")
def test_rounding_is_exact_beyond_any_context():
    assert half_up(Fraction("123456789012345678901234567890.125")) == Decimal("123456789012345678901234567890.13")


@pytest.mark.fault("F6")
def test_line_and_total_rounding_differ_by_the_cent_they_are_about():
    thirds = [Fraction("0.335"), Fraction("0.335")]
    assert sum_of(thirds, HALF_UP_LINE) == Decimal("0.68")
    assert sum_of(thirds, HALF_UP_TOTAL) == Decimal("0.67")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(Fraction(10, 12), "0.8333"), (Fraction("7.2"), "7.20"), (Fraction("0.00125"), "0.00125"), (Fraction(9), "9.00")],
)
def test_a_price_keeps_its_digits_where_they_end(value, wanted):
    assert str(price_of(value)) == wanted
