"""A watch over one connection: what takes too long is ended by closing the connection under it.

A channel's own timeout starts anew with every byte, so that a server which drips can hold a thread for ever; keepalives
prove nothing, and some waits of the SSH library have no limit at all. A second thread that closes the transport ends
them all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watch:
    """Calls `end` once, from its own thread, when something runs beyond its limit."""

    def __init__(self, end: Callable[[], None], *, pulse: float = 0.5) -> None:
        """Start watching; `pulse` is how often the watch looks, in seconds."""
        self._end = end
        self._pulse = pulse
        self._until: float | None = None
        self._most = 0.0
        self._over = threading.Event()
        self.ended = False
        threading.Thread(target=self._look, name="transport-watch", daemon=True).start()

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Give what happens inside at most `seconds`, and what it earns by `allow`."""
        self._most = seconds
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = None

    def allow(self, seconds: float) -> None:
        """Give what is happening now so many seconds more, for what it has done.

        From now on it never has more than it began with: a fast start must not buy a long silence.
        """
        if self._until is not None:
            self._until = min(self._until + seconds, time.monotonic() + self._most)

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(self._pulse):
            until = self._until
            if until is not None and time.monotonic() > until:
                self.ended = True
                self._end()
                return
