"""Fences: a drain whose lane was taken over, in this process or by another one, changes nothing any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edi_engine.app.lanes import build_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.errors import Fenced
from edi_engine.flow.deliver import deliver
from edi_engine.flow.pickup import Pickup, pick_up
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import receive
from edi_engine.flow.sender import TERMINAL
from edi_engine.resources import shipped
from edi_engine.runtime.embedded import Embedded
from edi_engine.store.audit import audit
from tests.fixtures.homes import make_home

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
WORK = "work:bluebird"
POLL = "poll:bluebird-sftp"
SEND = "send:bluebird-sftp"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "po.edi").write_bytes(ORDER)
    with opened(Settings(home, f"sqlite:///{tmp_path / 'store.db'}")) as found:
        yield found


def counts(place: Workplace) -> dict[str, int]:
    def count(unit: Unit) -> dict[str, int]:
        kinds = ("files", "interchanges", "sets", "orders", "documents", "cases", "events", "shipments")
        return {kind: getattr(unit, kind).count() for kind in kinds}

    with place.office().ledger.reading() as unit:
        return count(unit)


def taken_over(place: Workplace, lane: str, act: Callable[[object], object]) -> None:
    """Act under a fence of `lane` that another drain has raised meanwhile: Fenced, and nothing has changed."""
    office = place.office(place.store.ledger(lane))
    place.store.raise_fence(lane)
    before = counts(place)
    with pytest.raises(Fenced, match=lane):
        act(office)
    assert counts(place) == before


@pytest.mark.fault("A20")
def test_a_stale_drain_of_any_lane_changes_nothing(place: Workplace) -> None:
    connection = place.connection("bluebird-sftp")
    assert connection is not None
    pickup = Pickup()
    with place.mailbox(connection) as mailbox:
        pick_up(place.office(), connection, mailbox, pickup)  # seen for the first time: it settles
        taken_over(place, POLL, lambda office: pick_up(office, connection, mailbox, pickup))
        assert pick_up(place.office(), connection, mailbox, pickup) == 1
        taken_over(place, POLL, lambda office: open_stored(office, "bluebird-sftp"))
        open_stored(place.office(), "bluebird-sftp")
        taken_over(place, WORK, lambda office: work_through(place, office, "bluebird"))
        while work_through(place, place.office(), "bluebird"):
            pass
        taken_over(place, SEND, lambda office: deliver(office, connection, mailbox))
        assert not list((place.settings.home / "mailbox" / "in").glob("*.edi"))
        assert deliver(place.office(), connection, mailbox).sent == 4
    assert audit(place.store) == ()


def test_a_lane_that_was_taken_over_gives_way_and_works_again(place: Workplace) -> None:
    lanes = {lane.name: lane for lane in build_lanes(place, {})}
    told: list[str] = []

    def works_again(lane: str) -> bool:
        told.append(lane)
        return True

    engine = Embedded(
        [lanes[POLL]], lambda lane, error, _times: told.append(f"{lane} {type(error).__name__}"), works_again
    )
    original = place.store.fenced
    stale = iter([False, True])  # the first drain only sees the file, the second one would store it

    def fenced(lane: str, fence: int) -> object:
        if next(stale, False):
            place.store.raise_fence(lane)
        return original(lane, fence)

    place.store.fenced = fenced
    engine.run(until=lambda: True)
    engine.finish()
    assert told == [f"{POLL} Fenced", POLL]
    assert counts(place)["sets"] == 1


ZOMBIE = """
import sys
from pathlib import Path
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.errors import Fenced
from edi_engine.flow.decide import decide_order
from edi_engine.flow.judge import judge_interchange
from edi_engine.flow.opened import take_up

with opened(Settings(Path(sys.argv[1]), sys.argv[2])) as place:
    office = place.office(place.store.ledger("work:bluebird"))
    with office.ledger.reading() as unit:
        (received,) = unit.interchanges.select(state="OPENED")
    judge_interchange(office, take_up(office, received))
    with office.ledger.reading() as unit:
        (booked,) = unit.orders.select(state="OPEN")
    print("booked", flush=True)
    sys.stdin.readline()
    try:
        decide_order(office, booked)
    except Fenced as error:
        print(f"fenced: {error}", flush=True)
"""


@pytest.mark.fault("A20")
def test_a_frozen_process_that_wakes_up_changes_nothing(place: Workplace) -> None:
    """SIGSTOP in the middle of a drain, another process takes the lane and goes on, SIGCONT: too late."""
    receive(place.office(), TERMINAL, b"po.edi", ORDER)
    open_stored(place.office(), TERMINAL)
    command = [sys.executable, "-c", ZOMBIE, str(place.settings.home), place.settings.db]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as zombie:
        assert zombie.stdin is not None
        assert zombie.stdout is not None
        assert zombie.stdout.readline() == "booked\n"
        os.kill(zombie.pid, signal.SIGSTOP)
        wait_until_stopped(zombie.pid)
        zombie.stdin.write("go\n")
        zombie.stdin.flush()
        office = place.office(place.store.ledger(WORK))
        before = counts(place)
        os.kill(zombie.pid, signal.SIGCONT)
        assert zombie.stdout.readline() == (
            f"fenced: the lane {WORK} belongs to another drain by now (this one has fence 1)\n"
        )
        assert zombie.wait(20) == 0
    assert counts(place) == before
    while work_through(place, office, "bluebird"):
        pass
    assert counts(place)["documents"] == 6
    assert audit(place.store) == ()


def wait_until_stopped(pid: int) -> None:
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < end
        time.sleep(0.01)
