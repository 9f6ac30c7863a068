"""`edi partner list`: whose partners they are, and what each document may be."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.trading import edit, partner_files
from tests.unit.cli.test_commands import edi


def row(home: Path) -> list[str]:
    lines = edi("--home", str(home), "partner", "list").stdout.splitlines()
    return next(line.split() for line in lines if line.startswith("bluebird"))


def test_a_home_without_partners_says_that_they_are_shipped(tmp_path: Path) -> None:
    assert row(tmp_path)[:2] == ["bluebird", "(shipped)"]


def test_partners_of_the_home_are_plainly_named(tmp_path: Path) -> None:
    folder = partner_files(tmp_path)
    assert row(tmp_path)[:3] == ["bluebird", "Bluebird", "Stores"]
    edit(folder / "partner.yaml", "\nstatus: live ", "\nstatus: {all: live, 810: test} ")
    assert row(tmp_path)[3:6] == ["live,", "810", "test"]
