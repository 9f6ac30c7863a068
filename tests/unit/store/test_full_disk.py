"""A disk that is full or read-only: what is said of it names the disk and what to do, and is no bug of ours."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.cli.exits import exit_code_of_error
from edi_engine.errors import TransportError, UsageError
from edi_engine.store import copies, migrate
from edi_engine.store.backup import backup, check
from edi_engine.store.faults import remedy_of
from edi_engine.store.ledger import open_store
from edi_engine.store.migrate import upgrade
from tests.faults.disk import Unreadable
from tests.fixtures.disks import SmallDisk, small_disk
from tests.fixtures.rows import a_file


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small") as disk:
        yield disk


def stored(folder: Path) -> str:
    url = f"sqlite:///{folder / 'store.db'}"
    store = open_store(url)
    with store.ledger().unit("add") as unit:
        unit.blobs.put(b"x" * 300_000)
        unit.files.add(a_file())
    store.close()
    return url


@pytest.mark.fault("H2")
def test_a_store_that_cannot_be_made_names_its_disk(small: SmallDisk) -> None:
    small.fill()
    for make in (upgrade, open_store):
        with pytest.raises(TransportError, match=f"make room on the disk of {small.folder}") as failed:
            make(f"sqlite:///{small.folder / 'store.db'}")
        assert failed.value.code == "system.disk"
        assert exit_code_of_error(failed.value) == 5


@pytest.mark.fault("H2")
def test_what_a_raw_connection_raises_is_told_plainly_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on machines where no disk can be mounted."""

    def full(_: object) -> None:
        message = "database or disk is full"
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr(migrate, "_prepare", full)
    with pytest.raises(TransportError, match=f"make room on the disk of {tmp_path}") as failed:
        open_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert failed.value.code == "system.disk"


@pytest.mark.fault("H2")
def test_a_full_disk_of_the_copy_is_named_and_not_the_store(small: SmallDisk, tmp_path: Path) -> None:
    url = stored(tmp_path)
    small.fill()
    copy = small.folder / "copy.db"
    with pytest.raises(TransportError, match=f"the copy {copy} could not be written: .*full.*another disk") as failed:
        backup(url, copy)
    assert f"make room on the disk of {small.folder}" in str(failed.value)
    assert ".part" not in str(failed.value)
    assert [path.name for path in small.folder.iterdir()] == ["ballast"]


@pytest.mark.fault("H2")
def test_a_full_disk_of_the_store_is_named_and_not_the_copy(small: SmallDisk, tmp_path: Path) -> None:
    url = stored(small.folder)
    small.fill()
    with pytest.raises(TransportError, match=f"the store {small.folder}/store.db .*make room on the disk of") as failed:
        backup(url, tmp_path / "copy.db")
    assert "the copy" not in str(failed.value)
    (told,) = check(url)
    assert told.code == "system.disk"
    assert str(small.folder) in told.message
    assert "make room" in (told.fix or "")
    assert "doctor" not in (told.fix or "")


def test_a_read_only_disk_of_the_store_is_named_and_not_the_copy(small: SmallDisk, tmp_path: Path) -> None:
    url = stored(small.folder)
    small.close()
    with pytest.raises(TransportError, match=f"the folder {small.folder} must be writable") as failed:
        backup(url, tmp_path / "copy.db")
    assert "the copy" not in str(failed.value)
    assert exit_code_of_error(failed.value) == 5
    with pytest.raises(TransportError, match=str(small.folder)) as failed:
        open_store(url)
    assert exit_code_of_error(failed.value) == 5


def test_a_read_only_disk_of_the_copy_is_named_by_its_final_name(small: SmallDisk, tmp_path: Path) -> None:
    url = stored(tmp_path)
    small.close()
    with pytest.raises(
        TransportError, match=f"the copy {small.folder}/copy.db could not be written: Read-only"
    ) as failed:
        backup(url, small.folder / "copy.db")
    assert ".part" not in str(failed.value)


def test_a_disk_of_the_store_that_cannot_be_read_is_named_and_not_the_copy(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    url, copy = stored(tmp_path / "here"), tmp_path / "there" / "copy.db"
    store = open_store(url)
    with store.ledger().unit("test") as unit:
        for number in range(100):
            unit.blobs.put(random.Random(number).randbytes(4096))
    store.checkpoint()
    store.close()
    with Unreadable(tmp_path / "here" / "store.db") as worn, pytest.raises(TransportError) as failed:
        backup(url, copy)
    assert worn.failed
    assert failed.value.code == "system.disk"
    told = f"the store {tmp_path}/here/store.db cannot be read from its disk: disk I/O error; see whether the disk of "
    assert str(failed.value) == f"{told}{tmp_path}/here is failing"
    assert list(copy.parent.iterdir()) == []
    backup(url, copy)


def test_a_copy_into_no_folder(tmp_path: Path) -> None:
    url = stored(tmp_path)
    with pytest.raises(UsageError, match=f"there is no folder {tmp_path / 'none'} for the copy"):
        backup(url, tmp_path / "none" / "copy.db")


def test_a_damaged_copy_says_whether_the_store_is_damaged_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, copy = stored(tmp_path), tmp_path / "copy.db"
    ill: list[Path] = [copy]
    monkeypatch.setattr("edi_engine.store.backup.damage_in", lambda path: ["page 3"] if path in ill else [])
    with pytest.raises(TransportError, match=f"the copy {copy} is damaged .page 3., the store .* is not"):
        backup(url, copy)
    copy.unlink()
    ill.append(tmp_path / "store.db")
    with pytest.raises(TransportError, match="go back to the last backup"):
        backup(url, copy)
    assert copies.damage_in(copy) == []


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Permission denied", "this user must have the right to write to "),
        ("No space left on device", "make room on the disk of "),
        ("database or disk is full", "make room on the disk of "),
        ("Read-only file system", "see whether the disk of "),
    ],
)
def test_the_remedy_is_that_of_what_was_said(tmp_path: Path, said: str, remedy: str) -> None:
    assert remedy_of(tmp_path, said).startswith(f"{remedy}{tmp_path}")
