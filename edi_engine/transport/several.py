"""Fetching many files: one after the other, or by several sessions of one connection, each in a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Full, Queue
from typing import Final

from edi_engine.errors import TransportError
from edi_engine.flow.ports import OF_THE_FILE, Fetched, Mailbox, RemoteFile

WORTH_IT: Final = 8
"""Files for each session: for fewer, a further login costs more than it brings."""

_PULSE: Final = 0.2


def one_by_one(mailbox: Mailbox, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
    """Fetch files in their order. Where the connection breaks, its error comes with the file, and is the last."""
    for name in names:
        try:
            yield name, mailbox.fetch(folder, name, limit)
        except TransportError as error:
            yield name, error
            if error.code not in OF_THE_FILE:
                return


class Sessions:
    """A mailbox whose files are fetched by up to `most` sessions at once. All else is done by the first one.

    Further sessions are opened when there is enough to fetch, and one that does not come to be is done without.
    """

    def __init__(self, first: Mailbox, enter: Callable[[], Mailbox], most: int) -> None:
        """Take over an open session; `enter` opens another one. Raises TransportError."""
        self._first = first
        self._enter = enter
        self._most = most
        self._more: list[Mailbox] = []
        self._closed = False

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        """Stream the entries of `folder`."""
        return self._first.listing(folder)

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        """Look at one entry."""
        return self._first.size(folder, name)

    def sizes(self, folder: str, names: Sequence[bytes]) -> Mapping[bytes, RemoteFile]:
        """Look at many entries."""
        return self._first.sizes(folder, names)

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        """Read a whole file."""
        return self._first.fetch(folder, name, limit)

    def fetch_all(self, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
        """Read many files, in any order. The sessions run no further ahead than one file each beyond what was taken."""
        wanted = min(self._most, len(names) // WORTH_IT)
        if wanted > 1:
            self._open(wanted - 1)
        if not self._more or wanted <= 1:
            yield from self._first.fetch_all(folder, names, limit)
            return
        yield from _shared([self._first, *self._more][:wanted], folder, names, limit)

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        """Write a whole file."""
        self._first.put(folder, name, data, new=new)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        """Rename without overwriting."""
        self._first.rename(folder, name, to_folder, to_name)

    def remove(self, folder: str, name: bytes) -> None:
        """Delete a file."""
        self._first.remove(folder, name)

    def close(self) -> None:
        """Leave with all sessions."""
        self._closed = True
        for mailbox in (self._first, *self._more):
            mailbox.close()

    def _open(self, wanted: int) -> None:
        """Open the sessions that are missing, all at once; the server may allow fewer than we were told."""
        missing = max(0, wanted - len(self._more))
        threads = [threading.Thread(target=self._add, name=f"session-{n + 2}", daemon=True) for n in range(missing)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _add(self) -> None:
        with suppress(TransportError):
            opened = self._enter()
            self._more.append(opened)
            if self._closed:
                opened.close()


def _shared(mailboxes: Sequence[Mailbox], folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
    todo = deque(names)
    done: Queue[Fetched | None] = Queue(maxsize=len(mailboxes))
    over = threading.Event()

    def hand_in(fetched: Fetched | None) -> None:
        while not over.is_set():
            with suppress(Full):
                done.put(fetched, timeout=_PULSE)
                return

    def names_left() -> Iterator[bytes]:
        with suppress(IndexError):
            while not over.is_set():
                yield todo.popleft()

    def work(mailbox: Mailbox) -> None:
        try:
            for name in names_left():
                for fetched in one_by_one(mailbox, folder, (name,), limit):
                    hand_in(fetched)
                    if isinstance(fetched[1], TransportError) and fetched[1].code not in OF_THE_FILE:
                        return
        finally:
            hand_in(None)

    threads = [
        threading.Thread(target=work, args=(mailbox,), name=f"fetch-{number + 1}", daemon=True)
        for number, mailbox in enumerate(mailboxes)
    ]
    for thread in threads:
        thread.start()
    working = len(mailboxes)
    try:
        while working:
            fetched = done.get()
            if fetched is None:
                working -= 1
            else:
                yield fetched
    finally:
        over.set()
        for thread in threads:  # each is amid one file at most; only then is its session free for something else
            thread.join()
