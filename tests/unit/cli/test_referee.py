"""`edi validate --referee`, `edi dictionary export` and `edi partner guide`: two verdicts, and maps both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from edi_engine.resources import shipped

CLEAN = shipped("samples") / "bluebird" / "clean-order" / "in.edi"
BAD = shipped("samples") / "bluebird" / "bad-unit-code" / "in.edi"


def edi(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code != 70, result.stderr
    return result


def test_a_clean_file_is_agreed_on(tmp_path: Path) -> None:
    result = edi("--home", tmp_path, "validate", "--referee", CLEAN)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "The referee, pyx12, by our grammar: valid, and both agree."


def test_both_verdicts_stand_side_by_side_and_the_exit_code_is_ours(tmp_path: Path) -> None:
    result = edi("--home", tmp_path, "validate", "--referee", BAD)
    assert result.exit_code == edi("--home", tmp_path, "validate", BAD).exit_code == 3
    said = result.stdout[result.stdout.index("The referee") :].splitlines()
    assert said[0] == "The referee, pyx12, by our grammar: not valid, and both agree."
    assert said[2] == "Both say:"
    assert "x12.element.length" in said[3]
    assert "pyx12 5: Data element" in said[4]


@pytest.mark.parametrize("data", [b"", b"hello"])
def test_what_is_no_x12_is_told_by_the_name_of_the_file(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "empty.edi"
    file.write_bytes(data)
    said = edi("--home", tmp_path, "validate", "--referee", file).stdout
    assert f'"{file}" does not look like an X12 data file' in said
    assert "StringIO" not in said


def test_what_only_one_of_them_says_is_told_apart(tmp_path: Path) -> None:
    odd = tmp_path / "odd.edi"
    text = CLEAN.read_bytes()
    odd.write_bytes(b"\xef\xbb\xbf" + text.replace(b"N3*", b"PWK~N3*", 1).replace(b"N3*", b" N3*", 1))
    said = edi("--home", tmp_path, "validate", "--referee", odd).stdout
    assert "Only we say:\n  file  envelope.padding" in said
    assert "Only pyx12 says:\n" in said
    assert "Segment contains a leading space" in said


def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    odd = tmp_path / "odd.edi"
    text = CLEAN.read_bytes().replace(b"ST*850*", b"ST*855*").replace(b"CTT*", b"REF*IA*1 ~" * 60 + b"CTT*")
    odd.write_bytes(text)
    said = edi("--home", tmp_path, "validate", "--referee", odd).stdout
    assert "more of the same" in said
    odd.write_bytes(CLEAN.read_bytes().replace(b"~", b"~ ").replace(b"CTT*", b"PID*F****A~ " * 60 + b"CTT*"))
    said = edi("--home", tmp_path, "validate", "--referee", odd).stdout
    assert "more; --json has them all" in said
    assert len(said.splitlines()) < 120


def test_json_has_both_verdicts(tmp_path: Path) -> None:
    told = json.loads(edi("--home", tmp_path, "validate", "--referee", "--json", BAD).stdout)["referee"]
    assert (told["valid"], told["stopped"], told["only_we"], told["only_pyx12"]) == (False, None, [], [])
    (agreed,) = told["agreed"]
    assert agreed["ours"]["code"] == "x12.element.length"
    assert {one["code"] for one in agreed["pyx12"]} == {"5", "7"}
    assert "referee" not in json.loads(edi("--home", tmp_path, "validate", "--json", BAD).stdout)


def test_a_stop_of_pyx12_is_told_as_its_verdict(tmp_path: Path) -> None:
    odd = tmp_path / "odd.edi"
    odd.write_bytes(CLEAN.read_bytes().replace(b"GE*1*", b"GE*A*"))
    said = edi("--home", tmp_path, "validate", "--referee", odd).stdout
    assert "by our grammar: pyx12 stopped: ValueError" in said


def test_a_map_goes_out_and_comes_back_as_a_guide(tmp_path: Path) -> None:
    out = tmp_path / "maps"
    told = json.loads(edi("dictionary", "export", "850", "855", "--out", out, "--version", "005010", "--json").stdout)
    assert {Path(path).name for path in told["files"]} == {path.name for path in out.iterdir()}
    narrowed = out / "850.005010.xml"
    node = '<segment xid="CUR" usage="S"'
    text = narrowed.read_text("utf-8")
    assert node in text
    narrowed.write_text(text.replace(node, node.replace("S", "R"), 1), "utf-8")
    result = edi("partner", "guide", "--from-pyx12", narrowed, "--version", "005010")
    assert (result.exit_code, result.stdout) == (0, "guide:\n  850:\n    CUR: required\n")
    assert "1 rule for the 850 in 005010; 0 things left unsaid." in result.stderr


@pytest.mark.parametrize("words", [("dictionary", "export", "999"), ("dictionary", "export", "850", "--version", "1")])
def test_what_is_not_there_is_a_matter_of_usage(words: tuple[str, ...], tmp_path: Path) -> None:
    result = edi(*words, "--out", tmp_path / "maps")
    assert result.exit_code == 2
    assert "known: " in result.stderr
