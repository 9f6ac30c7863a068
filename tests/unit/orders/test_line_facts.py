"""What a line states beside its quantity: listed prices (CTP), packs (PO4), the parts of a kit (SLN)."""

from datetime import date
from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.bill import bill
from edi_engine.orders.decision import Ruling
from edi_engine.orders.order import Component, PackSize, Price
from edi_engine.orders.packs import packed, pieces_of
from edi_engine.orders.policy import Policy
from edi_engine.orders.prices import with_prices
from tests.fixtures.shipping import ship_all


def codes(decision):
    return [finding.code for finding in decision.all_findings()]


def price(type_="NET", amount="7.20", **changes):
    return Price(type=type_, price=Decimal(amount), **changes)


@pytest.mark.parametrize(
    ("prices", "kinds", "wanted"),
    [
        ((price(),), ("NET", "UCP"), "7.20"),
        ((price("RES", "14.99"), price("UCP")), ("NET", "UCP"), "7.20"),
        ((price("UCP", "9.00"), price()), ("NET", "UCP"), "7.20"),
        ((price("RES", "14.99"),), ("NET", "UCP"), None),
        ((price("CON"),), ("NET",), None),
        ((price(class_="WS"), price(amount="9", class_="RS")), ("WS/NET",), "7.20"),
        ((price(class_="RS"),), ("WS/NET",), None),
        ((price(), price(amount="8")), ("NET",), None),  # which of them?
        ((price(), price(amount="7.200")), ("NET",), "7.20"),
        ((price(amount="86.40", unit="CA"),), ("NET",), "7.20"),  # the line is priced per piece
        ((price("SLP", "9", factor_type="DIS", factor=Decimal("0.8")),), ("SLP",), "7.20"),
        ((price("SLP", "9", factor_type="CSD", factor=Decimal("0.8")),), ("SLP",), None),
        ((Price(type="NET"),), ("NET",), None),
        ((price(unit="BX"),), ("NET",), None),
    ],
)
def test_a_line_without_a_price_has_the_listed_one_agreed_on(judge, order, line, prices, kinds, wanted):
    decision = judge(order(line(unit_price=None, prices=prices)), policy=Policy(prices=kinds))
    if wanted is None:
        assert codes(decision) == ["order.price.missing"]
    else:
        assert codes(decision) == []
        assert decision.answer.lines[0].unit_price == Decimal(wanted)
        assert decision.answer.order.lines[0] is decision.answer.lines[0].line


def test_a_price_of_its_own_stays(judge, order, line):
    decision = judge(order(line(prices=(price(amount="1"),))))
    assert codes(decision) == []
    ordered = order(line())
    assert with_prices(ordered, {}, Policy()) is ordered


def test_a_listed_price_is_compared_and_billed_like_any_other(judge, order, line, item, dispatch):
    listed = order(line(unit_price=None, prices=(price(amount="7.30"),)))
    assert codes(judge(listed)) == ["order.price.over-tolerance"]
    answer = judge(listed, Ruling("order.price", "accept-theirs")).answer
    invoice, _ = bill(
        answer, ship_all(answer, {1: item()}, dispatch), {1: item()}, Policy(), number="I", date=date(2026, 1, 6)
    )
    assert invoice.total == Decimal("262.80")  # 36 x 7.30


# --- packs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "size", "unit", "inner_inner", "wanted"),
    [
        ("1", "24", "EA", None, "24"),
        ("6", "6", "EA", None, "36"),
        ("2", "1", "DZ", None, "24"),
        (None, "12", "EA", None, "12"),
        ("48", "8.9", "LB", None, "48"),  # 48 pieces of 8.9 pounds each
        ("12", None, None, None, "12"),
        ("4", None, None, "6", "24"),
        (None, "5", "LB", None, None),
        ("0", None, None, None, None),
        ("2", "1", "CA", None, None),
    ],
)
def test_how_many_pieces_a_case_holds_by_the_order(inner, size, unit, inner_inner, wanted):
    number = lambda text: None if text is None else Decimal(text)  # noqa: E731
    pack = PackSize(number(inner), number(size), unit, inner_inner=number(inner_inner))
    assert pieces_of(pack) == number(wanted)


def test_another_pack_than_ours_is_said_or_held(judge, order, line):
    ordered = order(line(pack=PackSize(Decimal(1), Decimal(24), "EA")))
    noted = judge(ordered)
    (finding,) = noted.all_findings()
    assert (finding.code, finding.severity, finding.seen, finding.wanted) == (
        "order.pack.differs", Severity.NOTE, "24", "12",
    )  # fmt: skip
    assert noted.answer.answer == "accepted"
    hold = Policy(pack="hold")
    assert judge(ordered, policy=hold).held
    assert judge(ordered, Ruling("order.pack", "keep-ours"), policy=hold).answer.answer == "accepted"
    assert codes(judge(order(line(pack=PackSize(Decimal(12)))))) == []


def test_a_case_pack_that_we_lack_may_be_the_orders_own(judge, order, line, item, dispatch):
    ordered = order(line(pack=PackSize(Decimal(1), Decimal(12), "EA")))
    items = {1: item(case_pack=None)}
    assert codes(judge(ordered, items=items)) == ["order.unit.case-pack"]
    theirs = Policy(pack_from_order=True)
    decision = judge(ordered, items=items, policy=theirs)
    assert codes(decision) == []
    known = packed(items, ordered, theirs)
    assert known[1].case_pack == 12
    assert packed(items, ordered, Policy()) == items
    shipment = ship_all(decision.answer, known, dispatch)
    invoice, _ = bill(decision.answer, shipment, items, theirs, number="I", date=date(2026, 1, 6))
    assert invoice.total == Decimal("259.20")


# --- kits ------------------------------------------------------------------------------------------------------------


def test_a_kit_goes_as_its_parent(judge, order, line):
    parts = (Component("1", "I", Decimal(1), "EA", Decimal("3.55")), Component("2", "O", Decimal(2), "EA"))
    decision = judge(order(line(components=parts)))
    assert codes(decision) == []
    assert decision.answer.lines[0].line.components == parts


def test_a_kit_that_is_to_be_changed_needs_a_person(judge, order, line):
    parts = (Component("1", "I"), Component("2", "D"), Component(None, "A", description="a bow"))
    ordered = order(line(components=parts))
    (finding,) = judge(ordered).all_findings()
    assert finding.code == "order.components.changed"
    assert finding.message == "The kit on line 1 is to be changed: 2 left out, a bow added."
    assert judge(ordered, Ruling("order.components", "accept-theirs")).answer.answer == "accepted"
