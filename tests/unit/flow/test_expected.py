"""The silent partner: what was expected and did not come is a case once, and closes by itself when it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from edi_engine.app.health import doctor
from edi_engine.app.lanes import build_lanes
from edi_engine.errors import TransportError
from edi_engine.flow.expected import watch
from edi_engine.partners.expectation import Expectation
from tests.fixtures.exchange import ORDER, Exchange, order

DAY = timedelta(days=1)
ORDERS = Expectation(
    "orders every weekday by 09:00", "orders", ("850",), frozenset(range(5)), time(9), "America/New_York"
)
FILES = replace(ORDERS, said="files every weekday by 09:00 UTC", what="files", sets=(), zone="UTC")


class Waiting:
    """An exchange on Sunday noon with a partner who should send orders each weekday by 09:00 in New York."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.expect(ORDERS)
        self.look()

    def expect(self, *expectations: Expectation, of_connection: tuple[Expectation, ...] = ()) -> None:
        place = self.exchange.place
        partner = replace(place.edition.partners["bluebird"], expect=expectations)
        connection = replace(self.exchange.connection, expect=of_connection)
        place.edition = replace(
            place.edition,
            partners=dict(place.edition.partners) | {partner.name: partner},
            connections=dict(place.edition.connections) | {connection.name: connection},
        )

    def look(self, *, heard: bool = True) -> int:
        office = self.exchange.office()
        polled = {self.exchange.connection.name: office.clock.now()} if heard else {}
        return watch(office, polled)

    def at(self, day: int, hour: int, minute: int = 0, *, heard: bool = True) -> list[str]:
        """Go to a time of November 2026 (UTC; New York is five hours behind), look, and give the open cases' titles."""
        moment = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        self.exchange.clock.move(moment - self.exchange.clock.now())
        self.look(heard=heard)
        return self.titles()

    def titles(self) -> list[str]:
        return [case.title for case in self.exchange.cases(kind="partner.silent")]

    def sends(self, data: bytes = ORDER) -> None:
        self.exchange.drop("po.edi", data)
        self.exchange.take()
        self.exchange.work()


@pytest.fixture
def waiting(exchange: Exchange) -> Waiting:
    return Waiting(exchange)


def test_what_does_not_come_is_a_case_once(waiting: Waiting) -> None:
    assert waiting.at(23, 13, 59) == []
    assert waiting.at(23, 14, 1) == [], "a file that came in time may not have been picked up yet"
    (told,) = waiting.at(23, 14, 10)
    assert told == (
        "Bluebird Stores should have sent orders by 2026-11-23 09:00 America/New_York "
        "(“orders every weekday by 09:00”); nothing like it ever came."
    )
    assert waiting.look() == 0
    assert waiting.at(24, 14, 10) == [told], "the second day of silence is the same case"
    assert waiting.at(25, 14, 10) == [told]


def test_it_closes_by_itself_when_it_comes(waiting: Waiting) -> None:
    waiting.at(23, 14, 10)
    waiting.sends()
    waiting.look()
    assert waiting.titles() == []
    (closed,) = waiting.exchange.cases("RESOLVED", kind="partner.silent")
    assert closed.resolution.startswith("it came: 2026-11-23")
    assert waiting.exchange.sound()


def test_what_came_late_counts_for_the_day_that_it_was_late_for(waiting: Waiting) -> None:
    waiting.at(23, 14, 10)
    waiting.sends()
    waiting.look()
    (told,) = waiting.at(24, 14, 10)
    assert "by 2026-11-24 09:00" in told
    assert "the last came 2026-11-23" in told


def test_what_comes_in_time_is_no_case(waiting: Waiting) -> None:
    waiting.at(23, 12)
    waiting.sends()
    assert waiting.at(23, 14, 10) == []
    assert len(waiting.at(24, 14, 10)) == 1


def test_other_traffic_does_not_count_and_nor_does_a_repeat(waiting: Waiting) -> None:
    waiting.sends()
    waiting.exchange.drop("again.edi", ORDER)
    waiting.at(23, 15, heard=False)
    waiting.exchange.take()
    waiting.exchange.work()
    waiting.exchange.clock.move(DAY)
    assert len(waiting.at(24, 14, 10)) == 1


