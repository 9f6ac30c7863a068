"""Watching the partner files: when they rest after a change, the new edition is tried; a bad one changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

DEBOUNCE = 0.5
"""Seconds without a change before the files are read: an editor writes in several steps."""

RESCAN = 60.0
"""Seconds after which the files are looked at anyway, for file systems that tell nothing."""

_RETRY = 5.0
_CHANGES = frozenset({"created", "modified", "moved", "deleted"})

Identity = tuple[int, int]


class EditionWatch(FileSystemEventHandler):
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
        self._observer = Observer()
        self._watched: dict[Path, tuple[Identity, ObservedWatch]] = {}
        self._thread = threading.Thread(target=self._loop, name="editions", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._observer.start()
        self._aim()
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
        if event.event_type in _CHANGES:
            self._changed.set()

    def _loop(self) -> None:
        pause = self._rescan
        while not self._stop.is_set():
            self._changed.wait(pause)
            self._rest()
            if self._stop.is_set():
                return
            self._aim()
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

    def _aim(self) -> None:
        """Watch the folders as they are now. Where the system refuses, the look at every RESCAN has to do."""
        standing = {folder: _identity(folder) for folder in self._folders()}
        for folder, (known, watch) in list(self._watched.items()):
            if standing.get(folder) != known:
                del self._watched[folder]
                self._observer.unschedule(watch)
        for folder, identity in standing.items():
            if identity is not None and folder not in self._watched:
                try:
                    watch = self._observer.schedule(self, str(folder), recursive=True)
                except OSError as error:
                    self._failed(error)
                    continue
                self._watched[folder] = (identity, watch)


def _identity(folder: Path) -> Identity | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
