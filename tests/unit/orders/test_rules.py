from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decide import decide, money_held
from edi_engine.orders.decision import Ruling
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import Charge, Party, Terms
from edi_engine.orders.policy import Policy
from edi_engine.orders.rulings import choices, effect

CASES = Policy(quantity_multiple="case_pack", quantity_multiple_source="partner.yaml:31")


def codes(decision):
    return [finding.code for finding in decision.all_findings()]


# --- items -----------------------------------------------------------------------------------------------------------


def test_an_unknown_item_is_held_and_the_other_lines_are_judged(judge, order, line, item):
    decision = judge(order(line(1), line(2)), items={2: item()})
    assert codes(decision) == ["order.item.unknown"]
    assert [verdict.held for verdict in decision.lines] == [True, False]
    assert decision.lines[1].answers[0].status == "accepted"
    assert decision.answer is None


@pytest.mark.fault("F13")
@pytest.mark.parametrize(
    ("change", "code"),
    [({"ids": (), "vendor_item": None}, "order.item.missing"), ({}, "order.item.unknown")],
)
def test_no_item_at_all_is_another_fault(judge, order, line, change, code):
    assert codes(judge(order(line(**change)), items={})) == [code]


def test_a_discontinued_item_may_still_be_accepted(judge, order, line, item):
    gone = {1: item(discontinued=True)}
    assert codes(judge(order(line()), items=gone)) == ["order.item.discontinued"]
    rejected = judge(order(line()), Ruling("order.item", "reject-line"), items=gone).answer
    assert (rejected.answer, rejected.reason) == ("rejected", "discontinued")
    assert judge(order(line()), Ruling("order.item", "accept-theirs"), items=gone).answer.answer == "accepted"


@pytest.mark.fault("F13")
def test_a_line_number_that_stands_twice_holds_the_later_line(judge, order, line):
    decision = judge(order(line(1), line(2, number="1")))
    assert [(one.code, one.where.line) for one in decision.all_findings()] == [("order.item.duplicate-line", 2)]


def test_an_order_without_lines_is_held(judge, order):
    decision = judge(order(lines=()))
    assert codes(decision) == ["order.item.no-lines"]
    assert decision.answer is None


# --- quantities and units --------------------------------------------------------------------------------------------


@pytest.mark.fault("F8")
@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (None, "order.quantity.missing"),
        ("0", "order.quantity.zero"),
        ("-1", "order.quantity.negative"),
        ("1000000", None),
        ("1000001", "order.quantity.absurd"),
        ("2.5", "order.quantity.fraction"),
        ("2.0", None),
    ],
)
def test_quantities_that_cannot_be_meant_are_held(judge, order, line, quantity, code):
    decision = judge(order(line(quantity=None if quantity is None else Decimal(quantity))))
    assert codes(decision) == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("unit", "quantity", "near"), [("EA", "30", "24 or 36"), ("EA", "6", "12"), ("DZ", "3", None), ("EA", "24", None)]
)
def test_whole_cases_where_they_are_agreed_on(judge, order, line, unit, quantity, near):
    decision = judge(order(line(unit=unit, quantity=Decimal(quantity))), policy=replace(CASES, units=frozenset({unit})))
    assert [finding.wanted for finding in decision.all_findings()] == ([] if near is None else [near])


@pytest.mark.parametrize(
    ("quantity", "choice", "status", "answered"),
    [
        ("30", "keep-ours", "quantity_changed", "24"),
        ("30", "accept-theirs", "accepted", "30"),
        ("6", "keep-ours", "rejected", "6"),
    ],
)
def test_rounding_down_to_cases(judge, order, line, quantity, choice, status, answered):
    ordered = order(line(unit="EA", quantity=Decimal(quantity)))
    decision = judge(ordered, Ruling("order.quantity", choice), policy=CASES)
    (answer,) = decision.answer.lines[0].answers
    assert (answer.status, answer.quantity) == (status, Decimal(answered))
    assert answer.reason == (None if status == "accepted" else "quantity")


