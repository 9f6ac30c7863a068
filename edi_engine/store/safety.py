"""Whether a file may hold a store: a local disk, and nobody else who can write to it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from edi_engine.store.faults import StoreBusy, StoreUnusable, remedy_of

_MOUNTS: Final = Path("/proc/self/mountinfo")

_SHARES: Final = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "gfs2", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
)
"""File systems of other machines, on which SQLite's locks and shared memory do not hold."""


def make_private(path: Path) -> None:
    """Make the file before SQLite does, so that nobody but its owner can read it. Raises StoreUnusable."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        message = f"the store {path} cannot be opened for writing: {error.strerror}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}:
            message = f"{message}; {remedy_of(path.parent, message)}"
            raise StoreBusy(message, code="system.disk") from error
        raise StoreUnusable(message) from error


def must_be_safe(path: Path) -> None:
    """Raise StoreUnusable where `path` is no safe place for a SQLite store, and say what to do."""
    if not path.parent.is_dir():
        message = f"the folder {path.parent} for the store is not there; make it first"
        raise StoreUnusable(message)
    if not path.is_file():
        message = f"there is no store at {path}"
        raise StoreUnusable(message)
    if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        message = f"others may write to the store {path}; take that right from them: chmod 600 {path}"
        raise StoreUnusable(message)
    mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace") if _MOUNTS.exists() else ""
    kind = file_system(mounts, path)
    if kind in _SHARES:
        message = f"the store {path} lies on a network share ({kind}), where SQLite loses data; use a local disk"
        raise StoreUnusable(message)


def file_system(mounts: str, path: Path) -> str:
    """Give the kind of file system that holds `path`, by the lines of mountinfo; "" if none of them does."""
    found: tuple[int, str] = (-1, "")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if len(words) < 5 or not after:
            continue
        point = words[4].encode("ascii", "backslashreplace").decode("unicode_escape")  # a space is written \040
        if path.is_relative_to(point) and len(point) >= found[0]:
            found = (len(point), after.split(" ")[0])
    return found[1]
