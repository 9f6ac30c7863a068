"""A map of a partner, and the orders for which it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edi_engine.mapping.language import ReadingMap, WritingMap
from edi_engine.orders.order import PurchaseOrder


@dataclass(frozen=True, slots=True)
class ChosenMap:
    """A map and the field values of the order under which it is taken (empty: always)."""

    map: ReadingMap | WritingMap
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def fits(self, order: PurchaseOrder) -> bool:
        """Say whether the order has one of the wanted values in each field."""
        return all((getattr(order, name) or "") in wanted for name, wanted in self.where.items())
