"""A connection's sessions: never more than allowed, and everybody gets in some time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.app import doors
from edi_engine.app.doors import Doors
from edi_engine.partners.connection import Connection, Delivery, Intake, SftpPlace

PLACE = SftpPlace("sftp.example", "us", "key", ("SHA256:x",))


def connection(sessions: int, *, folder: str | None = None) -> Connection:
    sftp = PLACE if folder is None else None
    return Connection("one", sftp, folder, Intake("/out"), Delivery("/in"), timedelta(minutes=5), sessions)


def test_one_session_is_shared_in_turns() -> None:
    one, at = connection(1), Doors()
    assert at.enter(one, "receive") == 1
    assert at.enter(one, "deliver") == 0
    at.leave(one, 1)
    assert at.enter(one, "receive") == 0  # the other one was turned away before
    assert at.enter(one, "deliver") == 1
    at.leave(one, 1)
    assert at.enter(one, "receive") == 1


def test_several_are_taken_as_far_as_they_go() -> None:
    one, at = connection(4), Doors()
    assert at.enter(one, "deliver") == 1
    assert at.enter(one, "receive", wanted=4) == 3
    at.leave(one, 3)
    at.leave(one, 1)
    assert at.enter(one, "receive", wanted=4) == 4


def test_who_never_comes_again_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    one, at = connection(1), Doors()
    at.enter(one, "receive")
    assert at.enter(one, "deliver") == 0
    at.leave(one, 1)
    later = doors.time.monotonic() + doors.NEXT_FOR + 1
    monkeypatch.setattr(doors.time, "monotonic", lambda: later)
    assert at.enter(one, "receive") == 1


def test_a_folder_of_this_machine_has_no_door() -> None:
    here, at = connection(1, folder="/srv/edi"), Doors()
    assert [at.enter(here, who, wanted=2) for who in ("receive", "deliver")] == [2, 2]
    at.leave(here, 2)


def test_of_an_edition_that_allows_fewer_now_nobody_is_thrown_out() -> None:
    at = Doors()
    assert at.enter(connection(4), "receive", wanted=4) == 4
    assert at.enter(connection(1), "deliver") == 0
    at.leave(connection(1), 4)
    assert at.enter(connection(1), "deliver") == 1