def test_an_odd_case_pack_and_a_dozen_meet_at_both(judge, order, line, item):
    policy = replace(CASES, units=frozenset({"DZ"}))
    fact = {1: item(case_pack=Decimal(18))}  # a case is a dozen and a half
    ordered = order(line(unit="DZ", quantity=Decimal(4), unit_price=Decimal("86.40"), price_basis=None))
    (finding,) = judge(ordered, items=fact, policy=policy).all_findings()
    assert finding.wanted == "3 or 6"
    decision = judge(ordered, Ruling("order.quantity", "keep-ours"), items=fact, policy=policy)
    assert decision.answer.lines[0].quantity_accepted == Decimal(3)


def test_without_a_case_pack_the_check_is_said_to_be_missing(judge, order, line, item):
    decision = judge(order(line(unit="EA")), items={1: item(case_pack=None)}, policy=CASES)
    assert codes(decision) == ["order.quantity.no-case-pack"]
    assert decision.answer.answer == "accepted"


@pytest.mark.fault("F10")
@pytest.mark.parametrize(
    ("change", "pack", "code"),
    [
        ({"unit": "BX"}, "12", "order.unit.unknown"),
        ({"unit": None}, "12", "order.unit.unknown"),
        ({"unit": "CA"}, None, "order.unit.case-pack"),
        ({"unit": "SF", "price_basis": None}, "12", "order.unit.conversion"),
    ],
)
def test_units_are_never_guessed(judge, order, line, item, change, pack, code):
    policy = Policy(units=frozenset({"EA", "CA", "SF"}))
    fact = {1: item(case_pack=None if pack is None else Decimal(pack))}
    assert codes(judge(order(line(**change)), items=fact, policy=policy)) == [code]


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.fault("F11")
@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"ship_by": date(2026, 1, 4)}, "order.date.past"),
        ({"ship_by": date(2026, 1, 5)}, None),
        ({"cancel_after": date(2025, 12, 31)}, "order.date.past"),
        ({"ship_not_before": date(2025, 12, 31)}, None),
        ({"deliver_by": date(9999, 12, 31)}, "order.date.year"),
        ({"deliver_by": date(1, 1, 1)}, "order.date.year"),
        ({"ship_not_before": date(2026, 2, 10), "ship_by": date(2026, 2, 9)}, "order.date.window"),
        ({"ship_not_before": date(2026, 2, 9), "ship_by": date(2026, 2, 9)}, None),
        ({"deliver_not_before": date(2026, 2, 10), "deliver_by": date(2026, 2, 9)}, "order.date.window"),
        ({"order_date": date(2026, 2, 1), "ship_by": date(2026, 1, 20)}, "order.date.before-order"),
        ({"order_date": date(2016, 1, 2)}, "order.date.order-date"),
    ],
)
def test_dates_of_the_heading(judge, order, dates, code):
    assert codes(judge(order(**dates))) == ([] if code is None else [code])


def test_a_faulty_date_is_told_once_even_in_two_windows(judge, order):
    late = {"ship_not_before": date(2026, 3, 1), "ship_by": date(2026, 2, 9), "deliver_by": date(2026, 2, 9)}
    found = judge(order(**late)).all_findings()
    assert [(one.code, one.where.path) for one in found] == [
        ("order.date.window", "order.ship_by"),
        ("order.date.window", "order.deliver_by"),
    ]


def test_lead_days_are_working_days(judge, order):
    five = Policy(lead_days=5)
    assert codes(judge(order(ship_by=date(2026, 1, 9)), policy=five)) == ["order.date.too-soon"]
    assert codes(judge(order(ship_by=date(2026, 1, 12)), policy=five)) == []


