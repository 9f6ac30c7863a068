"""Crash points: named places before and after each commit and outside effect, where a test may kill the process.

EDI_CRASH_AT=n       SIGKILL this process at the n-th crash point that it reaches (from 1)
EDI_CRASH_NAME=name  SIGKILL this process at the first crash point of this name
EDI_CRASH_SIGNAL=STOP  freeze it there with SIGSTOP instead, once; SIGCONT lets it go on
EDI_CRASH_LOG=file   append the name of each crash point that is reached, one a line

Without any of these in the environment at start, a crash point does nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Final

_AT: Final = int(os.environ.get("EDI_CRASH_AT") or 0)
_NAME: Final = os.environ.get("EDI_CRASH_NAME")
_SIGNAL: Final = signal.Signals[f"SIG{os.environ.get('EDI_CRASH_SIGNAL') or 'KILL'}"]
_LOG: Final = os.environ.get("EDI_CRASH_LOG")
_ARMED: Final = bool(_AT or _NAME or _LOG)

_counting = threading.Lock()
_reached = 0
_hit = False


def crashpoint(name: str) -> None:
    """Mark that the place `name` has been reached."""
    if _ARMED:
        _count(name)


def _count(name: str) -> None:
    global _reached, _hit  # noqa: PLW0603 - the count is of the process, as the kill is
    with _counting:
        _reached += 1
        if _LOG:
            with Path(_LOG).open("a", encoding="utf-8") as log:
                log.write(f"{name}\n")
        hit = (name == _NAME or _reached == _AT) and not _hit
        _hit = _hit or hit
    if hit:
        signal.pthread_kill(threading.get_ident(), _SIGNAL)  # to this thread, or it could run on before it is frozen
