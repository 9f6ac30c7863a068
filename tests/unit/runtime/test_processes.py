"""Pieces of a job, shared out among processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from edi_engine.runtime.processes import can_share, in_order

pytestmark = pytest.mark.skipif(not can_share(), reason="needs processes that begin as a copy of this one")


def add(shared: list[int], piece: int) -> tuple[int, int]:
    if piece == 13:
        raise ValueError(piece)
    return shared[0] + piece, os.getpid()


def test_results_come_in_the_order_of_the_pieces_from_other_processes() -> None:
    found = list(in_order(2, add, [100], range(12)))
    assert [number for number, _ in found] == list(range(100, 112))
    assert os.getpid() not in {process for _, process in found}


def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="13"):
        list(in_order(2, add, [0], range(20)))


def test_pieces_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(1_000):
            taken.append(piece)
            yield piece + 100

    results = in_order(2, add, [0], pieces())
    assert next(results)[0] == 100
    assert len(taken) < 20
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 20
