"""The breaks of tools/breaks.py fit the code as it is, and docs/reference/crash.md says which test notices each."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.house.test_findings import tool

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "crash.md"
BREAKS = tool("breaks").BREAKS
NAMES = [one.name for one in BREAKS]
EACH = pytest.mark.parametrize("one", BREAKS, ids=NAMES)


@cache
def noticed() -> tuple[tuple[str, str], ...]:
    rows = re.findall(r"^\| (.*) \| `(.*)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return tuple((name, test) for name, test in rows)


@cache
def known_tests(path: str) -> frozenset[str]:
    """Give the names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    defined = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    return frozenset(one.name for one in defined if one.name.startswith("test_"))


def waits(path: Path) -> list[int]:
    """Give the lines that wait for the disk: by os.fsync, or by a function of their own file that is there for it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [(ast.unparse(one.func), one.lineno) for one in ast.walk(tree) if isinstance(one, ast.Call)]
    asking = {line for name, line in calls if name in {"os.fsync", "os.fdatasync"}}
    places = {
        one.name: range(one.lineno, (one.end_lineno or 0) + 1)
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and one.name in {"_sync", "_settle"}
    }
    there_for_it = {name: lines for name, lines in places.items() if asking & {*lines}}
    asking |= {line for name, line in calls if name in there_for_it}
    return sorted(asking.difference(*there_for_it.values()))


@pytest.mark.parametrize(
    "path", [one for one in sorted((ROOT / "edi_engine").rglob("*.py")) if waits(one)], ids=lambda one: one.name
)
def test_each_wait_for_the_disk_is_taken_away_by_a_break(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    broken = set()
    for one in BREAKS:
        if one.file == str(path.relative_to(ROOT)) and one.name.startswith("fsync"):
            first = text[: text.index(one.old)].count("\n") + 1
            broken |= set(range(first, first + one.old.count("\n")))
    assert [f"{path.name}:{line}" for line in waits(path) if line not in broken] == []


@EACH
def test_a_break_fits_the_code_once_and_what_is_broken_is_still_python(one: Any) -> None:
    text = (ROOT / one.file).read_text(encoding="utf-8")
    assert text.count(one.old) == 1, f"{one.file} has the text to break {text.count(one.old)} times"
    assert one.new != one.old
    broken = text.replace(one.old, one.new)
    compile(broken, one.file, "exec")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise", "-"]
    done = subprocess.run(ruff, input=broken, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the break names what is not there: {done.stdout}{done.stderr}"


@EACH
def test_the_tests_of_a_break_are_there(one: Any) -> None:
    paths = [word for word in one.tests if word.startswith("tests/")]
    assert paths
    assert [path for path in paths if not known_tests(path)] == []


def test_each_break_has_a_name_of_its_own() -> None:
    assert sorted(NAMES) == sorted(set(NAMES))


def test_the_page_names_each_break_once_and_nothing_else() -> None:
    assert [name for name, _ in noticed()] == NAMES, "run `python tools/sabotage.py --keep` with the new name"


@EACH
def test_the_page_names_a_test_of_the_break_that_turned_red(one: Any) -> None:
    path, _, test = dict(noticed())[one.name].partition("::")
    assert path in one.tests, f"{path}: run `python tools/sabotage.py --keep '{one.name}'`"
    assert test.partition("[")[0] in known_tests(path)
