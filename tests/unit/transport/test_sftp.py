"""What goes wrong with a server: wrong keys, lies, silence, answers that never come (rows A, B, G of FAILURES)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.sftp import SFTP_PERMISSION_DENIED

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.partners.connection import Connection, Delivery, Intake, SftpPlace
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.server import Files, OpenFile, SftpServer
from edi_engine.transport.sftp import Patience, SftpMailbox, connect
from tests.fixtures.mailbox import folders_below

HASTY = Patience(connect=1, banner=1, auth=1, channel=1, answer=1, opening=4, act=2, rate=1_000_000)
Serve = Callable[..., SftpServer]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folders_below(tmp_path / "server")


@pytest.fixture
def serve(tmp_path: Path, root: Path) -> Iterator[Serve]:
    servers: list[SftpServer] = []

    def start(files: type[Files] = Files) -> SftpServer:
        key = ed25519_key(tmp_path / "client")
        server = SftpServer(root, host_key=tmp_path / "host", user="supplier", client_key=key, files=files)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


def connection_to(port: int, *pins: str, user: str = "supplier", key: str = "client") -> Connection:
    return Connection("sandbox", SftpPlace("127.0.0.1", user, key, pins, port), None, Intake("/out"), Delivery("/in"))


@pytest.fixture
def enter(tmp_path: Path, serve: Serve) -> Iterator[Callable[..., SftpMailbox]]:
    opened: list[SftpMailbox] = []

    def log_in(files: type[Files] = Files, patience: Patience = HASTY) -> SftpMailbox:
        server = serve(files)
        mailbox = connect(connection_to(server.port, server.fingerprint), lambda name: tmp_path / name, patience)
        opened.append(mailbox)
        return mailbox

    yield log_in
    for mailbox in opened:
        mailbox.close()


def refusal(act: Callable[[], object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        act()
    return caught.value


class TestLogin:
    @pytest.mark.fault("A15")
    def test_a15_a_host_key_that_is_not_pinned_is_refused_and_both_are_shown(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        server = serve()
        error = refusal(lambda: connect(connection_to(server.port, "SHA256:other"), lambda name: tmp_path / name))
        assert (error.code, error.retry) == ("transport.hostkey", False)
        assert server.fingerprint in str(error)
        assert "SHA256:other" in str(error)

    @pytest.mark.fault("A15")
    def test_a15_without_any_pin_no_server_is_trusted(self, serve: Serve, tmp_path: Path) -> None:
        server = serve()
        assert (
            refusal(lambda: connect(connection_to(server.port), lambda name: tmp_path / name)).code
            == "transport.hostkey"
        )

    def test_two_pins_bridge_a_rotation(self, serve: Serve, tmp_path: Path) -> None:
        server = serve()
        connect(connection_to(server.port, "SHA256:old", server.fingerprint), lambda name: tmp_path / name).close()

    @pytest.mark.fault("A17")
    def test_a17_a_key_that_the_server_does_not_know(self, serve: Serve, tmp_path: Path) -> None:
        server = serve()
        ed25519_key(tmp_path / "stranger")
        place = connection_to(server.port, server.fingerprint, key="stranger")
        error = refusal(lambda: connect(place, lambda name: tmp_path / name))
        assert (error.code, error.retry) == ("transport.auth", False)

    @pytest.mark.fault("A17")
    def test_a17_a_user_that_the_server_does_not_know(self, serve: Serve, tmp_path: Path) -> None:
        server = serve()
        place = connection_to(server.port, server.fingerprint, user="nobody")
        assert refusal(lambda: connect(place, lambda name: tmp_path / name)).code == "transport.auth"

    def test_the_key_may_come_as_text(self, serve: Serve, tmp_path: Path) -> None:
        server = serve()
        text = (tmp_path / "client").read_text()
        connect(connection_to(server.port, server.fingerprint), lambda _name: text).close()

    def test_a_key_file_that_others_can_read_is_not_used(self, tmp_path: Path) -> None:
        ed25519_key(tmp_path / "client")
        (tmp_path / "client").chmod(0o640)
        error = refusal(lambda: connect(connection_to(1, "SHA256:x"), lambda name: tmp_path / name))
        assert (error.code, error.retry) == ("transport.auth", False)
        assert "chmod 600" in str(error)

    @pytest.mark.parametrize(
        "text", ["", "no key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"]
    )
    def test_a_text_that_is_no_key(self, text: str) -> None:
        assert refusal(lambda: connect(connection_to(1, "SHA256:x"), lambda _name: text)).code == "transport.auth"

    def test_a_missing_key(self, tmp_path: Path) -> None:
        assert (
            refusal(lambda: connect(connection_to(1, "SHA256:x"), lambda name: tmp_path / name)).code
            == "transport.auth"
        )

    def test_nobody_listens(self, tmp_path: Path) -> None:
        ed25519_key(tmp_path / "client")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        error = refusal(lambda: connect(connection_to(port, "SHA256:x"), lambda name: tmp_path / name))
        assert (error.code, error.retry) == ("transport.connect", True)

    @pytest.mark.fault("A12")
    def test_a12_a_server_without_a_banner_is_left_in_time(self, tmp_path: Path) -> None:
        ed25519_key(tmp_path / "client")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            began = time.monotonic()
            place = connection_to(silent.getsockname()[1], "SHA256:x")
            error = refusal(lambda: connect(place, lambda name: tmp_path / name, HASTY))
            assert time.monotonic() - began < 15
        assert error.retry

    @pytest.mark.fault("A12")
    def test_a12_a_server_that_stalls_in_key_exchange_is_left_in_time(self, tmp_path: Path) -> None:
        ed25519_key(tmp_path / "client")
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def greet() -> None:
                connected, _ = listener.accept()
                connected.sendall(b"SSH-2.0-stalling\r\n")
                with connected:
                    while connected.recv(4096):
                        pass

            threading.Thread(target=greet, daemon=True).start()
            began = time.monotonic()
            place = connection_to(listener.getsockname()[1], "SHA256:x")
            error = refusal(lambda: connect(place, lambda name: tmp_path / name, HASTY))
            assert time.monotonic() - began < 15
        assert (error.code, error.retry) == ("transport.timeout", True)

    def test_something_that_is_not_ssh(self, tmp_path: Path) -> None:
        ed25519_key(tmp_path / "client")
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def greet() -> None:
                connected, _ = listener.accept()
                with connected:
                    connected.sendall(b"220 ftp.example.com ready\r\n" * 200)

            threading.Thread(target=greet, daemon=True).start()
            place = connection_to(listener.getsockname()[1], "SHA256:x")
            assert refusal(lambda: connect(place, lambda name: tmp_path / name, HASTY)).code == "transport.connect"

    def test_a_connection_that_is_a_folder(self, tmp_path: Path) -> None:
        place = replace(connection_to(1), sftp=None, folder="/srv/edi")
        assert not refusal(lambda: connect(place, lambda name: tmp_path / name)).retry


class Bent(OpenFile):
    """An open file that reads as `bend` says: (data, offset) -> data."""

    bend: Callable[[bytes, int], bytes | int]

    def read(self, offset: int, length: int) -> bytes | int:
        data = super().read(offset, length)
        return data if isinstance(data, int) else type(self).bend(data, offset)


def reading(bend: Callable[[bytes, int], bytes | int]) -> type[Files]:
    opened = type("Opened", (Bent,), {"bend": staticmethod(bend)})

    class BentFiles(Files):
        def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
            handle = super().open(path, flags, attr)
            return handle if isinstance(handle, int) else opened(handle.readfile, flags)

    return BentFiles


def asleep(seconds: float) -> Callable[[bytes, int], bytes]:
    def bend(data: bytes, offset: int) -> bytes:
        if offset >= 65_536:
            time.sleep(seconds)
        return data

    return bend


class TestFetch:
    @pytest.mark.fault("A5")
    def test_a5_a_read_that_ends_early_is_no_whole_file(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        (root / "out" / "order.edi").write_bytes(b"x" * 1_000_000)
        mailbox = enter(reading(lambda data, offset: data if offset < 327_680 else b""))
        error = refusal(lambda: mailbox.fetch("/out", b"order.edi", 2_000_000))
        assert error.code == "transport.partial"
        assert "327680 bytes came, the server says it has 1000000" in str(error)

    @pytest.mark.parametrize("length", [70_000, 33])
    def test_short_reads_lose_no_byte(self, enter: Callable[..., SftpMailbox], root: Path, length: int) -> None:
        data = bytes(number * 7 % 251 for number in range(length))
        (root / "out" / "order.edi").write_bytes(data)
        step = 1000 if length > 1000 else 1
        assert enter(reading(lambda data, _: data[:step])).fetch("/out", b"order.edi", 100_000) == data

    @pytest.mark.fault("A6")
    def test_a6_a_file_that_grows_meanwhile_is_no_whole_file(
        self, enter: Callable[..., SftpMailbox], root: Path
    ) -> None:
        order = root / "out" / "order.edi"
        order.write_bytes(b"x" * 32_768)

        def grow(data: bytes, offset: int) -> bytes:
            if offset == 0:
                with order.open("ab") as file:
                    file.write(b"y" * 10)
            return data

        assert refusal(lambda: enter(reading(grow)).fetch("/out", b"order.edi", 100_000)).code == "transport.partial"

    @pytest.mark.fault("B8")
    def test_b8_a_file_that_never_ends_stops_at_the_limit(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        (root / "out" / "order.edi").write_bytes(b"x")
        error = refusal(
            lambda: enter(reading(lambda _data, _offset: b"y" * 32_768)).fetch("/out", b"order.edi", 1_000_000)
        )
        assert (error.code, error.retry) == ("transport.size", False)

    @pytest.mark.fault("A12")
    def test_a12_a_stalled_read_is_ended(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        (root / "out" / "order.edi").write_bytes(b"x" * 200_000)
        mailbox = enter(reading(asleep(30)))
        began = time.monotonic()
        error = refusal(lambda: mailbox.fetch("/out", b"order.edi", 300_000))
        assert time.monotonic() - began < 15
        assert (error.code, error.retry) == ("transport.timeout", True)

    @pytest.mark.fault("A12")
    def test_a12_a_dripping_server_is_ended_although_every_wait_is_short(
        self, enter: Callable[..., SftpMailbox], root: Path
    ) -> None:
        (root / "out" / "order.edi").write_bytes(b"x" * 200_000)

        def drip(data: bytes, _offset: int) -> bytes:
            time.sleep(0.2)
            return data[:1]

        mailbox = enter(reading(drip))
        began = time.monotonic()
        error = refusal(lambda: mailbox.fetch("/out", b"order.edi", 300_000))
        assert time.monotonic() - began < 15
        assert error.code == "transport.timeout"

    def test_after_a_broken_connection_everything_says_so(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        (root / "out" / "order.edi").write_bytes(b"x" * 200_000)
        mailbox = enter(reading(asleep(30)))
        refusal(lambda: mailbox.fetch("/out", b"order.edi", 300_000))
        error = refusal(lambda: mailbox.size("/out", b"order.edi"))
        assert (error.code, error.retry) == ("transport.connect", True)

    def test_a_read_error_is_an_error_and_no_empty_file(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        (root / "out" / "order.edi").write_bytes(b"x")
        mailbox = enter(reading(lambda _data, _offset: SFTP_PERMISSION_DENIED))
        error = refusal(lambda: mailbox.fetch("/out", b"order.edi", 100))
        assert error.code == "transport.partial"
        assert "ermission denied" in str(error)

    @pytest.mark.fault("A11")
    def test_a11_a_server_that_goes_away(self, serve: Serve, root: Path, tmp_path: Path) -> None:
        server = serve()
        mailbox = connect(connection_to(server.port, server.fingerprint), lambda name: tmp_path / name, HASTY)
        server.stop()
        assert refusal(lambda: list(mailbox.listing("/out"))).code == "transport.connect"
        mailbox.close()


class TestListing:
    @pytest.mark.fault("B1")
    def test_b1_names_that_lead_elsewhere_are_listed_and_never_touched(self, enter: Callable[..., SftpMailbox]) -> None:
        class Hostile(Files):
            def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
                entries = []
                for name in (b"../../x", b"/etc/x", b"a/b", b"", b"a\0b", b"good.edi"):
                    entry = paramiko.SFTPAttributes()
                    entry.filename, entry.st_size, entry.st_mode = name, 5, 0o100644
                    entry.st_atime = entry.st_mtime = 1_700_000_000
                    entries.append(entry)
                return entries

        mailbox = enter(Hostile)
        listed = {file.name for file in mailbox.listing("/out")}
        assert listed == {b"../../x", b"/etc/x", b"a/b", b"", b"a\0b", b"good.edi"}
        for name in listed - {b"good.edi"}:
            assert refusal(lambda name=name: mailbox.fetch("/out", name, 100)).code == "transport.filename"

    def test_a_server_that_tells_no_attributes_is_asked_again(
        self, enter: Callable[..., SftpMailbox], root: Path
    ) -> None:
        (root / "out" / "order.edi").write_bytes(b"ISA*00")

        class Terse(Files):
            def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
                entry = paramiko.SFTPAttributes()
                entry.filename = b"order.edi"
                return [entry]

        (found,) = enter(Terse).listing("/out")
        assert (found.size, found.regular) == (6, True)

    @pytest.mark.fault("A12")
    def test_a12_a_listing_that_never_answers_is_ended(self, enter: Callable[..., SftpMailbox]) -> None:
        class Frozen(Files):
            def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
                time.sleep(30)
                return []

        assert refusal(lambda: list(enter(Frozen).listing("/out"))).code == "transport.timeout"


class TestDelivery:
    @pytest.mark.fault("G2")
    def test_g2_a_rename_without_an_answer_is_an_unknown_outcome_and_may_have_happened(
        self, enter: Callable[..., SftpMailbox], root: Path
    ) -> None:
        class Late(Files):
            def rename(self, oldpath: str, newpath: str) -> int:
                result = super().rename(oldpath, newpath)
                time.sleep(30)
                return result

        mailbox = enter(Late)
        mailbox.put("/in", "855.edi.part", b"ISA*00")
        with pytest.raises(UnknownOutcome):
            mailbox.rename("/in", b"855.edi.part", "/in", b"855.edi")
        assert (root / "in" / "855.edi").read_bytes() == b"ISA*00"

    def test_a_rename_that_the_server_refuses_is_no_unknown_outcome(self, enter: Callable[..., SftpMailbox]) -> None:
        class Denying(Files):
            def rename(self, oldpath: str, newpath: str) -> int:
                return SFTP_PERMISSION_DENIED

        mailbox = enter(Denying)
        mailbox.put("/in", "855.edi.part", b"ISA*00")
        error = refusal(lambda: mailbox.rename("/in", b"855.edi.part", "/in", b"855.edi"))
        assert not isinstance(error, UnknownOutcome)
        assert error.code == "transport.postaction"

    @pytest.mark.fault("G5")
    def test_g5_a_full_disk_leaves_no_half_file(self, enter: Callable[..., SftpMailbox], root: Path) -> None:
        class Full(OpenFile):
            def write(self, offset: int, data: bytes) -> int:
                return super().write(offset, data) if offset < 65_536 else 4

        class FullFiles(Files):
            def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
                handle = super().open(path, flags, attr)
                return handle if isinstance(handle, int) else Full(handle.readfile, flags)

        mailbox = enter(FullFiles)
        error = refusal(lambda: mailbox.put("/in", "855.edi.part", b"x" * 1_000_000))
        assert (error.code, error.retry) == ("document.deliver", True)
        assert list((root / "in").iterdir()) == []
        mailbox.put("/in", "855.edi.part", b"ISA*00")
