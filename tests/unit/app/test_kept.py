"""An edition that was loaded once is taken from the cache, as long as everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from pprint import pformat

import pytest

import edi_engine
from edi_engine.app import kept as room
from edi_engine.app.cache import Cache
from edi_engine.app.kept import KeptEdition, edition_and_maps
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import BaseMaps, current_edition
from edi_engine.app.validating import validate
from edi_engine.errors import ConfigurationError
from edi_engine.partners.partner import Partner
from tests.fixtures.trading import Desk, desk, interchange, order

LEAST = """\
name: Wren Trading
identity:
  theirs: {isa: 12/5550001111, gs: 5550001111}
  ours: {isa: 01/004455667, gs: 004455667}
envelope: {version: 004010}
maps: {850: 850-to-order}
"""


@pytest.fixture
def trade(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "desk") as opened:
        yield opened


@pytest.fixture
def settings(trade: Desk) -> Settings:
    return trade.shop.place.settings


@pytest.fixture
def kept(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "kept")


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Count how often the partner files are loaded."""
    seen: list[Settings] = []

    def load(settings: Settings) -> object:
        seen.append(settings)
        return current_edition(settings)

    monkeypatch.setattr(room, "current_edition", load)
    return seen


def shown(value: object) -> str:
    """Give a value as text; maps are equal to none but themselves."""
    return pformat(value, width=1)  # sets are put in order only where they do not fit into a line


def named(found: tuple[Partner, bool] | None) -> tuple[str, bool] | None:
    return None if found is None else (found[0].name, found[1])


def test_the_second_time_nothing_is_loaded(settings: Settings, kept: Cache, loads: list[Settings]) -> None:
    first, maps = edition_and_maps(settings, kept)
    again, maps_again = edition_and_maps(settings, kept)
    assert len(loads) == 1
    assert isinstance(again, KeptEdition)
    assert (again.name, again.findings, again.files) == (first.name, first.findings, first.files)
    assert dict(again.connections) == first.connections
    assert [shown(one) for one in again.partners.values()] == [shown(one) for one in first.partners.values()]
    assert [shown(maps_again(name)) for name in BaseMaps.NAMES] == [shown(maps(name)) for name in BaseMaps.NAMES]
    assert maps_again("999") is None


def test_a_sender_is_found_as_before(settings: Settings, kept: Cache) -> None:
    first, _ = edition_and_maps(settings, kept)
    again, _ = edition_and_maps(settings, kept)
    addresses = [
        address
        for partner in first.partners.values()
        for address in (*partner.identity.theirs, *partner.identity.test, partner.identity.ours)
    ]
    for address in addresses:
        assert named(again.sender(address.qualifier, address.id)) == named(first.sender(address.qualifier, address.id))
        assert again.knows(address.id) == first.knows(address.id)
        for ours in addresses:
            both = (address.qualifier, address.id, ours.qualifier, ours.id)
            assert named(again.partner_for(*both)) == named(first.partner_for(*both))
    assert again.sender("ZZ", "NOBODY") is None
    assert not again.knows("NOBODY")


def test_a_file_is_checked_alike(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = (interchange(order("1")), interchange(order("1"), sender="ZZ/NOBODY"), b"%PDF-1.7")
    loaded = [validate(settings, data, "x.edi") for data in files]
    monkeypatch.setenv("EDI_CACHE", str(tmp_path / "kept"))
    for _ in range(2):
        assert [validate(settings, data, "x.edi") for data in files] == loaded
    assert any(path.name.startswith("edition-") for path in (tmp_path / "kept").iterdir())


def test_the_least_that_a_partner_file_may_say_can_be_kept(settings: Settings, kept: Cache) -> None:
    """What nobody agreed on is as usual, and that is kept like the rest."""
    folder = settings.home / "partners" / "wren"
    folder.mkdir()
    (folder / "partner.yaml").write_text(LEAST, "utf-8")
    edition_and_maps(settings, kept)
    again, _ = edition_and_maps(settings, kept)
    assert isinstance(again, KeptEdition)
    assert shown(again.partners["wren"]) == shown(current_edition(settings).partners["wren"])


@pytest.mark.parametrize(
    "place", ["partners/bluebird/partner.yaml", "partners/bluebird/tables/note.csv", "mappings/x.yaml"]
)
def test_any_other_file_makes_another_edition(
    settings: Settings, kept: Cache, loads: list[Settings], place: str
) -> None:
    first, _ = edition_and_maps(settings, kept)
    path = settings.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"\n")
    again, _ = edition_and_maps(settings, kept)
    assert len(loads) == 2
    assert again.name != first.name


def test_another_standard_makes_another_edition(settings: Settings, kept: Cache, loads: list[Settings]) -> None:
    edition_and_maps(settings, kept)
    own = settings.home / "mappings" / "x12" / "labels"
    own.mkdir(parents=True)
    (own / "sets.txt").write_text("850 an order of mine\n", "utf-8")
    edition_and_maps(settings, kept)
    assert len(loads) == 2


def test_wrong_files_are_told_each_time(settings: Settings, kept: Cache, loads: list[Settings]) -> None:
    edition_and_maps(settings, kept)
    (settings.home / "partners" / "lost").mkdir()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="has no partner in it"):
            edition_and_maps(settings, kept)
    assert len(loads) == 3


@pytest.mark.parametrize("entry", [b"", b"junk", b"N."])
def test_what_cannot_be_unpacked_is_loaded(
    settings: Settings, kept: Cache, loads: list[Settings], entry: bytes
) -> None:
    edition_and_maps(settings, kept)
    (name,) = kept
    kept[name] = entry
    edition_and_maps(settings, kept)
    assert len(loads) == 2
    assert kept[name] != entry


def test_other_findings_make_another_entry(
    settings: Settings, kept: Cache, loads: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an edition is noted for is packed with it: a finding of another shape would be unpacked wrongly."""
    code = tmp_path / "edi_engine"
    code.mkdir()
    (code / "__init__.py").write_bytes(b"")
    (code / "finding.py").write_bytes(b"")
    monkeypatch.setattr(edi_engine, "__file__", str(code / "__init__.py"))
    edition_and_maps(settings, kept)
    edition_and_maps(settings, kept)
    assert len(loads) == 1
    (code / "finding.py").write_bytes(b"# another shape\n")
    edition_and_maps(settings, kept)
    assert len(loads) == 2
