"""A real folder with everything that may lie in one (FAILURES B2 to B6, A8)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from edi_engine.transport.folder import FolderMailbox
from tests.fixtures.exchange import Exchange, order

NAMES = [
    "Bestellung Müller (2).edi".encode(),
    b"bestellung-m\xfcller.edi",
    b"two\nlines\x1b[31m.edi",
    b"-rf",
    b"x" * 255,
]


@pytest.fixture
def folder(exchange: Exchange, tmp_path: Path) -> Path:
    root = tmp_path / "mailbox"
    (root / "out" / "done").mkdir(parents=True)
    (root / "in").mkdir()
    exchange.box = FolderMailbox(root)
    return root


def files(folder: Path) -> set[bytes]:
    return {os.fsencode(path.name) for path in folder.iterdir() if path.is_file()}


def test_every_kind_of_entry(exchange: Exchange, folder: Path) -> None:
    out = folder / "out"
    for number, name in enumerate(NAMES):
        (out / os.fsdecode(name)).write_bytes(order(number))
    (out / "plain folder").mkdir()
    os.mkfifo(out / "pipe.edi")
    (out / "link.edi").symlink_to("/etc/passwd")
    (out / "dangling.edi").symlink_to("nowhere")
    assert exchange.take() == len(NAMES)
    exchange.work()
    exchange.send()
    assert files(out / "done") == set(NAMES)
    assert files(out) == {b"link.edi"}  # it is a file only for who follows it
    (case,) = exchange.cases()
    assert case.kind == "transport.filename"
    assert all(name in case.findings_json for name in ("pipe.edi", "link.edi", "dangling.edi"))
    assert len(exchange.documents(kind="855", state="CONFIRMED")) == len(NAMES)
    assert len(files(folder / "in")) == len(exchange.documents(connection="bluebird-sftp"))
    assert exchange.sound()


def test_a_file_that_becomes_a_link_while_it_settles_is_not_followed(exchange: Exchange, folder: Path) -> None:
    path = folder / "out" / "a.edi"
    path.write_bytes(order(1))
    exchange.poll()
    path.unlink()
    path.symlink_to("/etc/passwd")
    exchange.poll()
    assert exchange.kinds() == ["transport.filename"]
    assert exchange.files() == []


def test_a_folder_that_is_gone_is_no_empty_folder(exchange: Exchange, folder: Path) -> None:  # A19
    from edi_engine.errors import TransportError

    exchange.set_intake(max_bytes=10)
    (folder / "out" / "a.edi").write_bytes(order(1))
    exchange.take()
    (folder / "out").rename(folder / "elsewhere")
    with pytest.raises(TransportError) as caught:
        exchange.poll()
    assert caught.value.code == "transport.listing"
    assert exchange.states() == {"a.edi": "SEEN"}
    (folder / "elsewhere").rename(folder / "out")
    exchange.set_intake(max_bytes=10_000)
    assert exchange.take() == 1


def test_an_upload_that_goes_on_while_we_look(exchange: Exchange, folder: Path) -> None:  # A1, A2
    path, data = folder / "out" / "a.edi", order(1)
    with path.open("wb") as upload:
        for start in range(0, len(data), 200):
            upload.write(data[start : start + 200])
            upload.flush()
            assert exchange.poll(timedelta(seconds=30)) == 0
    assert exchange.take() == 1
    assert exchange.kinds() == []
