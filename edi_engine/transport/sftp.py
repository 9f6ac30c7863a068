"""A partner's folders over SFTP: nothing is trusted that was not pinned, and nothing is waited for without end."""

from __future__ import annotations

import logging
import socket
import stat
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer, NoValidConnectionsError

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.flow.names import plain
from edi_engine.flow.ports import Fetched, Mailbox, RemoteFile
from edi_engine.partners.connection import Connection, SftpPlace, Weak
from edi_engine.transport.keys import HostKeyRefused, Keys, Pinned, private_key
from edi_engine.transport.names import checked, quoted, shown
from edi_engine.transport.several import Sessions, one_by_one
from edi_engine.transport.watch import Watch
from edi_engine.transport.wire import NO_SUCH_FILE, Attributes, Malformed, Refused, Wire

# paramiko writes tracebacks of network faults to its logger; they come back to us as exceptions and are told once.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

NOT_OFFERED: Final = {
    "ciphers": ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-sha1", "hmac-md5", "hmac-sha1-96", "hmac-md5-96"),
}
"""Algorithms that paramiko would still agree to; some of them a connection may allow by name, up to a day (`weak:`)."""

WORTH_LISTING: Final = 4
LISTED_AGAIN: Final = 4
"""Entries of a folder that are listed again for each file in question, before the rest is looked at by name."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long anything may take, in seconds.

    `rate` (bytes a second) and `entries` (of a listing, a second) are what a slow but honest partner reaches. What
    stays below is ended, at the latest `act` after it has begun to.
    """

    connect: float = 10
    banner: float = 15
    auth: float = 15
    channel: float = 15
    answer: float = 20
    opening: float = 45
    act: float = 45
    rate: float = 50_000
    entries: float = 50


def connect_all(connection: Connection, keys: Keys, sessions: int, patience: Patience = Patience()) -> Mailbox:
    """Log in as `connect` does, with up to so many sessions for what they can share."""
    first = connect(connection, keys, patience)
    return first if sessions == 1 else Sessions(first, lambda: connect(connection, keys, patience), sessions)


def connect(connection: Connection, keys: Keys, patience: Patience = Patience()) -> SftpMailbox:
    """Log in to the server of `connection`, with the private key that `keys` gives for its name.

    Raises TransportError: transport.hostkey and transport.auth (trying again does not help: a person must act),
    transport.timeout, transport.connect.
    """
    place = connection.sftp
    if place is None:
        message = f"the connection {connection.name} is a folder, not an SFTP server"
        raise TransportError(message, retry=False)
    where = f"{place.user}@{place.host}:{place.port}"
    key = private_key(place.key, keys)
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(Pinned(place.host_keys))
    watch = Watch(client.close)
    try:
        with watch.limit(patience.opening):
            wire = _open(client, place, key, patience)
    except BaseException as error:
        watch.stop()
        client.close()
        if isinstance(error, (paramiko.SSHException, OSError, EOFError, Malformed)):
            raise _login_failed(where, error, timed_out=watch.ended) from error
        raise
    return SftpMailbox(where, client, wire, watch, patience)


class _Transport(paramiko.Transport):
    """paramiko's transport, keeping what the server offers: a refusal must name the algorithms (A16)."""

    offered: Mapping[str, list[str]] = MappingProxyType({})

    def _really_parse_kex_init(self, *args: Any, **kwargs: Any) -> dict[str, list[str]]:  # noqa: ANN401
        parsed: dict[str, list[str]] = super()._really_parse_kex_init(*args, **kwargs)  # type: ignore[misc]
        self.offered = parsed
        return parsed

    def offers(self, refusal: str) -> str:
        """Name what the server offers of the kind that `refusal` complains of."""
        kinds = {"kex": "kex_algo_list", "host key": "server_key_algo_list"}
        kinds |= {"ciphers": "server_encrypt_algo_list", "macs": "server_mac_algo_list"}
        return ", ".join(name for word, kind in kinds.items() if word in refusal for name in self.offered.get(kind, ()))


