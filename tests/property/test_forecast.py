"""What a preview foretells is what comes: the 855 that is sent, and the 856 and 810 that go out by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_engine.desk.queue import DISMISS, entry
from edi_engine.desk.resolve import Effect, preview, resolve
from edi_engine.errors import UsageError
from edi_engine.flow.records import OrderRecord
from tests.fixtures.trading import Desk, desk, interchange, pick, segments
from tests.property.test_walk import orders

pytestmark = pytest.mark.property

numbers = count(1)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("market")) as opened:
        yield opened


def test_what_is_foretold_comes_true(market: Desk) -> None:
    @settings(max_examples=15)
    @given(orders(), st.sampled_from(["", "DTM*002*20261124", "DTM*010*20261207"]), st.booleans(), st.data())
    def walked(drawn: tuple[list[str], list[str]], day: str, in_parts: bool, data: st.DataObject) -> None:
        heading, lines = drawn
        record = sent_in(market, f"PO-{next(numbers)}", heading, scheduled(lines) if in_parts else lines, day)
        shown = decided(market, record, data)
        if shown is None:
            return
        market.work()
        while unshipped(market, record):  # what leaves on a day of its own waits for it
            market.shop.clock.move(timedelta(days=1))
            market.work()
        assert shown.after == tuple(body(market, record, "855")[0])
        came_true(market, record, shown)

    walked()
    market.sound()


def scheduled(lines: list[str]) -> list[str]:
    """Want the first of each line on one day, and the rest on another."""
    parted: list[str] = []
    for at, segment in enumerate(lines):
        parted.append(segment)
        if segment.startswith("PO1"):
            quantity, unit = int(segment.split("*")[2]), segment.split("*")[3]
        if at + 1 == len(lines) or lines[at + 1].startswith("PO1"):
            rest = [f"SCH*{quantity - 1}*{unit}***010*20261215"] if quantity > 1 else []
            parted += [f"SCH*1*{unit}***010*20261124", *rest]
    return parted


def sent_in(market: Desk, po_number: str, heading: list[str], lines: list[str], day: str) -> OrderRecord:
    stated = sum(one.startswith("PO1") for one in lines)
    head = [f"BEG*00*SA*{po_number}**20261120", "REF*DP*042", *heading, *([day] if day else [])]
    control = int(po_number.removeprefix("PO-"))
    done = market.walk(interchange([*head, "N1*ST*DC*92*0417", *lines, f"CTT*{stated}"], control=control))
    (record,) = done.orders
    return record


def decided(market: Desk, record: OrderRecord, data: st.DataObject) -> Effect | None:
    """Decide every case by any choice; give what the last preview showed, None where nobody had to decide."""
    office, shown = market.office(), None
    while cases := [case for case in market.cases() if case.subject == f"order:{record.id}"]:
        case = data.draw(st.sampled_from(cases), label="case")
        ways = [one.name for one in entry(case).choices if one.name != DISMISS]
        chosen: dict[int | None, str] = {None: data.draw(st.sampled_from(ways), label="choice")}
        for line in entry(case).lines:
            if data.draw(st.booleans(), label=f"line {line} by itself"):
                chosen[line] = data.draw(st.sampled_from(ways), label=f"choice for line {line}")
        try:
            shown = preview(office, case.id, chosen)
        except UsageError:  # it does not fit every line of the case
            chosen = {None: "reject-line"}
            shown = preview(office, case.id, chosen)
        resolve(office, case.id, chosen)
    return shown


def unshipped(market: Desk, record: OrderRecord) -> bool:
    with market.office().ledger.reading() as unit:
        return any(one.shipped < one.accepted for one in unit.lines.select(order_id=record.id))


def body(market: Desk, record: OrderRecord, kind: str) -> list[list[str]]:
    with market.office().ledger.reading() as unit:
        sent = [segments(unit.blobs.get(one.sha256)) for one in unit.documents.select(order_id=record.id, kind=kind)]
    return [["*".join(segment).rstrip("*") + "~" for segment in one[1:-1]] for one in sent]


def came_true(market: Desk, record: OrderRecord, shown: Effect) -> None:
    assert shown.later is not None
    assert shown.later.findings == ()
    parts = shown.later.parts
    with market.office().ledger.reading() as unit:
        bytes_of = {
            kind: [segments(unit.blobs.get(one.sha256)) for one in unit.documents.select(order_id=record.id, kind=kind)]
            for kind in ("856", "810")
        }
    assert len(bytes_of["856"]) == len(bytes_of["810"]) == len(parts)
    for part, notice, invoice in zip(parts, bytes_of["856"], bytes_of["810"], strict=True):
        shipped: dict[int, Decimal] = {}
        for segment in pick(notice, "SN1"):
            shipped[int(segment[1])] = shipped.get(int(segment[1]), Decimal(0)) + Decimal(segment[2])
        assert shipped == {going.position: going.quantity for going in part.lines}
        assert pick(notice, "TD1")[0][2] == str(part.cartons)
        billed = pick(invoice, "IT1")
        assert [(int(one[1]), Decimal(one[2]), Decimal(one[4])) for one in billed] == [
            (going.position, going.quantity, going.unit_price) for going in part.lines
        ]
        assert Decimal(pick(invoice, "TDS")[0][1]) / 100 == part.total
        charges = sum(
            (Decimal(one[5]) / 100 * (-1 if one[12] == "02" else 1) for one in pick(invoice, "SAC")), Decimal(0)
        )
        assert charges == part.net
        terms = pick(invoice, "ITD")
        assert [one[8] for one in terms if len(one) > 8 and one[8]] == (
            [f"{part.discount * 100:.0f}"] if part.discount else []
        )
    assert shown.later.total == sum((part.total for part in parts if part.total is not None), Decimal(0))
