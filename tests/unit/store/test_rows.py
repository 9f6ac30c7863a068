from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from edi_engine.errors import Outrun, Taken
from edi_engine.flow.records import EditionRecord, EventRecord, OrderRecord
from edi_engine.store.ledger import Store
from tests.fixtures.rows import NOON, a_case, a_file, a_set


def test_what_is_added_is_read_back_whole(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        added = unit.files.add(a_file(name="Bestellung März ☃.edi", size=2**40, stored_at=NOON))
    assert added.id > 0
    with store.ledger().reading() as unit:
        assert unit.files.get(added.id) == added


def test_amounts_keep_their_digits_and_have_no_limit(store: Store) -> None:
    amounts = [Decimal(text) for text in ("0.10", "-3", "12345678901234567890.123456789012345678900", "1E+3", "0E-7")]
    with store.ledger().unit("add") as unit:
        ids = [unit.cases.add(a_case(cause=str(n), money_held=value)).id for n, value in enumerate(amounts)]
    with store.ledger().reading() as unit:
        found = [unit.cases.get(id_).money_held for id_ in ids]
    assert [format(value, "f") for value in found if value is not None] == [format(value, "f") for value in amounts]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(store: Store, text: str) -> None:
    with pytest.raises(Exception, match="no amount"), store.ledger().unit("add") as unit:
        unit.cases.add(a_case(money_held=Decimal(text)))


def test_moments_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    far = NOON.astimezone(timezone(timedelta(hours=-7)))
    with store.ledger().unit("add") as unit:
        added = unit.files.add(a_file(at=far))
    with store.ledger().reading() as unit:
        read = unit.files.get(added.id).at
    assert read == NOON
    assert read.utcoffset() == timedelta(0)
    assert read.microsecond == 123456


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="no time zone"), store.ledger().unit("add") as unit:
        unit.files.add(a_file(at=NOON.replace(tzinfo=None)))


def test_bytes_that_no_text_holds_are_shown_as_signs_and_found_again(store: Store) -> None:
    hostile = "A\0B\udce4"
    with store.ledger().unit("add") as unit:
        added = unit.files.add(a_file(partner=hostile))
        assert unit.files.get(added.id).partner == "A␀B�"
        assert unit.files.count(partner=hostile) == 1


def test_words_of_sql_are_only_words(store: Store) -> None:
    nasty = "x'); DROP TABLE received_file; --"
    with store.ledger().unit("add") as unit:
        unit.files.add(a_file(name=nasty))
        assert unit.files.count(name=nasty) == 1


