"""Partner files that change while the daemon runs: taken over, refused with one case, repaired (FAILURES H11, H12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_engine.app.daemon import EDITION, Daemon
from edi_engine.app.examples import tried_edition
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, last_edition, opened
from edi_engine.cli.cases import case_rows
from edi_engine.errors import ConfigurationError
from edi_engine.flow.receive import receive
from edi_engine.flow.records import CaseRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.flow.wording import findings_from_json
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home
from tests.fixtures.walks import FrozenClock

ORDER = (shipped("samples") / "bluebird" / "price-over-tolerance" / "in.edi").read_bytes()
NOON = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


class Desk:
    """A home with a daemon that was built and does not run; its partner files may be edited."""

    def __init__(self, home: Path, place: Workplace) -> None:
        self.folder = home / "partners" / "bluebird"
        self.place = place
        self.daemon = Daemon(place)

    @property
    def edition(self) -> str:
        return self.place.edition.name

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def cases(self, state: str = "OPEN") -> list[CaseRecord]:
        with self.place.office().ledger.reading() as unit:
            return list(unit.cases.select(subject=EDITION, state=state))

    def in_force(self) -> str:
        with self.place.office().ledger.reading() as unit:
            (record,) = unit.editions.select(current=True)
            assert unit.blobs.get(record.sha256)
        return record.sha256


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    home = make_home(tmp_path / "home")
    with opened(Settings(home, "sqlite://"), clock=FrozenClock(NOON)) as place:
        yield Desk(home, place)


def test_a_new_price_is_a_new_edition(desk: Desk) -> None:
    before = desk.edition
    desk.edit("tables/items.csv", "9.95", "9.90")
    desk.daemon.reload()
    assert desk.edition != before
    assert desk.in_force() == desk.edition
    assert str(desk.place.edition.partners["bluebird"].items.by_theirs["100105"].price) == "9.90"
    assert desk.cases() == []


def test_files_that_are_as_they_were_change_nothing(desk: Desk) -> None:
    before = desk.edition
    (desk.folder / "partner.yaml").touch()
    (desk.folder / ".partner.yaml.swp").write_text("x")
    (desk.folder / ".git").mkdir()
    (desk.folder / ".git" / "old.yaml").write_text("x: [")
    (desk.folder / "notes.txt").write_text("ask for the new guide")
    desk.daemon.reload()
    assert desk.edition == before


@pytest.mark.fault("H11")
def test_a_broken_file_leaves_the_edition_in_force_and_opens_one_case(desk: Desk) -> None:
    before = desk.edition
    desk.edit("partner.yaml", "status: live", "statsu: live")
    desk.edit("tables/items.csv", "12.40", "12.40 USD")
    desk.daemon.reload()
    desk.daemon.reload()
    assert (desk.edition, desk.in_force()) == (before, before)
    (case,) = desk.cases()
    assert case.kind == "partner.edition"
    told = [(one.code, one.where.file, one.where.line_no) for one in findings_from_json(case.findings_json)]
    assert told[0][0] == "partner.edition.refused"
    assert ("partner.word.unknown", "partners/bluebird/partner.yaml", 5) in told
    assert ("partner.table.number", "partners/bluebird/tables/items.csv", 2) in told
    assert all(one.where.column for one in findings_from_json(case.findings_json)[1:])
    assert case_rows([case], NOON, 0).endswith(" (and 1 more)")  # two in all, and the title tells the first


def test_another_fault_renews_the_case(desk: Desk) -> None:
    desk.edit("partner.yaml", "status: live", "statsu: live")
    desk.daemon.reload()
    desk.edit("partner.yaml", "statsu: live", "status: lvie")
    desk.daemon.reload()
    (case,) = desk.cases()
    assert "cannot be lvie" in case.title


@pytest.mark.fault("H11")
@pytest.mark.parametrize("other", ["9.95", "9.90"])
def test_the_case_is_closed_when_the_files_are_sound_again(desk: Desk, other: str) -> None:
    """Whether they are as before the fault, or new."""
    desk.edit("tables/items.csv", "9.95", "9,95x")
    desk.daemon.reload()
    desk.edit("tables/items.csv", "9,95x", other)
    desk.daemon.reload()
    assert desk.cases() == []
    (closed,) = desk.cases("RESOLVED")
    assert closed.resolution == "the partner files are sound again"
    desk.edit("tables/items.csv", other, "9,95x")
    desk.daemon.reload()
    assert len(desk.cases()) == 1


@pytest.mark.fault("H11")
def test_a_partner_that_vanishes_is_kept(desk: Desk, tmp_path: Path) -> None:
    desk.folder.rename(tmp_path / "taken away")
    desk.daemon.reload()
    assert set(desk.place.edition.partners) == {"bluebird"}
    (case,) = desk.cases()
    assert "partners/bluebird/partner.yaml is gone" in case.title
    (tmp_path / "taken away").rename(desk.folder)
    desk.daemon.reload()
    assert desk.cases() == []


def test_the_shipped_partner_does_not_take_the_place_of_one_that_vanishes(desk: Desk, tmp_path: Path) -> None:
    desk.edit("tables/items.csv", "12.40", "12.50")
    desk.daemon.reload()
    before = desk.edition
    desk.folder.parent.rename(tmp_path / "not mounted")
    desk.daemon.reload()
    assert desk.edition == before
    assert len(desk.cases()) == 1


@pytest.mark.fault("H11")
def test_a_change_whose_examples_fail_is_refused(desk: Desk) -> None:
    before = desk.edition
    desk.edit("partner.yaml", "      REF(MR): /REF(MR)", "      REF(MR): po_number")
    desk.daemon.reload()
    assert desk.edition == before
    (case,) = desk.cases()
    codes = [one.code for one in findings_from_json(case.findings_json)]
    assert codes == ["partner.edition.refused", "partner.example.differs", "partner.example.differs"]
    assert "wanted REF*MR*9001-SPRING" in case.title


def test_examples_that_fail_after_an_update_of_the_program_stay_a_case(desk: Desk) -> None:
    """The files are those in force; it is the program that answers otherwise by now."""
    desk.edit("examples/stock.855.edi", "ACK*IA*48", "ACK*IA*44")
    desk.place.publish(current_edition(desk.place.settings))
    with pytest.raises(ConfigurationError) as refused:
        tried_edition(desk.place.settings)
    desk.daemon.refuse(refused.value.findings)
    desk.daemon.reload()
    assert len(desk.cases()) == 1
    desk.edit("examples/stock.855.edi", "ACK*IA*44", "ACK*IA*48")
    desk.daemon.reload()
    assert desk.cases() == []


def test_only_examples_that_a_change_touches_are_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from edi_engine.app import examples

    tried: list[str] = []
    monkeypatch.setattr(examples, "try_examples", lambda _settings, _edition, partner: tried.append(partner.name) or ())
    connections = desk.folder.parent / "connections.yaml"
    connections.write_text(connections.read_text().replace("every: 1 s", "every: 2 s"))
    desk.daemon.reload()
    assert tried == []
    desk.edit("tables/items.csv", "9.95", "9.90")
    desk.daemon.reload()
    assert tried == ["bluebird"]
    maps = desk.place.settings.home / "mappings"
    maps.mkdir()
    (maps / "extra.yaml").write_text("extends: order-to-855\n")
    desk.daemon.reload()
    assert tried == ["bluebird", "bluebird"]


@pytest.mark.fault("H12")
def test_an_interchange_keeps_the_edition_that_it_was_opened_with(desk: Desk) -> None:
    """H12: the new price would accept the order; what is decided later is decided by the new one."""
    office = desk.place.office()
    receive(office, TERMINAL, b"in.edi", ORDER)
    open_stored(office, TERMINAL)
    before = desk.edition
    desk.edit("partner.yaml", "REF(DP): required ", "REF(IA): {length: 1} ")
    desk.daemon.reload()
    assert desk.edition != before
    while work_through(desk.place, desk.place.office(), "bluebird"):
        pass
    with desk.place.office().ledger.reading() as unit:
        (found,) = unit.sets.select()
        (order,) = unit.orders.select()
    assert found.edition == before
    assert (found.state, order.state) == ("APPLIED", "HELD")


def test_an_edition_that_no_longer_loads_gives_way_to_the_one_in_force(desk: Desk) -> None:
    assert desk.place.named_edition("0" * 64) is desk.place.edition
    assert desk.place.named_edition(None) is desk.place.edition


def test_what_was_in_force_is_found_after_a_restart(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    settings = Settings(home, f"sqlite:///{tmp_path / 'store.db'}")
    assert last_edition(settings) is None
    assert not (tmp_path / "store.db").exists()
    with opened(settings) as place:
        assert last_edition(settings) is None  # looked at by a command, and never in force
        Daemon(place)
    table = home / "partners" / "bluebird" / "tables" / "items.csv"
    table.write_text(table.read_text().replace("9.95", "9,95x"))
    with pytest.raises(ConfigurationError), opened(settings):
        pass
    found = last_edition(settings)
    assert found is not None
    assert found.partners["bluebird"].items.by_theirs["100105"].price is not None
