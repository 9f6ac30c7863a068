"""The judge: the audit, the rows, the ERP's folder, and every byte that the partner has beside an undisturbed run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edi_engine.app.workplace import opened
from edi_engine.store.audit import audit
from tests.crash.day import Day, po_number, wait_until
from tests.crash.partner import About, Partner, by_matter, expected, numbers

Documents = dict[About, bytes]


def undisturbed(home: Path, orders: Mapping[int, bool]) -> Documents:
    """Let the same orders come to a daemon that nobody disturbs; give what the partner got, by what it is about."""
    day = Day(home, f"sqlite:///{home.with_suffix('.db')}")
    for number, held in orders.items():
        day.drop(number, held=held)
    partner = Partner(day)
    for _ in range(2):  # the orders; and then what the partner says to our documents
        assert day.start("run", "--once").ended(patience=120 + 2 * len(orders)) == 0
        partner.take()
    judge_store(day, acknowledged=True)
    came, twice = by_matter(partner.taken)
    assert not twice
    assert len(came) == expected(orders)
    return came


def settle(day: Day, *, acknowledged: bool = False, patience: float = 120.0) -> None:
    """Wait until nothing waits any more, neither in the folders nor in the store."""
    last = ("SENT", "CONFIRMED") if acknowledged else ("SENT",)

    left: dict[str, int] = {}

    def quiet() -> bool:
        left["files standing"] = sum(path.is_file() for path in (day.mailbox / "out").iterdir())
        with opened(day.settings()) as place, place.office().ledger.reading() as unit:
            left["files"] = unit.files.count(state=("SEEN", "STORED"))
            left["files not cleared"] = unit.files.count(state=("INTERPRETED", "DONE"), cleared_at=None)
            left["interchanges"] = unit.interchanges.count(direction="in", state=("RECEIVED", "OPENED"))
            left["orders not booked"] = len(day.dropped) - unit.orders.count()
            left["orders"] = unit.orders.count(state="OPEN")
            left["documents"] = unit.documents.count(state=("READY", "UPLOADING", "UPLOADED", "SENT"))
            left["not acknowledged"] = unit.documents.count(state=last, kind=("855", "856", "810"))
        return not any(left.values())

    wait_until(quiet, patience, lambda: f"work is left: {left}\n{day.started[-1].said()}", pause=0.3)


def audited(day: Day, *, deep: bool = False) -> None:
    """Let the audit look at the store as it stands, in the middle of whatever was interrupted."""
    with opened(day.settings()) as place:
        assert audit(place.store, deep=deep) == ()


def judge_store(day: Day, *, acknowledged: bool = False) -> set[str]:
    """Hold the rows, the audit, the mailbox and the ERP's folder beside what was dropped. Gives the orders held."""
    audited(day, deep=True)
    wanted = {po_number(n): held for n, held in day.dropped.items()}
    with opened(day.settings()) as place, place.office().ledger.reading() as unit:
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
