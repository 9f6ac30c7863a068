from datetime import date
from decimal import Decimal

import pytest

from edi_engine.orders.order import Terms
from edi_engine.orders.terms import TermDays, discount_of, resolve

DAYS = TermDays(date(2026, 12, 22), ship=date(2026, 12, 20), delivery=date(2027, 1, 4), order=date(2026, 11, 30))


def terms(type_="01", basis="3", **stated):
    usual = {"discount_percent": Decimal(2), "discount_days": Decimal(10), "net_days": Decimal(30), **stated}
    return Terms(type_, basis, **usual)


def proximo(day, type_="09", **stated):
    return terms(type_, **{"discount_days": None, "net_days": None, "day_of_month": Decimal(day), **stated})


def due(one, days=DAYS, base="1000.00"):
    found = resolve(one, days, Decimal(base))
    return found.discount_due, found.net_due, found.discount_amount


@pytest.mark.fault("F12")
@pytest.mark.parametrize(
    ("one", "discount_due", "net_due"),
    [
        (terms(), date(2027, 1, 1), date(2027, 1, 21)),  # over New Year
        (terms(basis=None), date(2027, 1, 1), date(2027, 1, 21)),
        (terms(basis="1"), date(2026, 12, 30), date(2027, 1, 19)),  # from shipping
        (terms(basis="2"), date(2027, 1, 14), date(2027, 2, 3)),  # from delivery
        (terms(basis="15"), date(2027, 1, 14), date(2027, 2, 3)),
        (terms(basis="09"), date(2026, 12, 10), date(2026, 12, 30)),  # from the order
        (terms("02"), date(2027, 1, 10), date(2027, 1, 30)),  # from the end of the month
        (terms("12", discount_days=None, net_days=None), date(2027, 1, 10), None),
        (terms("12", discount_percent=None, discount_days=None, net_days=None), None, date(2027, 1, 10)),
        (terms("05"), None, date(2027, 1, 21)),  # no discount
        (terms("09"), None, None),  # proximo: a day of the month that is not stated
        (proximo(10), date(2027, 1, 10), date(2027, 1, 10)),  # the 10th of next month, over New Year
        (proximo(31), date(2027, 1, 31), date(2027, 1, 31)),
        (proximo(10, net_days=Decimal(30)), date(2027, 1, 10), None),  # net 30, counted from what?
        (proximo(10, discount_percent=None), None, date(2027, 1, 10)),
        (proximo(0), None, None),
        (proximo(15, type_="03"), date(2027, 1, 15), date(2027, 1, 15)),  # the 15th of December is past
        (proximo(31, type_="03"), date(2026, 12, 31), date(2026, 12, 31)),
        (proximo(10, type_="01"), None, None),
        (terms(basis="7"), None, None),  # the effective date is not known
        (terms(net_days=Decimal("1.5")), date(2027, 1, 1), None),
        (terms(net_days=Decimal(-1)), date(2027, 1, 1), None),
        (terms(net_due=date(2027, 3, 1), net_days=None), date(2027, 1, 1), date(2027, 3, 1)),
        (terms("03", "3", discount_percent=None, net_due=date(2027, 3, 1)), None, date(2027, 3, 1)),
    ],
)
def test_days_are_counted_over_the_ends_of_months_and_years(one, discount_due, net_due):
    assert due(one)[:2] == (discount_due, net_due)


def test_the_thirty_first_of_a_short_month_is_its_last_day():
    january = TermDays(date(2027, 1, 31))
    assert due(proximo(31), january)[1] == date(2027, 2, 28)


@pytest.mark.fault("F12")
def test_the_end_of_a_february_in_a_leap_year():
    found = resolve(terms("02", net_days=Decimal(0)), TermDays(date(2028, 2, 1)), Decimal(1))
    assert found.net_due == date(2028, 2, 29)
    assert resolve(terms(net_days=Decimal(30)), TermDays(date(2028, 1, 31)), Decimal(1)).net_due == date(2028, 3, 1)


@pytest.mark.parametrize(
    ("one", "base", "amount"),
    [
        (terms(), "1000.00", "20.00"),
        (terms(), "100.25", "2.01"),  # 2.005
        (terms(), "100.24", "2.00"),  # 2.0048
        (terms(discount_percent=None, discount_amount=Decimal("7.50")), "100.00", "7.50"),
        (terms(discount_percent=Decimal(-5)), "100.00", None),
        (terms(discount_percent=Decimal(0)), "100.00", None),
        (terms("05"), "100.00", None),
    ],
)
def test_the_discount_is_a_percent_in_cents_half_up(one, base, amount):
    assert due(one, base=base)[2] == (None if amount is None else Decimal(amount))


def test_the_first_terms_that_allow_a_discount_make_it():
    found = tuple(
        resolve(one, DAYS, Decimal(100)) for one in (terms("05"), terms(), terms(discount_percent=Decimal(1)))
    )
    assert discount_of(found) == Decimal("2.00")
    assert discount_of(found[:1]) is None
    assert discount_of(()) is None
