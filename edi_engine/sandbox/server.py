"""The retailer's SFTP server, on this machine only: one account, one key, one folder that nobody can leave.

with SftpServer(folder, host_key=folder_of_keys / "host", user="supplier", client_key=key) as server:
    server.port, server.fingerprint
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import posixpath
import socket
import stat
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

from edi_engine.sandbox.keys import ed25519_key

logging.getLogger("paramiko").addHandler(logging.NullHandler())

LOOPBACK: Final = "127.0.0.1"


class SftpServer:
    """Serves `root` over SFTP to one user with one key, on a free port of 127.0.0.1, from `start` to `stop`."""

    def __init__(
        self, root: Path, *, host_key: Path, user: str, client_key: paramiko.PKey, files: type[Files] | None = None
    ) -> None:
        """Prepare; `host_key` is made there if it is missing. `files` may bend what the server does, for tests."""
        self.root = root.resolve()
        self.user = user
        self.port = 0
        self._client_key = client_key
        self._host_key = ed25519_key(host_key)
        self._files = files or Files
        self._listener: socket.socket | None = None
        self._sessions: list[paramiko.Transport] = []
        self._thread: threading.Thread | None = None

    @property
    def fingerprint(self) -> str:
        """The host key's SHA-256 fingerprint, as it is pinned: SHA256:..."""
        return str(self._host_key.fingerprint)

    def start(self) -> Self:
        """Listen. The port is known afterwards."""
        self._listener = socket.create_server((LOOPBACK, self.port))
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), name="sandbox-sftp", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End every session and stop listening. A second time is fine."""
        listener, self._listener = self._listener, None
        if listener is None or self._thread is None:
            return
        self._thread.join()
        listener.close()
        for session in self._sessions:
            session.close()
        self._sessions.clear()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _serve(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connected, _ = listener.accept()
            except TimeoutError:
                continue
            connected.settimeout(None)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # answers are small, and waited for
            self._sessions = [session for session in self._sessions if session.is_active()]
            session = paramiko.Transport(connected)
            session.add_server_key(self._host_key)
            session.set_subsystem_handler("sftp", _Sftp, self._files, self.root)
            session.daemon = True
            self._sessions.append(session)
            with contextlib.suppress(paramiko.SSHException):  # a guest that leaves at the door is no fault of ours
                session.start_server(event=threading.Event(), server=_Door(self.user, self._client_key))


class _Door(paramiko.ServerInterface):
    """Lets one user in, by key, to an SFTP session and nothing else."""

    def __init__(self, user: str, key: paramiko.PKey) -> None:
        self._user = user
        self._key = key

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        if username == self._user and key == self._key:
            return AUTH_SUCCESSFUL
        return AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _Sftp(paramiko.SFTPServer):
    """paramiko's SFTP server with names as the bytes that they are: one that is not UTF-8 is served like any other."""

    def _process(self, t: int, request_number: int, msg: paramiko.Message) -> None:
        msg.get_text = lambda: os.fsdecode(msg.get_string())  # type: ignore[method-assign]
        super()._process(t, request_number, msg)  # type: ignore[misc]


class Files(paramiko.SFTPServerInterface):
    """The folder `root` as a server shows it. Paths cannot leave it, neither by dots nor by links."""

    def __init__(self, server: paramiko.ServerInterface, root: Path) -> None:
        """Serve `root`."""
        super().__init__(server)
        self.root = root.resolve()

    def place(self, path: str) -> Path:
        """Give the real place of `path`, its last part as it stands. Raises PermissionError if that is outside."""
        inside = posixpath.normpath("/" + path).lstrip("/")
        asked = self.root / inside
        if asked == self.root:
            return asked
        parent = asked.parent.resolve()
        if not parent.is_relative_to(self.root):
            raise PermissionError(errno.EACCES, path)
        return parent / asked.name

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        """Give the entries of a folder."""
        try:
            names = [entry.name for entry in self.place(path).iterdir()]
        except OSError as error:
            return _status(error)
        looks = ((name, self.lstat(f"{path}/{name}")) for name in names)
        return [_named(look, name) for name, look in looks if not isinstance(look, int)]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        """Look at a file. Links are not followed."""
        return self.lstat(path)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        """Look at an entry."""
        try:
            return paramiko.SFTPAttributes.from_stat(self.place(path).lstat())
        except OSError as error:
            return _status(error)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:  # noqa: ARG002
        """Open a plain file."""
        writing = flags & (os.O_WRONLY | os.O_RDWR)
        try:
            handle = os.open(self.place(path), flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                return SFTP_PERMISSION_DENIED
            return OpenFile(os.fdopen(handle, "r+b" if flags & os.O_RDWR else "wb" if writing else "rb"), flags)
        except OSError as error:
            return _status(error)

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename a file; an existing one is never overwritten."""
        try:
            old, new = self.place(oldpath), self.place(newpath)
            os.link(old, new, follow_symlinks=False)
            old.unlink()
        except OSError as error:
            return _status(error)
        return SFTP_OK

    def remove(self, path: str) -> int:
        """Delete a file."""
        try:
            self.place(path).unlink()
        except OSError as error:
            return _status(error)
        return SFTP_OK


class OpenFile(paramiko.SFTPHandle):
    """An open file."""

    def __init__(self, file: object, flags: int) -> None:
        """Serve reads and writes of `file`."""
        super().__init__(flags)
        self.readfile = self.writefile = file

    def stat(self) -> paramiko.SFTPAttributes | int:
        """Look at the open file."""
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))  # type: ignore[attr-defined]


def _named(attributes: paramiko.SFTPAttributes, name: str) -> paramiko.SFTPAttributes:
    attributes.filename = os.fsencode(name)  # type: ignore[assignment]  # sent as it is
    return attributes


def _status(error: OSError) -> int:
    return SFTP_FAILURE if error.errno is None else paramiko.SFTPServer.convert_errno(error.errno)
