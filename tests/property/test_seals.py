"""The hash of a seal tells any two histories apart."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from edi_engine.flow.records import EventRecord
from edi_engine.store.seals import NOTHING, canonical, hashed

MOMENTS = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(max_size=20) | st.sampled_from(['","', "\n", "null", "]\n["])
EVENTS = st.builds(
    EventRecord,
    at=MOMENTS,
    what=TEXTS,
    subject=TEXTS,
    who=TEXTS,
    detail=TEXTS,
    order_id=st.none() | NUMBERS,
    partner=st.none() | TEXTS,
    edition=st.none() | TEXTS,
    id=NUMBERS,
)
HISTORIES = st.lists(EVENTS, max_size=6)
AT = datetime(2025, 3, 4, tzinfo=UTC)


def of(events: list[EventRecord], previous: str = NOTHING, number: int = 1, through: int = 9) -> str:
    return hashed(previous, events, number, AT, through)


@given(HISTORIES, HISTORIES)
def test_another_history_has_another_hash(one: list[EventRecord], other: list[EventRecord]) -> None:
    assert (of(one) == of(other)) == (one == other)


@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
def test_each_field_of_each_row_counts(events: list[EventRecord], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(EventRecord)]))
    donor: Any = data.draw(EVENTS)
    changed = replace(events[place], **{name: getattr(donor, name)})
    assume(changed != events[place])
    assert canonical(changed) != canonical(events[place])
    assert of([*events[:place], changed, *events[place + 1 :]]) != of(events)


@given(HISTORIES)
def test_the_same_rows_behind_another_seal_or_in_another_place_are_another_history(events: list[EventRecord]) -> None:
    hashes = {of(events), of(events, previous="1" * 64), of(events, number=2), of(events, through=10)}
    assert len(hashes) == 4


@given(EVENTS)
def test_an_event_is_one_line_of_ascii(event: EventRecord) -> None:
    line = canonical(event)
    assert line.isascii()
    assert "\n" not in line