def _open(client: paramiko.SSHClient, place: SftpPlace, key: paramiko.PKey, patience: Patience) -> Wire:
    try:
        client.connect(
            place.host,
            place.port,
            place.user,
            pkey=key,
            timeout=patience.connect,
            banner_timeout=patience.banner,
            auth_timeout=patience.auth,
            channel_timeout=patience.channel,
            allow_agent=False,
            look_for_keys=False,
            compress=False,
            disabled_algorithms=_disabled(place),
            transport_factory=_Transport,  # type: ignore[arg-type]  # the stub still asks for options of paramiko 4
        )
    except IncompatiblePeer as error:
        met = client.get_transport()
        offers = met.offers(str(error)) if isinstance(met, _Transport) else ""
        over = place.weak is not None and not _stands(place.weak)
        until = f"; what `weak` allowed ended on {place.weak.until}" if over and place.weak is not None else ""
        message = f"{error}; the server offers {offers or 'others'}{until}"
        raise IncompatiblePeer(message) from error
    transport = client.get_transport()
    if transport is None:
        message = "the connection was closed at once"
        raise EOFError(message)
    if isinstance(transport.sock, socket.socket):
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # requests are small, and waited for
    transport.set_keepalive(15)  # for routers that forget quiet connections; it ends no hang
    channel = transport.open_session(timeout=patience.channel)
    channel.settimeout(patience.answer)
    channel.invoke_subsystem("sftp")
    return Wire(channel)


def _disabled(place: SftpPlace) -> dict[str, list[str]]:
    """Give what is not agreed to at this place today."""
    allowed = place.weak.allow if place.weak is not None and _stands(place.weak) else ()
    return {kind: [name for name in names if name not in allowed] for kind, names in NOT_OFFERED.items()}


def _stands(weak: Weak) -> bool:
    return datetime.now(UTC).date() <= weak.until


def _login_failed(where: str, error: Exception, *, timed_out: bool) -> TransportError:
    if isinstance(error, HostKeyRefused):
        return TransportError(str(error), code="transport.hostkey", retry=False)
    if isinstance(error, paramiko.AuthenticationException) and "timeout" not in str(error).lower():
        message = f"{where} does not let us in: {error}; ask the partner whether our public key is installed"
        return TransportError(message, code="transport.auth", retry=False)
    if isinstance(error, IncompatiblePeer):
        return TransportError(f"{where} and we share no safe algorithm: {error}", retry=False)
    # paramiko tells a wait that ran out only in its text, or by a session that never came to be
    slow = (
        timed_out
        or isinstance(error, TimeoutError)
        or any(word in str(error).lower() for word in ("timeout", "timed out", "no existing session"))
    )
    why = str(error) or type(error).__name__
    if isinstance(error, NoValidConnectionsError):  # its own text names no reason
        why = "; ".join(dict.fromkeys(str(getattr(one, "strerror", None) or one) for one in error.errors.values()))
    return TransportError(
        f"{where} cannot be reached: {why}", code="transport.timeout" if slow else "transport.connect"
    )


