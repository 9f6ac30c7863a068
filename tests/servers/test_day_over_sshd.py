"""A whole day over OpenSSH's own server: an order is dropped, polled, answered, shipped and billed, and archived."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edi_engine.app.workplace import Workplace
from edi_engine.resources import shipped
from edi_engine.x12.reader import outline
from tests.fixtures.homes import make_home, run_once
from tests.fixtures.sshd import Sshd

pytestmark = pytest.mark.servers

CONNECTIONS = """\
bluebird-sftp:
  sftp: {{host: 127.0.0.1, port: {port}, user: {user}, key: client, host_key: "{fingerprint}"}}
  in: {{folder: {out}, match: "*", settle: 1 s, after: move {done}, claim: none}}
  out: {{folder: {answers}, deliver: rename, temporary: ".part"}}
  every: 1 s
  sessions: 1
"""


@pytest.fixture
def home(tmp_path: Path, sshd: Sshd) -> Path:
    made = make_home(
        tmp_path / "home",
        CONNECTIONS.format(
            port=sshd.port,
            user=sshd.user,
            fingerprint=sshd.fingerprint,
            out=sshd.place("out"),
            done=sshd.place("out/done"),
            answers=sshd.place("in"),
        ),
    )
    (made / "keys").mkdir(mode=0o700)
    shutil.copy(sshd.key, made / "keys" / "client")
    (made / "keys" / "client").chmod(0o600)
    return made


def test_an_order_is_answered_and_archived(home: Path, sshd: Sshd, store_url: str) -> None:
    data = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()
    sshd.drop("out", "PO 4500012001 é.edi", data)
    seen: list[str] = []

    def look(place: Workplace) -> None:
        with place.office().ledger.reading() as unit:
            (file,) = unit.files.select()
            seen.append(file.state)
            assert file.name == "PO 4500012001 é.edi"
            assert unit.blobs.get(file.sha256 or "") == data
            assert file.cleared_at is not None
            assert {one.state for one in unit.documents.select()} == {"CONFIRMED"}

    run_once(home, store_url, look)
    assert seen == ["DONE"]
    assert not [path for path in (sshd.root / "out").iterdir() if path.is_file()]
    assert (sshd.root / "out" / "done" / "PO 4500012001 é.edi").read_bytes() == data
    answers = sorted((sshd.root / "in").iterdir())
    assert [path.name.split("_")[1] for path in answers] == ["810", "855", "856", "997"]
    for path in answers:
        (interchange,) = outline(path.read_bytes()).interchanges
        assert interchange.findings == ()
        assert (interchange.receiver_qualifier, interchange.receiver) == ("08", "6119290001")


def test_a_changed_host_key_stops_the_connection_and_says_so(home: Path, sshd: Sshd, store_url: str) -> None:
    file = home / "partners" / "connections.yaml"
    other = "SHA256:" + "A" * 43
    file.write_text(file.read_text().replace(sshd.fingerprint, other))
    sshd.drop("out", "po.edi", b"ISA")

    def look(place: Workplace) -> None:
        with place.office().ledger.reading() as unit:
            (case,) = unit.cases.select(state="OPEN")
            assert case.kind == "transport.hostkey"
            assert sshd.fingerprint in case.title
            assert other in case.title
            assert not unit.files.select()

    run_once(home, store_url, look)
    assert (sshd.root / "out" / "po.edi").exists()
