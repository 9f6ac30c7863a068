"""How far a long check is, in one line on stderr that is written over; only where somebody looks at a terminal."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Final

_PATIENCE: Final = 0.5
"""Seconds after which people want to know."""
_PULSE: Final = 0.1
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Counts up to `total`; with a total of 0 it stays silent."""

    def __init__(self, total: int, what: str) -> None:
        """Stay silent at first: most work is done before anybody could read the line."""
        self._total = total
        self._what = what
        self._done = 0
        self._watched = total > 0 and sys.stderr.isatty()
        self._next = monotonic() + _PATIENCE
        self._drawn = False

    def step(self) -> None:
        """Count one more, and say so now and then."""
        self._done += 1
        if self._watched and monotonic() >= self._next:
            self._next = monotonic() + _PULSE
            self._drawn = True
            sys.stderr.write(f"{_CLEAR}{self._done:,} of {self._total:,} {self._what} ({self._done / self._total:.0%})")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._drawn = False
