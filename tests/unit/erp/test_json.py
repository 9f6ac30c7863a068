import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from edi_engine.erp.codec import from_plain, to_plain
from edi_engine.erp.json import SCHEMA, erp_order, from_json, to_json
from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import Allotment, Answer, AnswerLine, LineAnswer, LineVerdict, Ruling
from edi_engine.orders.facts import EarlierOrder, Facts, ItemFact
from edi_engine.orders.order import Charge, Kept, OrderLine, Party, Price, ProductId, PurchaseOrder, Schedule
from edi_engine.orders.policy import Policy
from edi_engine.orders.shipment import Content, Pack, Shipment

LINE = OrderLine(
    1,
    number="1",
    quantity=Decimal("3.00"),
    unit="CA",
    unit_price=Decimal("7.20"),
    price_basis="PE",
    ids=(ProductId("VN", "AC-1"),),
    prices=(Price(class_="WS", price=Decimal(1)),),
    schedules=(Schedule(Decimal(1), date=date(2026, 2, 1)),),
    span=(4, 9),
    in_set=5,
)
ORDER = PurchaseOrder(
    "4500012345",
    order_date=date(2026, 1, 2),
    parties=(Party("ship_to", "Ünïcode & <Söhne>", id="0007", span=(2, 3)),),
    charges=(Charge("allowance", "C310", percent=Decimal("1E+1")),),
    stated_lines=Decimal(1),
    lines=(LINE,),
    kept=Kept("850", "004010", (("BEG", "00", "", "4500012345"), ("PO1",)), component=":", repetition=None),
)
ANSWER = Answer(ORDER, "accepted", (AnswerLine(LINE, "accepted", (LineAnswer("accepted", Decimal(2), "CA"),)),), "R-1")


def test_everything_comes_back_as_it_was():
    pack = Pack("006141411234567890", weight=Decimal("18.50"))
    shipment = Shipment(
        "S-1",
        date(2026, 1, 6),
        time(14, 30),
        (Content(ORDER, LINE, Decimal(1), "CA", pack), Content(ORDER, LINE, Decimal(2), "CA", pack)),
    )
    facts = Facts(date(2026, 1, 5), {1: ItemFact("AC-1", Decimal("7.20"))}, frozenset())
    verdict = LineVerdict(1, (), (Finding("order.price.missing", Severity.HOLD, "m", Position(line=1)),))
    for value in (
        ORDER,
        ANSWER,
        shipment,
        facts,
        EarlierOrder(ORDER, date(2026, 1, 1), "OPEN"),
        verdict,
        Ruling("order.price", "keep-ours"),
        Policy(units=frozenset({"EA"})),
    ):
        again = from_json(type(value), to_json(value))
        assert again == value
        assert to_json(again) == to_json(value)


def test_digits_are_kept_not_only_values():
    again = from_json(PurchaseOrder, to_json(ORDER))
    assert str(again.lines[0].quantity) == "3.00"
    assert str(again.charges[0].percent) == "1E+1"


def test_absent_and_empty_are_left_out():
    assert to_plain(PurchaseOrder("1")) == {"po_number": "1"}
    assert to_plain(Kept("850", "004010", ())) == {"set_id": "850", "version": "004010", "component": ">"}
    assert from_plain(Kept, to_plain(Kept("850", "004010", ()))) == Kept("850", "004010", ())


def test_an_order_that_many_contents_share_is_written_once():
    shared = to_json(
        Shipment("S", date(2026, 1, 6), time(1), tuple(Content(ORDER, LINE, Decimal(1), "CA") for _ in range(50)))
    )
    assert shared.count("4500012345") == 2  # the field, and its kept segment
    again = from_json(Shipment, shared)
    assert again.contents[49].order is again.contents[0].order
    assert again.contents[49].line is again.contents[0].order.lines[0]


def test_a_database_may_sort_the_keys():
    shuffled = json.dumps(dict(reversed(json.loads(to_json(ANSWER)).items())))
    assert from_json(Answer, shuffled) == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"po_number": 7}',
        '{"po_number": "1", "order_date": "soon"}',
        '{"po_number": "1", "no_field": "x"}',
        '{"po_number": "1", "stated_lines": 1.5}',
        '{"po_number": "1", "stated_lines": "x"}',
        '{"$same": 1}',
        "[]",
        "null",
        "{",
    ],
)
def test_what_we_did_not_write_is_a_fault_of_the_store(text):
    with pytest.raises(ValueError, match=r"no PurchaseOrder|Expecting"):
        from_json(PurchaseOrder, text)


def test_floats_have_no_place():
    @dataclass(frozen=True)
    class Odd:
        amount: float

    with pytest.raises(TypeError, match="float has no plain form"):
        to_plain(Odd(1.5))


def test_datetimes_come_back_aware():
    @dataclass(frozen=True)
    class Moment:
        at: datetime

    moment = Moment(datetime(2026, 1, 1, 7, 30, tzinfo=UTC))
    assert from_plain(Moment, to_plain(moment)) == moment


def test_the_erp_learns_our_item_number_from_the_facts():
    items = {1: ItemFact("AC-1")}
    (line,) = erp_order(ORDER, ANSWER, partner="acme", live=True, items=items)["lines"]
    assert line["item"] == "AC-1"


def test_the_erp_gets_the_order_and_what_we_answered():
    answer = replace(
        ANSWER,
        lines=(
            replace(
                ANSWER.lines[0], answers=(LineAnswer("price_changed", Decimal(2), "CA", unit_price=Decimal("7.10")),)
            ),
        ),
    )
    plain = erp_order(ORDER, answer, partner="acme", live=False, reference="7")
    assert plain["schema"] == SCHEMA == "edi-engine.order/1"
    assert (plain["test"], plain["reference"], plain["partner"]) == (True, "7", "acme")
    assert (plain["po_number"], plain["order_date"]) == ("4500012345", "2026-01-02")
    assert plain["answer"] == {"verdict": "accepted", "number": "R-1"}
    assert plain["lines"] == [
        {
            "position": 1,
            "number": "1",
            "ids": [{"type": "VN", "id": "AC-1"}],
            "prices": [{"class": "WS", "price": "1"}],
            "schedules": [{"quantity": "1", "date": "2026-02-01"}],
            "ordered": {"quantity": "3.00", "unit": "CA", "unit_price": "7.20", "price_basis": "PE"},
            "status": "accepted",
            "accepted": {"quantity": "2", "unit": "CA", "unit_price": "7.10", "price_basis": "PE"},
            "answers": [{"status": "price_changed", "quantity": "2", "unit": "CA", "unit_price": "7.10"}],
        }
    ]
    text = json.dumps(plain)
    assert not any(f'"{word}"' in text for word in ("kept", "span", "in_set", "stated_lines", "$id", "$same"))


def test_the_erp_learns_what_each_store_gets():
    shared = replace(ANSWER.lines[0], allotments=(Allotment("92", "0101", Decimal(2)),))
    (line,) = erp_order(ORDER, replace(ANSWER, lines=(shared,)), partner="acme", live=True)["lines"]
    assert line["stores"] == [{"id_type": "92", "id": "0101", "quantity": "2"}]
    (whole,) = erp_order(ORDER, ANSWER, partner="acme", live=True)["lines"]
    assert "stores" not in whole
