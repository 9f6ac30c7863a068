"""Timers in the order in which they fall due: the clock looks every few seconds, and most of them wait for days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from edi_engine.flow.records import TimerRecord
from edi_engine.store import ready
from edi_engine.store.rows import Rows
from edi_engine.store.schema import TIMER

DUE: Final = (
    select(TIMER)
    .where(TIMER.c.state == "WAITING", TIMER.c.kind == bindparam("kind"))
    .where(TIMER.c.due_at <= bindparam("now", type_=TIMER.c.due_at.type))
    .order_by(TIMER.c.due_at, TIMER.c.id)
    .limit(bindparam("limit"))
)
"""Answered from the index by_timer_due_at alone, however many timers wait."""


class Timers(Rows[TimerRecord]):
    """The rows of timers."""

    __slots__ = ()

    def due(self, kind: str, now: datetime, limit: int) -> Sequence[TimerRecord]:
        """Give the timers of a kind that wait and are due, the longest due first, at most `limit`."""
        if self._later:
            self._flush_all()
        found = ready.rows(self._connection, DUE, {"kind": kind, "now": now, "limit": limit})
        return tuple([TimerRecord(*row) for row in found])
