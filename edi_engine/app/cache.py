"""What takes long to make, kept on disk between two runs, under a name that tells everything it was made of.

Nothing is lost with it: an entry that is damaged, or that cannot be read or written, counts as absent. Code and pickled
values are kept here, so that the folder must be ours alone; where it is not, nothing is kept.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_OFF: Final = "off"
_NAME: Final = re.compile(r"[0-9a-z-]{1,100}")
_MOST: Final = 200
"""Entries that are kept; when there are more, the oldest half goes."""


class Cache(MutableMapping[str, bytes]):
    """Entries by name, each a file in a private folder, replaced as a whole or not at all."""

    def __init__(self, folder: Path | None) -> None:
        """Keep entries in `folder`, which is made if it is not there; None keeps nothing."""
        self._folder = folder if folder is not None and _is_private(folder) else None

    def __getitem__(self, name: str) -> bytes:
        path = self._path(name)
        try:
            entry = path.read_bytes() if path is not None else b""
        except OSError:
            entry = b""
        if len(entry) < 32 or hashlib.sha256(entry[32:]).digest() != entry[:32]:
            raise KeyError(name)
        return entry[32:]

    def __setitem__(self, name: str, entry: bytes) -> None:
        path = self._path(name)
        if path is None:
            return
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with suppress(OSError):
            part.write_bytes(hashlib.sha256(entry).digest() + entry)
            part.replace(path)
            self._thin_out()

    def __delitem__(self, name: str) -> None:
        path = self._path(name)
        if path is None or not path.is_file():
            raise KeyError(name)
        path.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        with suppress(OSError):
            paths = () if self._folder is None else self._folder.iterdir()
            return iter(sorted(path.name for path in paths if _NAME.fullmatch(path.name)))
        return iter(())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, name: str) -> Path | None:
        return self._folder / name if self._folder is not None and _NAME.fullmatch(name) else None

    def _thin_out(self) -> None:
        paths = list(self._folder.iterdir()) if self._folder is not None else []
        if len(paths) > _MOST:
            paths.sort(key=lambda path: path.stat().st_mtime)
            for path in paths[: _MOST // 2]:
                path.unlink(missing_ok=True)


def _is_private(folder: Path) -> bool:
    """Make a folder that only we may look into; say whether it is one."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.lstat()
        return folder.is_dir() and not folder.is_symlink() and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077
    return False


def cache() -> Cache:
    """Give the cache of this user: in EDI_CACHE (`off` for none), else where XDG_CACHE_HOME says, else in ~/.cache."""
    named = os.environ.get("EDI_CACHE")
    if named == _OFF:
        return Cache(None)
    if named:
        return Cache(Path(named))
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path.home() raises
    return Cache(Path(home) / "edi-engine") if Path(home).is_absolute() else Cache(None)
