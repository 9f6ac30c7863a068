"""The gauge sees what grows, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.soak.gauge import FEWEST, Gauge, Look, growth, look


def lives(*values: tuple[int, int, int]) -> list[Look]:
    return [Look(*value) for value in values]


OPENING = """
import sys, threading
print("begun", flush=True)
input()
file = open(sys.argv[1], "wb")
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("opened", flush=True)
input()
"""


def test_looks_at_a_process(tmp_path: Path) -> None:
    """At one of its own, for who knows what the process of the tests opens and closes."""
    store = (tmp_path / "store.db").resolve()
    with subprocess.Popen(
        [sys.executable, "-IS", "-c", OPENING, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as opening:
        assert opening.stdin is not None
        assert opening.stdout is not None
        assert opening.stdout.readline() == "begun\n"
        before = look(opening.pid, store)
        opening.stdin.write("\n")
        opening.stdin.flush()
        assert opening.stdout.readline() == "opened\n"
        during = look(opening.pid, store)
    assert before is not None
    assert during is not None
    assert during.descriptors == before.descriptors + 1
    assert (before.threads, during.threads) == (1, 2)
    assert during.memory > 1000
    assert (before.connections, during.connections) == (0, 1)
    assert look(opening.pid) is None


def test_a_gauge_ends_with_its_process() -> None:
    gauge = Gauge(2**22 + 1, every=0.01)
    gauge.start()
    gauge.join(10)
    assert not gauge.is_alive()
    assert gauge.looks == []


def test_what_stays_the_same_is_no_growth() -> None:
    up_and_down = lives(*((60_000 + 2_000 * (number % 2), 12 + number % 2, 30 + number % 3) for number in range(40)))
    found = growth(up_and_down)
    assert found is not None
    assert found.faults() == []


def test_what_grows_is_told() -> None:
    found = growth(lives(*((60_000 + 300 * number, 12 + number // 3, 30 + number) for number in range(40))))
    assert found is not None
    assert [fault.split()[0] for fault in found.faults()] == ["memory", "threads", "descriptors"]


def test_a_short_life_says_nothing() -> None:
    assert growth(lives((1, 1, 1)) * (FEWEST - 1)) is None


def test_pages_of_the_store_are_no_growth() -> None:
    pages = [Look(60_000 + 400 * number, 12, 30, 8) for number in range(40)]
    found = growth(pages)
    assert found is not None
    assert found.faults() == []