@pytest.mark.fault("F11")
def test_a_date_of_a_line_is_the_lines_own(judge, order, line):
    ordered = order(line(1), line(2, ship_by=date(2026, 1, 1)))
    (finding,) = judge(ordered).all_findings()
    assert (finding.where.line, finding.where.path) == (2, "line.ship_by")
    kept = judge(ordered, Ruling("order.date", "keep-ours")).answer
    assert [one.status for one in kept.lines] == ["accepted", "rescheduled"]
    assert kept.lines[1].answers[0].ship_on == date(2026, 1, 5)


def test_a_date_of_the_heading_moves_every_line(judge, order, line):
    ordered = order(line(1), line(2), ship_by=date(2026, 1, 6))
    kept = judge(ordered, Ruling("order.date", "keep-ours"), policy=Policy(lead_days=3)).answer
    assert [one.answers[0].ship_on for one in kept.lines] == [date(2026, 1, 8)] * 2


def test_our_own_date_keeps_to_the_window_of_the_heading(judge, order):
    ordered = order(ship_not_before=date(2026, 2, 10), deliver_by=date(2026, 1, 2))
    kept = judge(ordered, Ruling("order.date", "keep-ours")).answer
    assert {each.ship_on for one in kept.lines for each in one.answers} == {date(2026, 2, 10)}


@pytest.mark.fault("F11")
def test_a_past_date_cannot_be_accepted(judge, order):
    assert judge(order(ship_by=date(2026, 1, 1)), Ruling("order.date", "accept-theirs")).answer is None


# --- the heading -----------------------------------------------------------------------------------------------------


def test_an_unknown_ship_to_holds_the_order_and_may_be_accepted_once(judge, order):
    elsewhere = order(parties=(Party("ship_to", id="0099"),))
    assert codes(judge(elsewhere)) == ["order.ship-to.unknown"]
    assert judge(elsewhere, Ruling("order.ship-to", "accept-theirs")).answer.answer == "accepted"
    rejected = judge(elsewhere, Ruling("order.ship-to", "reject-line")).answer
    assert (rejected.answer, rejected.reason) == ("rejected", "ship_to")


def test_a_missing_ship_to_is_held_even_without_a_table(judge, order):
    assert codes(judge(order(parties=()), ship_tos=None)) == ["order.ship-to.missing"]


def test_a_consumers_address_stands_in_no_table(judge, order):
    home = Party("ship_to", "A. Buyer", address_1="1 Elm Street", city="Salem")
    assert codes(judge(order(type="drop_ship", parties=(home,)))) == []
    assert codes(judge(order(type="drop_ship", parties=(replace(home, address_1=None),)))) == ["order.ship-to.unknown"]


@pytest.mark.fault("F13")
def test_a_silent_currency_is_the_partners(judge, order):
    assert codes(judge(order(currency=None))) == []
    assert codes(judge(order(currency="EUR"))) == ["order.currency.differs"]


@pytest.mark.fault("F9")
@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"stated_lines": Decimal(2)}, "order.total.lines"),
        ({"stated_lines": Decimal(1)}, None),
        ({"stated_total": Decimal("259.20")}, None),
        ({"stated_total": Decimal("259.21")}, "order.total.amount"),
    ],
)
def test_stated_totals_are_recounted(judge, order, stated, code):
    assert codes(judge(order(**stated))) == ([] if code is None else [code])


def test_a_stated_total_may_hold_its_charges(judge, order):
    charges = (
        Charge("allowance", "C310", percent=Decimal(10), method="02"),
        Charge("charge", "D240", amount=Decimal(5)),
    )
    assert codes(judge(order(charges=charges, stated_total=Decimal("238.28")))) == []
    assert codes(judge(order(charges=charges, stated_total=Decimal("238.27")))) == ["order.total.amount"]


