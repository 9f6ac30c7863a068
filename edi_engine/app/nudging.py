"""A person who has seen to a connection need not wait for its next turn: a retry of its case ends the pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from edi_engine.app.workplace import Workplace
from edi_engine.desk.retry import TRY_NOW
from edi_engine.runtime.lanes import Drained, Lane

LANE: Final = "nudge"
EVERY: Final = timedelta(seconds=2)
LOOKS_BACK: Final = 30
"""For so many looks an event may come late: PostgreSQL numbers it when it is written, and shows it when it is
committed, which may be after a higher number.
"""


@runtime_checkable
class Rests(Protocol):
    """A drain that leaves a connection alone after a failure."""

    name: str

    def try_now(self) -> None:
        """End the pause; failures stay counted, so that the next one is as long as it would have been."""
        ...


class Nudges:
    """The drain that sees what people have asked for since the last look, and gives those lanes their turn."""

    def __init__(self, place: Workplace, lanes: Callable[[], Sequence[Lane]], wake: Callable[[str], None]) -> None:
        """See only what is asked from now on: a lane that has just begun rests from nothing."""
        self._place = place
        self._lanes = lanes
        self._wake = wake
        self._marks = deque([place.store.last_event()], maxlen=LOOKS_BACK)
        self._done: set[int] = set()

    def __call__(self) -> Drained:
        """End the pauses of the connections that people want to be tried."""
        last = self._place.store.last_event()
        if last == self._marks[0]:
            return Drained()
        with self._place.office().ledger.reading() as unit:
            asked = unit.events.select(what=TRY_NOW, after=self._marks[0])
        self._marks.append(last)
        names = {one.subject.partition(":")[2] for one in asked if one.id not in self._done}
        self._done = {one.id for one in asked}
        for lane in self._lanes():
            drain: object = lane.drain
            if isinstance(drain, Rests) and drain.name in names:
                drain.try_now()
                self._wake(lane.name)
        return Drained()
