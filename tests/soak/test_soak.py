"""A daemon trades for minutes while its partner's server, the way there and the daemon itself are killed and frozen.

SOAK_SECONDS says how long. At the end nothing is lost or doubled, what the partner has is byte for byte what an
undisturbed daemon sends, and between two kills no daemon took more and more memory, threads or descriptors.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.crash.day import Day, Running, wait_until
from tests.crash.judge import audited, judge_documents, judge_store, settle, undisturbed
from tests.crash.partner import Partner, expected
from tests.crash.test_sshd_dies import OverSftp, begun, kill, start_again
from tests.faults.proxy import Plan, Proxy
from tests.fixtures.sshd import SSHD, Sshd
from tests.soak.gauge import Gauge, growth

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
SEED = int(os.environ.get("SOAK_SEED", "7"))
LIVES = (1, 1, 5, 1, 1, 2, 9)
"""How long each daemon lives beside the others: the long lives show what grows."""


@dataclass
class Soak:
    """A day of trade, and what goes wrong in it."""

    day: Day
    sshd: Sshd | None
    moment: random.Random = field(default_factory=lambda: random.Random(SEED))
    done: Counter[str] = field(default_factory=Counter)
    gauges: list[Gauge] = field(default_factory=list)

    def start(self) -> Running:
        daemon = self.day.start()
        daemon.wait_for('"started"')
        self.gauges.append(Gauge(daemon.pid, self.day.settings().store_file))
        self.gauges[-1].start()
        return daemon

    def live(self, daemon: Running, seconds: float) -> None:
        """Let a daemon live, and disturb it every few seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(self.moment.uniform(2, 8), max(0.0, end - time.monotonic())))
            assert daemon.alive, daemon.said()[-3000:]
            self.moment.choice(self.faults())(daemon)
            self.done["faults"] += 1

    def faults(self) -> list[Callable[[Running], None]]:
        ours = [self.freeze]
        return ours if self.sshd is None else [*ours, self.kill_server, self.freeze_server]

    def freeze(self, daemon: Running) -> None:
        daemon.freeze()
        time.sleep(self.moment.uniform(0.1, 1.5))
        daemon.thaw()

    def kill_server(self, _daemon: Running) -> None:
        assert self.sshd is not None
        kill(self.sshd)
        time.sleep(self.moment.uniform(0, 1.5))
        start_again(self.sshd)

    def freeze_server(self, _daemon: Running) -> None:
        assert self.sshd is not None
        self.sshd.freeze()
        time.sleep(self.moment.uniform(0.1, 2.0))
        self.sshd.thaw()


def resets(moment: random.Random) -> Callable[[int], Plan]:
    """Let every eighth connection be reset somewhere, from the first greeting to the middle of a file."""
    return lambda _number: Plan(
        reset_at=moment.choice([500, 3_000, 8_000, 20_000]) if moment.random() < 1 / 8 else None
    )


@pytest.mark.timeout(0)
def test_nothing_is_lost_and_nothing_grows(request: pytest.FixtureRequest, tmp_path: Path, capsys) -> None:
    db = f"sqlite:///{tmp_path / 'store.db'}"
    if SSHD is None:
        soak(Soak(Day(tmp_path / "home", db), None), tmp_path, capsys)
        return
    sshd: Sshd = request.getfixturevalue("sshd")
    with Proxy(sshd.port, resets(random.Random(SEED))) as proxy:
        soak(Soak(behind(proxy.port, tmp_path / "home", sshd, db), sshd), tmp_path, capsys)


def behind(port: int, home: Path, sshd: Sshd, db: str) -> OverSftp:
    """Lay out a home that reaches the server by another port."""
    own, sshd.port = sshd.port, port
    try:
        return begun(home, sshd, db)
    finally:
        sshd.port = own


def soak(run: Soak, tmp_path: Path, capsys) -> None:
    day = run.day
    partner = Partner(day, seed=SEED, pause=1.0, most=1_000_000)
    began = time.monotonic()
    partner.start()
    try:
        for number, share in enumerate(LIVES, 1):
            daemon = run.start()
            run.live(daemon, SECONDS * share / sum(LIVES))
            if number < len(LIVES):
                daemon.kill()
                run.done["kills"] += 1
                audited(day)
        run.gauges[-1].rest()
        partner.leave()
        wait_until(
            partner.everything, 900, lambda: f"{len(partner.taken)} of {expected(day.dropped)}: {daemon.said()[-3000:]}"
        )
        settle(day, acknowledged=True, patience=600)
        daemon.stop()
    finally:
        day.close()
    took = time.monotonic() - began
    partner.rest()
    judge_store(day, acknowledged=True)
    lost, doubled = judge_documents(partner.taken, undisturbed(tmp_path / "undisturbed", day.dropped))
    doubled += len(partner.twice)
    grown = [found for gauge in run.gauges if (found := growth(gauge.looks)) is not None]
    with capsys.disabled():
        told = ", ".join(f"{count:,} {what}" for what, count in run.done.items())
        print(  # noqa: T201 - the line of figures
            f"\nsoak: {took:.0f} s, {told}, {len(day.dropped):,} orders, {len(partner.taken):,} documents, "
            f"{partner.acknowledged:,} acknowledged: {lost} lost, {doubled} doubled; "
            + "; ".join(str(found) for found in grown)
        )
    assert (lost, doubled) == (0, 0)
    assert [fault for found in grown for fault in found.faults()] == []
    assert grown or SECONDS < 240, "no daemon lived for long enough to say anything of growth"