@pytest.mark.fault("F9")
def test_a_wrong_total_is_only_noted_where_that_is_agreed(judge, order):
    decision = judge(order(stated_lines=Decimal(9)), policy=Policy(totals="note"))
    assert codes(decision) == ["order.total.lines"]
    assert decision.answer.answer == "accepted"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": "cancel"}, "order.purpose.nothing-to-cancel"),
        ({"purpose": "change"}, "order.purpose.unsupported"),
        ({"purpose": "53"}, "order.purpose.unsupported"),
        ({"purpose": "duplicate"}, "order.purpose.unseen"),
        ({"purpose": "information"}, "order.purpose.not-an-order"),
        ({"type": "blanket"}, "order.purpose.not-an-order"),
        ({"type": "XY"}, "order.type.unsupported"),
        ({"type": "release"}, "order.type.release"),
        ({"type": "release", "release": "7"}, None),
        ({"type": "rush", "purpose": "no_charge"}, None),
        ({"type": None, "purpose": None}, None),
        ({"purpose": "replace", "replaces": date(2026, 1, 3)}, None),
    ],
)
def test_what_is_not_served_is_one_finding(judge, order, line, change, code):
    broken = order(line(quantity=Decimal(0)), **change)
    wanted = ["order.quantity.zero"] if code is None else [code]
    assert codes(judge(broken)) == wanted


def test_an_order_that_repeats_nothing_may_be_accepted_and_is_then_judged_in_full(judge, order, line):
    again = order(line(1), line(2, quantity=Decimal(0)), purpose="duplicate")
    accepted = judge(again, Ruling("order.purpose", "accept-theirs"))
    assert [(one.code, one.severity) for one in accepted.all_findings()] == [
        ("order.purpose.unseen", Severity.NOTE),
        ("order.quantity.zero", Severity.HOLD),
    ]
    assert judge(again, Ruling("order.purpose", "reject-line")).answer.answer == "rejected"


def test_two_places_are_not_served_either(judge, order, line):
    there = Party("ship_to", id="0008")
    assert codes(judge(order(line(1), line(2, parties=(there,))))) == ["order.destinations.unsupported"]
    assert codes(judge(order(line(parties=(Party("ship_to", id_type="92", id="0007"),))))) == []


HELD_FOR_MONEY = [
    ({"charges": (Charge("allowance", "C310", percent=Decimal(150), method="02"),)}, "order.charge.over"),
    ({"charges": (Charge("allowance", "C310", amount=Decimal("259.21"), method="02"),)}, "order.charge.above-goods"),
    ({"terms": (Terms(discount_percent=Decimal(150), discount_days=Decimal(10)),)}, "order.terms.absurd"),
    ({"terms": (Terms(discount_amount=Decimal("259.21")),)}, "order.terms.absurd"),
    ({"terms": (Terms(net_days=Decimal(-30)),)}, "order.terms.absurd"),
]


@pytest.mark.parametrize(("changes", "code"), HELD_FOR_MONEY)
def test_what_an_invoice_would_be_held_for_holds_the_order(judge, order, changes, code):
    decision = judge(order(**changes))
    assert [(one.code, one.severity) for one in decision.findings] == [(code, Severity.HOLD)]
    assert decision.held
    kind = ".".join(code.split(".")[:2])
    assert judge(order(**changes), Ruling(kind, "accept-theirs")).answer.answer == "accepted"
    assert judge(order(**changes), Ruling(kind, "reject-line")).answer.answer == "rejected"
    assert judge(order(**changes, purpose="no_charge")).answer is not None  # it is never billed


def test_a_line_of_which_more_than_all_is_taken_off_holds_itself(judge, order, line):
    gift = line(2, charges=(Charge("allowance", "C310", percent=Decimal("100.5")),))
    decision = judge(order(line(), gift))
    assert [verdict.held for verdict in decision.lines] == [False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"charges": (Charge("allowance", "C310", percent=Decimal(100)),)},
        {"charges": (Charge("allowance", "C310", amount=Decimal("259.20")),)},
        {"charges": (Charge("allowance", "C310", percent=Decimal(150), method="01"),)},  # billed back
        {"terms": (Terms(discount_percent=Decimal(100)), Terms("05", discount_percent=Decimal(150)))},
        {"terms": (Terms(discount_amount=Decimal("259.20")),)},
    ],
)
def test_what_can_be_billed_is_not_held(judge, order, changes):
    assert judge(order(**changes)).answer.answer == "accepted"


