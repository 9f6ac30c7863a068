"""Crash points: named places before and after each commit and outside effect, where a test may kill the process.

EDI_CRASH_AT=n       SIGKILL this process at the n-th crash point that it reaches (from 1)
EDI_CRASH_NAME=name  SIGKILL this process at the first crash point of this name
EDI_CRASH_ONCE=file  SIGKILL this process at the first crash point whose name does not stand in `file` yet, and write it
                     there: started again and again, it is killed once at each point that it reaches
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
_ONCE: Final = os.environ.get("EDI_CRASH_ONCE")
_ARMED: Final = bool(_AT or _NAME or _LOG or _ONCE)

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
            _write(_LOG, name)
        hit = not _hit and (name == _NAME or _reached == _AT or _is_new(name))
        _hit = _hit or hit
    if hit:
        signal.pthread_kill(threading.get_ident(), _SIGNAL)  # to this thread, or it could run on before it is frozen


def _is_new(name: str) -> bool:
    """Say whether no process was killed at this point before; then it is written down that one was."""
    if not _ONCE or (Path(_ONCE).exists() and name in Path(_ONCE).read_text(encoding="utf-8").splitlines()):
        return False
    _write(_ONCE, name)
    return True


def _write(path: str, name: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")
