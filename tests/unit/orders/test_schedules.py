from datetime import date
from decimal import Decimal

import pytest

from edi_engine.finding import stops
from edi_engine.orders.decision import Ruling
from edi_engine.orders.order import Destination, Schedule
from edi_engine.orders.plan import ship_plan
from edi_engine.orders.policy import Policy
from edi_engine.orders.ship import ship

FIRST, SECOND, THIRD = date(2026, 1, 12), date(2026, 1, 19), date(2026, 2, 2)


@pytest.fixture
def parts(line):
    """72 EA in three parts: 24, 24 and 24, written last one first."""

    def make(*quantities, type_="010", **changes):
        days = (THIRD, FIRST, SECOND)
        schedules = tuple(
            Schedule(Decimal(quantity), "EA", type_, day)
            for quantity, day in zip(quantities or (24, 24, 24), days, strict=True)
        )
        return line(**{"unit": "EA", "quantity": Decimal(72), "schedules": schedules, **changes})

    return make


def codes(decision):
    return [finding.code for finding in decision.all_findings()]


def answers(decision):
    return [(one.status, one.quantity, one.ship_on, one.deliver_on) for one in decision.lines[0].answers]


def test_each_part_is_answered_with_its_day_the_earliest_first(judge, order, parts):
    decision = judge(order(parts()))
    assert codes(decision) == []
    assert answers(decision) == [
        ("accepted", 24, FIRST, None), ("accepted", 24, SECOND, None), ("accepted", 24, THIRD, None),
    ]  # fmt: skip
    assert (decision.answer.answer, decision.answer.lines[0].quantity_accepted) == ("accepted", 72)


def test_days_of_delivery_stay_days_of_delivery(judge, order, parts):
    decision = judge(order(parts(type_="002")))
    assert answers(decision)[0] == ("accepted", 24, None, FIRST)


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ("cut", [("accepted", 24, FIRST), ("quantity_changed", 6, SECOND), ("rejected", 24, THIRD)]),
        ("backorder", [("accepted", 24, FIRST), ("accepted", 6, SECOND), ("backordered", 18, None),
                       ("backordered", 24, None)]),
    ],
)  # fmt: skip
def test_short_stock_goes_to_the_earliest_parts(judge, order, parts, item, policy, wanted):
    decision = judge(order(parts()), items={1: item(stock=Decimal(30))}, policy=Policy(short_stock=policy))
    assert [(status, quantity, day) for status, quantity, day, _ in answers(decision)] == wanted
    assert decision.answer.lines[0].quantity_accepted == 30


def test_parts_that_do_not_add_up_hold_the_line(judge, order, parts):
    ordered = order(parts(24, 24, 20))
    decision = judge(ordered)
    (finding,) = decision.all_findings()
    assert (finding.code, finding.seen, finding.wanted) == ("order.schedules.sum", "68", "72")
    kept = judge(ordered, Ruling("order.schedules", "keep-ours"))
    assert answers(kept) == [
        ("accepted", 24, FIRST, None), ("accepted", 20, SECOND, None),
        ("accepted", 24, THIRD, None), ("rejected", 4, None, None),
    ]  # fmt: skip


def test_parts_that_are_more_than_the_line_are_cut_from_the_end(judge, order, parts):
    kept = judge(order(parts(24, 60, 24)), Ruling("order.schedules", "keep-ours"))
    assert answers(kept) == [("accepted", 60, FIRST, None), ("accepted", 12, SECOND, None)]


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (Schedule(Decimal(3), "CA", "010", FIRST), None),
        (Schedule(Decimal(36), "EA", "010", FIRST), None),
        (Schedule(None, "CA", "010", FIRST), "order.schedules.part"),
        (Schedule(Decimal(0), "CA", "010", FIRST), "order.schedules.part"),
        (Schedule(Decimal(3), "CA", "010", None), "order.schedules.part"),
        (Schedule(Decimal(3), "CA", "036", FIRST), "order.schedules.part"),
        (Schedule(Decimal(3), "BX", "010", FIRST), "order.schedules.part"),
        (Schedule(Decimal(3), "CA", "010", date(2026, 1, 2)), "order.date.past"),
    ],
)
def test_each_part_is_judged(judge, order, line, part, code):
    assert codes(judge(order(line(schedules=(part,))))) == ([] if code is None else [code])


def test_a_part_in_the_past_moves_to_our_first_day_and_the_others_stay(judge, order, line):
    late = (Schedule(Decimal(1), None, "010", date(2026, 1, 2)), Schedule(Decimal(2), None, "010", FIRST))
    kept = judge(order(line(schedules=late)), Ruling("order.date", "keep-ours"))
    assert answers(kept) == [("rescheduled", 1, date(2026, 1, 5), None), ("accepted", 2, FIRST, None)]


def test_stores_and_days_together_need_a_person(judge, order, parts):
    both = parts(destinations=(Destination("92", "0101", Decimal(72)),))
    assert codes(judge(order(both))) == ["order.schedules.stores"]


def test_the_plan_ships_by_day_and_may_be_carried_out_one_by_one(judge, order, parts, line, item, dispatch):
    answer = judge(order(parts(), line(2))).answer
    items = {1: item(), 2: item("A-2")}
    plan = ship_plan(answer)
    assert [(one.on, [(row.position, row.quantity) for row in one.instruction.lines]) for one in plan] == [
        (FIRST, [(1, 24)]), (SECOND, [(1, 24)]), (THIRD, [(1, 24)]), (None, [(2, 3)]),
    ]  # fmt: skip
    shipped = {}
    for one in plan:
        shipment, findings = ship(one.instruction, answer, shipped, items, dispatch)
        assert not stops(findings)
        assert one.on is None or shipment.shipped_on == one.on
        for content in shipment.contents:
            shipped[content.line.position] = shipped.get(content.line.position, 0) + content.quantity
    assert shipped == {1: 72, 2: 3}


def test_a_plan_by_delivery_says_when_it_arrives(judge, order, parts):
    plan = ship_plan(judge(order(parts(type_="002"))).answer)
    assert (plan[0].on, plan[0].arrives, plan[0].instruction.deliver_on) == (FIRST, True, FIRST)
