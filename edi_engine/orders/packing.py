"""Packing: which goods lie in which carton. A full case is a pack of its own; pieces that fill no case share a mixed
carton. No carton holds goods of two stores, or a part of a unit that is counted: half a dozen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.orders.facts import ItemFact
from edi_engine.orders.money import half_up
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.shipment import Content, Pack
from edi_engine.orders.units import CASE, EACH, case_step, convert, exact

CARTON: Final = "CTN25"
"""Packaging code (X12 element 103): a carton of corrugated or solid fibre."""
POUNDS: Final = "LB"


@dataclass(frozen=True, slots=True)
class Packed:
    """Goods of one line for one place (or one store), in the line's unit; with an `sscc` they are packed already."""

    line: OrderLine
    quantity: Decimal
    store: str | None = None
    sscc: str | None = None
    lot: str | None = None


def pack(
    order: PurchaseOrder, goods: Sequence[Packed], items: Mapping[int, ItemFact], sscc: Callable[[], str]
) -> Iterator[Content]:
    """Pack goods: those with an SSCC as the warehouse did, the others by case, what is left into one carton a store."""
    cartons: dict[str, Pack] = {}
    loose: dict[str | None, list[tuple[Packed, Decimal]]] = {}
    for part in goods:
        line, rest = part.line, part.quantity
        fact = items.get(line.position)
        if part.sscc is not None:
            carton = cartons.setdefault(part.sscc, Pack(sscc=part.sscc, packaging=CARTON))
            yield _content(order, part, rest, carton)
            continue
        size = _case_of(line, fact)
        weight = None if size is None else pounds(line, size, fact)
        while size is not None and rest >= size:
            yield _content(order, part, size, _carton(sscc(), weight))
            rest -= size
        if rest:
            loose.setdefault(part.store, []).append((part, rest))
    for parts in loose.values():
        weights = [pounds(part.line, rest, items.get(part.line.position)) for part, rest in parts]
        mixed = _carton(sscc(), sum_of_weights(weights))
        for part, rest in parts:
            yield _content(order, part, rest, mixed)


def pounds(line: OrderLine, quantity: Decimal, fact: ItemFact | None) -> Fraction | None:
    """Give what a quantity of the line's unit weighs, None where nothing tells."""
    if fact is None or fact.weight is None:
        return None
    pieces = convert(quantity, line.unit, EACH, fact.case_pack)
    return None if pieces is None else pieces * Fraction(fact.weight)


def sum_of_weights(weights: Sequence[Fraction | None]) -> Fraction | None:
    """Add weights up; None where one of them is not known."""
    known = [weight for weight in weights if weight is not None]
    return sum(known, Fraction(0)) if len(known) == len(weights) else None


def _content(order: PurchaseOrder, part: Packed, quantity: Decimal, carton: Pack) -> Content:
    line = part.line
    return Content(order, line, quantity, line.unit or EACH, carton, store=part.store, lot=part.lot)


def _case_of(line: OrderLine, fact: ItemFact | None) -> Decimal | None:
    """Give what one full carton holds in the line's unit; None where that is not known.

    It is a case, or as few of them as come to a whole number: of what is ordered by the dozen, two cases of 6.
    """
    if line.unit == CASE:
        return Decimal(1)
    size = None if fact is None else case_step(line.unit, fact.case_pack)
    return None if size is None else exact(size)


def _carton(number: str, weight: Fraction | None) -> Pack:
    if weight is None:
        return Pack(sscc=number, packaging=CARTON)
    return Pack(sscc=number, packaging=CARTON, weight=half_up(weight), weight_unit=POUNDS)
