"""What only a PostgreSQL server can do to a store: vanish, time out, refuse one of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy.pool import QueuePool

from edi_engine.errors import TransportError
from edi_engine.flow.records import EventRecord
from edi_engine.store.audit import audit
from edi_engine.store.faults import StoreBusy
from edi_engine.store.ledger import Store, open_store
from edi_engine.store.seals import seal
from tests.fixtures.postgres import Cluster, binaries
from tests.fixtures.rows import NOON, a_case, a_file
from tests.fixtures.stores import Databases

pytestmark = pytest.mark.servers


@pytest.fixture
def url(postgres_databases: Databases) -> Iterator[str]:
    name, url = postgres_databases.make_with_tables()
    yield url
    postgres_databases.drop(name)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL programs here to start a server that may be killed")
    made = Cluster(programs)
    yield made
    made.remove()


def add(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        unit.files.add(a_file())


def count(store: Store) -> int:
    with store.ledger().reading() as view:
        return view.files.count()


def test_sessions_are_set_up_as_the_promises_need_it(store: Store) -> None:
    wanted = {
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": "10s",
        "lock_timeout": "30s",
        "TimeZone": "UTC",
    }
    with store.place.engine.connect() as connection:
        assert {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in wanted} == wanted


def test_a_view_can_write_nothing_at_all(store: Store) -> None:
    with store.place.reading() as connection, pytest.raises(Exception, match="read-only transaction"):
        connection.exec_driver_sql("INSERT INTO lane (name, fence, seen) VALUES ('x', 1, now())")


@pytest.mark.fault("H5")
def test_a_session_that_is_ended_in_a_unit_takes_the_unit_with_it(store: Store) -> None:
    def lose_the_session() -> None:
        with store.ledger().unit("add") as unit:
            unit.files.add(a_file())
            with store.place.engine.connect() as other:
                other.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            unit.files.add(a_file())

    with pytest.raises(StoreBusy) as told:
        lose_the_session()
    assert told.value.retry
    assert count(store) == 0
    add(store)
    assert count(store) == 1


@pytest.mark.fault("H5")
def test_the_other_sessions_outlive_one_that_is_lost(store: Store) -> None:
    def lose_the_writer() -> None:
        with store.ledger().unit("add") as unit:
            unit.files.add(a_file())
            with store.place.engine.connect() as other:
                other.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND backend_xid IS NOT NULL"
                )
            unit.files.add(a_file())

    with ExitStack() as held:
        others = [held.enter_context(store.place.engine.connect()) for _ in range(3)]
        with pytest.raises(StoreBusy):
            lose_the_writer()
        assert [other.exec_driver_sql("SELECT 1").scalar() for other in others] == [1, 1, 1]
    pool = store.place.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
    assert pool.checkedin() >= len(others), "none of them is left open behind the pool's back"
    add(store)
    assert count(store) == 1


@pytest.mark.fault("H5")
def test_a_commit_whose_answer_is_lost_says_that_it_may_have_happened(store: Store) -> None:
    def lose_the_answer() -> None:
        with store.ledger().unit("add") as unit:
            unit.files.add(a_file())
            with store.place.engine.connect() as other:
                other.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            time.sleep(0.1)

    with pytest.raises(StoreBusy, match="may or may not have happened") as told:
        lose_the_answer()
    assert told.value.code == "system.store.commit-unknown"


def test_a_frozen_writer_is_cut_off(url: str) -> None:
    store = open_store(url + ("&" if "?" in url else "?") + "options=-cidle_in_transaction_session_timeout%3D200")

    woken = threading.Event()

    def freeze() -> None:
        with store.ledger("work:acme").unit("frozen") as unit:
            unit.files.add(a_file())
            woken.wait(30)
            unit.files.add(a_file())

    with ThreadPoolExecutor(1) as other:
        frozen = other.submit(freeze)
        time.sleep(0.3)
        begun = time.monotonic()
        assert store.raise_fence("work:acme") == 2  # waits for the row that the frozen unit holds
        assert time.monotonic() - begun < 15
        woken.set()
        with pytest.raises(StoreBusy):
            frozen.result()
    assert count(store) == 0
    store.close()


@pytest.mark.fault("H5")
def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        cases = [unit.cases.add(a_case(cause=str(n))) for n in range(2)]
    both = threading.Barrier(2)

    def change(first: int) -> str:
        try:
            with store.ledger().unit("change") as unit:
                unit.cases.change(cases[first], title=f"by {first}")
                both.wait()
                unit.cases.change(cases[1 - first], title=f"by {first}")
        except StoreBusy:
            return "busy"
        return f"by {first}"

    with ThreadPoolExecutor(2) as people:
        told = list(people.map(change, range(2)))
    assert told.count("busy") == 1
    winner = next(name for name in told if name != "busy")
    with store.ledger().reading() as view:
        assert [case.title for case in view.cases.select()] == [winner, winner]


@pytest.mark.fault("H5")
def test_a_server_that_is_killed_and_comes_back_has_what_was_committed(cluster: Cluster) -> None:
    store = open_store(cluster.url)
    add(store)

    def lose_the_server() -> None:
        with store.ledger().unit("add") as unit:
            unit.files.add(a_file())
            cluster.stop("immediate")
            unit.files.add(a_file())

    with pytest.raises(StoreBusy):
        lose_the_server()
    with pytest.raises(TransportError) as told:
        add(store)
    assert told.value.retry
    cluster.start()
    assert count(store) == 1
    add(store)
    assert count(store) == 2
    store.close()


@pytest.mark.fault("S14")
def test_what_is_not_committed_yet_may_still_get_a_lower_number(store: Store) -> None:
    """The number of an event is given out before its commit, so that another commit may overtake it (S14)."""
    added, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with store.ledger().unit("slow") as unit:
            unit.events.add(EventRecord(NOON, "slow", "file:1", "ann"))
            unit.files.count()  # whatever waits for the end of the commit is written by now
            added.set()
            assert go_on.wait(60)

    slow = threading.Thread(target=slowly)
    slow.start()
    try:
        assert added.wait(60)
        with store.ledger().unit("quick") as unit:
            unit.events.add(EventRecord(NOON, "quick", "file:1", "ann"))
        with pytest.raises(StoreBusy):
            list(seal(store, NOON))
    finally:
        go_on.set()
        slow.join()
    assert [one.events for one in seal(store, NOON)] == [2]
    assert audit(store) == ()
