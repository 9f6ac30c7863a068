"""The gaps in a partner's numbers: exactly what lies between and never came."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edi_engine.flow.gaps import Gap, gaps

NUMBERS = st.lists(st.integers(0, 60), max_size=40)


def numbers_of(found: tuple[Gap, ...]) -> list[int]:
    return [number for gap in found for number in range(gap.first, gap.last + 1)]


@given(NUMBERS)
def test_what_came_is_in_no_gap_and_what_is_in_one_lies_between(numbers: list[int]) -> None:
    missing = numbers_of(gaps(numbers))
    assert not set(missing) & set(numbers)
    assert missing == sorted(set(missing))
    assert all(min(numbers) < number < max(numbers) for number in missing)


@given(NUMBERS, st.integers(-5, 0))
def test_from_one_count_nothing_that_is_missing_is_left_out(numbers: list[int], first: int) -> None:
    came = [first, *numbers]  # nothing is below the first, so that nobody began anew
    assert numbers_of(gaps(came)) == [number for number in range(first, max(came)) if number not in came]


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 100))
def test_a_new_beginning_is_no_gap(length: int, again: int, start: int) -> None:
    begun = range(start + 1_000, start + 1_000 + length)
    assert gaps([*begun, *range(start, start + again)]) == ()
    assert gaps([999_999_998, 999_999_999, 1, 2, 4]) == (Gap(3, 3),)


@given(NUMBERS)
def test_ranges_are_whole(numbers: list[int]) -> None:
    found = gaps(numbers)
    assert all(one.last + 1 < other.first for one, other in pairwise(found))
    assert sum(gap.count for gap in found) == len(numbers_of(found))
