"""The lanes when a connection fails: told once it lasts, left alone for a while, closed when it works again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_engine.app.lanes import build_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import opened
from edi_engine.errors import TransportError
from edi_engine.flow.interpret import TERMINAL
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped
from edi_engine.runtime.lanes import Drained
from edi_engine.store.faults import StoreBusy
from tests.fixtures.homes import make_home
from tests.fixtures.walks import Shop, noon

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


class Lanes:
    """The lanes of a home, drained by hand; `down` is what every connection raises, and `tries` counts connections."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.down: TransportError | None = None
        self.tries = 0
        real = shop.place.mailbox

        @contextmanager
        def mailbox(connection: Any) -> Iterator[Any]:
            self.tries += 1
            if self.down is not None:
                raise self.down
            with real(connection) as found:
                yield found

        monkeypatch.setattr(shop.place, "mailbox", mailbox)
        self.start()

    def start(self) -> None:
        """Build the lanes anew, as after a restart or a change of the partner files."""
        self.lanes = {lane.name: lane for lane in build_lanes(self.shop.place, {})}

    def drain(self, name: str) -> Drained:
        return self.lanes[name].drain()

    def cases(self) -> list[tuple[str, str]]:
        with self.shop.place.office().ledger.reading() as unit:
            return [(case.kind, case.step) for case in unit.cases.select(state="OPEN")]


POLL = "poll:bluebird-sftp"
SEND = "send:bluebird-sftp"


@pytest.fixture
def lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lanes]:
    clock = noon(date(2026, 11, 22))
    clock.ticks = 1000.0
    with opened(Settings(make_home(tmp_path / "home"), "sqlite://"), clock=clock) as place:
        receive(place.office(), TERMINAL, b"in.edi", ORDER)
        open_stored(place.office(), TERMINAL)
        while work_through(place, place.office(), "bluebird"):
            pass
        yield Lanes(Shop(place, clock), monkeypatch)


def test_a_short_trouble_is_nobodys_business(lanes: Lanes) -> None:
    lanes.down = TransportError("no route")
    assert lanes.drain(POLL).waiting
    assert lanes.drain(POLL).waiting
    assert lanes.cases() == []
    lanes.down = None
    lanes.drain(POLL)
    assert lanes.drain(POLL) == Drained()


def test_a_lasting_trouble_is_one_case_and_closes_by_itself(lanes: Lanes) -> None:
    lanes.down = TransportError("no route")
    for _ in range(5):
        lanes.drain(POLL)
    assert lanes.cases() == [("transport.connect", "receive")]
    lanes.down = None
    lanes.drain(POLL)
    assert lanes.cases() == []


def test_it_closes_by_itself_after_a_restart_too(lanes: Lanes) -> None:
    lanes.down = TransportError("wrong key", code="transport.hostkey", retry=False)
    assert not lanes.drain(POLL).waiting
    assert lanes.cases() == [("transport.hostkey", "receive")]
    lanes.down = None
    lanes.start()
    lanes.drain(POLL)
    assert lanes.cases() == []


def test_what_one_lane_told_another_does_not_close(lanes: Lanes) -> None:
    lanes.down = TransportError("denied", code="transport.listing", retry=False)
    lanes.drain(POLL)
    lanes.down = None
    assert lanes.drain(SEND).worked
    assert lanes.cases() == [("transport.listing", "receive")]


def test_a_server_that_is_down_is_left_alone_for_a_while_whatever_waits(lanes: Lanes) -> None:
    lanes.down = TransportError("no route")
    assert lanes.drain(SEND).again == timedelta(seconds=5)
    assert lanes.tries == 1
    rest = lanes.drain(SEND)
    assert (rest.waiting, rest.again) == (True, timedelta(seconds=5))
    assert lanes.tries == 1
    lanes.shop.clock.move(timedelta(seconds=5))
    assert lanes.drain(SEND).again == timedelta(seconds=10)
    assert lanes.tries == 2
    lanes.down = None
    lanes.shop.clock.move(timedelta(seconds=10))
    assert lanes.drain(SEND).worked
    assert lanes.drain(SEND) == Drained()


@pytest.mark.parametrize("name", [POLL, SEND])
def test_a_store_that_fails_is_not_blamed_on_the_connection(lanes: Lanes, name: str) -> None:
    lanes.down = StoreBusy("somebody else holds the store")
    with pytest.raises(StoreBusy):
        lanes.drain(name)
    assert lanes.cases() == []


def test_a_name_that_no_folder_can_hold_stays_a_case(lanes: Lanes) -> None:
    from edi_engine.finding import Finding, Severity
    from edi_engine.flow.cases import Waiting, open_case

    office = lanes.shop.place.office()
    with office.ledger.unit("test") as unit:
        waiting = Waiting("connection:bluebird-sftp", "receive", office.clock.now())
        open_case(office, unit, waiting, [Finding("transport.filename", Severity.HOLD, "odd")])
    lanes.drain(POLL)
    assert lanes.cases() == [("transport.filename", "receive")]
