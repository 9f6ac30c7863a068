"""What people are told of a connection that does not work, and how they let it be tried at once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.app.daemon import Daemon
from edi_engine.app.lanes import build_lanes
from edi_engine.app.nudging import LOOKS_BACK, Nudges
from edi_engine.app.settings import Settings
from edi_engine.app.trouble import Rest, report_trouble
from edi_engine.app.workplace import Workplace, opened
from edi_engine.cli import main
from edi_engine.desk.retry import TRY_NOW
from edi_engine.errors import TransportError
from edi_engine.finding import Finding
from edi_engine.flow.records import CaseRecord, DocumentRecord
from edi_engine.flow.wording import findings_from_json
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home

SFTP = (shipped("partners") / "connections.yaml").read_text()
NAME = "bluebird-sftp"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    home = make_home(tmp_path / "home", SFTP)
    with opened(Settings(home, f"sqlite:///{home / 'edi.db'}")) as found:
        yield found


def case(place: Workplace) -> CaseRecord:
    with place.office().ledger.reading() as unit:
        (found,) = unit.cases.select(state="OPEN")
    return found


def told(place: Workplace, code: str, message: str, failures: int = 1) -> Finding:
    report_trouble(
        place.office(),
        place.edition.connections[NAME],
        "receive",
        TransportError(message, code=code),
        failures,
        timedelta(minutes=7),
    )
    (finding,) = findings_from_json(case(place).findings_json)
    return finding


def documents(place: Workplace, number: int) -> None:
    office = place.office()
    with office.ledger.unit("test") as unit:
        for n in range(number):
            unit.documents.add(
                DocumentRecord("855", f"order:{n}", unit.blobs.put(b"x"), 1, NAME, f"{n}", office.clock.now())
            )


def tried_next(message: str) -> datetime:
    text = message.partition("tried next at ")[2].removesuffix(" UTC.")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def test_it_names_the_partner_what_waits_and_when_it_is_tried_next(place: Workplace) -> None:
    begin = (place.clock.now() + timedelta(minutes=7)).replace(microsecond=0)
    first = told(place, "transport.connect", "edi@host:22 cannot be reached: Connection refused", 3)
    assert first.message.startswith(f"The connection {NAME} of bluebird does not work (3 times in a row): edi@host:22 ")
    assert "No document of ours waits for it." in first.message
    assert begin <= tried_next(first.message) <= place.clock.now() + timedelta(minutes=7)
    assert case(place).partner == "bluebird"
    documents(place, 2)
    again = told(place, "transport.timeout", "edi@host:22 cannot be reached: timed out", 4)
    assert "2 documents of ours wait for it, since 20" in again.message
    assert case(place).title == again.message, "one case, which tells how it is now"


def test_a_document_that_waits_longer_puts_off_its_delivery_and_no_poll(place: Workplace) -> None:
    documents(place, 1)
    later = (place.clock.now() + timedelta(hours=3)).replace(microsecond=0)
    office = place.office()
    with office.ledger.unit("test") as unit:
        unit.documents.change(unit.documents.select()[0], next_at=later)
    assert tried_next(told(place, "transport.listing", "no listing").message) < later
    report_trouble(
        office,
        place.edition.connections[NAME],
        "deliver",
        TransportError("no folder", code="document.deliver"),
        1,
        timedelta(minutes=7),
    )
    with office.ledger.reading() as unit:
        (delivery,) = unit.cases.select(state="OPEN", step="deliver")
    assert tried_next(delivery.title) == later


@pytest.mark.parametrize(
    ("code", "message", "remedy", "not_said"),
    [
        (
            "transport.connect",
            "a@b:22 cannot be reached: Connection refused",
            "is up, and see that this machine's",
            "pin",
        ),
        ("transport.connect", "a@b:22 cannot be reached: Name or service not known", "`host` in", "firewall"),
        ("transport.connect", "a@b:22 and we share no safe algorithm: x", "`weak` in", "is up"),
        ("transport.hostkey", "the server b shows the host key x", "by another way than this connection", "firewall"),
        (
            "transport.auth",
            "a@b:22 does not let us in: x",
            "whether our public key is installed for the user",
            "pin it",
        ),
        ("transport.auth", 'the private key "k" cannot be used: x', "readable by the daemon's user alone", "ask "),
        ("transport.listing", 'listing "/out" at a@b:22: x', "the folder that the message names", "firewall"),
    ],
)
def test_the_remedy_is_that_of_the_trouble(
    place: Workplace, code: str, message: str, remedy: str, not_said: str
) -> None:
    fix = told(place, code, message).fix or ""
    assert remedy in fix
    assert not_said not in fix
    assert "`edi exceptions retry` with the case's number" in fix


def test_a_retry_is_offered_and_ends_the_pause_of_the_document_too(place: Workplace) -> None:
    documents(place, 2)
    office = place.office()
    later = office.clock.now() + timedelta(minutes=10)
    with office.ledger.unit("test") as unit:
        unit.documents.change(unit.documents.get(1), next_at=later)
    told(place, "transport.connect", "down")
    home = str(place.settings.home)
    shown = CliRunner().invoke(main, ["--home", home, "exceptions", "show", "1"])
    assert "edi --home" in shown.stdout
    assert "A daemon tries the connection at once" in shown.stdout
    done = CliRunner().invoke(main, ["--home", home, "exceptions", "retry", "1"])
    assert done.exit_code == 1
    assert f"a daemon that runs tries the connection {NAME} within seconds" in done.stdout
    with office.ledger.reading() as unit:
        next_at = unit.documents.get(1).next_at
        assert next_at is not None
        assert next_at < later
    answer = CliRunner().invoke(main, ["--home", home, "exceptions", "retry", "1", "--json"])
    assert json.loads(answer.stdout)["case"]["state"] == "OPEN"


def test_a_pause_that_a_person_ends_forgets_no_failure() -> None:
    rest = Rest()
    for now in (0.0, 10.0, 20.0):
        rest.failed(TransportError("no", code="transport.auth"), now)
    assert rest.left(21.0) > timedelta(minutes=30)
    rest.try_now()
    assert rest.left(21.0) == timedelta()
    rest.begin()
    assert rest.failed(TransportError("no", code="transport.auth"), 22.0) > timedelta(minutes=30)


def test_a_try_that_a_person_wants_comes_although_one_before_it_hangs_and_fails_later() -> None:
    rest, hung = Rest(), TransportError("it hung", code="transport.timeout")
    for now in (0.0, 10.0, 20.0):
        rest.begin()
        rest.failed(hung, now)
    rest.begin()
    rest.try_now()
    assert rest.failed(hung, 60.0) == rest.left(60.0) == timedelta()
    rest.begin()
    assert rest.failed(hung, 120.0) > timedelta(seconds=30)


def test_a_wish_that_is_committed_after_a_later_event_is_not_passed_over(tmp_path: Path) -> None:
    """As on PostgreSQL, where numbers are given before the commit."""
    home = make_home(tmp_path / "home", SFTP)
    with opened(Settings(home, f"sqlite:///{home / 'edi.db'}")) as place:
        woken: list[str] = []
        nudges = Nudges(place, lambda: build_lanes(place, {}), woken.append)

        def happens(number: int, what: str) -> None:
            with closing(sqlite3.connect(home / "edi.db")) as store, store:
                columns = "id, at, what, subject, who, detail"
                row = (number, "2026-11-22 12:00:00.000000", what, f"connection:{NAME}", "somebody", "")
                store.execute(f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)

        nudges()
        last = place.store.last_event()
        happens(last + 9, "something else")
        nudges()
        happens(last + 3, TRY_NOW)
        for _ in range(LOOKS_BACK):
            nudges()
        assert woken == [f"poll:{NAME}", f"send:{NAME}"]


def wait(enough: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not enough():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


def test_a_daemon_tries_a_mended_connection_at_once_when_a_person_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(hours=1))
    monkeypatch.setattr("edi_engine.app.trouble.LAST_PAUSE", timedelta(hours=1))
    monkeypatch.setattr("edi_engine.app.trouble.TOLD_AFTER", 0.0)
    monkeypatch.setattr("edi_engine.app.trouble.TROUBLE_AFTER", 1)
    home = make_home(tmp_path / "home")
    box, aside = home / "mailbox", home / "aside"
    box.rename(aside)
    with opened(Settings(home, f"sqlite:///{home / 'edi.db'}")) as place:

        def cases() -> list[int]:
            with place.office().ledger.reading() as unit:
                return [one.id for one in unit.cases.select(state="OPEN")]

        daemon = Daemon(place)
        runner = threading.Thread(target=lambda: daemon.run(once=False))
        runner.start()
        try:
            wait(lambda: len(cases()) == 1)
            aside.rename(box)
            time.sleep(2.5)  # more than the pause between two polls of it
            assert len(cases()) == 1, "it rests for an hour"
            asked = CliRunner().invoke(main, ["--home", str(home), "exceptions", "retry", str(cases()[0])])
            assert asked.exit_code == 1, asked.output
            wait(lambda: cases() == [])
        finally:
            daemon.stop()
            runner.join(60)
