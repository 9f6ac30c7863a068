"""States of everything that has a life, and the moves between them, as plain data.

The store lets no other move happen. Every move is a compare-and-set. Overdue, attempts and the like are columns beside
the state, not states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final


def _moves(table: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({state: frozenset(targets.split()) for state, targets in table.items()})


MOVES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = MappingProxyType(
    {
        "file": _moves(
            {
                "SEEN": "STORED DUPLICATE GONE",
                "STORED": "INTERPRETED UNREADABLE",
                "INTERPRETED": "DONE",
                "DONE": "INTERPRETED",  # one of its interchanges leaves quarantine
                "UNREADABLE": "INTERPRETED",
                "DUPLICATE": "",
                "GONE": "",  # it left the folder before it was fetched
            }
        ),
        "interchange": _moves(
            {
                "RECEIVED": "OPENED QUARANTINED DUPLICATE",
                "OPENED": "DONE",
                "DONE": "",
                "QUARANTINED": "RECEIVED",
                "DUPLICATE": "",
            }
        ),
        "group": _moves({"RECEIVED": "ACKNOWLEDGED SILENT", "ACKNOWLEDGED": "", "SILENT": ""}),
        "set": _moves(
            {
                "RECEIVED": "ACCEPTED REFUSED",
                "ACCEPTED": "MAPPED HELD",
                "HELD": "ACCEPTED",
                "MAPPED": "APPLIED",
                "APPLIED": "",
                "REFUSED": "",
            }
        ),
        "line": _moves(
            {
                "OPEN": "HELD ANSWERED CANCELLED LOCKED",
                "HELD": "OPEN CANCELLED",
                "ANSWERED": "PART_SHIPPED SHIPPED CANCELLED LOCKED",
                "PART_SHIPPED": "SHIPPED LOCKED",
                "SHIPPED": "INVOICED CLOSED",
                "INVOICED": "",
                "LOCKED": "OPEN ANSWERED PART_SHIPPED CANCELLED",
                "CLOSED": "",
                "CANCELLED": "OPEN",  # its order, closed by hand and never answered, is taken up again
            }
        ),
        "order": _moves(
            {
                "OPEN": "HELD ANSWERED CANCELLED",
                "HELD": "OPEN ANSWERED PART_SHIPPED CANCELLED",
                "ANSWERED": "OPEN HELD PART_SHIPPED SHIPPED CANCELLED",
                "PART_SHIPPED": "HELD SHIPPED",
                "SHIPPED": "INVOICED CLOSED",
                "INVOICED": "",
                "CLOSED": "",
                "CANCELLED": "OPEN",  # a person closed it without an answer, and takes it up again
            }
        ),
        "document": _moves(
            {
                "READY": "UPLOADING PARKED VOID",
                "UPLOADING": "READY UPLOADED PARKED",
                "UPLOADED": "SENT PARKED",
                "SENT": "CONFIRMED PARKED",
                "CONFIRMED": "ACCEPTED REJECTED",
                "PARKED": "READY SENT VOID",
                "ACCEPTED": "",
                "REJECTED": "",
                "VOID": "",
            }
        ),
        "case": _moves({"OPEN": "RESOLVED DISMISSED", "RESOLVED": "OPEN", "DISMISSED": "OPEN"}),
        "timer": _moves({"WAITING": "FIRED CANCELLED", "FIRED": "", "CANCELLED": ""}),
    }
)
"""For each kind of thing: its states and, for each, the states that it may go to."""


def may_move(kind: str, state: str, to: str) -> bool:
    """Say whether a thing of `kind` may go from `state` to another one. Raises KeyError for an unknown kind."""
    return to in MOVES[kind].get(state, frozenset())


def order_state(line_states: Iterable[str]) -> str:
    """Give the state of an order from those of its lines; cancelled lines do not count unless all are."""
    states = set(line_states)
    if states == {"CANCELLED"}:
        return "CANCELLED"
    states -= {"CANCELLED"}
    if states & {"HELD", "LOCKED"}:
        return "HELD"
    if not states or "OPEN" in states:
        return "OPEN"
    if "ANSWERED" in states or "PART_SHIPPED" in states:
        return "ANSWERED" if states == {"ANSWERED"} else "PART_SHIPPED"  # what is closed was shipped
    return next(state for state in ("SHIPPED", "INVOICED", "CLOSED") if state in states)
