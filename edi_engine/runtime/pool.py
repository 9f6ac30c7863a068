"""A few threads for drains. They are daemon threads: one that hangs in somebody's network keeps no process alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

from edi_engine.runtime.lanes import Drained

Drain = Callable[[], Drained]


class Pool:
    """Runs drains, each in the first thread that is free; threads are started when they are needed, up to `limit`.

    The standard library's pool will not do: the end of a process waits for its threads, however long they hang.
    """

    def __init__(self, limit: int) -> None:
        """Start nothing yet."""
        self._limit = limit
        self._todo: SimpleQueue[tuple[Future[Drained], Drain] | None] = SimpleQueue()
        self._free = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def submit(self, drain: Drain) -> Future[Drained]:
        """Run `drain` as soon as a thread is free."""
        future: Future[Drained] = Future()
        self._todo.put((future, drain))
        if not self._free.acquire(blocking=False) and len(self._threads) < self._limit:
            thread = threading.Thread(target=self._work, name=f"lane-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def close(self, patience: float) -> None:
        """End the threads that are free, and wait for them at most `patience` seconds each; the others are left."""
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join(patience)

    def _work(self) -> None:
        while (job := self._todo.get()) is not None:
            future, drain = job
            try:
                future.set_result(drain())
            except BaseException as error:  # noqa: BLE001 (whoever reads the future sees it)
                future.set_exception(error)
            del job, future, drain  # a thread that waits holds nothing
            self._free.release()
