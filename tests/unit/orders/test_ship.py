from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from edi_engine.errors import UsageError
from edi_engine.orders.decision import Ruling
from edi_engine.orders.policy import Policy
from edi_engine.orders.ship import ShipInstruction, ShipLine, ship
from edi_engine.orders.sscc import check_digit, is_sscc, sscc
from tests.fixtures.shipping import ship_all

FULL = "006141410000000012"


@pytest.mark.parametrize(
    ("prefix", "extension", "serial", "wanted"),
    [
        ("0614141", "1", 234567890, "106141412345678908"),
        ("0614141", "0", 123456789, "006141411234567890"),
        ("0614141", "0", 0, "006141410000000005"),
    ],
)
def test_sscc_vectors(prefix, extension, serial, wanted):
    assert sscc(prefix, extension, serial) == wanted
    assert is_sscc(wanted)


def test_check_digit_of_a_gtin():
    assert check_digit("629104150021") == "3"


@pytest.mark.parametrize(
    ("prefix", "extension", "serial"),
    [("0614141", "0", 10**9), ("0614141", "0", -1), ("06141", "0", 1), ("0614141", "12", 1), ("\u0660614141", "0", 1)],
)
def test_sscc_that_cannot_be_made_is_refused(prefix, extension, serial):
    with pytest.raises(UsageError):
        sscc(prefix, extension, serial)


@pytest.mark.parametrize("text", ["006141411234567891", "00614141123456789", "00614141123456789O", "\u0660" * 18, ""])
def test_what_is_no_sscc(text):
    assert not is_sscc(text)


def packed(shipment):
    return [(one.line.position, one.quantity, one.pack.sscc) for one in shipment.contents]


def test_each_case_is_a_pack_and_the_loose_share_one(judge, order, line, item, dispatch):
    items = {1: item(weight=Decimal("1.5")), 2: item("A-2", weight=Decimal(2)), 3: item("A-3", weight=Decimal(1))}
    answer = judge(
        order(
            line(1, quantity=Decimal(2)),
            line(2, unit="EA", quantity=Decimal(30)),
            line(3, unit="EA", quantity=Decimal(5)),
        ),
        items=items,
    ).answer
    shipment = ship_all(answer, items, dispatch)
    labels = [sscc("0614141", "0", serial) for serial in range(1, 6)]
    assert packed(shipment) == [
        (1, Decimal(1), labels[0]),
        (1, Decimal(1), labels[1]),
        (2, Decimal(12), labels[2]),
        (2, Decimal(12), labels[3]),
        (2, Decimal(6), labels[4]),
        (3, Decimal(5), labels[4]),
    ]
    assert (shipment.package_count, shipment.packaging) == (Decimal(5), "CTN25")
    assert (shipment.weight, shipment.weight_unit) == (Decimal("101.00"), "LB")
    assert (shipment.contents[0].pack.weight, shipment.contents[4].pack.weight) == (Decimal("18.00"), Decimal("17.00"))
    assert (shipment.number, shipment.date, shipment.time.isoformat()) == ("S-1", date(2026, 1, 6), "14:30:00")
    assert shipment.shipped_on == date(2026, 1, 6)
    assert [party.id for party in shipment.parties] == ["0007"]


def test_a_weight_that_is_not_known_is_not_made_up(judge, order, line, item, dispatch):
    items = {1: item(weight=Decimal(1)), 2: item("A-2")}
    shipment = ship_all(judge(order(line(1), line(2)), items=items).answer, items, dispatch)
    assert (shipment.weight, shipment.weight_unit) == (None, None)


def test_only_what_was_accepted_ships(judge, order, line, item, dispatch):
    items = {1: item(stock=Decimal(24)), 2: item("A-2", stock=Decimal(0))}
    answer = judge(order(line(1), line(2)), items=items).answer
    assert [(position, quantity) for position, quantity, _ in packed(ship_all(answer, items, dispatch))] == [
        (1, 1),
        (1, 1),
    ]


def test_nothing_accepted_is_no_shipment(judge, order, line, item, dispatch):
    answer = judge(order(line(unit_price=Decimal(9))), Ruling("order.price", "reject-line")).answer
    assert ship_all(answer, {1: item()}, dispatch) is None
    _, findings = ship(ShipInstruction(), answer, {}, {1: item()}, dispatch)
    assert [one.code for one in findings] == ["order.shipment.nothing"]


