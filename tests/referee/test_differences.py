"""The list of known differences: short, reasoned, and each row shown by a small file of its own."""

from __future__ import annotations

import pytest

from tests.referee.conftest import Opinion
from tests.referee.differences import FILES, MOST, Row, explained, file_of, rows

ROWS = rows()
NAMES = [f"{number} {row.who} {row.says.pattern}" for number, row in enumerate(ROWS, 1)]


def test_the_list_is_short() -> None:
    assert len(ROWS) <= MOST


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_row_says_who_is_right_and_why(row: Row) -> None:
    assert row.who in {"we", "pyx12", "stop"}
    assert row.right in {"we", "pyx12", "both"}
    assert row.why.endswith(".")


@pytest.mark.parametrize("name", FILES)
def test_both_find_nothing_in_a_file_without_fault(name: str, opinion: Opinion) -> None:
    found = opinion(FILES[name].encode())
    assert (found.agreed, found.ours, found.theirs, found.valid, found.stopped) == ((), (), (), True, None)


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_row_is_needed_for_its_example_and_nothing_there_is_without_a_row(row: Row, opinion: Opinion) -> None:
    found = list(explained(opinion(file_of(row)), ROWS))
    assert [said for said, by in found if by is None] == []
    assert row in [by for _, by in found]
