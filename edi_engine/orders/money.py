"""Money: what a quantity costs at its price and basis, exactly, and how cents are rounded.

The basis of unit price (X12 element 639, PO105 and IT105) says what the price is for: PE is for each piece, so that
3 CA at 7.20 PE come to 259.20 where a case holds 12. Sums stay Fractions until they are rounded, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from edi_engine.orders.policy import HALF_UP_TOTAL
from edi_engine.orders.units import EACH, exact, ratio

BASES: Final[Mapping[str, tuple[str | None, int]]] = MappingProxyType({
    "UM": (None, 1),
    "PE": (EACH, 1),
    "TE": (EACH, 1),
    "LE": (EACH, 1),
    "WE": (EACH, 1),
    "PN": (EACH, 10),
    "TD": (EACH, 12),
    "WD": (EACH, 12),
    "HP": (EACH, 100),
    "TP": (EACH, 1000),
    "LM": (EACH, 1000),
    "HT": (EACH, 100_000),
    "PF": ("FT", 1),
    "HF": ("FT", 100),
    "PY": ("YD", 1),
    "PP": ("LB", 1),
    "PO": ("OZ", 1),
    "PK": ("KG", 1),
})  # fmt: skip
"""Basis of unit price: the unit that is priced (None: the line's own) and how many of it. Other codes tell what kind
of price it is, not what it is for; a line with one of those is held, not guessed."""


def priced(unit: str | None, basis: str | None) -> tuple[str | None, int] | None:
    """Give the unit and the number of them that a price at `basis` is for on a line in `unit`, None if unknown."""
    if not basis:
        return unit, 1
    found = BASES.get(basis)
    if found is None:
        return None
    return found[0] or unit, found[1]


def price_at(
    price: Decimal, per: str | None, unit: str | None, basis: str | None, case_pack: Decimal | None
) -> Fraction | None:
    """Give a `price` for one `per` as the price at `basis` on a line in `unit`; None where nothing tells how."""
    target = priced(unit, basis)
    if target is None:
        return None
    factor = ratio(target[0], per, case_pack)
    return None if factor is None else Fraction(price) * factor * target[1]


def extended(
    price: Decimal | Fraction, quantity: Decimal, unit: str | None, basis: str | None, case_pack: Decimal | None
) -> Fraction | None:
    """Give what `quantity` of `unit` costs at `price` per `basis`, exactly; None where nothing tells how."""
    target = priced(unit, basis)
    if target is None:
        return None
    factor = ratio(unit, target[0], case_pack)
    if factor is None:
        return None
    many, of_many = quantity.as_integer_ratio()
    each, of_each = price.as_integer_ratio()  # put together at once: to reduce a fraction at each step takes longer
    return Fraction(many * each * factor.numerator, of_many * of_each * factor.denominator * target[1])


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """Round to `places` decimals, halves away from zero."""
    rounded, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    rounded += 2 * rest >= value.denominator
    return Decimal(f"{'-' if value < 0 and rounded else ''}{rounded}E-{places}")


def price_of(value: Fraction) -> Decimal:
    """Write a price: all its digits where it has an end within six decimals, else rounded to four; cents at least."""
    found = exact(value)
    if found is None or half_up(value, 6) != found:
        return half_up(value, 4)
    return half_up(value) if half_up(value) == found else found


def sum_of(amounts: Iterable[Fraction], rounding: str) -> Decimal:
    """Add line amounts up to cents: each rounded first (half_up line), or their sum (half_up total)."""
    if rounding == HALF_UP_TOTAL:
        return half_up(sum(amounts, Fraction(0)))
    return half_up(sum((Fraction(half_up(amount)) for amount in amounts), Fraction(0)))


def rounded(amount: Fraction, rounding: str) -> Fraction:
    """Give what a line comes to: in cents where lines are rounded, exactly where only the total is."""
    return amount if rounding == HALF_UP_TOTAL else Fraction(half_up(amount))


def plain(number: Decimal) -> str:
    """Write a number for people: never with an exponent."""
    return f"{number:f}"
