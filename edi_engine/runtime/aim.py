"""Which folders are watched: they come, go and are put in each other's place, and the watch follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

_CHANGES = frozenset({"created", "modified", "moved", "deleted"})

Identity = tuple[int, int]


class Aim:
    """Tells `heard` the folder in which something changed, from a thread of the system's observer.

    Where the system refuses to watch a folder, `failed` hears of it; then whoever looks anyway has to do.
    """

    def __init__(
        self, heard: Callable[[Path], None], failed: Callable[[Exception], None], *, recursive: bool = False
    ) -> None:
        """Prepare to watch; with `recursive`, what lies below the folders, too."""
        self._heard = heard
        self._failed = failed
        self._recursive = recursive
        self._observer = Observer()
        self._watched: dict[Path, tuple[Identity, ObservedWatch]] = {}

    def start(self) -> None:
        """Begin to listen; nothing is watched yet."""
        self._observer.start()

    def stop(self) -> None:
        """End it."""
        self._observer.stop()
        self._observer.join(5)

    def at(self, folders: Iterable[Path]) -> None:
        """Watch these folders as they are now, and no others. One that is not there is passed over."""
        standing = {folder: _identity(folder) for folder in folders}
        for folder, (known, watch) in list(self._watched.items()):
            if standing.get(folder) != known:
                del self._watched[folder]
                self._observer.unschedule(watch)
        for folder, identity in standing.items():
            if identity is not None and folder not in self._watched:
                try:
                    watch = self._observer.schedule(_Ear(folder, self._heard), str(folder), recursive=self._recursive)
                except OSError as error:
                    self._failed(error)
                    continue
                self._watched[folder] = (identity, watch)


class _Ear(FileSystemEventHandler):
    """Listens to one folder; opening and reading a file is no change."""

    def __init__(self, folder: Path, heard: Callable[[Path], None]) -> None:
        self._folder = folder
        self._heard = heard

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _CHANGES:
            self._heard(self._folder)


def _identity(folder: Path) -> Identity | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
