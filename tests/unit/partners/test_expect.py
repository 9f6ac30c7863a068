"""What is expected of a partner: the sentences that say it, and the times that they mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.partners.expectation import Expectation

NEW_YORK = "America/New_York"


def with_words(files: dict[str, str], *sentences: str, **more: str) -> dict[str, str]:
    quoted = "".join(f'  - "{sentence}"\n' for sentence in sentences)
    clocks = f"clocks: {{zone: {NEW_YORK}}}\n"
    return (
        files
        | {"partners/acme/partner.yaml": files["partners/acme/partner.yaml"] + f"{clocks}expect:\n{quoted}"}
        | more
    )


def test_the_sentences_of_a_partner(load, files) -> None:
    said = (
        "orders every weekday by 09:00",
        "files every monday, wednesday and friday by 23:30",
        "860 every day between 08:00 and 10:15",
    )
    orders, whatever, changes = load(with_words(files, *said)).partners["acme"].expect
    assert (orders.what, orders.sets, orders.days) == ("orders", ("850",), frozenset(range(5)))
    assert (orders.by, orders.after, orders.zone) == (time(9), None, NEW_YORK)
    assert (whatever.what, whatever.sets, whatever.days) == ("files", (), frozenset({0, 2, 4}))
    assert (changes.what, changes.sets, changes.after, changes.by) == ("860", ("860",), time(8), time(10, 15))
    assert orders.source.startswith("partners/acme/partner.yaml:")


def test_the_sentence_of_a_connection_names_its_zone(load, files) -> None:
    text = files["partners/connections.yaml"] + "  expect: files every weekday by 09:00 America/Chicago\n"
    (found,) = load(files | {"partners/connections.yaml": text}).connections["acme"].expect
    assert (found.what, found.by, found.zone, found.holidays) == ("files", time(9), "America/Chicago", frozenset())


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("orders", "wants a sentence such as orders every weekday by 09:00"),
        ("orders every weekday by 9", "wants a sentence"),
        ("orders every weekday by 24:00", "wants a sentence"),
        ("oders every weekday by 09:00", "not of oders"),
        ("orders every wekday by 09:00", "names no days"),
        ("orders every weekday by 09:00 America/Chicago", "clocks.zone says whose time it is"),
        ("orders every weekday between 10:00 and 09:00", "no time of one day"),
        ("123 every day by 22:21", "expect: 123 is no set of X12 that we know; nearest: 812"),
    ],
)
def test_any_other_sentence_is_refused(refused, files, sentence: str, says: str) -> None:
    ((_, code, message),) = refused(with_words(files, sentence))
    assert code == "partner.value.expect"
    assert says in message


def test_every_set_that_we_know_may_be_expected_an_acknowledgment_too(load, files, dictionary) -> None:
    known = sorted({set_id for version in dictionary.versions() for set_id in dictionary.sets(version)})
    found = load(with_words(files, *(f"{set_id} every day by 22:21" for set_id in known))).partners["acme"].expect
    assert [one.sets for one in found] == [(set_id,) for set_id in known]
    assert {"860", "997", "999"} <= set(known)


def test_one_thing_is_expected_once(refused, files) -> None:
    told = refused(with_words(files, "orders every weekday by 09:00", "orders every day by 10:00"))
    assert [code for _, code, _ in told] == ["partner.value.twice"]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("files every weekday by 09:00", "name the time zone at the end"),
        ("files every weekday by 09:00 Mars/Base", "Mars/Base is no time zone"),
        ("orders every weekday by 09:00 UTC", "not of orders"),
    ],
)
def test_a_connection_knows_files_alone(refused, files, sentence: str, says: str) -> None:
    text = files["partners/connections.yaml"] + f"  expect: {sentence}\n"
    ((_, code, message),) = refused(files | {"partners/connections.yaml": text})
    assert code == "partner.value.expect"
    assert says in message


def test_holidays_are_a_table(load, refused, files) -> None:
    files = with_words(files, "orders every weekday by 09:00")
    files["partners/acme/partner.yaml"] = files["partners/acme/partner.yaml"].replace(
        "tables:\n", "tables:\n  holidays:\n"
    )
    table = "partners/acme/tables/holidays.csv"
    (found,) = load(files | {table: "date,name\n2026-11-26,Thanksgiving\n"}).partners["acme"].expect
    assert found.holidays == {date(2026, 11, 26)}
    (told,) = refused(files | {table: "date\nThanksgiving\n"})
    assert told[1] == "partner.table.value"
    assert "2026-11-26, not Thanksgiving" in told[2]


def expectation(**changes: object) -> Expectation:
    values = {"said": "", "what": "orders", "sets": ("850",), "days": frozenset(range(5)), "by": time(9)}
    return Expectation(**(values | {"zone": NEW_YORK} | changes))


def test_due_on_weekdays_in_the_partners_zone() -> None:
    friday, monday = datetime(2026, 11, 20, 14, tzinfo=UTC), datetime(2026, 11, 23, 14, tzinfo=UTC)
    orders = expectation()
    assert orders.next_due(friday) == monday
    assert orders.since(monday) == friday
    assert orders.is_due(monday)
    assert not orders.is_due(datetime(2026, 11, 22, 14, tzinfo=UTC))


def test_a_holiday_is_left_out_on_both_sides() -> None:
    orders = expectation(holidays=frozenset({date(2026, 11, 26)}))
    wednesday, friday = datetime(2026, 11, 25, 14, tzinfo=UTC), datetime(2026, 11, 27, 14, tzinfo=UTC)
    assert orders.next_due(wednesday) == friday
    assert orders.since(friday) == wednesday


@pytest.mark.fault("F12")
@pytest.mark.parametrize(
    ("day", "due"),
    [  # clocks go forward on 14 March 2027: 02:30 is not there; and back on 1 November 2026: 01:30 is there twice
        (datetime(2027, 3, 13, 12, tzinfo=UTC), datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),
        (datetime(2027, 3, 14, 12, tzinfo=UTC), datetime(2027, 3, 15, 6, 30, tzinfo=UTC)),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_both_edges_of_summer_time(day: datetime, due: datetime) -> None:
    assert expectation(days=frozenset(range(7)), by=time(2, 30)).next_due(day) == due


def test_between_counts_from_its_first_time_on() -> None:
    due = datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert expectation(after=time(6)).since(due) == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_all_days_are_holidays() -> None:
    days = frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(2000))
    assert expectation(holidays=days).next_due(datetime(2026, 11, 22, tzinfo=UTC)) is None


@given(
    seconds=st.integers(0, 3_000_000_000),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    by=st.times(),
    zone=st.sampled_from((NEW_YORK, "UTC", "Pacific/Apia", "Europe/Berlin")),
)
def test_each_due_begins_where_the_one_before_ended(seconds: int, days: frozenset[int], by: time, zone: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    every = expectation(days=days, by=by.replace(microsecond=0), zone=zone)
    first = every.next_due(moment)
    second = every.next_due(first)
    assert moment < first < second
    assert every.is_due(first)
    assert every.since(second) == first
