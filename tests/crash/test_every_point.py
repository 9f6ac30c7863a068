"""Kill the daemon at every crash point, one after the other, on one store: nothing is lost, nothing is doubled.

A partner drops orders into a local folder. A first, undisturbed run on a store of its own names every crash point that
such a day reaches. Then, for each name, one more file is dropped and the daemon is killed with SIGKILL at that point.
At the end it runs undisturbed, and the audit, the partner's folder and the ERP's folder are the judges.
"""

from __future__ import annotations

import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from edi_engine import __file__ as package
from tests.crash.conftest import Begin
from tests.crash.day import CONNECTIONS, Day
from tests.crash.judge import judge_documents, judge_store, undisturbed
from tests.crash.partner import left_by, unfinished

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1500), pytest.mark.fault("H1", "G1")]

UNREACHED = {
    "bug.kept": "only after a bug of ours",
    "clock.fired": "falls due after a day",
    "connection.gone": "documents wait for a connection that was taken away",
    "connection.recovered": "after the connection failed",
    "deliver.parked": "another file has our document's name",
    "deliver.postponed": "the connection fails",
    "deliver.refused": "the server refuses to write a document under its final name",
    "desk.assigned": "a person gives a case to somebody",
    "desk.booked": "a held set is retried by a person",
    "desk.held": "a person holds a document back",
    "desk.released": "a person lets a held document go",
    "desk.reopened": "a person retries",
    "desk.resent": "a person sends a document again",
    "desk.resolved": "a person decides: test_killed_while_a_person_decides",
    "desk.snoozed": "a person lets a case rest",
    "edition.refused": "a partner file is broken",
    "edition.sound": "one commit of its own, of a case alone",
    "fulfil.held": "a shipment or invoice that may not be sent",
    "fulfil.planned": "what is due of an order leaves on a later day, or only when somebody names it",
    "interpret.reopened": "a quarantined interchange is retried",
    "judge.bug": "only after a bug of ours",
    "lane.failed": "only after a bug of ours",
    "lane.recovered": "only after a bug of ours",
    "pickup.alone": "a file that no pattern wants has stood for an hour",
    "pickup.clear-failed": "the partner denies the move",
    "pickup.gone": "the partner takes a file back",
    "pickup.name": "a name that no folder can hold",
    "pickup.partial": "a file that changes while it is fetched",
    "pickup.size": "a file over the limit",
    "poll.trouble": "the connection fails",
    "receive.stored": "a file given at a terminal",
}
"""Commits that an ordinary day does not make, and when they are made. Each is one commit of the kinds killed here."""


@pytest.mark.fault("H1")
def test_killed_at_every_point(begin: Begin, empty_url: str, tmp_path: Path, figures: Counter[str]) -> None:
    scout = begin(f"sqlite:///{tmp_path / 'scout.db'}", "scout")
    scout.drop(1)
    scout.drop(2, held=True)
    names = scout.points()
    assert commits_in_the_code() - {name.partition(":")[0] for name in names} <= UNREACHED.keys()
    day = begin(empty_url)
    killed: list[str] = []
    for number, name in enumerate(names, start=1):
        day.drop(number, held=number % 7 == 0)
        if day.run(EDI_CRASH_NAME=name) == -signal.SIGKILL:
            killed.append(name)
    day.drop(len(names) + 1)
    assert day.run() == 0
    assert day.run() == 0  # and once more: nothing happens twice
    judge(day, figures)
    assert killed == names
    figures[f"kills at every point on {day.kind}"] += len(killed)


def commits_in_the_code() -> set[str]:
    """Give the name of every commit: each `unit("name")` in the package."""
    return {
        name
        for path in Path(package).parent.rglob("*.py")
        for name in re.findall(r"\.unit\(\s*\"([a-z]+\.[a-z-]+)\"\)", path.read_text())
    }


@pytest.mark.fault("H1")
@pytest.mark.parametrize("point", ["desk.resolved:before", "desk.resolved:after"])
def test_killed_while_a_person_decides(begin: Begin, store_url: str, point: str, figures: Counter[str]) -> None:
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
def test_killed_while_handing_over(begin: Begin, tmp_path: Path, manner: str, figures: Counter[str]) -> None:
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
    judge(day, figures)
    figures[f"kills while handing over ({manner})"] += len(names)


def judge(day: Day, figures: Counter[str]) -> None:
    """Hold the store beside what was dropped, and the partner's folder beside an undisturbed run, byte by byte."""
    judge_store(day)
    lost, doubled = judge_documents(left_by(day), undisturbed(day.home.with_name("undisturbed"), day.dropped))
    figures["lost"] += lost
    figures["doubled"] += doubled
    assert (lost, doubled) == (0, 0)
    assert unfinished(day) == []
    done = {path.stem for path in (day.mailbox / "in").glob("*.done")}
    assert done in (left_by(day).keys(), set())
