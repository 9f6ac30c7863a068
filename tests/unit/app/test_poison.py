"""A file that ends the process, as one does that takes all memory: three times, and then it waits for a person."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edi_engine.app.hand import DEADLY, Hand
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored
from edi_engine.app.workplace import Workplace, opened
from edi_engine.desk.retry import retry
from edi_engine.flow.office import Poisoned
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped
from edi_engine.store.audit import audit
from tests.fixtures.homes import make_home, run_once
from tests.fixtures.power import Disk
from tests.fixtures.trading import interchange, order

GOOD = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
BAD = interchange(order("1"), order("2"), order("666"), order("3"), control=77)

DEADLY_SET = """
import os
from edi_engine.flow import judge
whole = judge.check_set
def check_set(office, group, received, partner):
    if "*666*" in received.text:
        os.abort()
    return whole(office, group, received, partner)
judge.check_set = check_set
"""
DEADLY_ENVELOPE = """
import os
from edi_engine.flow import interpret
whole = interpret.outline
def outline(text, **named):
    if b"*666*" in text:
        os.abort()
    return whole(text, **named)
interpret.outline = outline
"""
RUN = "from edi_engine.cli import main\nmain()\n"


def run(home: Path, url: str, planted: str) -> int:
    program = (sys.executable, "-X", "faulthandler=0", "-c", planted + RUN)
    asked = ["run", "--once", "--home", str(home), "--db", url]
    return subprocess.run([*program, *asked], capture_output=True, timeout=60, check=False).returncode


@pytest.mark.fault("H6")
@pytest.mark.parametrize(
    ("planted", "subject", "kills", "orders"),
    [
        (DEADLY_ENVELOPE, "file:", DEADLY, ["4500012001"]),
        (DEADLY_SET, "set:", DEADLY + 1, ["1", "2", "3", "4500012001"]),
    ],
)
def test_what_ends_the_process_again_and_again_is_put_aside_and_all_else_is_done(
    tmp_path: Path, planted: str, subject: str, kills: int, orders: list[str]
) -> None:
    home, url = make_home(tmp_path / "home"), f"sqlite:///{tmp_path / 'store.db'}"
    run_once(home, url)
    (home / "mailbox" / "out" / "bad.edi").write_bytes(BAD)
    for _ in range(kills):
        assert run(home, url, planted) == -signal.SIGABRT
    (home / "mailbox" / "out" / "good.edi").write_bytes(GOOD)
    assert run(home, url, planted) in {0, 5}
    with opened(Settings(home, url)) as place:
        with place.office().ledger.reading() as unit:
            (case,) = unit.cases.select(state="OPEN")
            assert (case.kind, case.subject.startswith(subject)) == ("system.poison", True)
            assert sorted(one.po_number for one in unit.orders.select()) == orders
            assert unit.documents.count(kind="997") == 1  # none for the group of what was not judged
        assert audit(place.store) == ()
        assert retry(place.office(), case.id).case.state == "RESOLVED"  # this program is sound
    run_once(home, url)
    with opened(Settings(home, url)) as place, place.office().ledger.reading() as unit:
        assert sorted(one.po_number for one in unit.orders.select()) == ["1", "2", "3", "4500012001", "666"]
        assert unit.documents.count(kind="997") == 2
        assert unit.cases.count(state="OPEN") == 0


@pytest.mark.fault("H6")
def test_what_ends_well_or_breaks_in_python_leaves_no_note(tmp_path: Path) -> None:
    hand = Hand(tmp_path / "working")
    for _ in range(2 * DEADLY):
        with hand.on("file:1"):
            assert (tmp_path / "working" / "file-1").read_bytes() == b"1"
        with pytest.raises(ZeroDivisionError), hand.on("file:1"):
            raise ZeroDivisionError
    assert list((tmp_path / "working").iterdir()) == []


@pytest.mark.fault("H6")
@pytest.mark.parametrize("text", [b"", b"-3", b"x", b"\xff", b"9" * 4000])
def test_a_note_that_says_nothing_keeps_nothing_back(tmp_path: Path, text: bytes) -> None:
    hand = Hand(tmp_path)
    (tmp_path / "file-1").write_bytes(text)
    with hand.on("file:1"):
        pass
    (tmp_path / "file-1").write_bytes(b"3")
    with pytest.raises(Poisoned), hand.on("file:1"):
        pytest.fail("it was taken in hand")
    with hand.on("file:1"):  # a person has asked for it
        pass


class Machine:
    """A machine that loses its power with a thing in hand: of the notes only what was asked to be on the disk stays."""

    def __init__(self, folder: Path, disk: Disk, older: dict[str, int]) -> None:
        self.notes = folder / "working"
        self.disk = disk
        self.older = older

    def takes(self, subject: str) -> None:
        """Take it in hand. Raises Poisoned."""
        Hand(self.notes, self.older).on(subject).__enter__()

    def loses_power(self) -> dict[str, bytes]:
        """Give the notes that are left."""
        left = self.disk.after_power_cut(self.notes) if self.notes.is_dir() else {}
        for note in self.notes.glob("*"):
            note.unlink()
        for name, data in left.items():
            (self.notes / name).write_bytes(data)
        return left


@pytest.mark.fault("H6")
def test_what_takes_the_power_from_the_machine_is_put_aside_too(disk: Disk, tmp_path: Path) -> None:
    machine = Machine(tmp_path, disk, {"file": 7})
    for attempt in range(1, DEADLY + 1):
        machine.takes("file:7")
        assert machine.loses_power() == {"file-7": str(attempt).encode()}
    assert "working" in disk.names[tmp_path.stat().st_ino], "the folder of the notes, too"
    with pytest.raises(Poisoned):
        machine.takes("file:7")


@pytest.mark.fault("H6")
def test_a_count_is_never_lost_while_it_is_raised(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(tmp_path, disk, {"file": 7})
    machine.takes("file:7")
    assert machine.loses_power() == {"file-7": b"1"}
    whole, lengths = os.write, []

    def write(handle: int, data: bytes) -> int:
        lengths.append(os.fstat(handle).st_size)
        return whole(handle, data)

    monkeypatch.setattr(os, "write", write)
    machine.takes("file:7")
    assert lengths == [1], "it was emptied before the new count stood in it"
    assert machine.loses_power() == {"file-7": b"2"}


@pytest.mark.fault("H6")
def test_the_disk_is_not_waited_for_where_this_process_has_just_stored_the_thing(disk: Disk, tmp_path: Path) -> None:
    """Else each order would wait twice more; should it end the machine, the next process finds it older than itself."""
    machine = Machine(tmp_path, disk, {"file": 7})
    for subject in ("file:8", "shelf:1", "file:x"):
        machine.takes(subject)
    assert machine.loses_power() == {}
    assert disk.bytes == {}


@pytest.mark.fault("H6")
def test_what_an_earlier_process_left_is_noted_on_the_disk_before_it_is_read(disk: Disk, tmp_path: Path) -> None:
    settings = Settings(make_home(tmp_path / "home"), f"sqlite:///{tmp_path / 'store.db'}")
    seen = []

    def read(place: Workplace) -> None:
        office = place.office()

        @contextmanager
        def in_hand(subject: str) -> Iterator[None]:
            with office.in_hand(subject):
                seen.append((subject, disk.after_power_cut(tmp_path / "store.db.working")))
                yield

        open_stored(replace(office, in_hand=in_hand), "bluebird-sftp")

    def stored(place: Workplace, *numbers: int) -> None:
        for number in numbers:
            data = GOOD.replace(b"000000101", b"%09d" % number)
            receive(place.office(), "bluebird-sftp", b"%d.edi" % number, data)

    with opened(settings) as place:
        stored(place, 1, 2)
    with opened(settings) as place:
        read(place)
        stored(place, 3)
        read(place)
        stored(place, 4)
    with opened(settings) as place:
        read(place)
    (first, kept), (second, kept_of_second), (new, kept_of_new), (left, kept_of_left) = seen
    assert (first, kept.get("file-1")) == ("file:1", b"1")
    assert (second, kept_of_second.get("file-2")) == ("file:2", b"1")
    assert (new, kept_of_new.get("file-3")) == ("file:3", None)
    assert (left, kept_of_left.get("file-4")) == ("file:4", b"1")
