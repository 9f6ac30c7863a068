"""Watching the partner files: when they rest after a change, the new edition is tried; a bad one changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from edi_engine.runtime.aim import Aim

DEBOUNCE = 0.5
"""Seconds without a change before the files are read: an editor writes in several steps."""

RESCAN = 60.0
"""Seconds after which the files are looked at anyway, for file systems that tell nothing."""

_RETRY = 5.0


class EditionWatch:
    """Calls `reload` in a thread of its own after the watched folders changed and came to rest.

    A folder that is made later, or put in the place of another, is found when the files are looked at anyway.
    """

    def __init__(
        self,
        folders: Callable[[], Sequence[Path]],
        reload: Callable[[], None],
        failed: Callable[[Exception], None],
        *,
        debounce: float = DEBOUNCE,
        rescan: float = RESCAN,
    ) -> None:
        """Prepare to watch what `folders` gives; it is asked again before each look. `failed` hears what broke."""
        self._folders = folders
        self._reload = reload
        self._failed = failed
        self._debounce = debounce
        self._rescan = rescan
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._aim = Aim(lambda _: self._changed.set(), failed, recursive=True)
        self._thread = threading.Thread(target=self._loop, name="editions", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._aim.start()
        self._aim.at(self._folders())
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stop.set()
        self._changed.set()
        self._aim.stop()
        self._thread.join(5)

    def _loop(self) -> None:
        pause = self._rescan
        while not self._stop.is_set():
            self._changed.wait(pause)
            self._rest()
            if self._stop.is_set():
                return
            self._aim.at(self._folders())
            try:
                self._reload()
                pause = self._rescan
            except Exception as error:  # noqa: BLE001 (this thread must outlive it, or nothing is ever reloaded again)
                self._failed(error)
                pause = min(_RETRY, self._rescan)

    def _rest(self) -> None:
        """Wait until nothing has changed for a while; where changes never end, no longer than until the next look."""
        until = time.monotonic() + self._rescan
        while self._changed.is_set() and not self._stop.is_set() and time.monotonic() < until:
            self._changed.clear()
            time.sleep(self._debounce)
