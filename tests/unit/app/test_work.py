"""A round of work: what waits for a person hides nothing behind it, a stop is heeded between two steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edi_engine.app import work
from edi_engine.app.work import has_work, open_stored, work_through
from edi_engine.app.workplace import Workplace
from edi_engine.flow.office import Office
from edi_engine.flow.receive import receive
from edi_engine.flow.sender import TERMINAL
from edi_engine.resources import shipped
from tests.fixtures.walks import shop

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with shop(tmp_path, date(2026, 11, 22)) as opened_shop:
        yield opened_shop.place


def drop(place: Workplace, *numbers: int) -> None:
    for number in numbers:
        data = ORDER.replace(b"4500012001", b"45%08d" % number).replace(b"000000101", b"%09d" % number)
        receive(place.office(), TERMINAL, b"%d.edi" % number, data)


def work_off(place: Workplace) -> None:
    while open_stored(place.office(), TERMINAL):
        pass
    while work_through(place, place.office(), "bluebird"):
        pass


def states(place: Workplace) -> dict[str, str]:
    with place.office().ledger.reading() as unit:
        return {order.po_number[-1]: order.state for order in unit.orders.select()}


@pytest.mark.fault("E14")
@pytest.mark.parametrize("step", ["open_file", "decide_order", "ship_due", "bill_shipment"])
def test_what_breaks_us_waits_alone(place: Workplace, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Three things break, more than one round takes; the fourth goes its way, and so do the others once repaired."""
    monkeypatch.setattr(work, "BATCH", 2)
    real, met, mended = getattr(work, step), list[int](), list[bool]()

    def breaks_on_three(office: Office, thing: Any) -> Any:
        if thing.id not in met:
            met.append(thing.id)
        if thing.id in met[:3] and not mended:
            raise ZeroDivisionError
        return real(office, thing)

    monkeypatch.setattr(work, step, breaks_on_three)
    drop(place, 1, 2, 3, 4)
    work_off(place)
    assert list(states(place).values()).count("INVOICED") == 1
    assert not has_work(place.office(), "bluebird")
    with place.office().ledger.reading() as unit:
        cases = unit.cases.select(state="OPEN")
    assert [case.kind for case in cases] == ["system.bug"] * 3
    assert all(case.file_id is not None for case in cases)
    if step != "open_file":  # whose it is shows in the queue, and until when an answer is due
        assert len({(case.partner, case.po_number, case.order_id) for case in cases}) == 3
        assert {(case.partner, case.currency) for case in cases} == {("bluebird", "USD")}
        assert all(case.money_held and case.deadline for case in cases)
    with place.office().ledger.unit("test") as unit:
        for case in cases:
            unit.cases.change(case, state="RESOLVED")
    mended.append(True)
    work_off(place)
    assert list(states(place).values()) == ["INVOICED"] * 4


def test_a_stop_is_heeded_between_two_steps(place: Workplace) -> None:
    drop(place, 1, 2, 3)
    open_stored(place.office(), TERMINAL)
    seen: list[dict[str, str]] = []

    def stopping() -> bool:
        seen.append(states(place))
        return len(seen) > 6

    place.stopping = stopping
    while work_through(place, place.office(), "bluebird"):
        pass
    assert set(seen[-1].values()) != {"INVOICED"}
    place.stopping = lambda: True
    before = states(place)
    assert work_through(place, place.office(), "bluebird") == 0
    assert open_stored(place.office(), TERMINAL) == 0
    assert states(place) == before
    place.stopping = lambda: False
    work_off(place)
    assert states(place) == {"1": "INVOICED", "2": "INVOICED", "3": "INVOICED"}


def test_there_is_work_until_all_is_done(place: Workplace) -> None:
    assert not has_work(place.office(), "bluebird")
    drop(place, 1)
    open_stored(place.office(), TERMINAL)
    assert has_work(place.office(), "bluebird")
    work_off(place)
    assert not has_work(place.office(), "bluebird")
    assert not has_work(place.office(), "nobody")
