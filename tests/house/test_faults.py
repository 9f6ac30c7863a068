"""docs/reference/faults.md is what the tests and its parts say, and each row has a test or says why it has none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.fixtures.faults import LAST
from tests.house.test_findings import tool

WITHOUT = {
    "S1": "no web console yet",
    "S9": "no web console yet",
    "S13": "no web console yet",
}
"""Rows that may be without a test today, and why. A row leaves this list with its first test; none is added."""

ROOT = Path(__file__).parents[2]


@cache
def rows() -> dict[str, object]:
    build = tool("build_faults")
    return {row.name: row for row in build.read(build.FOLDER)}


@cache
def by_row() -> dict[str, tuple[str, ...]]:
    build = tool("build_faults")
    return build.marked(build.TESTS)


def test_every_row_of_the_catalogue_is_there() -> None:
    assert list(rows()) == [f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)]
    assert len(rows()) == 131


def test_the_page_is_up_to_date() -> None:
    build = tool("build_faults")
    assert build.PAGE.read_text(encoding="utf-8") == build.page(rows().values(), by_row(), *build.kept()), (
        "run `python tools/build_faults.py`"
    )


def test_each_row_has_a_test_or_stands_in_the_list_that_only_shrinks() -> None:
    assert {name for name in rows() if not by_row().get(name)} == set(WITHOUT)


def test_what_has_no_test_says_why_and_what_has_one_does_not() -> None:
    assert {name for name, row in rows().items() if row.without} == set(WITHOUT)


def test_a_result_is_counted_by_row(tmp_path: Path) -> None:
    build, report = tool("build_faults"), tmp_path / "report.xml"
    row = '<properties><property name="fault" value="A3"/><property name="fault" value="D9"/></properties>'
    report.write_text(
        f"<testsuites><testsuite><testcase>{row}</testcase><testcase>{row}<failure/></testcase>"
        f"<testcase>{row}<skipped/></testcase><testcase/></testsuite></testsuites>",
        encoding="utf-8",
    )
    assert build.results(report) == {name: {"passed": 1, "failed": 1, "skipped": 1} for name in ("A3", "D9")}
    assert build.results(report, report)["A3"] == {"passed": 2, "failed": 2, "skipped": 2}


def test_the_page_tells_what_became_of_each_row() -> None:
    build = tool("build_faults")
    row = build.Row("A3", "A fault.", "What we do.")
    told = build.page([row], {"A3": ("tests/a.py::test_a",)}, "2026-01-31", {"A3": {"passed": 4, "skipped": 0}})
    assert "its run of 2026-01-31" in told
    assert "\n- `tests/a.py`: `test_a`\n\nResult: 4 passed\n" in told
    assert "Result: not run yet" in build.page([row], {"A3": ("tests/a.py::test_a",)}, "2026-01-31", {})
