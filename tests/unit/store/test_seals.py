"""The history shows it when somebody has changed it: by seals that rest on each other (S14)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from edi_engine.flow.records import EventRecord
from edi_engine.store import seals
from edi_engine.store.audit import audit
from edi_engine.store.ledger import Store
from edi_engine.store.seals import NOTHING, Seal, canonical, hashed, newest, seal
from tests.fixtures.rows import NOON

pytestmark = pytest.mark.fault("S14")


def happened(store: Store, *details: str) -> None:
    with store.ledger().unit("happened") as unit:
        for detail in details:
            unit.events.add(EventRecord(NOON, "case resolved", "case:1", "ann", detail))


def sealed(store: Store) -> list[Seal]:
    return list(seal(store, NOON + timedelta(hours=1)))


def tampered(store: Store, statement: str) -> None:
    with store.writing("tampered") as connection:
        connection.execute(text(statement))


def told(store: Store, **how: str) -> list[str]:
    return [finding.message for finding in audit(store, **how) if finding.code == "system.audit.v9"]


@pytest.fixture
def history(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Nine events in three seals: 1 to 4, 5 to 8, and 9 of later."""
    monkeypatch.setattr(seals, "MOST", 4)
    happened(store, *"abcdefgh")
    assert [(one.id, one.through, one.events) for one in sealed(store)] == [(1, 4, 4), (2, 8, 4)]
    happened(store, "i")
    assert [(one.id, one.through, one.events) for one in sealed(store)] == [(3, 9, 1)]
    assert sealed(store) == []
    assert told(store) == []
    return store


def test_nothing_is_sealed_of_an_empty_history(store: Store) -> None:
    assert sealed(store) == []
    with store.looking() as connection:
        assert newest(connection) is None
    assert audit(store) == ()


TAMPERING = {
    "a row changed": ("UPDATE event SET who = 'bob' WHERE id = 6", 2, "was changed"),
    "a moment changed": ("UPDATE event SET at = (SELECT max(at) FROM seal) WHERE id = 1", 1, "was changed"),
    "a word more": ("UPDATE event SET partner = 'bluebird' WHERE id = 9", 3, "was changed"),
    "a row removed": ("DELETE FROM event WHERE id = 5", 2, "3 are there, and 4 were"),
    "the first removed": ("DELETE FROM event WHERE id = 1", 1, "3 are there, and 4 were"),
    "the last removed": ("DELETE FROM event WHERE id = 9", 3, "0 are there, and 1 were"),
    "a row put before": (
        "INSERT INTO event (id, at, what, subject, who, detail) SELECT -3, at, '', '', who, '' FROM event WHERE id = 2",
        1,
        "5 are there, and 4 were",
    ),
    "a row replaced by another": ("UPDATE event SET id = -1 WHERE id = 7", 1, "5 are there"),
    "a seal moved": ("UPDATE seal SET through = 3 WHERE id = 1", 1, "3 are there"),
    "a seal dated back": ("UPDATE seal SET at = (SELECT min(at) FROM event) WHERE id = 3", 3, "was changed"),
    "a seal miscounted": ("UPDATE seal SET events = 5 WHERE id = 2", 2, "4 are there, and 5 were"),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_the_first_seal_that_does_not_fit_is_named(history: Store, how: str) -> None:
    statement, number, what = TAMPERING[how]
    tampered(history, statement)
    first = told(history)[0]
    assert first.startswith(f"the history is not what seal {number} of 2025-03-04 1")
    assert what in first


def test_rows_that_change_places_are_told(history: Store) -> None:
    for statement in ("SET id = 99 WHERE id = 2", "SET id = 2 WHERE id = 3", "SET id = 3 WHERE id = 99"):
        tampered(history, f"UPDATE event {statement}")
    assert len(told(history)) == 1


def test_a_row_may_not_come_in_between(store: Store) -> None:
    """Numbers that were never stored are between events: whoever uses one later is told."""
    happened(store, "a", "b")
    tampered(store, "DELETE FROM event WHERE id = 1")  # as a commit that was taken back leaves a gap
    sealed(store)
    assert told(store) == []
    tampered(
        store, "INSERT INTO event (id, at, what, subject, who, detail) SELECT 1, at, what, subject, who, '' FROM event"
    )
    assert "2 are there, and 1 were" in told(store)[0]


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_seal_is_named_and_the_others_still_hold(history: Store, number: int) -> None:
    tampered(history, f"DELETE FROM seal WHERE id = {number}")
    assert told(history) == [f"the seal {number} of the history is missing, so what it closed may have been changed."]


def test_all_seals_written_anew_are_told_by_the_one_that_was_kept(history: Store) -> None:
    with history.looking() as connection:
        kept = newest(connection)
    assert kept is not None
    assert told(history, kept=kept.sha256) == []
    happened(history, "j")
    sealed(history)
    assert told(history, kept=kept.sha256) == [], "an older seal is one of the history for ever"
    tampered(history, "UPDATE event SET who = 'bob' WHERE id = 2")
    tampered(history, "DELETE FROM seal")
    sealed(history)
    assert told(history) == [], "the store alone cannot know it"
    assert told(history, kept=kept.sha256) == [
        f"the history has no seal {kept.sha256}: it was written anew, or taken back."
    ]


def test_two_programs_seal_as_one(history: Store) -> None:
    happened(history, "j")
    first, second = seal(history, NOON), seal(history, NOON)
    assert [one.id for one in first] == [4]
    assert list(second) == []
    assert told(history) == []


def test_the_canonical_text_never_changes() -> None:
    """Seals of years ago rest on it."""
    event = EventRecord(NOON, "case resolved", "case:1", 'ann "x"\n', "ü\x00", 7, None, "ab", id=5)
    line = (
        '[5,"2025-03-04T12:00:00.123456+00:00","case resolved","case:1","ann \\"x\\"\\n","\\u00fc\\u0000",7,null,"ab"]'
    )
    assert canonical(event) == line
    end = '[1,"2025-03-04T12:00:00.000000+00:00",5,1]'
    whole = f"{NOTHING}\n{line}\n{end}\n".encode("ascii")
    at = NOON.replace(microsecond=0)
    assert hashed(NOTHING, [event], 1, at, 5) == hashlib.sha256(whole).hexdigest()
    assert hashed(NOTHING, [replace(event, order_id=None)], 1, at, 5) != hashlib.sha256(whole).hexdigest()