def test_a_weekend_and_a_person_who_closes_it(waiting: Waiting) -> None:
    waiting.sends()
    assert waiting.at(22, 23) == []
    waiting.at(23, 14, 10)
    (case,) = waiting.exchange.cases(kind="partner.silent") or [None]
    assert case is None
    waiting.at(27, 14, 10)
    (case,) = waiting.exchange.cases(kind="partner.silent")
    with waiting.exchange.office().ledger.unit("closed") as unit:
        unit.cases.change(case, state="DISMISSED", resolution="their holiday")
    assert waiting.at(29, 20) == [], "nobody is expected on a Sunday, and the same day is not told twice"
    assert len(waiting.at(30, 14, 10)) == 1


def test_nobody_is_silent_whom_nobody_listened_to(waiting: Waiting) -> None:
    assert waiting.at(23, 16, heard=False) == []
    assert len(waiting.at(23, 16, 1)) == 1


def test_a_connection_that_does_not_work_is_the_one_cause(waiting: Waiting) -> None:
    from edi_engine.app.trouble import report_trouble, settle_trouble

    office, connection = waiting.exchange.office(), waiting.exchange.connection
    report_trouble(office, connection, "receive", TransportError("no route"), 3)
    assert waiting.at(23, 16) == []
    assert waiting.exchange.kinds() == ["transport.connect"]
    settle_trouble(office, connection, "receive")
    assert len(waiting.at(23, 16, 1)) == 1


def test_an_expectation_that_is_new_is_not_due_before_it_was_said(waiting: Waiting) -> None:
    waiting.at(23, 15)
    waiting.expect(ORDERS, replace(FILES, said="files every weekday by 09:00"))
    assert len(waiting.at(23, 16)) == 1
    assert len(waiting.at(24, 9, 10)) == 2


def test_words_that_change_or_go(waiting: Waiting) -> None:
    waiting.at(23, 15)
    assert len(waiting.titles()) == 1
    waiting.expect(replace(ORDERS, by=time(12)))
    assert len(waiting.at(23, 16)) == 1
    waiting.expect()
    assert waiting.at(23, 16, 5) == []
    (closed,) = waiting.exchange.cases("RESOLVED", kind="partner.silent")
    assert closed.resolution == "it is no longer expected"
    with waiting.exchange.office().ledger.reading() as unit:
        assert list(unit.timers.select(state="WAITING")) == []


def test_a_connection_expects_files(waiting: Waiting) -> None:
    waiting.expect(of_connection=(FILES,))
    waiting.look()
    (told,) = waiting.at(23, 9, 10)
    assert told.startswith("The connection bluebird-sftp should have sent files by 2026-11-23 09:00 UTC")
    waiting.sends(b"no X12 at all")
    waiting.look()
    assert waiting.titles() == [], "it came; that it cannot be read is a case of its own"


@pytest.mark.fault("H10")
def test_a_clock_that_jumps(waiting: Waiting) -> None:
    waiting.at(23, 12)
    waiting.sends()
    waiting.exchange.clock.move(-timedelta(hours=1))
    waiting.look()
    assert waiting.at(23, 14, 10) == []
    waiting.exchange.clock.move(timedelta(days=3650))
    waiting.look()
    assert len(waiting.titles()) == 1
    assert waiting.look() == 0


def test_the_clock_lane_and_the_doctor(exchange: Exchange) -> None:
    waiting = Waiting(exchange)
    exchange.clock.move(datetime(2026, 11, 23, 14, 10, tzinfo=UTC) - exchange.clock.now())
    exchange.place.store.ledger("poll:bluebird-sftp")  # a poll raises its lane's fence, whether or not it gets through
    clock = next(lane for lane in build_lanes(exchange.place, {}) if lane.name == "clock")
    exchange.place.clock.move(timedelta(0))
    assert clock.drain().worked == bool(waiting.titles())
    told = [one for one in doctor(exchange.place.settings).findings if one.code == "partner.silent"]
    assert [one.message for one in told] == waiting.titles()


def test_orders_that_come_under_other_numbers_count(waiting: Waiting) -> None:
    waiting.at(23, 12)
    waiting.sends(order(77))
    assert waiting.at(23, 14, 10) == []