def test_charges_that_were_not_agreed_on_hold_nothing(judge, order):
    off = Charge("allowance", "C310", percent=Decimal(150))
    assert judge(order(charges=(off,)), policy=Policy(allowed_charges=frozenset({"D240"}))).answer is not None


def test_terms_of_an_order_that_cannot_be_priced_are_judged_by_their_numbers(judge, order, line):
    unpriced = line(unit_price=None)
    off = judge(order(unpriced, terms=(Terms(discount_amount=Decimal(9999)),)), items={})
    assert "order.terms.absurd" not in codes(off)
    more = judge(order(unpriced, terms=(Terms(discount_percent=Decimal(101)),)), items={})
    assert "order.terms.absurd" in codes(more)


def test_a_charge_that_billing_cannot_understand_is_told_early(judge, order):
    decision = judge(order(charges=(Charge("allowance", "free", amount=Decimal(1), method="08"),)))
    assert [(one.code, one.severity) for one in decision.findings] == [("order.charge.unsupported", Severity.WARNING)]
    assert decision.answer.answer == "accepted"


# --- stock -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short_stock", "stock", "answers"),
    [
        ("cut", 30, [("quantity_changed", 2, "out_of_stock")]),
        ("cut", 36, [("accepted", 3, None)]),
        ("cut", 11, [("rejected", 3, "out_of_stock")]),
        ("cut", -5, [("rejected", 3, "out_of_stock")]),
        ("backorder", 30, [("accepted", 2, None), ("backordered", 1, "out_of_stock")]),
        ("backorder", 0, [("backordered", 3, "out_of_stock")]),
    ],
)
def test_short_stock_is_shared_in_whole_cases(judge, order, line, item, short_stock, stock, answers):
    decision = judge(order(line()), items={1: item(stock=Decimal(stock))}, policy=Policy(short_stock=short_stock))
    assert [(one.status, one.quantity, one.reason) for one in decision.answer.lines[0].answers] == answers
    assert decision.answer.answer == (
        "accepted" if stock == 36 else "rejected" if answers[0][0] == "rejected" else "changed"
    )


def test_lines_of_one_item_share_its_stock_in_turn(judge, order, line, item):
    items = {1: item(stock=Decimal(50)), 2: item(stock=Decimal(50))}
    decision = judge(order(line(1), line(2)), items=items)
    assert [one.quantity_accepted for one in decision.answer.lines] == [Decimal(3), Decimal(1)]


def test_a_rejected_line_takes_no_stock(judge, order, line, item):
    items = {1: item(stock=Decimal(36)), 2: item(stock=Decimal(36))}
    rulings = (Ruling("order.price", "reject-line", 1),)
    decision = judge(order(line(1, unit_price=Decimal(9)), line(2)), *rulings, items=items)
    assert [one.status for one in decision.answer.lines] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        (None, None),
        ("keep-ours", ("quantity_changed", 2)),
        ("accept-theirs", ("accepted", 3)),
        ("reject-line", ("rejected", 3)),
    ],
)
def test_short_stock_may_wait_for_a_person(judge, order, line, item, choice, wanted):
    rulings = () if choice is None else (Ruling("order.stock", choice),)
    decision = judge(order(line()), *rulings, items={1: item(stock=Decimal(30))}, policy=Policy(short_stock="hold"))
    assert codes(decision) == ["order.stock.short"]
    if wanted is None:
        assert decision.answer is None
    else:
        (answer,) = decision.answer.lines[0].answers
        assert (answer.status, answer.quantity) == wanted


