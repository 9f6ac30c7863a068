"""The history is sealed: by the daemon every ten minutes and at its end, or by a person. `store.seals` says how."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from edi_engine.app.workplace import Workplace
from edi_engine.runtime.lanes import Drained
from edi_engine.store.faults import StoreBusy
from edi_engine.store.ledger import Store
from edi_engine.store.seals import Seal, newest, seal, since

EVERY: Final = timedelta(minutes=10)
AGAIN: Final = timedelta(minutes=1)
"""When it is tried again where a writer did not end."""
LANE: Final = "seal"


class Sealer:
    """Drain of `seal`. Each seal goes to the log: who keeps that elsewhere can prove the history up to there."""

    def __init__(self, place: Workplace, log: Any) -> None:  # noqa: ANN401 (structlog's loggers have no common type)
        """Seal the history of `place` at the first turn, and then now and then."""
        self.place = place
        self.log = log
        self.next = 0.0

    def __call__(self) -> Drained:
        """Seal what is new, if it is time for it."""
        now = self.place.clock.monotonic()
        if now < self.next:
            return Drained()
        self.next = now + EVERY.total_seconds()
        try:
            for made in seal(self.place.store, self.place.clock.now(), self.place.stopping):
                self.log.info("history sealed", seal=made.id, through=made.through, sha256=made.sha256)
        except StoreBusy:
            self.next = now + AGAIN.total_seconds()
        return Drained()

    def last(self) -> str:
        """Seal some more at the end, and give the hash of the newest seal; "" where nothing is sealed."""
        with suppress(StoreBusy):
            next(seal(self.place.store, self.place.clock.now()), None)
        found = standing(self.place.store)[0]
        return found.sha256 if found is not None else ""


def standing(store: Store) -> tuple[Seal | None, int]:
    """Give the newest seal, and how many events are newer than it."""
    with store.looking() as connection:
        found = newest(connection)
        return found, since(connection, found)


def said(found: Seal | None, newer: int) -> str:
    """Say in a sentence how far the history is sealed."""
    events = f"{newer} event{'' if newer == 1 else 's'}"
    if found is None:
        return f"the history is not sealed yet ({events})"
    return (
        f"the history is sealed up to event {found.through} of {found.at:%Y-%m-%d %H:%M} UTC, {events} since: "
        f"seal {found.id} is {found.sha256}"
    )
