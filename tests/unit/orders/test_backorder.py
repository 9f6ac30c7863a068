"""What is backordered: answered, owed to the very stores that were short, and shipped when an instruction names it."""

from decimal import Decimal

import pytest

from edi_engine.orders.order import Destination
from edi_engine.orders.policy import Policy
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import ShipInstruction, ShipLine, ship
from tests.fixtures.shipping import ship_all

LATER = Policy(short_stock="backorder")


@pytest.fixture
def answered(judge, order, line, item):
    """An answer to one line of 30 EA, of which only `stock` are there; `wants` share it out among stores."""

    def make(stock, *wants):
        stores = tuple(Destination("92", f"010{number}", Decimal(want)) for number, want in enumerate(wants, 1))
        wanted = line(unit="EA", quantity=Decimal(sum(wants) or 30), destinations=stores)
        return judge(order(wanted), items={1: item(stock=Decimal(stock))}, policy=LATER).answer

    return make


@pytest.fixture
def shipped(item, dispatch):
    def make(answer, *rows, before=0, stores=None):
        wanted = tuple(ShipLine(1, Decimal(quantity), store=store) for quantity, store in rows)
        return ship(ShipInstruction(wanted), answer, {1: Decimal(before)}, {1: item()}, dispatch, stores_shipped=stores)

    return make


@pytest.mark.parametrize(
    ("stock", "status", "accepted", "owed"),
    [(30, "accepted", 30, 0), (20, "changed", 20, 10), (0, "backordered", 0, 30)],
)
def test_what_is_promised_and_what_is_owed(answered, stock, status, accepted, owed):
    (line,) = answered(stock).lines
    assert (line.status, line.quantity_accepted, line.quantity_backordered) == (status, accepted, owed)


def test_an_order_of_which_nothing_is_there_is_not_rejected(answered):
    answer = answered(0)
    assert (answer.answer, answer.reason) == ("changed", None)
    assert [(one.status, one.quantity, one.reason) for one in answer.lines[0].answers] == [
        ("backordered", 30, "out_of_stock")
    ]


def test_only_what_was_accepted_ships_where_no_line_is_named(answered, item, dispatch, shipped):
    answer = answered(20)
    assert sum(one.quantity for one in ship_all(answer, {1: item()}, dispatch).contents) == 20
    shipment, (finding,) = shipped(answer, before=20)
    assert shipment is None
    assert finding.code == "order.shipment.nothing"
    assert finding.message == "Of order 4500012345 only backordered goods are left to ship: 10 EA of line 1."


def test_the_rest_ships_when_a_row_names_it_and_never_more(answered, shipped):
    answer = answered(20)
    late, _ = shipped(answer, (10, None), before=20)
    assert sum(one.quantity for one in late.contents) == 10
    early, _ = shipped(answer, (25, None))  # the stock came before the first shipment left
    assert sum(one.quantity for one in early.contents) == 25
    _, (finding,) = shipped(answer, (11, None), before=20)
    assert (finding.code, finding.wanted) == ("order.shipment.over", "at most 10")
    assert "only 10 are accepted or backordered and not shipped yet" in finding.message


def test_each_store_is_owed_what_it_was_short_of(answered):
    (line,) = answered(65, 24, 24, 24).lines  # a case holds 12: 17 left for the third store are one case
    assert [(one.id, one.quantity) for one in line.allotments] == [("0101", 24), ("0102", 24), ("0103", 12)]
    assert [(one.id, one.quantity) for one in line.backorders] == [("0103", 12)]
    (none,) = answered(5, 24, 24).lines
    assert [(one.id, one.quantity) for one in none.backorders] == [("0101", 24), ("0102", 24)]


def test_the_rest_goes_to_the_stores_that_were_short(answered, shipped):
    answer = answered(40, 24, 24, 24)  # 24 and 12; then 12 and 24 are owed
    first, _ = shipped(answer)
    assert shipped_to_stores([first]) == {(1, "0101"): 24, (1, "0102"): 12}
    second, _ = shipped(answer, (20, None), before=36, stores=shipped_to_stores([first]))
    assert shipped_to_stores([second]) == {(1, "0102"): 12, (1, "0103"): 8}
    third, _ = shipped(answer, (16, "0103"), before=56, stores=shipped_to_stores([first, second]))
    assert shipped_to_stores([third]) == {(1, "0103"): 16}
    _, (finding,) = shipped(answer, (1, "0101"), before=56, stores=shipped_to_stores([first, second]))
    assert (finding.code, finding.wanted) == ("order.shipment.over", "at most 0")
