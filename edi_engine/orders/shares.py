"""Shares: what each store of a line is still to get, as shipments leave one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.orders.decision import AnswerLine
from edi_engine.orders.shipment import Shipment


@dataclass(slots=True)
class Share:
    """What one store is still to get, in the line's unit; a store that is owed more later has a second one for that."""

    store: str
    left: Decimal


def shares_of(
    line: AnswerLine, shipped: Mapping[int, Decimal], by_store: Mapping[tuple[int, str], Decimal] | None
) -> list[Share]:
    """Give the shares of a line in turn: what was accepted, then what is backordered, less what has left already.

    Where nobody says which store got what before (`by_store` is None), they were served in that order.
    """
    shares = [Share(store.id, store.quantity) for store in (*line.allotments, *line.backorders)]
    position = line.line.position
    if by_store is None:
        _serve(shares, shipped.get(position, Decimal(0)))
    else:
        for store in dict.fromkeys(share.store for share in shares):
            take_for(shares, store, by_store.get((position, store), Decimal(0)))
    return shares


def left_for(shares: Iterable[Share], store: str) -> Decimal:
    """Give all that a store is still to get."""
    return sum((share.left for share in shares if share.store == store), Decimal(0))


def take_for(shares: Iterable[Share], store: str, quantity: Decimal) -> None:
    """Take a quantity from the shares of one store, in turn."""
    _serve([share for share in shares if share.store == store], quantity)


def _serve(shares: Sequence[Share], quantity: Decimal) -> None:
    for share in shares:
        given = min(share.left, quantity)
        share.left -= given
        quantity -= given


def shipped_to_stores(shipments: Iterable[Shipment]) -> dict[tuple[int, str], Decimal]:
    """Give what shipments of one order brought to each store, by position and store, in the line's unit."""
    found: dict[tuple[int, str], Decimal] = {}
    for content in (content for shipment in shipments for content in shipment.contents):
        if content.store is not None:
            key = (content.line.position, content.store)
            found[key] = found.get(key, Decimal(0)) + content.quantity
    return found
