"""What is measured by turns in one process, as it holds only beside each other: the way of an order, and the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench.clock import Command, Cost, Failed
from bench.parts import PARTS
from bench.standard import CACHE

_LONGEST: Final = 3600
NO_SERVER: Final = "no PostgreSQL: set EDI_TEST_POSTGRES, or install it"


@dataclass(frozen=True, slots=True)
class Together:
    """A module of ours that measures the things `names`, and its words: for all of it, and for a quick look."""

    module: str
    names: tuple[str, ...]
    full: tuple[str, ...]
    quick: tuple[str, ...]
    server: bool = False

    def run(self, *, quick: bool) -> dict[str, Cost]:
        """Measure. Raises Failed."""
        folder = CACHE / self.module.rpartition(".")[2]
        folder.mkdir(parents=True, exist_ok=True)
        words = (sys.executable, "-m", self.module, str(folder), *(self.quick if quick else self.full))
        if not self.server:
            return Command(words, longest=_LONGEST).run_many()
        with _database() as url:
            return Command((*words, url), longest=_LONGEST).run_many()


TOGETHER: Final = (
    Together(
        "bench.whole",
        tuple(f"order {mode} {how}" for mode in ("one", "ten") for how in ("in memory", "durable", "bare")),
        ("60", "5"),
        ("20", "2"),
    ),
    Together("bench.storing", ("store one", "store ten"), ("200", "5"), ("50", "2")),
    Together(
        "bench.storing", ("postgres ten", "postgres naive", "postgres driver"), ("200", "5"), ("50", "2"), server=True
    ),
    Together("bench.history", ("store young", "store old"), ("1000", "10000", "20", "5"), ("100", "1000", "20", "3")),
    Together("bench.parts", tuple(f"order: {part}" for part in PARTS), ("60", "5"), ("20", "2")),
)


@contextmanager
def _database() -> Iterator[str]:
    """Give the URL of an empty database on the server that is named, or on one of our own. Raises Failed."""
    from tests.fixtures.postgres import Cluster, binaries
    from tests.fixtures.stores import Databases

    named, programs = os.environ.get("EDI_TEST_POSTGRES"), binaries()
    if not named and programs is None:
        raise Failed(NO_SERVER)
    cluster = Cluster(programs) if not named and programs is not None else None
    try:
        databases = Databases(named or (cluster.url if cluster is not None else ""))
        try:
            yield databases.make()[1]
        finally:
            databases.close()
    finally:
        if cluster is not None:
            cluster.remove()


def measured(
    names: AbstractSet[str], tell: Callable[[str], None], *, quick: bool
) -> tuple[dict[str, Cost], dict[str, str]]:
    """Measure what is asked for; give its costs, and why some of it failed."""
    best: dict[str, Cost] = {}
    failed: dict[str, str] = {}
    for one in TOGETHER:
        if names.isdisjoint(one.names):
            continue
        tell(f"{one.module}: {', '.join(one.names)}")
        try:
            best |= one.run(quick=quick)
        except Failed as failure:
            failed |= dict.fromkeys(one.names, str(failure))
    return best, failed
