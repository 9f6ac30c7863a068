"""One account at an exchange house, over OpenSSH's own server: partners' files mixed, a stranger's, a stray one."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.flow.deliver import deliver
from edi_engine.flow.pickup import Pickup, pick_up
from edi_engine.resources import shipped
from edi_engine.store.audit import audit
from edi_engine.x12.reader import outline
from tests.fixtures.sshd import Sshd, own
from tests.fixtures.walks import FrozenClock, noon

pytestmark = pytest.mark.servers

HOUSE = "mailhouse-sftp"
CONNECTIONS = """\
bluebird-sftp:
  folder: mailbox
  in: {{folder: out, after: delete}}
  out: {{folder: in}}
mailhouse-sftp:
  sftp: {{host: 127.0.0.1, port: {port}, user: {user}, key: client, host_key: "{fingerprint}"}}
  in: {{folder: [{out}, {late}], after: move {done}}}
  out: {{folder: {answers}, deliver: direct}}
"""


@dataclass
class House:
    place: Workplace
    clock: FrozenClock
    pickup: Pickup

    def go_round(self) -> None:
        """What the daemon does in a while: two polls, all work, one drain of the outbox."""
        connection = self.place.connection(HOUSE)
        assert connection is not None
        with self.place.mailbox(connection) as mailbox:
            for _ in range(2):
                self.clock.move(timedelta(seconds=11))
                pick_up(self.place.office(), connection, mailbox, self.pickup)
            open_stored(self.place.office(), HOUSE)
            while any(work_through(self.place, self.place.office(), name) for name in self.place.edition.partners):
                pass
            assert deliver(self.place.office(), connection, mailbox).stopped is None


@pytest.fixture
def house(tmp_path: Path, sshd: Sshd, store_url: str) -> Iterator[House]:
    (sshd.root / "late").mkdir()
    own(sshd.root / "late")
    home = tmp_path / "home"
    shutil.copytree(shipped("partners"), home / "partners")
    text = CONNECTIONS.format(
        port=sshd.port,
        user=sshd.user,
        fingerprint=sshd.fingerprint,
        out=sshd.place("out"),
        late=sshd.place("late"),
        done=sshd.place("out/done"),
        answers=sshd.place("in"),
    )
    (home / "partners" / "connections.yaml").write_text(text)
    (home / "keys").mkdir(mode=0o700)
    shutil.copy(sshd.key, home / "keys" / "client")
    (home / "keys" / "client").chmod(0o600)
    clock = noon(date(2026, 11, 22))
    with opened(Settings(home, store_url), clock=clock) as place:
        yield House(place, clock, Pickup())


def sample(partner: str, story: str) -> bytes:
    return (shipped("samples") / partner / story / "in.edi").read_bytes()


def test_each_file_ends_where_it_should(house: House, sshd: Sshd) -> None:
    stranger = sample("siskin", "gift-parcel").replace(b"ZZ*SISKINLANE     ", b"ZZ*SOMEBODYELSE   ")
    files = {
        "a.edi": sample("siskin", "gift-parcel"),
        "b.edi": sample("dunlin", "standard-cartons"),
        "both.edi": sample("dunlin", "two-partners-one-file"),
        "stranger.edi": stranger,
        "astray.edi": sample("bluebird", "clean-order"),
    }
    for name, data in files.items():
        sshd.drop("late" if name == "b.edi" else "out", name, data)
    house.go_round()
    with house.place.office().ledger.reading() as unit:
        assert {one.name: (one.state, one.partner) for one in unit.files.select()} == {
            "a.edi": ("DONE", "siskin"),
            "b.edi": ("DONE", "dunlin"),
            "both.edi": ("DONE", None),
            "stranger.edi": ("DONE", None),
            "astray.edi": ("DONE", None),
        }
        cases = [(one.kind, one.partner, unit.files.get(one.file_id or 0).name) for one in unit.cases.select()]
        assert sorted(cases, key=lambda case: case[2]) == [
            ("envelope.unknown-partner", None, "astray.edi"),
            ("envelope.unknown-partner", None, "stranger.edi"),
        ]
        sent = {one.name: one for one in unit.documents.select(connection=HOUSE)}
        assert {one.state for one in sent.values()} == {"CONFIRMED"}
        assert not unit.documents.select(partner="bluebird")
        data = {one.name: unit.blobs.get(one.sha256) for one in sent.values()}
    assert {path.name: path.read_bytes() for path in (sshd.root / "in").iterdir()} == data
    assert {path.name: path.read_bytes() for path in (sshd.root / "out" / "done").iterdir()} == files
    assert not [path for folder in ("out", "late") for path in (sshd.root / folder).iterdir() if path.is_file()]
    assert Counter(one.partner for one in sent.values()) == {"siskin": 8, "dunlin": 8}
    for name, written in data.items():
        (found,) = outline(written).interchanges
        assert (found.receiver == "SISKINLANE") == name.startswith("GREENLINE_")
        assert (found.receiver == "7005550142") == name.startswith("dunlin-")
    assert audit(house.place.store) == ()


def test_a_name_that_somebody_else_uses_in_the_house_is_theirs(house: House, sshd: Sshd) -> None:
    sshd.drop("out", "b.edi", sample("dunlin", "standard-cartons"))
    theirs = sshd.drop("in", "dunlin-855-20261122-000000002.edi", b"somebody else's")
    house.go_round()
    with house.place.office().ledger.reading() as unit:
        states = {one.kind: one.state for one in unit.documents.select(connection=HOUSE)}
        (case,) = unit.cases.select(state="OPEN")
    assert states == {"999": "CONFIRMED", "855": "PARKED", "856": "CONFIRMED", "810": "CONFIRMED"}
    assert (case.kind, case.partner) == ("document.collision", "dunlin")
    assert theirs.read_bytes() == b"somebody else's"


def test_another_mailbox_of_the_same_partner_changes_nothing_of_the_house(house: House, sshd: Sshd) -> None:
    """A partner that moves out is a stranger in the house from then on; the one that stays is not touched by it."""
    moved = replace(house.place.edition.partners["siskin"], connection="bluebird-sftp")
    house.place.edition = replace(house.place.edition, partners={**house.place.edition.partners, "siskin": moved})
    sshd.drop("out", "both.edi", sample("dunlin", "two-partners-one-file"))
    house.go_round()
    with house.place.office().ledger.reading() as unit:
        assert {one.partner for one in unit.documents.select(connection=HOUSE)} == {"dunlin"}
        (case,) = unit.cases.select(state="OPEN")
    assert "does not deliver by the connection mailhouse-sftp" in case.title
