"""The sandbox's SFTP server: nobody leaves its folder, nobody else gets in, and it ends cleanly."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.server import SftpServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    key = ed25519_key(tmp_path / "client")
    with SftpServer(root, host_key=tmp_path / "host", user="supplier", client_key=key) as running:
        yield running


def log_in(server: SftpServer, key: paramiko.PKey, user: str = "supplier") -> paramiko.Transport:
    transport = paramiko.Transport(("127.0.0.1", server.port))
    transport.connect(username=user, pkey=key)
    return transport


@pytest.fixture
def client(server: SftpServer, tmp_path: Path) -> Iterator[paramiko.SFTPClient]:
    transport = log_in(server, ed25519_key(tmp_path / "client"))
    session = paramiko.SFTPClient.from_transport(transport)
    assert session is not None
    yield session
    transport.close()


@pytest.mark.parametrize("path", ["../secret", "/../secret", "in/../../secret", "/in/../../../../../etc/passwd"])
def test_dots_do_not_lead_out(client: paramiko.SFTPClient, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        client.stat(path)
    with pytest.raises(FileNotFoundError):
        client.open(path).close()


def test_links_do_not_lead_out(client: paramiko.SFTPClient, server: SftpServer, tmp_path: Path) -> None:
    (server.root / "way").symlink_to(tmp_path)
    (server.root / "file").symlink_to(tmp_path / "secret")
    for path in ("way/secret", "file"):
        with pytest.raises(OSError, match=r"Permission denied|Failure"):
            client.open(path).close()
    with pytest.raises(PermissionError):
        client.rename("way/secret", "in/secret")
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_pipe_is_not_opened(client: paramiko.SFTPClient, server: SftpServer) -> None:
    os.mkfifo(server.root / "pipe")
    with pytest.raises(PermissionError):
        client.open("pipe").close()


def test_a_rename_never_overwrites(client: paramiko.SFTPClient, server: SftpServer) -> None:
    (server.root / "a").write_text("a")
    (server.root / "b").write_text("b")
    with pytest.raises(OSError, match="Failure"):
        client.rename("a", "b")
    with pytest.raises(OSError, match="unsupported"):
        client.posix_rename("a", "b")
    assert (server.root / "b").read_text() == "b"


@pytest.mark.parametrize("user", ["supplier", "root", ""])
def test_another_key_or_user_does_not_get_in(server: SftpServer, tmp_path: Path, user: str) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        log_in(server, ed25519_key(tmp_path / "other"), user)
    if user != "supplier":
        with pytest.raises(paramiko.AuthenticationException):
            log_in(server, ed25519_key(tmp_path / "client"), user)


def test_a_password_or_nothing_does_not_get_in(server: SftpServer) -> None:
    transport = paramiko.Transport(("127.0.0.1", server.port))
    transport.start_client(timeout=5)
    with pytest.raises(paramiko.BadAuthenticationType):
        transport.auth_password("supplier", "password")
    with pytest.raises(paramiko.BadAuthenticationType):
        transport.auth_none("supplier")
    transport.close()


def test_there_is_no_shell_and_no_tunnel(server: SftpServer, tmp_path: Path) -> None:
    transport = log_in(server, ed25519_key(tmp_path / "client"))
    with pytest.raises(paramiko.SSHException):
        transport.open_session(timeout=5).exec_command("id")
    with pytest.raises(paramiko.SSHException):
        transport.open_session(timeout=5).invoke_shell()
    with pytest.raises(paramiko.ChannelException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=5)
    transport.close()


def test_it_listens_on_this_machine_alone(server: SftpServer) -> None:
    assert server._listener is not None
    assert server._listener.getsockname()[0] == "127.0.0.1"


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path, server: SftpServer) -> None:
    assert (tmp_path / "host").stat().st_mode & 0o777 == 0o600
    again = SftpServer(server.root, host_key=tmp_path / "host", user="x", client_key=ed25519_key(tmp_path / "client"))
    assert again.fingerprint == server.fingerprint
    assert server.fingerprint.startswith("SHA256:")


def test_stopping_ends_every_session_and_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    (tmp_path / "root").mkdir()
    key = ed25519_key(tmp_path / "client")
    server = SftpServer(tmp_path / "root", host_key=tmp_path / "host", user="supplier", client_key=key).start()
    clients = [log_in(server, key) for _ in range(3)]
    sessions = [paramiko.SFTPClient.from_transport(client) for client in clients]
    assert all(session is not None and session.listdir() == [] for session in sessions)
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 1)
    for client in clients:
        client.join(5)
        assert not client.is_active()
    for thread in threading.enumerate():
        if isinstance(thread, paramiko.Transport) or thread.name == "sandbox-sftp":
            thread.join(5)
    assert threading.active_count() <= before + 3  # subsystem threads may take a moment to see the end


def test_a_guest_that_hangs_up_at_the_door_disturbs_nobody(server: SftpServer, tmp_path: Path) -> None:
    for _ in range(5):
        socket.create_connection(("127.0.0.1", server.port)).close()
    transport = log_in(server, ed25519_key(tmp_path / "client"))
    session = paramiko.SFTPClient.from_transport(transport)
    assert session is not None
    assert session.listdir() == ["in"]
    transport.close()
