"""Steps of several things in one commit: what goes together, and what happens where one of them cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from edi_engine.app.grouping import HEAVY, Step, in_groups
from edi_engine.app.hand import Hand
from edi_engine.app.workplace import Workplace
from edi_engine.errors import Outrun, TransportError
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from tests.fixtures.walks import shop


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with shop(tmp_path, date(2026, 11, 22)) as opened_shop:
        yield opened_shop.place


@dataclass(frozen=True)
class Thing:
    id: int
    weight: int = 1
    breaks: type[Exception] | None = None


class Ledger:
    """The store's ledger, which notes its commits."""

    def __init__(self, office: Office) -> None:
        self.commits: list[str] = []
        self._ledger = office.ledger

    def unit(self, name: str) -> AbstractContextManager[Unit]:
        self.commits.append(name)
        return self._ledger.unit(name)

    def reading(self) -> AbstractContextManager[Unit]:
        return self._ledger.reading()

    def crashpoint(self, name: str) -> None:
        self._ledger.crashpoint(name)


def act(office: Office, thing: Thing) -> bool:
    with office.ledger.reading() as unit:
        seen = unit.events.count(subject=f"thing:{thing.id}")
    with office.ledger.unit(f"step {thing.id}") as unit:
        office.note(unit, "stepped", f"thing:{thing.id}", f"{seen}")
        if thing.breaks is not None:
            raise thing.breaks
    return True


def alone(office: Office, thing: Thing) -> bool:
    try:
        return act(office, thing)
    except (ZeroDivisionError, Outrun):
        return False


STEP: Step[Thing] = Step("together", lambda thing: f"thing:{thing.id}", lambda thing: thing.weight, act, alone)


def stepped(place: Workplace) -> list[str]:
    with place.office().ledger.reading() as unit:
        return [event.subject for event in unit.events.select(what="stepped")]


def run(place: Workplace, *things: Thing, office: Office | None = None) -> tuple[int, list[str]]:
    around = office or place.office()
    ledger = Ledger(around)
    return in_groups(replace(around, ledger=ledger), STEP, things), ledger.commits


def test_ten_share_a_commit_and_one_has_its_own(place: Workplace) -> None:
    assert run(place, *map(Thing, range(1, 22))) == (21, ["together", "together", "step 21"])
    assert stepped(place) == [f"thing:{number}" for number in range(1, 22)]


def test_what_is_heavy_goes_by_itself(place: Workplace) -> None:
    things = Thing(1), Thing(2), Thing(3, HEAVY), Thing(4, HEAVY + 1), Thing(5), Thing(6)
    assert run(place, *things) == (6, ["together", "step 3", "step 4", "together"])


@pytest.mark.parametrize("error", [ZeroDivisionError, Outrun])
def test_where_one_cannot_be_done_only_that_one_is_left(place: Workplace, error: type[Exception]) -> None:
    moved, commits = run(place, Thing(1), Thing(2, breaks=error), Thing(3))
    assert (moved, commits) == (2, ["together", "step 1", "step 2", "step 3"])
    assert stepped(place) == ["thing:1", "thing:3"]


def test_trouble_of_the_store_is_told_and_leaves_nothing(place: Workplace) -> None:
    with pytest.raises(TransportError):
        run(place, Thing(1), Thing(2, breaks=type("Busy", (TransportError,), {"__init__": lambda _self: None})))
    assert stepped(place) == []


def test_an_end_is_heeded_within_a_group_and_what_was_done_is_kept(place: Workplace) -> None:
    asked: list[None] = []
    office = replace(place.office(), stopping=lambda: asked.append(None) or len(asked) > 3)
    assert run(place, *map(Thing, range(1, 9)), office=office) == (2, ["together"])
    assert stepped(place) == ["thing:1", "thing:2"]


def test_what_ended_the_program_is_not_done_together_again(place: Workplace, tmp_path: Path) -> None:
    hand = Hand(tmp_path / "working")
    (tmp_path / "working").mkdir()
    (tmp_path / "working" / "thing-2").write_bytes(b"1")
    office = replace(place.office(), in_hand=hand.on, left_in_hand=hand.left)
    assert run(place, Thing(1), Thing(2), office=office) == (2, ["step 1", "step 2"])
