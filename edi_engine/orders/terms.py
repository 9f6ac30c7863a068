"""Terms: when a payment is due, and what it saves to pay early, as days and amounts.

Days are counted in the calendar, from the day that the basis names (X12 element 333). What is stated as a date stays.
Where the day to count from is not known, or the kind of terms needs more than is stated, nothing is worked out.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.orders.money import half_up, plain
from edi_engine.orders.order import Terms

FROM_DAY: Final = frozenset({None, "01", "03", "04", "05", "07", "08", "14", "22", "52"})
"""Kinds of terms (X12 element 336) whose days count from the day of the basis."""
FROM_MONTH_END: Final = frozenset({"02", "12"})
"""Kinds whose days count from the end of that day's month: end of month; 12 has ten days if none are stated."""
PROXIMO: Final = "09"
"""The kind that is due on a day (ITD13) of the month after that of the basis."""
FIXED_DAY: Final = frozenset({"03", "18"})
"""Kinds that, where they name a day of the month instead of a date, are due on the first such day after the basis."""
NO_DISCOUNT: Final = frozenset({"05", "17"})
TEN_AFTER: Final = "12"
MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class TermDays:
    """The days from which terms may count; None where one is not known."""

    invoice: dt.date
    ship: dt.date | None = None
    delivery: dt.date | None = None
    order: dt.date | None = None

    def of(self, basis: str | None) -> dt.date | None:
        """Give the day that a basis names; terms without a basis count from the invoice."""
        if basis in {None, "", "3", "8"}:
            return self.invoice
        return {"1": self.ship, "2": self.delivery, "6": self.delivery, "15": self.delivery, "09": self.order}.get(
            basis or ""
        )


def resolve(terms: Terms, days: TermDays, discountable: Decimal) -> Terms:
    """Give the terms with their dates filled in, and the discount on `discountable` in cents, halves away from zero."""
    start = days.of(terms.basis)
    discount = _allows_discount(terms)
    amount = terms.discount_amount
    if not discount:
        amount = None
    elif terms.discount_percent:
        amount = half_up(Fraction(discountable) * Fraction(terms.discount_percent) / 100)
    return replace(
        terms,
        discount_due=terms.discount_due or (_due(terms, start, terms.discount_days) if discount else None),
        net_due=terms.net_due or _due(terms, start, terms.net_days, discount=discount),
        discount_amount=amount,
    )


def discount_of(terms: tuple[Terms, ...]) -> Decimal | None:
    """Give the discount of the first of some resolved terms that allow one: the one that a quick payer takes."""
    return next((one.discount_amount for one in terms if one.discount_amount and _allows_discount(one)), None)


def absurd(stated: Iterable[Terms], days: TermDays, discountable: Decimal | None) -> Terms | None:
    """Give the first of some terms that cannot be meant, worked out: a number below zero, or more off than there is.

    `discountable` is what a discount is taken of; None where that is not known, so that only percents can tell.
    """
    for one in stated:
        if any(number is not None and number < 0 for number in _numbers(one).values()):
            return one
        if discountable is not None:
            off = resolve(one, days, discountable)
            if (off.discount_amount or 0) > discountable:
                return off
        elif _allows_discount(one) and (one.discount_percent or 0) > 100:
            return one
    return None


def said(terms: Terms) -> str:
    """Say what terms state, in a few words: `2 %, 10 days, 30 net days`."""
    return ", ".join(f"{plain(number)} {word}" for word, number in _numbers(terms).items() if number is not None)


def _numbers(terms: Terms) -> dict[str, Decimal | None]:
    return {
        "%": terms.discount_percent,
        "off": terms.discount_amount,
        "days": terms.discount_days,
        "net days": terms.net_days,
    }


def _allows_discount(terms: Terms) -> bool:
    if terms.type in NO_DISCOUNT:
        return False
    return (terms.discount_percent or Decimal(0)) > 0 or (terms.discount_amount or Decimal(0)) > 0


def _due(terms: Terms, start: dt.date | None, stated: Decimal | None, *, discount: bool = False) -> dt.date | None:
    """Count from `start`; the ten days of type 12 are those of its discount where it has one."""
    if stated is None and start is not None and terms.day_of_month is not None:
        return _day_of_month(terms, start, terms.day_of_month)
    if stated is None and terms.type == TEN_AFTER and not discount:
        stated = Decimal(10)
    if start is None or stated is None or stated % 1 or not 0 <= stated <= MOST_DAYS:
        return None
    if terms.type in FROM_MONTH_END:
        start = start.replace(day=monthrange(start.year, start.month)[1])
    elif terms.type not in FROM_DAY:
        return None
    return start + dt.timedelta(days=int(stated))


def _day_of_month(terms: Terms, start: dt.date, day: Decimal) -> dt.date | None:
    """Give the day of a month that terms name; the 31st of a short month is its last day."""
    if day % 1 or not 1 <= day <= 31:
        return None
    this = _in_month(start, int(day))
    if terms.type == PROXIMO or (terms.type in FIXED_DAY and this <= start):
        return _in_month(start.replace(day=1) + dt.timedelta(days=31), int(day))
    return this if terms.type in FIXED_DAY else None


def _in_month(of: dt.date, day: int) -> dt.date:
    return of.replace(day=min(day, monthrange(of.year, of.month)[1]))
