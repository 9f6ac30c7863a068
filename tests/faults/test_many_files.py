"""Hundreds of files and documents through a server where one request in so many goes wrong: 0 lost, 0 doubled."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter

import pytest

from tests.faults.conftest import Begin
from tests.faults.server import Script
from tests.faults.trade import Trade, content

pytestmark = pytest.mark.fault("A5", "A6", "A9", "A10", "A11", "A12", "A19", "G1", "G2", "G4", "G5")


def trade_through(begin: Begin, files: int, documents: int, rate: float, seed: int, rounds: int) -> Trade:
    """Move everything in both directions, and say in one line of figures what it took."""
    trade = begin(Script(rate=rate, seed=seed, pause=1.0))
    for number in range(files):
        trade.drop(f"order-{number:06}.edi", content(number))
    for number in range(documents):
        trade.post(number)
    began, left = time.monotonic(), (files, documents)
    turns = 0
    while turns < rounds and left != (0, 0):
        turns += 1
        trade.poll()
        trade.send()
        left = (len(trade.standing("out")), len(trade.exchange.documents(state=("READY", "UPLOADING", "UPLOADED"))))
    faults = Counter(f"{act} {kind}" for act, kind in trade.script.done)
    sys.stdout.write(
        f"\n{files} files, {documents} documents, {sum(faults.values())} faults of {len(faults)} kinds, "
        f"{turns} rounds, {time.monotonic() - began:.0f} s; ended by {dict(trade.errors)}\n"
    )
    assert left == (0, 0), f"left after {rounds} rounds: {left}"
    return trade


def everything_came_once(trade: Trade, files: int, documents: int) -> None:
    stored = trade.stored()
    assert stored == Counter(content(number) for number in range(files))
    # A lie just before a file is cleared leaves it there; it is known, and linked, when it comes again.
    assert trade.repeated() <= trade.script.done.count(("look", "lie"))
    assert trade.standing("out/done") == {f"order-{number:06}.edi": content(number) for number in range(files)}
    # A request that hung may still be done after all, under a temporary name that nobody uses any more.
    delivered = {name: data for name, data in trade.standing("in").items() if not name.endswith(".part")}
    assert delivered == {f"855_{number:09d}.edi": content(number) for number in range(documents)}
    assert trade.exchange.documents(state="PARKED") == []
    # The documents were made for this run: no order led to them, and nothing else is wrong.
    assert {finding.code for finding in trade.exchange.audit()} <= {"system.audit.v8"}


def test_500_files_at_faults_of_10_percent(begin: Begin) -> None:
    trade = trade_through(begin, files=500, documents=100, rate=0.02, seed=7, rounds=400)
    assert len(trade.script.done) >= 50
    everything_came_once(trade, 500, 100)


@pytest.mark.faults_long
def test_thousands_of_files_at_faults_of_10_percent(begin: Begin) -> None:
    files = int(os.environ.get("EDI_FAULT_FILES", "2000"))
    trade = trade_through(begin, files=files, documents=files // 5, rate=0.02, seed=11, rounds=files)
    assert len(trade.script.done) >= files // 10
    everything_came_once(trade, files, files // 5)
