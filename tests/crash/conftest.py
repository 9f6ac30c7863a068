"""What all crash runs share: one line of figures at their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.crash.judge", "tests.crash.partner")

from tests.crash.day import Day  # noqa: E402 - what is asserted there is to be told, too

COUNTED = pytest.StashKey[Counter[str]]()

Begin = Callable[..., Day]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTED] = Counter()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Counter[str]:
    """Counts what was done, and what was lost and doubled; told in one line at the end."""
    return request.config.stash.setdefault(COUNTED, Counter())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counted = terminalreporter.config.stash.get(COUNTED, Counter())
    if counted:
        lost, doubled = counted.pop("lost", 0), counted.pop("doubled", 0)
        done = ", ".join(f"{count:,} {what}" for what, count in counted.items())
        terminalreporter.write_line(f"crash: {done}: {lost} lost, {doubled} doubled")


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Lay out a home: `begin(db)`, and a second one beside it: `begin(db, name="other", mailbox=day.mailbox)`."""
    begun: list[Day] = []

    def lay_out(db: str, name: str = "home", **how: Any) -> Day:
        begun.append(Day(tmp_path / name, db, **how))
        return begun[-1]

    yield lay_out
    for day in begun:
        day.close()
