"""What holds for any record, and for any walk of any number of people over the same rows."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edi_engine.errors import Outrun, Taken
from edi_engine.flow.records import CaseRecord, EventRecord
from edi_engine.orders.lifecycle import MOVES
from edi_engine.store.ledger import Store, open_store
from tests.fixtures.rows import NOON, a_case

pytestmark = pytest.mark.property

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda value: abs(value.adjusted()) < 500
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EARLY, LATE = (NOON.replace(year=year, tzinfo=None) for year in (2, 9998))
moments = st.datetimes(EARLY, LATE, timezones=zones)
cases = st.builds(
    CaseRecord,
    kind=words,
    severity=st.integers(-(2**63), 2**63 - 1),
    subject=words,
    cause=words,
    title=words,
    step=words,
    received_at=moments,
    at=moments,
    state=st.sampled_from(["RESOLVED", "DISMISSED"]),
    partner=st.none() | words,
    money_held=st.none() | amounts,
    deadline=st.none() | moments,
    epoch=st.integers(0, 2**31),
    **dict.fromkeys(["findings_json", "lines_json"], words),
)


def same(one: object, other: object) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one == other and (one.is_zero() or format(one.copy_abs(), "f") == format(other.copy_abs(), "f"))
    return one == other


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(case=cases)
def test_any_record_is_read_back_as_it_was(store: Store, case: CaseRecord) -> None:
    with store.ledger().unit("add") as unit:
        added = unit.cases.add(case)
    with store.ledger().reading() as view:
        read = view.cases.get(added.id)
        assert added in view.cases.select(subject=case.subject, at=case.at, partner=case.partner, after=added.id - 1)
    for field in fields(CaseRecord):
        assert same(getattr(read, field.name), getattr(added, field.name)), field.name
    assert read.at.tzinfo is UTC


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=5000))
def test_any_bytes_are_read_back_as_they_were(store: Store, data: bytes) -> None:
    with store.ledger().unit("put") as unit:
        sha256 = unit.blobs.put(data)
    with store.ledger().reading() as view:
        assert view.blobs.get(sha256) == data


@pytest.mark.fault("S4")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(hostile=st.text())
def test_any_text_at_all_can_be_stored_and_found_again(store: Store, hostile: str) -> None:
    with store.ledger().unit("add") as unit:
        added = unit.events.add(EventRecord(NOON, "x", hostile, "ann"))
        found = unit.events.select(subject=hostile, after=added.id - 1)
        assert [event.id for event in found] == [added.id]


class Desk(RuleBasedStateMachine):
    """Two people with their own, perhaps stale, view of some cases; a plain dict says what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        self.store = open_store("sqlite://")
        self.truth: dict[int, CaseRecord] = {}
        self.views: list[dict[int, CaseRecord]] = [{}, {}]

    @rule(cause=st.sampled_from("abc"))
    def open(self, cause: str) -> None:
        taken = any(case.cause == cause and case.state == "OPEN" for case in self.truth.values())
        try:
            with self.store.ledger().unit("open") as unit:
                added = unit.cases.add(a_case(cause=cause))
        except Taken:
            assert taken
        else:
            assert not taken
            self.truth[added.id] = added

    @precondition(lambda self: self.truth)
    @rule(who=st.integers(0, 1))
    def look(self, who: int) -> None:
        with self.store.ledger().reading() as view:
            self.views[who] = {case.id: case for case in view.cases.select()}

    @precondition(lambda self: any(self.views))
    @rule(data=st.data(), who=st.integers(0, 1), state=st.sampled_from(sorted(MOVES["case"])))
    def move(self, data: st.DataObject, who: int, state: str) -> None:
        if not self.views[who]:
            return
        mine = data.draw(st.sampled_from(sorted(self.views[who].values(), key=lambda case: case.id)))
        true = self.truth[mine.id]
        allowed = state == mine.state or state in MOVES["case"][mine.state]
        clash = state == "OPEN" and any(
            case.cause == mine.cause and case.state == "OPEN" and case.id != mine.id for case in self.truth.values()
        )
        try:
            with self.store.ledger().unit("move") as unit:
                changed = unit.cases.change(mine, state=state, resolved_by=str(who))
        except ValueError:
            assert not allowed
        except Outrun:
            assert allowed
            assert mine != true
        except Taken:
            assert allowed
            assert mine == true
            assert clash
        else:
            assert allowed
            assert mine == true
            assert not clash
            self.truth[mine.id] = replace(true, state=state, resolved_by=str(who), epoch=true.epoch + 1)
            assert changed == self.truth[mine.id]
            self.views[who][mine.id] = changed

    @invariant()
    def the_store_holds_the_truth(self) -> None:
        with self.store.ledger().reading() as view:
            assert {case.id: case for case in view.cases.select()} == self.truth

    def teardown(self) -> None:
        self.store.close()


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
