"""The history as log lines: what the store says has happened, told once by the daemon that made it happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from edi_engine.app.workplace import Workplace
from edi_engine.runtime.lanes import Drained

EVERY = timedelta(seconds=1)
PAGE = 500


class History:
    """Logs each event of the store that is newer than this daemon: files, orders, documents, cases, people's acts.

    It reads and never writes; a line that is lost with a process is still in the store.
    """

    def __init__(self, place: Workplace, log: Any) -> None:  # noqa: ANN401 (structlog's loggers have no common type)
        """Begin behind the last event that there is."""
        self._place = place
        self._log = log
        with place.office().ledger.reading() as unit:
            self._last = max((event.id for event in unit.events.select(limit=1, descending=True)), default=0)

    def __call__(self) -> Drained:
        """Tell what is new."""
        with self._place.office().ledger.reading() as unit:
            new = unit.events.select(after=self._last, limit=PAGE)
        for event in new:
            self._log.info(
                "history",
                what=event.what,
                about=event.subject,
                detail=event.detail,
                partner=event.partner,
                order=event.order_id,
                who=event.who,
            )
            self._last = event.id
        return Drained()
