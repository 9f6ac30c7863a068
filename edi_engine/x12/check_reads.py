"""Which faults of elements can spoil what is read: all others are told, and cost nobody an order."""

from __future__ import annotations

from typing import Final

from edi_engine.x12.check_fault import Fault
from edi_engine.x12.check_period import PERIOD
from edi_engine.x12.tree_states import Node

_MOVES: Final = frozenset({f"x12.element.{word}" for word in ("missing", "condition", "extra", "shifted")})
"""Faults after which the neighbours of an element may not be what they seem."""

_GROWS: Final = frozenset({f"x12.element.{word}" for word in ("code", "extra", "components")})
"""Faults that are none in a later version, where lists of codes, segments and composites have become longer."""

_FRAME: Final = frozenset({"ST", "SE", "LS", "LE", "HL"})
"""Segments that hold the others together: whoever reads any, reads these."""


def matters(reads: frozenset[str] | None, node: Node | None, fault: Fault) -> bool:
    """Say whether a fault of an element can spoil what is read; no other costs anybody an order.

    What is missing or too much may have moved its neighbours, so there the whole segment counts. Of a set that no
    map reads nothing becomes an order: its sender is refused for all but what may be newer than the standard we hold.
    """
    if reads is None or node is None or node.id in _FRAME:
        return True
    if not reads:
        return fault.code not in _GROWS and fault.element_id != PERIOD
    if fault.code in _MOVES:
        return _reads_of(reads, node)
    place = f"{node.place}{fault.element:02d}"
    return place in reads or f"{place}-{fault.component or 1}" in reads


def touches(reads: frozenset[str] | None, node: Node) -> bool:
    """Say whether any fault of an element of a segment could matter."""
    return not reads or node.id in _FRAME or _reads_of(reads, node)


def _reads_of(reads: frozenset[str], node: Node) -> bool:
    return any(place.startswith(node.place) and place[len(node.place)].isdigit() for place in reads)
