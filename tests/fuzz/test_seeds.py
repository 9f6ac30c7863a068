"""What fuzzing found, ever after: each kept input through its target, within the limits; and each shape, small.

`known.txt` beside a target's seeds names those that still fail, with the reason: `NAME why`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz.measure import measure
from fuzz.targets import NAMES, load

SEEDS = Path(__file__).parent / "seeds"


def kept() -> Iterator[object]:
    for target in NAMES:
        known = SEEDS / f"{target}.known.txt"
        lines = known.read_text("utf-8").splitlines() if known.exists() else []
        reasons = dict(line.split(" ", 1) for line in lines)
        for path in sorted((SEEDS / target).glob("*")):
            marks = [pytest.mark.xfail(strict=True, reason=reasons[path.name])] if path.name in reasons else []
            yield pytest.param(target, path, id=f"{target}-{path.name}", marks=marks)


@pytest.mark.parametrize(("name", "path"), list(kept()))
def test_what_was_found_is_mended(name, path):
    run, data = load(name).run, path.read_bytes()
    faults = (measure(run, data).fault for _ in range(3))  # what is slow once was perhaps only disturbed
    assert next((fault for fault in faults if not fault.startswith("slow")), "slow each time") == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_shape_gets_out(name):
    target = load(name)
    for make in target.shapes.values():
        target.run(make(1 << 12))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_target_begins_with_is_taken(name):
    target = load(name)
    for number, data in enumerate(target.seeds()):
        if number % 10 == 0:
            target.run(data)


def test_a_limit_that_is_broken_is_told():
    assert "ValueError" in measure(lambda _: int("x"), b"").fault
    assert measure(lambda _: sum(range(200_000_000)), b"").fault.startswith("slow")
    assert measure(lambda _: b"a" * (200 << 20), b"").fault.startswith("memory")
    assert measure(lambda _: None, b"").fault == ""
