"""Statements that are made once: what stands in them, and what is given later."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import sqlite

from edi_engine.store.schema import CASE, ORDER
from edi_engine.store.statements import selecting, take_apart
from tests.fixtures.rows import a_file


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


def test_few_statements_are_made_for_all_numbers_of_members() -> None:
    asked = [take_apart(ORDER, {"id": tuple(range(1, count + 1))}) for count in range(1, 65)]
    assert len({one.fits for one in asked}) == 7
    for count, one in enumerate(asked, 1):
        assert sorted(set(one.values.values())) == list(range(1, count + 1))
        assert {f"is_id_{at}" for at in range(one.fits[0][2])} == one.values.keys()


@pytest.mark.parametrize("count", [1, 3, 5, 64, 65])
def test_a_member_that_fills_a_statement_up_finds_nothing_twice(store, count) -> None:
    with store.ledger().unit("test") as unit:
        unit.files.add_all([a_file(name=f"{number}.edi") for number in range(70)])
    with store.ledger().reading() as unit:
        names = tuple(f"{number}.edi" for number in range(count))
        assert [one.name for one in unit.files.select(name=names)] == list(names)
        assert unit.files.count(name=names) == count


def test_states_of_other_tables_are_values() -> None:
    assert take_apart(ORDER, {"state": "OPEN"}).values == {"is_state": "OPEN"}
