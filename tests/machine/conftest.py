"""One line of figures at the end of a run of the machine."""

from __future__ import annotations

from typing import Any

import pytest

pytest.register_assert_rewrite("tests.machine.judge")

from tests.machine.machine import COUNTED, REACHED  # noqa: E402 - what is asserted there is to be told, too

TOLD = ("uploads", "orders", "documents", "kills", "faults", "meanwhile", "decisions", "resends", "editions")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if COUNTED["steps"]:
        done = ", ".join(f"{COUNTED[name]:,} {name}" for name in TOLD)
        terminalreporter.write_line(f"machine: {COUNTED['steps']:,} steps, {done}; killed at {len(REACHED)} points")
