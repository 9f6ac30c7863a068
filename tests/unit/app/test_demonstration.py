"""The demo, twice in one folder: honest numbers, new orders the second time, commands that can be copied."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import structlog

from edi_engine.app import demo_places, demonstration
from edi_engine.app.demonstration import DemoReport, demo
from edi_engine.app.settings import Settings, program
from edi_engine.app.workplace import opened
from edi_engine.cli.trade import told
from edi_engine.errors import UsageError
from tests.fixtures.homes import PROGRAM

SMALL = tuple(
    replace(place, kinds={name: replace(kind, clean=2) for name, kind in place.kinds.items()})
    for place in demo_places.PLACES
)


@dataclass
class Shown:
    """Two runs of the demo in the folder `edi-demo` of `here`, two clean orders of each and no time to settle."""

    here: Path
    first: DemoReport
    second: DemoReport
    said: list[str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    here = tmp_path_factory.mktemp("demo")
    said: list[str] = []
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.delenv("EDI_DB", raising=False)
        patch.setattr(sys, "argv", ["edi"])
        patch.setattr(demo_places, "PLACES", SMALL)
        patch.setattr(demonstration, "PLACES", SMALL)
        patch.setattr(demo_places, "_CONNECTION", demo_places._CONNECTION.replace("settle: 1 s", "settle: 0 s"))
        first = demo(Path("edi-demo"), said.append)
        second = demo(Path("edi-demo"), said.append)
        yield Shown(here, first, second, said)
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


def test_everything_is_answered_and_nobody_complains(shown: Shown) -> None:
    for report in (shown.first, shown.second):
        assert report.finished
        assert report.problems == report.audit == ()


def test_files_with_orders_and_acknowledgments_are_counted_apart(shown: Shown) -> None:
    for report in (shown.first, shown.second):
        assert report.order_files == sum(one.files_sent for one in report.retailers)
        assert report.acknowledgment_files == sum(one.acknowledgments_sent for one in report.retailers)
        assert report.files == report.order_files + report.acknowledgment_files
        assert {one.sent for one in report.documents if one.expects_response} == {
            one.accepted for one in report.documents if one.expects_response
        }
    assert any("of 37 files with orders picked up" in line for line in shown.said)


def test_the_second_run_brings_new_orders_beside_those_of_the_first(shown: Shown) -> None:
    first, second = shown.first, shown.second
    assert not first.again
    assert (first.new_orders, first.new_files) == (first.orders, first.order_files)
    assert second.again
    assert (second.new_orders, second.new_files) == (first.orders, first.order_files)
    assert second.orders == 2 * first.orders
    invoiced = dict(second.orders_by_state)["INVOICED"]
    assert invoiced == 2 * dict(first.orders_by_state)["INVOICED"]
    text = "\n".join(told(second, 0))
    assert f"This run brought {first.orders} orders in 37 files; the table counts all runs" in text
    assert "This run brought" not in "\n".join(told(first, 0))


def test_what_a_reader_changed_is_kept(shown: Shown) -> None:
    assert not list((shown.here / "edi-demo").glob(".*.unfinished"))
    assert (shown.here / "edi-demo" / "partners" / "bluebird" / "examples").is_dir()


def test_the_next_commands_work_as_they_are_printed(shown: Shown) -> None:
    list_, resolve, timeline = shown.second.next_commands
    assert list_ == "edi --home edi-demo exceptions list"
    assert resolve.startswith("edi --home edi-demo exceptions resolve ")
    assert resolve.endswith(" accept-theirs")
    assert timeline.startswith("edi --home edi-demo orders timeline ")
    environment = {key: value for key, value in os.environ.items() if key not in {"EDI_DB", "EDI_HOME"}}
    for command, words in ((list_, "order.price"), (resolve, "What changes for the partner"), (timeline, "invoiced")):
        called = [*PROGRAM, *shlex.split(command)[1:]]
        done = subprocess.run(
            called, cwd=shown.here, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        assert words in done.stdout


def test_a_store_named_for_other_commands_is_named_in_these(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDI_DB", "sqlite:///elsewhere.db")
    monkeypatch.chdir(shown.here)
    home = shown.first.folder
    with opened(Settings(home, f"sqlite:///{home}/edi.db")) as place, place.office().ledger.reading() as unit:
        (command, *_) = demonstration._next(place.settings, (), unit.orders.select(limit=1))
    assert command == f"edi --home edi-demo --db sqlite:///{home}/edi.db exceptions list"


def test_two_demos_at_once_in_one_folder(shown: Shown) -> None:
    from edi_engine.app.alone import alone

    home = shown.first.folder
    with alone(Settings(home, f"sqlite:///{home}/edi.db")), pytest.raises(UsageError, match="runs on this store"):
        demo(home, shown.said.append)


def test_how_this_program_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    edi = folder / "edi"
    edi.write_text("#!/bin/sh\n")
    edi.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(edi), "demo"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program() == ".venv/bin/edi"
    monkeypatch.chdir(tmp_path / ".venv")
    assert program() == "bin/edi"
    monkeypatch.chdir("/")
    assert program() == str(edi).lstrip("/") or program() == str(edi)
    monkeypatch.setenv("PATH", str(folder))
    assert program() == "edi"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert program() == "edi"
