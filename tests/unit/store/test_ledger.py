from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from edi_engine.errors import Fenced, Outrun
from edi_engine.flow.ports import Ledger
from edi_engine.store.faults import StoreBusy
from edi_engine.store.ledger import Store, open_store
from tests.fixtures.rows import a_case, a_document, a_file


class Changed(Exception):
    """What a unit of these tests raises."""


@pytest.mark.fault("G7", "H1")
def test_a_unit_lands_whole_or_not_at_all(store: Store) -> None:
    ledger: Ledger = store.ledger()

    def fail() -> None:
        with ledger.unit("fails") as unit:
            unit.blobs.put(b"x")
            unit.files.add(a_file())
            unit.numbers.take("acme")
            raise Changed

    with pytest.raises(Changed):
        fail()
    with ledger.reading() as unit:
        assert unit.files.count() == 0
        assert unit.numbers.used("acme") == ()
        with pytest.raises(KeyError):
            unit.blobs.get("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    with ledger.unit("works") as unit:
        assert unit.numbers.take("acme") == 1


def test_nobody_sees_a_unit_before_it_is_committed(store: Store) -> None:
    with ThreadPoolExecutor(1) as other, store.ledger().unit("add") as unit:
        unit.files.add(a_file())

        def count() -> int:
            with store.ledger().reading() as view:
                return view.files.count()

        assert other.submit(count).result() == 0


def test_a_view_stays_at_its_moment(store: Store) -> None:
    def add() -> None:
        with store.ledger().unit("add") as unit:
            unit.files.add(a_file())

    with ThreadPoolExecutor(1) as other, store.ledger().reading() as view:
        assert view.files.count() == 0
        other.submit(add).result()
        assert view.files.count() == 0
    with store.ledger().reading() as view:
        assert view.files.count() == 1


def test_a_unit_inside_a_unit_is_a_bug(store: Store) -> None:
    ledger = store.ledger()
    with ledger.unit("outer"), pytest.raises(RuntimeError, match="inner was opened inside"), ledger.unit("inner"):
        pass
    with ledger.unit("after") as unit:
        unit.files.add(a_file())


def test_a_view_inside_a_unit_sees_what_the_unit_sees(store: Store) -> None:
    ledger = store.ledger()
    with ledger.unit("outer") as unit:
        unit.files.add(a_file())
        with ledger.reading() as view:
            assert view.files.count() == 1
            with ledger.reading() as deeper:
                assert deeper.files.count() == 1
        unit.files.add(a_file())
    with ledger.reading() as view:
        assert view.files.count() == 2


def test_of_two_who_change_the_same_record_one_is_outrun(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        case = unit.cases.add(a_case())
    start = threading.Barrier(8)

    def resolve(who: int) -> str:
        start.wait()
        try:
            with store.ledger().unit("resolve") as unit:
                unit.cases.change(case, state="RESOLVED", resolved_by=str(who))
        except Outrun:
            return "outrun"
        return str(who)

    with ThreadPoolExecutor(8) as people:
        told = list(people.map(resolve, range(8)))
    assert told.count("outrun") == 7
    with store.ledger().reading() as view:
        assert view.cases.get(case.id).resolved_by in told


def test_a_raised_fence_stops_the_former_drain_before_it_writes(store: Store) -> None:
    former = store.ledger("work:acme")
    with former.unit("fine") as unit:
        unit.files.add(a_file())
    newer = store.ledger("work:acme")
    with pytest.raises(Fenced, match="work:acme"), former.unit("late") as unit:
        unit.files.add(a_file())
    with newer.unit("fine") as unit:
        unit.files.add(a_file())
        assert unit.files.count() == 2
    with store.ledger("work:other").unit("fine"):
        pass
    assert [(name, fence) for name, fence, _ in store.lanes()] == [("work:acme", 2), ("work:other", 1)]


def test_a_fence_cannot_be_raised_while_a_commit_under_it_is_open(store: Store) -> None:
    former = store.ledger("send:acme")
    order: list[str] = []
    with ThreadPoolExecutor(1) as other:
        with former.unit("long") as unit:
            raising = other.submit(lambda: (store.raise_fence("send:acme"), order.append("raised")))
            time.sleep(0.2)
            unit.files.add(a_file())
            order.append("committed")
        raising.result()
    assert order == ["committed", "raised"]


def test_many_threads_count_one_thing(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        file_id = unit.files.add(a_file()).id

    def raise_ten_times(_: int) -> None:
        done = 0
        while done < 10:
            try:
                with store.ledger().unit("count") as unit:
                    file = unit.files.get(file_id)
                    unit.files.change(file, attempts=file.attempts + 1)
            except Outrun:
                continue
            done += 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(raise_ten_times, range(8)))
    with store.ledger().reading() as view:
        assert view.files.get(file_id).attempts == 80


@pytest.mark.fault("H7")
def test_blobs_are_stored_once_and_checked_when_read(store: Store) -> None:
    with store.ledger().unit("put") as unit:
        sha256 = unit.blobs.put(b"\x00ISA\xff")
        assert unit.blobs.put(b"\x00ISA\xff") == sha256
        assert unit.blobs.get(sha256) == b"\x00ISA\xff"
        assert unit.blobs.get(unit.blobs.put(b"")) == b""
    with store.place.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM blob")).scalar() == 2
        connection.execute(text("UPDATE blob SET bytes = :damaged WHERE size = 5"), {"damaged": b"12345"})
    with store.ledger().reading() as view, pytest.raises(ValueError, match="damaged"):
        view.blobs.get(sha256)


def test_memory_is_a_store_like_any_other() -> None:
    store = open_store("sqlite://")

    def add(n: int) -> None:
        with store.ledger().unit("add") as unit:
            a_document(unit, source=f"order:{n}", name=str(unit.numbers.take("acme")))
        with store.ledger().reading() as view:
            assert view.documents.count() >= 1

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(20)))
    with store.ledger().reading() as view:
        assert view.documents.count() == 20
        assert len({document.name for document in view.documents.select()}) == 20
    assert open_store("sqlite://").ledger().unit("x").__enter__().documents.count() == 0


@pytest.mark.fault("H2")
def test_what_cannot_be_written_is_told_and_nothing_has_happened(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.place.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreBusy, match="disk") as told, store.ledger().unit("add") as unit:
        unit.blobs.put(b"x" * 1_000_000)
    assert told.value.code == "system.disk"
    with store.ledger().unit("small") as unit:
        unit.files.add(a_file())
        assert unit.files.count() == 1
    store.close()