def test_conditions_fit_by_value_by_any_of_several_and_by_emptiness(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        one = unit.files.add(a_file(partner="acme"))
        two = unit.files.add(a_file(partner="northwind"))
        none = unit.files.add(a_file())
        assert unit.files.select(partner="acme") == (one,)
        assert unit.files.select(partner=("acme", "northwind")) == (one, two)
        assert unit.files.select(partner=None) == (none,)
        assert unit.files.select(partner=("acme", None)) == (one, none)
        assert unit.files.select(partner=()) == ()
        assert unit.files.select(partner=(None,)) == (none,)
        assert unit.files.one(partner="northwind") == two
        assert unit.files.one(partner="nobody") is None
        assert unit.files.count() == 3
        assert unit.files.count(partner=("acme", "x"), connection="northwind") == 1


def test_results_come_in_the_order_of_ids_from_where_one_left_off(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        ids = [unit.files.add(a_file(name=str(n))).id for n in range(5)]
        assert [file.id for file in unit.files.select()] == ids
        assert [file.id for file in unit.files.select(after=ids[1], limit=2)] == ids[2:4]
        assert [file.id for file in unit.files.select(descending=True, limit=2)] == ids[:2:-1]


def test_a_condition_on_an_unknown_field_is_a_bug(store: Store) -> None:
    with store.ledger().reading() as unit, pytest.raises(TypeError, match="received_file has no field colour"):
        unit.files.select(colour="red")


def test_a_condition_on_an_amount_is_a_bug(store: Store) -> None:
    with store.ledger().reading() as unit, pytest.raises(TypeError, match="amount"):
        unit.cases.select(money_held=Decimal("0.1"))


def test_an_absent_row_is_a_key_error(store: Store) -> None:
    with store.ledger().reading() as unit, pytest.raises(KeyError, match="received_file 99"):
        unit.files.get(99)


def test_a_change_is_written_and_raises_the_epoch(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        seen = unit.files.add(a_file())
        changed = unit.files.change(seen, attempts=1)
        stored = unit.files.change(changed, state="STORED", sha256=unit.blobs.put(b"x"))
    assert (changed.epoch, stored.epoch) == (1, 2)
    with store.ledger().reading() as unit:
        assert unit.files.get(seen.id) == stored


def test_a_change_of_what_has_moved_on_changes_nothing(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        seen = unit.files.add(a_file())
        current = unit.files.change(seen, attempts=1)
        with pytest.raises(Outrun, match="changed by somebody else"):
            unit.files.change(seen, attempts=7)
        with pytest.raises(Outrun):
            unit.files.change(replace(current, state="STORED"), attempts=7)
        with pytest.raises(Outrun):
            unit.files.change(replace(current, id=current.id + 1), attempts=7)
        assert unit.files.get(seen.id) == current


def test_a_move_that_the_lifecycle_does_not_know_is_a_bug(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        seen = unit.files.add(a_file())
        with pytest.raises(ValueError, match="cannot go from SEEN to DONE"):
            unit.files.change(seen, state="DONE")
        with pytest.raises(ValueError, match="no state ASLEEP"):
            unit.files.add(a_file(state="ASLEEP"))


def test_the_epoch_and_the_id_are_the_stores_own(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        seen = unit.files.add(a_file())
        with pytest.raises(ValueError, match="own"):
            unit.files.change(seen, epoch=9)
        with pytest.raises(ValueError, match="stored already"):
            unit.files.add(seen)
        with pytest.raises(TypeError):
            unit.files.change(seen, colour="red")


def test_records_without_a_life_are_changed_by_id(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        event = unit.events.add(EventRecord(NOON, "file stored", "file:1", "ann"))
        unit.events.change(event, detail="first")
        unit.events.change(event, detail="second")
        assert unit.events.get(event.id).detail == "second"


def test_the_same_bytes_on_a_connection_are_original_once(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        sha256 = unit.blobs.put(b"x")
        first = unit.files.change(unit.files.add(a_file()), state="STORED", sha256=sha256)
        again = unit.files.add(a_file(name="b.edi"))
        with pytest.raises(Taken, match="received_file exists already"):
            unit.files.change(again, state="STORED", sha256=sha256)
        with pytest.raises(Taken):
            unit.files.add(a_file(state="STORED", sha256=sha256))
        duplicate = unit.files.change(again, state="DUPLICATE", sha256=sha256, arrival_of=first.id)
        third = unit.files.change(unit.files.add(a_file()), state="DUPLICATE", sha256=sha256, arrival_of=first.id)
        elsewhere = unit.files.change(unit.files.add(a_file(connection="acme")), state="STORED", sha256=sha256)
    with store.ledger().reading() as unit:
        assert unit.files.select(sha256=sha256) == (first, duplicate, third, elsewhere)


def test_after_taken_the_rest_of_the_commit_still_lands(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        before = unit.cases.add(a_case())
        with pytest.raises(Taken, match=r"subject order:7, cause order\.price"):
            unit.cases.add(a_case())
        after = unit.cases.add(a_case(cause="other"))
    with store.ledger().reading() as unit:
        assert unit.cases.select() == (before, after)


def test_a_subject_has_one_open_case_of_a_cause_and_any_number_of_closed_ones(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        first = unit.cases.change(unit.cases.add(a_case()), state="RESOLVED")
        second = unit.cases.change(unit.cases.add(a_case()), state="DISMISSED")
        third = unit.cases.add(a_case())
        with pytest.raises(Taken):
            unit.cases.change(first, state="OPEN")
        unit.cases.change(third, state="RESOLVED")
        assert unit.cases.change(second, state="OPEN").epoch == second.epoch + 1


def test_an_order_stands_once_for_partner_world_number_and_release(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        set_id = a_set(unit).id
        order = OrderRecord("acme", live=True, po_number="PO1", set_id=set_id, body_json="{}", at=NOON)
        unit.orders.add(order)
        with pytest.raises(Taken):
            unit.orders.add(order)
        for other in (
            replace(order, live=False),
            replace(order, partner="b"),
            replace(order, po_number="PO2"),
            replace(order, release="2"),
            replace(order, again=1),
        ):
            unit.orders.add(other)
        assert unit.orders.count(po_number="PO1") == 5


def test_a_row_without_its_cause_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.ledger().unit("add") as unit:
        unit.orders.add(OrderRecord("acme", live=True, po_number="PO1", set_id=12, body_json="{}", at=NOON))


def test_one_edition_is_in_force(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        first = unit.editions.add(EditionRecord(unit.blobs.put(b"1"), NOON, current=True))
        second = unit.editions.add(EditionRecord(unit.blobs.put(b"2"), NOON))
        with pytest.raises(Taken):
            unit.editions.change(second, current=True)
        unit.editions.change(first, current=False)
        unit.editions.change(second, current=True)
        assert unit.editions.select(current=True) == (replace(second, current=True),)


def test_a_view_for_reading_does_not_write(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        seen = unit.files.add(a_file())
    with store.ledger().reading() as unit:
        for act in (
            lambda: unit.files.add(a_file()),
            lambda: unit.files.change(seen, attempts=1),
            lambda: unit.blobs.put(b"x"),
            lambda: unit.numbers.take("a"),
            lambda: unit.numbers.link("a", 1, 1),
        ):
            with pytest.raises(RuntimeError, match="view for reading"):
                act()
