"""Sorts the contents of a shipment into the levels of a ship notice: one table of contents, any structure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from edi_engine.mapping.fields import Level
from edi_engine.mapping.language import LevelPlan, Name
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.shipment import Content, Pack, Shipment, Tare

T = TypeVar("T")
Find = Callable[[Name, tuple[object, ...]], object]


@dataclass(frozen=True, slots=True)
class Node:
    """One HL: its plan, the things in hand from the shipment down to it, and what stands inside."""

    plan: LevelPlan
    things: tuple[object, ...]
    children: tuple[Node, ...]


def nest(shipment: Shipment, plans: tuple[LevelPlan, ...], find: Find) -> tuple[Node, ...]:
    """Sort the contents into levels; `find` gives the value of a name. Contents that lack a level's thing skip it."""
    return _nest(shipment.contents, plans, (shipment,), shipment, find)


def _nest(
    contents: tuple[Content, ...],
    plans: tuple[LevelPlan, ...],
    things: tuple[object, ...],
    shipment: Shipment,
    find: Find,
) -> tuple[Node, ...]:
    if not plans:
        return ()
    plan, rest = plans[0], plans[1:]
    groups: dict[tuple[object, ...], list[Content]] = {}
    for content in contents:
        key = tuple(_identity(find(name, (shipment, content)), content) for name in plan.each)
        groups.setdefault(key, []).append(content)
    if not plan.each and not groups:
        groups[()] = []
    nodes: list[Node] = []
    for key, group in groups.items():
        inside = tuple(group)
        if plan.each and all(part is None for part in key):
            nodes.extend(_nest(inside, rest, (*things, _level(plan.level, ())), shipment, find))
            continue
        chain = (*things, _level(plan.level, inside))
        nodes.append(Node(plan, chain, _nest(inside, rest, chain, shipment, find)))
    return tuple(nodes)


def _identity(value: object, content: Content) -> object:
    """Give what tells two things apart: a line by its order and position, a pack by its number."""
    if isinstance(value, PurchaseOrder):
        return value.po_number, value.release
    if isinstance(value, OrderLine):
        return content.order.po_number, content.order.release, value.position
    if isinstance(value, Pack):
        return value.sscc or value.tracking or id(value)
    if isinstance(value, Tare):
        return value.sscc or id(value)
    return value


def _level(level: str, contents: tuple[Content, ...]) -> Level:
    first = contents[0] if contents else None
    units = {content.unit for content in contents}
    packs: dict[object, Pack] = {}
    for content in contents:
        if content.pack is not None:
            packs.setdefault(_identity(content.pack, content), content.pack)
    return Level(
        quantity=sum((content.quantity for content in contents), Decimal(0)) if len(units) == 1 else None,
        unit=_agreed([content.unit for content in contents]),
        store=_agreed([content.store for content in contents]),
        lot=_agreed([content.lot for content in contents]),
        expires=_agreed([content.expires for content in contents]),
        packs=tuple(packs.values()),
        order=first.order if first is not None and level in {"order", "item"} else None,
        tare=first.tare if first is not None and level == "tare" else None,
        pack=first.pack if first is not None and level == "pack" else None,
        line=first.line if first is not None and level == "item" else None,
    )


def _agreed(values: list[T]) -> T | None:
    return values[0] if values and all(value == values[0] for value in values) else None
