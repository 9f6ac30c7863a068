"""A folder on this machine as a Mailbox: for local exchanges, for the ERP, and for trying things out."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from edi_engine.errors import TransportError
from edi_engine.flow.ports import Fetched, RemoteFile
from edi_engine.partners.connection import Connection
from edi_engine.transport.names import checked, quoted, shown
from edi_engine.transport.rename import renamed
from edi_engine.transport.several import one_by_one


def connect(connection: Connection, *, ours: bool = False) -> FolderMailbox:
    """Give the local folder of `connection`; `ours` is one in which we make every folder that is missing.

    Raises TransportError (transport.connect) if the connection's folder is not there.
    """
    if connection.folder is None:
        message = f"the connection {connection.name} names no folder"
        raise TransportError(message, retry=False)
    return FolderMailbox(Path(connection.folder), needed=None if ours else connection.delivery.folder)


class FolderMailbox:
    """The folders below one root. Folder names are taken as below the root, with or without a leading slash.

    Folders that are written to are made where they are missing; but where `needed` names one, it must stand there, and
    only what lies below it is made. A missing one may be a disk that is not mounted: nobody would read what we write.
    """

    def __init__(self, root: Path, *, needed: str | None = None) -> None:
        """Use an existing folder. Raises TransportError (transport.connect) if it is not there."""
        if not root.is_dir():
            message = f"the folder {root} is not there"
            raise TransportError(message)
        self._root = root.resolve()
        self._needed = None if needed is None else self._place(needed)

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        """Stream the entries of `folder`. Links, folders and devices are not `regular`."""
        with _world(f"listing {quoted(folder)}", "transport.listing"):
            entries = os.scandir(self._place(folder))
        with entries:
            while True:
                with _world(f"listing {quoted(folder)}", "transport.listing"):
                    entry = next(entries, None)
                    if entry is None:
                        return
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:  # taken away since
                        continue
                yield _remote_file(os.fsencode(entry.name), found)

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        """Look at one entry, None if it is absent."""
        path = self._path(folder, name)
        with _world(f"looking at {shown(name)} in {quoted(folder)}", "transport.listing"):
            try:
                return _remote_file(name, path.lstat())
            except FileNotFoundError:
                return None

    def sizes(self, folder: str, names: Sequence[bytes]) -> dict[bytes, RemoteFile]:
        """Look at many entries; an absent one is left out."""
        return {name: found for name in names if (found := self.size(folder, name)) is not None}

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        """Read a whole file.

        Raises TransportError: transport.size beyond `limit` bytes, transport.partial if its length changed meanwhile.
        """
        path = self._path(folder, name)
        with (
            _world(f"fetching {shown(name)} from {quoted(folder)}", "transport.partial"),
            os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file,
        ):
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                message = f"{shown(name)} in {quoted(folder)} is no plain file"
                raise TransportError(message, code="transport.filename", retry=False)
            data = b"" if found.st_size > limit else file.read(limit + 1)
        if max(found.st_size, len(data)) > limit:
            message = (
                f"{shown(name)} in {quoted(folder)} has {max(found.st_size, len(data))} bytes; at most {limit} are read"
            )
            raise TransportError(message, code="transport.size", retry=False)
        if len(data) != found.st_size:
            message = (
                f"{shown(name)} in {quoted(folder)} changed while it was read: {len(data)} bytes, then {found.st_size}"
            )
            raise TransportError(message, code="transport.partial")
        return data

    def fetch_all(self, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
        """Read files in their order."""
        return one_by_one(self, folder, names, limit)

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        """Write a whole file, durably, replacing what a former attempt left; with `new`, only where nothing stands.

        A missing folder is made, unless it must be there.
        """
        path = self._path(folder, os.fsencode(name))
        with _world(f'writing "{name}" in {quoted(folder)}', "document.deliver"):
            self._make(folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if new else os.O_TRUNC)
            handle = os.open(path, flags, 0o660)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
                    with suppress(OSError):  # half a file helps nobody, and a full disk least
                        path.unlink()
                raise
            _settle(path.parent)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        """Rename without overwriting. Where a crash left both names of one file, the old one goes."""
        path, to = self._path(folder, name), self._path(to_folder, to_name)
        what = f"renaming {shown(name)} in {quoted(folder)} to {shown(to_name)} in {quoted(to_folder)}"
        with _world(what, "transport.postaction"):
            if os.path.lexists(path):  # this mailbox is there, so the folder for what was taken is ours to make
                make_folder(to.parent)
            try:
                if not renamed(path, to):
                    _rename_by_two_names(path, to)
            except FileExistsError:
                if path == to or not os.path.samestat(path.lstat(), to.lstat()):
                    raise
                path.unlink()
            for changed in {path.parent, to.parent}:
                _settle(changed)

    def remove(self, folder: str, name: bytes) -> None:
        """Delete a file; an absent one is fine."""
        path = self._path(folder, name)
        with _world(f"deleting {shown(name)} in {quoted(folder)}", "transport.postaction"), suppress(FileNotFoundError):
            path.unlink()

    def close(self) -> None:
        """Nothing to leave."""

    def _place(self, folder: str) -> Path:
        parts = [part for part in folder.split("/") if part not in {"", "."}]
        if ".." in parts:
            message = f"the folder {quoted(folder)} leads out of {self._root}"
            raise TransportError(message, code="transport.filename", retry=False)
        return self._root.joinpath(*parts)

    def _path(self, folder: str, name: bytes) -> Path:
        return self._place(folder) / os.fsdecode(checked(name))

    def _make(self, folder: str) -> None:
        place = self._place(folder)
        if self._needed is None or (self._needed.is_dir() and place.is_relative_to(self._needed)):
            make_folder(place)


def _remote_file(name: bytes, found: os.stat_result) -> RemoteFile:
    regular = stat.S_ISREG(found.st_mode)
    special = not regular and not stat.S_ISDIR(found.st_mode)
    return RemoteFile(name, found.st_size, int(found.st_mtime), regular=regular, special=special)


def _rename_by_two_names(path: Path, to: Path) -> None:
    """Give the file its new name, then take the old one away."""
    try:
        os.link(path, to, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EXDEV}:
            raise
        _rename_where_links_are_unknown(path, to)
    else:
        path.unlink()


def _rename_where_links_are_unknown(path: Path, to: Path) -> None:
    """Reserve the name with an empty file, so that nobody else's file is overwritten, then rename onto it."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660))
    try:
        path.rename(to)
    except OSError:
        to.unlink()
        raise


def make_folder(folder: Path) -> Path:
    """Make a folder, with those that it lies in, where it is missing, so that it is there after a power cut, too."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        _settle(made.parent)
    return folder


def _settle(folder: Path) -> None:
    """Make the names in `folder` as durable as its files."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _world(what: str, code: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{what}: {error.strerror or error}"
        if error.errno == errno.ELOOP:  # a link, where only a plain file may stand
            raise TransportError(message, code="transport.filename", retry=False) from error
        raise TransportError(message, code=code) from error
