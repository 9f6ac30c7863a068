"""The clock looks every few seconds: what is not due costs it nothing, and what is due is fired some at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from edi_engine.flow import overdue
from edi_engine.flow.documents import ACK_DUE
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.records import TimerRecord
from edi_engine.store.ledger import Store
from edi_engine.store.timers import DUE
from tests.fixtures.exchange import Exchange
from tests.fixtures.rows import NOON

MINUTE = timedelta(minutes=1)


def wait(store: Store, *minutes: int, kind: str = ACK_DUE) -> None:
    with store.ledger().unit("timers") as unit:
        for late in minutes:
            unit.timers.add(TimerRecord(f"document:{900 + late}", kind, NOON + late * MINUTE))


def test_only_what_is_due_is_read_the_longest_due_first(store: Store) -> None:
    wait(store, 5, 3, 9, 1)
    wait(store, 2, kind="ship_due")
    with store.ledger().unit("fired") as unit:
        unit.timers.change(unit.timers.get(4), state="FIRED")
        found = unit.timers.due(ACK_DUE, NOON + 5 * MINUTE, 9)
        assert [timer.id for timer in found] == [2, 1]
        assert found[0] == unit.timers.get(2)
        assert [timer.id for timer in unit.timers.due(ACK_DUE, NOON + 9 * MINUTE, 2)] == [2, 1]
        assert unit.timers.due(ACK_DUE, NOON, 9) == ()


def test_it_is_answered_by_an_index_whose_order_it_is(store: Store) -> None:
    """Neither a table nor a heap of what waits is sorted."""
    words = DUE.compile(store.place.engine, compile_kwargs={"render_postcompile": True})
    values = words.construct_params({"kind": ACK_DUE, "now": NOON, "limit": 9})
    with store.looking() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {words}", tuple(str(values[name]) for name in words.positiontup or ())
            )
            plan = " ".join(str(row[-1]) for row in rows)
            assert "USING INDEX by_timer_due_at (state=? AND kind=? AND due_at<?)" in plan
            assert "TEMP B-TREE" not in plan
        else:
            found = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'by_timer_due_at'"))
            assert found.scalar_one().endswith("(state, kind, due_at)")


def test_some_are_fired_at_a_time_until_none_is_left(either: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "MOST", 2)
    with either.place.store.ledger().unit("timers") as unit:
        for number in range(5):
            unit.timers.add(TimerRecord(f"other:{number}", ACK_DUE, either.clock.now()))
    assert [fire_timers(either.office()) for _ in range(4)] == [2, 2, 1, 0]
