from dataclasses import replace
from datetime import date
from decimal import Decimal

from edi_engine.orders.difference import Difference, differences
from edi_engine.orders.order import Charge, Kept, Party, ProductId


def said(*found):
    return [str(one) for one in found]


def test_how_an_order_lies_in_its_file_does_not_count(order, line):
    first = order(line(), kept=Kept("850", "004010", ()), purpose="original")
    second = order(line(in_set=99, span=(1, 2), item="OURS", quantity=Decimal("3.00")), purpose="resubmission")
    assert differences(first, second) == ()


def test_what_differs_is_named_as_maps_name_it(order, line):
    first = order(line(1), line(2), department="12", charges=(Charge("charge", amount=Decimal(5)),))
    second = order(
        line(1, quantity=Decimal(4), ship_by=date(2026, 2, 1)),
        line(2, ids=(ProductId("VN", "B"),)),
        parties=(Party("ship_to", "Dock 8", id_type="92", id="0007"),),
        purpose="cancel",
    )
    assert said(*differences(first, second)) == [
        "department: nothing, was 12",
        "parties(ship_to).name: Dock 8, was Dock 7",
        "charges[1]: nothing, was charge 5",
        "purpose: cancel, was original",
        "line 1 quantity: 4, was 3",
        "line 1 ship_by: 2026-02-01, was nothing",
        "line 2 ids: VN B, was VN A-2",
    ]


def test_lines_meet_by_their_number_in_any_order(order, line):
    first = order(line(1), line(2))
    second = order(line(2, unit="EA"), line(1), line(3))
    assert differences(first, second) == (
        Difference("unit", "CA", "EA", 2),
        Difference("line", None, "3 CA of A-3", 3),
    )
    assert differences(second, first)[-1] == Difference("line", "3 CA of A-3", None, 3)


def test_lines_without_numbers_meet_by_their_item(order, line):
    first = order(line(1, number=None), line(2, number=None))
    second = order(line(2, number=None), line(1, number=None, unit_price=Decimal(8)))
    assert said(*differences(first, second)) == ["line 1 unit_price: 8, was 7.20"]


def test_of_a_change_only_what_it_says_counts(order, line):
    first = order(line(1), line(2), department="12")
    change = replace(
        order(line(2, quantity=Decimal(9), unit=None, unit_price=None, ids=())), parties=(), purpose=None, type=None
    )
    assert said(*differences(first, change, change=True)) == ["line 2 quantity: 9, was 3"]


def test_a_second_party_of_a_role_is_its_own(order, line):
    first = order(parties=(Party("ship_to", id="1"), Party("ship_to", id="2")))
    second = order(parties=(Party("ship_to", id="1"), Party("ship_to", id="3"), Party("buyer", id="4")))
    assert said(*differences(first, second)) == [
        "parties(ship_to)[2].id: 3, was 2",
        "parties(buyer): buyer 4, was nothing",
    ]