class SftpMailbox:
    """An open SFTP session as a Mailbox. It belongs to one thread. After a broken connection it only says so."""

    def __init__(self, where: str, client: paramiko.SSHClient, wire: Wire, watch: Watch, patience: Patience) -> None:
        """Take over an open session; `where` names it in messages."""
        self._where = where
        self._client = client
        self._wire = wire
        self._watch = watch
        self._patience = patience
        self._closed = False

    def listing(self, folder: str) -> Generator[RemoteFile, None, None]:
        """Stream the entries of `folder`. Links, folders and devices are not `regular`.

        Names come as the server sends them, even such that lead elsewhere: every other method refuses those.
        """
        what = f"listing {quoted(folder)}"
        left = self._patience.act
        with closing(self._wire.entries(_path(folder))) as entries:
            while True:
                began = time.monotonic()
                with self._world(what, "transport.listing", left):
                    entry = next(entries, None)
                spent = time.monotonic() - began
                left = min(left - spent + 1 / self._patience.entries, self._patience.act)
                if entry is None:
                    return
                name, long_line, attributes = entry
                if plain(name) and (attributes.size is None or attributes.modified is None):
                    yield self.size(folder, name) or RemoteFile(name, 0, 0, regular=False)
                else:
                    yield _remote_file(name, attributes, long_line)

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        """Look at one entry by lstat, None if it is absent."""
        path = _path(folder, name)
        with self._world(f"looking at {shown(name)} in {quoted(folder)}", "transport.listing"):
            try:
                attributes = self._wire.look(path)
            except Refused as refused:
                if refused.status == NO_SUCH_FILE:
                    return None
                raise
        return _remote_file(name, attributes)

    def sizes(self, folder: str, names: Sequence[bytes]) -> dict[bytes, RemoteFile]:
        """Look at many entries: by listing the folder once more, and where it holds much else, at the rest by name."""
        left = dict.fromkeys(names)
        found: dict[bytes, RemoteFile] = {}
        if len(left) >= WORTH_LISTING:
            with closing(self.listing(folder)) as entries:
                for entry in islice(entries, LISTED_AGAIN * len(left)):
                    if entry.name in left:
                        del left[entry.name]
                        found[entry.name] = entry
                    if not left:
                        break
        rest = list(left)
        what = f"looking at {len(rest)} files in {quoted(folder)}"
        with self._world(what, "transport.listing"):
            looks = self._wire.look_all([_path(folder, name) for name in rest], self._looked)
        found |= {name: _remote_file(name, look) for name, look in zip(rest, looks, strict=True) if look is not None}
        return found

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        """Read a whole file.

        Raises TransportError: transport.size beyond `limit` bytes, transport.partial if fewer or more bytes came than
        the server said.
        """
        path = _path(folder, name)
        with self._world(f"fetching {shown(name)} from {quoted(folder)}", "transport.partial"):
            data, size = self._wire.read(path, limit, self._progress)
        if len(data) > limit or (size is not None and size > limit):
            message = (
                f"{shown(name)} in {quoted(folder)} has {max(size or 0, len(data))} bytes; at most {limit} are fetched"
            )
            raise TransportError(message, code="transport.size", retry=False)
        if size is not None and len(data) != size:
            message = f"{shown(name)} in {quoted(folder)}: {len(data)} bytes came, the server says it has {size}"
            raise TransportError(message, code="transport.partial")
        return data

    def fetch_all(self, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
        """Read files in their order."""
        return one_by_one(self, folder, names, limit)

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        """Write a whole file under `name`, replacing what a former attempt left there; with `new`, only where nothing
        stands. The caller checks its size.
        """
        path = _path(folder, name.encode())
        with self._world(f'writing "{name}" in {quoted(folder)}', "document.deliver"):
            self._wire.write(path, data, self._progress, new=new)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        """Rename without overwriting. Raises UnknownOutcome if the answer did not come."""
        path, to = _path(folder, name), _path(to_folder, to_name)
        what = f"renaming {shown(name)} in {quoted(folder)} to {shown(to_name)} in {quoted(to_folder)}"
        with self._world(what, "transport.postaction", unknown=True):
            self._wire.rename(path, to)

    def remove(self, folder: str, name: bytes) -> None:
        """Delete a file; an absent one is fine."""
        path = _path(folder, name)
        with self._world(f"deleting {shown(name)} in {quoted(folder)}", "transport.postaction"):
            try:
                self._wire.remove(path)
            except Refused as refused:
                if refused.status != NO_SUCH_FILE:
                    raise

    def close(self) -> None:
        """Leave the server. A second time is fine."""
        self._closed = True
        self._watch.stop()
        self._client.close()

    def _looked(self, count: int) -> None:
        self._watch.allow(count / self._patience.entries)

    def _progress(self, count: int) -> None:
        """Allow a transfer more time for the bytes that it has moved."""
        self._watch.allow(count / self._patience.rate)

    @contextmanager
    def _world(self, what: str, code: str, most: float | None = None, *, unknown: bool = False) -> Iterator[None]:
        """Turn what the world does inside into a TransportError: `code` where the server refuses.

        It has `most` seconds, else what one act has.
        """
        if self._closed:
            message = f"{what} at {self._where}: the connection is closed"
            raise TransportError(message)
        try:
            with self._watch.limit(self._patience.act if most is None else most):
                yield
        except Refused as refused:
            message = f"{what} at {self._where}: {refused}"
            raise TransportError(message, code=code) from refused
        except (paramiko.SSHException, OSError, EOFError, Malformed) as error:
            self.close()
            late = self._watch.ended or isinstance(error, TimeoutError)
            why = "the server did not answer in time" if late else str(error) or type(error).__name__
            message = f"{what} at {self._where}: {why}"
            if unknown:
                raise UnknownOutcome(message) from error
            raise TransportError(message, code="transport.timeout" if late else "transport.connect") from error


def _path(folder: str, name: bytes | None = None) -> bytes:
    start = folder.encode("utf-8", "surrogateescape")
    if name is None:
        return start or b"."
    return checked(name) if start in {b"", b"."} else start.rstrip(b"/") + b"/" + checked(name)


def _remote_file(name: bytes, attributes: Attributes, long_line: bytes = b"") -> RemoteFile:
    """Judge a server that tells no mode by its long line, which starts like that of `ls -l`."""
    if attributes.mode is not None and stat.S_IFMT(attributes.mode):
        regular = stat.S_ISREG(attributes.mode)
        special = not regular and not stat.S_ISDIR(attributes.mode)
    else:
        special = long_line[:1] in {b"l", b"p", b"c", b"b", b"s"}
        regular = not special and long_line[:1] != b"d"
    return RemoteFile(name, attributes.size or 0, attributes.modified or 0, regular=regular, special=special)
