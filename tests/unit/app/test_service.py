"""The daemon as a process of its own: one on a store, an orderly end, JSON lines, edits taken over while it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edi_engine.app.alone import alone, running
from edi_engine.app.daemon import Daemon
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace, opened
from edi_engine.errors import UsageError
from edi_engine.resources import shipped
from edi_engine.runtime import embedded
from edi_engine.store.audit import audit
from tests.fixtures.homes import PROGRAM, make_home

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


def order(number: int) -> bytes:
    return ORDER.replace(b"4500012001", b"45%08d" % number).replace(b"000000101", b"%09d" % number)


class Service:
    """`edi run` on a home; `said` are the lines of its log."""

    def __init__(self, home: Path) -> None:
        self.home = make_home(home)
        self.settings = Settings(home, f"sqlite:///{home / 'store.db'}")
        self.log = home / "log"

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [*PROGRAM, "--home", str(self.home), "--db", self.settings.db, "run", *words]
        with self.log.open("wb") as log:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        try:
            self.wait_for(lambda: "started" in self.events(), "it started")
            yield process
        finally:
            process.kill()
            process.wait(10)

    def once(self) -> int:
        command = [*PROGRAM, "--home", str(self.home), "--db", self.settings.db, "run", "--once"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        self.log.write_bytes(done.stderr)
        return done.returncode

    def drop(self, *numbers: int) -> None:
        for number in numbers:
            (self.home / "mailbox" / "out" / f"po{number:05d}.edi").write_bytes(order(number))

    def said(self) -> list[dict[str, Any]]:
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.said() if line["event"] != "history"]

    def history(self) -> list[str]:
        return [line["what"] for line in self.said() if line["event"] == "history"]

    def wait_for(self, true: Callable[[], bool], what: str, seconds: float = 60.0) -> float:
        started = time.monotonic()
        while not true():
            assert time.monotonic() - started < seconds, f"not in time: {what}; {self.log.read_text()}"
            time.sleep(0.02)
        return time.monotonic() - started

    @contextmanager
    def store(self) -> Iterator[Workplace]:
        with opened(self.settings) as place:
            yield place


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "home")


@pytest.mark.fault("H14")
def test_told_to_stop_in_the_middle_it_leaves_nothing_half_done(service: Service) -> None:
    """H14: orders are dropped, SIGTERM comes while they are worked on, the next run finishes."""
    numbers = range(1, 81)
    service.drop(*numbers)
    with service.running() as process:
        inbox = service.home / "mailbox" / "in"
        service.wait_for(lambda: any(inbox.iterdir()), "the first answer")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert service.events()[-2:] == ["stopping", "stopped"]
    assert {"file stored", "order booked", "997 delivered"} <= set(service.history())
    assert next(line["why"] for line in service.said() if line["event"] == "stopping") == "SIGTERM"
    with service.store() as place:
        assert audit(place.store) == ()
        with place.office().ledger.reading() as unit:
            done = unit.orders.count(state="INVOICED")
    assert done < len(numbers), "the signal came too late to show anything"
    assert service.once() == 0
    with service.store() as place:
        assert audit(place.store) == ()
        with place.office().ledger.reading() as unit:
            assert unit.orders.count(state="INVOICED") == unit.orders.count() == len(numbers)
            assert unit.documents.count() == unit.documents.count(state="CONFIRMED")
    assert len(list(inbox.glob("*.edi"))) == 4 * len(numbers)


def test_ctrl_c_ends_an_idle_daemon_and_a_second_one_is_refused_in_a_sentence(service: Service) -> None:
    with service.running() as process:
        other = subprocess.run(
            [*PROGRAM, "--home", str(service.home.parent), "--db", service.settings.db, "run"],
            capture_output=True,
            timeout=20,
            check=False,
            text=True,
        )
        assert other.returncode == 2
        assert other.stderr.startswith(f"edi: a daemon runs on this store already (process {process.pid}); ")
        assert f"`edi doctor` says how it is; to run another one, end it first (kill {process.pid}," in other.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert service.events() == ["started", "stopping", "stopped"]


def test_an_edit_is_taken_over_and_a_fault_is_refused_while_it_runs(service: Service) -> None:
    table = service.home / "partners" / "bluebird" / "tables" / "items.csv"
    text = table.read_text()
    with service.running() as process:
        table.write_text(text.replace("12.40", "12.60"))
        service.wait_for(lambda: "edition published" in service.events(), "the new edition")
        service.drop(1)
        inbox = service.home / "mailbox" / "in"
        service.wait_for(lambda: len(list(inbox.glob("*_855_*.edi"))) == 1, "the answer")
        table.write_text(text.replace("12.40", "12,40"))
        service.wait_for(lambda: "edition refused" in service.events(), "the refusal")
        table.write_text(text)
        service.wait_for(lambda: service.events().count("edition published") == 2, "the repaired edition")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    published = [line["edition"] for line in service.said() if line["event"] == "edition published"]
    with service.store() as place, place.office().ledger.reading() as unit:
        (found,) = unit.sets.select()
        assert str(found.edition).startswith(published[0])
        assert not unit.cases.select(state="OPEN")


@pytest.mark.fault("H11")
def test_broken_partner_files_at_the_start(service: Service) -> None:
    """Without a store there is nothing to run. With one, its last edition goes on, and the exit code tells."""
    table = service.home / "partners" / "bluebird" / "tables" / "items.csv"
    text = table.read_text()
    table.write_text(text.replace("12.40", "12;40"))
    assert service.once() == 4
    table.write_text(text)
    assert service.once() == 0
    table.write_text(text.replace("12.40", "12;40"))
    service.drop(1)
    assert service.once() == 4
    assert "edition refused" in service.events()
    with opened(service.settings, edition_in_force(service)) as place, place.office().ledger.reading() as unit:
        assert unit.orders.count(state="INVOICED") == 1
        assert [case.kind for case in unit.cases.select(state="OPEN")] == ["partner.edition"]


def edition_in_force(service: Service) -> Any:
    from edi_engine.app.workplace import last_edition

    return last_edition(service.settings)


def test_fifty_pulses_of_the_real_lanes_leak_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PULSE", 0.01)
    before = threading.active_count()
    with service.store() as place:
        daemon = Daemon(place)
        lanes = len(daemon.engine._turns)
        service.drop(1, 2)
        daemon.engine.run(until=lambda: True)
        pulse(daemon, 10)
        handles = open_handles()
        service.drop(3, 4)
        pulse(daemon, 50)
        assert threading.active_count() <= before + lanes
        assert open_handles() <= handles + 3 * lanes  # a thread that is new has a connection of its own
        assert daemon.engine.finish() == ()
        with place.office().ledger.reading() as unit:
            assert unit.orders.count(state="INVOICED") == 4
    assert threading.active_count() == before


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def pulse(daemon: Daemon, times: int) -> None:
    """Let every lane drain that often."""
    for _ in range(times):
        for turn in daemon.engine._turns.values():
            turn.due = 0.0
        daemon.engine._pulse()
        time.sleep(0.02)


@pytest.mark.fault("A20", "H13")
@pytest.mark.parametrize("url", ["sqlite:///{home}/store.db", "sqlite:///{home}/../home/store.db"])
def test_a_store_has_one_daemon_by_whatever_name(tmp_path: Path, url: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "other").symlink_to(home)
    with alone(Settings(home, f"sqlite:///{tmp_path}/other/store.db")):
        with (
            pytest.raises(UsageError, match=rf"already \(process {os.getpid()}\)"),
            alone(Settings(tmp_path, url.format(home=home))),
        ):
            pass
        with alone(Settings(home, f"sqlite:///{home}/another.db")):
            pass
    with alone(Settings(home, url.format(home=home))):
        pass


@pytest.mark.fault("A20")
def test_a_database_server_has_one_daemon_of_a_home(tmp_path: Path) -> None:
    settings = Settings(tmp_path, "postgresql://localhost/orders")
    assert running(settings) is None
    with alone(settings), pytest.raises(UsageError), alone(settings):
        pass


def test_whether_a_daemon_runs_can_be_seen(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/store.db")
    assert running(settings) is None
    with alone(settings):
        assert running(settings) == str(os.getpid())
    assert running(settings) is None
    with alone(settings):
        pass
