"""The process that the machine kills: the one that it means, and no person who works beside it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from edi_engine.runtime.lanes import Drained
from tests.machine.machine import Machine
from tests.machine.place import Killed, Marked, Process, Trouble


def test_only_the_process_itself_is_killed_where_it_was_told_to_die() -> None:
    process = Process()
    process.at = "decide.decided:after"
    process.beside(lambda: process.reach("decide.decided:after"))
    process.beside(lambda: (process.beside(lambda: None), process.reach("decide.decided:after"))[0])
    with pytest.raises(Killed):
        process.reach("decide.decided:after")


def test_a_process_that_is_killed_leaves_its_note_and_one_that_breaks_does_not(tmp_path: Path) -> None:
    process = Process()
    hand = Marked(tmp_path, process)
    for kills in (1, 2):
        process.dead, process.left = False, 0
        with pytest.raises(Killed), hand.on("set:1"):
            process.reach("judge.booked:after")
        assert (tmp_path / "set-1").read_text() == str(kills)
    process.dead, process.left = False, None
    with pytest.raises(ZeroDivisionError), hand.on("set:1"):
        raise ZeroDivisionError
    assert not hand.left("set:1")


def test_a_kill_that_something_swallows_is_told() -> None:
    machine = Machine()
    try:
        machine.begin(0, 0)
        name, process = next(iter(machine.engine.lanes)), machine.process

        def swallowing() -> Drained:
            with suppress(Killed):
                process.reach("judge.booked:after")
            return Drained()

        machine.engine.lanes[name] = replace(machine.engine.lanes[name], drain=swallowing)
        with pytest.raises(AssertionError, match="went on"):
            machine.engine.act([name], Trouble(kill=0))
    finally:
        machine.process.dead = False
        machine.teardown()


def test_what_a_person_does_is_not_killed_in_place_of_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    try:
        machine.begin(0, 0)
        machine.process.at = "decide.decided:after"
        monkeypatch.setattr(machine, "decide", lambda *_: machine.process.reach("decide.decided:after"))
        machine.step("decide", 0, 0, (None, None, 1, 1, "", 0))
        assert machine.process.at
    finally:
        machine.teardown()
