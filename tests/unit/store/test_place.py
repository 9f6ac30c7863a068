from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from edi_engine.store.faults import StoreBusy, StoreUnusable
from edi_engine.store.ledger import open_store
from edi_engine.store.lock import LockFile
from edi_engine.store.place import find
from edi_engine.store.safety import file_system
from tests.fixtures.rows import a_file


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("orders.db", "no address of a store"),
        ("mysql://host/db", "not in mysql"),
        ("sqlite:////nowhere/at/all/orders.db", "make it first"),
    ],
)
def test_a_url_that_names_no_store_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(StoreUnusable, match=words):
        open_store(url)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"ISA*00*          *00*" * 100)
    path.chmod(0o600)
    with pytest.raises(StoreUnusable, match="not a database"):
        open_store(f"sqlite:///{path}")


def test_a_server_that_is_not_there_may_come_back() -> None:
    with pytest.raises(StoreBusy, match="connect"):
        open_store("postgresql://nobody@127.0.0.1:1/nothing")


@pytest.mark.servers
def test_long_values_are_compressed_by_lz4_where_the_server_can(postgres_databases: Any) -> None:
    name, url = postgres_databases.make_with_tables()
    store = open_store(url)
    with store.ledger().unit("put") as unit:
        unit.blobs.put(b"ISA*00*" * 5_000)
    with store.looking() as connection:
        known = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
        can = connection.exec_driver_sql(known).scalar_one_or_none()
        asked = "SELECT pg_column_compression(bytes) FROM blob"  # known since 14, as LZ4 is
        used = connection.exec_driver_sql(asked).scalar_one() if can else None
    store.close()
    postgres_databases.drop(name)
    if not can:
        pytest.skip("this server has no LZ4")
    assert used == "lz4"


@pytest.mark.fault("H9")
def test_nobody_else_may_read_a_new_store(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'store.db'}").close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.fault("H9")
def test_a_store_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o660)
    with pytest.raises(StoreUnusable, match="chmod 600"):
        open_store(f"sqlite:///{path}")


@pytest.mark.fault("H4")
def test_sqlite_is_set_up_as_the_promises_need_it(tmp_path: Path) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 30_000,
    }
    url = f"sqlite:///{tmp_path / 'store.db'}"
    for owner, pages in ((True, 1000), (False, 0)):
        store = open_store(url, owner=owner)
        with store.place.engine.connect() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            assert found == wanted
            assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == pages
        store.close()


def test_a_checkpoint_empties_what_was_written_ahead(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    with store.ledger().unit("put") as unit:
        unit.blobs.put(b"x" * 100_000)
    ahead = path.with_name("store.db-wal")
    assert ahead.stat().st_size > 100_000
    store.checkpoint()
    assert ahead.stat().st_size == 0
    store.close()


def hold(path: Path, held: object, let_go: object) -> None:
    with LockFile(path).held():
        held.set()  # type: ignore[attr-defined]
        let_go.wait(30)  # type: ignore[attr-defined]


@pytest.mark.fault("H8")
def test_a_lock_file_keeps_other_processes_out_and_dies_with_its_own(tmp_path: Path) -> None:
    path = tmp_path / "store.db.lock"
    spawn = multiprocessing.get_context("spawn")
    held, let_go = spawn.Event(), spawn.Event()
    other = spawn.Process(target=hold, args=(path, held, let_go))
    other.start()
    assert held.wait(30)
    with pytest.raises(StoreBusy, match="another writer"), LockFile(path).held(patience=0.1):
        pass
    other.kill()
    other.join()
    with LockFile(path).held(patience=5):
        pass


@pytest.mark.fault("H4", "H8")
def test_writers_wait_for_the_lock_file_and_readers_do_not(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    with LockFile(Path(f"{path}.lock")).held():
        with store.ledger().reading() as view:
            assert view.files.count() == 0
        a_short_wait = store.place.writers(patience=0.1)  # type: ignore[call-arg]
        with pytest.raises(StoreBusy), a_short_wait:
            pass
    with store.ledger().unit("add") as unit:
        unit.files.add(a_file())
    store.close()


@pytest.mark.fault("H4", "H8")
def test_a_unit_holds_the_lock_file_and_sqlites_own_lock_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    stranger = sqlite3.connect(path, timeout=0, isolation_level=None)
    with store.ledger().unit("empty"):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy), LockFile(Path(f"{path}.lock")).held(patience=0):
            pass
    stranger.execute("BEGIN IMMEDIATE")
    stranger.close()
    store.close()


@pytest.mark.fault("H9")
def test_a_file_systems_kind_is_read_from_the_mounts() -> None:
    mounts = (
        "22 1 259:1 / / rw,noatime shared:1 - ext4 /dev/root rw\n"
        "40 22 0:35 / /mnt/my\\040share rw shared:2 master:1 - nfs4 server:/x rw\n"
        "41 22 0:36 / /mnt/my rw - tmpfs tmpfs rw\n"
    )
    assert file_system(mounts, Path("/home/a/store.db")) == "ext4"
    assert file_system(mounts, Path("/mnt/my share/store.db")) == "nfs4"
    assert file_system(mounts, Path("/mnt/my/store.db")) == "tmpfs"
    assert file_system("", Path("/x")) == ""


def test_a_password_with_signs_reaches_the_server_and_postgres_is_spoken_to_by_psycopg() -> None:
    place = find("postgresql://edi:p%40ss@db.example/orders?options=-csearch_path%3Dx")
    assert place.engine.url.password == "p@ss"
    assert place.engine.dialect.driver == "psycopg"
    assert place.file is None
    assert not place.in_memory
