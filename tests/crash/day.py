"""A home, a partner on a local folder, and a daemon that may be killed or frozen at any moment."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import pytest

from edi_engine.app.settings import Settings
from edi_engine.flow.ports import Unit
from edi_engine.resources import shipped
from edi_engine.store.ledger import Store, open_store
from tests.crash.child import be_edi

CONNECTIONS: Final = """\
bluebird-sftp:
  folder: {mailbox}
  in: {folder: out, match: "*", settle: 0 s, after: move out/done, claim: none}
  out: {folder: in, deliver: rename, temporary: ".part"}
  every: 1 s
  sessions: 1
"""
ORDER: Final = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      *{now:%y%m%d}*0930*U*00401*{n:09d}*0*P*>~"
    "GS*PO*6119290001*004455667*{now:%Y%m%d}*0930*{n}*X*004010VICS~ST*850*0001~BEG*00*SA*45000{n:05d}**{now:%Y%m%d}~"
    "REF*DP*042~REF*IA*77031~DTM*010*{day:%Y%m%d}~N1*ST*BLUEBIRD DC COLUMBUS*92*0417~"
    "PO1*1*24*EA*12.40*PE*IN*100101*UP*036000291452*VN*GL-1200~PO1*2*{cases}*CA*{price}*PE*IN*100103~CTT*2~"
    "SE*10*0001~GE*1*{n}~IEA*1*{n:09d}~"
)
BEGIN: Final = datetime(2025, 3, 4, 8, tzinfo=UTC)
"""When each day begins, 3 in the morning at the partner's: two runs make the same dates, at whatever hour they run."""

