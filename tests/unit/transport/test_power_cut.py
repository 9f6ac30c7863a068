"""What stays of a file after the power fails: only what was asked to be on the disk.

The disk here is one that keeps nothing by itself: bytes of a file as they were at its last fsync, names of a folder as
they were at the folder's last fsync. That is the least that a file system promises.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edi_engine.store.copies import copy_file
from edi_engine.transport.folder import FolderMailbox, make_folder

pytestmark = pytest.mark.fault("H1", "H3")


class Disk:
    """Remembers what is asked to be on the disk, by inode: the bytes of files, the names in folders."""

    def __init__(self) -> None:
        self.bytes: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {}
        self._fsync = os.fsync

    def fsync(self, handle: int) -> None:
        self._fsync(handle)
        path, inode = Path(f"/proc/self/fd/{handle}").resolve(), os.fstat(handle).st_ino
        if path.is_dir():
            self.names[inode] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            self.bytes[inode] = path.read_bytes()

    def stands(self, folder: Path, up_to: Path) -> bool:
        """Say whether `folder` is still there, with each that it lies in below `up_to`."""
        below = [one for one in (folder, *folder.parents) if up_to in one.parents]
        return all(one.name in self.names.get(one.parent.stat().st_ino, {}) for one in below)

    def after_power_cut(self, folder: Path) -> dict[str, bytes]:
        """Give the files of `folder`, with what is in them."""
        names = self.names.get(folder.stat().st_ino, {})
        folders = {entry.inode() for entry in os.scandir(folder) if entry.is_dir()}
        return {name: self.bytes.get(inode, b"") for name, inode in names.items() if inode not in folders}


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


def test_what_was_put_is_there(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    FolderMailbox(tmp_path).put("in", "a.part", b"ISA")
    assert disk.after_power_cut(tmp_path / "in") == {"a.part": b"ISA"}


def test_what_was_renamed_has_its_new_name_and_not_its_old_one(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    box = FolderMailbox(tmp_path)
    box.put("in", "a.part", b"ISA")
    box.rename("in", b"a.part", "in", b"a.edi")
    assert disk.after_power_cut(tmp_path / "in") == {"a.edi": b"ISA"}


def test_what_was_moved_to_another_folder_is_in_one_of_them(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    box = FolderMailbox(tmp_path)
    box.put("out", "po.edi", b"ISA")
    box.rename("out", b"po.edi", "out/done", b"po.edi")
    assert disk.after_power_cut(tmp_path / "out/done") == {"po.edi": b"ISA"}
    assert disk.after_power_cut(tmp_path / "out") == {}


def test_a_folder_that_was_made_for_a_file_is_there(disk: Disk, tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    box.put("erp/orders", "order.json", b"{}")
    assert disk.after_power_cut(tmp_path / "erp" / "orders") == {"order.json": b"{}"}
    assert disk.stands(tmp_path / "erp" / "orders", tmp_path)
    (tmp_path / "out").mkdir()
    box.put("out", "po.edi", b"ISA")
    box.rename("out", b"po.edi", "done/today", b"po.edi")
    assert disk.after_power_cut(tmp_path / "done" / "today") == {"po.edi": b"ISA"}
    assert disk.stands(tmp_path / "done" / "today", tmp_path)


def test_the_folder_of_the_erp_is_there_once_something_was_put_into_it(disk: Disk, tmp_path: Path) -> None:
    made = make_folder(tmp_path / "home" / "erp")
    made.joinpath("order.json").write_bytes(b"{}")
    assert disk.stands(tmp_path / "home" / "erp", tmp_path)


def test_a_backup_is_there_whole(disk: Disk, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as store:
        store.execute("CREATE TABLE t (x)")
        store.commit()
    (tmp_path / "kept").mkdir()
    copy_file(tmp_path / "store.db", tmp_path / "kept" / "copy.db")
    kept = disk.after_power_cut(tmp_path / "kept")
    assert kept == {"copy.db": (tmp_path / "kept" / "copy.db").read_bytes()}
    assert len(kept["copy.db"]) > 0
