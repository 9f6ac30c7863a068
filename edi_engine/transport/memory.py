"""A mailbox in memory, for tests and for trying the flow without a server. It behaves as the real ones do.

box = MemoryMailbox()
box.drop("/out", "order.edi", b"ISA*...")             # the partner's upload
box.fail("rename", UnknownOutcome("no answer"), after=True)   # the effect happens, the answer is lost
box.files("/in")                                      # what we delivered: {b"855_1.edi": b"..."}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from edi_engine.errors import TransportError
from edi_engine.flow.ports import Fetched, RemoteFile
from edi_engine.transport.names import checked, quoted, shown
from edi_engine.transport.several import one_by_one

METHODS = ("listing", "size", "fetch", "put", "rename", "remove")


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    modified: int
    regular: bool = True
    stated: int | None = None
    special: bool = False


@dataclass(frozen=True, slots=True)
class _Fault:
    error: TransportError
    after: bool


class MemoryMailbox:
    """Folders in a dict. Every folder that is named exists. `calls` keeps (method, folder, name) in order."""

    def __init__(self) -> None:
        """Begin with empty folders."""
        self._folders: dict[str, dict[bytes, _Entry]] = {}
        self._faults: dict[str, list[_Fault]] = {method: [] for method in METHODS}
        self._ticks = 0
        self.calls: list[tuple[str, str, bytes]] = []
        self.closed = 0

    def drop(
        self,
        folder: str,
        name: str | bytes,
        data: bytes = b"",
        *,
        modified: int | None = None,
        regular: bool = True,
        stated: int | None = None,
        special: bool = False,
    ) -> None:
        """Put a file there as the partner would; with `special`, a link. `stated`: the server's claim, if it lies.

        Without `modified`, each drop is one second later than the one before.
        """
        self._ticks += 1
        exact = name.encode() if isinstance(name, str) else name
        when = self._ticks if modified is None else modified
        self._in(folder)[exact] = _Entry(data, when, regular and not special, stated, special)

    def files(self, folder: str) -> dict[bytes, bytes]:
        """Give the plain files of `folder`, by name."""
        return {name: entry.data for name, entry in sorted(self._in(folder).items()) if entry.regular}

    def fail(self, method: str, error: TransportError, *, times: int = 1, after: bool = False) -> None:
        """Let the next `times` calls of `method` raise `error`; `after` their effect has happened, where asked for."""
        self._faults[method].extend([_Fault(error, after)] * times)

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        """Stream the entries of `folder`, in the order of their arrival."""
        with self._call("listing", folder, b""):
            entries = list(self._in(folder).items())
        for name, entry in entries:
            yield _remote_file(name, entry)

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        """Look at one entry, None if it is absent."""
        with self._call("size", folder, checked(name)):
            entry = self._in(folder).get(name)
            return None if entry is None else _remote_file(name, entry)

    def sizes(self, folder: str, names: Sequence[bytes]) -> dict[bytes, RemoteFile]:
        """Look at many entries; an absent one is left out."""
        return {name: found for name in names if (found := self.size(folder, name)) is not None}

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        """Read a whole file, with the checks of the real mailboxes."""
        with self._call("fetch", folder, checked(name)):
            entry = self._in(folder).get(name)
            if entry is None or not entry.regular:
                message = f"fetching {shown(name)} from {quoted(folder)}: no such file"
                raise TransportError(message, code="transport.partial")
            size = _remote_file(name, entry).size
            if max(size, len(entry.data)) > limit:
                told = max(size, len(entry.data))
                message = f"{shown(name)} in {quoted(folder)} has {told} bytes; at most {limit} are read"
                raise TransportError(message, code="transport.size", retry=False)
            if size != len(entry.data):
                message = (
                    f"{shown(name)} in {quoted(folder)}: {len(entry.data)} bytes came, the server says it has {size}"
                )
                raise TransportError(message, code="transport.partial")
            return entry.data

    def fetch_all(self, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
        """Read files in their order."""
        return one_by_one(self, folder, names, limit)

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        """Write a whole file, replacing what was there; with `new`, only where nothing is."""
        with self._call("put", folder, checked(name.encode())):
            if new and name.encode() in self._in(folder):
                message = f'writing "{name}" in {quoted(folder)}: the name is taken'
                raise TransportError(message, code="document.deliver")
            self.drop(folder, name, data)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        """Rename without overwriting."""
        checked(to_name)
        with self._call("rename", folder, checked(name)):
            what = f"renaming {shown(name)} in {quoted(folder)} to {shown(to_name)} in {quoted(to_folder)}"
            if name not in self._in(folder):
                message = f"{what}: no such file"
                raise TransportError(message, code="transport.postaction")
            if to_name in self._in(to_folder):
                message = f"{what}: the name is taken"
                raise TransportError(message, code="transport.postaction")
            self._in(to_folder)[to_name] = self._in(folder).pop(name)

    def remove(self, folder: str, name: bytes) -> None:
        """Delete a file; an absent one is fine."""
        with self._call("remove", folder, checked(name)):
            self._in(folder).pop(name, None)

    def close(self) -> None:
        """Count the leaving; the folders stay as they are."""
        self.closed += 1

    @contextmanager
    def _call(self, method: str, folder: str, name: bytes) -> Iterator[None]:
        """Keep the call, and raise the next fault of its method before or after its effect."""
        self.calls.append((method, folder, name))
        fault = self._faults[method].pop(0) if self._faults[method] else None
        if fault is not None and not fault.after:
            raise fault.error
        yield
        if fault is not None:
            raise fault.error

    def _in(self, folder: str) -> dict[bytes, _Entry]:
        return self._folders.setdefault(folder.strip("/"), {})


def _remote_file(name: bytes, entry: _Entry) -> RemoteFile:
    size = len(entry.data) if entry.stated is None else entry.stated
    return RemoteFile(name, size, entry.modified, regular=entry.regular, special=entry.special)
