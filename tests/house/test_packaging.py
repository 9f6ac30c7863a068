"""The wheel carries the data folders inside the package, and the lock files match what pyproject.toml asks for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ("docs/reference/findings", "mappings", "partners", "samples")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = place.glob("edi_engine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", DATA)
def test_data_lies_inside_the_package(folder: str, wheel_names: set[str]) -> None:
    here = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    wanted = {f"edi_engine/shipped/{name}" for name in here if name and (ROOT / name).is_file()}
    assert wanted <= wheel_names


def test_nothing_lies_beside_the_package(wheel_names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"edi_engine"}


@pytest.mark.parametrize(("lock", "groups"), [("run.txt", ()), ("dev.txt", ("dev",))])
def test_lock_holds_what_is_asked_for_with_hashes(lock: str, groups: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = list(project["project"]["dependencies"])
    for group in groups:
        asked += project["dependency-groups"][group]
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / lock).read_text(encoding="utf-8").strip())
    locked = {re.split(r"==", entry)[0].lower() for entry in entries if "--hash=sha256:" in entry}
    assert len(locked) == len(entries)
    wanted = {re.split(r"[\[<>=; ]", name)[0].lower() for name in asked}
    assert wanted <= locked
