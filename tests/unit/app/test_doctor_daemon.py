"""The doctor and the daemon: none at all while something waits, one that is frozen, one poll that is late."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from edi_engine.app.alone import alone, lock_file
from edi_engine.app.beating import STILL, beating, last_beat
from edi_engine.app.daemon import Daemon
from edi_engine.app.health_daemon import look_at_daemon
from edi_engine.app.health_look import Look
from edi_engine.app.lanes import build_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.cli.exits import exit_code
from edi_engine.desk.holding import hold
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case
from edi_engine.flow.receive import receive
from edi_engine.flow.records import DocumentRecord
from edi_engine.resources import shipped
from tests.unit.app.test_doctor import Patient

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
NONE = "system.daemon.none"


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path / "home")


def codes(patient: Patient) -> list[str]:
    return [one.code for one in patient.seen().findings]


def unsent(place: Workplace) -> None:
    office = place.office()
    with office.ledger.unit("test") as unit:
        for number, at in ((1, datetime(2026, 11, 20, 8, 30, tzinfo=UTC)), (2, datetime(2026, 11, 21, tzinfo=UTC))):
            unit.documents.add(
                DocumentRecord("855", f"order:{number}", unit.blobs.put(b"x"), 1, "bluebird-sftp", f"{number}", at)
            )


def test_a_home_in_which_nothing_ever_ran_and_nothing_waits_is_well(patient: Patient) -> None:
    assert NONE not in codes(patient)
    assert "no daemon runs on the store now, and nothing waits for one" in patient.seen().well
    patient.store()
    assert NONE not in codes(patient)


def test_documents_that_wait_while_no_daemon_runs_are_trouble(patient: Patient) -> None:
    patient.store(unsent)
    told = patient.found(NONE)
    assert told.message == "No daemon runs, and 2 unsent documents (since 2026-11-20 08:30 UTC) wait for one."
    assert "edi run" in (told.fix or "")
    assert exit_code(patient.seen().findings) == 5
    assert patient.seen().facts["waiting"] == {"unsent document": 2}
    with alone(patient.settings):
        assert NONE not in codes(patient)


def test_files_that_lie_in_a_folder_of_ours_wait_too_before_there_is_a_store_and_after(patient: Patient) -> None:
    folder = patient.home / "mailbox" / "out"
    (folder / "1.edi").write_bytes(ORDER)
    os.utime(folder / "1.edi", (1_790_000_000, 1_790_000_000))
    since = datetime.fromtimestamp(1_790_000_000, UTC)
    (folder / "2.tmp").write_bytes(b"an upload that `ignore` names")
    told = f"No daemon runs, and 1 unfetched file (since {since:%Y-%m-%d %H:%M} UTC) waits for one."
    assert patient.found(NONE).message == told
    patient.store()
    assert patient.found(NONE).message == told


def test_what_is_fetched_and_not_opened_waits_but_not_what_waits_for_a_person(patient: Patient) -> None:
    def fetched(place: Workplace) -> None:
        receive(place.office(), "bluebird-sftp", b"in.edi", ORDER)

    def stuck(place: Workplace) -> None:
        office = place.office()
        with office.ledger.unit("test") as unit:
            (file,) = unit.files.select()
            finding = Finding("system.bug", Severity.HOLD, "It broke.")
            open_case(office, unit, Waiting(f"file:{file.id}", "open", file.at, file_id=file.id), [finding])

    patient.store(fetched)
    assert "1 fetched file (since" in patient.found(NONE).message
    patient.store(stuck)
    assert NONE not in codes(patient)


def test_a_daemon_that_ran_before_is_missed_by_a_note(patient: Patient) -> None:
    patient.store(lambda place: place.store.raise_fence("poll:bluebird-sftp"))
    told = patient.found(NONE)
    assert told.severity is Severity.NOTE
    assert "nobody looks whether a partner has sent anything" in told.message


def test_a_frozen_daemon_is_told_within_a_minute_however_seldom_its_connections_are_polled(patient: Patient) -> None:
    connections = patient.home / "partners" / "connections.yaml"
    connections.write_text(connections.read_text().replace("every: 1 s", "every: 2 h"))
    patient.store(lambda place: place.store.raise_fence("poll:bluebird-sftp"))
    assert timedelta(0) < STILL < timedelta(seconds=55)
    with alone(patient.settings):
        assert "system.daemon.frozen" not in codes(patient)
        long_ago = time.time() - STILL.total_seconds() - 1
        os.utime(lock_file(patient.settings), (long_ago, long_ago))
        told = patient.found("system.daemon.frozen")
        assert f"(process {os.getpid()})" in told.message
        assert exit_code([told]) == 5
    assert "system.daemon.frozen" not in codes(patient)


def wait(enough: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not enough():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


def test_a_daemon_at_work_gives_its_sign_of_life_by_itself(patient: Patient) -> None:
    with alone(patient.settings), opened(patient.settings) as place:
        daemon = Daemon(place)
        os.utime(lock_file(patient.settings), (0, 0))
        runner = threading.Thread(target=lambda: daemon.run(once=False))
        runner.start()
        try:
            wait(lambda: (last_beat(patient.settings) or datetime.min.replace(tzinfo=UTC)).year > 2000)
        finally:
            daemon.stop()
            runner.join(60)


def age_lanes(patient: Patient) -> None:
    assert patient.settings.store_file is not None
    with sqlite3.connect(patient.settings.store_file) as connection:
        connection.execute("UPDATE lane SET seen = replace(seen, '20', '19')")


def test_a_daemon_that_upgrades_a_store_for_long_gives_signs_meanwhile(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edi_engine.app.beating.EVERY", 0.02)
    with alone(patient.settings):
        with beating(patient.settings):
            os.utime(lock_file(patient.settings), (0, 0))
            wait(lambda: (last_beat(patient.settings) or datetime.min.replace(tzinfo=UTC)).year > 2000)
        os.utime(lock_file(patient.settings), (0, 0))
        time.sleep(0.1)
        assert last_beat(patient.settings) == datetime.fromtimestamp(0, UTC)


def test_a_late_poll_is_told_unless_its_connection_has_a_case(patient: Patient) -> None:
    patient.store(lambda place: place.store.raise_fence("poll:bluebird-sftp"))

    def trouble(place: Workplace) -> None:
        office = place.office()
        with office.ledger.unit("test") as unit:
            finding = Finding("transport.connect", Severity.HOLD, "It is down.")
            open_case(office, unit, Waiting("connection:bluebird-sftp", "receive", office.clock.now()), [finding])

    with alone(patient.settings):
        age_lanes(patient)
        assert exit_code([patient.found("system.lane.silent")]) == 5
        patient.store(trouble)
        assert "system.lane.silent" not in codes(patient)


def test_the_command_ends_with_5_where_a_document_waits_and_no_daemon_runs(patient: Patient) -> None:
    from tests.fixtures.homes import PROGRAM

    patient.store(unsent)
    command = [*PROGRAM, "doctor", "--home", str(patient.home), "--db", patient.settings.db]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5
    assert "No daemon runs, and 2 unsent documents" in done.stdout


def test_a_daemon_of_another_machine_on_a_shared_store_is_not_missed(tmp_path: Path) -> None:
    with opened(Settings(tmp_path, "sqlite://")) as place:  # as on a server, no lock file of this machine tells of it
        unsent(place)
        place.store.raise_fence("poll:bluebird-sftp")
        look = Look(place.settings)
        look_at_daemon(look, None, place.edition, place.store)
        assert "a daemon of another machine works on the store" in look.well
        assert look.findings == []
        look = Look(place.settings)
        look.now += timedelta(hours=1)
        look_at_daemon(look, None, place.edition, place.store)
        assert [one.code for one in look.findings] == [NONE]


def clock_of(place: Workplace) -> Callable[[], object]:
    (clock,) = (lane for lane in build_lanes(place, {}) if lane.name == "clock")
    return clock.drain


def test_nor_is_one_whose_lanes_all_rest(tmp_path: Path) -> None:
    with opened(Settings(tmp_path, "sqlite://")) as place:
        unsent(place)
        place.store.raise_fence("poll:bluebird-sftp")
        with place.store.writing("test") as connection:
            connection.execute(text("UPDATE lane SET seen = replace(seen, '20', '19')"))
        look = Look(place.settings)
        look_at_daemon(look, None, place.edition, place.store)
        assert [one.code for one in look.findings] == [NONE], "nothing is known of it"
        clock_of(place)()
        look = Look(place.settings)
        look.now += timedelta(minutes=2)
        look_at_daemon(look, None, place.edition, place.store)
        assert look.findings == []
        look.now += timedelta(minutes=2)
        look_at_daemon(look, None, place.edition, place.store)
        assert [one.code for one in look.findings] == [NONE], "it gives a sign each minute"
        assert not any("daemon last" in one for one in look.well)


def test_beside_a_store_in_a_file_its_lock_tells_and_no_commit_is_made(patient: Patient) -> None:
    with opened(patient.settings) as place:
        clock_of(place)()
        assert place.store.lanes() == ()


def test_a_poll_of_a_connection_that_no_partner_uses_any_more_is_not_late(patient: Patient) -> None:
    patient.store(lambda place: place.store.raise_fence("poll:bluebird-sftp"))
    connections = patient.home / "partners" / "connections.yaml"
    text = connections.read_text()
    connections.write_text(text + text.replace("bluebird-sftp", "other").replace("mailbox", "mailbox2"))
    shutil.copytree(patient.home / "mailbox", patient.home / "mailbox2")
    age_lanes(patient)
    with alone(patient.settings):
        assert "system.lane.silent" in codes(patient)
        patient.partner("connection: bluebird-sftp", "connection: other")
        assert "system.lane.silent" not in codes(patient)
        patient.store(lambda place: place.store.raise_fence("poll:other"))
        age_lanes(patient)
        assert "poll:other" in patient.found("system.lane.silent").message


def test_a_file_that_is_too_large_waits_for_a_person_and_for_no_daemon(patient: Patient) -> None:
    folder = patient.home / "mailbox" / "out"
    (folder / "large.edi").write_bytes(ORDER.ljust(1024 * 1024 + 1))
    connections = patient.home / "partners" / "connections.yaml"
    text = connections.read_text()
    connections.write_text(text.replace("settle:", "max_size: 1 MB, settle:"))
    patient.store()
    assert "1 unfetched file (since" in patient.found(NONE).message, "nobody has been told of the large one yet"
    with opened(patient.settings) as place:
        Daemon(place).run(once=True)
    assert patient.seen().facts["waiting"] == {}
    connections.write_text(text)
    assert patient.seen().facts["waiting"] == {"unfetched file": 1}, "it may be fetched now"


def test_what_no_daemon_may_send_does_not_wait_for_one(patient: Patient) -> None:
    def written(place: Workplace) -> None:
        office = place.office()
        receive(office, "bluebird-sftp", b"in.edi", ORDER)
        open_stored(office, "bluebird-sftp")
        while work_through(place, office, "bluebird"):
            pass
        with office.ledger.reading() as unit:
            numbers.update({one.kind: one.id for one in unit.documents.select()})

    numbers: dict[str, int] = {}
    patient.store(written)
    assert {"855", "856", "810"} <= numbers.keys()
    assert patient.seen().facts["waiting"] == {"unsent document": len(numbers)}
    patient.store(lambda place: hold(place.office(), [numbers.pop("855")], "look first"))
    behind = [numbers.pop(kind) for kind in ("856", "810")]
    assert patient.seen().facts["waiting"] == {"unsent document": len(numbers)}, f"{behind} go after the held one"
    patient.store(lambda place: hold(place.office(), list(numbers.values()), "look first"))
    assert patient.seen().facts["waiting"] == {}


def test_documents_for_a_connection_that_is_gone_wait_for_its_file_and_for_no_daemon(patient: Patient) -> None:
    connections = patient.home / "partners" / "connections.yaml"
    text = connections.read_text()
    connections.write_text(text + text.replace("bluebird-sftp", "other").replace("mailbox", "mailbox2"))
    shutil.copytree(patient.home / "mailbox", patient.home / "mailbox2")
    patient.store(unsent)
    patient.partner("connection: bluebird-sftp", "connection: other")
    assert patient.seen().facts["waiting"] == {"unsent document": 2}, "no partner uses it, and it sends all the same"
    connections.write_text(text.replace("bluebird-sftp", "other"))
    assert patient.seen().facts["waiting"] == {}
