"""`edi diff` against the real engine: files, what the store keeps, orders; and what does not count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from edi_engine.resources import shipped

SAMPLES = shipped("samples") / "bluebird"
CLEAN = SAMPLES / "clean-order" / "in.edi"
DEAR = SAMPLES / "price-over-tolerance" / "in.edi"


def edi(*words: object, code: int = 0, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], input=stdin)
    assert result.exit_code == code, result.output
    return result


def diff(home: Path, *words: object, code: int = 0, stdin: bytes | None = None) -> str:
    return edi("--home", home, "diff", *words, code=code, stdin=stdin).stdout


def told(home: Path, *words: object, code: int = 0) -> dict:
    return json.loads(diff(home, *words, "--json", code=code))


def rows(answer: dict) -> list[tuple[str, str | None, str | None]]:
    return [(row["place"], row["before"], row["after"]) for part in answer["parts"] for row in part["rows"]]


def written(folder: Path, data: bytes, name: str = "other.edi") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, ...]:
    """A store with the clean order (order 1, answered) and one that is too dear (order 2, a case)."""
    edi("--home", tmp_path, "process", CLEAN, "--out", tmp_path / "out")
    edi("--home", tmp_path, "process", DEAR, "--out", tmp_path / "out", code=1)
    return ("--home", str(tmp_path), "--db", f"sqlite:///{tmp_path / 'out' / 'edi.db'}", "diff")


def test_another_writing_is_no_difference(tmp_path: Path) -> None:
    data = CLEAN.read_bytes().replace(b"000000101", b"000000777")
    data = data.replace(b"*", b"|").replace(b"~\n", b"~").replace(b"~", b"\x1c").replace(b"12.4|", b"12.40|")
    other = written(tmp_path, data)
    assert diff(tmp_path, CLEAN, other).endswith("\n\nNo difference.\n")
    assert told(tmp_path, CLEAN, other)["same"] is True
    assert not (tmp_path / "edi.db").exists()


def test_envelopes_count_where_that_is_asked_for(tmp_path: Path) -> None:
    other = written(tmp_path, CLEAN.read_bytes().replace(b"000000101", b"000000777"))
    answer = told(tmp_path, "--envelope", CLEAN, other, code=1)
    assert rows(answer) == [("ISA13", "000000101", "000000777")]
    assert answer["parts"][0]["title"] == "envelope of 850 4500012001"


def test_a_difference_is_told_by_place_name_and_meaning(tmp_path: Path) -> None:
    data = CLEAN.read_bytes()
    assert data.count(b"*3*CA*") == 1
    other = written(tmp_path, data.replace(b"*3*CA*", b"*4*EA*"))
    shown = diff(tmp_path, CLEAN, other, code=1)
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[3:6] == [
        "850 4500012001",
        "place what A B",
        "PO1[2]/PO102 quantity ordered 3 4",
    ]
    assert lines[6] == "PO1[2]/PO103 unit of measure code CA (case) EA (each)"
    assert lines[-1] == "2 differences."
    row = told(tmp_path, CLEAN, other, code=1)["parts"][0]["rows"][1]
    assert (row["before_means"], row["after_means"], row["what"]) == ("case", "each", "unit of measure code")


def test_sets_that_only_one_side_has_are_named(tmp_path: Path) -> None:
    three = SAMPLES / "one-bad-of-three" / "in.edi"
    shown = diff(tmp_path, three, CLEAN, code=1)
    assert shown.count(": only in A") == 3
    assert shown.count(": only in B") == 1
    assert shown.endswith("4 sets on one side only.\n")


def test_files_may_be_compared_as_orders(tmp_path: Path) -> None:
    other = written(tmp_path, CLEAN.read_bytes().replace(b"*3*CA*", b"*4*CA*"))
    assert rows(told(tmp_path, "--orders", CLEAN, other, code=1)) == [("line 2", "3", "4")]


def test_stdin_is_read_once(tmp_path: Path) -> None:
    assert "B: (stdin)" in diff(tmp_path, CLEAN, "-", stdin=CLEAN.read_bytes())
    assert "only one of both" in edi("--home", tmp_path, "diff", "-", "-", code=2, stdin=b"").stderr


@pytest.mark.parametrize("data", [b"", b"hello", CLEAN.read_bytes()[:300]])
def test_what_is_broken_is_told_as_validate_does(tmp_path: Path, data: bytes) -> None:
    ran = edi("--home", tmp_path, "diff", CLEAN, written(tmp_path, data), code=3)
    assert "error[envelope." in ran.stderr
    assert "error[envelope." in edi("--home", tmp_path, "diff", written(tmp_path, data), CLEAN, code=3).stderr


def test_a_wrong_count_is_told_and_the_rest_compared(tmp_path: Path) -> None:
    data = CLEAN.read_bytes().replace(b"*3*CA*", b"*4*CA*")
    other = written(tmp_path, data.replace(b"GE*1*", b"GE*2*"))
    ran = edi("--home", tmp_path, "diff", CLEAN, other, code=3)
    assert "PO1[2]/PO102" in ran.stdout
    assert "envelope" in ran.stderr


@pytest.mark.parametrize(
    ("one", "two", "orders"),
    [
        ("1", "file:2", False),
        ("order:1", "order:2", True),
        ("order:1", "case:1", True),
        ("order:1", DEAR, True),
        ("case:1", CLEAN, True),
    ],
)
def test_what_the_store_keeps_is_compared(store: tuple[str, ...], one: str, two: str, *, orders: bool) -> None:
    answer = json.loads(edi(*store, one, two, "--json", code=1).stdout)
    assert answer["orders"] is orders
    assert any("4500012003" in (row["before"], row["after"]) for part in answer["parts"] for row in part["rows"])


def test_an_order_is_the_order_of_its_file(store: tuple[str, ...]) -> None:
    assert edi(*store, "order:1", CLEAN).stdout.endswith("No difference.\n")
    assert edi(*store, "--segments", "order:2", DEAR).stdout.endswith("No difference.\n")
    assert edi(*store, "case:1", "order:2").stdout.endswith("No difference.\n")


def test_documents_are_compared_as_they_were_sent(store: tuple[str, ...], tmp_path: Path) -> None:
    sent = next((tmp_path / "out").glob("*855*"))
    listed = json.loads(edi(*store[:-1], "outbox", "list", "--all", "--kind", "855", "--json").stdout)["documents"]
    number = listed[0]["record"]["id"]
    assert edi(*store, f"document:{number}", sent).stdout.endswith("No difference.\n")
    assert "holds no order" in edi(*store, "--orders", f"document:{number}", sent, code=2).stderr


@pytest.mark.parametrize("what", ["99", "file:99", "document:99", "order:99", "case:99"])
def test_what_is_not_there_is_usage(store: tuple[str, ...], what: str) -> None:
    assert (
        f"there is no {what.partition(':')[0] if ':' in what else 'file'} 99" in edi(*store, what, CLEAN, code=2).stderr
    )


def test_a_file_that_is_called_like_a_number_is_a_file(store: tuple[str, ...], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, CLEAN.read_bytes(), "99")
    assert edi(*store, "99", CLEAN).stdout.startswith("A: 99\n")
