"""A few processes that share out a long job; what they give comes in the order of its pieces."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Final, TypeVar

Shared = TypeVar("Shared")
Piece = TypeVar("Piece")
Result = TypeVar("Result")

_AHEAD: Final = 4
"""Pieces for each process that wait or are done already; more would fill the memory where the reader is slow."""

_job: tuple[Callable[..., object], object] | None = None  # in each process: what it does, and what it does it with


def can_share() -> bool:
    """Say whether a process can be given values as they are, such as a mapped file, by being a copy of this one."""
    return "fork" in multiprocessing.get_all_start_methods()


def in_order(
    jobs: int, work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece]
) -> Iterator[Result]:
    """Give `work(shared, piece)` for each piece, done by `jobs` processes; pieces and results must be picklable.

    What `work` raises is raised here. Needs `can_share()`.
    """
    context = multiprocessing.get_context("fork")
    waiting: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(jobs, context, _begin, (work, shared))
    try:
        for piece in pieces:
            waiting.append(pool.submit(_do, piece))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(work: Callable[..., object], shared: object) -> None:
    global _job  # noqa: PLW0603 - a process has one job, from its first moment on
    _job = work, shared
    gc.freeze()  # what is shared with the first process is not looked through again and again, nor copied for that


def _do(piece: Piece) -> Result:  # type: ignore[type-var]
    if _job is None:
        message = "a process was asked to work before it was given its job"
        raise RuntimeError(message)
    work, shared = _job
    return work(shared, piece)  # type: ignore[return-value]
