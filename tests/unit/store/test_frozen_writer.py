"""A writer that is frozen in the middle of a commit: PostgreSQL ends its session, whatever it did last."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
import sqlalchemy

from edi_engine.flow.ports import Unit
from edi_engine.flow.records import EventRecord, TimerRecord
from edi_engine.store import place
from edi_engine.store.faults import StoreBusy
from edi_engine.store.ledger import Store, open_store
from tests.fixtures.rows import NOON

LONGEST = 120
"""Looks, half a second apart, until the session must be gone; it is to be ended after half a second."""


def events(count: int) -> Callable[[Unit], None]:
    return lambda unit: unit.events.add_all(EventRecord(NOON, "noted", f"order:{at}", "ann") for at in range(count))


def bytes_and_numbers(unit: Unit) -> None:
    for at in range(5):
        unit.blobs.put(b"%d" % at)
        unit.numbers.take("a")
        unit.numbers.take("b")


def changes(unit: Unit) -> None:
    timers = [unit.timers.add(TimerRecord(f"order:{at}", "late", NOON)) for at in range(3)]
    unit.timers.change_all([(one, {"due_at": NOON}) for one in timers])


def freeze(store: Store, last: Callable[[Unit], None], stands: Callable[[], bool]) -> None:
    with store.ledger().unit("frozen") as unit:
        last(unit)
        unit.flush()  # type: ignore[attr-defined] # as at the end of a commit
        for _ in range(LONGEST):
            if not stands():
                return
            sleep(0.5)
    pytest.fail("the session still stood, and so its commit was taken")


@pytest.mark.servers
@pytest.mark.parametrize(
    "last", [events(1), events(2), events(9), bytes_and_numbers, changes], ids=["1", "2", "9", "numbers", "changes"]
)
def test_it_does_not_hold_its_rows(
    postgres_databases: Any, monkeypatch: pytest.MonkeyPatch, last: Callable[[Unit], None]
) -> None:
    name, url = postgres_databases.make_with_tables()
    settings = {**place._POSTGRES, "idle_in_transaction_session_timeout": "500ms"}
    monkeypatch.setattr(place, "_POSTGRES", settings)
    store = open_store(url)
    looking = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    standing = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
    )
    with looking.connect() as connection, pytest.raises(StoreBusy):
        freeze(store, last, lambda: connection.exec_driver_sql(standing).scalar_one() == 1)
    store.close()
    looking.dispose()
    postgres_databases.drop(name)
