"""Looking after the queue: names, rests and their ends; nothing that waits is ever hidden by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edi_engine.desk.queue import list_cases
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.desk.tending import assign, end_of_rest, snooze, wake
from edi_engine.desk.wanted import Wanted
from edi_engine.errors import UsageError
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


@pytest.fixture
def three(trade: Desk) -> Desk:
    """Three orders that wait for their price."""
    trade.walk(interchange(*(order(f"{number}", HOSE, DEAR_SHEARS) for number in (1, 2, 3))))
    return trade


def listed(trade: Desk, wanted: Wanted | None = None) -> list[int]:
    with trade.office().ledger.reading() as unit:
        return [one.record.id for one in list_cases(unit, wanted or Wanted(), trade.shop.clock.now())]


def history(trade: Desk, what: str) -> list[str]:
    with trade.office().ledger.reading() as unit:
        return [one.detail for one in unit.events.select(what=what)]


def test_cases_are_given_to_a_person_and_listed_by_name(three: Desk) -> None:
    changed = assign(three.office(), [1, 3, 1], " Anna Berg ", "knows the  price list")
    assert [(one.id, one.assignee) for one in changed] == [(1, "Anna Berg"), (3, "Anna Berg")]
    assert listed(three, Wanted(assignee="Anna Berg")) == [1, 3]
    assert listed(three, Wanted(nobody=True)) == [2]
    assert history(three, "case assigned") == [
        f"case {number} order.price: Anna Berg. Why: knows the price list" for number in (1, 3)
    ]
    assign(three.office(), [1], "bo")
    assert history(three, "case assigned")[-1] == "case 1 order.price: bo, until now Anna Berg."
    assign(three.office(), [1], "bo")
    assert len(history(three, "case assigned")) == 3  # nothing changed, nothing is written
    assign(three.office(), [1], None)
    assert listed(three, Wanted(nobody=True)) == [1, 2]


@pytest.mark.parametrize(
    ("cases", "name", "said"),
    [
        ([1, 99], "anna", "there is no case 99"),
        ([1], "", "a name has"),
        ([1], "   ", "a name has"),
        ([1], "an\nna", "a name has"),
        ([1], "x" * 61, "a name has"),
        ([1], "7", "looks like the number of a case"),
    ],
)
def test_all_are_assigned_or_none(three: Desk, cases: list[int], name: str, said: str) -> None:
    before = three.cases()
    with pytest.raises(UsageError, match=said):
        assign(three.office(), cases, name)
    assert three.cases() == before


def test_a_closed_case_is_neither_assigned_nor_put_off(three: Desk) -> None:
    resolve(three.office(), 1, "keep-ours")
    with pytest.raises(UsageError, match="case 1 is resolved already: keep-ours, by "):
        assign(three.office(), [2, 1], "anna")
    with pytest.raises(UsageError, match="case 1 is resolved already"):
        snooze(three.office(), [2, 1], "2h", "asked")
    assert listed(three, Wanted(nobody=True)) == [2, 3]


def test_a_case_rests_at_the_end_and_comes_back_by_itself(three: Desk) -> None:
    (rest,) = snooze(three.office(), [1], "4h", "asked the buyer")
    assert rest.case.snoozed_until == NOON + timedelta(hours=4)
    assert rest.missed is None
    assert listed(three) == [2, 3, 1]  # open all the same
    assert history(three, "case snoozed") == [
        "case 1 order.price: rests until 2026-11-22 21:30 UTC. Why: asked the buyer"
    ]
    three.shop.clock.move(timedelta(hours=4))
    assert listed(three) == [1, 2, 3]
    with pytest.raises(UsageError, match="does not rest"):
        wake(three.office(), [1])


def test_a_rest_never_hides_a_deadline(three: Desk) -> None:
    """The answer is due in 24 hours."""
    (rest,) = snooze(three.office(), [1], "2d", "stock comes in")
    assert rest.missed == rest.case.deadline
    assert listed(three) == [2, 3, 1]
    three.shop.clock.move(timedelta(hours=25))
    assert listed(three) == [1, 2, 3]
    assert listed(three, Wanted(overdue=True)) == [1, 2, 3]


def test_a_rest_is_ended_and_outlives_a_retry(three: Desk) -> None:
    snooze(three.office(), [1, 2], "1d", "asked the buyer")
    retry(three.office(), 1)
    assert listed(three) == [3, 1, 2]
    wake(three.office(), [1])
    assert listed(three) == [1, 3, 2]
    assert [one.snoozed_why for one in three.cases()] == [None, "asked the buyer", None]


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("1h", NOON + timedelta(hours=1)),
        ("2d", NOON + timedelta(days=2)),
        (" 3 w ", NOON + timedelta(weeks=3)),
        ("2026-11-23", datetime(2026, 11, 23, 5, tzinfo=UTC)),  # midnight in New York
        ("2026-11-22 14:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 11, 23, 5, tzinfo=UTC)),
        ("Tomorrow 09:00", datetime(2026, 11, 23, 14, tzinfo=UTC)),
        ("14:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),  # still to come today
        ("06:59", datetime(2026, 11, 23, 11, 59, tzinfo=UTC)),  # past today, so tomorrow's
        ("2027-07-01T08:15", datetime(2027, 7, 1, 12, 15, tzinfo=UTC)),  # summer time
    ],
)
def test_a_time_to_rest_until_is_read(until: str, end: datetime) -> None:
    assert end_of_rest(until, NOON, NEW_YORK) == end


@pytest.mark.parametrize(
    ("until", "now", "end"),
    [
        ("01:45", "2026-11-01T05:30", "2026-11-01T05:45"),  # the first 01:45, of two
        ("01:45", "2026-11-01T05:50", "2026-11-01T06:45"),  # that one is past, the second is to come
        ("01:45", "2026-11-01T06:30", "2026-11-01T06:45"),
        ("01:15", "2026-11-01T06:30", "2026-11-02T06:15"),  # both are past, so tomorrow's
        ("2026-11-01 01:45", "2026-11-01T05:30", "2026-11-01T05:45"),
        ("2026-11-01 01:45", "2026-11-01T06:30", "2026-11-01T06:45"),
        ("tomorrow 01:45", "2026-10-31T17:00", "2026-11-01T05:45"),
        ("03:00", "2026-11-01T06:30", "2026-11-01T08:00"),
        ("02:30", "2026-03-08T06:30", "2026-03-08T07:30"),  # the clock leaps over it, an hour after 01:30
        ("02:30", "2026-03-08T07:45", "2026-03-09T06:30"),
    ],
)
def test_an_hour_that_comes_twice_or_not_at_all_is_still_a_moment_to_come(until: str, now: str, end: str) -> None:
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, end)]
    assert end_of_rest(until, moments[0], NEW_YORK) == moments[1]


def test_a_moment_that_came_twice_and_is_past_twice_is_past() -> None:
    with pytest.raises(UsageError, match="is past"):
        end_of_rest("2026-11-01 01:15", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), NEW_YORK)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("next week", "write 2d, 4h, 1w, tomorrow, 09:00"),
        ("9:00", "write 2d, 4h"),
        ("25:00", "no day or moment"),
        ("", "write 2d"),
        ("1000d", "write 2d"),
        ("٢d", "write 2d"),
        ("0d", "is past"),
        ("2026-11-22", "is past"),
        ("2026-11-22 12:30", "is past"),
        ("2026-02-30", "no day or moment"),
        ("2026-11-23 25:00", "no day or moment"),
        ("0001-01-01", "."),
    ],
)
def test_what_is_no_time_to_rest_until_is_told(until: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        end_of_rest(until, NOON, NEW_YORK)


def test_a_rest_needs_a_reason(three: Desk) -> None:
    for why, said in (("  ", "say why"), ("x" * 501, "500 letters at most")):
        with pytest.raises(UsageError, match=said):
            snooze(three.office(), [1], "2d", why)
    assert listed(three) == [1, 2, 3]


def test_the_list_is_filtered(three: Desk) -> None:
    three.walk(b"%PDF-1.7")
    assert listed(three, Wanted(kind="order")) == [1, 2, 3]
    assert listed(three, Wanted(kind="order.price")) == [1, 2, 3]
    assert listed(three, Wanted(kind="order.pri")) == []
    assert listed(three, Wanted(kind="envelope.unreadable")) == [4]
    assert listed(three, Wanted(partner="bluebird")) == [1, 2, 3]
    assert listed(three, Wanted(overdue=True)) == []