# --- rulings, extra findings, money ----------------------------------------------------------------------------------


def test_several_changes_on_a_line_are_one_answer(judge, order, line, item):
    ordered = order(line(unit_price=Decimal(9), ship_by=date(2026, 1, 1)))
    rulings = (Ruling("order.price", "keep-ours"), Ruling("order.date", "keep-ours"))
    (answer,) = judge(ordered, *rulings, items={1: item(stock=Decimal(24))}).answer.lines[0].answers
    assert (answer.status, answer.quantity, answer.unit_price, answer.ship_on, answer.reason) == (
        "changed", Decimal(2), Decimal("7.20"), date(2026, 1, 5), "out_of_stock",
    )  # fmt: skip


def test_findings_of_other_rooms_hold_the_order_or_the_line(order, line, item):
    facts = Facts(date(2026, 1, 5), {1: item(), 2: item()}, frozenset({"0007"}))
    ordered = order(line(1), line(2))
    of_order = Finding("order.hold.rule", Severity.HOLD, "Large order.")
    of_line = replace(of_order, where=Position(line=2))
    decision = decide(ordered, facts, Policy(), extra=(of_order, of_line))
    assert decision.findings == (of_order,)
    assert [verdict.held for verdict in decision.lines] == [False, True]
    accepted = decide(ordered, facts, Policy(), (Ruling("order.hold", "accept-theirs"),), extra=(of_order, of_line))
    assert accepted.answer.answer == "accepted"


def test_money_held_counts_the_lines_that_wait_at_their_price(judge, order, line, item):
    ordered = order(line(1), line(2, unit_price=Decimal(8)), line(3, unit_price=None), line(4, unit_price=None))
    items = {1: item(), 2: item(), 3: item()}
    decision = judge(ordered, items=items)
    facts = Facts(date(2026, 1, 5), items)
    held = [verdict for verdict in decision.lines if verdict.held]
    assert [verdict.position for verdict in held] == [2, 3, 4]
    assert money_held(ordered, facts, held) == Decimal("547.20")  # 288.00 + 259.20 at ours + nothing known
    assert money_held(ordered, facts, decision.lines) == Decimal("806.40")
    assert money_held(ordered, facts, ()) == 0


def test_choices_that_make_no_sense_are_not_offered():
    assert choices("order.price") == ("accept-theirs", "keep-ours", "reject-line")
    assert choices("order.price.over-tolerance") == choices("order.price")
    assert choices("order.item.unknown") == ("reject-line",)
    assert choices("order.item.no-lines") == ()
    assert choices("x12.element.code") == ()
    assert effect("order.price", "keep-ours") == "The line is accepted and billed at our price; the 855 says so."
    with pytest.raises(UsageError, match="possible: reject-line"):
        effect("order.item.unknown", "accept-theirs")


def test_the_answer_carries_our_number_and_day(judge, order):
    answer = judge(order()).answer
    assert (answer.number, answer.date, answer.order.po_number) == ("R-1", date(2026, 1, 5), "4500012345")


def test_an_item_that_no_row_names_passes_where_that_is_agreed(judge, order, line):
    found = judge(order(line()), items={}, unlisted="pass")
    assert codes(found) == ["order.item.unlisted"]
    assert [one.status for one in found.lines[0].answers] == ["accepted"]
    assert codes(judge(order(line()), items={})) == ["order.item.unknown"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"unit_price": None}, "order.price.neither"), ({"unit_price": Decimal(-1)}, "order.price.negative")],
)
def test_an_item_that_passes_needs_a_price_of_theirs(judge, order, line, changes, code):
    assert codes(judge(order(line(**changes)), items={}, unlisted="pass")) == ["order.item.unlisted", code]
    assert codes(judge(order(line(**changes)), items={})) == ["order.item.unknown"]
