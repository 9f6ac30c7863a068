"""The lanes when a connection fails: told once it lasts, left alone for a while, closed when it works again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_engine.app.lanes import build_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import opened
from edi_engine.errors import TransportError
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
        def mailbox(connection: Any, sessions: int = 1) -> Iterator[Any]:
            self.tries += 1
            if self.down is not None:
                raise self.down.with_traceback(None)  # one error for many tests: it would hold on to all of them
            with real(connection) as found:
                yield found

        monkeypatch.setattr(shop.place, "mailbox", mailbox)
        self.start()

    def start(self) -> None:
        """Build the lanes anew, as after a restart or a change of the partner files."""
        self.lanes = {lane.name: lane for lane in build_lanes(self.shop.place, {})}

    def wait(self, seconds: float) -> None:
        self.shop.clock.move(timedelta(seconds=seconds))

    def drain(self, name: str) -> Drained:
        return self.lanes[name].drain()

    def cases(self) -> list[tuple[str, str]]:
        with self.shop.place.office().ledger.reading() as unit:
            return [(case.kind, case.step) for case in unit.cases.select(state="OPEN")]


POLL = "poll:bluebird-sftp"
SEND = "send:bluebird-sftp"
ERP = "send:erp"
DOWN = TransportError("no route")
LOCKED = TransportError("refused", code="transport.auth", retry=False)


@pytest.fixture
def lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lanes]:
    clock = noon(date(2026, 11, 22))
    clock.ticks = 1000.0
    with opened(Settings(make_home(tmp_path / "home"), "sqlite://"), clock=clock) as place:
        receive(place.office(), "bluebird-sftp", b"in.edi", ORDER)
        open_stored(place.office(), "bluebird-sftp")
        while work_through(place, place.office(), "bluebird"):
            pass
        yield Lanes(Shop(place, clock), monkeypatch)


# --- telling of it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [POLL, SEND])
def test_a_short_trouble_is_nobodys_business(lanes: Lanes, name: str) -> None:
    lanes.down = DOWN
    assert lanes.drain(name).waiting
    lanes.wait(5)
    assert lanes.drain(name).waiting
    lanes.down = None
    lanes.wait(10)
    lanes.drain(name)
    assert lanes.cases() == []
    assert not lanes.drain(name).waiting


@pytest.mark.parametrize(("name", "step"), [(POLL, "receive"), (SEND, "deliver")])
def test_a_lasting_trouble_is_one_case_and_closes_by_itself(lanes: Lanes, name: str, step: str) -> None:
    lanes.down = DOWN
    for _ in range(5):
        lanes.drain(name)
        lanes.wait(1_000)
    assert lanes.cases() == [("transport.connect", step)]
    lanes.down = None
    lanes.drain(name)
    assert lanes.cases() == []


def test_a_dead_server_is_one_case_for_all_that_is_done_there(lanes: Lanes) -> None:
    lanes.down = DOWN
    for _ in range(5):
        lanes.drain(POLL)
        lanes.drain(SEND)
        lanes.wait(1_000)
    assert [kind for kind, _ in lanes.cases()] == ["transport.connect"]
    lanes.down = None
    lanes.drain(POLL)
    assert lanes.cases() == []


def test_another_cause_takes_the_place_of_the_first(lanes: Lanes) -> None:
    for lanes.down in (DOWN, DOWN, DOWN, LOCKED):
        lanes.drain(POLL)
        lanes.wait(1_000)
    assert lanes.cases() == [("transport.auth", "receive")]


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


@pytest.mark.fault("H2", "H4")
@pytest.mark.parametrize("name", [POLL, SEND])
def test_a_store_that_fails_is_not_blamed_on_the_connection(lanes: Lanes, name: str) -> None:
    lanes.down = StoreBusy("somebody else holds the store")
    with pytest.raises(StoreBusy):
        lanes.drain(name)
    assert lanes.cases() == []


# --- leaving it alone -------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_left_alone_for_a_while_whatever_waits(lanes: Lanes) -> None:
    lanes.down = DOWN
    first = lanes.drain(SEND).again
    assert timedelta(seconds=4) <= first <= timedelta(seconds=5)
    assert lanes.tries == 1
    rest = lanes.drain(SEND)
    assert (rest.waiting, rest.again) == (True, first)
    assert lanes.tries == 1
    lanes.wait(5)
    assert timedelta(seconds=8) <= lanes.drain(SEND).again <= timedelta(seconds=10)
    assert lanes.tries == 2
    lanes.down = None
    lanes.wait(10)
    assert lanes.drain(SEND).worked
    assert lanes.drain(SEND) == Drained()


def test_a_connection_that_polls_often_is_left_alone_too(lanes: Lanes) -> None:
    lanes.down = DOWN
    for _ in range(3_600):  # an hour, looked at every second
        lanes.drain(POLL)
        lanes.wait(1)
    assert lanes.tries <= 15


def test_both_lanes_of_a_connection_count_its_logins_together(lanes: Lanes) -> None:
    lanes.down = LOCKED
    for _ in range(1_000):
        lanes.drain(POLL)
        lanes.drain(SEND)
        lanes.wait(3)
    assert lanes.tries == 3  # and the next one in an hour: more would lock our account
    lanes.wait(3_600)
    lanes.down = None
    lanes.drain(POLL)
    assert lanes.cases() == []


def test_a_dead_partner_keeps_neither_another_nor_the_erp_waiting(lanes: Lanes) -> None:
    lanes.down = DOWN
    lanes.drain(POLL)
    lanes.drain(SEND)
    lanes.down = None
    assert lanes.drain(ERP).worked


def test_a_run_that_shall_end_gives_up_after_three_tries(lanes: Lanes) -> None:
    lanes.down = DOWN
    waited = 0.0
    while any(lanes.drain(name).waiting for name in (POLL, SEND)):
        waited += 1
        lanes.wait(1)
    assert waited <= 20
    assert lanes.tries == 3
    assert [kind for kind, _ in lanes.cases()] == ["transport.connect"]


def test_a_folder_that_cannot_be_made_is_trouble_and_no_bug(lanes: Lanes) -> None:
    lanes.shop.place.settings.erp.write_text("a file in the place of the folder")
    for _ in range(3):
        lanes.drain(ERP)
        lanes.wait(1_000)
    assert lanes.cases() == [("transport.connect", "deliver")]


# --- what is not lost meanwhile ---------------------------------------------------------------------------------------


def test_what_was_stored_is_read_though_the_partner_is_down(lanes: Lanes) -> None:
    place = lanes.shop.place
    receive(place.office(), "bluebird-sftp", b"two.edi", ORDER.replace(b"000000101", b"000000102"))
    lanes.down = DOWN
    assert lanes.drain(POLL).worked
    with place.office().ledger.reading() as unit:
        assert unit.files.count(state="STORED") == 0


def test_a_folder_too_full_for_one_poll_is_looked_at_again_at_once(lanes: Lanes, monkeypatch) -> None:
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 2)
    out = lanes.shop.place.settings.home / "mailbox" / "out"
    for number in range(5):
        (out / f"{number}.edi").write_bytes(ORDER.replace(b"000000101", b"%09d" % (200 + number)))
    lanes.drain(POLL)
    drained = lanes.drain(POLL)
    assert (drained.worked, drained.waiting, drained.again) == (True, True, timedelta(milliseconds=200))
    lanes.drain(POLL)
    assert not lanes.drain(POLL).waiting
    assert not [path for path in out.iterdir() if path.is_file()]


def test_documents_for_a_connection_that_nobody_uses_any_more_still_go(lanes: Lanes) -> None:
    place = lanes.shop.place
    partners = {name: replace(partner, connection=None) for name, partner in place.edition.partners.items()}
    place.edition = replace(place.edition, partners=partners)
    lanes.start()
    assert POLL not in lanes.lanes
    assert lanes.drain(SEND).worked


def test_documents_for_a_connection_that_is_gone_are_told_and_go_when_it_is_back(lanes: Lanes) -> None:
    place, edition = lanes.shop.place, lanes.shop.place.edition
    partners = {name: replace(partner, connection=None) for name, partner in edition.partners.items()}
    place.edition = replace(edition, partners=partners, connections={})
    lanes.start()
    assert lanes.cases() == [("document.deliver", "deliver")]
    lanes.start()
    assert len(lanes.cases()) == 1
    place.edition = edition
    lanes.start()
    lanes.drain(SEND)
    assert lanes.cases() == []


def test_the_case_of_a_connection_that_nobody_uses_is_closed(lanes: Lanes) -> None:
    lanes.drain(SEND)
    lanes.down = LOCKED
    lanes.drain(POLL)
    place = lanes.shop.place
    partners = {name: replace(partner, connection=None) for name, partner in place.edition.partners.items()}
    place.edition = replace(place.edition, partners=partners)
    lanes.start()
    assert lanes.cases() == []


def test_a_connection_without_a_folder_to_read_is_not_polled(lanes: Lanes) -> None:
    place = lanes.shop.place
    name = "bluebird-sftp"
    connection = place.edition.connections[name]
    only_out = replace(connection, intake=replace(connection.intake, folder=""))
    place.edition = replace(place.edition, connections={name: only_out})
    lanes.start()
    assert POLL not in lanes.lanes


# --- days of silence --------------------------------------------------------------------------------------------------

HANGS = TransportError("no answer", code="transport.timeout")


def every_case(lanes: Lanes) -> int:
    with lanes.shop.place.office().ledger.reading() as unit:
        return len(unit.cases.select(kind=("transport.connect", "transport.timeout")))


@pytest.mark.fault("G8", "A11")
def test_a_partner_who_is_down_for_three_days_is_one_case_and_nothing_is_parked(lanes: Lanes) -> None:
    waits = len(unsent(lanes))
    assert waits
    turn = 0
    until = lanes.shop.clock.ticks + timedelta(days=3).total_seconds()
    while lanes.shop.clock.ticks < until:
        lanes.down = (DOWN, HANGS)[turn % 2]
        turn += 1
        lanes.drain(POLL)
        lanes.drain(SEND)
        lanes.wait(300)
    assert len(lanes.cases()) == 1
    assert every_case(lanes) == 1
    assert len(unsent(lanes)) == waits
    lanes.down = None
    lanes.wait(1_000)
    for _ in range(5):
        lanes.drain(SEND)
        lanes.wait(1)
    lanes.drain(POLL)
    assert lanes.cases() == []
    assert unsent(lanes) == []


def unsent(lanes: Lanes) -> list[int]:
    with lanes.shop.place.office().ledger.reading() as unit:
        waiting = unit.documents.select(connection="bluebird-sftp", state=("READY", "UPLOADING", "UPLOADED", "PARKED"))
        return [document.id for document in waiting]


@pytest.mark.fault("G8")
def test_the_burst_on_return_begins_small_and_keeps_its_order(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    office = lanes.shop.place.office()
    with office.ledger.unit("test") as unit:
        first = unit.documents.select(connection="bluebird-sftp", state="READY")[0]
        for number in range(100):
            unit.documents.add(replace(first, id=0, epoch=0, name=f"855_{number:09}.edi", source=f"order:x{number}"))
    everything = unsent(lanes)
    lanes.down = DOWN
    lanes.drain(SEND)
    lanes.wait(5)
    lanes.down = None
    sent: list[int] = []
    before = len(everything)
    while before:
        lanes.drain(SEND)
        lanes.drain(SEND)  # at once: nothing more goes
        left = unsent(lanes)
        assert left == everything[len(everything) - len(left) :]
        sent.append(before - len(left))
        before = len(left)
        lanes.wait(1)
    assert sent[:3] == [10, 20, 40]


@pytest.mark.fault("A12")
def test_a_server_that_hangs_is_told_within_a_minute(lanes: Lanes) -> None:
    lanes.down = HANGS
    lanes.drain(POLL)
    assert lanes.cases() == []
    lanes.wait(50)  # a pause of 5 s, and 45 s until the next attempt is given up
    lanes.drain(POLL)
    assert [kind for kind, _ in lanes.cases()] == ["transport.timeout"]
