"""Watching the partner files: when they rest after a change, the new edition is tried; a bad one changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

DEBOUNCE = 0.5
"""Seconds without a change before the files are read: an editor writes in several steps."""

RESCAN = 60.0
"""Seconds after which the files are looked at anyway, for file systems that tell nothing."""


class EditionWatch(FileSystemEventHandler):
    """Calls `reload` in a thread of its own after the watched folders changed and came to rest."""

    def __init__(self, folders: Sequence[Path], reload: Callable[[], None]) -> None:
        """Prepare to watch the `folders` that exist."""
        self._folders = [folder for folder in folders if folder.is_dir()]
        self._reload = reload
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._observer = Observer()
        self._thread = threading.Thread(target=self._loop, name="editions", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        for folder in self._folders:
            self._observer.schedule(self, str(folder), recursive=True)
        self._observer.start()
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stop.set()
        self._changed.set()
        self._observer.stop()
        self._observer.join(5)
        self._thread.join(5)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change; opening and reading a file is none."""
        if event.event_type in {"created", "modified", "moved", "deleted"}:
            self._changed.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._changed.wait(RESCAN)
            self._rest()
            if not self._stop.is_set():
                self._reload()

    def _rest(self) -> None:
        """Wait until nothing has changed for DEBOUNCE seconds."""
        while self._changed.is_set() and not self._stop.is_set():
            self._changed.clear()
            time.sleep(DEBOUNCE)
