"""What runs in a process that may be killed: the command line, in a copy of a process that has loaded it already.

A process that starts from nothing spends most of its time on loading. It does not trade then, so that killing it proves
little; a copy opens its store, its lock and its lanes just as it does.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import edi_engine.app.daemon
import edi_engine.app.views
import edi_engine.cli
import edi_engine.store.migrate
import edi_engine.transport.folder
import edi_engine.transport.sftp
from edi_engine.app.settings import SystemClock
from edi_engine.store import crash


@dataclass(frozen=True)
class Failing:
    """In the place of a function: it raises so many times, as the world does or a bug of ours would."""

    error: Exception | Callable[[], Exception]
    times: int = 1_000_000


def plant(where: str, what: Any) -> None:
    """Put `what` where `where` says, such as `edi_engine.flow.look.LEFT_ALONE`."""
    place, _, name = where.rpartition(".")
    owner = pkgutil.resolve_name(place)
    if not isinstance(what, Failing):
        setattr(owner, name, what)
        return
    sound, failures = getattr(owner, name), iter(range(what.times))

    def failing(*args: Any, **named: Any) -> Any:
        if next(failures, None) is None:
            return sound(*args, **named)
        raise what.error() if callable(what.error) else what.error

    setattr(owner, name, failing)


def be_edi(words: list[str], environment: dict[str, str], log: str, ahead: float, planted: Mapping[str, Any]) -> None:
    """Be `edi` with these words. What it says goes to `log`; its clock is `ahead` seconds ahead of this machine's.

    `planted` says what of the program is another thing in this process.
    """
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for handle, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(handle, target)
    faulthandler.register(signal.SIGUSR1)  # a test that waits in vain asks where each thread stands
    os.environ.update(environment)
    importlib.reload(crash)  # it reads the environment once, and its functions look at what it read
    by = timedelta(seconds=ahead)
    SystemClock.now = lambda _self: datetime.now(UTC) + by  # type: ignore[method-assign]
    for where, what in planted.items():
        plant(where, what)
    sys.argv = ["edi", *words]
    edi_engine.cli.main()
