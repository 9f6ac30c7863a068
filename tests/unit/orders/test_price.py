from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.decision import Ruling
from edi_engine.orders.policy import Policy, PriceTolerance


def codes(decision):
    return [finding.code for finding in decision.all_findings()]


def test_the_story_line_is_accepted_as_it_stands(judge, order, line):
    decision = judge(order(line()))
    assert decision.all_findings() == ()
    assert decision.answer.answer == "accepted"
    (answer,) = decision.answer.lines[0].answers
    assert (answer.status, answer.quantity, answer.unit, answer.ship_on, answer.unit_price) == (
        "accepted", Decimal(3), "CA", None, None,
    )  # fmt: skip


def test_the_finding_says_what_a_person_needs(judge, order, line, item):
    ours = {1: item(price=Decimal("9.25"))}
    policy = Policy(price=PriceTolerance(over=Decimal(2)))
    decision = judge(
        order(line(quantity=Decimal(24), unit="EA", unit_price=Decimal("9.75"))), items=ours, policy=policy
    )
    (finding,) = decision.lines[0].findings
    assert finding.code == "order.price.over-tolerance"
    assert finding.severity is Severity.HOLD
    assert finding.message == "Unit price 9.75 is 5.41 % above the agreed 9.25 (limit 2 %): 12.00 on this line."
    assert (finding.seen, finding.wanted, finding.source) == ("9.75", "9.25", "items.csv:2")
    assert (finding.where.line, finding.where.in_set, finding.where.path) == (1, 10, "line.unit_price")
    assert decision.answer is None


@pytest.mark.fault("F4")
def test_nearly_the_same_price_is_not_the_same(judge, order, line, item):
    decision = judge(order(line(unit_price=Decimal("9.995"))), items={1: item(price=Decimal("10.00"))})
    assert codes(decision) == ["order.price.under-tolerance"]


@pytest.mark.fault("F4")
@pytest.mark.parametrize(
    ("theirs", "held"),
    [
        ("10.20", []),
        ("10.2000001", ["order.price.over-tolerance"]),
        ("9.50", []),
        ("9.4999999", ["order.price.under-tolerance"]),
    ],
)
def test_the_limit_itself_still_passes(judge, order, line, item, theirs, held):
    policy = Policy(price=PriceTolerance(over=Decimal(2), under=Decimal(5)))
    decision = judge(order(line(unit_price=Decimal(theirs))), items={1: item(price=Decimal(10))}, policy=policy)
    assert codes(decision) == held


@pytest.mark.parametrize(("theirs", "held"), [("86.99", []), ("87.00", []), ("87.01", ["order.price.over-tolerance"])])
def test_the_amount_counts_per_unit_of_our_price(judge, order, line, theirs, held):
    policy = Policy(price=PriceTolerance(amount=Decimal("0.05")))  # 0.60 on a case of 12 at 86.40
    decision = judge(order(line(unit_price=Decimal(theirs), price_basis=None)), policy=policy)
    assert codes(decision) == held


def test_prices_compare_at_their_basis(judge, order, line):
    lines = (
        line(1, unit_price=Decimal("86.40"), price_basis=None),
        line(2, unit="EA", unit_price=Decimal(720), price_basis="HP"),
        line(3, unit="EA", unit_price=Decimal(7200), price_basis="TP"),
        line(4, unit_price=Decimal("86.40"), price_basis="TD"),
    )
    assert judge(order(*lines)).all_findings() == ()


@pytest.mark.fault("F4")
def test_a_third_of_a_price_compares_exactly(judge, order, line, item):
    ours = {1: item(price=Decimal(10), price_unit="CA", case_pack=Decimal(12))}
    assert codes(judge(order(line(unit_price=Decimal("0.8333"))), items=ours)) == ["order.price.under-tolerance"]
    kept = judge(order(line(unit_price=Decimal("0.8333"))), Ruling("order.price", "keep-ours"), items=ours)
    assert kept.answer.lines[0].answers[0].unit_price == Decimal("0.8333")


@pytest.mark.parametrize(
    ("change", "ours", "code"),
    [
        ({"unit_price": None}, "7.20", "order.price.missing"),
        ({}, None, "order.price.unknown"),
        ({"unit_price": None}, None, "order.price.neither"),
        ({"price_basis": "QT"}, "7.20", "order.price.basis"),
        ({"unit_price": Decimal("-7.20")}, "7.20", "order.price.negative"),
        ({"unit_price": Decimal(0)}, "7.20", "order.price.under-tolerance"),
        ({}, "0", "order.price.over-tolerance"),
    ],
)
def test_what_cannot_be_compared_is_held_under_its_own_name(judge, order, line, item, change, ours, code):
    fact = {1: item(price=None if ours is None else Decimal(ours))}
    assert codes(judge(order(line(**change)), items=fact)) == [code]


@pytest.mark.parametrize(
    ("choice", "status", "price", "answer"),
    [
        ("accept-theirs", "accepted", None, "accepted"),
        ("keep-ours", "price_changed", Decimal("86.40"), "changed"),
        ("reject-line", "rejected", None, "rejected"),
    ],
)
def test_each_choice_does_what_it_says(judge, order, line, choice, status, price, answer):
    ordered = order(line(unit_price=Decimal(90), price_basis=None))
    decision = judge(ordered, Ruling("order.price", choice, 1))
    (found,) = decision.answer.lines[0].answers
    assert (found.status, found.unit_price, decision.answer.answer) == (status, price, answer)
    (finding,) = decision.all_findings()
    assert finding.severity is Severity.NOTE
    assert finding.message.endswith(f"Decided: {choice}.")


def test_a_choice_that_makes_no_sense_changes_nothing(judge, order, line):
    decision = judge(order(line(unit_price=None)), Ruling("order.price", "accept-theirs", 1))
    assert decision.answer is None
    assert codes(decision) == ["order.price.missing"]


def test_a_ruling_for_another_line_changes_nothing(judge, order, line):
    decision = judge(order(line(unit_price=Decimal(9))), Ruling("order.price", "accept-theirs", 2))
    assert decision.answer is None


def test_the_rulings_own_line_goes_before_one_for_all(judge, order, line):
    ordered = order(line(1, unit_price=Decimal(9)), line(2, unit_price=Decimal(9)))
    rulings = (Ruling("order.price", "reject-line", 2), Ruling("order.price", "accept-theirs"))
    assert [one.status for one in judge(ordered, *rulings).answer.lines] == ["accepted", "rejected"]
