"""Commands at a terminal that write while the daemon does, on SQLite: nobody fails, nothing is lost (H4, H8)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.store.audit import audit
from tests.fixtures.exchange import order
from tests.fixtures.homes import make_home

PROGRAM = (sys.executable, "-c", "from edi_engine.cli import main; main()")
BY_THE_DAEMON, BY_HAND = 12, 4


@pytest.mark.fault("H4", "H8")
def test_commands_write_beside_the_daemon(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    words = [*PROGRAM, "--home", str(home), "--db", url]
    daemon = subprocess.Popen([*words, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for number in range(1, BY_THE_DAEMON + 1):
            (home / "mailbox" / "out" / f"{number}.edi").write_bytes(order(number))
        beside = []
        for number in range(BY_HAND):
            file = tmp_path / f"hand{number}.edi"
            file.write_bytes(order(900 + number))
            command = [*words, "process", str(file), "--out", str(tmp_path / "out")]
            beside.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        told = [(one.communicate(timeout=120)[1], one.returncode) for one in beside]
        assert [code for _, code in told] == [0] * BY_HAND, told
        until = time.monotonic() + 120
        while time.monotonic() < until and len(list((home / "mailbox" / "in").iterdir())) < 4 * BY_THE_DAEMON:
            time.sleep(0.2)
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, log
    assert b"drain failed" not in log
    with opened(Settings(home, url)) as place:
        assert audit(place.store) == ()
        with place.office().ledger.reading() as unit:
            assert unit.orders.count() == BY_THE_DAEMON + BY_HAND
            assert unit.cases.count(state="OPEN") == 0
