"""`edi process` beside a daemon on the same store: each keeps to its own files and its own folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from edi_engine.app import processing
from edi_engine.app.processing import process, walk
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored
from edi_engine.app.workplace import Workplace, opened
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case
from edi_engine.flow.office import Office
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home, run_once

GOOD = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
OTHER = GOOD.replace(b"4500012001", b"4500099999").replace(b"000000101", b"000000999")


def test_it_leaves_alone_what_came_by_a_mailbox(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    db = f"sqlite:///{tmp_path / 'store.db'}"
    with opened(Settings(home, db)) as place:
        office = place.office()
        receive(office, "bluebird-sftp", b"theirs.edi", GOOD)
        open_stored(office, "bluebird-sftp")
        place.out = tmp_path / "out"
        place.out.mkdir()
        done = walk(place, OTHER, "mine.edi")
        assert [one.po_number for one in done.orders] == ["4500099999"]
        with office.ledger.reading() as unit:
            assert not unit.orders.select(po_number="4500012001")
        written = {path.relative_to(place.out).as_posix().split("_")[1] for path in place.out.glob("*.edi")}
        assert written == {"997", "855", "856", "810"}
    run_once(home, db)
    with opened(Settings(home, db)) as place, place.office().ledger.reading() as unit:
        (theirs,) = unit.orders.select(po_number="4500012001")
        assert {one.connection for one in unit.documents.select(order_id=theirs.id)} == {"bluebird-sftp", "erp"}
    assert len(list((home / "mailbox" / "in").glob("*.edi"))) == 4


def test_what_a_former_command_left_is_taken_up(tmp_path: Path) -> None:
    with opened(Settings(tmp_path, f"sqlite:///{tmp_path / 'store.db'}")) as place:
        office = place.office()
        receive(office, "cli", b"mine.edi", GOOD)  # and then the command died
        place.out = tmp_path / "out"
        place.out.mkdir()
        done = walk(place, GOOD, "mine.edi")
        assert done.file.state == "DUPLICATE"
        assert sorted(one.kind for one in done.documents) == ["810", "855", "856", "997", "erp-json", "erp-xml"]
        assert walk(place, GOOD, "mine.edi").documents == ()


def test_what_goes_wrong_elsewhere_meanwhile_is_not_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a daemon works on the same store."""
    done = processing._finish

    def meanwhile(place: Workplace, office: Office, file_id: int) -> None:
        done(place, office, file_id)
        theirs = receive(office, "bluebird-sftp", b"theirs.edi", GOOD).id
        with office.ledger.unit("test") as unit:
            for subject, file in (("connection:x", None), ("lane:poll:x", None), (f"file:{theirs}", theirs)):
                finding = Finding("transport.connect", Severity.HOLD, "It is down.")
                open_case(office, unit, Waiting(subject, "receive", office.clock.now(), file_id=file), [finding])

    monkeypatch.setattr(processing, "_finish", meanwhile)
    home = make_home(tmp_path / "home")
    bad = (shipped("samples") / "bluebird" / "bad-unit-code" / "in.edi").read_bytes()
    told = process(Settings(home, f"sqlite:///{home / 'edi.db'}"), bad, "bad.edi", tmp_path / "out")
    assert [case.kind for case in told.cases] == ["x12.element"]
