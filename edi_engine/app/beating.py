"""The sign of life of a daemon: the time of its lock file, set every few seconds. It costs no commit and no fsync."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from edi_engine.app.alone import lock_file
from edi_engine.app.settings import Settings
from edi_engine.runtime.lanes import Drained

LANE: Final = "beat"
EVERY: Final = timedelta(seconds=5)
STILL: Final = timedelta(seconds=40)
"""Without a sign of life for so long, a daemon is told as frozen: well before a minute is over."""


class Beat:
    """The drain that says: the daemon still gives its lanes their turns."""

    def __init__(self, settings: Settings) -> None:
        """Set the time of the lock file of this store."""
        self._lock = lock_file(settings)

    def __call__(self) -> Drained:
        """Give the sign. Where there is no such file, or none that may be touched, the doctor says so."""
        with suppress(OSError):
            os.utime(self._lock)
        return Drained()


def last_beat(settings: Settings) -> datetime | None:
    """Give when the daemon of this machine last gave a sign of life; None where there never was one."""
    try:
        return datetime.fromtimestamp(lock_file(settings).stat().st_mtime, UTC)
    except OSError:
        return None
