"""Many records of a kind at once: written together, and seen by all who ask before they are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from edi_engine.errors import Outrun, Taken
from edi_engine.flow.records import (
    CartonRecord,
    DocumentRecord,
    EventRecord,
    LineRecord,
    OrderRecord,
    ShipmentRecord,
)
from edi_engine.store.ledger import Store
from tests.fixtures.rows import NOON, a_document, a_group, an_order


def a_line(order: OrderRecord, position: int) -> LineRecord:
    return LineRecord(order.id, position, ordered=Decimal("0.10") * position, item="GL\0-1200")


@pytest.mark.parametrize("count", [1, 3, 40])
def test_many_are_read_back_whole_in_their_order(store: Store, count: int) -> None:
    with store.ledger().unit("add") as unit:
        order = an_order(unit)
        lines = [a_line(order, position) for position in range(1, count + 1)]
        unit.lines.add_all(lines[: count // 2])
        unit.lines.add_all(lines[count // 2 :])
        unit.events.add_all(EventRecord(NOON, "counted", "order:1", "ann", f"{n}") for n in range(count))
    with store.ledger().reading() as unit:
        read = unit.lines.select(order_id=order.id)
        assert [replace(line, id=0) for line in read] == [replace(line, item="GL␀-1200") for line in lines]
        assert [event.detail for event in unit.events.select()] == [f"{n}" for n in range(count)]
        assert unit.events.get(read[0].id).at == NOON


def test_what_waits_is_seen_in_the_same_commit_and_by_a_view_within_it(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        order = an_order(unit)
        unit.lines.add_all([a_line(order, 1), a_line(order, 2)])
        assert unit.lines.count(order_id=order.id) == 2
        unit.lines.add_all([a_line(order, 3)])
        with store.ledger().reading() as view:
            assert [line.position for line in view.lines.select()] == [1, 2, 3]
        unit.lines.add_all([a_line(order, 4)])
        fifth = unit.lines.add(a_line(order, 5))
        assert [line.position for line in unit.lines.select(after=0)] == [1, 2, 3, 4, 5]
        assert unit.lines.get(fifth.id).position == 5


@pytest.mark.parametrize("count", [1, 40])
def test_what_exists_already_spoils_the_whole_commit(store: Store, count: int) -> None:
    with store.ledger().unit("add") as unit:
        order = an_order(unit)
        unit.lines.add(a_line(order, count))

    def add_again() -> None:
        with store.ledger().unit("again") as unit:
            unit.events.add(EventRecord(NOON, "again", "order:1", "ann"))
            unit.lines.add_all(a_line(order, position) for position in range(1, count + 1))

    with pytest.raises(Taken, match="order_line"):
        add_again()
    with store.ledger().reading() as unit:
        assert unit.lines.count() == 1
        assert unit.events.count() == 0


def test_what_waits_for_a_commit_that_fails_is_gone(store: Store) -> None:
    with suppress(ZeroDivisionError), store.ledger().unit("fails") as unit:
        unit.events.add_all([EventRecord(NOON, "never", "order:1", "ann")])
        unit.numbers.take("a")
        raise ZeroDivisionError
    with store.ledger().unit("next") as unit:
        assert unit.events.count() == 0
        assert unit.numbers.take("a") == 1


def test_a_view_takes_nothing_in(store: Store) -> None:
    with store.ledger().reading() as unit, pytest.raises(RuntimeError, match="view for reading"):
        unit.events.add_all([EventRecord(NOON, "never", "order:1", "ann")])


def test_many_change_each_in_its_own_way(store: Store) -> None:
    with store.ledger().unit("change") as unit:
        order = an_order(unit)
        unit.lines.add_all(a_line(order, position) for position in range(1, 6))
        lines = unit.lines.select()
        changed = unit.lines.change_all(
            [
                (line, {"state": "ANSWERED" if line.position < 5 else "CANCELLED", "accepted": line.ordered})
                for line in lines
            ]
        )
        assert [(line.state, line.epoch) for line in changed] == [("ANSWERED", 1)] * 4 + [("CANCELLED", 1)]
        assert unit.lines.select() == changed
        assert unit.lines.change_all([]) == ()


def test_one_that_moved_on_undoes_them_all(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        order = an_order(unit)
        unit.lines.add_all(a_line(order, position) for position in range(1, 6))
        lines = unit.lines.select()
        unit.lines.change(lines[3], value=Decimal(7))
    with pytest.raises(Outrun, match="one of 5 order_line"), store.ledger().unit("change") as unit:
        unit.lines.change_all([(line, {"state": "ANSWERED"}) for line in lines])
    with store.ledger().reading() as unit:
        assert {line.state for line in unit.lines.select()} == {"OPEN"}


def test_moves_that_the_lifecycle_does_not_know_are_a_bug_among_many_too(store: Store) -> None:
    with store.ledger().unit("change") as unit:
        order = an_order(unit)
        unit.lines.add_all(a_line(order, position) for position in range(1, 3))
        changes = [(line, {"state": "CLOSED"}) for line in unit.lines.select()]
        with pytest.raises(ValueError, match="cannot go from OPEN to CLOSED"):
            unit.lines.change_all(changes)


def test_numbers_of_one_commit_are_counted_on_and_linked(store: Store) -> None:
    with store.ledger().unit("take") as unit:
        document = a_document(unit)
        assert [unit.numbers.take("a") for _ in range(3)] == [1, 2, 3]
        for number in (1, 2, 3):
            unit.numbers.link("a", number, document.id)
        with pytest.raises(ValueError, match="another document"):
            unit.numbers.link("a", 2, document.id + 1)
        with pytest.raises(ValueError, match="never given out"):
            unit.numbers.link("a", 4, document.id)
    with store.ledger().unit("take") as unit:
        assert [(one.number, one.document_id) for one in unit.numbers.used("a")] == [
            (number, document.id) for number in (1, 2, 3)
        ]
        assert unit.numbers.take("a") == 4


def test_what_waits_has_its_id_and_others_may_refer_to_it(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        order = an_order(unit)
        shipment = unit.shipments.add_later(ShipmentRecord(order.id, "S1", "{}", NOON))
        unit.cartons.add_all([CartonRecord("006141410000000012", shipment.id)])
        document = DocumentRecord("856", "shipment:1", unit.blobs.put(b"ISA*"), 4, "acme", "856.edi", NOON)
        first = unit.documents.add_later(replace(document, shipment_id=shipment.id))
        second = unit.documents.add_later(replace(document, source="shipment:2"))
        assert second.id > first.id > 0
        assert unit.documents.select(source="shipment:3") == ()
        assert unit.documents.one(source="shipment:2") == second
        third = unit.documents.add_later(replace(document, source="shipment:3", shipment_id=shipment.id))
        sent = unit.documents.change(third, state="VOID")
        fourth = unit.documents.add(replace(document, source="shipment:4"))
        group = a_group(unit)
        fifth = unit.documents.add_later(replace(document, source="shipment:5"))
        unit.numbers.link("a", unit.numbers.take("a"), fifth.id)
        assert [one.document_id for one in unit.numbers.used("a")] == [fifth.id]
        unit.groups.change(group, document_id=fifth.id)
    with store.ledger().reading() as unit:
        assert unit.documents.select() == (first, second, sent, fourth, fifth)
        assert unit.shipments.get(shipment.id) == shipment
        assert unit.blobs.get(document.sha256) == b"ISA*"


def test_a_document_that_exists_already_spoils_the_commit(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        document = a_document(unit)

    def add_again() -> None:
        with store.ledger().unit("again") as unit:
            unit.documents.add_later(replace(document, id=0))

    with pytest.raises(Taken, match="document"):
        add_again()
    with store.ledger().reading() as unit:
        assert unit.documents.count() == 1


def test_words_that_no_text_holds_are_found_while_they_wait(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        unit.events.add_all([EventRecord(NOON, "came", "A\0B\udce4", "ann")])
        assert unit.events.count(subject="A␀B�") == 1
        unit.events.add_all([EventRecord(NOON, "came", "C", "ann", order_id=None)])
        assert unit.events.count(subject=("C", None), order_id=None) == 1
