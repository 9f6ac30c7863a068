"""What `make sabotage` takes for noticed: a test that ran and failed, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.house.test_findings import ROOT, tool

sys.path.insert(0, str(ROOT / "tools"))  # the script is run by path
try:
    SABOTAGE = tool("sabotage")
finally:
    sys.path.pop(0)


def run(place: Path, text: str, *words: str, longest: float = 60.0) -> str | None:
    (place / "tests").mkdir()
    (place / "tests" / "test_it.py").write_text(text)
    return SABOTAGE.run_tests(("tests/test_it.py", "-p", "no:randomly", *words), place, str(place), longest)  # type: ignore[no-any-return]


def test_a_test_that_failed_has_noticed(tmp_path: Path) -> None:
    assert run(tmp_path, "def test_one(): assert 1 == 2, 'a - b'\n") == "tests/test_it.py::test_one"


def test_tests_that_pass_have_not(tmp_path: Path) -> None:
    assert run(tmp_path, "def test_one(): pass\n") is None


NOTHING = {
    "a module that cannot be imported": ("import nothing_of_this_name\n", (), "exit 2"),
    "a fixture that breaks": (
        "import pytest\n@pytest.fixture\ndef one(): 1 / 0\ndef test_one(one): pass\n",
        (),
        "exit 1",
    ),
    "a process that ends": ("import os\ndef test_one(): os._exit(1)\n", (), "exit 1"),
    "words that pytest does not know": ("def test_one(): pass\n", ("--of-no-such-name",), "exit 4"),
    "no test of that name": ("def test_one(): pass\n", ("-k", "two"), "exit 5"),
    "only tests that were skipped": ("import pytest\ndef test_one(): pytest.skip('no server')\n", (), "skipped"),
    "a test that ran out of time": (
        "import time\ndef test_one(): time.sleep(60)\n",
        ("--timeout", "0.1", "-o", "timeout_func_only=true"),
        "ran out of time",
    ),
}


@pytest.mark.parametrize("what", NOTHING)
def test_nothing_else_says_whether_the_tests_notice(tmp_path: Path, what: str) -> None:
    text, words, told = NOTHING[what]
    with pytest.raises(SABOTAGE.NotTriedError, match=told):
        run(tmp_path, text, *words)


def test_tests_that_come_to_no_end_are_stopped(tmp_path: Path) -> None:
    text = "import time\ndef test_one(): time.sleep(600)\n"
    with pytest.raises(SABOTAGE.NotTriedError, match="no end"):
        run(tmp_path, text, longest=0.5)


def test_a_break_that_was_not_tried_fails_the_run(monkeypatch: pytest.MonkeyPatch, capsys: object) -> None:
    def red_test(tests: tuple[str, ...], broken: object) -> str | None:
        if broken is not None:
            raise SABOTAGE.NotTriedError("it broke off")
        return None

    monkeypatch.setattr(SABOTAGE, "red_test", red_test)
    assert SABOTAGE.main(["price compare"]) == 1
