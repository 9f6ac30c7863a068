from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from edi_engine.flow.records import NumberRecord
from edi_engine.store.ledger import Store, open_store
from edi_engine.store.schema import NUMBER_SCOPE
from tests.fixtures.rows import a_document


class GivenBack(Exception):
    """Some of these commits fail on purpose."""


def test_numbers_rise_from_one_in_each_scope(store: Store) -> None:
    with store.ledger().unit("take") as unit:
        assert [unit.numbers.take("a"), unit.numbers.take("a"), unit.numbers.take("b")] == [1, 2, 1]
    with store.ledger().unit("take") as unit:
        assert unit.numbers.take("a") == 3
        assert [(used.number, used.cycle) for used in unit.numbers.used("a")] == [(1, 0), (2, 0), (3, 0)]


@pytest.mark.fault("D17")
def test_after_the_highest_number_a_new_cycle_begins(store: Store) -> None:
    with store.ledger().unit("take") as unit:
        unit.numbers.take("a")
    with store.place.engine.begin() as connection:
        connection.execute(update(NUMBER_SCOPE).values(number=999_999_998))
    with store.ledger().unit("take") as unit:
        assert [unit.numbers.take("a") for _ in range(3)] == [999_999_999, 1, 2]
        document = a_document(unit)
        unit.numbers.link("a", 1, document.id)
        used = unit.numbers.used("a")
    assert [(one.cycle, one.number, one.document_id) for one in used] == [
        (0, 1, None),
        (0, 999_999_999, None),
        (1, 1, document.id),
        (1, 2, None),
    ]


def test_a_number_belongs_to_one_document(store: Store) -> None:
    with store.ledger().unit("take") as unit:
        number = unit.numbers.take("a")
        first, second = a_document(unit), a_document(unit, again=1)
        unit.numbers.link("a", number, first.id)
        unit.numbers.link("a", number, first.id)
        with pytest.raises(ValueError, match="another document"):
            unit.numbers.link("a", number, second.id)
        with pytest.raises(ValueError, match="never given out"):
            unit.numbers.link("a", number + 1, second.id)
        with pytest.raises(ValueError, match="never given out"):
            unit.numbers.link("b", number, second.id)


def test_numbers_bear_the_time_of_the_stores_clock(store_url: str) -> None:
    then = datetime(2031, 5, 6, tzinfo=UTC)
    store = open_store(store_url, now=lambda: then)
    with store.ledger().unit("take") as unit:
        unit.numbers.take("a")
        assert unit.numbers.used("a") == (NumberRecord("a", 1, then, id=1),)
    store.close()


def test_many_threads_of_which_some_fail_leave_no_gap_and_no_twin(store: Store) -> None:
    def take(*, give_back: bool) -> int:
        with store.ledger().unit("take") as unit:
            number = unit.numbers.take("acme")
            if give_back:
                raise GivenBack
        return number

    def take_ten(worker: int) -> list[int]:
        taken = []
        for n in range(10):
            with suppress(GivenBack):
                taken.append(take(give_back=(worker + n) % 5 == 0))
        return taken

    with ThreadPoolExecutor(8) as workers:
        taken = sorted(number for numbers in workers.map(take_ten, range(8)) for number in numbers)
    assert taken == list(range(1, 65))
