"""Packs: how many pieces a case holds as the partner states it (PO4), where our own table does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import PackSize, PurchaseOrder
from edi_engine.orders.policy import Policy
from edi_engine.orders.units import CASE, DOZEN, EACH, convert, exact

_PIECES: Final = frozenset({EACH, DOZEN})


def pieces_of(pack: PackSize | None) -> Decimal | None:
    """Give how many EA a case holds by a PO4: `inner` packs of `size` pieces, or of `inner_inner`, or just `inner`.

    A size in a weight or a volume is that of one piece. None where nothing is said, or something else than pieces.
    """
    if pack is None:
        return None
    packs = pack.inner if pack.inner is not None else Decimal(1)
    if pack.inner_inner is not None:
        found = packs * pack.inner_inner
    elif pack.size is not None and pack.unit in _PIECES:
        each = convert(pack.size, pack.unit, EACH, None)
        found = packs * (exact(each) or Decimal(0)) if each is not None else Decimal(0)
    elif pack.inner is not None and pack.unit != CASE:
        found = pack.inner
    else:
        return None
    return found if found > 0 else None


def packed(items: Mapping[int, ItemFact], order: PurchaseOrder, policy: Policy) -> dict[int, ItemFact]:
    """Give the facts by position; a missing case pack is the order's own where the policy lets it be."""
    found = dict(items)
    if not policy.pack_from_order:
        return found
    for line in order.lines:
        fact = found.get(line.position)
        if fact is not None and fact.case_pack is None and (pieces := pieces_of(line.pack)) is not None:
            found[line.position] = replace(fact, case_pack=pieces)
    return found
