"""Plain aligned tables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edi_engine.cli.table import clipped, columns, table


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    rows = [("1", "order.price", "", "1,234.50"), ("12", "order.item", "", "8.00")]
    assert table(("case", "kind", "nothing", "money"), rows, right=frozenset({"case", "money"})).splitlines() == [
        "case  kind            money",
        "   1  order.price  1,234.50",
        "  12  order.item       8.00",
    ]


def test_the_last_column_is_cut_to_the_width() -> None:
    lines = table(
        ("case", "why"), [("1", "a very long reason, much too long for all this room")], width=50
    ).splitlines()
    assert lines[1] == "1     a very long reason, much too long for all..."
    assert columns(lines[1]) == 50


def test_a_last_column_without_room_goes_below() -> None:
    rows = [("1", "order.price", "Acme pays 41.88, the contract says 43.95"), ("2", "order.item", "")]
    assert table(("case", "kind", "why"), rows, width=40).splitlines() == [
        "case  kind",
        "      why",
        "1     order.price",
        "      Acme pays 41.88, the contract s...",
        "2     order.item",
    ]


def test_no_rows_leave_nothing() -> None:
    assert table(("a", "b"), []) == ""


def test_a_cell_cannot_break_the_table() -> None:
    assert table(("a", "b"), [("x\n\x1b[2J", "y")]).splitlines()[1] == r"x\x0A\x1B[2J  y"


@given(st.text(max_size=60), st.integers(0, 30))
def test_clipped_text_fits(text: str, width: int) -> None:
    assert columns(clipped(text, width)) <= width
    if columns(text) <= width:
        assert clipped(text, width) == text


def test_the_end_of_a_cell_that_is_cut_may_stay() -> None:
    rows = [("1", "a long sentence that does not fit into the width that there is"), ("2", "a short one")]
    drawn = table(("case", "why"), rows, width=50, ends=[" (and 1 more)", ""]).splitlines()
    assert drawn[1].endswith("... (and 1 more)")
    assert drawn[2].endswith("a short one")
    assert max(len(line) for line in drawn) <= 50
    assert table(("case", "why"), rows[1:], ends=[" (and 2 more)"]).endswith("a short one (and 2 more)")
