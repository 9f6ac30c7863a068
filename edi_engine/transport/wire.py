"""SFTP version 3 over an open channel: the requests that a mailbox needs, with names as the bytes that they are.

paramiko's own SFTPClient decodes every name as UTF-8, so that one odd name blocks a whole folder; it waits without
limit in some places, and it cannot tell a server's refusal from a broken socket. This client speaks the same messages,
keeps bytes, checks lengths and has three plain outcomes: an answer, `Refused`, or an exception of the connection.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

BLOCK: Final = 32 * 1024
"""Bytes asked for in one read; every server grants at least this much."""
READS_AHEAD: Final = 16
LOOKS_AHEAD: Final = 64
MOST_ENTRIES: Final = 1_000_000
LARGEST_PACKET: Final = 1024 * 1024

_INIT, _VERSION, _OPEN, _CLOSE, _READ, _WRITE, _LSTAT, _FSTAT = 1, 2, 3, 4, 5, 6, 7, 8
_OPENDIR, _READDIR, _REMOVE, _RENAME = 11, 12, 13, 18
_STATUS, _HANDLE, _DATA, _NAME, _ATTRIBUTES = 101, 102, 103, 104, 105
_FOR_READING: Final = struct.pack(">II", 0x01, 0)
_FOR_WRITING: Final = struct.pack(">II", 0x02 | 0x08 | 0x10, 0)
"""Flags of an open (write, create, cut to nothing) and no attributes."""
_FOR_A_NEW_FILE: Final = struct.pack(">II", 0x02 | 0x08 | 0x20, 0)
"""The same, refused where the name is taken."""

OK, END, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE = 0, 1, 2, 3, 4


class Refused(Exception):
    """The server answered, and the answer is no. `status` is SFTP's: 2 no such file, 3 not permitted, 4 failure."""

    def __init__(self, status: int, text: str) -> None:
        """Keep the status and what the server says about it."""
        self.status = status
        words = {NO_SUCH_FILE: "no such file", PERMISSION_DENIED: "permission denied", FAILURE: "failure"}
        super().__init__(text or words.get(status, f"status {status}"))


class Malformed(Exception):
    """The server sent something that is not SFTP."""


class Channel(Protocol):
    """The part of a paramiko channel that is used here. Both raise TimeoutError or OSError when the world fails."""

    def recv(self, nbytes: int) -> bytes:
        """Give up to `nbytes`, b"" at the end."""
        ...

    def sendall(self, s: bytes) -> object:
        """Send all of `s`."""
        ...


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a server says of a file; None where it says nothing. `mode` as in lstat, `modified` in Unix seconds."""

    size: int | None
    mode: int | None
    modified: int | None


class _Packet:
    """One received packet, read field by field and never beyond its end."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0

    def take(self, count: int) -> bytes:
        piece = self.body[self.at : self.at + count]
        if len(piece) != count:
            message = "a packet ends too early"
            raise Malformed(message)
        self.at += count
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(4))

    def string(self) -> bytes:
        return self.take(self.number())

    def attributes(self) -> Attributes:
        flags = self.number()
        size = int.from_bytes(self.take(8)) if flags & 0x01 else None
        if flags & 0x02:
            self.take(8)
        mode = self.number() if flags & 0x04 else None
        modified = None
        if flags & 0x08:
            self.take(4)
            modified = self.number()
        if flags & 0x80000000:
            for _ in range(self.number()):
                self.string()
                self.string()
        return Attributes(size, mode, modified)


