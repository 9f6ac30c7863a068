"""The doctor: what it finds well, and each thing that may keep the daemon from working."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from edi_engine.app import health, room
from edi_engine.app.alone import alone
from edi_engine.app.health import doctor
from edi_engine.app.health_look import Health
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored
from edi_engine.app.workplace import Workplace, opened
from edi_engine.cli.exits import exit_code
from edi_engine.cli.shape import document
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case
from edi_engine.flow.look import ALONE, NONE_ALONE, subject_of
from edi_engine.flow.receive import receive
from edi_engine.flow.records import DocumentRecord
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home

SFTP = (shipped("partners") / "connections.yaml").read_text()


class Patient:
    """A home with a store, to be made ill."""

    def __init__(self, home: Path) -> None:
        self.home = make_home(home)
        self.settings = Settings(home, f"sqlite:///{home / 'store.db'}")

    def seen(self) -> Health:
        return doctor(self.settings)

    def found(self, code: str) -> Finding:
        (finding,) = [one for one in self.seen().findings if one.code == code]
        return finding

    def store(self, change: Callable[[Workplace], object] = lambda place: None) -> None:
        with opened(self.settings) as place:
            change(place)

    def partner(self, old: str, new: str) -> None:
        file = self.home / "partners" / "bluebird" / "partner.yaml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    def key(self, text: str, mode: int = 0o600) -> Path:
        path = self.settings.keys / "bluebird"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path / "home")


def test_a_healthy_home(patient: Patient) -> None:
    before = sorted(patient.home.rglob("*"))
    found = patient.seen()
    assert {one.code for one in found.findings} <= {"partner.fulfilment.auto", "system.sqlite.old"}
    assert exit_code(found.findings) == 0
    said = "\n".join(found.well)
    assert "1 partner in" in said
    assert "2 examples tried" in said
    assert "no daemon runs" in said
    assert "there is no store yet" in said
    assert sorted(patient.home.rglob("*")) == before, "it looks, and changes nothing"
    patient.store()
    assert "the store opens: 0 open cases, 0 documents to send" in patient.seen().well
    assert patient.seen().facts["partners"]["names"] == ["bluebird"]
    document("doctor", {"facts": patient.seen().facts})  # all of it can be JSON


def test_a_partner_that_ships_by_itself_is_named_with_the_words_that_allow_it(patient: Patient) -> None:
    told = patient.found("partner.fulfilment.auto")
    assert told.severity is Severity.WARNING
    assert "live orders too, by the words “This is the sandbox retailer" in told.message
    patient.partner("    live: This is the sandbox retailer, and it asked us to ship whatever we acknowledge.\n", "")
    codes = [one.code for one in patient.seen().findings]
    assert codes.count("partner.fulfilment.live") == 1
    assert "live orders wait for people" in patient.found("partner.fulfilment.auto").message
    patient.partner("    mode: auto", "    mode: none")
    assert "partner.fulfilment.auto" not in [one.code for one in patient.seen().findings]


def test_a_live_partner_without_a_mailbox(patient: Patient) -> None:
    assert "partner.connection.none" not in [one.code for one in patient.seen().findings]
    patient.partner("\nconnection: bluebird-sftp", "\n# no connection")
    told = patient.found("partner.connection.none")
    assert told.severity is Severity.NOTE
    assert "by `edi process` alone" in told.message
    patient.partner("status: live", "status: test")
    assert "partner.connection.none" not in [one.code for one in patient.seen().findings]


def test_broken_partner_files(patient: Patient) -> None:
    patient.partner("status: live", "statsu: live")
    assert exit_code(patient.seen().findings) == 4
    assert patient.found("partner.word.unknown").where.line_no == 5


def test_a_home_without_partners_uses_the_sample(tmp_path: Path) -> None:
    found = doctor(Settings(tmp_path, f"sqlite:///{tmp_path / 'store.db'}"))
    assert [one.severity for one in found.findings if one.code == "partner.shipped"] == [Severity.NOTE]


def test_keys(patient: Patient) -> None:
    (patient.home / "partners" / "connections.yaml").write_text(SFTP)
    assert "has none" in patient.found("system.key.missing").message
    path = patient.key("x", 0o644)
    assert patient.found("system.key.open").fix == f"chmod 600 {path}"
    path.chmod(0o600)
    assert "not an Ed25519, ECDSA or RSA private key" in patient.found("system.key.unusable").message
    path.unlink()
    make_key(path, "secret")
    assert "locked with a passphrase" in patient.found("system.key.unusable").message
    path.unlink()
    make_key(path, "")
    assert f"1 private key in {patient.settings.keys}" in patient.seen().well


def make_key(path: Path, passphrase: str) -> None:
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, locked))
    path.chmod(0o600)


@pytest.mark.fault("H8")
def test_an_old_sqlite_is_noted(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.sqlite3, "sqlite_version_info", (3, 51, 2))
    assert patient.found("system.sqlite.old").severity is Severity.NOTE
    monkeypatch.setattr(health.sqlite3, "sqlite_version_info", (3, 51, 3))
    assert "system.sqlite.old" not in [one.code for one in patient.seen().findings]
    assert patient.seen().facts["sqlite"] == sqlite3.sqlite_version


@pytest.mark.fault("H2")
def test_a_full_disk(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(room.shutil.disk_usage("/"))
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage(total=1000, used=960, free=40))
    assert "Only 4.0 %" in patient.found("system.disk").message
    assert exit_code(patient.seen().findings) == 5


def test_a_file_where_a_folder_should_be(patient: Patient) -> None:
    (patient.home / "erp").write_text("")
    assert "the connection erp cannot be written to" in patient.found("system.folder.closed").message


def test_a_partners_folder_that_is_not_there(patient: Patient) -> None:
    assert not [one for one in patient.seen().findings if one.code == "system.folder.missing"]
    (patient.home / "mailbox" / "in").rmdir()
    assert "mailbox/in of the connection bluebird-sftp is not there" in patient.found("system.folder.missing").message
    shutil.rmtree(patient.home / "mailbox")
    assert "/mailbox of the connection bluebird-sftp" in patient.found("system.folder.missing").message


@pytest.mark.fault("H9")
def test_a_store_on_a_network_share_is_refused(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    from edi_engine.store import safety

    patient.store()
    monkeypatch.setattr(safety, "file_system", lambda _mounts, _path: "nfs4")
    told = patient.found("system.store.unusable")
    assert "lies on a network share (nfs4)" in told.message
    assert exit_code(patient.seen().findings) == 5


@pytest.mark.fault("H9")
def test_a_store_that_others_may_write_to_or_that_is_none(patient: Patient) -> None:
    patient.store()
    file = patient.settings.store_file
    assert file is not None
    file.chmod(0o666)
    assert "chmod 600" in patient.found("system.store.unusable").message
    file.chmod(0o600)
    file.write_bytes(b"no database at all" * 100)
    assert exit_code(patient.seen().findings) == 5


@pytest.mark.fault("H10")
def test_a_clock_that_was_set_back(patient: Patient) -> None:
    def ahead(place: Workplace) -> None:
        office = place.office()
        later = datetime.now(UTC) + timedelta(hours=1)
        with office.ledger.unit("test") as unit:
            office.note(unit, "file stored", "file:1")
            (event,) = unit.events.select()
            unit.events.change(event, at=later)

    patient.store(ahead)
    assert patient.found("system.clock").severity is Severity.HOLD


def test_what_waits_what_is_overdue_and_what_is_wrong_with_a_connection(patient: Patient) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)

    def fill(place: Workplace) -> None:
        office = place.office()
        with office.ledger.unit("test") as unit:
            for subject, code in (("order:1", "order.price.over"), ("connection:bluebird-sftp", "transport.hostkey")):
                finding = Finding(code, Severity.HOLD, f"Something of {subject}.")
                open_case(office, unit, Waiting(subject, "receive", yesterday), [finding])
            for number in (1, 2):
                document = unit.documents.add(
                    DocumentRecord(
                        "855", f"order:{number}", unit.blobs.put(b"x"), 1, "bluebird-sftp", f"{number}", yesterday,
                        partner="bluebird",
                    )
                )  # fmt: skip
                for state in ("UPLOADING", "UPLOADED", "SENT", "CONFIRMED"):
                    document = unit.documents.change(document, state=state, due_at=yesterday)

    patient.store(fill)
    found = patient.seen()
    assert "the store opens: 2 open cases (1 order.price, 1 transport.hostkey), 0 documents to send" in found.well
    assert found.facts["cases"] == {"order.price": 1, "transport.hostkey": 1}
    assert found.facts["acknowledgments_overdue"] == 2
    assert patient.found("transport.hostkey").message == "Something of connection:bluebird-sftp."
    assert "bluebird has not acknowledged 2 documents of ours" in patient.found("ack.overdue").message
    assert exit_code(found.findings) == 5


def test_the_daemon_and_its_lanes(patient: Patient) -> None:
    patient.store(lambda place: place.store.raise_fence("poll:bluebird-sftp"))
    assert any("1 lane worked so far, poll:bluebird-sftp last" in line for line in patient.seen().well)
    with alone(patient.settings):
        assert f"a daemon runs on the store (process {os.getpid()})" in patient.seen().well
        assert "system.lane.silent" not in [one.code for one in patient.seen().findings]
        assert patient.settings.store_file is not None
        with sqlite3.connect(patient.settings.store_file) as connection:
            connection.execute("UPDATE lane SET seen = replace(seen, '20', '19')")
        told = patient.found("system.lane.silent")
    assert "poll:bluebird-sftp has not looked for" in told.message
    assert "system.lane.silent" not in [one.code for one in patient.seen().findings]
    (lane,) = patient.seen().facts["lanes"]
    assert (lane["name"], lane["fence"]) == ("poll:bluebird-sftp", 1)


def test_files_that_no_pattern_wants(patient: Patient) -> None:
    def note(said: str) -> Callable[[Workplace], None]:
        def act(place: Workplace) -> None:
            office = place.office()
            with office.ledger.unit("test") as unit:
                office.note(unit, ALONE, subject_of("bluebird-sftp", "out"), said)

        return act

    patient.store(note("2 files in out: order.txt, po.part"))
    assert "no pattern wants, 2 files in out: order.txt, po.part." in patient.found("transport.ignored").message
    patient.store(note(NONE_ALONE))
    assert not [one for one in patient.seen().findings if one.code == "transport.ignored"]


def test_a_group_that_nobody_answers_is_told(patient: Patient) -> None:
    def left(place: Workplace) -> None:
        office = place.office()
        order = shipped("samples") / "bluebird" / "clean-order" / "in.edi"
        receive(office, "bluebird-sftp", b"in.edi", order.read_bytes())
        open_stored(office, "bluebird-sftp")
        with office.ledger.unit("long ago") as unit:
            (group,) = unit.groups.select()
            unit.groups.change(group, at=group.at - timedelta(hours=2))

    patient.store(left)
    told = patient.found("ack.owed")
    assert told.message.startswith("We have not acknowledged a group of bluebird, the first (PO ")
    assert exit_code([told]) == 1
