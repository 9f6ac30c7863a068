"""What an order costs in a store that holds 1,000 orders, and in one that holds 10,000, by turns.

`python -m bench.history FOLDER FEW MANY ORDERS ROUNDS` prints both. The engine has done all of them. That takes long,
so both stores are kept in FOLDER and used again, until what is measured there has made them grow by a tenth.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import Final

from bench.shop import interchange, lay_out, must_be_whole, place, walk
from bench.whole import keep_least, remove, timed
from edi_engine.store.schema import VERSION

_AT_ONCE: Final = 100
"""Orders of one interchange, while the stores are filled."""


def filled(folder: Path, home: Path, few: int, many: int) -> tuple[Path, Path]:
    """Give a store of few orders and one of many."""
    young, old = folder / f"{few}-{VERSION}.db", folder / f"{many}-{VERSION}.db"
    if _holds(young, few) and _holds(old, many):
        return young, old
    remove(old)
    _fill(old, home, 0, few)
    remove(young)
    shutil.copy(old, young)
    _fill(old, home, few, many)
    return young, old


def _fill(store: Path, home: Path, before: int, orders: int) -> None:
    with place(home, f"sqlite:///{store}") as made:
        for first in range(before + 1, orders + 1, _AT_ONCE):
            walk(made, [interchange(first, min(_AT_ONCE, orders - first + 1))])
        must_be_whole(made, orders)


def _count(store: Path) -> int:
    with sqlite3.connect(store) as connection:
        return int(connection.execute("SELECT count(*) FROM purchase_order").fetchone()[0])


def _holds(store: Path, orders: int) -> bool:
    try:
        return orders <= _count(store) <= 1.1 * orders
    except sqlite3.OperationalError:  # it is not there, or not all of it
        return False


def main(folder: str, few: str, many: str, orders: str, rounds: str) -> None:
    """Measure, and print costs of one order as JSON."""
    at, count = Path(folder), int(orders)
    home, least = lay_out(at / "home"), dict[str, tuple[float, float]]()
    young, old = filled(at, home, int(few), int(many))
    with place(home, f"sqlite:///{young}") as first, place(home, f"sqlite:///{old}") as second:
        for turn in range(int(rounds) + 1):
            for name, made, store in (("young", first, young), ("old", second, old)):
                number = 1 + _count(store)
                files = [interchange(number + each) for each in range(count)]
                cost = timed(partial(walk, made, files))
                if turn:  # the first one only warms up
                    keep_least(least, f"store {name}", cost)
        costs = {name: {"seconds": cpu / count, "clock": clock / count} for name, (clock, cpu) in least.items()}
    print(json.dumps(costs))


if __name__ == "__main__":
    main(*sys.argv[1:])
