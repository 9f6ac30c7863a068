"""The README is true: commands say what it shows, its partner file loads, its doors and exit codes are all there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from edi_engine.cli.codes import MEANINGS
from edi_engine.cli.main import COMMANDS
from edi_engine.partners.edition import load_edition
from edi_engine.resources import shipped
from edi_engine.x12.dictionary import Dictionary
from tests.docs.session import ROOT, Reader, alike, follow, plain

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
CONNECTIONS = """\
northwind-sftp: {folder: mailbox, in: {folder: out, after: delete}, out: {folder: in}}
"""


def block(kind: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return found[0]


def test_validate_says_what_the_readme_shows(tmp_path: Path) -> None:
    wrong = follow(ROOT / "README.md", tmp_path)
    assert not wrong, "\n".join(wrong)


def test_the_partner_file_has_twelve_lines_and_loads() -> None:
    files = {f"mappings/{path.name}": path.read_bytes() for path in shipped("mappings").glob("*.yaml")}
    files["partners/northwind/partner.yaml"] = block("yaml")
    files["partners/northwind/tables/items.csv"] = "theirs,ours,price,case_pack\n100101,GL-1200,12.40,6\n"
    files["partners/connections.yaml"] = CONNECTIONS

    def read(name: str) -> str | None:
        path = shipped("mappings") / "x12" / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    partner = load_edition(files, Dictionary(read)).partners["northwind"]
    assert len(block("yaml").splitlines()) == 12
    assert (partner.title, partner.status, partner.connection) == ("Northwind Stores", "test", "northwind-sftp")
    assert set(partner.maps) == {"850", "855"}


def test_the_demo_ends_as_the_readme_shows(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said, told = reader.types("edi demo --folder show < /dev/null")
    assert reader.ended == 0, told
    assert alike(plain(block("text")), plain(said)), said


def test_every_door_is_named() -> None:
    doors = set(re.findall(r"`edi ([a-z]+)`", PAGE))
    assert doors == set(COMMANDS)


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_exit_code_is_told(code: int) -> None:
    assert f"{code} {MEANINGS[code]}" in re.sub(r"\s+", " ", PAGE)


def test_the_package_index_shows_this_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["readme"] == "README.md"
