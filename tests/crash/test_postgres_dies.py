"""PostgreSQL is stopped at once in mid-run, and loses the answer to commits: the daemon goes on, nothing is lost."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.crash.conftest import Begin
from tests.crash.day import wait_until
from tests.crash.judge import Judge, audited, settle
from tests.crash.partner import Partner, expected
from tests.fixtures.postgres import USER, Cluster, binaries

pytestmark = [pytest.mark.crash, pytest.mark.servers, pytest.mark.timeout(3600), pytest.mark.fault("H5")]

STOPS = 4
LOST = 36
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""How the driver asks for a commit, on the wire."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL programs here to start a server that may be killed")
    made = Cluster(programs)
    yield made
    made.remove()


def test_stopped_at_once_and_started_again(begin: Begin, cluster: Cluster, judge: Judge, figures: Counter[str]) -> None:
    day = begin(cluster.url)
    moment = random.Random(2)
    partner = Partner(day, seed=2, most=40)
    daemon = day.start()
    daemon.wait_for('"started"')
    partner.start()
    for _ in range(STOPS):
        time.sleep(moment.uniform(1.0, 3.0))
        cluster.stop("immediate")
        time.sleep(moment.uniform(0, 1.0))
        cluster.start()
        audited(day)
    partner.leave()
    wait_until(partner.everything, 900, lambda: f"{len(partner.taken)} of {expected(day.dropped)}: {daemon.said()}")
    settle(day, acknowledged=True)
    daemon.stop()  # the very process that was there at the beginning
    partner.rest()
    judge(day, partner.taken, twice=partner.twice, acknowledged=True)
    figures["stops of PostgreSQL"] += STOPS


class LosesCommits(threading.Thread):
    """Stands between the daemon and PostgreSQL. Now and then a commit passes and its answer does not, or neither."""

    def __init__(self, place: Path, target: Path) -> None:
        super().__init__(name="loses-commits", daemon=True)
        self.place, self._target = place, target
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(place / ".s.PGSQL.5432"))
        self._listener.listen(64)
        self._draw = random.Random(4)
        self._open: list[socket.socket] = []
        self.on = threading.Event()
        self.answers_lost = 0
        self.commits_lost = 0

    def run(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.socket(socket.AF_UNIX)
                self._open += [ours, theirs]
                theirs.connect(str(self._target / ".s.PGSQL.5432"))
                silent = threading.Event()
                threading.Thread(target=self._forth, args=(ours, theirs, silent), daemon=True).start()
                threading.Thread(target=self._back, args=(theirs, ours, silent), daemon=True).start()

    def close(self) -> None:
        end(self._listener)
        self.join(10)
        end(*self._open)
        for one in (self._listener, *self._open):
            one.close()

    def _forth(self, ours: socket.socket, theirs: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := ours.recv(65536):
                if data.endswith(COMMIT) and self.on.is_set() and self._draw.random() < 0.3:
                    if self._draw.random() < 0.7:
                        silent.set()
                        self.answers_lost += 1
                        theirs.sendall(data)
                        time.sleep(0.05)  # it happens; whoever asked is not told
                    else:
                        self.commits_lost += 1
                    break
                theirs.sendall(data)
        end(ours, theirs)

    def _back(self, theirs: socket.socket, ours: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := theirs.recv(65536):
                if silent.is_set():
                    continue
                ours.sendall(data)
        end(ours, theirs)


def end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def test_the_answer_to_a_commit_is_lost(
    begin: Begin, cluster: Cluster, tmp_path: Path, judge: Judge, figures: Counter[str], request: pytest.FixtureRequest
) -> None:
    between = tmp_path / "between"
    between.mkdir()
    loses = LosesCommits(between, cluster._place)
    loses.start()
    request.addfinalizer(loses.close)
    day = begin(f"postgresql+psycopg://{USER}@/postgres?host={between}")
    partner = Partner(day, seed=4, most=40)
    daemon = day.start()
    daemon.wait_for('"started"')
    partner.start()
    loses.on.set()
    wait_until(lambda: loses.answers_lost + loses.commits_lost >= LOST, 900, "too few commits were lost", pause=0.2)
    loses.on.clear()
    partner.leave()
    wait_until(partner.everything, 900, lambda: f"{len(partner.taken)} of {expected(day.dropped)}: {daemon.said()}")
    settle(day, acknowledged=True)
    daemon.stop()
    assert "may or may not have happened" in daemon.said()
    partner.rest()
    judge(day, partner.taken, twice=partner.twice, acknowledged=True)
    assert loses.answers_lost >= LOST // 4
    figures["answers to a commit lost"] += loses.answers_lost
    figures["commits lost"] += loses.commits_lost