def _string(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


class Wire:
    """One SFTP session. Requests may be sent ahead; answers are matched by their number, whatever their order."""

    def __init__(self, channel: Channel) -> None:
        """Greet the server over an open channel of subsystem "sftp"."""
        self._channel = channel
        self._next = 1
        self._unsent: list[bytes] = [struct.pack(">IBI", 5, _INIT, 3)]
        self._asked: set[int] = set()
        self._unwanted: set[int] = set()
        self._early: dict[int, tuple[int, _Packet]] = {}
        kind, _ = self._receive()
        if kind != _VERSION:
            message = "the server does not answer in SFTP"
            raise Malformed(message)

    def entries(self, folder: bytes) -> Generator[tuple[bytes, bytes, Attributes], None, None]:
        """Stream a folder: name, the server's long line for it, attributes. "." and ".." are left out."""
        seen = 0
        with self._opened(_OPENDIR, _string(folder)) as handle:
            while True:
                try:
                    packet = self._call(_READDIR, handle, wanted=_NAME)
                except Refused as refused:
                    if refused.status == END:
                        return
                    raise
                for _ in range(packet.number()):
                    name, long_line, attributes = packet.string(), packet.string(), packet.attributes()
                    seen += 1
                    if seen > MOST_ENTRIES:
                        message = f"the folder has more than {MOST_ENTRIES} entries, or its listing never ends"
                        raise Malformed(message)
                    if name not in {b".", b".."}:
                        yield name, long_line, attributes

    def look(self, path: bytes) -> Attributes:
        """Give the attributes of `path` itself, not of what it may point to."""
        return self._call(_LSTAT, _string(path), wanted=_ATTRIBUTES).attributes()

    def look_all(self, paths: Sequence[bytes], progress: Callable[[int], None]) -> list[Attributes | None]:
        """Give the attributes of many paths, None where the server tells none; many are asked for at once."""
        found: list[Attributes | None] = []
        for start in range(0, len(paths), LOOKS_AHEAD):
            asked = [self._request(_LSTAT, _string(path)) for path in paths[start : start + LOOKS_AHEAD]]
            for number in asked:
                try:
                    found.append(self._answer(number, wanted=_ATTRIBUTES).attributes())
                except Refused:
                    found.append(None)
            progress(len(asked))
        return found

    def read(self, path: bytes, limit: int, progress: Callable[[int], None]) -> tuple[bytes, int | None]:
        """Give what a file holds and the size stated for it; reading ends as soon as either is beyond `limit`.

        `progress` is told how many bytes have come since it was last called.
        """
        pieces: list[bytes] = []
        count, ahead = 0, 1
        with self._opened(_OPEN, _string(path) + _FOR_READING) as handle:
            stated = self._request(_FSTAT, handle)
            asked = self._ask(handle, count, ahead)
            size = self._answer(stated, wanted=_ATTRIBUTES).attributes().size
            while (size is None or size <= limit) and count <= limit:
                blocks, more = self._blocks(asked)
                asked = []
                came = sum(map(len, blocks))
                pieces.extend(blocks)
                count += came
                progress(came)
                whole = came == len(blocks) * BLOCK
                if not more or (count == size and not whole):
                    break
                ahead = min(ahead * 2, READS_AHEAD) if whole else 1
                asked = self._ask(handle, count, ahead)
            self._disregard(asked)
        return b"".join(pieces), size

    def write(self, path: bytes, data: bytes, progress: Callable[[int], None], *, new: bool = False) -> None:
        """Make `path` hold exactly `data`; with `new`, only where nothing stands there.

        The answers to all writes and to the close are waited for. What could not be written whole is taken away.
        `progress` is told how many bytes the server has taken since it was last called.
        """
        how = _FOR_A_NEW_FILE if new else _FOR_WRITING
        handle = _string(self._call(_OPEN, _string(path) + how, wanted=_HANDLE).string())
        try:
            for start in range(0, len(data), BLOCK * READS_AHEAD):
                places = range(start, min(start + BLOCK * READS_AHEAD, len(data)), BLOCK)
                bodies = (handle + struct.pack(">Q", at) + _string(data[at : at + BLOCK]) for at in places)
                self._all_well([self._request(_WRITE, body) for body in bodies])
                progress(min(BLOCK * READS_AHEAD, len(data) - start))
            self._call(_CLOSE, handle, wanted=_STATUS)
        except Refused:
            self._forget(_CLOSE, handle)
            with suppress(Refused):  # half a file helps nobody, and a full disk least
                self.remove(path)
            raise

    def rename(self, path: bytes, to: bytes) -> None:
        """Rename; SFTP version 3 refuses where `to` exists."""
        self._call(_RENAME, _string(path) + _string(to), wanted=_STATUS)

    def remove(self, path: bytes) -> None:
        """Delete a file."""
        self._call(_REMOVE, _string(path), wanted=_STATUS)

    def _ask(self, handle: bytes, start: int, count: int) -> list[int]:
        """Send `count` reads for the blocks from `start` on."""
        places = range(start, start + count * BLOCK, BLOCK)
        return [self._request(_READ, handle + struct.pack(">QI", place, BLOCK)) for place in places]

    def _blocks(self, asked: Sequence[int]) -> tuple[list[bytes], bool]:
        """Gather the blocks asked for, in order, up to the first short one; and whether there may be more."""
        blocks: list[bytes] = []
        for index, number in enumerate(asked):
            try:
                block = self._answer(number, wanted=_DATA).string()
            except Refused as refused:
                self._disregard(asked[index + 1 :])
                if refused.status == END:
                    return blocks, False
                raise
            if len(block) > BLOCK:
                message = "the server sent more than was asked for"
                raise Malformed(message)
            blocks.append(block)
            if len(block) < BLOCK:  # what was asked for beyond it starts at the wrong place: ask again from here
                self._disregard(asked[index + 1 :])
                return blocks, bool(block)
        return blocks, True

    def _all_well(self, numbers: Sequence[int]) -> None:
        for index, number in enumerate(numbers):
            try:
                self._answer(number, wanted=_STATUS)
            except Refused:
                self._disregard(numbers[index + 1 :])
                raise

    @contextmanager
    def _opened(self, kind: int, body: bytes) -> Iterator[bytes]:
        """Give a handle, ready to be sent, and close it. After a broken connection there is nothing to close."""
        handle = _string(self._call(kind, body, wanted=_HANDLE).string())
        try:
            yield handle
        except (Refused, GeneratorExit):
            self._forget(_CLOSE, handle)
            raise
        self._forget(_CLOSE, handle)

    def _call(self, kind: int, body: bytes, *, wanted: int) -> _Packet:
        return self._answer(self._request(kind, body), wanted=wanted)

    def _disregard(self, numbers: Sequence[int]) -> None:
        """Need these answers no more, whether or not they have come."""
        for number in numbers:
            if self._early.pop(number, None) is None:
                self._unwanted.add(number)

    def _forget(self, kind: int, body: bytes) -> None:
        """Send a request whose answer nobody needs, together with the next one."""
        self._unwanted.add(self._request(kind, body))

    def _request(self, kind: int, body: bytes) -> int:
        number, self._next = self._next, (self._next + 1) & 0xFFFFFFFF
        self._unsent.append(struct.pack(">IBI", len(body) + 5, kind, number) + body)
        self._asked.add(number)
        return number

    def _answer(self, number: int, *, wanted: int) -> _Packet:
        while number not in self._early:
            kind, packet = self._receive()
            theirs = packet.number()
            if theirs not in self._asked:
                message = f"the server answered request {theirs}, which nobody made"
                raise Malformed(message)
            self._asked.discard(theirs)
            if theirs in self._unwanted:
                self._unwanted.discard(theirs)
            else:
                self._early[theirs] = (kind, packet)
        kind, packet = self._early.pop(number)
        if kind == _STATUS:
            status = packet.number()
            if status != OK:
                text = packet.string() if packet.at < len(packet.body) else b""
                raise Refused(status, text.decode("utf-8", "backslashreplace"))
        if kind != wanted:
            message = f"the server answered with message {kind} instead of {wanted}"
            raise Malformed(message)
        return packet

    def _receive(self) -> tuple[int, _Packet]:
        if self._unsent:  # requests that follow each other go out as one piece, which spares packets
            unsent, self._unsent = b"".join(self._unsent), []
            self._channel.sendall(unsent)
        length = int.from_bytes(self._exactly(4))
        if not 1 <= length <= LARGEST_PACKET:
            message = f"a packet of {length} bytes is not SFTP"
            raise Malformed(message)
        body = self._exactly(length)
        return body[0], _Packet(body[1:])

    def _exactly(self, count: int) -> bytes:
        pieces: list[bytes] = []
        while count:
            piece = self._channel.recv(count)
            if not piece:
                message = "the server ended the connection"
                raise EOFError(message)
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)
