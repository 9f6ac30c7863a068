"""A disk that is full or fails, at each single write: nothing is answered that is not kept, and it goes on alone."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from edi_engine.app.daemon import Daemon
from edi_engine.app.health import doctor
from edi_engine.app.processing import walk
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace, opened
from edi_engine.errors import TransportError
from edi_engine.flow.deliver import UNSENT
from edi_engine.resources import shipped
from edi_engine.runtime.daemon import configure_log
from edi_engine.store.audit import audit
from tests.faults.disk import Disk, Nth
from tests.fixtures.homes import make_home, new_folder, run_once
from tests.fixtures.trading import TODAY, interchange, order, partner_files
from tests.fixtures.walks import shop

ORDER = interchange(order("4500090001"), control=7)


SHARES = 7
"""So many tests share the writes of one order among them; none of them takes long."""
EACH = range(1, SHARES + 1)
FULL = [(errno.ENOSPC, True, first) for first in EACH]
"""A disk that is full from one write on: each of them is tried."""
WORN = [(errno.EIO, False, first) for first in (EACH if os.environ.get("EDI_FAULT_WRITES") else EACH[:1])]
"""A disk that fails one write: each seventh is tried, and each where EDI_FAULT_WRITES is set (`make faultslong`)."""


class Bench:
    """One workplace whose store and whose folder for what goes out are put back to their beginning for each run."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.place.store.checkpoint()
        self._ready = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.file)) as store:
            store.backup(self._ready)

    @property
    def file(self) -> Path:
        assert self.place.settings.store_file is not None
        return self.place.settings.store_file

    def begin(self) -> Workplace:
        self.place.store.checkpoint()  # so that each run finds as much written ahead, which is nothing
        with closing(sqlite3.connect(self.file)) as store:
            self._ready.backup(store)
        self.place.store.checkpoint()
        assert self.place.out is not None
        shutil.rmtree(self.place.out)
        self.place.out.mkdir()
        return self.place


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    home = new_folder()
    partner_files(home)
    with shop(home, TODAY, f"sqlite:///{home / 'store.db'}") as opened:
        yield Bench(opened.place)
    shutil.rmtree(home)


def sent(place: Workplace) -> dict[str, bytes]:
    assert place.out is not None
    return {str(path.relative_to(place.out)): path.read_bytes() for path in place.out.rglob("*") if path.is_file()}


def kept(place: Workplace) -> set[str]:
    """The names of all documents that the store holds."""
    with place.office().ledger.reading() as unit:
        return {one.name for one in unit.documents.select()}


def whole(place: Workplace) -> None:
    """Each document that left has its row, each promise holds, and SQLite finds no damage."""
    finished = {name.rsplit("/", 1)[-1] for name in sent(place)}
    assert {name for name in finished if name.endswith(".edi")} <= kept(place)
    assert b"" not in sent(place).values()
    assert audit(place.store) == ()


def work(place: Workplace) -> None:
    """Do all that one order needs, and bring what the store wrote ahead into its file."""
    walk(place, ORDER, "1.edi")
    place.store.checkpoint()


def undisturbed(bench: Bench) -> tuple[int, dict[str, bytes]]:
    """Give how many writes the store makes for one order, and what leaves."""
    place = bench.begin()
    with Disk() as disk:
        work(place)
    whole(place)
    return disk.calls, sent(place)


@pytest.mark.fault("H2", "G7")
@pytest.mark.parametrize(("number", "lasting", "first"), FULL + WORN)
def test_each_write_of_the_store_may_fail(bench: Bench, number: int, lasting: bool, first: int) -> None:
    calls, wanted = undisturbed(bench)
    assert calls > 50
    assert len(wanted) >= 4
    told = 0
    for n in range(first, calls + 1, SHARES):
        place = bench.begin()
        with Disk(n, number, lasting=lasting) as disk:
            try:
                work(place)
            except TransportError as error:
                assert error.code == "system.disk", n
                told += 1
            assert disk.failed
            whole(place)
            disk.mend()
            work(place)
        whole(place)
        assert sent(place) == wanted, n
        with closing(sqlite3.connect(bench.file)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    assert told


@pytest.mark.fault("H2", "H3", "G5")
@pytest.mark.parametrize(("name", "number"), [("open", errno.ENOSPC), ("fsync", errno.EIO), ("link", errno.EIO)])
def test_each_step_of_a_delivery_may_fail(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    """Nothing half stands under a final name; what was not kept for certain is written anew."""
    _, wanted = undisturbed(bench)
    for n in range(1, 100):
        place = bench.begin()
        failing = Nth(n, number, getattr(os, name))
        with monkeypatch.context() as planted:
            planted.setattr(f"edi_engine.transport.folder.os.{name}", failing)
            with suppress(TransportError):
                walk(place, ORDER, "1.edi")
        final = {path: data for path, data in sent(place).items() if not path.endswith(".part")}
        assert final.items() <= wanted.items(), n
        whole(place)
        if failing.calls < n:
            return
        with place.office().ledger.unit("test.later") as unit:  # the pause after a failure is over
            for one in unit.documents.select(state=UNSENT):
                unit.documents.change(one, next_at=None)
        walk(place, ORDER, "1.edi")
        assert sent(place) == wanted, n
        whole(place)
    pytest.fail("it never came through")


GOOD = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
AGAIN = GOOD.replace(b"4500012001", b"4500012099").replace(b"000000101", b"000000999")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB of its own."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk can be mounted by root only")
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "edi-test", str(folder)], check=False)
    if done.returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk of `folder` until `leave` bytes are free; give the file that takes the room."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free
    with suppress(OSError):  # a daemon that writes meanwhile takes some of it: full it is all the same
        ballast.write_bytes(b"x" * max(free - leave, 0))
    return ballast


