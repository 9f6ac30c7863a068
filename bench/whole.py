"""The whole way of an order, by turns: in memory, as bare rows, and durable, one or ten orders in a commit.

`python -m bench.whole FOLDER ORDERS ROUNDS` prints, for each, what the cheapest of its rounds took with its waits for
the disk, and of the CPU. All stores lie in FOLDER, so that they wait for the same disk.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from bench.shop import IN_MEMORY, interchange, lay_out, must_be_whole, place, walk
from edi_engine.app.workplace import Workplace
from edi_engine.store.ledger import open_store

MODES: Final = {"one": 1, "ten": 10}
WARM: Final = 10
_WAITS: Final = Path("/proc/thread-self/schedstat")
Costs = dict[str, tuple[float, float]]
"""Seconds on the clock and of the CPU, by name."""


class Written:
    """What a walk wrote: how many commits, and the new rows of each table."""

    def __init__(self, made: Workplace, file: Path) -> None:
        """Count from now on."""
        self.commits = 0
        self._file = file
        self._before = self._last_rows()
        made.store.crashpoint = self._count  # type: ignore[method-assign]

    def _count(self, name: str) -> None:
        self.commits += name.endswith(":after")

    def _last_rows(self) -> dict[str, int]:
        with sqlite3.connect(self._file) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: connection.execute(f"SELECT max(rowid) FROM {name}").fetchone()[0] or 0 for name in tables}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Give the rows that are new."""
        with sqlite3.connect(self._file) as connection:
            found = {
                name: connection.execute(f"SELECT * FROM {name} WHERE rowid > ?", (last,)).fetchall()
                for name, last in self._before.items()
            }
        return {name: rows for name, rows in found.items() if rows}


def bare(file: Path, rows: dict[str, list[tuple[Any, ...]]], commits: int) -> tuple[float, float]:
    """Insert rows with sqlite3 alone into tables like ours, in so many commits with synchronous=FULL."""
    remove(file)
    open_store(f"sqlite:///{file}").close()
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    inserts = {name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(some[0]))})" for name, some in rows.items()}

    def run() -> None:
        for number in range(commits):
            connection.execute("BEGIN IMMEDIATE")
            for name, some in rows.items():
                part = some[number * len(some) // commits : (number + 1) * len(some) // commits]
                connection.executemany(inserts[name], part)
            connection.execute("COMMIT")

    cost = timed(run)
    connection.close()
    return cost


def keep_least(least: Costs, name: str, cost: tuple[float, float]) -> None:
    """Keep the cheaper of what a thing took now and took before."""
    before = least.get(name, cost)
    least[name] = min(before[0], cost[0]), min(before[1], cost[1])


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds that it works or waits for the disk, and those of the CPU among them.

    What this thread waits for a core that others use is no cost of ours; Linux tells how long that was.
    """
    clock, cpu, queued = perf_counter(), process_time(), _queued()
    act()
    return perf_counter() - clock - (_queued() - queued), process_time() - cpu


def _queued() -> float:
    """Give the seconds for which this thread could have run so far, but had no core."""
    try:
        return int(_WAITS.read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:  # not Linux: there it counts as work
        return 0.0


def remove(file: Path) -> None:
    """Delete a store with all that lies beside it."""
    for each in file.parent.glob(f"{file.name}*"):
        if each.is_file():
            each.unlink()


def measure(folder: Path, orders: int, rounds: int) -> tuple[Costs, dict[str, int]]:
    """Give the least of all rounds, and how many commits each mode makes."""
    home = lay_out(folder / "home")
    warm = [interchange(900_000 + number) for number in range(WARM)]
    files = [interchange(1 + number) for number in range(orders)]
    least: Costs = {}
    commits: dict[str, int] = {}

    def keep(name: str, cost: tuple[float, float]) -> None:
        keep_least(least, name, cost)

    for _ in range(rounds):
        for mode, group in MODES.items():
            with place(home, IN_MEMORY, group) as made:
                walk(made, warm)
                keep(f"{mode} in memory", timed(lambda: walk(made, files)))
            store = folder / "whole.db"
            remove(store)
            with place(home, f"sqlite:///{store}", group) as made:
                walk(made, warm)
                written = Written(made, store)
                keep(f"{mode} durable", timed(lambda: walk(made, files)))
                must_be_whole(made, orders + WARM)
            commits[mode] = written.commits
            keep(f"{mode} bare", bare(folder / "bare.db", written.rows(), written.commits))
            remove(store)
            remove(folder / "bare.db")
    return least, commits


def main(folder: str, orders: str, rounds: str) -> None:
    """Measure, and print costs of one order as JSON."""
    least, commits = measure(Path(folder), int(orders), int(rounds))
    costs = {
        f"order {name}": {"seconds": cpu / int(orders), "clock": clock / int(orders)}
        for name, (clock, cpu) in least.items()
    }
    for mode, count in commits.items():
        costs[f"order {mode} durable"]["commits"] = count / int(orders)
    print(json.dumps(costs))


if __name__ == "__main__":
    main(*sys.argv[1:])
