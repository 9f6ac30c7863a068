"""What an edition is made of: an operator's partners replace the shipped ones, an operator's maps lie over them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.app import shelf
from edi_engine.app.daemon import run
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition, edition_files
from edi_engine.errors import ConfigurationError
from edi_engine.resources import shipped

MINE = """\
name: Northwind Stores
identity:
  theirs: {isa: 12/4405197800, gs: 4405197800}
  ours: {isa: 01/012345678, gs: 012345678}
envelope: {version: 004010VICS}
maps: {850: 850-to-order, 855: order-to-855}
"""
OWN_855 = """\
# ours
extends: order-to-855
"""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    shelf.dictionary.cache_clear()
    yield Settings(tmp_path, "sqlite://")
    shelf.dictionary.cache_clear()


def write(settings: Settings, name: str, text: str) -> None:
    file = settings.home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_an_empty_home_has_the_sample_partners(settings: Settings) -> None:
    assert set(current_edition(settings).partners) == {"bluebird", "dunlin", "siskin"}


def test_partners_of_the_home_are_all_there_are(settings: Settings) -> None:
    """A shipped partner must never answer in an operator's name."""
    write(settings, "partners/northwind/partner.yaml", MINE)
    edition = current_edition(settings)
    assert set(edition.partners) == {"northwind"}
    assert edition.connections == {}
    assert [path for path in edition.files if path.startswith("partners/")] == ["partners/northwind/partner.yaml"]
    assert edition.sender("08", "6119290001") is None


def test_an_empty_folder_means_no_partner_at_all(settings: Settings) -> None:
    (settings.home / "partners").mkdir()
    assert current_edition(settings).partners == {}


def test_the_sample_can_be_copied_and_changed(settings: Settings) -> None:
    shutil.copytree(shipped("partners"), settings.home / "partners")
    before = current_edition(settings).name
    table = settings.home / "partners" / "bluebird" / "tables" / "items.csv"
    table.write_text(table.read_text().replace("12.40", "12.60"))
    assert current_edition(settings).name != before


def test_maps_of_the_home_lie_over_the_shipped_ones(settings: Settings) -> None:
    write(settings, "partners/northwind/partner.yaml", MINE.replace("855: order-to-855", "855: own-855"))
    with pytest.raises(ConfigurationError, match="no map own-855"):
        current_edition(settings)
    write(settings, "mappings/own-855.yaml", OWN_855)
    (chosen,) = current_edition(settings).partners["northwind"].maps["855"]
    assert chosen.map.set_id == "855"
    shipped_855 = (shipped("mappings") / "order-to-855.yaml").read_text()
    write(settings, "mappings/order-to-855.yaml", shipped_855.replace("makes: 855 004010", "makes: 855 004010 # mine"))
    files = edition_files(settings)
    assert b"# mine" in files["mappings/order-to-855.yaml"]
    assert files["mappings/850-to-order.yaml"] == (shipped("mappings") / "850-to-order.yaml").read_bytes()


def test_a_broken_map_of_the_home_is_named_by_its_own_path(settings: Settings) -> None:
    write(settings, "partners/northwind/partner.yaml", MINE)
    write(settings, "mappings/order-to-855.yaml", "makes: 855 004010\nheadng: {}\n")
    with pytest.raises(ConfigurationError) as error:
        current_edition(settings)
    assert {one.where.file for one in error.value.findings} == {"mappings/order-to-855.yaml"}


def test_the_standard_is_no_part_of_an_edition(settings: Settings) -> None:
    name = current_edition(settings).name
    folder = next(path for path in sorted((shipped("mappings") / "x12").iterdir()) if path.is_dir())
    version = folder.name
    shutil.copytree(folder, settings.home / "mappings" / "x12" / version)
    shelf.dictionary.cache_clear()
    assert current_edition(settings).name == name
    assert shelf.dictionary(settings.home).set(version, "850") is not None


def _lost(settings: Settings) -> list[tuple[str | None, str, str | None]]:
    with pytest.raises(ConfigurationError) as error:
        current_edition(settings)
    assert {found.code for found in error.value.findings} == {"partner.file.missing"}
    return [(found.where.file, found.message, found.fix) for found in error.value.findings]


@pytest.mark.parametrize("name", ["partner.yml", "Partner.yaml", "partner.yaml.txt"])
def test_a_partner_file_of_another_name_is_told(settings: Settings, name: str) -> None:
    write(settings, f"partners/northwind/{name}", MINE)
    ((file, message, fix),) = _lost(settings)
    assert file == "partners/northwind/partner.yaml"
    assert message.endswith(f"partners/northwind has no partner in it: its file is called {name}")
    assert fix == f"rename {name} to partner.yaml"


def test_no_folder_of_a_partner_vanishes(settings: Settings) -> None:
    write(settings, "partners/northwind/partner.yaml", MINE)
    folder = settings.home / "partners"
    write(settings, "partners/a/tables/items.csv", "theirs,ours\n")
    (folder / "b" / "partner.yaml").mkdir(parents=True)
    (folder / "c").mkdir()
    (folder / "c" / "partner.yaml").symlink_to(settings.home / "nowhere")
    (folder / "d").symlink_to(folder / "northwind")
    (folder / "e").symlink_to(settings.home / "nowhere")
    (folder / ".hidden").mkdir()
    (folder / "notes.txt").write_text("x")
    assert [(file, message.partition(": ")[2]) for file, message, _ in _lost(settings)] == [
        ("partners/a/partner.yaml", "there is no partner.yaml"),
        ("partners/b/partner.yaml", "its partner.yaml is a folder"),
        ("partners/c/partner.yaml", "its partner.yaml is a link to something that is not there"),
        ("partners/d/partner.yaml", "links to folders are not followed"),
        ("partners/e/partner.yaml", "it is a link to something that is not there"),
    ]


def test_a_lost_partner_comes_with_the_problems_of_the_others(settings: Settings) -> None:
    write(settings, "partners/northwind/partner.yaml", MINE.replace("name:", "nmae:"))
    write(settings, "partners/other/partner.yml", MINE)
    with pytest.raises(ConfigurationError) as error:
        current_edition(settings)
    assert {"partner.file.missing", "partner.word.unknown"} <= {found.code for found in error.value.findings}


def test_no_daemon_runs_in_a_home_without_partners(tmp_path: Path) -> None:
    """The shipped partner is for trying things out: its server must not be asked for anything."""
    with pytest.raises(ConfigurationError, match="There are no partners here") as error:
        run(Settings(tmp_path, f"sqlite:///{tmp_path / 'edi.db'}"), once=True)
    (found,) = error.value.findings
    assert found.fix is not None
    assert "edi demo" in found.fix
    assert not (tmp_path / "edi.db").exists()
