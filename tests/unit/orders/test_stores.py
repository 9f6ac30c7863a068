from dataclasses import replace
from decimal import Decimal

import pytest

from edi_engine.orders.bill import bill
from edi_engine.orders.decision import Ruling
from edi_engine.orders.order import Destination
from edi_engine.orders.policy import Policy
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import ShipInstruction, ShipLine, ship
from edi_engine.orders.stores import allot
from tests.fixtures.shipping import ship_all

LABEL = "006141410000000999"
CASES = Policy(quantity_multiple="case_pack")


def shares(*quantities, unit=None):
    return tuple(
        Destination("92", f"010{number}", Decimal(quantity), unit) for number, quantity in enumerate(quantities, 1)
    )


@pytest.fixture
def three(line):
    """72 EA for three stores, 24 each; a case holds 12."""
    return lambda **changes: line(
        **{"unit": "EA", "quantity": Decimal(72), "destinations": shares(24, 24, 24), **changes}
    )


def codes(decision):
    return [finding.code for finding in decision.all_findings()]


def given(decision, line=0):
    return [(one.id, one.quantity) for one in decision.lines[line].allotments]


def test_each_store_gets_what_it_wants(judge, order, three):
    decision = judge(order(three()))
    assert codes(decision) == []
    answered = decision.answer.lines[0]
    assert answered.allotments == decision.lines[0].allotments
    assert given(decision) == [("0101", 24), ("0102", 24), ("0103", 24)]
    assert answered.status == "accepted"


def test_shares_say_where_the_goods_go_where_the_order_does_not(judge, order, three, line):
    assert codes(judge(order(three(), parties=()), ship_tos=None)) == []
    nowhere = order(three(), line(2), parties=())
    assert codes(judge(nowhere, ship_tos=None)) == ["order.ship-to.missing"]


@pytest.mark.parametrize(
    ("stock", "stores", "accepted"),
    [
        (72, [("0101", 24), ("0102", 24), ("0103", 24)], 72),
        (65, [("0101", 24), ("0102", 24), ("0103", 12)], 60),  # 17 left: one whole carton
        (59, [("0101", 24), ("0102", 24)], 48),  # 11 left: no carton
        (40, [("0101", 24), ("0102", 12)], 36),  # 16 left: one carton, then 4: none
        (11, [], 0),
    ],
)
def test_short_stock_is_given_out_in_turn_and_in_whole_cartons(judge, order, three, item, stock, stores, accepted):
    decision = judge(order(three()), items={1: item(stock=Decimal(stock))})
    assert given(decision) == stores
    answered = decision.answer.lines[0]
    assert answered.quantity_accepted == accepted
    assert answered.status == ("accepted" if accepted == 72 else "quantity_changed" if accepted else "rejected")
    if accepted < 72:
        (finding,) = decision.all_findings()
        assert f"{accepted} EA are in stock" in finding.message


def test_what_a_short_store_leaves_goes_on_to_the_next_one(judge, order, three, item):
    wanted = three(quantity=Decimal(41), destinations=shares(24, 12, 5))
    decision = judge(order(wanted), items={1: item(stock=Decimal(33))})
    assert given(decision) == [("0101", 24), ("0103", 5)]  # 9 left is no carton for 0102, but enough for 0103


def test_the_rest_of_a_short_store_may_follow_later(judge, order, three, item):
    decision = judge(order(three()), items={1: item(stock=Decimal(65))}, policy=Policy(short_stock="backorder"))
    assert given(decision)[-1] == ("0103", 12)
    assert [(one.status, one.quantity) for one in decision.answer.lines[0].answers] == [
        ("accepted", 60),
        ("backordered", 12),
    ]


def test_the_stock_that_no_carton_takes_is_left_for_the_next_line(judge, order, three, line, item):
    items = {1: item(stock=Decimal(65)), 2: item(stock=Decimal(65))}
    second = line(2, unit="EA", quantity=Decimal(5))
    decision = judge(order(three(), second), items=items)
    assert [one.quantity_accepted for one in decision.answer.lines] == [60, 5]


