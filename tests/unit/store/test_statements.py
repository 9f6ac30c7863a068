"""Statements that are made once: what stands in them, and what is given later."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import sqlite

from edi_engine.store.schema import CASE, ORDER
from edi_engine.store.statements import selecting, take_apart


def written(table, **equal):
    fits = take_apart(table, equal).fits
    return str(selecting(table, fits, after=False, limited=False, descending=False).compile(dialect=sqlite.dialect()))


@pytest.mark.parametrize(
    ("asked", "said"),
    [("OPEN", "state = 'OPEN'"), (("OPEN",), "state = 'OPEN'"), (("OPEN", "DISMISSED"), "IN ('OPEN', 'DISMISSED')")],
)
def test_the_state_of_a_case_stands_in_the_statement_so_that_its_plan_is_made_once(asked, said) -> None:
    assert said in written(CASE, subject="order:7", state=asked)
    assert take_apart(CASE, {"state": asked}).values == {}


@pytest.mark.parametrize("asked", ["open'; --", "", ("OPEN", "x'y"), None, ("OPEN", None)])
def test_what_is_no_word_of_ours_never_stands_in_a_statement(asked) -> None:
    text = written(CASE, subject="order:7", state=asked)
    assert "'" not in text


def test_states_of_other_tables_are_values() -> None:
    assert take_apart(ORDER, {"state": "OPEN"}).values == {"is_state": "OPEN"}
