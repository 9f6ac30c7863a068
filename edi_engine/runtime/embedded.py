"""The embedded runtime: one process, a pool of threads, a pulse. Each lane runs in at most one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import timedelta

from edi_engine.runtime.lanes import Drained, Lane
from edi_engine.runtime.pool import Pool

PULSE = 0.25
"""Seconds between two looks at what is due."""

THREADS = 16
"""Drains that run at one time: more than a few dead partners can hold up."""

GRACE = 20.0
"""Seconds that running drains get to reach the end of their step after a stop; what is left then ends with the process.
Ten more of the thirty that a service manager gives are kept for closing the store."""

GIVE_UP = 3
"""Failures in a row after which a lane is told to people, and a run that shall end waits for it no longer."""

_LONGEST_PAUSE = 60.0

TOLD_EVERY = 2.0
"""Seconds after which it is told once more that a lane works again, to whom could take no note of it."""

WORTH_WAITING = timedelta(seconds=60)
"""A run that shall end waits for a file to settle or a retry to fall due no longer than this."""

Failed = Callable[[str, BaseException, int], None]
"""Told of each drain that failed: its lane, the error, and how many failures in a row that makes."""

Recovered = Callable[[str], bool]
"""Told of a lane that fails no more: its drain ended well, or it is gone. If it took no note, it is told again."""


@dataclass(slots=True, eq=False)
class _Turn:
    """When a lane is due next (monotonic seconds), and the drain that is running."""

    lane: Lane
    due: float
    running: Future[Drained] | None = None
    last: Drained = field(default_factory=Drained)
    failures: int = 0
    error: BaseException | None = None
    owed: bool = False
    """Whether it fails no more and nobody could take note of that yet."""
    untold: int = 0
    """How often nobody could."""
    tell_at: float = 0.0
    """When that is told next (monotonic seconds)."""

    @property
    def polls(self) -> bool:
        """Whether it looks at a partner's folder, which is looked at no oftener than its connection says."""
        return self.lane.name.startswith("poll:")

    @property
    def quiet(self) -> bool:
        """Whether nothing of it runs, works or waits; a lane that failed too often is waited for no longer."""
        if self.running is not None:
            return False
        if self.owed and not self.failures and self.untold < GIVE_UP:
            return False
        soon = self.last.again is None or self.last.again <= WORTH_WAITING
        return self.failures >= GIVE_UP or not (self.failures or self.last.worked or (self.last.waiting and soon))


