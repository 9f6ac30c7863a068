"""Prices: the price of a line that has none of its own, from those that it lists (CTP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from edi_engine.orders.facts import ItemFact
from edi_engine.orders.money import price_at
from edi_engine.orders.order import OrderLine, Price, PurchaseOrder
from edi_engine.orders.policy import Policy
from edi_engine.orders.units import exact

MULTIPLIERS: Final = frozenset({"DIS", "SEL"})
"""Kinds of factor (X12 element 648) by which a listed price is multiplied."""


def with_prices(order: PurchaseOrder, items: Mapping[int, ItemFact], policy: Policy) -> PurchaseOrder:
    """Give the order with a unit price on each line that lists one of the kinds agreed on (`policy.prices`).

    A line's own price stays. A listed price that cannot be told in the line's unit and basis, or that stands there
    twice with different amounts, is left alone: the price rule then finds that the line has none.
    """
    if not any(line.unit_price is None and line.prices for line in order.lines):
        return order
    return replace(order, lines=tuple(_priced(line, items.get(line.position), policy) for line in order.lines))


def _priced(line: OrderLine, fact: ItemFact | None, policy: Policy) -> OrderLine:
    if line.unit_price is not None:
        return line
    for kind in policy.prices:
        fitting = [price for price in line.prices if price.price is not None and _is(price, kind)]
        if fitting:
            found = {_at_line(price, line, fact) for price in fitting}
            only = found.pop() if len(found) == 1 else None
            unit_price = None if only is None else exact(only)
            return line if unit_price is None else replace(line, unit_price=unit_price)
    return line


def _is(price: Price, kind: str) -> bool:
    """Say whether a price is of a kind: `NET`, or with its class, `WS/NET`."""
    class_, _, type_ = kind.rpartition("/")
    return price.type == type_ and class_ in {"", price.class_}


def _at_line(price: Price, line: OrderLine, fact: ItemFact | None) -> Fraction | None:
    """Give a listed price at the basis of the line, which is its own where it names no unit."""
    if price.price is None or (price.factor is not None and price.factor_type not in MULTIPLIERS):
        return None
    case_pack = None if fact is None else fact.case_pack
    told: Fraction | None = Fraction(price.price)
    if price.unit is not None:
        told = price_at(price.price, price.unit, line.unit, line.price_basis, case_pack)
    return None if told is None else told * Fraction(price.factor if price.factor is not None else 1)
