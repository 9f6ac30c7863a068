"""The embedded runtime: one process, a pool of threads, a pulse. Each lane runs in at most one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from edi_engine.runtime.lanes import Drained, Lane

PULSE = 0.25
"""Seconds between two looks at what is due."""

Troubled = Callable[[str, BaseException], None]


@dataclass(slots=True)
class _Turn:
    """When a lane is due next (monotonic seconds), and the drain that is running."""

    lane: Lane
    due: float
    running: Future[Drained] | None = None
    last: Drained = field(default_factory=Drained)
    failures: int = 0


class Embedded:
    """Runs lanes until it is told to stop. A drain that fails is told to `troubled` and tried again later."""

    def __init__(self, lanes: Sequence[Lane], troubled: Troubled, *, threads: int = 8) -> None:
        """Prepare to run `lanes`; nothing starts before `run` or `drain`."""
        now = time.monotonic()
        self._turns = {lane.name: _Turn(lane, now) for lane in lanes}
        self._troubled = troubled
        self._threads = threads
        self._stop = threading.Event()
        self._swap = threading.Lock()

    def stop(self) -> None:
        """Ask for an end: running drains finish their present step, no new one starts."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether an end was asked for; long drains look at it between two steps."""
        return self._stop.is_set()

    def replace(self, lanes: Sequence[Lane]) -> None:
        """Take another set of lanes from the next pulse on (after an edition was swapped)."""
        with self._swap:
            now = time.monotonic()
            known = self._turns
            self._turns = {
                lane.name: _Turn(lane, known[lane.name].due, known[lane.name].running)
                if lane.name in known
                else _Turn(lane, now)
                for lane in lanes
            }

    def run(self, *, until: Callable[[], bool] | None = None) -> None:
        """Run until `stop`, or until everything is quiet and `until` (if given) says that it is enough."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="lane") as pool:
            try:
                while not self._stop.wait(PULSE):
                    quiet = self._pulse(pool)
                    if until is not None and quiet and until():
                        break
            finally:
                self._stop.set()
        self._collect()

    def run_once(self) -> None:
        """Run until every lane has drained, found nothing more to do, and waits for nothing but new files."""
        self.run(until=lambda: True)

    def _pulse(self, pool: ThreadPoolExecutor) -> bool:
        """Collect what has finished, start what is due. Gives whether nothing runs, works or waits any more."""
        with self._swap:
            turns = list(self._turns.values())
        worked = self._collect()
        if worked:
            for turn in turns:
                if not turn.lane.name.startswith("poll:"):
                    turn.due = min(turn.due, time.monotonic())
        now = time.monotonic()
        for turn in turns:
            if turn.running is None and turn.due <= now:
                turn.due = now + turn.lane.every.total_seconds()
                turn.running = pool.submit(turn.lane.drain)
        return not worked and all(
            turn.running is None and not turn.last.worked and not turn.last.waiting and not turn.failures
            for turn in turns
        )

    def _collect(self) -> bool:
        """Read the future of every finished drain, or its exception would be lost."""
        worked = False
        for turn in list(self._turns.values()):
            if turn.running is None or not turn.running.done():
                continue
            finished, turn.running = turn.running, None
            error = finished.exception()
            if error is not None:
                turn.failures += 1
                turn.due = time.monotonic() + min(2.0**turn.failures, 60.0)
                self._troubled(turn.lane.name, error)
                continue
            turn.failures = 0
            turn.last = finished.result()
            worked = worked or turn.last.worked
            if turn.last.worked and not turn.lane.name.startswith("poll:"):
                turn.due = time.monotonic()
            elif turn.last.again is not None:
                turn.due = min(turn.due, time.monotonic() + turn.last.again.total_seconds())
        return worked


def pause(seconds: float) -> timedelta:
    """Write seconds as a pause."""
    return timedelta(seconds=seconds)
