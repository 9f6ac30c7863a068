"""A partner whose server is down: the others do not notice, nothing is lost, and a run that shall end says so."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.app.daemon import run
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.cli import main
from edi_engine.cli.codes import WORLD
from edi_engine.cli.exits import exit_code
from edi_engine.sandbox.keys import ed25519_key
from tests.fixtures.exchange import ORDER, order
from tests.fixtures.homes import LOCAL, make_home

DEAD = """\
robin-sftp:
  sftp: {{host: 127.0.0.1, port: {port}, user: greenline, key: robin, host_key: "SHA256:{pin}"}}
  in: {{folder: /out, settle: 0 s, after: delete}}
  out: {{folder: /in}}
  every: 1 s
"""


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two partners: Bluebird has a local folder, Robin's server refuses every connection."""
    home = make_home(tmp_path / "home", LOCAL + DEAD.format(port=closed_port(), pin="A" * 43))
    robin = home / "partners" / "robin"
    shutil.copytree(home / "partners" / "bluebird", robin)
    shutil.rmtree(robin / "examples", ignore_errors=True)
    text = (robin / "partner.yaml").read_text()
    text = text.replace("name: Bluebird Stores", "name: Robin").replace("bluebird-sftp", "robin-sftp")
    text = text.replace("08/6119290001", "ZZ/ROBIN").replace("ZZ/BLUEBIRDTEST", "ZZ/ROBINTEST")
    (robin / "partner.yaml").write_text("\n".join(line for line in text.splitlines() if "examples" not in line))
    ed25519_key(home / "keys" / "robin")
    return home


def test_the_others_do_not_notice(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(milliseconds=50))
    (home / "mailbox" / "out" / "a.edi").write_bytes(order(1))
    settings = Settings(home, f"sqlite:///{home / 'edi.db'}")
    findings = run(settings, once=True)
    assert {finding.code for finding in findings} == {"transport.connect"}
    assert exit_code(findings) == WORLD
    assert len(list((home / "mailbox" / "in").glob("BB_*"))) == 4
    assert len(list((home / "erp").glob("*.json"))) == 1
    with opened(settings) as place, place.office().ledger.reading() as unit:
        (case,) = unit.cases.select(state="OPEN")
        assert case.subject == "connection:robin-sftp"
        assert "Connection refused" in case.title


def test_once_it_works_the_run_is_clean(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(milliseconds=50))
    settings = Settings(home, f"sqlite:///{home / 'edi.db'}")
    assert run(settings, once=True) != ()
    connections = home / "partners" / "connections.yaml"
    folder = LOCAL.replace("bluebird-sftp", "robin-sftp").replace("folder: mailbox", "folder: robin-box")
    for name in ("out/done", "in"):
        (home / "robin-box" / name).mkdir(parents=True)
    (home / "robin-box" / "out" / "a.edi").write_bytes(ORDER.replace(b"08*6119290001     ", b"ZZ*ROBIN          "))
    connections.write_text(LOCAL + folder)
    assert run(settings, once=True) == ()
    assert len(list((home / "robin-box" / "in").iterdir())) == 4


# --- with a shared mailbox and local folders --------------------------------------------------------------------------

HOUSE = """\
house:
  folder: house
  in: {folder: [out, late], settle: 0 s, after: move done, wait_incomplete: 0 s}
  out: {folder: in, deliver: done-file}
  every: 1 s
"""


def add_partner(home: Path, name: str, id_: str, connection: str) -> None:
    """Add a partner like Bluebird, at another address and connection."""
    folder = home / "partners" / name
    shutil.copytree(home / "partners" / "bluebird", folder)
    shutil.rmtree(folder / "examples", ignore_errors=True)
    text = (folder / "partner.yaml").read_text()
    text = text.replace("connection: bluebird-sftp", f"connection: {connection}")
    text = text.replace("08/6119290001", f"ZZ/{id_}").replace("ZZ/BLUEBIRDTEST", f"ZZ/{id_}TEST")
    (folder / "partner.yaml").write_text("\n".join(line for line in text.splitlines() if "examples" not in line))


def order_of(id_: str, number: int) -> bytes:
    return order(number).replace(b"08*6119290001     ", f"ZZ*{id_:<15}".encode())


