"""Two daemons by mistake, and a frozen one that wakes up after another took over: late writes change nothing."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from edi_engine.store.place import _POSTGRES
from tests.crash.conftest import Begin
from tests.crash.day import po_number, wait_until
from tests.crash.judge import Judge, audited, judge_store, settle
from tests.crash.partner import Partner, left_by
from tests.fixtures.trading import interchange
from tests.fixtures.trading import order as body

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600), pytest.mark.fault("A20")]

FROZEN_WRITER = 2
"""Seconds that PostgreSQL lets a frozen writer hold a row here; 10 in earnest."""

OUTSIDE = (
    "pickup.fetch:before", "pickup.fetch:after", "pickup.clear:before", "pickup.clear:after",
    "deliver.uploading:after", "deliver.put:before", "deliver.put:after", "deliver.rename:before",
    "deliver.rename:after",
)  # fmt: skip
"""Between two commits: the next one finds that the lane belongs to another drain, or that its session was ended."""

INSIDE = (
    "pickup.stored:before", "interpret.opened:before", "judge.booked:before", "deliver.sent:before",
    "deliver.confirmed:before",
)  # fmt: skip
"""In the middle of a commit, of which PostgreSQL ends the session: nothing of it may be there."""


QUICK_TO_CUT_OFF = {
    "edi_engine.store.place._POSTGRES": {**_POSTGRES, "idle_in_transaction_session_timeout": f"{FROZEN_WRITER}s"}
}
"""PostgreSQL ends the session of a frozen daemon soon, so that no test need wait for it; not that of a test itself."""


@pytest.fixture
def shared(postgres_databases):
    name, url = postgres_databases.make_with_tables()
    yield url
    postgres_databases.drop(name)


def test_a_second_daemon_on_a_sqlite_store_is_refused(begin: Begin, tmp_path: Path) -> None:
    day = begin(f"sqlite:///{tmp_path / 'store.db'}")
    first = day.start()
    first.wait_for('"started"')
    for frozen in (False, True):
        if frozen:
            first.freeze()
        second = day.start()
        assert second.ended() == 2
        assert f"a daemon runs on this store already (process {first.pid})" in second.said()
    other = begin(day.db, "other", mailbox=day.mailbox)
    third = other.start()
    assert third.ended() == 2
    assert "a daemon runs on this store already" in third.said()
    first.thaw()
    day.drop(1)
    settle(day)
    first.stop()
    judge_store(day)


@pytest.mark.servers
def test_two_daemons_on_one_postgresql_store(begin: Begin, shared: str, judge: Judge, figures: Counter[str]) -> None:
    """Each names the store in its own way. Now one, now the other is frozen, and comes back when it went on alone."""
    day = begin(shared)
    day.planted = QUICK_TO_CUT_OFF
    other = day.beside(named_otherwise(shared))
    moment = random.Random(3)
    partner = Partner(day, seed=3, pause=0.4, most=40)
    daemons = [day.start(), other.start()]
    for daemon in daemons:
        daemon.wait_for('"started"')
    partner.start()
    for number in range(10):
        frozen = daemons[number % 2]
        time.sleep(moment.uniform(0, 0.6))
        frozen.freeze()
        time.sleep(FROZEN_WRITER + moment.uniform(0.2, 1.0))
        frozen.thaw()
        audited(day)
    partner.leave()
    wait_until(partner.everything, 900, "documents are missing")
    settle(day, acknowledged=True)
    for daemon in daemons:
        daemon.stop()
    partner.rest()
    judge(day, partner.taken, twice=partner.twice, acknowledged=True, frozen=True)
    figures["freezes at random"] += 10


@pytest.mark.servers
def test_frozen_at_a_point_and_taken_over(begin: Begin, shared: str, judge: Judge, figures: Counter[str]) -> None:
    """A daemon is frozen at a point, another one does all of its work, then the first wakes up: too late."""
    day = begin(shared)
    day.planted = QUICK_TO_CUT_OFF
    other = day.beside(named_otherwise(shared))
    partner = Partner(day)
    fenced: set[str] = set()
    second = other.start()
    second.wait_for('"started"')
    second.freeze()
    for point in OUTSIDE + INSIDE:
        partner.drop_next()
        first = day.start(EDI_CRASH_NAME=point, EDI_CRASH_SIGNAL="STOP")
        wait_until(first.frozen, 180, lambda point=point, first=first: f"{point} was not reached: {first.said()}")
        second.thaw()
        settle(day, acknowledged=True, meanwhile=partner.take)  # the second takes over
        second.freeze()
        audited(day)
        first.thaw()
        wait_until(
            lambda first=first: bool(failed(first.said())),
            120,
            partial(lambda point, first: f"{point}: {first.stacks()}", point, first),
        )
        fenced |= fenced_off(first.said())
        first.stop()
        audited(day)
    second.kill()
    assert day.run() == 0
    partner.take()
    judge(day, partner.taken, twice=partner.twice, acknowledged=True, frozen=True)
    # `work` may be between two commits at that moment, or not: tests/unit/app/test_fences.py
    assert {lane.partition(":")[0] for lane in fenced} >= {"poll", "send"}
    figures["freezes at a point"] += len(OUTSIDE + INSIDE)


@pytest.mark.servers
def test_a_command_that_was_frozen_wakes_up_too_late(begin: Begin, shared: str, figures: Counter[str]) -> None:
    """No fence stops what a person runs: of twelve sets it booked ten and froze; the daemon did the others."""
    day = begin(shared)
    given = day.home / "given.edi"
    given.write_bytes(interchange(*(body(po_number(number)) for number in range(1, 13)), control=77))
    point = {"EDI_CRASH_NAME": "judge.booked:after", "EDI_CRASH_SIGNAL": "STOP"}
    command = day.start("process", str(given), "--out", str(day.home / "answers"), **point)
    wait_until(command.frozen, 180, lambda: f"judge.booked was not reached: {command.said()}")
    assert day.run() == 0
    with day.reading() as unit:
        done, history = unit.sets.select(), unit.events.select()
        assert {one.state for one in done} == {"APPLIED"}
    audited(day)
    command.thaw()
    assert command.ended() == 0, command.said()
    with day.reading() as unit:
        new = unit.events.select(after=history[-1].id)
        assert [one for one in new if not one.subject.startswith("document:")] == []  # it may deliver what waits
    assert day.run() == 0
    audited(day, deep=True)
    with day.reading() as unit:
        assert unit.sets.select() == done
        assert sorted(one.po_number for one in unit.orders.select()) == [po_number(number) for number in range(1, 13)]
        assert unit.cases.count(state="OPEN") == 0
        kinds = Counter(one.kind for one in unit.documents.select())
        assert kinds == {"997": 1} | dict.fromkeys(("855", "856", "810", "erp-json", "erp-xml"), 12)
        told = Counter(one.subject for one in unit.events.select(what="order booked"))
        assert set(told.values()) == {1}
    figures["freezes of a command"] += 1


def test_what_is_held_while_the_daemon_is_frozen_does_not_go(
    begin: Begin, tmp_path: Path, figures: Counter[str]
) -> None:
    """The daemon knows what it is to send, and freezes at the first; a person holds the last one back."""
    day = begin(f"sqlite:///{tmp_path / 'store.db'}")
    day.drop(1)
    inbox, away = day.mailbox / "in", day.mailbox / "away"
    inbox.rename(away)
    day.edi("run", "--once", expect={5})  # all is written, and nothing can be delivered
    away.rename(inbox)
    day.ahead += 3600  # nothing rests any more after that failure
    daemon = day.start("run", "--once", EDI_CRASH_NAME="deliver.put:before", EDI_CRASH_SIGNAL="STOP")
    wait_until(daemon.frozen, 180, lambda: f"deliver.put was not reached: {daemon.said()}")
    with day.reading() as unit:
        waiting = unit.documents.select(connection="bluebird-sftp", state="READY")
    assert len(waiting) == 3, daemon.said()
    last = waiting[-1]
    day.edi("outbox", "hold", str(last.id), "--why", "the truck broke down")
    daemon.thaw()
    assert daemon.ended() == 0, daemon.said()
    with day.reading() as unit:
        held = unit.documents.get(last.id)
    assert (held.state, held.held_at is None) == ("READY", False)
    assert last.name not in left_by(day)
    day.edi("outbox", "release", str(last.id))
    assert day.run() == 0
    assert len(left_by(day)) == 4
    judge_store(day)
    figures["freezes while a person holds"] += 1


def named_otherwise(url: str) -> str:
    """Give another address of the same store."""
    return f"{url}{'&' if '?' in url else '?'}application_name=other"


def failed(said: str, words: str = "") -> set[str]:
    """Give the lanes of which a drain failed or gave way, and said these words."""
    lines = [line for line in said.splitlines() if words in line and re.search("drain (failed|gave way)", line)]
    return {found[1] for line in lines if (found := re.search(r'"lane": "([^"]+)"', line))}


def fenced_off(said: str) -> set[str]:
    """Give the lanes of which a drain found that another one had taken over."""
    return failed(said, "belongs to another drain")
