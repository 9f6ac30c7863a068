"""When accepted goods leave: on the day that was answered, not before the order's window opens, else at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from edi_engine.orders.order import Schedule
from edi_engine.orders.plan import due, ship_plan

TODAY = date(2026, 1, 5)
SOON, LATER = date(2026, 1, 12), date(2026, 1, 19)


@pytest.fixture
def parts(line):
    """48 EA, a half of them on each of two days."""

    def make(type_="010", **changes):
        schedules = tuple(Schedule(Decimal(24), "EA", type_, day) for day in (SOON, LATER))
        return line(**{"unit": "EA", "quantity": Decimal(48), "schedules": schedules, **changes})

    return make


def told(found):
    rows = [] if found.now is None else [(row.position, row.quantity) for row in found.now.lines]
    return rows, [(day, [(row.position, row.quantity) for row in rows]) for day, rows in found.later]


@pytest.mark.parametrize(
    ("today", "now", "later"),
    [
        (TODAY, [(2, 3)], [(SOON, [(1, 24)]), (LATER, [(1, 24)])]),
        (SOON, [(1, 24), (2, 3)], [(LATER, [(1, 24)])]),
        (LATER + timedelta(days=9), [(1, 48), (2, 3)], []),
    ],
)
def test_each_part_leaves_on_its_day_and_the_rest_at_once(judge, order, line, parts, today, now, later):
    plan = ship_plan(judge(order(parts(), line(2))).answer)
    assert told(due(plan, {}, today)) == (now, later)


def test_what_has_left_counts_against_the_earliest_parts(judge, order, parts):
    plan = ship_plan(judge(order(parts())).answer)
    assert told(due(plan, {1: Decimal(30)}, TODAY)) == ([], [(LATER, [(1, 18)])])
    assert told(due(plan, {1: Decimal(30)}, LATER)) == ([(1, 18)], [])
    assert told(due(plan, {1: Decimal(48)}, LATER)) == ([], [])


def test_goods_leave_as_many_days_before_as_they_travel(judge, order, parts):
    plan = ship_plan(judge(order(parts("002"))).answer)
    assert told(due(plan, {}, TODAY, 3))[1][0][0] == SOON - timedelta(days=3)
    found = due(plan, {}, SOON - timedelta(days=3), 3)
    assert (told(found)[0], found.now.deliver_on) == ([(1, 24)], SOON)


def test_a_day_of_delivery_is_said_only_where_it_still_holds(judge, order, line, parts):
    plan = ship_plan(judge(order(parts("002"))).answer)
    assert due(plan, {}, SOON).now.deliver_on == SOON
    assert due(plan, {}, SOON + timedelta(days=1)).now.deliver_on is None  # late
    both = ship_plan(judge(order(parts("002"), line(2))).answer)
    assert due(both, {}, SOON).now.deliver_on is None  # with goods that have no such day


@pytest.mark.parametrize(
    ("heading", "own", "today", "ships"),
    [
        ({}, {}, TODAY, True),
        ({"ship_not_before": SOON}, {}, TODAY, False),
        ({"ship_not_before": SOON}, {}, SOON, True),
        ({"ship_not_before": SOON}, {"ship_not_before": TODAY}, TODAY, True),  # the line's own day holds
        ({"deliver_not_before": SOON}, {}, TODAY, False),
        ({"deliver_not_before": SOON}, {}, SOON, True),
        ({"ship_not_before": TODAY, "deliver_not_before": SOON}, {}, TODAY, True),
        ({"ship_by": LATER, "deliver_by": LATER}, {}, TODAY, True),  # a last day opens no window
    ],
)
def test_nothing_leaves_before_the_window_of_the_order(judge, order, line, heading, own, today, ships):
    plan = ship_plan(judge(order(line(**own), **heading)).answer)
    assert (due(plan, {}, today).now is not None) is ships
