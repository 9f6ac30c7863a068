"""1,000 steps of the machine, always the same ones; EDI_MACHINE_STEPS asks for more, in runs that each differ.

EDI_MACHINE_SEED is the number of the first run. A run that fails names its number, and tells its steps as they were;
with EDI_MACHINE_SHRINK=1, hypothesis looks for a shorter story, which takes minutes.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import COUNTED, REACHED, Machine

STEPS = int(os.environ.get("EDI_MACHINE_STEPS", "1000"))
FIRST = int(os.environ.get("EDI_MACHINE_SEED", "1"))
SHRINK = bool(os.environ.get("EDI_MACHINE_SHRINK"))
EACH = 40
"""Steps of a day: then all must come to an end, and is judged."""
LEAST = {"uploads": 20, "faults": 40, "kills": 80, "orders": 40, "documents": 10}
"""In so many steps each must have been at least once, taken over all."""
POINTS = 15
"""Points at which it must have been killed at least."""


@pytest.mark.timeout(0)
def test_nothing_is_lost_or_doubled_whatever_happens() -> None:
    wanted = settings(
        max_examples=1000 // EACH + 2,  # a few of them are shorter
        stateful_step_count=EACH,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    number = FIRST
    while COUNTED["steps"] < STEPS:
        print(f"run {number}, after {COUNTED['steps']:,} steps", flush=True)  # noqa: T201 - told where it fails
        run_state_machine_as_test(seed(number)(Machine), settings=wanted)
        number += 1
    for name, least in LEAST.items():  # a machine that does nothing finds nothing
        assert COUNTED[name] * least >= STEPS, (name, COUNTED[name])
    assert len(REACHED) >= POINTS
