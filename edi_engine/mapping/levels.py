"""Sorts the contents of a shipment into the levels of a ship notice: one table of contents, any structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from edi_engine.mapping.fields import Level
from edi_engine.mapping.language import LevelPlan
from edi_engine.mapping.sources import Sources, Things
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.shipment import Content, Pack, Shipment, Subpack, Tare

T = TypeVar("T")
COMPONENT = "component"
"""The level that is made from the parts of a line, not from the contents."""
ASSIGNED_BY_BUYER: Final = "92"


@dataclass(frozen=True, slots=True)
class Node:
    """One HL: its plan, the things in hand from the shipment down to it, and what stands inside."""

    plan: LevelPlan
    things: Things
    children: tuple[Node, ...]


def nest(shipment: Shipment, plans: tuple[LevelPlan, ...], sources: Sources) -> tuple[Node, ...]:
    """Sort the contents into levels. Those that lack a level's thing, or do not fit its `where`, skip that level."""
    return _nest(shipment.contents, plans, (shipment,), shipment, sources)


def _nest(
    contents: tuple[Content, ...],
    plans: tuple[LevelPlan, ...],
    things: Things,
    shipment: Shipment,
    sources: Sources,
) -> tuple[Node, ...]:
    if not plans:
        return ()
    plan, rest = plans[0], plans[1:]
    if plan.level == COMPONENT:
        chains = ((*things, part) for part in _components(contents))
        return tuple(Node(plan, chain, ()) for chain in chains if sources.fits(plan.where, chain))
    groups: dict[tuple[object, ...], list[Content]] = {}
    for content in contents:
        key = tuple(_identity(sources.find(name, (shipment, content)), content) for name in plan.each)
        groups.setdefault(key, []).append(content)
    if not plan.each and not groups:
        groups[()] = []
    nodes: list[Node] = []
    skipping: list[Content] = []
    place = 0
    for key, group in groups.items():
        inside = tuple(group)
        chain = (*things, _level(plan.level, inside))
        if (plan.each and all(part is None for part in key)) or not sources.fits(plan.where, chain):
            place = place if skipping else len(nodes)
            skipping.extend(group)
        else:
            nodes.append(Node(plan, chain, _nest(inside, rest, chain, shipment, sources)))
    if skipping:
        chain = (*things, _level(plan.level, ()))
        nodes[place:place] = _nest(tuple(skipping), rest, chain, shipment, sources)
    return tuple(nodes)


def _identity(value: object, content: Content) -> object:
    """Give what tells two things apart: a line by its order and position, a pack by its number."""
    if isinstance(value, PurchaseOrder):
        return value.po_number, value.release
    if isinstance(value, OrderLine):
        return content.order.po_number, content.order.release, value.position
    if isinstance(value, Pack):
        return value.sscc or value.tracking or id(value)
    if isinstance(value, Tare | Subpack):
        return value.sscc or id(value)
    return value


def _level(level: str, contents: tuple[Content, ...]) -> Level:
    first = contents[0] if contents else None
    packs: dict[object, Pack] = {}
    for content in contents:
        if content.pack is not None:
            packs.setdefault(_identity(content.pack, content), content.pack)
    unit = _agreed([content.unit for content in contents])
    return Level(
        quantity=sum((content.quantity for content in contents), Decimal(0)) if unit is not None else None,
        unit=unit,
        store=_agreed([content.store for content in contents]),
        store_id_type=_agreed([_store_id_type(content) for content in contents]),
        lot=_agreed([content.lot for content in contents]),
        expires=_agreed([content.expires for content in contents]),
        packs=tuple(packs.values()),
        order=first.order if first is not None and level in {"order", "item"} else None,
        tare=first.tare if first is not None and level == "tare" else None,
        pack=first.pack if first is not None and level == "pack" else None,
        subpack=first.subpack if first is not None and level == "subpack" else None,
        line=first.line if first is not None and level == "item" else None,
    )


def _store_id_type(content: Content) -> str | None:
    """Give by what kind of number the order names the store (SDQ02); one that says nothing uses numbers of its own."""
    if content.store is None:
        return None
    kinds = (one.id_type for one in content.line.destinations if one.id == content.store)
    return next(kinds, None) or ASSIGNED_BY_BUYER


def _components(contents: tuple[Content, ...]) -> Iterator[Level]:
    """Give a level for each part of the line that these contents are of: what one unit holds, times what is shipped."""
    whole = _level("item", contents)
    for part in whole.line.components if whole.line is not None else ():
        known = None if part.quantity is None or whole.quantity is None else part.quantity * whole.quantity
        yield Level(
            quantity=known,
            unit=part.unit,
            store=whole.store,
            store_id_type=whole.store_id_type,
            lot=whole.lot,
            expires=whole.expires,
            packs=whole.packs,
            component=part,
        )


def _agreed(values: list[T]) -> T | None:
    return values[0] if values and all(value == values[0] for value in values) else None
