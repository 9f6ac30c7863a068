"""The embedded runtime: a lane drains in one thread at a time, failures are tried again and told, nothing is leaked."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edi_engine.runtime import embedded
from edi_engine.runtime.embedded import GIVE_UP, Embedded
from edi_engine.runtime.lanes import Drained, Lane

LONG = timedelta(minutes=5)
NOW = timedelta(0)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PULSE", 0.005)


class Told:
    """What the runtime told of its lanes."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str, int]] = []
        self.recovered: list[str] = []
        self.deaf = 0
        """So often nobody can take note of a lane that works again."""

    def engine(self, *lanes: Lane, **settings: Any) -> Embedded:
        def recovers(lane: str) -> bool:
            self.recovered.append(lane)
            return len(self.recovered) > self.deaf

        def fails(lane: str, error: BaseException, times: int) -> None:
            self.failed.append((lane, str(error), times))

        return Embedded(lanes, fails, recovers, **settings)


@pytest.fixture
def told() -> Told:
    return Told()


def counted(drains: list[float], *results: Drained | Exception) -> Callable[[], Drained]:
    """Make a drain that notes its moments and gives one result after the other, the last one for ever."""

    def drain() -> Drained:
        drains.append(time.monotonic())
        result = results[min(len(drains), len(results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result

    return drain


def run_once(engine: Embedded, seconds: float = 2.0) -> None:
    """Run until quiet; fail where it takes too long."""
    end = time.monotonic() + seconds
    engine.run(until=lambda: True)
    assert time.monotonic() < end
    assert engine.finish() == ()


def test_quiet_lanes_run_once_and_it_ends(told: Told) -> None:
    drains: list[float] = []
    run_once(told.engine(Lane("work:a", counted(drains, Drained()), LONG)))
    assert len(drains) == 1


def test_a_lane_that_worked_wakes_the_others_at_once(told: Told) -> None:
    first: list[float] = []
    second: list[float] = []
    engine = told.engine(
        Lane("work:a", counted(first, Drained(worked=True), Drained(worked=True), Drained()), LONG),
        Lane("send:b", counted(second, Drained()), LONG),
    )
    run_once(engine)
    assert len(first) == 3
    assert len(second) >= 3


def test_a_run_that_shall_end_does_not_wait_for_the_next_poll(told: Told) -> None:
    """A folder is looked at every five minutes; that must not be how long `edi run --once` takes."""
    polls: list[float] = []
    run_once(told.engine(Lane("poll:c", counted(polls, Drained(worked=True), Drained()), LONG)))
    assert len(polls) == 2


def test_a_daemon_polls_no_oftener_than_the_connection_says(told: Told) -> None:
    polls: list[float] = []
    works: list[float] = []
    engine = told.engine(
        Lane("poll:c", counted(polls, Drained(worked=True)), LONG),
        Lane("work:a", counted(works, Drained(worked=True), Drained(worked=True), Drained()), LONG),
    )
    stop_after(engine, 0.3)
    engine.run()
    engine.finish()
    assert len(polls) == 1
    assert len(works) >= 3


def test_what_only_needs_time_is_waited_for_and_looked_at_when_it_says(told: Told) -> None:
    drains: list[float] = []
    soon = Drained(waiting=True, again=timedelta(milliseconds=100))
    run_once(told.engine(Lane("poll:c", counted(drains, soon, soon, Drained()), LONG)))
    assert [later - earlier >= 0.1 for earlier, later in pairwise(drains)] == [True, True]


def test_a_retry_in_an_hour_does_not_keep_a_run_that_shall_end(told: Told) -> None:
    drains: list[float] = []
    run_once(told.engine(Lane("send:c", counted(drains, Drained(waiting=True, again=timedelta(hours=1))), LONG)))
    assert len(drains) == 1


def test_a_drain_that_raises_is_tried_again_and_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)
    drains: list[float] = []
    broken = KeyError("x")
    engine = told.engine(Lane("work:a", counted(drains, broken, broken, Drained()), LONG))
    run_once(engine)
    assert told.failed == [("work:a", "'x'", 1), ("work:a", "'x'", 2)]
    assert told.recovered == ["work:a"]
    assert engine.failing == ()


def test_that_a_lane_works_again_is_told_until_somebody_takes_note(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at its next turn: that may be an hour away."""
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(embedded, "TOLD_EVERY", 0.02)
    told.deaf = 2
    drains: list[float] = []
    run_once(told.engine(Lane("poll:a", counted(drains, KeyError("x"), Drained()), LONG)))
    assert told.recovered == ["poll:a"] * 3
    assert len(drains) == 2


def test_a_run_that_shall_end_does_not_wait_for_ever_until_somebody_takes_note(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(embedded, "TOLD_EVERY", 0.02)
    told.deaf = 1_000_000
    run_once(told.engine(Lane("poll:a", counted([], KeyError("x"), Drained()), LONG)))
    assert len(told.recovered) >= embedded.GIVE_UP


def test_a_lane_that_is_taken_away_fails_no_more(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its drain runs then or not; what that drain fails by is told, and never as the third time in a row."""
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)
    at_work, go_on = threading.Event(), threading.Event()

    def breaks() -> Drained:
        if len(told.failed) >= 4:
            at_work.set()
            go_on.wait(10)
        raise KeyError("x")

    other = Lane("b", counted([], Drained()), timedelta(milliseconds=20))
    engine = told.engine(Lane("work:p", breaks, LONG), other)
    runs = threading.Thread(target=engine.run)
    runs.start()
    assert at_work.wait(10)
    engine.replace([other])
    wait_for(lambda: told.recovered)
    go_on.set()
    wait_for(lambda: len(told.failed) == 5)
    engine.stop()
    runs.join(10)
    assert engine.finish() == ()
    assert told.recovered == ["work:p"]
    assert [times for *_, times in told.failed] == [1, 2, 3, 4, 1]


def test_the_beat_goes_on_while_drains_hang_in_all_threads(told: Told) -> None:
    beats: list[float] = []
    go_on = threading.Event()

    def hangs() -> Drained:
        go_on.wait(10)
        return Drained()

    lanes = [Lane(f"poll:{number}", hangs, LONG) for number in range(3)]
    engine = told.engine(*lanes, threads=2, beat=lambda: beats.append(time.monotonic()))
    runs = threading.Thread(target=engine.run)
    runs.start()
    wait_for(lambda: len(beats) > 20)
    engine.stop()
    go_on.set()
    runs.join(10)
    assert engine.finish() == ()


def test_a_lane_that_always_fails_neither_stops_the_others_nor_a_run_that_shall_end(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_LONGEST_PAUSE", 0.02)
    good: list[float] = []
    engine = told.engine(
        Lane("work:a", counted([], ValueError("broken")), LONG),
        Lane("work:b", counted(good, Drained(worked=True), Drained()), LONG),
    )
    run_once(engine)
    assert len(told.failed) == GIVE_UP
    assert [name for name, _ in engine.failing] == ["work:a"]
    assert len(good) == 2


def test_pauses_grow_between_failures(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(embedded, "time", SimpleNamespace(monotonic=lambda: now[0]))
    drains: list[float] = []

    def drain() -> Drained:
        drains.append(now[0])
        raise ValueError

    engine = told.engine(Lane("work:a", drain, NOW))
    while now[0] < 200:
        engine._pulse()
        wait_for(lambda: engine._turns["work:a"].running is None or engine._turns["work:a"].running.done())
        engine._collect()
        now[0] += 1.0
    gaps = [later - earlier for earlier, later in pairwise(drains)]
    assert gaps[:5] == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert gaps[5:7] == [60.0, 60.0]
    engine.finish()


def test_a_lane_runs_in_one_thread_at_a_time_even_when_it_is_replaced(told: Told) -> None:
    here = threading.Semaphore(1)
    overlaps: list[bool] = []
    runs: list[int] = []

    def drain(version: int) -> Callable[[], Drained]:
        def act() -> Drained:
            alone = here.acquire(blocking=False)
            overlaps.append(not alone)
            runs.append(version)
            time.sleep(0.01)
            if alone:
                here.release()
            return Drained()

        return act

    engine = told.engine(Lane("work:a", drain(0), NOW))
    runner = threading.Thread(target=engine.run)
    runner.start()
    for version in range(1, 20):
        engine.replace([Lane("work:a", drain(version), NOW)])
        time.sleep(0.01)
    wait_for(lambda: runs[-1:] == [19])
    engine.stop()
    runner.join()
    assert engine.finish() == ()
    assert not any(overlaps)
    assert runs == sorted(runs)


def test_the_error_of_a_lane_that_was_taken_away_is_told(told: Told) -> None:
    going = threading.Event()

    def drain() -> Drained:
        going.wait()
        message = "late"
        raise ValueError(message)

    engine = told.engine(Lane("work:gone", drain, LONG))
    engine._pulse()
    engine.replace([Lane("work:new", Drained, LONG)])
    engine._pulse()
    going.set()
    wait_for(lambda: bool(engine._pulse() or told.failed))
    assert told.failed == [("work:gone", "late", 1)]
    assert [turn.lane.name for turn in engine._all()] == ["work:new"]
    engine.finish()


def test_a_stop_lets_the_step_in_hand_end_and_starts_nothing_new(told: Told) -> None:
    begun = threading.Event()
    ended: list[str] = []
    engine: Embedded

    def long() -> Drained:
        begun.set()
        while not engine.stopping:
            time.sleep(0.002)
        ended.append("long")
        return Drained(worked=True)

    engine = told.engine(Lane("work:a", long, NOW))
    runner = threading.Thread(target=engine.run)
    runner.start()
    begun.wait(2)
    engine.stop()
    runner.join(2)
    assert engine.finish() == ()
    assert ended == ["long"]


def test_a_drain_that_hangs_is_left_after_the_grace(told: Told) -> None:
    release = threading.Event()
    begun = threading.Event()

    def hangs() -> Drained:
        begun.set()
        release.wait(10)
        return Drained()

    engine = told.engine(Lane("send:dead", hangs, LONG), Lane("work:a", Drained, LONG))
    runner = threading.Thread(target=engine.run)
    runner.start()
    begun.wait(2)
    engine.stop()
    runner.join(2)
    started = time.monotonic()
    assert engine.finish(0.1) == ("send:dead",)
    assert time.monotonic() - started < 5  # the lane hangs for ten seconds
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("lane-"))
    release.set()


HANGS = """
import time
from datetime import timedelta
from edi_engine.runtime.embedded import Embedded
from edi_engine.runtime.lanes import Lane

engine = Embedded([Lane("send:dead", lambda: time.sleep(60), timedelta(0))], print, print)
engine._pulse()
print(engine.finish(0.1))
"""


def test_a_drain_that_hangs_keeps_no_process_alive() -> None:
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "('send:dead',)\n", "")


def test_a_stop_before_the_run_starts_nothing(told: Told) -> None:
    drains: list[float] = []
    engine = told.engine(Lane("work:a", counted(drains, Drained()), NOW))
    engine.stop()
    engine.run()
    assert engine.finish() == ()
    assert drains == []


def test_hung_lanes_do_not_keep_the_others_waiting(told: Told) -> None:
    release = threading.Event()
    good: list[float] = []
    hung = [Lane(f"send:{n}", lambda: (release.wait(10), Drained())[1], LONG) for n in range(8)]
    engine = told.engine(*hung, Lane("poll:good", counted(good, Drained()), NOW))
    stop_after(engine, 0.2)
    engine.run()
    assert len(good) > 3
    release.set()
    assert engine.finish(2) == ()


def test_nothing_is_leaked_over_fifty_pulses(told: Told) -> None:
    lanes = [Lane(f"work:{n}", lambda: Drained(worked=True), NOW) for n in range(6)]
    engine = told.engine(*lanes)
    pulse(engine, 10)
    threads, handles = threading.active_count(), open_handles()
    pulse(engine, 50)
    assert threading.active_count() <= threads + 6
    assert open_handles() == handles
    engine.finish()
    wait_for(lambda: not [one for one in threading.enumerate() if one.name.startswith("lane-")])


def pulse(engine: Embedded, times: int) -> None:
    for number in range(times):
        engine._pulse()
        engine.replace([turn.lane for turn in engine._turns.values()]) if number % 5 == 0 else None
        time.sleep(0.002)


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def stop_after(engine: Embedded, seconds: float) -> None:
    timer = threading.Timer(seconds, engine.stop)
    timer.daemon = True
    timer.start()


def wait_for(true: Callable[[], bool], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("lane-"):
            thread.join(2)


# --- woken ------------------------------------------------------------------------------------------------------------


def test_a_lane_that_is_woken_has_its_turn_at_once_and_no_other(told: Told) -> None:
    woken: list[float] = []
    other: list[float] = []
    engine = told.engine(
        Lane("poll:a", counted(woken, Drained()), LONG), Lane("poll:b", counted(other, Drained()), LONG)
    )
    runner = threading.Thread(target=engine.run)
    runner.start()
    wait_for(lambda: len(woken) == len(other) == 1)
    engine.wake("poll:a")
    engine.wake("nobody")
    wait_for(lambda: len(woken) == 2)
    time.sleep(0.05)
    assert (len(woken), len(other)) == (2, 1)
    engine.stop()
    runner.join()
    assert engine.finish() == ()


def test_a_lane_that_is_woken_at_work_has_another_turn(told: Told) -> None:
    may_go = threading.Event()
    runs: list[float] = []

    def drain() -> Drained:
        runs.append(time.monotonic())
        may_go.wait(5)
        return Drained()

    engine = told.engine(Lane("poll:a", drain, LONG))
    runner = threading.Thread(target=engine.run)
    runner.start()
    wait_for(lambda: len(runs) == 1)
    engine.wake("poll:a")
    time.sleep(0.05)
    assert len(runs) == 1
    may_go.set()
    wait_for(lambda: len(runs) == 2)
    engine.stop()
    runner.join()
    assert engine.finish() == ()


def test_a_lane_that_fails_is_not_hurried(told: Told) -> None:
    drains: list[float] = []
    engine = told.engine(Lane("poll:a", counted(drains, ValueError("broken")), LONG))
    runner = threading.Thread(target=engine.run)
    runner.start()
    wait_for(lambda: len(drains) == 1)
    time.sleep(0.05)
    engine.wake("poll:a")
    time.sleep(0.1)
    assert len(drains) == 1
    engine.stop()
    runner.join()
    assert engine.finish() == ()
