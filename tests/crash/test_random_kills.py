"""SIGKILL at a random moment of a daemon that trades with a live partner, again and again on one store."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.conftest import Begin
from tests.crash.day import Day, wait_until
from tests.crash.judge import audited, judge_documents, judge_store, settle, undisturbed
from tests.crash.partner import Partner, expected, unfinished

pytestmark = [pytest.mark.crash, pytest.mark.fault("H1")]

KILLS = int(os.environ.get("EDI_CRASH_KILLS", "60"))
SEED = int(os.environ.get("EDI_CRASH_SEED", "5"))
RECOVERY = 10.0
"""Seconds in which a daemon must trade again after a kill."""


@pytest.mark.timeout(1200)
def test_60_kills_at_random(begin: Begin, empty_url: str, tmp_path: Path, figures: Counter[str]) -> None:
    trade_and_kill(begin(empty_url), 60, tmp_path, figures)


@pytest.mark.crash_long
@pytest.mark.timeout(0)
def test_many_kills_at_random(begin: Begin, empty_url: str, tmp_path: Path, figures: Counter[str]) -> None:
    trade_and_kill(begin(empty_url), KILLS, tmp_path, figures)


def trade_and_kill(day: Day, kills: int, tmp_path: Path, figures: Counter[str]) -> None:
    moment = random.Random(SEED)
    partner = Partner(day, seed=SEED, most=2)
    partner.start()
    slowest = 0.0
    for number in range(kills):
        partner.most = 2 * number + 2
        daemon = day.start()
        if number % 3:  # two of three trade already; one is still about to open its store and to see what was left
            slowest = max(slowest, daemon.wait_for('"started"'))
        time.sleep(moment.uniform(0, 0.8))
        assert daemon.alive, daemon.said()
        daemon.kill()
        audited(day)
    partner.leave()
    last = day.start()
    slowest = max(slowest, last.wait_for('"started"'))
    wait_until(partner.everything, 300, lambda: f"{len(partner.taken)} of {expected(day.dropped)} documents came")
    settle(day, acknowledged=True)
    last.stop()
    partner.rest()
    judge_store(day, acknowledged=True)
    lost, doubled = judge_documents(partner.taken, undisturbed(tmp_path / "undisturbed", day.dropped))
    doubled += len(partner.twice)
    figures[f"random kills on {day.kind}"] += kills
    figures["orders"] += len(day.dropped)
    figures["documents"] += len(partner.taken)
    figures["lost"] += lost
    figures["doubled"] += doubled
    assert (lost, doubled) == (0, 0)
    assert unfinished(day) == []
    assert slowest < RECOVERY