class Embedded:
    """Runs lanes until it is told to stop. A drain that fails is told to `failed` and tried again later.

    Turns belong to the thread that runs; other threads and signal handlers only leave a word (`stop`, `replace`,
    `wake`).
    """

    def __init__(
        self,
        lanes: Sequence[Lane],
        failed: Failed,
        recovered: Recovered,
        *,
        beat: Callable[[], None] = lambda: None,
        threads: int = THREADS,
    ) -> None:
        """Prepare to run `lanes`; nothing starts before `run`. `beat` is called at each pulse, from the thread that
        runs: drains that hang in all threads of the pool do not keep it from being called.
        """
        self._turns = {lane.name: _Turn(lane, time.monotonic()) for lane in lanes}
        self._left_over: list[_Turn] = []
        self._tell_failed = failed
        self._tell_recovered = recovered
        self._beat = beat
        self._pool = Pool(threads)
        self._stopping = False
        self._word = threading.Lock()
        self._replacement: tuple[Lane, ...] | None = None
        self._woken: set[str] = set()

    def stop(self) -> None:
        """Ask for an end: running drains finish their present step, no new one starts.

        It takes no lock, for a signal handler may interrupt the very thread that holds it.
        """
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether an end was asked for; long drains look at it between two steps."""
        return self._stopping

    @property
    def failing(self) -> tuple[tuple[str, BaseException], ...]:
        """The lanes whose last drain failed, each with its error."""
        return tuple((name, turn.error) for name, turn in self._turns.items() if turn.error is not None)

    def replace(self, lanes: Sequence[Lane]) -> None:
        """Take another set of lanes from the next pulse on (after an edition was swapped)."""
        with self._word:
            self._replacement = tuple(lanes)

    def wake(self, lane: str) -> None:
        """Let a lane have its turn at the next pulse; one that is at work then has another when it is done."""
        with self._word:
            self._woken.add(lane)

    def run(self, *, until: Callable[[], bool] | None = None) -> None:
        """Run until `stop`, or until everything is quiet and `until` (if given) says that it is enough."""
        while not self._stopping:
            quiet = self._pulse(hurry=until is not None)
            if until is not None and quiet and until():
                return
            time.sleep(PULSE)

    def finish(self, grace: float = GRACE) -> tuple[str, ...]:
        """Let running drains reach the end of their step. Gives the lanes that had not after `grace` seconds."""
        self._stopping = True
        running = [turn.running for turn in self._all() if turn.running is not None]
        wait(running, timeout=grace)
        self._collect()
        left = tuple(turn.lane.name for turn in self._all() if turn.running is not None)
        self._pool.close(0.0 if left else 1.0)
        return left

    def _all(self) -> list[_Turn]:
        return [*self._turns.values(), *self._left_over]

    def _pulse(self, *, hurry: bool = False) -> bool:
        """Collect what has finished, start what is due. Gives whether nothing runs, works or waits any more.

        With `hurry`, a folder that gave something is looked at again at once, so that a run that shall end does not
        wait for the connection's usual pause.
        """
        self._beat()
        self._take_over()
        worked = self._collect()
        self._tell_owed()
        with self._word:
            woken, self._woken = self._woken, set()
        now = time.monotonic()
        for turn in self._turns.values():
            stirred = worked and (not turn.polls or (hurry and turn.last.worked))
            if (stirred or turn.lane.name in woken) and not turn.failures:
                turn.due = min(turn.due, now)
            if turn.running is None and turn.due <= now:
                turn.due = now + turn.lane.every.total_seconds()
                turn.running = self._pool.submit(turn.lane.drain)
        return not worked and all(turn.quiet for turn in self._all())

    def _take_over(self) -> None:
        """Put new lanes in the place of those of their name. What runs of the others is waited for, and read."""
        with self._word:
            lanes, self._replacement = self._replacement, None
        if lanes is None:
            return
        known, self._turns = self._turns, {}
        for lane in lanes:
            turn = known.pop(lane.name, None) or _Turn(lane, time.monotonic())
            turn.lane = lane
            self._turns[lane.name] = turn
        for turn in known.values():
            if turn.failures:
                self._owe(turn)
            self._left_over.append(turn)

    def _collect(self) -> bool:
        """Read the future of every finished drain, or its exception would be lost. Gives whether any of them worked."""
        worked = False
        for turn in self._all():
            if turn.running is None or not turn.running.done():
                continue
            finished, turn.running = turn.running, None
            error = finished.exception()
            if error is not None:
                self._failed(turn, error)
                continue
            if turn.failures:
                self._owe(turn)
            turn.last = finished.result()
            worked = worked or turn.last.worked
            if turn.last.again is not None:
                turn.due = min(turn.due, time.monotonic() + turn.last.again.total_seconds())
        return worked

    def _owe(self, turn: _Turn) -> None:
        turn.failures, turn.error = 0, None
        turn.owed, turn.untold, turn.tell_at = True, 0, 0.0

    def _tell_owed(self) -> None:
        """Tell of the lanes that fail no more; what could not be noted is not left to their next turn, an hour away."""
        for turn in self._all():
            if turn.owed and not turn.failures and turn.tell_at <= time.monotonic():
                turn.owed = not self._tell_recovered(turn.lane.name)
                turn.untold += turn.owed
                turn.tell_at = time.monotonic() + TOLD_EVERY
        self._left_over = [turn for turn in self._left_over if turn.running is not None or turn.owed]

    def _failed(self, turn: _Turn, error: BaseException) -> None:
        if turn in self._left_over:  # its lane is gone, so that it never comes to a failure in a row
            self._tell_failed(turn.lane.name, error, 1)
            return
        turn.failures += 1
        turn.error = error
        turn.due = time.monotonic() + min(2.0**turn.failures, _LONGEST_PAUSE)
        self._tell_failed(turn.lane.name, error, turn.failures)
