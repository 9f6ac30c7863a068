"""What stays of a file after the power fails: only what was asked to be on the disk.

The disk is that of tests.fixtures.power.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edi_engine.store.copies import copy_file
from edi_engine.transport.folder import FolderMailbox, make_folder
from tests.fixtures.power import Disk

pytestmark = pytest.mark.fault("H1", "H3")


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
    assert disk.renamed == kept, "it has to be whole before it takes the place of an older one"
