"""What the program is made of is told as it is locked, and what scans it is locked, too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.house.test_findings import tool

ROOT = Path(__file__).parents[2]


def test_the_bill_of_materials_has_each_locked_package_once_with_its_hashes(tmp_path: Path) -> None:
    build = tool("build_sbom")
    assert build.main([str(tmp_path / "sbom.json")]) == 0
    made = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    locked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", build.LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert [one["name"] for one in made["components"]] == sorted(
        re.sub(r"[-_.]+", "-", name).lower() for name in locked
    )
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in made["components"])
    assert all(one["hashes"] for one in made["components"])
    refs = {one["bom-ref"] for one in made["components"]}
    assert {ref for one in made["dependencies"] for ref in one["dependsOn"]} == refs
    before = (tmp_path / "sbom.json").read_bytes()
    build.main([str(tmp_path / "sbom.json")])
    assert (tmp_path / "sbom.json").read_bytes() == before


def test_a_package_without_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="no hash"):
        tool("build_sbom").components("click==8.4.2\n")


def test_what_scans_the_source_is_locked_with_hashes() -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / "security.txt").read_text(encoding="utf-8").strip())
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert entries[0].startswith("bandit==")


def test_what_the_scan_may_find_is_six_places_that_say_why() -> None:
    """Each stands in a line whose `noqa` gives the reason; the list only shrinks."""
    known = json.loads((ROOT / "tools" / "bandit-known.json").read_text(encoding="utf-8"))["results"]
    assert len(known) <= 6
    for one in known:
        rule = f"S{one['test_id'][1:]}"
        lines = (ROOT / one["filename"]).read_text(encoding="utf-8").splitlines()
        assert any(re.search(rf"# noqa: {rule} - \w", line) for line in lines), (one["filename"], rule)