def test_shares_that_do_not_add_up_hold_their_line_and_the_good_ones_wait_beside_it(judge, order, three, line):
    decision = judge(order(three(), line(2, destinations=shares(1, 1))))
    (finding,) = decision.all_findings()
    assert (finding.code, finding.where.line, finding.where.in_set) == ("order.destinations.sum", 2, 20)
    assert finding.message == "The shares of 2 stores on line 2 come to 2; the line orders 3 CA."
    assert [verdict.held for verdict in decision.lines] == [False, True]
    assert given(decision) == [("0101", 24), ("0102", 24), ("0103", 24)]
    assert decision.answer is None


@pytest.mark.parametrize(
    ("wants", "stores", "status"),
    [
        ((1, 1), [("0101", 1), ("0102", 1)], "quantity_changed"),
        ((2, 2), [("0101", 2), ("0102", 1)], "accepted"),
    ],
)
def test_a_person_may_go_by_the_lesser_of_line_and_shares(judge, order, line, wants, stores, status):
    ordered = order(line(destinations=shares(*wants)))
    decision = judge(ordered, Ruling("order.destinations", "keep-ours"))
    assert given(decision) == stores
    assert decision.answer.lines[0].status == status
    assert judge(ordered, Ruling("order.destinations", "reject-line")).answer.answer == "rejected"


@pytest.mark.parametrize(
    ("share", "code"),
    [
        (Destination("92", None, Decimal(3)), "order.destinations.share"),
        (Destination("92", "0101", Decimal(0)), "order.destinations.share"),
        (Destination("92", "0101", None), "order.destinations.share"),
        (Destination("92", "0101", Decimal("1.5")), "order.destinations.share"),
        (Destination("92", "0101", Decimal(3), "BX"), "order.destinations.unit"),
        (Destination("92", "0101", Decimal(36), "EA"), None),
        (Destination("92", "0109", Decimal(3)), "order.destinations.unknown"),
    ],
)
def test_each_share_is_judged(judge, order, line, share, code):
    decision = judge(order(line(destinations=(share,))), stores=frozenset({"0101"}))
    assert codes(decision) == ([] if code is None else [code])


def test_a_store_that_stands_twice_is_one(judge, order, line):
    twice = (*shares(1, 1), Destination("92", "0101", Decimal(1)))
    assert given(judge(order(line(destinations=twice)))) == [("0101", 2), ("0102", 1)]


def test_unknown_stores_may_be_served_this_once(judge, order, line):
    ordered = order(line(destinations=shares(2, 1)))
    known = frozenset({"0101"})
    assert judge(ordered, stores=known).held
    decision = judge(ordered, Ruling("order.destinations", "accept-theirs"), stores=known)
    assert given(decision) == [("0101", 2), ("0102", 1)]


def test_shares_that_break_cases_wait_where_cases_are_agreed_on(judge, order, three):
    ordered = order(three(quantity=Decimal(48), destinations=shares(10, 14, 24)))
    assert codes(judge(ordered, policy=CASES)) == ["order.destinations.cases"]
    rounded = judge(ordered, Ruling("order.destinations", "keep-ours"), policy=CASES)
    assert given(rounded) == [("0102", 12), ("0103", 24)]
    assert rounded.answer.lines[0].quantity_accepted == 36
    broken = judge(ordered, Ruling("order.destinations", "accept-theirs"), policy=CASES)
    assert given(broken) == [("0101", 10), ("0102", 14), ("0103", 24)]


def test_whole_cartons_of_a_dozen_and_a_half_are_whole_dozens_too(line, item):
    wanted = line(unit="DZ", quantity=Decimal(6), destinations=shares(6))
    (store,) = allot(wanted, Decimal(5), item(case_pack=Decimal(18)))
    assert store.quantity == 3


# --- shipping and billing --------------------------------------------------------------------------------------------


