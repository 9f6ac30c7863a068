"""The lock file beside a SQLite store: one writer at a time, across threads and processes, checkpoints included.

SQLite before 3.51.3 may damage a store that two connections write and checkpoint at one moment, so the lock is held
from BEGIN IMMEDIATE to the end of COMMIT, in which SQLite checkpoints. It is a lock of the system, so it dies with its
process.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edi_engine.store.faults import StoreBusy, remedy_of

PATIENCE: Final = 30.0
"""Seconds that a writer waits for another."""

_FIRST_PAUSE: Final = 0.0005
_LONGEST_PAUSE: Final = 0.02


class LockFile:
    """The lock on one file, for the threads of this process and for all other processes."""

    def __init__(self, path: Path) -> None:
        """Lock `path`, which is made when it is first needed and never removed."""
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the lock. Raises StoreBusy if it cannot be had within `patience` seconds, or not be opened."""
        until = time.monotonic() + patience
        if not self._threads.acquire(timeout=patience):
            raise StoreBusy(self._held_too_long(patience))
        try:
            handle = self._open()
            try:
                self._wait(handle, until, patience)
                yield
            finally:
                os.close(handle)
        finally:
            self._threads.release()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            remedy = remedy_of(self._path.parent, error.strerror or "")
            message = f"the lock {self._path} cannot be opened: {error.strerror}; {remedy}"
            raise StoreBusy(message, code="system.disk") from error

    def _wait(self, handle: int, until: float, patience: float) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise StoreBusy(self._held_too_long(patience)) from error
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    def _held_too_long(self, patience: float) -> str:
        return f"another writer has held {self._path} for more than {patience:.0f} s"
