"""`edi partner list`: whose partners they are, and what each document may be."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.exchange import order
from tests.fixtures.homes import make_home
from tests.fixtures.trading import edit, partner_files
from tests.unit.cli.test_commands import edi, told


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


def test_the_sets_that_go_to_and_fro_are_named(tmp_path: Path) -> None:
    (first, *_) = told("--home", str(tmp_path), "partner", "list")["partners"]
    assert (first["name"], first["receives"], first["sends"]) == ("bluebird", ["850"], ["997", "810", "855", "856"])
    assert "850        997, 810, 855, 856" in edi("--home", str(tmp_path), "partner", "list").stdout


def test_the_check_names_each_file_that_is_sound_and_each_that_is_not(tmp_path: Path) -> None:
    folder = partner_files(tmp_path)
    lines = edi("--home", str(tmp_path), "partner", "check").stdout.splitlines()
    assert lines[0] == "  ok  partners/bluebird: partner.yaml, 3 tables, 7 example files"
    assert "  ok  partners/connections.yaml" in lines
    edit(folder / "tables" / "items.csv", ",7.20,EA", ",$7.20,EA")
    lines = edi("--home", str(tmp_path), "partner", "check").stdout.splitlines()
    assert lines[0] == "  ok  partners/bluebird: partner.yaml, 2 tables, 7 example files"
    assert "  --  partners/bluebird/tables/items.csv: 1 problem" in lines
    files = told("--home", str(tmp_path), "partner", "check")["files"]
    assert [one["path"] for one in files if one["problems"]] == ["partners/bluebird/tables/items.csv"]


def test_the_numbers_that_a_partner_left_out_are_listed(tmp_path: Path) -> None:
    home = ("--home", make_home(tmp_path / "home"), "--db", f"sqlite:///{tmp_path / 'sent' / 'edi.db'}")
    assert edi(*home, "partner", "gaps", "--days", "1").stdout == "No gaps in the last 1 day.\n"
    for control in (101, 104):
        file = tmp_path / f"{control}.edi"
        file.write_bytes(order(control))
        edi("--home", tmp_path / "home", "process", file, "--out", tmp_path / "sent")
    (one,) = told(*home, "partner", "gaps")["gaps"]
    assert (one["partner"], one["came"], one["gaps"]) == ("bluebird", 2, [{"first": 102, "last": 103}])
    (line,) = edi(*home, "partner", "gaps").stdout.splitlines()[1:]
    assert line.split() == ["bluebird", "08/6119290001", "01/004455667", "000000102", "000000103", "2"]
    assert told(*home, "doctor")["facts"]["gaps"] == [one]
    assert "days; 2 numbers between theirs did not, which may be files for others" in edi(*home, "doctor").stdout


def test_a_map_that_is_not_named_by_its_option_is_told_where_to_stand() -> None:
    for words in (("map.xml",), ()):
        found = edi("partner", "guide", *words)
        assert found.exit_code == 2
        given = words[0] if words else "FILE"
        assert f"behind --from-pyx12: edi partner guide --from-pyx12 {given}" in found.stderr


def test_a_run_that_shall_end_tells_a_problem_of_the_partner_files_once(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    assert edi("--home", home, "run", "--once").exit_code == 0
    edit(home / "partners" / "bluebird" / "partner.yaml", "\nstatus: live ", "\nstatsu: live ")
    found = edi("--home", home, "run", "--once")
    assert found.exit_code == 4
    assert found.stdout.count("this file has no word statsu") == 1
    assert "stays in force." in found.stdout
    assert found.stdout.endswith("1 thing could not be done.\n")
