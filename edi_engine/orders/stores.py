"""Stores: a line that is shared out among them (SDQ), and who gets what where there is less than all of them want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from edi_engine.orders.decision import Allotment
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import Destination, OrderLine
from edi_engine.orders.units import case_step, convert, exact


def in_line_unit(share: Destination, line: OrderLine, fact: ItemFact | None) -> Decimal | None:
    """Give a share's quantity in the line's unit; None where it has none or nothing tells how to convert it."""
    if share.quantity is None:
        return None
    case_pack = None if fact is None else fact.case_pack
    converted = convert(share.quantity, share.unit or line.unit, line.unit, case_pack)
    return None if converted is None else exact(converted)


def wanted(line: OrderLine, fact: ItemFact | None) -> tuple[Allotment, ...]:
    """Give what each store wants, in the line's unit and the order's sequence; a store that stands twice is one.

    A share that has no store, or no quantity that can be told in the line's unit, is left out: a rule holds it.
    """
    found: dict[str, Allotment] = {}
    for share in line.destinations:
        quantity = in_line_unit(share, line, fact)
        if share.id and quantity is not None and quantity > 0:
            before = found[share.id].quantity if share.id in found else Decimal(0)
            found[share.id] = Allotment(share.id_type, share.id, before + quantity)
    return tuple(found.values())


def allot(line: OrderLine, quantity: Decimal, fact: ItemFact | None, *, whole: bool = False) -> tuple[Allotment, ...]:
    """Share `quantity` of a line out, store by store in the order of its SDQ, until it is used up.

    A store that gets less than it wants gets whole cartons; with `whole`, so does every store. What is then left goes
    on to the next one. The allotments never come to more than `quantity`.
    """
    step = (None if fact is None else case_step(line.unit, fact.case_pack)) or Fraction(1)
    left = quantity
    found: list[Allotment] = []
    for store in wanted(line, fact):
        given = min(store.quantity, left)
        if whole or given < store.quantity:
            given = exact(Fraction(given) // step * step) or Decimal(0)
        if given > 0:
            found.append(Allotment(store.id_type, store.id, given))
            left -= given
    return tuple(found)


def total(allotments: Iterable[Allotment]) -> Decimal:
    """Give what the stores get together."""
    return sum((one.quantity for one in allotments), Decimal(0))


def rest(wanted: Iterable[Allotment], given: Iterable[Allotment]) -> tuple[Allotment, ...]:
    """Give what each store is still to get of what it wanted."""
    got = {one.id: one.quantity for one in given}
    left = (replace(one, quantity=one.quantity - got.get(one.id, Decimal(0))) for one in wanted)
    return tuple(one for one in left if one.quantity > 0)
