"""Where the CPU time of an order goes: the check of what comes, maps, rules, the proof of what goes out, the store.

`python -m bench.parts FOLDER ORDERS ROUNDS` prints CPU seconds of one order in a store in memory, the cheapest round.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

from bench.shop import IN_MEMORY, interchange, lay_out, place, walk
from edi_engine.flow import acknowledging, answer, book, decide, judge
from edi_engine.store import ledger, rows
from edi_engine.store.blobs import Blobs
from edi_engine.store.numbers import Numbers

PARTS: Final = ("check", "read", "rules", "write", "proof", "store", "whole")
_STEPS: Final = (
    ("check", judge, "check_set"),
    ("read", book, "read_order"),
    ("rules", decide, "judge_value"),
    ("write", answer, "write"),
    ("proof", answer, "proof"),
    ("proof", acknowledging, "proof"),
    *(
        ("store", rows.Rows, name)
        for name in ("add", "add_all", "add_later", "_select", "count", "change", "change_all")
    ),
    *(("store", Blobs, name) for name in ("put", "get")),
    *(("store", Numbers, name) for name in ("take", "link")),
    ("store", ledger.Store, "_prove"),
    ("store", ledger, "_commit"),
)
"""What is measured: the part, and the function as its caller knows it."""


class Meter:
    """Counts CPU seconds by part; what is measured within another part counts for the inner one."""

    def __init__(self) -> None:
        """Begin to count."""
        self.spent = dict.fromkeys(PARTS, 0.0)
        self._inner: list[float] = []

    def around(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """Give the same function, counted."""

        def counted(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - any function
            begun = process_time()
            self._inner.append(0.0)
            try:
                return act(*words, **named)
            finally:
                took = process_time() - begun
                self.spent[part] += took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        return counted


def measure(folder: Path, orders: int) -> dict[str, float]:
    """Measure once; give CPU seconds of one order by part."""
    home, meter = lay_out(folder / "home"), Meter()
    plain = [(where, name, getattr(where, name)) for _, where, name in _STEPS]
    with place(home, IN_MEMORY) as made:
        walk(made, [interchange(900_000 + number) for number in range(5)])
        files = [interchange(1 + number) for number in range(orders)]
        for part, where, name in _STEPS:
            setattr(where, name, meter.around(part, getattr(where, name)))
        begun = process_time()
        walk(made, files)
        meter.spent["whole"] = process_time() - begun
        for where, name, act in plain:
            setattr(where, name, act)
    return {part: spent / orders for part, spent in meter.spent.items()}


def main(folder: str, orders: str, rounds: str) -> None:
    """Measure, and print the cheapest round as JSON."""
    measured = [measure(Path(folder), int(orders)) for _ in range(int(rounds))]
    least = min(measured, key=lambda one: one["whole"])
    print(json.dumps({f"order: {part}": {"seconds": spent} for part, spent in least.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