@contextmanager
def service(daemon: Daemon) -> Iterator[None]:
    """A daemon in a thread, as a service runs it."""
    configure_log(json_lines=True)
    runner = threading.Thread(target=lambda: daemon.run(once=False))
    runner.start()
    try:
        yield
    finally:
        daemon.stop()
        runner.join(30)
    assert not runner.is_alive()


def wait(enough: Callable[[], bool], patience: float = 60.0) -> None:
    until = time.monotonic() + patience
    while not enough():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


@pytest.mark.servers
@pytest.mark.fault("H2")
@pytest.mark.parametrize("leave", [0, 40_960, 131_072])
def test_a_daemon_on_a_full_disk_fetches_nothing_says_so_once_and_goes_on_alone(small: Path, leave: int) -> None:
    home = make_home(small / "home")
    settings = Settings(home, f"sqlite:///{home / 'store.db'}")
    given, taken = home / "mailbox" / "out", home / "mailbox" / "in"
    with opened(settings) as place:

        def cases() -> list[str]:
            with place.office().ledger.reading() as unit:
                return [case.subject for case in unit.cases.select(state="OPEN")]

        daemon = Daemon(place)
        with service(daemon):
            (small / "1.edi").write_bytes(GOOD)
            (small / "1.edi").rename(given / "1.edi")
            wait(lambda: len(list(taken.glob("*.edi"))) == 4)
            (small / "2.edi").write_bytes(AGAIN)
            ballast = fill(small, leave)
            wait(daemon.disks.short)
            (small / "2.edi").rename(given / "2.edi")
            time.sleep(2.5)  # two polls
            assert [path.name for path in given.glob("*.edi")] == ["2.edi"]
            assert len(list(taken.glob("*.edi"))) == 4
            told = [one.code for one in doctor(settings).findings if one.code.startswith("system.disk")]
            assert told == ["system.disk"]
            if leave > 100_000:  # there was room for the case
                wait(lambda: cases() == ["lane:disk"])
            ballast.unlink()
            wait(lambda: len(list(taken.glob("*.edi"))) == 8 and cases() == [])
        assert audit(place.store) == ()


@pytest.mark.fault("H3")
@pytest.mark.parametrize("at", [4, 6, 9])
def test_an_fsync_that_fails_ends_the_daemon_and_the_next_one_takes_up_the_work(tmp_path: Path, at: int) -> None:
    """The n-th commit of a daemon is told that it was not kept: no second question, an end with an error."""
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "1.edi").write_bytes(GOOD)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    run_once(make_home(tmp_path / "other"), url)  # the store is there
    program = (sys.executable, "-c", BREAKING.format(at=at))
    done = subprocess.run(
        [*program, "run", "--home", str(home), "--db", url],
        capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "could not keep what was written" in done.stderr
    commits = [line for line in done.stderr.splitlines() if line.startswith("commit ")]
    assert len(commits) == at, "after the one that was not kept, none is tried"
    run_once(home, url)
    with opened(Settings(home, url)) as place:
        assert audit(place.store) == ()
    assert len(list((home / "mailbox" / "in").glob("*.edi"))) == 4


BREAKING = """
import sys
from edi_engine.store import ledger
from tests.faults.disk import no_fsync

whole, count = ledger._commit, 0

def commit(connection):
    global count
    if connection.engine.url.database is None:  # the examples of partners are tried in memory
        return whole(connection)
    count += 1
    print("commit", count, file=sys.stderr, flush=True)
    if count == {at}:
        no_fsync()
    whole(connection)

ledger._commit = commit
from edi_engine.cli import main
main()
"""
