"""What runs in a process that may be killed: the command line, in a copy of a process that has loaded it already.

A process that starts from nothing spends most of its time on loading. It does not trade then, so that killing it proves
little; a copy opens its store, its lock and its lanes just as it does.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import edi_engine.app.daemon
import edi_engine.app.views
import edi_engine.cli
import edi_engine.store.migrate
import edi_engine.transport.folder
import edi_engine.transport.sftp
from edi_engine.app.settings import SystemClock
from edi_engine.store import crash


def be_edi(words: list[str], environment: dict[str, str], log: str, ahead: float) -> None:
    """Be `edi` with these words. What it says goes to `log`; its clock is `ahead` seconds ahead of this machine's."""
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for handle, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(handle, target)
    faulthandler.register(signal.SIGUSR1)  # a test that waits in vain asks where each thread stands
    os.environ.update(environment)
    importlib.reload(crash)  # it reads the environment once, and its functions look at what it read
    by = timedelta(seconds=ahead)
    SystemClock.now = lambda _self: datetime.now(UTC) + by  # type: ignore[method-assign]
    sys.argv = ["edi", *words]
    edi_engine.cli.main()