def test_no_carton_holds_goods_of_two_stores(judge, order, three, line, item, dispatch):
    items = {1: item(), 2: item("A-2")}
    uneven = three(quantity=Decimal(36), destinations=shares(14, 22))
    other = line(2, unit="EA", quantity=Decimal(9), destinations=shares(4, 5))
    answer = judge(order(uneven, other), items=items).answer
    shipment = ship_all(answer, items, dispatch)
    stores = {}
    for content in shipment.contents:
        stores.setdefault(content.pack.sscc, set()).add(content.store)
    assert all(len(names) == 1 for names in stores.values())
    # 0101: a case of 12, and 2 and 4 pieces mixed; 0102: a case of 12, and 10 and 5 pieces mixed
    assert [(one.store, one.line.position, one.quantity) for one in shipment.contents] == [
        ("0101", 1, 12), ("0102", 1, 12), ("0101", 1, 2), ("0101", 2, 4), ("0102", 1, 10), ("0102", 2, 5),
    ]  # fmt: skip
    assert shipment.package_count == 4


def test_an_invoice_line_sums_its_stores(judge, order, three, item, dispatch):
    answer = judge(order(three(), currency="USD"), items={1: item(stock=Decimal(65))}).answer
    shipment = ship_all(answer, {1: item()}, dispatch)
    invoice, _ = bill(answer, shipment, {1: item()}, Policy(), number="I-1", date=dispatch.when.date())
    assert [(one.quantity, one.amount) for one in invoice.lines] == [(60, Decimal("432.00"))]


def test_stores_are_served_in_turn_by_several_shipments(judge, order, three, item, dispatch):
    answer = judge(order(three())).answer
    items = {1: item()}
    first, _ = ship(ShipInstruction((ShipLine(1, Decimal(30)),)), answer, {}, items, dispatch)
    assert shipped_to_stores([first]) == {(1, "0101"): 24, (1, "0102"): 6}
    second, _ = ship(ShipInstruction(), answer, {1: Decimal(30)}, items, dispatch)
    assert shipped_to_stores([second]) == {(1, "0102"): 18, (1, "0103"): 24}


def test_the_warehouse_may_name_the_store(judge, order, three, item, dispatch):
    answer = judge(order(three())).answer
    items = {1: item()}
    first, _ = ship(ShipInstruction((ShipLine(1, Decimal(12), store="0103"),)), answer, {}, items, dispatch)
    gone = shipped_to_stores([first])
    assert gone == {(1, "0103"): 12}
    rest, _ = ship(ShipInstruction(), answer, {1: Decimal(12)}, items, dispatch, stores_shipped=gone)
    assert shipped_to_stores([rest]) == {(1, "0101"): 24, (1, "0102"): 24, (1, "0103"): 12}


@pytest.mark.parametrize(
    ("rows", "code", "seen"),
    [
        ((ShipLine(1, Decimal(25), store="0101"),), "order.shipment.over", "25"),
        ((ShipLine(1, Decimal(2), store="0109"),), "order.shipment.store", "0109"),
        ((ShipLine(1, Decimal(13), "EA", store="0101"), ShipLine(1, Decimal(1), "CA", store="0101")),
         "order.shipment.over", "25"),
        ((ShipLine(1, Decimal(36), sscc=LABEL),), "order.shipment.stores", LABEL),
    ],
)  # fmt: skip
def test_no_store_gets_more_than_its_share(judge, order, three, item, dispatch, rows, code, seen):
    answer = judge(order(three())).answer
    shipment, (finding,) = ship(ShipInstruction(rows), answer, {}, {1: item()}, dispatch)
    assert shipment is None
    assert (finding.code, finding.seen) == (code, seen)


def test_a_line_for_one_place_knows_no_stores(judge, order, item, dispatch):
    answer = judge(order()).answer
    _, (finding,) = ship(ShipInstruction((ShipLine(1, Decimal(1), store="0101"),)), answer, {}, {1: item()}, dispatch)
    assert finding.code == "order.shipment.store"
    shipment = ship_all(answer, {1: item()}, dispatch)
    assert {content.store for content in shipment.contents} == {None}


def test_a_rejected_line_allots_nothing(judge, order, three):
    decision = judge(order(replace(three(), unit_price=Decimal(9))), Ruling("order.price", "reject-line"))
    assert decision.answer.lines[0].allotments == ()
