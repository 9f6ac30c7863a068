"""The tour and the pages that show commands with their output are true: each command says what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.session import ROOT, Step, alike, follow, plain, steps

PAGES = ("tour.md", "howto/replay-a-file.md", "howto/repair-a-table.md")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_goes_as_it_says(page: str, tmp_path: Path) -> None:
    wrong = follow(ROOT / "docs" / page, tmp_path)
    assert not wrong, "\n".join(wrong)


def test_steps_are_what_a_reader_would_type() -> None:
    page = "```yaml\n# a/b.yaml\nx: 1\n```\n```console\n$ ls a\nb.yaml\n$ pwd\n```\n```sh\nrm -r /\n```\n"
    assert list(steps(page)) == [
        Step("", "# a/b.yaml\nx: 1\n", "a/b.yaml"),
        Step("ls a", "b.yaml\n"),
        Step("pwd", ""),
    ]


@pytest.mark.parametrize(
    ("said", "got", "fits"),
    [
        ("order  1\n", "order 1", True),
        ("at 2026-11-22 09:00:01", "at 2031-01-02 23:59:59", True),
        ("due in 3 h 1 min", "due in 23 h 59 min", True),
        ("BB_855_20261122_000000002.edi", "BB_855_20310102_000000002.edi", True),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("...\nd", "a\nd", True),
        ("a\n...", "a", True),
        ("a", "a\nb", False),
        ("total 7.20", "total 7.21", False),
        ("...\nx\n...", "a\nb", False),
        ("BB_855_20261122_000000002.edi", "BB_855_20261122_000000003.edi", False),
    ],
)
def test_only_what_differs_from_day_to_day_is_forgiven(said: str, got: str, *, fits: bool) -> None:
    assert alike(plain(said), plain(got)) is fits
