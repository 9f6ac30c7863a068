"""The partner's sshd is killed, or freezes, in mid-run: the daemon goes on when it is back, nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.crash.day import Day, wait_until
from tests.crash.judge import Judge, audited, settle
from tests.crash.partner import Partner, expected
from tests.fixtures.sshd import SSHD, Sshd, family, own

pytestmark = [pytest.mark.crash, pytest.mark.servers, pytest.mark.timeout(3600), pytest.mark.fault("A11", "A12", "G1")]

TURNS = 6
CONNECTIONS = """\
bluebird-sftp:
  sftp: {{host: 127.0.0.1, port: {port}, user: {user}, key: client, host_key: "{fingerprint}"}}
  in: {{folder: {out}, match: "*", settle: 0 s, after: move {done}, claim: none, wait_incomplete: 1 s}}
  out: {{folder: {answers}, deliver: rename, temporary: ".part"}}
  every: 1 s
  sessions: 2
"""


class OverSftp(Day):
    """A day whose partner is behind an sshd."""

    def put(self, name: str, data: bytes) -> None:
        unfinished = self.mailbox / f"{name}.unfinished"
        unfinished.write_bytes(data)
        own(unfinished)
        unfinished.rename(self.mailbox / "out" / name)


def begun(home: Path, sshd: Sshd, db: str) -> OverSftp:
    connections = CONNECTIONS.format(
        port=sshd.port,
        user=sshd.user,
        fingerprint=sshd.fingerprint,
        out=sshd.place("out"),
        done=sshd.place("out/done"),
        answers=sshd.place("in"),
    )
    day = OverSftp(home, db, connections, sshd.root)
    (home / "keys").mkdir(mode=0o700)
    shutil.copy(sshd.key, home / "keys" / "client")
    (home / "keys" / "client").chmod(0o600)
    return day


def kill(sshd: Sshd) -> None:
    """End every process of the server, as a machine that loses its power."""
    for process in reversed(family(sshd.process.pid)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    sshd.process.wait(10)
    sshd.frozen.clear()


def start_again(sshd: Sshd) -> None:
    assert SSHD is not None
    with (sshd.base / "log").open("ab") as log:
        command = [SSHD, "-D", "-e", "-f", str(sshd.base / "config")]
        sshd.process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL)


def test_killed_and_frozen(sshd: Sshd, tmp_path: Path, judge: Judge, figures: Counter[str]) -> None:
    day = begun(tmp_path / "home", sshd, f"sqlite:///{tmp_path / 'store.db'}")
    moment = random.Random(6)
    partner = Partner(day, seed=6, pause=0.5)
    daemon = day.start()
    try:
        daemon.wait_for('"started"')
        partner.start()
        for turn in range(TURNS):
            time.sleep(moment.uniform(0.5, 2.0))
            if turn % 2:
                sshd.freeze()
                time.sleep(moment.uniform(0.5, 2.0))
            if turn % 3 != 1:
                kill(sshd)
                time.sleep(moment.uniform(0, 0.5))
                start_again(sshd)
            else:
                sshd.thaw()
            audited(day)
        partner.leave()
        wait_until(partner.everything, 900, lambda: f"{len(partner.taken)} of {expected(day.dropped)}: {daemon.said()}")
        settle(day, acknowledged=True)
        daemon.stop()
    finally:
        day.close()
    partner.rest()
    judge(day, partner.taken, twice=partner.twice, acknowledged=True)
    figures["deaths and freezes of sshd"] += TURNS
