"""What all crash runs share: one line of figures at their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edi_engine.store import place

pytest.register_assert_rewrite("tests.crash.judge", "tests.crash.partner")

from tests.crash.day import Day  # noqa: E402 - what is asserted there is to be told, too
from tests.crash.judge import Judge  # noqa: E402 - the same

COUNTED = pytest.StashKey[Counter[str]]()
VERDICT = ("lost", "doubled", "compared", "equal")

Begin = Callable[..., Day]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTED] = Counter()


@pytest.fixture(autouse=True)
def read_at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test itself reads may take its time: not every machine has a core for it. Daemons are other processes."""
    monkeypatch.setitem(place._POSTGRES, "idle_in_transaction_session_timeout", "0")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Counter[str]:
    """Counts what was done, and what was lost and doubled; told in one line at the end."""
    return request.config.stash.setdefault(COUNTED, Counter())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where the tests are shared out among processes, hand what this one counted to the one that tells it."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["crash"] = dict(session.config.stash[COUNTED])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up what such a process has counted."""
    node.config.stash[COUNTED].update(getattr(node, "workeroutput", {}).get("crash", {}))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Tell the figures, last of all, however quiet pytest is asked to be."""
    counted = config.stash.get(COUNTED, Counter())
    if counted and not hasattr(config, "workeroutput"):
        print(told(counted))  # noqa: T201 - the one line that a crash run is made for


def told(counted: Counter[str]) -> str:
    """Say in one line what was done, and what came of it."""
    sums = ("files", "orders", "documents")
    points, kills = ({what: counted[what] for what in counted if what.startswith(word)} for word in ("points", "kills"))
    told_else = {*points, *kills, *sums, *VERDICT}
    others = {what: count for what, count in counted.items() if what not in told_else}
    return "; ".join(
        [
            f"crash: {_list(points)}; {sum(kills.values()):,} kills ({_list(kills).replace('kills ', '')})",
            *([_list(others)] if others else []),
            ", ".join(f"{counted[what]:,} {what}" for what in sums),
            f"{counted['lost']} lost, {counted['doubled']} doubled",
            f"partner's folder equal to an undisturbed run's in {counted['equal']} of {counted['compared']} runs",
        ]
    )


def _list(counted: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in sorted(counted.items()))


@pytest.fixture
def judge(figures: Counter[str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Judge:
    """Gives the verdict on a day."""
    base = tmp_path_factory.getbasetemp()
    return Judge(figures, base.parent if hasattr(request.config, "workerinput") else base)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Lay out a home: `begin(db)`, and a second one beside it: `begin(db, name="other", mailbox=day.mailbox)`."""
    begun: list[Day] = []

    def lay_out(db: str, name: str = "home", *rest: Any, **how: Any) -> Day:
        begun.append(Day(tmp_path / name, db, *rest, **how))
        return begun[-1]

    yield lay_out
    for day in begun:
        day.close()
