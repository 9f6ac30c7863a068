"""A lane that keeps failing is told to people once, closes by itself, and stops neither the others nor the run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edi_engine.app.daemon import Daemon, settle_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace, opened
from edi_engine.cli.exits import exit_code
from edi_engine.errors import Fenced, Outrun
from edi_engine.resources import shipped
from edi_engine.runtime import embedded
from edi_engine.runtime.lanes import Drained, Lane
from edi_engine.store.faults import StoreBusy
from tests.fixtures.homes import make_home

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "po.edi").write_bytes(ORDER)
    with opened(Settings(home, "sqlite://")) as found:
        yield found


def cases(place: Workplace) -> list[tuple[str, str]]:
    with place.office().ledger.reading() as unit:
        return [(case.subject, case.kind) for case in unit.cases.select(state="OPEN")]


@pytest.mark.parametrize(
    ("error", "kind", "code"), [(KeyError("x"), "system.bug", 70), (StoreBusy("held"), "system.store", 5)]
)
def test_it_is_told_at_the_third_time_and_once(place: Workplace, error: Exception, kind: str, code: int) -> None:
    daemon = Daemon(place)
    told = []
    for times in range(1, 6):
        daemon._failed("work:bluebird", error, times)
        told.append(cases(place))
    assert told == [[], [], *[[("lane:work:bluebird", kind)]] * 3]
    assert exit_code(daemon.left_undone()) == code
    daemon._recovered("work:bluebird")
    assert cases(place) == []
    assert daemon.left_undone() == ()


def test_a_case_that_the_store_did_not_take_is_opened_and_closed_at_the_next_moment(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(place)
    ledger = place.office().ledger
    unit = type(ledger).unit
    lost = StoreBusy("the connection to the store is gone")

    def gone(*_: object, **__: object) -> None:
        raise lost

    monkeypatch.setattr(type(ledger), "unit", gone)
    daemon._failed("work:bluebird", lost, 3)
    monkeypatch.setattr(type(ledger), "unit", unit)
    assert cases(place) == []
    daemon._failed("work:bluebird", lost, 4)
    assert cases(place) == [("lane:work:bluebird", "system.store")]
    monkeypatch.setattr(type(ledger), "unit", gone)
    assert not daemon._recovered("work:bluebird")
    monkeypatch.setattr(type(ledger), "unit", unit)
    assert cases(place) == [("lane:work:bluebird", "system.store")]
    assert daemon._recovered("work:bluebird")
    assert cases(place) == []


def test_the_case_of_a_lane_that_is_no_longer_used_says_so(place: Workplace) -> None:
    daemon = Daemon(place)
    for times in range(1, 4):
        daemon._failed("work:gone", KeyError("x"), times)
    assert cases(place) == [("lane:work:gone", "system.bug")]
    assert daemon._recovered("work:gone")
    with place.office().ledger.reading() as unit:
        (case,) = unit.cases.select(subject="lane:work:gone")
        closed = unit.events.select(subject=f"case:{case.id}", descending=True, limit=1)
    assert "no longer used" in f"{case} {closed}"


@pytest.mark.parametrize("error", [Fenced("the lane belongs to another drain"), Outrun("somebody was faster")])
def test_giving_way_is_no_failure_unless_it_never_ends(place: Workplace, error: Exception) -> None:
    daemon = Daemon(place)
    daemon._failed("work:bluebird", error, 1)
    daemon._failed("work:bluebird", error, 2)
    assert cases(place) == []
    daemon._failed("work:bluebird", error, 3)
    assert cases(place) == [("lane:work:bluebird", "system.bug")]


def test_a_new_daemon_tells_anew(place: Workplace) -> None:
    Daemon(place)._failed("work:bluebird", KeyError("x"), 3)
    settle_lanes(place)
    assert cases(place) == []


def test_a_run_that_shall_end_does_and_says_by_what_it_failed(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PULSE", 0.01)
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)

    def broken() -> Drained:
        raise ZeroDivisionError

    daemon = Daemon(place)
    daemon.engine._turns["clock"].lane = Lane("clock", broken, timedelta(seconds=5))
    with pytest.raises(ZeroDivisionError):
        daemon.run(once=True)
    assert cases(place) == [("lane:clock", "system.bug")]
    with place.office().ledger.reading() as unit:
        assert unit.orders.count(state="INVOICED") == 1