def test_cartons_may_be_the_warehouses_own(judge, order, line, item, dispatch):
    items = {1: item(), 2: item("A-2")}
    answer = judge(order(line(1), line(2, unit="EA", quantity=Decimal(12)))).answer
    rows = (ShipLine(1, Decimal(24), "EA", sscc=FULL), ShipLine(2, Decimal(5), sscc=FULL, lot="L9"))
    told = ShipInstruction(rows, number="S-77", carrier="UPSN", weight=Decimal(40), shipped_on=date(2026, 1, 7))
    shipment, findings = ship(told, answer, {}, items, dispatch)
    assert findings == ()
    assert packed(shipment) == [(1, Decimal(2), FULL), (2, Decimal(5), FULL)]
    assert (shipment.number, shipment.carrier, shipment.weight) == ("S-77", "UPSN", Decimal(40))
    assert (shipment.package_count, shipment.shipped_on) == (1, date(2026, 1, 7))
    assert shipment.contents[1].lot == "L9"


@pytest.mark.parametrize(
    ("rows", "shipped", "codes"),
    [
        ((ShipLine(1, Decimal(3)),), {}, []),
        ((ShipLine(1, Decimal(2)), ShipLine(1, Decimal(1))), {}, []),
        ((ShipLine(1, Decimal(2)), ShipLine(1, Decimal(2))), {}, ["over"]),
        ((ShipLine(1, Decimal(36), "EA"),), {}, []),
        ((ShipLine(1, Decimal(39), "EA"),), {}, ["over"]),
        ((ShipLine(1, Decimal(37), "EA"),), {}, ["unit"]),  # three cases and a twelfth
        ((ShipLine(1, Decimal(2)),), {1: Decimal(2)}, ["over"]),
        ((ShipLine(1, Decimal(1)),), {1: Decimal(2)}, []),
        ((), {1: Decimal(3)}, ["nothing"]),
        ((ShipLine(9, Decimal(1)),), {}, ["line"]),
        ((ShipLine(1, Decimal(1), "BX"),), {}, ["unit"]),
        ((ShipLine(1, Decimal(0)),), {}, ["quantity"]),
        ((ShipLine(1, Decimal(1), sscc="123"),), {}, ["sscc"]),
        ((ShipLine(1, Decimal(1), sscc="123"), ShipLine(9, Decimal(1))), {}, ["sscc", "line"]),
    ],
)
def test_an_instruction_is_checked_as_a_whole(judge, order, line, item, dispatch, rows, shipped, codes):
    shipment, findings = ship(ShipInstruction(rows), judge(order(line())).answer, shipped, {1: item()}, dispatch)
    assert [one.code for one in findings] == [f"order.shipment.{code}" for code in codes]
    assert (shipment is None) == bool(codes)


def test_the_rest_ships_when_no_line_is_told(judge, order, line, item, dispatch):
    shipment, _ = ship(ShipInstruction(), judge(order(line())).answer, {1: Decimal(1)}, {1: item()}, dispatch)
    assert sum(one.quantity for one in shipment.contents) == 2


@pytest.mark.parametrize(
    ("case_pack", "dozens", "cartons"),
    [(6, 2, [1, 1]), (12, 2, [1, 1]), (24, 5, [2, 2, 1]), (4, 1, [1]), (8, 5, [2, 2, 1]), (144, 13, [12, 1])],
)
def test_no_carton_holds_half_a_dozen(judge, order, line, item, dispatch, case_pack, dozens, cartons):
    items = {1: item(case_pack=Decimal(case_pack))}
    by_dozen = line(unit="DZ", quantity=Decimal(dozens), unit_price=Decimal("86.40"), price_basis=None)
    answer = judge(order(by_dozen), items=items, policy=Policy(units=frozenset({"DZ"}))).answer
    shipment = ship_all(answer, items, dispatch)
    assert [quantity for _, quantity, _ in packed(shipment)] == cartons
    assert shipment.package_count == len(cartons)


def test_a_case_that_has_no_end_in_the_lines_unit_goes_loose(judge, order, line, item, dispatch):
    items = {1: item(case_pack=Decimal(10))}  # ten twelfths of a dozen
    per_dozen = line(unit="DZ", unit_price=Decimal("86.40"), price_basis=None)
    policy_answer = judge(order(line())).answer
    answer = replace(policy_answer, lines=(replace(policy_answer.lines[0], line=per_dozen),))
    assert [quantity for _, quantity, _ in packed(ship_all(answer, items, dispatch))] == [Decimal(3)]
