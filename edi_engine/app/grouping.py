"""The same step of several things, ten of them in one commit; where that cannot be, each in a commit of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from edi_engine.errors import Fenced, TransportError
from edi_engine.flow.joined import GROUP, joined
from edi_engine.flow.office import Office


class Stored(Protocol):
    """What has a number in the store."""

    @property
    def id(self) -> int:
        """Give its number."""
        ...


Thing = TypeVar("Thing", bound=Stored)


@dataclass(frozen=True, slots=True)
class Step(Generic[Thing]):
    """A step that things of one kind go.

    `kind` begins their names as things in hand, such as order:7. `commit` names the commit. `together` does the step of
    one thing inside of it, `alone` in a commit of its own, keeping as a case what breaks us. Both say whether the
    thing moved on.
    """

    kind: str
    commit: str
    together: Callable[[Office, Thing], bool]
    alone: Callable[[Office, Thing], bool]


def in_groups(office: Office, step: Step[Thing], things: Sequence[Thing]) -> int:
    """Do a step of all things, or of those that come before an end was asked for. Gives how many moved on."""
    moved = 0
    for start in range(0, len(things), GROUP):
        if office.stopping():
            break
        group = things[start : start + GROUP]
        together = _together(office, step, group) if len(group) > 1 else None
        moved += _one_by_one(office, step, group) if together is None else together
    return moved


def _together(office: Office, step: Step[Thing], group: Sequence[Thing]) -> int | None:
    """Do it in one commit. None where that cannot be, or was what ended the program: then nothing has happened."""
    name = f"{step.kind}s:{group[0].id}"
    if any(map(office.left_in_hand, (name, *(f"{step.kind}:{thing.id}" for thing in group)))):
        return None
    moved = 0
    try:
        with joined(office, step.commit, name) as within:
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
