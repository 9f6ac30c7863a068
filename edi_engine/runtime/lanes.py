"""A lane drains what waits in one place (a mailbox, a partner's sets, an outbox, the timers), one drain at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain came to.

    `worked`: it changed something, so others may have work now. `waiting`: it is not done, something only needs time (a
    file settles, a retry falls due). `again` is when to come back, None for the usual pause.
    """

    worked: bool = False
    waiting: bool = False
    again: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A name such as `poll:bluebird-sftp`, what one drain of it does, and how often to look without being woken."""

    name: str
    drain: Callable[[], Drained]
    every: timedelta
