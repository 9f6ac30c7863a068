"""What is particular to a folder of this machine: its borders, durability, and file systems without links."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from edi_engine.errors import TransportError
from edi_engine.partners.connection import Connection, Delivery, Intake
from edi_engine.transport import folder
from edi_engine.transport.folder import FolderMailbox, connect


@pytest.fixture
def box(tmp_path: Path) -> FolderMailbox:
    return FolderMailbox(tmp_path)


def test_a_connection_names_its_root(tmp_path: Path) -> None:
    connection = Connection("erp", None, str(tmp_path), Intake(""), Delivery("orders"))
    with pytest.raises(TransportError):
        connect(connection).put("orders", "a.json", b"{}")
    connect(connection, ours=True).put("orders", "a.json", b"{}")
    assert (tmp_path / "orders" / "a.json").read_bytes() == b"{}"


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="is not there") as caught:
        FolderMailbox(tmp_path / "nowhere")
    assert (caught.value.code, caught.value.retry) == ("transport.connect", True)


@pytest.mark.parametrize("folder", ["..", "in/..", "/../etc", "in/../../etc"])
@pytest.mark.fault("S11")
def test_a_folder_name_does_not_lead_out(box: FolderMailbox, folder: str) -> None:
    with pytest.raises(TransportError) as caught:
        box.put(folder, "x", b"")
    assert caught.value.code == "transport.filename"


def test_folders_are_made_when_something_is_put_there(box: FolderMailbox, tmp_path: Path) -> None:
    box.put("/orders/test", "a.json", b"{}")
    box.rename("/orders/test", b"a.json", "orders/done", b"b.json")
    assert (tmp_path / "orders" / "done" / "b.json").exists()


def test_a_link_is_not_read_through_nor_written_through(box: FolderMailbox, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for act in (lambda: box.fetch("", b"link", 100), lambda: box.put("", "link", b"x")):
        with pytest.raises(TransportError) as caught:
            act()
        assert caught.value.code == "transport.filename"
    assert (tmp_path / "target").read_bytes() == b"secret"


def test_a_pipe_is_refused_at_once(box: FolderMailbox, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TransportError, match="no plain file"):
        box.fetch("", b"pipe", 100)


def test_a_crash_between_the_two_halves_of_a_rename_is_repaired(box: FolderMailbox, tmp_path: Path) -> None:
    box.put("", "a.part", b"ISA*00")
    (tmp_path / "a").hardlink_to(tmp_path / "a.part")
    box.rename("", b"a.part", "", b"a")
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


@pytest.mark.fault("G1")
@pytest.mark.parametrize("manner", ["one step", "two names"])
def test_a_rename_is_repaired_where_its_second_half_did_not_happen(
    box: FolderMailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    """In one step there is no second half: a partner who takes the file at once leaves nothing to hand over again."""

    class Killed(Exception):
        pass

    def killed(*_names: object, **_more: object) -> None:
        raise Killed

    box.put("", "a.part", b"ISA*00")
    if manner == "two names":
        monkeypatch.setattr(folder, "renamed", lambda _path, _to: False)
    with monkeypatch.context() as dying:
        dying.setattr(Path, "unlink", killed)
        dying.setattr(os, "fsync", killed)
        with pytest.raises(Killed):
            box.rename("", b"a.part", "", b"a")
    assert {path.name for path in tmp_path.iterdir()} == ({"a"} if manner == "one step" else {"a.part", "a"})
    if manner == "two names":
        box.rename("", b"a.part", "", b"a")
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


class TestWithoutLinks:
    """Some network and memory-card file systems know no second name for a file."""

    @pytest.fixture(autouse=True)
    def _no_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_names: object, **_more: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)
        monkeypatch.setattr(folder, "renamed", lambda _path, _to: False)

    def test_renames(self, box: FolderMailbox, tmp_path: Path) -> None:
        box.put("", "a.part", b"ISA*00")
        box.rename("", b"a.part", "", b"a")
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"ISA*00"}

    def test_never_renames_over_a_file(self, box: FolderMailbox, tmp_path: Path) -> None:
        box.put("", "a.part", b"ours")
        box.put("", "a", b"theirs")
        with pytest.raises(TransportError):
            box.rename("", b"a.part", "", b"a")
        assert (tmp_path / "a").read_bytes() == b"theirs"

    def test_leaves_no_empty_file_when_there_is_nothing_to_rename(self, box: FolderMailbox, tmp_path: Path) -> None:
        with pytest.raises(TransportError):
            box.rename("", b"nowhere", "", b"a")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.fault("G5", "H2")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this machine")
def test_a_full_disk_is_an_error_that_may_pass(box: FolderMailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def full(path: object, flags: int, mode: int = 0o777) -> int:
        return real("/dev/full" if str(path).endswith("a.part") else path, flags & ~os.O_NOFOLLOW, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(TransportError, match="No space left") as caught:
        box.put("", "a.part", b"ISA*00")
    assert (caught.value.code, caught.value.retry) == ("document.deliver", True)


@pytest.mark.parametrize(("folder", "made"), [("in", True), ("in/test", True), ("elsewhere", False)])
def test_only_below_a_folder_that_must_be_there_others_are_made(tmp_path: Path, folder: str, made: bool) -> None:
    (tmp_path / "in").mkdir()
    mailbox = FolderMailbox(tmp_path, needed="/in")
    if made:
        mailbox.put(folder, "a.edi", b"ISA")
        assert (tmp_path / folder / "a.edi").read_bytes() == b"ISA"
    else:
        with pytest.raises(TransportError, match="No such file"):
            mailbox.put(folder, "a.edi", b"ISA")
        assert not (tmp_path / folder).exists()


@pytest.mark.parametrize("folder", ["in", "in/test"])
def test_a_folder_that_must_be_there_is_not_made(tmp_path: Path, folder: str) -> None:
    with pytest.raises(TransportError) as caught:
        FolderMailbox(tmp_path, needed="in").put(folder, "a.edi", b"ISA")
    assert caught.value.code == "document.deliver"
    assert list(tmp_path.iterdir()) == []


def test_the_folder_for_what_was_taken_is_made(tmp_path: Path) -> None:
    """A tour's reader makes `in` and `out`; `out/done` is ours."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "a.edi").write_bytes(b"ISA")
    FolderMailbox(tmp_path, needed="in").rename("out", b"a.edi", "out/done", b"a.edi")
    assert (tmp_path / "out" / "done" / "a.edi").read_bytes() == b"ISA"


def test_for_what_is_not_there_no_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        FolderMailbox(tmp_path, needed="in").rename("out", b"a.edi", "out/done", b"a.edi")
    assert list(tmp_path.iterdir()) == []