_START: Final = datetime.now(UTC)
AHEAD: Final = (BEGIN - _START).total_seconds()
"""Seconds by which the clock of every process of a test is ahead."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.crash.child"])


def po_number(number: int) -> str:
    return f"45000{number:05d}"


def is_held(number: int) -> bool:
    """Say whether the order of this number is one with a wrong price, in most runs: each seventh."""
    return number % 7 == 0


def order(number: int, *, held: bool = False) -> bytes:
    price = "9.99" if held else "7.20"  # 9.99 is far above the agreed 7.20
    text = ORDER.format(n=number, cases=number % 5 + 1, price=price, now=BEGIN, day=BEGIN + timedelta(days=20))
    return text.encode()


class Running:
    """A process that is `edi`. It is told apart by what it logs."""

    def __init__(
        self,
        words: list[str],
        environment: dict[str, str],
        log: Path,
        ahead: float = AHEAD,
        planted: Mapping[str, Any] | None = None,
    ) -> None:
        self.log = log
        self.begun = time.monotonic()
        self._skip = log.stat().st_size if log.exists() else 0
        self._process = _processes.Process(target=be_edi, args=(words, environment, str(log), ahead, planted or {}))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def said(self) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._skip)
            return log.read().decode()

    def stacks(self) -> str:
        """Ask where each of its threads stands, and give all that it said."""
        self.signal(signal.SIGUSR1)
        time.sleep(0.5)
        return self.said()

    def wait_for(self, word: str, patience: float = 180.0) -> float:
        """Wait until it logs `word`; give how many seconds after its start that was."""
        wait_until(lambda: word in self.said() or not self.alive, patience, f"{word}: {self.said()}")
        assert word in self.said(), f"it ended with {self.status} before it said {word}: {self.said()}"
        return time.monotonic() - self.begun

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def status(self) -> int | None:
        return self._process.exitcode

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)
        wait_until(self.frozen, 60, "the process does not stop")

    def frozen(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> int:
        """End it with SIGKILL, and wait until nothing of it is left."""
        self.signal(signal.SIGKILL)
        return self.ended()

    def stop(self) -> None:
        """Ask it to end, as a service manager does."""
        self.signal(signal.SIGTERM)
        assert self.ended() == 0, self.said()

    def ended(self, patience: float = 300.0) -> int:
        self._process.join(patience)
        if self._process.exitcode is None:
            self.signal(signal.SIGKILL)
            pytest.fail(f"it does not end:\n{self.said()[-3000:]}")
        return self._process.exitcode


def wait_until(
    true: Callable[[], bool], patience: float, what: str | Callable[[], str], *, pause: float = 0.02
) -> None:
    until = time.monotonic() + patience
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"not within {patience:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(pause)


class Day:
    """One home on one store. Other homes may share its store and its partner, as other hosts do."""

    def __init__(self, home: Path, db: str, connections: str = CONNECTIONS, mailbox: Path | None = None) -> None:
        self.home, self.db = home, db
        self.mailbox = mailbox or home / "mailbox"
        (self.mailbox / "out" / "done").mkdir(parents=True, exist_ok=True)
        (self.mailbox / "in").mkdir(exist_ok=True)
        shutil.copytree(shipped("partners") / "bluebird", home / "partners" / "bluebird")
        told = home / "partners" / "bluebird" / "partner.yaml"
        told.write_text(told.read_text().partition("\nexamples:")[0] + "\n")  # trying them is most of a start
        (home / "partners" / "connections.yaml").write_text(connections.replace("{mailbox}", str(self.mailbox)))
        self.log = home.with_suffix(".log")
        self.dropped: dict[int, bool] = {}
        self.started: list[Running] = []
        self.ahead = AHEAD
        self.planted: Mapping[str, Any] = {}

    def drop_usual(self, number: int) -> None:
        """Drop the order that most runs have under this number."""
        self.drop(number, held=is_held(number))

    def drop(self, number: int, *, held: bool = False) -> None:
        self.put(f"po{number:05d}.edi", order(number, held=held))
        self.dropped[number] = held

    def put(self, name: str, data: bytes) -> None:
        """Give the engine a file, whole from its first moment on."""
        unfinished = self.mailbox / f"{name}.unfinished"
        unfinished.write_bytes(data)
        unfinished.rename(self.mailbox / "out" / name)

    def start(self, *words: str, **environment: str) -> Running:
        """Start the daemon, or another command."""
        known = {"EDI_CACHE": str(self.home.parent / "cache"), **environment}
        command = ["--home", str(self.home), "--db", self.db, *(words or ("run",))]
        self.started.append(Running(command, known, self.log, self.ahead, self.planted))
        return self.started[-1]

    def beside(self, db: str) -> Self:
        """Give the same home for a second daemon, which names the store in another way."""
        other = copy(self)
        other.db, other.log = db, self.home.with_suffix(".other.log")
        return other

    def run(self, **environment: str) -> int:
        return self.edi("run", "--once", **environment)

    def edi(self, *words: str, expect: Collection[int] = (0,), **environment: str) -> int:
        process = self.start(*words, **environment)
        status = process.ended()
        if status not in {*expect, -signal.SIGKILL}:
            pytest.fail(f"exit {status}\n{process.said()}")
        return status

    def close(self) -> None:
        for process in self.started:
            if process.alive:
                process.thaw()
                process.kill()

    @property
    def kind(self) -> str:
        """Say on what its store is: sqlite or postgresql."""
        return self.db.partition(":")[0].partition("+")[0]

    def settings(self) -> Settings:
        return Settings(self.home, self.db)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store beside whoever trades on it. It is as it is: no partner file is read, and nothing is kept."""
        store = open_store(self.db, owner=False)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Give what stands in the store at one moment."""
        with self.store() as store, store.view() as unit:
            yield unit

    def unknown(self) -> list[int]:
        """Give the cases of documents of which nobody knows whether the partner has them."""
        with self.reading() as unit:
            return [case.id for case in unit.cases.select(kind="document.unknown-outcome", state="OPEN")]

    def put_aside(self) -> list[int]:
        """Give the cases of what was in hand at three kills: nobody can tell it from what ends the program itself."""
        with self.reading() as unit:
            return [case.id for case in unit.cases.select(kind="system.poison", state="OPEN")]

    def told(self) -> str:
        """Give the open cases in words, for whoever reads why a test failed."""
        with self.reading() as unit:
            return "\n".join(f"case {one.id} {one.kind}: {one.title}" for one in unit.cases.select(state="OPEN"))

    def points(self) -> list[str]:
        """Run undisturbed and give the names of the crash points that were reached, each once."""
        log = self.home / "points.log"
        assert self.run(EDI_CRASH_LOG=str(log)) == 0
        return list(dict.fromkeys(log.read_text().split()))
