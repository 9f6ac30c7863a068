from __future__ import annotations

import threading
from pathlib import Path

import pytest

from edi_engine.errors import UsageError
from edi_engine.store.backup import backup, check
from edi_engine.store.faults import StoreUnusable
from edi_engine.store.ledger import open_store
from tests.fixtures.rows import a_file


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    with store.ledger().unit("add") as unit:
        unit.blobs.put(b"x" * 300_000)
        unit.files.add(a_file())
    store.close()
    return url


def test_a_copy_made_while_others_write_is_whole(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with store.ledger().unit("add") as unit:
                unit.files.add(a_file())
                unit.files.add(a_file())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            backup(url, tmp_path / f"copy-{n}.db")
    finally:
        stop.set()
        writer.join()
    store.close()
    for n in range(5):
        address = f"sqlite:///{tmp_path / f'copy-{n}.db'}"
        assert check(address) == ()
        copy = open_store(address)
        with copy.ledger().reading() as view:
            assert view.files.count() % 2 == 1
        copy.close()
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_never_replaces_a_file(url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"precious")
    with pytest.raises(UsageError, match="there already"):
        backup(url, target)
    assert target.read_bytes() == b"precious"


def test_postgresql_is_copied_by_its_own_program(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pg_dump"):
        backup("postgresql://edi@localhost/edi", tmp_path / "copy.db")


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(StoreUnusable, match="no store at"):
        backup(address, tmp_path / "copy.db")
    assert [finding.code for finding in check(address)] == ["system.store.unusable"]
    assert not list(tmp_path.iterdir())


def test_a_sound_store_has_nothing_to_say(store_url: str) -> None:
    assert check(store_url) == ()


def test_a_store_without_tables_is_behind(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        path = Path(empty_url.removeprefix("sqlite:///"))
        path.touch(mode=0o600)
    assert [finding.code for finding in check(empty_url)] == ["system.store.behind"]


def test_a_damaged_file_is_found(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    page = 4096
    for start in range(4 * page, len(content) - page, 7 * page):
        content[start : start + 64] = b"\xa5" * 64
    path.write_bytes(content)
    assert {finding.code for finding in check(url)} == {"system.store.damaged"}
