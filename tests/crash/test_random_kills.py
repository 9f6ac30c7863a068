"""SIGKILL at a random moment of a daemon that trades with a live partner, again and again on one store."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from tests.crash.conftest import Begin
from tests.crash.day import Day, wait_until
from tests.crash.judge import Judge, audited, settle
from tests.crash.partner import Partner, expected

pytestmark = [pytest.mark.crash, pytest.mark.fault("H1")]

KILLS = int(os.environ.get("EDI_CRASH_KILLS", "60"))
SEED = int(os.environ.get("EDI_CRASH_SEED", "5"))


@pytest.mark.timeout(3600)
def test_60_kills_at_random(begin: Begin, empty_url: str, judge: Judge, figures: Counter[str]) -> None:
    trade_and_kill(begin(empty_url), 60, judge, figures)


@pytest.mark.crash_long
@pytest.mark.timeout(0)
def test_many_kills_at_random(begin: Begin, empty_url: str, judge: Judge, figures: Counter[str]) -> None:
    trade_and_kill(begin(empty_url), KILLS, judge, figures)


def trade_and_kill(day: Day, kills: int, judge: Judge, figures: Counter[str]) -> None:
    moment = random.Random(SEED)
    partner = Partner(day, seed=SEED, most=2)
    partner.start()
    for number in range(kills):
        partner.most = 2 * number + 2
        daemon = day.start()
        if number % 3:  # two of three trade already; one is still about to open its store and to see what was left
            daemon.wait_for('"started"')
        time.sleep(moment.uniform(0, 0.8))
        assert daemon.alive, daemon.said()
        daemon.kill()
        audited(day)
    partner.leave()
    last = day.start()
    last.wait_for('"started"')
    wait_until(
        lambda: retry_put_aside(day, figures) and partner.everything(),
        900,
        lambda: f"{len(partner.taken)} of {expected(day.dropped)}; {day.told()}",
        pause=0.5,
    )
    settle(day, acknowledged=True)
    last.stop()
    partner.rest()
    assert len(day.dropped) >= kills, "the partner has dropped too little for the kills to meet anything"
    figures[f"kills at random on {day.kind}"] += kills
    judge(day, partner.taken, twice=partner.twice, acknowledged=True)


def retry_put_aside(day: Day, figures: Counter[str]) -> bool:
    """Do what a person does about an order that was in hand at three kills: such a thing waits for one."""
    for case in day.put_aside():
        day.edi("exceptions", "retry", str(case), expect={0, 1})  # 1: its price holds it then
        figures["orders put aside, and retried"] += 1
    return True
