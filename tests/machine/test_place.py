"""The process that the machine kills: the one that it means, and no person who works beside it."""

from __future__ import annotations

import pytest

from tests.machine.machine import Machine
from tests.machine.place import Killed, Process


def test_only_the_process_itself_is_killed_where_it_was_told_to_die() -> None:
    process = Process()
    process.at = "decide.decided:after"
    process.beside(lambda: process.reach("decide.decided:after"))
    process.beside(lambda: (process.beside(lambda: None), process.reach("decide.decided:after"))[0])
    with pytest.raises(Killed):
        process.reach("decide.decided:after")


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