@pytest.fixture
def house(home: Path) -> Path:
    """The home of the dead Robin, with a shared mailbox of two partners beside Bluebird's local folder."""
    connections = home / "partners" / "connections.yaml"
    connections.write_text(connections.read_text() + HOUSE)
    for folder in ("out", "late", "done", "in"):
        (home / "house" / folder).mkdir(parents=True)
    add_partner(home, "wren", "WREN", "house")
    add_partner(home, "tern", "TERN", "house")
    return home


def test_nobody_who_shares_a_mailbox_or_a_folder_notices(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(milliseconds=50))
    (house / "mailbox" / "out" / "a.edi").write_bytes(order(1))
    (house / "house" / "out" / "both.edi").write_bytes(order_of("WREN", 2) + order_of("TERN", 3))
    (house / "house" / "late" / "robins.edi").write_bytes(order_of("ROBIN", 4))
    settings = Settings(house, f"sqlite:///{house / 'edi.db'}")
    findings = run(settings, once=True)
    assert {finding.code for finding in findings} == {"transport.connect"}
    assert len(list((house / "mailbox" / "in").glob("BB_*"))) == 4
    delivered = sorted(path.name for path in (house / "house" / "in").iterdir())
    assert len(delivered) == 16  # a done-file beside each
    assert all(f"{name}.done" in delivered for name in delivered if not name.endswith(".done"))
    with opened(settings) as place, place.office().ledger.reading() as unit:
        cases = {case.subject.partition(":")[0]: case for case in unit.cases.select(state="OPEN")}
        assert set(cases) == {"connection", "interchange"}
        assert "Robin (ZZ/ROBIN) does not deliver by the connection house" in cases["interchange"].title
        sent = unit.documents.select(connection="house")
        assert {one.state for one in sent} == {"CONFIRMED"}
        assert sorted(one.partner or "" for one in sent) == ["tern"] * 4 + ["wren"] * 4


def test_a_shared_mailbox_that_dies_delays_nobody_else_and_loses_nothing(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edi_engine.app.trouble.FIRST_PAUSE", timedelta(milliseconds=50))
    monkeypatch.setattr("edi_engine.flow.deliver.FIRST_RETRY", timedelta(milliseconds=50))
    settings = Settings(house, f"sqlite:///{house / 'edi.db'}")
    (house / "house" / "out" / "both.edi").write_bytes(order_of("WREN", 2) + order_of("TERN", 3))
    shutil.move(house / "house" / "in", house / "aside")  # it can be read, but not written to
    (house / "mailbox" / "out" / "a.edi").write_bytes(order(1))
    assert {finding.code for finding in run(settings, once=True)} == {"transport.connect", "document.deliver"}
    assert len(list((house / "mailbox" / "in").glob("BB_*"))) == 4
    with opened(settings) as place, place.office().ledger.reading() as unit:
        waiting = unit.documents.select(connection="house")
        assert len(waiting) == 8
        assert {one.state for one in waiting} == {"READY"}
    shutil.move(house / "aside", house / "house" / "in")
    run(settings, once=True)
    assert len(list((house / "house" / "in").iterdir())) == 16
    with opened(settings) as place, place.office().ledger.reading() as unit:
        assert {case.subject for case in unit.cases.select(state="OPEN")} == {"connection:robin-sftp"}


def test_a_file_that_cannot_be_moved_away_is_told_at_the_end(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", LOCAL.replace("move out/done", "move taken"))
    (home / "mailbox" / "taken").write_bytes(b"a file where the folder should be")
    (home / "mailbox" / "out" / "order.edi").write_bytes(ORDER)
    words = ["--home", str(home), "--db", f"sqlite:///{tmp_path / 'store.db'}"]
    done = CliRunner().invoke(main, [*words, "run", "--once"])
    assert done.exit_code == 5
    assert "1 stored file could not be moved away at the connection bluebird-sftp: order.edi: " in done.stdout
    assert "1 thing could not be done." in done.stdout
    listed = json.loads(CliRunner().invoke(main, [*words, "orders", "list", "--json"]).stdout)
    assert [one["record"]["state"] for one in listed["orders"]] == ["INVOICED"]
    (home / "mailbox" / "taken").unlink()
    again = CliRunner().invoke(main, [*words, "run", "--once"])
    assert (again.exit_code, "could not" in again.stderr) == (0, False)
