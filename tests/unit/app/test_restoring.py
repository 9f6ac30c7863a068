"""A store that was taken back from a copy gives out no number until a person has raised them all (D18)."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.app import care, daemon
from edi_engine.app.bumping import numbers_in
from edi_engine.app.health import doctor
from edi_engine.app.processing import walk
from edi_engine.app.restoring import water_mark
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.cli.main import main
from edi_engine.errors import TransportError, UsageError
from edi_engine.store.audit import audit
from edi_engine.store.faults import StoreUnusable
from edi_engine.store.ledger import open_store
from tests.fixtures.exchange import order
from tests.fixtures.homes import make_home
from tests.fixtures.power import Disk

pytestmark = pytest.mark.fault("D18")


@dataclass
class Company:
    """A home with a store that takes orders one at a time."""

    settings: Settings
    number: int = 0

    def takes_an_order(self) -> dict[str, int]:
        """Take one order; give the interchange numbers of all documents, by file name."""
        self.number += 1
        with opened(self.settings) as place:
            walk(place, order(self.number), f"{self.number}.edi")
        return self.numbers()

    def numbers(self) -> dict[str, int]:
        with opened(self.settings) as place, place.office().ledger.reading() as unit:
            sent = [one for one in unit.documents.select() if one.interchange_control is not None]
            return {one.name: int(one.interchange_control or 0) for one in sent}

    def told(self) -> list[str]:
        return [one.message for one in doctor(self.settings).findings if one.code == "system.store.restored"]

    def sound(self) -> bool:
        with opened(self.settings) as place:
            return audit(place.store) == ()


@pytest.fixture
def company(tmp_path: Path, store_url: str) -> Company:
    return Company(Settings(make_home(tmp_path / "home"), store_url))


@pytest.fixture
def small(tmp_path: Path) -> Company:
    return Company(Settings(make_home(tmp_path / "home"), f"sqlite:///{tmp_path / 'orders.db'}"))


def file_of(company: Company) -> Path:
    found = company.settings.store_file
    assert found is not None
    return found


def goes_back_to(company: Company, copy: Path) -> None:
    store = file_of(company)
    for left in (store, store.with_name(f"{store.name}-wal"), store.with_name(f"{store.name}-shm")):
        left.unlink(missing_ok=True)
    shutil.copy(copy, store)
    store.chmod(0o600)


@pytest.mark.parametrize("by_us", [True, False], ids=["edi db backup", "another program"])
def test_after_a_restore_nothing_is_numbered_until_the_numbers_are_raised(
    small: Company, tmp_path: Path, by_us: bool
) -> None:
    small.takes_an_order()
    copy = tmp_path / "copy.db"
    if by_us:
        care.db_backup(small.settings, copy)
    else:
        open_store(small.settings.db).checkpoint()
        shutil.copy(file_of(small), copy)
    given_out = small.takes_an_order()
    assert small.told() == []
    goes_back_to(small, copy)
    (told,) = small.told()
    assert "Nothing is numbered or sent" in told
    with pytest.raises(StoreUnusable, match="edi db bump") as refused:
        daemon.run(small.settings, once=True)
    assert refused.value.code == "system.store.restored"
    small.number = 2
    with pytest.raises(TransportError, match="edi db bump"):
        small.takes_an_order()
    done = care.db_bump(small.settings, 1000, None)
    assert done.sequences >= 2
    assert small.told() == []
    after = small.takes_an_order()
    assert min(set(after.values()) - set(given_out.values())) > 1000
    assert small.sound()


def test_what_waits_is_held_for_it_may_have_gone_out_already(small: Company, tmp_path: Path) -> None:
    with opened(small.settings) as place:
        from edi_engine.app.work import open_stored, work_through
        from edi_engine.flow.receive import receive

        receive(place.office(), "bluebird-sftp", b"in.edi", order(1))
        open_stored(place.office(), "bluebird-sftp")
        while work_through(place, place.office(), "bluebird"):
            pass
    care.db_backup(small.settings, tmp_path / "copy.db")
    goes_back_to(small, tmp_path / "copy.db")
    held = care.db_bump(small.settings, 1000, None).held
    with opened(small.settings) as place, place.office().ledger.reading() as unit:
        ready = [one for one in unit.documents.select(state="READY") if one.interchange_control is not None]
        assert [one.id for one in ready] == list(held) != []
        assert {one.held_by for one in ready} == {"edi db bump"}


def test_the_highest_numbers_of_an_archive(small: Company, tmp_path: Path) -> None:
    small.takes_an_order()
    care.db_backup(small.settings, tmp_path / "copy.db")
    archive = tmp_path / "archive"
    archive.mkdir()
    for _ in range(2):
        small.takes_an_order()
    with opened(small.settings) as place, place.office().ledger.reading() as unit:
        for one in unit.documents.select():
            (archive / one.name).write_bytes(unit.blobs.get(one.sha256))
        (archive / "theirs.edi").write_bytes(order(999_999))
        highest = numbers_in(place, archive)
    given_out = small.numbers()
    assert highest["01/004455667>08/6119290001 ISA"] == max(given_out.values())
    assert not any(scope.startswith("08/") for scope in highest), "their numbers are not ours"
    goes_back_to(small, tmp_path / "copy.db")
    done = care.db_bump(small.settings, 0, archive)
    assert done.archived == 2
    small.number = 3
    assert min(set(small.takes_an_order().values()) - set(given_out.values())) == max(given_out.values()) + 1
    assert small.sound()
    with pytest.raises(UsageError, match="is no folder"):
        care.db_bump(small.settings, 0, tmp_path / "nowhere")


def test_a_sequence_that_the_copy_does_not_know_begins_behind_the_bump(small: Company, tmp_path: Path) -> None:
    with opened(small.settings):
        pass
    care.db_backup(small.settings, tmp_path / "copy.db")
    small.takes_an_order()
    goes_back_to(small, tmp_path / "copy.db")
    care.db_bump(small.settings, 500, None)
    small.number = 7
    assert min(small.takes_an_order().values()) == 501
    assert small.sound()


@pytest.mark.parametrize("again", [False, True], ids=["a newer copy", "the same copy"])
def test_a_store_that_is_taken_back_twice_gives_no_number_twice(small: Company, tmp_path: Path, *, again: bool) -> None:
    with opened(small.settings):
        pass
    copy = tmp_path / "first.db"
    care.db_backup(small.settings, copy)
    small.takes_an_order()
    goes_back_to(small, copy)
    care.db_bump(small.settings, 500, None)
    if not again:
        copy = tmp_path / "second.db"
        care.db_backup(small.settings, copy)
    lost = small.takes_an_order()
    goes_back_to(small, copy)
    done = care.db_bump(small.settings, 500, None)
    assert (done.by, done.floor) == ((1000 if again else 500), 1000)
    small.number = 7
    assert min(small.takes_an_order().values()) == 1001 > max(lost.values())
    assert small.sound()


def test_a_server_that_was_taken_back_is_noticed_by_its_last_event(company: Company) -> None:
    company.takes_an_order()
    mark = water_mark(company.settings)
    assert mark is not None
    with opened(company.settings) as place:
        last = place.store.last_event()
    assert mark.read_text() == f"{last}\n"
    mark.write_text(f"{last + 7}\n")
    (told,) = company.told()
    assert f"event {last + 7} was seen here before, and its last one is {last}" in told
    with pytest.raises(TransportError, match="edi db bump"):
        company.takes_an_order()
    mark.write_text("0\n")
    assert len(company.told()) == 1, "it is marked in the store by now"
    care.db_bump(company.settings, 10, None)
    assert company.told() == []
    company.takes_an_order()
    assert company.sound()


def removed(company: Company, *besides: str) -> None:
    store = file_of(company)
    for left in ("", "-wal", "-shm", *besides):
        store.with_name(f"{store.name}{left}").unlink(missing_ok=True)


def test_a_store_that_was_removed_by_hand_is_told_as_that(small: Company) -> None:
    """Its numbers would begin anew, and partners would take new documents for old ones."""
    given_out = small.takes_an_order()
    mark = water_mark(small.settings)
    assert mark is not None
    seen = mark.read_text().strip()
    removed(small)
    small.number = 0
    with pytest.raises(StoreUnusable, match="edi db bump") as refused:
        daemon.run(small.settings, once=True)
    (told,) = [one for one in doctor(small.settings).findings if one.code == "system.store.restored"]
    for said in (str(refused.value), f"{told.message} {told.fix}"):
        assert f"it is new, and event {seen} was seen of the one that stood here before" in said
        assert "copy" not in said
        assert "edi db bump --by N" in said
    done = CliRunner().invoke(main, ["--home", str(small.settings.home), "--db", small.settings.db, "db", "bump"])
    assert (
        done.output == "Done: 0 sequences of numbers raised by 1,000. A partner who had no number yet begins at 1001.\n"
    )
    assert small.told() == []
    after = small.takes_an_order()
    assert min(after.values()) == 1001
    assert not set(after.values()) & set(given_out.values())
    assert small.sound()


def test_numbers_begin_at_one_where_a_person_says_that_no_partner_has_any(small: Company) -> None:
    small.takes_an_order()
    removed(small)
    with opened(small.settings):
        pass
    (told,) = [one for one in doctor(small.settings).findings if one.code == "system.store.restored"]
    assert "`edi db bump --by 0`" in (told.fix or "")
    care.db_bump(small.settings, 0, None)
    small.number = 0
    assert min(small.takes_an_order().values()) == 1
    assert small.sound()


@pytest.mark.parametrize("used", [False, True], ids=["never used", "removed whole"])
def test_a_new_home_is_not_refused(small: Company, *, used: bool) -> None:
    if used:
        small.takes_an_order()
        removed(small, ".last")
        small.number = 0
    daemon.run(small.settings, once=True)
    assert small.told() == []
    assert min(small.takes_an_order().values()) == 1


@pytest.mark.parametrize("content", ["", "x\n", "-1\n", "\xff"])
def test_a_water_mark_that_says_nothing_is_no_alarm(small: Company, content: str) -> None:
    small.takes_an_order()
    mark = water_mark(small.settings)
    assert mark is not None
    mark.write_text(content, encoding="latin-1")
    assert small.told() == []


def test_at_the_terminal(small: Company, tmp_path: Path) -> None:
    small.takes_an_order()
    copy = tmp_path / "copy.db"
    care.db_backup(small.settings, copy)
    goes_back_to(small, copy)
    words = ["--home", str(small.settings.home), "--db", small.settings.db]
    refused = CliRunner().invoke(main, [*words, "run", "--once"])
    assert refused.exit_code == 5
    assert "edi db bump" in refused.output
    done = CliRunner().invoke(main, [*words, "db", "bump", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["done"]["sequences"] >= 2
    assert CliRunner().invoke(main, [*words, "db", "bump", "--by", "5"]).output.startswith("Done: ")


def test_the_mark_is_whole_when_the_power_fails_while_it_is_replaced(company: Company, disk: Disk) -> None:
    """An empty one would say that this home is new, and a store that is taken back then would not be noticed."""
    company.takes_an_order()
    mark = water_mark(company.settings)
    assert mark is not None
    assert disk.renamed[mark.name] == mark.read_bytes() != b""
