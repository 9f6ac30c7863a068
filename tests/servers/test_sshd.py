"""The mailbox against OpenSSH's own server: the whole contract, and the faults that only a real server has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.flow.ports import RemoteFile
from edi_engine.partners.connection import Connection, Weak
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.transport.sftp import Patience, SftpMailbox, connect, connect_all
from tests.fixtures.mailbox import DiskMailboxContract
from tests.fixtures.sshd import IS_ROOT, Sshd

pytestmark = pytest.mark.servers

HASTY = Patience(connect=2, banner=2, auth=2, channel=2, answer=1, opening=4, act=2)


class Placed:
    """The mailbox with folders named as in the contract, where the server has no chroot."""

    def __init__(self, mailbox: SftpMailbox, place: Callable[[str], str]) -> None:
        self.inner, self.place = mailbox, lambda folder: place(folder.strip("/"))

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        return self.inner.listing(self.place(folder))

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        return self.inner.size(self.place(folder), name)

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        return self.inner.fetch(self.place(folder), name, limit)

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        self.inner.put(self.place(folder), name, data, new=new)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        self.inner.rename(self.place(folder), name, self.place(to_folder), to_name)

    def remove(self, folder: str, name: bytes) -> None:
        self.inner.remove(self.place(folder), name)

    def close(self) -> None:
        self.inner.close()


@dataclass
class SshdSite:
    mailbox: Placed
    server: Sshd

    @property
    def root(self) -> Path:
        return self.server.root

    def drop(self, folder: str, name: bytes, data: bytes) -> None:
        self.server.drop(folder.strip("/"), name.decode("utf-8", "surrogateescape"), data)

    def files(self, folder: str) -> dict[bytes, bytes]:
        place = self.root / folder.strip("/")
        return {bytes(file.relative_to(place)): file.read_bytes() for file in place.iterdir() if file.is_file()}


class TestContract(DiskMailboxContract):
    @pytest.fixture
    def site(self, sshd: Sshd) -> Iterator[SshdSite]:
        mailbox = connect(sshd.connection(), sshd.keys)
        yield SshdSite(Placed(mailbox, sshd.place), sshd)
        mailbox.close()


def refusal(act: Callable[[], object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        act()
    return caught.value


@pytest.mark.fault("A15")
def test_a15_another_host_key_ends_the_login(sshd: Sshd) -> None:
    connection = sshd.connection()
    assert connection.sftp is not None
    other = replace(connection, sftp=replace(connection.sftp, host_keys=("SHA256:other",)))
    error = refusal(lambda: connect(other, sshd.keys))
    assert (error.code, error.retry) == ("transport.hostkey", False)
    assert sshd.fingerprint in str(error)


@pytest.mark.fault("A17")
def test_a17_another_client_key_is_not_let_in(sshd: Sshd, tmp_path: Path) -> None:
    ed25519_key(tmp_path / "stranger")
    error = refusal(lambda: connect(sshd.connection(), lambda _name: tmp_path / "stranger"))
    assert (error.code, error.retry) == ("transport.auth", False)


@pytest.mark.fault("A16")
def test_a16_a_server_with_old_algorithms_only_is_named_as_such(start_sshd: Callable[..., Sshd]) -> None:
    server = start_sshd("MACs hmac-sha1", "Ciphers aes128-cbc")
    error = refusal(lambda: connect(server.connection(), server.keys))
    assert (error.code, error.retry) == ("transport.connect", False)
    assert "aes128-cbc" in str(error)


def test_a_server_without_sftp(start_sshd: Callable[..., Sshd]) -> None:
    server = start_sshd("ForceCommand /bin/false")
    assert refusal(lambda: connect(server.connection(), server.keys, HASTY)).code in {
        "transport.connect",
        "transport.timeout",
    }


@pytest.mark.fault("A14")
@pytest.mark.parametrize("sessions", [1, 2])
def test_a14_keys_are_exchanged_anew_in_the_middle_of_files(start_sshd: Callable[..., Sshd], sessions: int) -> None:
    server = start_sshd("RekeyLimit 256K", "LogLevel DEBUG1")
    files = {f"{number}.edi".encode(): bytes([65 + number]) * (3 << 20) for number in range(3)}
    for name, data in files.items():
        server.drop("out", name.decode(), data)
    mailbox = connect_all(server.connection(), server.keys, sessions)
    assert dict(mailbox.fetch_all(server.place("out"), list(files), 4 << 20)) == files
    mailbox.put(server.place("in"), "855.edi", files[b"2.edi"])
    mailbox.close()
    assert (server.root / "in" / "855.edi").read_bytes() == files[b"2.edi"]
    log = (server.base / "log").read_text(errors="replace")
    assert log.count("SSH2_MSG_NEWKEYS received") >= 10 * sessions


@pytest.mark.fault("A12")
def test_a12_a_frozen_server_ends_a_listing(sshd: Sshd) -> None:
    mailbox = connect(sshd.connection(), sshd.keys, HASTY)
    sshd.freeze()
    began = time.monotonic()
    error = refusal(lambda: list(mailbox.listing(sshd.place("out"))))
    assert time.monotonic() - began < 20
    assert (error.code, error.retry) == ("transport.timeout", True)
    mailbox.close()


@pytest.mark.fault("A12")
def test_a12_a_frozen_server_ends_a_login(sshd: Sshd) -> None:
    sshd.freeze()
    began = time.monotonic()
    error = refusal(lambda: connect(sshd.connection(), sshd.keys, HASTY))
    assert time.monotonic() - began < 20
    assert error.retry


@pytest.mark.fault("A12")
def test_a12_a_frozen_server_ends_a_delivery(sshd: Sshd) -> None:
    mailbox = connect(sshd.connection(), sshd.keys, HASTY)
    sshd.freeze()
    began = time.monotonic()
    error = refusal(lambda: mailbox.put(sshd.place("in"), "855.edi.part", b"x" * 5_000_000))
    assert time.monotonic() - began < 20
    assert error.code == "transport.timeout"
    mailbox.close()


@pytest.mark.fault("G2")
def test_g2_a_rename_in_a_frozen_server_is_unknown_and_may_happen_later(sshd: Sshd) -> None:
    sshd.drop("in", "855.edi.part", b"ISA*00")
    mailbox = connect(sshd.connection(), sshd.keys, HASTY)
    sshd.freeze()
    with pytest.raises(UnknownOutcome):
        mailbox.rename(sshd.place("in"), b"855.edi.part", sshd.place("in"), b"855.edi")
    mailbox.close()
    sshd.thaw()
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up and not (sshd.root / "in" / "855.edi").exists():
        time.sleep(0.02)
    with_it = connect(sshd.connection(), sshd.keys)
    found = {name: with_it.size(sshd.place("in"), name) is not None for name in (b"855.edi", b"855.edi.part")}
    with_it.close()
    assert sorted(found.values()) == [False, True]


@pytest.mark.fault("A10")
def test_a10_a_read_only_folder_refuses_to_move_and_to_delete(sshd: Sshd) -> None:
    file = sshd.drop("out", "order.edi", b"ISA*00")
    (sshd.root / "out").chmod(0o555)
    mailbox = connect(sshd.connection(), sshd.keys)
    out, done = sshd.place("out"), sshd.place("out/done")
    assert mailbox.fetch(out, b"order.edi", 100) == b"ISA*00"
    for act in (
        lambda: mailbox.rename(out, b"order.edi", done, b"order.edi"),
        lambda: mailbox.remove(out, b"order.edi"),
    ):
        error = refusal(act)
        assert (error.code, error.retry) == ("transport.postaction", True)
        assert "ermission denied" in str(error)
    assert refusal(lambda: mailbox.put(out, "855.edi.part", b"x")).code == "document.deliver"
    mailbox.close()
    (sshd.root / "out").chmod(0o755)
    assert file.exists()


@pytest.mark.fault("A19")
def test_a19_a_folder_that_may_not_be_read_is_no_empty_folder(sshd: Sshd) -> None:
    (sshd.root / "out").chmod(0o300)
    mailbox = connect(sshd.connection(), sshd.keys)
    error = refusal(lambda: list(mailbox.listing(sshd.place("out"))))
    (sshd.root / "out").chmod(0o755)
    mailbox.close()
    assert error.code == "transport.listing"


@pytest.mark.skipif(not IS_ROOT, reason="only root can jail an account: chroot is shown in the build")
def test_the_account_sees_its_own_folders_alone(sshd: Sshd) -> None:
    mailbox = connect(sshd.connection(), sshd.keys)
    assert {file.name for file in mailbox.listing("/")} == {b"out", b"in"}
    assert refusal(lambda: mailbox.fetch("/etc", b"passwd", 100_000)).code == "transport.partial"
    mailbox.close()


@pytest.mark.fault("A18")
def test_a18_a_large_folder_is_streamed(sshd: Sshd) -> None:
    for number in range(3000):
        (sshd.root / "out" / f"order-{number:05}.edi").touch()
    mailbox = connect(sshd.connection(), sshd.keys)
    listing = mailbox.listing(sshd.place("out"))
    next(listing)
    listing.close()
    assert sum(file.regular for file in mailbox.listing(sshd.place("out"))) == 3000
    mailbox.close()


def test_a_slow_and_a_fast_file_in_one_session(sshd: Sshd) -> None:
    large = bytes(number * 7 % 251 for number in range(5_000_000))
    sshd.drop("out", "large.edi", large)
    sshd.drop("out", "small.edi", b"ISA*00")
    mailbox = connect(sshd.connection(), sshd.keys)
    for _ in range(2):
        assert mailbox.fetch(sshd.place("out"), b"large.edi", 10_000_000) == large
        assert mailbox.fetch(sshd.place("out"), b"small.edi", 10_000_000) == b"ISA*00"
    mailbox.close()


@pytest.mark.fault("A16")
def test_an_old_algorithm_is_used_where_it_is_allowed_by_name_and_until_its_day(
    start_sshd: Callable[..., Sshd],
) -> None:
    server = start_sshd("MACs hmac-sha1", "Ciphers aes256-ctr")
    usual = server.connection()

    def allowing(until: date, *names: str) -> Connection:
        return replace(usual, sftp=replace(usual.sftp, weak=Weak(names, until, "their gateway is old")))

    today = datetime.now(UTC).date()
    connect(allowing(today, "hmac-sha1"), server.keys).close()
    for refused in (usual, allowing(today, "aes256-cbc"), allowing(today - timedelta(days=1), "hmac-sha1")):
        error = refusal(lambda refused=refused: connect(refused, server.keys))
        assert (error.code, error.retry) == ("transport.connect", False)
        assert "hmac-sha1" in str(error)
    assert str(today - timedelta(days=1)) in str(error)


@pytest.mark.fault("A13", "A18")
def test_many_files_are_fetched_by_several_sessions_and_looked_at_again(sshd: Sshd) -> None:
    files = {b"order-%03d.edi" % number: b"%d" % number * number for number in range(200)}
    for name, data in files.items():
        sshd.drop("out", name.decode(), data)
    for number in range(2000):  # so much else that listing it again is not worth it
        (sshd.root / "out" / f"0-{number:05}.tmp").touch()
    mailbox = connect_all(sshd.connection(), sshd.keys, 3)
    assert dict(mailbox.fetch_all(sshd.place("out"), list(files), 10_000)) == files
    assert {name: one.size for name, one in mailbox.sizes(sshd.place("out"), [*files, b"gone.edi"]).items()} == {
        name: len(data) for name, data in files.items()
    }
    listing = mailbox.fetch_all(sshd.place("out"), list(files), 10_000)
    next(listing)
    listing.close()
    assert mailbox.fetch(sshd.place("out"), b"order-007.edi", 100) == b"7777777"
    mailbox.close()
