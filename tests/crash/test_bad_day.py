"""Kill the daemon, and the commands of people, at every crash point that only a bad day reaches.

The same day is lived through twice: once undisturbed, and once with SIGKILL at each point the first time that it is
reached. It must come out the same. Together with test_every_point.py this is every point that stands in the code.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from edi_engine import __file__ as package
from tests.crash.bad import SCENES, BadDay, what_became_of_it
from tests.crash.conftest import Begin
from tests.crash.day import CONNECTIONS, Day
from tests.crash.judge import Judge, audited

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600), pytest.mark.fault("H1", "G1", "G7")]

LIMITED = CONNECTIONS.replace('match: "*"', 'match: "*.edi", max_size: 1 MB')

ELSEWHERE = {"sqlite": {"settled:before", "settled:after"}, "postgresql": set[str]()}
"""Points that a database never reaches: SQLite has one writer, so that a seal need not wait for others to commit."""


@pytest.mark.fault("H1")
def test_killed_at_every_point_of_a_bad_day(
    begin: Begin, empty_url: str, tmp_path: Path, judge: Judge, figures: Counter[str]
) -> None:
    ordinary = judge.once("ordinary-points", lambda: ordinary_points(begin, tmp_path))
    wanted = judge.once("bad-day", lambda: lived_through(begin(f"sqlite:///{tmp_path / 'calm.db'}", "calm", LIMITED)))
    names = tmp_path / "killed"
    names.write_text("".join(f"{name}\n" for name in ordinary))
    day = begin(empty_url, connections=LIMITED)
    bad = BadDay(day, names)
    for scene in SCENES:
        scene(bad)
    killed = names.read_text().split()
    came = what_became_of_it(day)
    for what, undisturbed in wanted.items():
        assert came[what] == undisturbed, what
    audited(day, deep=True)
    assert points_in_the_code() - set(killed) == ELSEWHERE[day.kind]
    assert bad.kills == len(killed) - len(ordinary)
    figures[f"points on {day.kind}"] += bad.kills
    figures[f"kills at each point of a bad day on {day.kind}"] += bad.kills
    figures["files"] += len(came["files"])
    figures["orders"] += len(came["orders"])
    figures["documents"] += came["partner"].total()
    figures["compared"] += 1
    figures["equal"] += 1


def ordinary_points(begin: Begin, tmp_path: Path) -> list[str]:
    """Give the points at which test_every_point.py kills."""
    scout = begin(f"sqlite:///{tmp_path / 'scout.db'}", "scout")
    scout.drop(1)
    scout.drop(2, held=True)
    return scout.points()


def lived_through(day: Day) -> dict[str, object]:
    bad = BadDay(day, None)
    for scene in SCENES:
        scene(bad)
    assert bad.kills == 0
    return {what: dict(came) if isinstance(came, Counter) else came for what, came in what_became_of_it(day).items()}


def points_in_the_code() -> set[str]:
    """Give the name of every crash point: before and after each commit, and those that stand for themselves."""
    found: set[str] = set()
    for path in Path(package).parent.rglob("*.py"):
        text = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
        for name in re.findall(r"\b(?:unit|_?writing)\(\s*\"([a-z]+(?:\.[a-z-]+)?)\"\s*\)", text):
            found |= {f"{name}:before", f"{name}:after"}
        found |= set(re.findall(r"crashpoint\(\"([a-z.:-]+)\"\)", text))
    return found
