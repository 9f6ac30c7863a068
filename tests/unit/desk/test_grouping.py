"""Cases of one cause: what one repair would settle stands in one row, however the orders write it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from edi_engine.desk.export import COLUMNS, guarded, rows_of, to_csv
from edi_engine.desk.groups import alike, cause_of, group
from edi_engine.desk.queue import entry, list_cases
from edi_engine.desk.tending import assign, snooze
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order

UNKNOWN = "PO1*2*6*EA*5*PE*IN*100999"


@pytest.fixture
def morning(trade: Desk) -> Desk:
    """Four orders for an unknown item, two of them for a dear one, too; one of the dear one alone; a file of junk."""
    trade.walk(
        interchange(
            order("1", HOSE, UNKNOWN),
            order("2", UNKNOWN.replace("PO1*2*6", "PO1*1*9"), DEAR_SHEARS),
            order("3", HOSE, UNKNOWN.replace("*6*", "*11*"), DEAR_SHEARS.replace("PO1*2*24", "PO1*3*12")),
            order("4", UNKNOWN),
            order("5", DEAR_SHEARS),
        )
    )
    trade.walk(b"%PDF-1.7")
    return trade


def groups(trade: Desk):
    with trade.office().ledger.reading() as unit:
        return group(list_cases(unit, now=trade.shop.clock.now()))


def test_one_unknown_item_is_one_row(morning: Desk) -> None:
    found = {one.kind: one for one in groups(morning)}
    assert set(found) == {"order.item", "order.price", "envelope.unreadable"}
    item, price, junk = (found[kind] for kind in ("order.item", "order.price", "envelope.unreadable"))
    assert (len(item.cases), item.orders, item.partner) == (4, 4, "bluebird")
    assert item.causes == ("No item of ours is known by IN 100999.",)
    assert item.money == (("USD", Decimal("160.00")),)
    assert item.deadline == morning.shop.clock.now() + timedelta(hours=24)
    assert item.first in item.cases
    assert len(price.cases) == 3
    assert price.cause == "Unit price 10.5 is 5.53 % above the agreed 9.95 (limit 2 %)."
    assert (len(junk.cases), junk.orders, junk.deadline) == (1, 0, None)
    assert sum(len(one.cases) for one in found.values()) == len(morning.cases())


def test_all_of_a_cause_are_found_from_any_of_them(morning: Desk) -> None:
    (item,) = (one for one in groups(morning) if one.kind == "order.item")
    with morning.office().ledger.reading() as unit:
        for case_id in item.cases:
            same = alike(unit, case_id)
            assert same[0] == case_id
            assert set(same) == set(item.cases)
        with pytest.raises(UsageError, match="there is no case 77"):
            alike(unit, 77)


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("Order PO-7 has no lines.", "Order … has no lines."),
        ("24 EA of 100105 are ordered and 3.5 EA are in stock.", "… EA of 100105 are ordered and … EA are in stock."),
        ("Line 12 orders 13 EA; there is no part of one EA.", "Line … orders … EA; there is no part of one EA."),
        ("Ship by 2026-11-20 is past; today is 2026-11-22.", "Ship by … is past; today is …."),
        ("No item of ours is known by IN 100999, UP 012345678905.",) * 2,
        ("in.edi ends in the middle of 000000905.", "… ends in the middle of …."),
        ("Price 2 is 2 % off, in order PO-7 of 2.", "Price 2 is 2 % off, in order … of 2."),
        ("A price of 12.40 for PO-77.", "A price of 12.40 for PO-77."),
    ],
)
def test_what_differs_from_order_to_order_is_left_out(morning: Desk, message: str, cause: str) -> None:
    from dataclasses import replace

    finding = Finding("order.test", Severity.HOLD, message, Position(file="in.edi", line=3))
    case = replace(entry(morning.cases()[0]).record, po_number="PO-7")
    assert cause_of(finding, entry(case)) == cause


@pytest.mark.fault("S2")
def test_the_sheet_has_every_column_and_no_formula(morning: Desk) -> None:
    assign(morning.office(), [1], "=cmd|' /C calc'!A0")
    snooze(morning.office(), [1], "2d", '"quoted", and more')
    with morning.office().ledger.reading() as unit:
        listed = list_cases(unit, now=morning.shop.clock.now())
    rows = rows_of(listed, morning.shop.clock.now() + timedelta(hours=30))
    assert all(tuple(row) == COLUMNS for row in rows)
    (first,) = (row for row in rows if row["case"] == "1")
    assert first["deadline"] == "2026-11-23T17:30:00Z"
    assert (first["overdue"], first["rests_until"]) == ("yes", "2026-11-24T17:30:00Z")
    assert (first["lines"], first["money_held"], first["currency"]) == ("2", "30.00", "USD")
    assert first["choices"].split() == ["reject-line", "dismiss"]
    assert first["assignee"] == "=cmd|' /C calc'!A0"  # as it is, for programs
    import csv
    import io

    text = to_csv(rows)
    head, *cells = csv.reader(io.StringIO(text))
    assert tuple(head) == COLUMNS
    assert len(cells) == len(rows)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in cells for cell in row)
    (again,) = (dict(zip(head, row, strict=True)) for row in cells if row[0] == "1")
    assert again["assignee"] == "'=cmd|' /C calc'!A0"
    assert again["rests_why"] == '"quoted", and more'


@pytest.mark.fault("S2")
@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t=", " =", "\n=", "\r", "\uff1d", "\uff0b"])
def test_no_cell_is_calculated(mark: str) -> None:
    assert guarded(f"{mark}1+1").startswith("'")
    assert guarded(f"a{mark}1").startswith("a")
    assert guarded("nul\x00 esc\x1b") == "nul? esc?"
