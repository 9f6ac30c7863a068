"""The sign of life of a daemon: the time of its lock file, set every few seconds. It costs no commit and no fsync."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from edi_engine.app.alone import lock_file
from edi_engine.app.settings import Settings

EVERY: Final = 5.0
"""Seconds between two signs."""
STILL: Final = timedelta(seconds=40)
"""Without a sign of life for so long, a daemon is told as frozen: well before a minute is over."""


class Beat:
    """Says at each pulse: the daemon still gives its lanes their turns, however many of them hang at a partner."""

    def __init__(self, settings: Settings) -> None:
        """Set the time of the lock file of this store."""
        self._lock = lock_file(settings)
        self._next = 0.0

    def __call__(self) -> None:
        """Give the sign when it is due. Where there is no such file, or it may not be touched, the doctor says so."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            with suppress(OSError):
                os.utime(self._lock)


@contextmanager
def beating(settings: Settings) -> Iterator[None]:
    """Give the signs from a thread while a store is opened: to upgrade a big one takes longer than `STILL`."""
    beat, opened = Beat(settings), threading.Event()

    def give() -> None:
        while not opened.wait(EVERY / 2):
            beat()

    thread = threading.Thread(target=give, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        opened.set()
        thread.join()


def last_beat(settings: Settings) -> datetime | None:
    """Give when the daemon of this machine last gave a sign of life; None where there never was one."""
    try:
        return datetime.fromtimestamp(lock_file(settings).stat().st_mtime, UTC)
    except OSError:
        return None
