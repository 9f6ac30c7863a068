"""Kill the daemon at every crash point of an ordinary day, on one store: nothing is lost, nothing is doubled.

A partner drops orders into a local folder. A first, undisturbed run on a store of its own names every crash point that
such a day reaches. Then, for each name, one more file is dropped and the daemon is killed with SIGKILL at that point.
At the end it runs undisturbed, and the audit, the partner's folder and the ERP's folder are the judges. The points that
no ordinary day reaches are in test_bad_day.py.
"""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.conftest import Begin
from tests.crash.day import CONNECTIONS, Day
from tests.crash.judge import Judge, judge_store
from tests.crash.partner import left_by

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600), pytest.mark.fault("H1", "G1")]


@pytest.mark.fault("H1")
def test_killed_at_every_point(
    begin: Begin, empty_url: str, tmp_path: Path, judge: Judge, figures: Counter[str]
) -> None:
    scout = begin(f"sqlite:///{tmp_path / 'scout.db'}", "scout")
    scout.drop(1)
    scout.drop(2, held=True)
    names = scout.points()
    day = begin(empty_url)
    killed: list[str] = []
    for number, name in enumerate(names, start=1):
        day.drop_usual(number)
        if day.run(EDI_CRASH_NAME=name) == -signal.SIGKILL:
            killed.append(name)
    day.drop_usual(len(names) + 1)
    assert day.run() == 0
    assert day.run() == 0  # and once more: nothing happens twice
    look_over(day, judge)
    assert killed == names
    figures[f"points on {day.kind}"] += len(killed)
    figures[f"kills at each point of an ordinary day on {day.kind}"] += len(killed)


@pytest.mark.fault("H1")
@pytest.mark.parametrize("point", ["desk.resolved:before", "desk.resolved:after"])
def test_killed_while_a_person_decides(
    begin: Begin, store_url: str, point: str, judge: Judge, figures: Counter[str]
) -> None:
    day = begin(store_url)
    day.drop(1, held=True)
    assert day.run() == 0
    decide = ("exceptions", "resolve", "1", "accept-theirs", "--commit")
    assert day.edi(*decide, EDI_CRASH_NAME=point) == -signal.SIGKILL
    again = day.edi(*decide, expect={0, 2})  # decided already where the kill came after the commit
    assert again == (0 if point.endswith("before") else 2)
    assert day.run() == 0
    day.dropped[1] = False
    judge_store(day)
    figures["kills while a person decides"] += 1


@pytest.mark.fault("G1", "H1")
@pytest.mark.parametrize("manner", ["direct", "done-file"])
def test_killed_while_handing_over(
    begin: Begin, tmp_path: Path, manner: str, judge: Judge, figures: Counter[str]
) -> None:
    by = CONNECTIONS.replace('deliver: rename, temporary: ".part"', f"deliver: {manner}")
    assert by != CONNECTIONS
    scout = begin(f"sqlite:///{tmp_path / 'scout.db'}", "scout", connections=by)
    scout.drop(1)
    names = [name for name in scout.points() if name.startswith("deliver.")]
    assert ("deliver.done:before" in names) == (manner == "done-file")
    day = begin(f"sqlite:///{tmp_path / 'home.db'}", connections=by)
    for number, name in enumerate(names, start=1):
        day.drop(number)
        assert day.run(EDI_CRASH_NAME=name) == -signal.SIGKILL, name
        assert day.run() == 0
        for case in day.unknown():  # killed between the note and the write: a person says that they have nothing
            assert manner == "direct"
            day.edi("exceptions", "retry", str(case))
        assert day.run() == 0
    look_over(day, judge)
    figures[f"kills while handing over ({manner})"] += len(names)


def look_over(day: Day, judge: Judge) -> None:
    """Hold everything beside an undisturbed run; and each document that stands whole is told as whole."""
    judge(day, left_by(day))
    done = {path.stem for path in (day.mailbox / "in").glob("*.done")}
    assert done in (left_by(day).keys(), set())
