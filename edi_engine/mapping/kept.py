"""The segments that an order was read from, found again as a tree, so that a map can send any of them back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edi_engine.mapping.here import Here
from edi_engine.orders.order import Kept, PurchaseOrder
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters, Loop

_ELEMENT: Final = "\ud800"
_SEGMENT: Final = "\ud801"
"""Separators that no kept text holds: halves of a pair, which no bytes say in any character set."""


@dataclass(slots=True)
class KeptTrees:
    """Builds the tree of each order once while a document is written."""

    dictionary: Dictionary
    trees: dict[int, tuple[Here | None, dict[int, Here]]] = field(default_factory=dict)

    def find(self, order: PurchaseOrder, span: tuple[int, int] | None) -> Here | None:
        """Give the order's set, or the loop that begins where `span` does. None where nothing was kept."""
        found = self.trees.get(id(order))
        if found is None:
            found = self.trees[id(order)] = self._build(order.kept)
        top, loops = found
        return top if span is None else loops.get(span[0])

    def _build(self, kept: Kept | None) -> tuple[Here | None, dict[int, Here]]:
        grammar = None
        if kept is not None:
            version = self.dictionary.resolve(kept.version)
            grammar = self.dictionary.set(version, kept.set_id) if version is not None else None
        if kept is None or grammar is None:
            return None, {}
        delimiters = Delimiters(_ELEMENT, kept.component, _SEGMENT, kept.repetition)
        text = _SEGMENT.join(_ELEMENT.join(segment) for segment in kept.segments)
        top = Here(parse(text, delimiters, grammar), delimiters)
        loops: dict[int, Here] = {}
        _index(top, loops)
        return top, loops


def _index(here: Here, loops: dict[int, Here]) -> None:
    """Note every loop by the place of its first segment among those that were kept."""
    for child in here.loop.children:
        if isinstance(child, Loop):
            inner = here.within(child)
            loops.setdefault(child.head.in_set - 1, inner)
            _index(inner, loops)
