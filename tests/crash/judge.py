"""The judge: the audit, the rows, the ERP's folder, and every byte that the partner has beside an undisturbed run."""

from __future__ import annotations

import ast
import fcntl
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from edi_engine.store.audit import audit
from tests.crash.day import Day, is_held, po_number, wait_until
from tests.crash.partner import About, Partner, by_matter, expected, numbers, unfinished

Documents = dict[About, bytes]

SHARED: Final = 130
"""Orders of the undisturbed run that many runs are held beside. What becomes of one hangs on no other."""


def undisturbed(home: Path, orders: Mapping[int, bool]) -> Documents:
    """Let the same orders come to a daemon that nobody disturbs; give what the partner got, by what it is about."""
    day = Day(home, f"sqlite:///{home.with_suffix('.db')}")
    for number, held in orders.items():
        day.drop(number, held=held)
    partner = Partner(day)
    for _ in range(2):  # the orders; and then what the partner says to our documents
        assert day.start("run", "--once").ended(patience=300 + 10 * len(orders)) == 0
        partner.take()
    judge_store(day, acknowledged=True)
    came, twice = by_matter(partner.taken)
    assert not twice
    assert len(came) == expected(orders)
    return came


def settle(
    day: Day, *, acknowledged: bool = False, patience: float = 600.0, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Wait until nothing waits any more, neither in the folders nor in the store. `meanwhile` is done all the time.

    Nor may a lane be told as broken any more, which closes by itself when its next drain ends well.
    """
    last = ("SENT", "CONFIRMED") if acknowledged else ("SENT",)

    left: dict[str, int] = {}

    def quiet() -> bool:
        meanwhile()
        left["files standing"] = sum(path.is_file() for path in (day.mailbox / "out").iterdir())
        with day.reading() as unit:
            left["files"] = unit.files.count(state=("SEEN", "STORED"))
            left["files not cleared"] = unit.files.count(state=("INTERPRETED", "DONE"), cleared_at=None)
            left["interchanges"] = unit.interchanges.count(direction="in", state=("RECEIVED", "OPENED"))
            left["orders not booked"] = len(day.dropped) - unit.orders.count()
            left["orders"] = unit.orders.count(state=("OPEN", "ANSWERED", "PART_SHIPPED", "SHIPPED"))
            left["documents"] = unit.documents.count(state=("READY", "UPLOADING", "UPLOADED", "SENT"))
            left["cases of lanes"] = sum(case.subject.startswith("lane:") for case in unit.cases.select(state="OPEN"))
            left["not acknowledged"] = unit.documents.count(state=last, kind=("855", "856", "810"))
        return not any(left.values())

    wait_until(quiet, patience, lambda: f"work is left: {left}\n{day.started[-1].said()}", pause=0.3)


def audited(day: Day, *, deep: bool = False) -> None:
    """Let the audit look at the store as it stands, in the middle of whatever was interrupted."""
    with day.store() as store:
        assert audit(store, deep=deep) == ()


def judge_store(day: Day, *, acknowledged: bool = False) -> set[str]:
    """Hold the rows, the audit, the mailbox and the ERP's folder beside what was dropped. Gives the orders held."""
    audited(day, deep=True)
    wanted = {po_number(n): held for n, held in day.dropped.items()}
    with day.reading() as unit:
        orders = unit.orders.select()
        assert sorted(one.po_number for one in orders) == sorted(wanted)
        undone = unit.documents.select(state=("READY", "UPLOADING", "UPLOADED", "SENT", "PARKED", "REJECTED"))
        assert [(one.name, one.state, one.last_error) for one in undone] == []
        held = {one.po_number for one in orders if one.state == "HELD"}
        assert held == {number for number, is_held in wanted.items() if is_held}
        cases = unit.cases.select(state="OPEN")
        assert sorted(str(case.po_number) for case in cases) == sorted(held), [case.title for case in cases]
        if acknowledged:
            assert unit.documents.count(kind=("855", "856", "810"), state="CONFIRMED") == 0
    assert not [path for path in (day.mailbox / "out").iterdir() if path.is_file()]
    done = [path.name for path in (day.mailbox / "out" / "done").iterdir() if path.name.startswith("po")]
    assert len(done) == len(day.dropped)
    answered = len(day.dropped) - len(held)
    assert len(list((day.home / "erp").glob("*.json"))) == answered
    assert len(list((day.home / "erp").glob("*.xml"))) == answered
    return held


@dataclass(frozen=True)
class Judge:
    """Gives the verdict on a day, and counts it. `place` is a folder that all processes of a test run share."""

    figures: Counter[str]
    place: Path

    def __call__(
        self,
        day: Day,
        files: Mapping[str, bytes],
        *,
        twice: Sequence[str] = (),
        acknowledged: bool = False,
        frozen: bool = False,
    ) -> None:
        """Hold the store beside what was dropped, and what the partner got beside an undisturbed run, byte by byte.

        A daemon that was `frozen` while it wrote may leave that under its temporary name: nobody reads it there.
        """
        held = judge_store(day, acknowledged=acknowledged)
        wanted = self.undisturbed(day.dropped)
        assert len(wanted) == 4 * len(day.dropped) - 3 * len(held)
        self.compare(files, wanted, twice=twice)
        self.figures["files"] += sum(path.is_file() for path in (day.mailbox / "out" / "done").iterdir())
        self.figures["orders"] += len(day.dropped)
        assert frozen or unfinished(day) == []

    def compare(self, files: Mapping[str, bytes], wanted: Documents, *, twice: Sequence[str] = ()) -> None:
        """Count what is lost and what came twice; nothing may be."""
        lost, doubled = judge_documents(files, wanted)
        doubled += len(twice)
        self.figures["documents"] += len(files)
        self.figures["lost"] += lost
        self.figures["doubled"] += doubled
        self.figures["compared"] += 1
        assert (lost, doubled) == (0, 0)
        self.figures["equal"] += 1

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Give what one of the processes of this test run has made, and what Python can write down."""
        with (self.place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.place / f"{name}.made"
            if not kept.exists():
                unfinished = kept.with_suffix(".part")
                unfinished.write_text(repr(make()))
                unfinished.rename(kept)
            return ast.literal_eval(kept.read_text())

    def undisturbed(self, orders: Mapping[int, bool]) -> Documents:
        """Give what the partner gets for these orders. Most runs have the first of the same ones: one run for all."""
        usual = {number: is_held(number) for number in range(1, SHARED + 1)}
        if not orders.items() <= usual.items():
            with TemporaryDirectory(dir=self.place) as folder:
                return undisturbed(Path(folder) / "home", orders)
        whole: Documents = self.once("undisturbed", lambda: undisturbed(self.place / "undisturbed-home", usual))
        named = {f"{number}" for number in orders} | {po_number(number) for number in orders}
        return {matter: data for matter, data in whole.items() if matter[1] in named}


def judge_documents(files: Mapping[str, bytes], wanted: Documents) -> tuple[int, int]:
    """Give how many documents are lost and how many came twice; each that came must be the undisturbed one."""
    came, twice = by_matter(files)
    lost = wanted.keys() - came.keys()
    strange = came.keys() - wanted.keys()
    assert not strange, strange
    for matter, data in came.items():
        assert data == wanted[matter], f"{matter} differs from an undisturbed run"
    if not lost and not twice:
        given = numbers(files)
        assert given["ISA"] == [f"{number:09d}" for number in range(1, len(files) + 1)]  # rising, without a gap
        assert given["BSN"] == [f"S{number:07d}" for number in range(1, len(given["BSN"]) + 1)]
        assert given["BIG"] == [f"I{number:07d}" for number in range(1, len(given["BIG"]) + 1)]
        assert len(set(given["MAN"])) == len(given["MAN"])
    return len(lost), len(twice)
