"""The same step of several things, ten of them in one commit; where that cannot be, each in a commit of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from edi_engine.errors import Fenced, TransportError
from edi_engine.flow.joined import GROUP, joined
from edi_engine.flow.office import Office

Thing = TypeVar("Thing")

HEAVY = 250_000
"""Bytes that are worked on in one commit of several things: about 20 orders of 10 lines, or one of some hundred."""


@dataclass(frozen=True, slots=True)
class Step(Generic[Thing]):
    """A step that things of one kind go.

    `commit` names the commit. `in_hand` names a thing while it is worked on, such as order:7; `weigh` gives how many
    bytes that are. `together` does the step of one thing inside of the commit, `alone` in one of its own, keeping as a
    case what breaks us. Both take the thing in hand, and say whether it moved on.
    """

    commit: str
    in_hand: Callable[[Thing], str]
    weigh: Callable[[Thing], int]
    together: Callable[[Office, Thing], bool]
    alone: Callable[[Office, Thing], bool]


def in_groups(office: Office, step: Step[Thing], things: Sequence[Thing]) -> int:
    """Do a step of all things, or of those that come before an end was asked for. Gives how many moved on."""
    moved = 0
    for group in _cut(things, step.weigh):
        if office.stopping():
            break
        together = _together(office, step, group) if len(group) > 1 else None
        moved += _one_by_one(office, step, group) if together is None else together
    return moved


def _cut(things: Sequence[Thing], weigh: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """Cut things into groups: a commit stands open for all of a group, so that what is heavy goes by itself."""
    group: list[Thing] = []
    whole = 0
    for thing in things:
        weight = weigh(thing)
        if group and (len(group) == GROUP or whole + weight > HEAVY):
            yield group
            group, whole = [], 0
        group.append(thing)
        whole += weight
    if group:
        yield group


def _together(office: Office, step: Step[Thing], group: Sequence[Thing]) -> int | None:
    """Do it in one commit. None where that cannot be, or was what ended the program: then nothing has happened."""
    if any(office.left_in_hand(step.in_hand(thing)) for thing in group):
        return None
    moved = 0
    try:
        with joined(office, step.commit) as within:
            for thing in group:
                if office.stopping():
                    break
                moved += step.together(within, thing)
    except (Fenced, TransportError):
        raise
    except Exception:  # noqa: BLE001 (whatever it was: each is done alone, so that only one pays)
        return None
    return moved


def _one_by_one(office: Office, step: Step[Thing], things: Sequence[Thing]) -> int:
    moved = 0
    for thing in things:
        if office.stopping():
            break
        moved += step.alone(office, thing)
    return moved
