"""Units of measure: how many of one unit another holds, exactly. Nothing is converted that no table tells how to.

EA is one piece, DZ twelve of them, CA as many as the item's case pack says. Any other unit equals only itself.
Ratios are Fractions, because a third of a dozen has no exact Decimal of every price.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

EACH: Final = "EA"
CASE: Final = "CA"
DOZEN: Final = "DZ"
COUNTED: Final = frozenset({EACH, CASE, DOZEN})
"""Units of which there is no half."""


def pieces(unit: str | None, case_pack: Decimal | None) -> Fraction | None:
    """Give how many pieces (EA) one `unit` holds, None where nothing tells."""
    if unit == EACH:
        return Fraction(1)
    if unit == DOZEN:
        return Fraction(12)
    if unit == CASE and case_pack is not None and case_pack > 0:
        return Fraction(case_pack)
    return None


def ratio(unit: str | None, to: str | None, case_pack: Decimal | None) -> Fraction | None:
    """Give how many of the unit `to` one `unit` holds, None where nothing tells."""
    if unit == to:
        return Fraction(1)
    ours, theirs = pieces(unit, case_pack), pieces(to, case_pack)
    return None if ours is None or theirs is None else ours / theirs


def convert(quantity: Decimal, unit: str | None, to: str | None, case_pack: Decimal | None) -> Fraction | None:
    """Give `quantity` of `unit` as a quantity of the unit `to`, exactly; None where nothing tells how."""
    factor = ratio(unit, to, case_pack)
    return None if factor is None else Fraction(quantity) * factor


def case_step(unit: str | None, case_pack: Decimal | None) -> Fraction | None:
    """Give the least quantity of `unit` that is whole both in cases and by itself; None where nothing tells."""
    size = ratio(CASE, unit, case_pack)
    if size is None:
        return None
    return Fraction(size.numerator) if unit in COUNTED else size


def whole(quantity: Fraction) -> Decimal:
    """Give the whole part of a quantity that is not negative."""
    return Decimal(quantity.numerator // quantity.denominator)


def exact(value: Fraction) -> Decimal | None:
    """Give `value` as a Decimal with all its digits, None where it has no end (a third)."""
    denominator, places = value.denominator, 0
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return None
    places = max(twos, fives)
    return Decimal(f"{value.numerator * 10**places // value.denominator}E-{places}")
