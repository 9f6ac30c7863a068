"""One daemon on a store: a lock of the system, which ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edi_engine.app.settings import Settings
from edi_engine.errors import TransportError, UsageError

_PATIENCE: Final = 0.5
"""Seconds for a daemon that is just ending, or for somebody who is just looking whether one runs."""
_PAUSE: Final = 0.05


def lock_file(settings: Settings) -> Path:
    """Give the file that a daemon locks: beside a SQLite store, by whatever name and home; else in the home."""
    if settings.store_file is not None:
        return settings.store_file.with_name(f"{settings.store_file.name}.daemon")
    return settings.home / f".edi-daemon-{hashlib.sha256(settings.db.encode()).hexdigest()[:16]}.lock"


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep a second daemon of this machine off this store (lanes have fences beside). Raises UsageError."""
    path = lock_file(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        remedy = f"the folder {path.parent} must be writable for this user, and its disk have room"
        message = f"the daemon's lock {path} cannot be made: {error.strerror}; {remedy}"
        raise TransportError(message, code="system.disk", retry=False) from error
    with os.fdopen(handle, "a+", encoding="ascii") as held:
        until = time.monotonic() + _PATIENCE
        while not _lock(handle, fcntl.LOCK_EX):
            if time.monotonic() > until:
                held.seek(0)
                process = held.read().strip() or "unknown"
                message = (
                    f"a daemon runs on this store already (process {process}); it does the work, so nothing is to be "
                    f"done. `edi doctor` says how it is; to run another one, end it first (kill {process}, or stop its "
                    "service)"
                )
                raise UsageError(message)
            time.sleep(_PAUSE)
        with suppress(OSError):  # a full disk: the lock holds without the number of its process
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield


def running(settings: Settings) -> str | None:
    """Give the process number of the daemon that runs on this store on this machine; None where none does."""
    try:
        handle = os.open(lock_file(settings), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(handle, encoding="ascii") as seen:
        return None if _lock(handle, fcntl.LOCK_SH) else seen.read().strip() or "unknown"


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
