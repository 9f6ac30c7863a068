"""Exchanges over folders of this machine: woken by what comes there; what is missing is told, and never made."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from edi_engine.app.daemon import Daemon
from edi_engine.app.lanes import watched_folders
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace, opened
from tests.fixtures.exchange import order
from tests.fixtures.homes import LOCAL, make_home, run_once

SELDOM = LOCAL.replace("every: 1 s", "every: 1 h")


@contextmanager
def running(home: Path) -> Iterator[Workplace]:
    with opened(Settings(home, f"sqlite:///{home / 'edi.db'}")) as place:
        daemon = Daemon(place)
        thread = threading.Thread(target=lambda: daemon.run(once=False))
        thread.start()
        try:
            yield place
        finally:
            daemon.stop()
            thread.join(20)


def wait_for(true: Callable[[], bool], seconds: float) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + seconds, "it did not come about"
        time.sleep(0.05)
    return time.monotonic() - begun


def files(place: Workplace) -> list[str]:
    with place.office().ledger.reading() as unit:
        return [one.state for one in unit.files.select()]


def test_a_file_is_taken_when_it_comes_however_seldom_the_folder_is_looked_at(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", SELDOM)
    with running(home) as place:
        time.sleep(0.6)  # the first look, at nothing
        assert files(place) == []
        (home / "mailbox" / "out" / "a.edi").write_bytes(order(1))
        assert wait_for(lambda: files(place) == ["DONE"], 10) < 5
        wait_for(lambda: len(list((home / "mailbox" / "in").glob("BB_*"))) >= 1, 10)


def test_the_folders_that_are_watched_are_those_that_are_read(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", LOCAL.replace("folder: out,", "folder: [out, /late],"))
    with opened(Settings(home, "sqlite://")) as place:
        assert watched_folders(place) == {
            home / "mailbox" / "out": "poll:bluebird-sftp",
            home / "mailbox" / "late": "poll:bluebird-sftp",
        }


@pytest.mark.parametrize("missing", ["mailbox", "mailbox/out", "mailbox/in"])
def test_a_folder_that_is_missing_is_a_case_and_not_made(
    tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr("edi_engine.flow.deliver.FIRST_RETRY", timedelta(milliseconds=10))
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "a.edi").write_bytes(order(1))
    aside = tmp_path / "aside"
    shutil.move(home / missing, aside)
    db = f"sqlite:///{home / 'edi.db'}"

    def look(place: Workplace) -> None:
        with place.office().ledger.reading() as unit:
            (case,) = unit.cases.select(state="OPEN")
        code = {"mailbox": "transport.connect", "mailbox/out": "transport.listing", "mailbox/in": "document.deliver"}
        assert case.kind == code[missing]
        assert (home / missing).name in case.title

    run_once(home, db, look)
    assert not (home / missing).exists()
    shutil.move(aside, home / missing)
    run_once(home, db, lambda place: time.sleep(0))
    assert len(list((home / "mailbox" / "in").glob("BB_*"))) == 4
    with opened(Settings(home, db)) as place, place.office().ledger.reading() as unit:
        assert not unit.cases.select(state="OPEN")
