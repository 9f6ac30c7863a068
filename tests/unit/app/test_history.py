"""What an order costs does not grow with what was done before it: no question of a day's work walks through history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edi_engine.app.work import has_work, open_stored, work_through
from edi_engine.app.workplace import Workplace
from edi_engine.flow.deliver import due
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped
from tests.fixtures.walks import shop

CONNECTION = "bluebird-sftp"
ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
STEPS = 100
"""Instructions of SQLite's machine by which is counted."""
PAST = 1_500


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with shop(tmp_path, date(2026, 11, 22)) as opened_shop:
        yield opened_shop.place


def work_off(place: Workplace, number: int) -> None:
    data = ORDER.replace(b"4500012001", b"45%08d" % number).replace(b"000000101", b"%09d" % number)
    receive(place.office(), CONNECTION, b"%d.edi" % number, data)
    while open_stored(place.office(), CONNECTION):
        pass
    while has_work(place.office(), "bluebird"):
        work_through(place, place.office(), "bluebird")


def steps(place: Workplace, act: Callable[[], object]) -> int:
    """Count the instructions that SQLite runs meanwhile."""
    counted: list[None] = []
    driver: Any = place.store.place.engine.raw_connection().driver_connection
    driver.set_progress_handler(lambda: counted.append(None), STEPS)
    act()
    driver.set_progress_handler(None, 0)
    return len(counted) * STEPS


def live_on(unit: Unit) -> None:
    """Have much the same been done so many times more: by the records of the one order that there is."""
    file, group, (order, *_) = unit.files.get(1), unit.groups.get(1), unit.orders.select()
    came, given = unit.interchanges.get(1), unit.sets.get(order.set_id)
    lines, (shipment, *_) = unit.lines.select(order_id=order.id), unit.shipments.select()
    documents, sent = unit.documents.select(), unit.interchanges.select(direction="out")
    events = unit.events.select()
    for n in range(10_000, 10_000 + PAST):
        this = unit.files.add(replace(file, id=0, sha256=None))
        into = unit.interchanges.add(replace(came, id=0, file_id=this.id, control=f"{n:09d}"))
        part = unit.groups.add(replace(group, id=0, interchange_id=into.id))
        one = unit.sets.add(replace(given, id=0, interchange_id=into.id, group_id=part.id))
        made = unit.orders.add(replace(order, id=0, po_number=f"P{n}", set_id=one.id))
        unit.lines.add_all(replace(line, id=0, order_id=made.id) for line in lines)
        unit.shipments.add(replace(shipment, id=0, order_id=made.id, number=f"P{n}", invoice_number=f"P{n}"))
        for each in documents:
            unit.documents.add(
                replace(
                    each,
                    id=0,
                    source=f"{each.id}:{n}",
                    state="CONFIRMED",
                    interchange_control=f"{n:09d}",
                    order_id=made.id,
                )
            )
        unit.interchanges.add_all(replace(each, id=0, control=f"{n:09d}") for each in sent)
        unit.events.add_all(replace(each, id=0, order_id=made.id, subject=f"order:{made.id}") for each in events)


def test_an_order_costs_the_same_after_many(place: Workplace) -> None:
    work_off(place, 1)
    before = steps(place, lambda: work_off(place, 2))
    with place.store.ledger().unit("past") as unit:
        live_on(unit)
    after = steps(place, lambda: work_off(place, 3))
    assert after < 1.2 * before, f"{before} instructions for an order in a new store, {after} in an old one"


def test_a_look_at_what_waits_costs_the_same_after_many(place: Workplace) -> None:
    def look() -> None:
        office = place.office()
        assert not has_work(office, "bluebird")
        assert open_stored(office, CONNECTION) == 0
        assert len(due(office, CONNECTION, office.clock.now(), limit=1)) == 1

    work_off(place, 1)
    before = steps(place, look)
    with place.store.ledger().unit("past") as unit:
        live_on(unit)
    assert steps(place, look) <= before + 10 * STEPS
