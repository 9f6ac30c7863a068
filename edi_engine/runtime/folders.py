"""Watching folders into which others write: what comes there wakes whoever reads them, without waiting for his turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path

from edi_engine.runtime.aim import Aim

DEBOUNCE = 0.25
"""Seconds after a change before it is told: many files, or many pieces of one, come as one change."""

RESCAN = 30.0
"""Seconds after which folders that were missing are looked for again."""


class FolderWatch:
    """Calls `changed` with a folder, from a thread of its own, soon after something changed in it.

    It is a help, not a promise: some file systems tell nothing, so whoever is woken must look by himself, too.
    """

    def __init__(
        self,
        folders: Callable[[], Collection[Path]],
        changed: Callable[[Path], None],
        failed: Callable[[Exception], None],
        *,
        debounce: float = DEBOUNCE,
        rescan: float = RESCAN,
    ) -> None:
        """Prepare to watch what `folders` gives; it is asked again at every change, and every `rescan` seconds."""
        self._folders = folders
        self._changed = changed
        self._debounce = debounce
        self._rescan = rescan
        self._heard: set[Path] = set()
        self._word = threading.Lock()
        self._call = threading.Event()
        self._stop = threading.Event()
        self._aim = Aim(self._hear, failed)
        self._thread = threading.Thread(target=self._loop, name="folders", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._aim.start()
        self._aim.at(self._folders())
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stop.set()
        self._call.set()
        self._aim.stop()
        self._thread.join(5)

    def _hear(self, folder: Path) -> None:
        with self._word:
            self._heard.add(folder)
        self._call.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._call.wait(self._rescan)
            if self._call.is_set():
                self._stop.wait(self._debounce)
            self._call.clear()
            with self._word:
                heard, self._heard = self._heard, set()
            if self._stop.is_set():
                return
            self._aim.at(self._folders())
            for folder in sorted(heard):
                self._changed(folder)
