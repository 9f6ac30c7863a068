"""The scrub of all stored bytes (H7), and the purge of those that were settled long ago."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from edi_engine.app import care
from edi_engine.app.health import doctor
from edi_engine.app.keeping import Scrub, purge_before
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.cli import main
from edi_engine.errors import Purged, UsageError
from edi_engine.flow.documents import note_document
from edi_engine.store.purge import proof
from edi_engine.store.schema import BLOB
from tests.fixtures.exchange import ORDER, Exchange, order

DAYS = timedelta(days=1)


def damage(exchange: Exchange, sha256: str, data: bytes = b"ISA damaged") -> None:
    with exchange.place.store.writing("damage") as connection:
        connection.execute(update(BLOB).where(BLOB.c.sha256 == sha256).values(bytes=data))


def taken(exchange: Exchange, data: bytes = ORDER) -> str:
    """Take a file; give the hash of its bytes."""
    exchange.drop("po.edi", data)
    exchange.take()
    exchange.work()
    exchange.send()
    return exchange.files()[-1].sha256 or ""


def weeks_later(exchange: Exchange, scrub: Scrub, weeks: int = 1) -> list[str]:
    exchange.clock.move(timedelta(weeks=weeks, seconds=1))
    scrub()
    return [case.title for case in exchange.cases(kind="system.store")]


@pytest.mark.fault("H7")
def test_damaged_bytes_are_a_case_once_and_heal(either: Exchange) -> None:
    sha256, scrub = taken(either), Scrub(either.place)
    assert scrub().worked, "the first time, it is only set"
    assert not scrub().worked
    assert weeks_later(either, scrub) == []
    damage(either, sha256)
    (told,) = weeks_later(either, scrub)
    assert told == f"The stored bytes {sha256} were damaged: their hash is no longer this. They are those of file 1."
    assert weeks_later(either, scrub) == [told]
    assert either.kinds().count("system.store") == 1
    either.drop("again.edi", ORDER)
    either.take()
    assert weeks_later(either, scrub) == [], "the same bytes came again"
    (healed,) = either.cases("RESOLVED", kind="system.store")
    assert healed.resolution == "the bytes are sound again"


@pytest.mark.fault("H7")
def test_a_scrub_is_due_once_a_week(exchange: Exchange) -> None:
    sha256, scrub = taken(exchange), Scrub(exchange.place)
    scrub()
    damage(exchange, sha256)
    exchange.clock.move(6 * DAYS)
    assert not scrub().worked
    exchange.clock.move(2 * DAYS)
    assert scrub().worked
    assert [case.kind for case in exchange.cases()] == ["system.store"]
    exchange.clock.move(-400 * DAYS)  # a clock that went back does not put it off for a year
    assert scrub().worked


@pytest.mark.fault("H7")
def test_the_doctor_and_db_check_tell_of_it(exchange: Exchange) -> None:
    sha256, scrub = taken(exchange), Scrub(exchange.place)
    scrub()
    assert care.db_check(exchange.place.settings) == ()
    damage(exchange, sha256)
    (told,) = care.db_check(exchange.place.settings)
    assert (told.code, told.seen) == ("system.store.bytes", sha256)
    weeks_later(exchange, scrub)
    assert [one.message for one in doctor(exchange.place.settings).findings if one.code == "system.store"] == [
        told.message
    ]


def test_what_was_settled_long_ago_is_purged_with_a_proof(either: Exchange) -> None:
    sha256 = taken(either)
    settle_all(either)
    either.clock.move(400 * DAYS)
    with pytest.raises(UsageError, match="30 days"):
        purge_before(either.place, 29 * DAYS, commit=True)
    shown = purge_before(either.place, 365 * DAYS, commit=False)
    with either.office().ledger.reading() as unit:
        assert unit.blobs.get(sha256) == ORDER, "it was only shown"
    done = purge_before(either.place, 365 * DAYS, commit=True)
    assert done.gone == shown.gone
    assert done.proof == shown.proof == proof(done.gone)
    assert sha256 in {one.sha256 for one in done.gone}
    sent = {one.sha256 for one in either.documents() if one.interchange_control is not None}
    assert len(sent) == 4
    assert sent <= {one.sha256 for one in done.gone}
    with either.office().ledger.reading() as unit:
        with pytest.raises(Purged, match="were purged on 2027-12-27"):
            unit.blobs.get(sha256)
        (told,) = unit.events.select(subject="store:purge")
    assert done.proof in told.detail
    assert either.sound(), "hashes, numbers and history are kept"
    assert purge_before(either.place, 365 * DAYS, commit=True).gone == ()


def test_what_comes_again_after_a_purge_is_known_and_has_its_bytes_again(exchange: Exchange) -> None:
    sha256 = taken(exchange)
    settle_all(exchange)
    exchange.clock.move(400 * DAYS)
    purge_before(exchange.place, 365 * DAYS, commit=True)
    orders = len(exchange.documents())
    exchange.drop("again.edi", ORDER)
    exchange.take()
    exchange.work()
    assert exchange.files()[-1].state == "DUPLICATE"
    assert len(exchange.documents()) == orders
    with exchange.office().ledger.reading() as unit:
        assert unit.blobs.get(sha256) == ORDER
    assert exchange.sound()


def test_what_waits_is_never_purged(exchange: Exchange) -> None:
    taken(exchange)
    exchange.clock.move(400 * DAYS)
    exchange.drop("stranger.edi", order(7).replace(b"6119290001", b"6119290009"))
    exchange.take()
    exchange.work()
    exchange.clock.move(400 * DAYS)
    gone = {one.sha256 for one in purge_before(exchange.place, 365 * DAYS, commit=True).gone}
    waiting = {one.sha256 for one in exchange.documents(kind=("855", "856", "810"))}
    assert not gone & waiting, "the partner has not acknowledged them"
    assert exchange.files()[-1].sha256 not in gone, "its case is open"
    assert exchange.sound()


def settle_all(exchange: Exchange) -> None:
    """Let the partner acknowledge everything."""
    office = exchange.office()
    with office.ledger.unit("settled") as unit:
        for document in unit.documents.select(state="CONFIRMED", kind=("855", "856", "810")):
            accepted = unit.documents.change(document, state="ACCEPTED", response_json='{"code": "A"}')
            note_document(office, unit, accepted, "accepted by partner", "by their 997 (A)")


def test_at_the_terminal(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'edi.db'}")
    with opened(settings):
        pass
    words = ["--home", str(tmp_path), "db", "purge"]
    assert CliRunner().invoke(main, words).exit_code == 2
    assert CliRunner().invoke(main, [*words, "--older-than", "7"]).exit_code == 2
    shown = CliRunner().invoke(main, [*words, "--older-than", "400", "--json"])
    assert shown.exit_code == 0, shown.output
    content = json.loads(shown.stdout)
    assert (content["committed"], content["purged"]) == (False, [])
    done = CliRunner().invoke(main, [*words, "--older-than", "400", "--commit"])
    assert done.output.startswith("Done: purged the bytes of 0 files and documents")
