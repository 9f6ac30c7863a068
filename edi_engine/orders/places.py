"""Where a rule's finding points. Rules know no X12: they name our field, and the caller finds its place in the set."""

from __future__ import annotations

from edi_engine.finding import Position
from edi_engine.orders.order import OrderLine


def on_line(line: OrderLine, field: str) -> Position:
    """Point at a field of a line; its `path` reads `line.unit_price`."""
    return Position(line=line.position, in_set=line.in_set, path=f"line.{field}")


def on_order(field: str) -> Position:
    """Point at a field of the heading; its `path` reads `order.currency`."""
    return Position(path=f"order.{field}")


def named(line: OrderLine) -> str:
    """Name a line's item as people know it: our item, else the first id that the partner gave, else the line."""
    found = line.item or line.buyer_item or line.vendor_item or line.gtin or (line.ids[0].id if line.ids else None)
    return found or f"line {line.position}"
