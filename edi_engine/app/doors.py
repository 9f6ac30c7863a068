"""How many sessions a partner's server sees of us at one time: never more than its connection allows."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from edi_engine.partners.connection import Connection

NEXT_FOR: Final = 5.0
"""Seconds for which one that was turned away is the next to be let in; after that it has surely nothing to do."""


@dataclass(slots=True)
class _Door:
    inside: int = 0
    turned_away: dict[str, float] = field(default_factory=dict)
    """Who comes next, in their order, and until when (monotonic seconds) that holds."""


class Doors:
    """One door for each connection, for all lanes of this process. Nobody waits at it: who is not let in comes again.

    Who was turned away is let in before the others, so that a full outbox never keeps intake out, nor the other way.
    """

    def __init__(self) -> None:
        """Begin with nobody inside."""
        self._lock = threading.Lock()
        self._doors: dict[str, _Door] = {}

    def enter(self, connection: Connection, who: str, *, wanted: int = 1) -> int:
        """Give with how many sessions, at most `wanted`, `who` may go in now; 0 if it has to come again."""
        if connection.sftp is None:
            return wanted
        with self._lock:
            door, now = self._doors.setdefault(connection.name, _Door()), time.monotonic()
            door.turned_away = {name: until for name, until in door.turned_away.items() if now < until}
            queue = [*door.turned_away, who]
            free = max(0, min(connection.sessions - door.inside - queue.index(who), wanted))
            if free:
                door.turned_away.pop(who, None)
                door.inside += free
            else:
                door.turned_away[who] = now + NEXT_FOR
            return free

    def leave(self, connection: Connection, sessions: int) -> None:
        """Say that so many sessions have ended."""
        if connection.sftp is not None:
            with self._lock:
                self._doors[connection.name].inside -= sessions
