"""Kill the daemon at every crash point, one after the other, on one store: nothing is lost, nothing is doubled.

A partner drops orders into a local folder. A first, undisturbed run on a store of its own names every crash point that
such a day reaches. Then, for each name, one more file is dropped and the daemon is killed with SIGKILL at that point.
At the end it runs undisturbed, and the audit, the partner's folder and the ERP's folder are the judges.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_engine import __file__ as package
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.resources import shipped
from edi_engine.x12.reader import outline, split

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1500)]

CONNECTIONS = """\
bluebird-sftp:
  folder: mailbox
  in: {folder: out, match: "*", settle: 0 s, after: move out/done, claim: none}
  out: {folder: in, deliver: rename, temporary: ".part"}
  every: 1 s
  sessions: 1
"""
ORDER = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      *{now:%y%m%d}*0930*U*00401*{n:09d}*0*P*>~"
    "GS*PO*6119290001*004455667*{now:%Y%m%d}*0930*{n}*X*004010VICS~ST*850*0001~BEG*00*SA*45000{n:05d}**{now:%Y%m%d}~"
    "REF*DP*042~REF*IA*77031~DTM*010*{day:%Y%m%d}~N1*ST*BLUEBIRD DC COLUMBUS*92*0417~"
    "PO1*1*24*EA*12.40*PE*IN*100101*UP*036000291452*VN*GL-1200~PO1*2*{cases}*CA*{price}*PE*IN*100103~CTT*2~"
    "SE*10*0001~GE*1*{n}~IEA*1*{n:09d}~"
)


def order(number: int, *, held: bool = False) -> bytes:
    price = "9.99" if held else "7.20"  # 9.99 is far above the agreed 7.20
    now = datetime.now(UTC)
    text = ORDER.format(n=number, cases=number % 5 + 1, price=price, now=now, day=now + timedelta(days=20))
    return text.encode()


class Day:
    """One home with a partner on a local folder, and a daemon that may be killed."""

    def __init__(self, home: Path, db: str, connections: str = CONNECTIONS) -> None:
        self.home, self.db = home, db
        self.mailbox = home / "mailbox"
        (self.mailbox / "out" / "done").mkdir(parents=True)
        (self.mailbox / "in").mkdir()
        shutil.copytree(shipped("partners") / "bluebird", home / "partners" / "bluebird")
        (home / "partners" / "connections.yaml").write_text(connections)
        self.dropped: dict[int, bool] = {}

    def drop(self, number: int, *, held: bool = False) -> None:
        (self.mailbox / "out" / f"po{number:05d}.edi").write_bytes(order(number, held=held))
        self.dropped[number] = held

    def run(self, **environment: str) -> int:
        return self.edi("run", "--once", **environment)

    def edi(self, *words: str, expect: Collection[int] = (0,), **environment: str) -> int:
        program = "from edi_engine.cli import main; main()"
        command = [sys.executable, "-c", program, "--home", str(self.home), "--db", self.db, *words]
        known = {key: value for key, value in os.environ.items() if not key.startswith("EDI_CRASH")}
        done = subprocess.run(command, env=known | environment, capture_output=True, timeout=120, check=False)
        if done.returncode not in {*expect, -signal.SIGKILL}:
            pytest.fail(f"exit {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")
        return done.returncode

    def unknown(self) -> list[int]:
        """Give the cases of documents of which nobody knows whether the partner has them."""
        with opened(Settings(self.home, self.db)) as place, place.office().ledger.reading() as unit:
            return [case.id for case in unit.cases.select(kind="document.unknown-outcome", state="OPEN")]

    def points(self) -> list[str]:
        """Run undisturbed and give the names of the crash points that were reached, each once."""
        log = self.home / "points.log"
        assert self.run(EDI_CRASH_LOG=str(log)) == 0
        return list(dict.fromkeys(log.read_text().split()))


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
def test_killed_at_every_point(tmp_path: Path, empty_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    scout = Day(tmp_path / "scout", f"sqlite:///{tmp_path / 'scout.db'}")
    scout.drop(1)
    scout.drop(2, held=True)
    names = scout.points()
    assert commits_in_the_code() - {name.partition(":")[0] for name in names} <= UNREACHED.keys()
    day = Day(tmp_path / "home", empty_url)
    killed: list[str] = []
    for number, name in enumerate(names, start=1):
        day.drop(number, held=number % 7 == 0)
        if day.run(EDI_CRASH_NAME=name) == -signal.SIGKILL:
            killed.append(name)
    day.drop(len(names) + 1)
    assert day.run() == 0
    assert day.run() == 0  # and once more: nothing happens twice
    judge(day)
    assert killed == names
    told = f"{len(killed)} kills at {len(names)} crash points on {empty_url.partition(':')[0]}: 0 lost, 0 doubled"
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201 - the figures that `make crash` ends with


def commits_in_the_code() -> set[str]:
    """Give the name of every commit: each `unit("name")` in the package."""
    return {
        name
        for path in Path(package).parent.rglob("*.py")
        for name in re.findall(r"\.unit\(\s*\"([a-z]+\.[a-z-]+)\"\)", path.read_text())
    }


@pytest.mark.fault("H1")
@pytest.mark.parametrize("point", ["desk.resolved:before", "desk.resolved:after"])
def test_killed_while_a_person_decides(tmp_path: Path, store_url: str, point: str) -> None:
    day = Day(tmp_path / "home", store_url)
    day.drop(1, held=True)
    assert day.run() == 0
    decide = ("exceptions", "resolve", "1", "accept-theirs", "--commit")
    assert day.edi(*decide, EDI_CRASH_NAME=point) == -signal.SIGKILL
    again = day.edi(*decide, expect={0, 2})  # decided already where the kill came after the commit
    assert again == (0 if point.endswith("before") else 2)
    assert day.run() == 0
    day.dropped[1] = False
    judge(day)


@pytest.mark.fault("G1", "H1")
@pytest.mark.parametrize("manner", ["direct", "done-file"])
def test_killed_while_handing_over(tmp_path: Path, manner: str) -> None:
    by = CONNECTIONS.replace('deliver: rename, temporary: ".part"', f"deliver: {manner}")
    assert by != CONNECTIONS
    scout = Day(tmp_path / "scout", f"sqlite:///{tmp_path / 'scout.db'}", by)
    scout.drop(1)
    names = [name for name in scout.points() if name.startswith("deliver.")]
    assert ("deliver.done:before" in names) == (manner == "done-file")
    day = Day(tmp_path / "home", f"sqlite:///{tmp_path / 'home.db'}", by)
    for number, name in enumerate(names, start=1):
        day.drop(number)
        assert day.run(EDI_CRASH_NAME=name) == -signal.SIGKILL, name
        assert day.run() == 0
        for case in day.unknown():  # killed between the note and the write: a person says that they have nothing
            assert manner == "direct"
            day.edi("exceptions", "retry", str(case))
        assert day.run() == 0
    judge(day)


def judge(day: Day) -> None:
    """Compare what the partner and the ERP have with what was dropped, and let the audit look at the store."""
    from edi_engine.store.audit import audit

    with opened(Settings(day.home, day.db)) as place:
        assert audit(place.store) == ()
        with place.office().ledger.reading() as unit:
            orders = unit.orders.select()
            assert sorted(one.po_number for one in orders) == sorted(f"45000{n:05d}" for n in day.dropped)
            assert not unit.documents.select(state=("READY", "UPLOADING", "UPLOADED", "SENT"))
            held = {one.po_number for one in orders if one.state == "HELD"}
            assert held == {f"45000{n:05d}" for n, is_held in day.dropped.items() if is_held}
            cases = [case.po_number for case in unit.cases.select(state="OPEN")]
            assert sorted(cases) == sorted(held)
    assert not [path for path in (day.mailbox / "out").iterdir() if path.is_file()]
    assert len(list((day.mailbox / "out" / "done").iterdir())) == len(day.dropped)
    check_received(day, held)
    answered = len(day.dropped) - len(held)
    assert len(list((day.home / "erp").glob("*.json"))) == answered
    assert len(list((day.home / "erp").glob("*.xml"))) == answered


def check_received(day: Day, held: set[str]) -> None:
    files = sorted(path for path in (day.mailbox / "in").iterdir() if path.suffix != ".done")
    assert not [path.name for path in files if path.suffix == ".part"]
    done = {path.stem for path in (day.mailbox / "in").glob("*.done")}
    assert done in ({path.name for path in files}, set())
    controls: list[str] = []
    said: dict[str, Counter[str]] = {kind: Counter() for kind in ("997", "855", "856", "810")}
    places = {"997": ("AK1", 2), "855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}
    for path in files:
        data = path.read_bytes()
        interchange = outline(data).interchanges[0]
        assert not interchange.findings
        controls.append(interchange.control)
        (found,) = interchange.groups[0].sets
        segments = split(data[found.start : found.end].decode(), interchange.delimiters)
        name, place = places[found.set_id]
        said[found.set_id][next(segment for segment in segments if segment[0] == name)[place]] += 1
    assert sorted(controls) == [f"{number:09d}" for number in range(1, len(files) + 1)]  # rising, without a gap
    wanted = {f"45000{n:05d}" for n in day.dropped} - held
    assert said["997"] == Counter({str(number): 1 for number in day.dropped})
    for kind in ("855", "856", "810"):
        assert said[kind] == Counter(dict.fromkeys(wanted, 1)), kind
