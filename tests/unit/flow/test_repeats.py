"""What comes more than once: the same bytes, interchange or order, alone and mixed. Nothing is done twice."""

from __future__ import annotations

import pytest

from edi_engine.app.work import open_stored
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.desk.tending import snooze
from edi_engine.errors import UsageError
from edi_engine.flow.receive import receive
from edi_engine.flow.records import FileRecord
from edi_engine.flow.sender import TERMINAL
from tests.fixtures.trading import CANS, HOSE, Desk, interchange, order

MAILBOX = "bluebird-sftp"
FIRST = interchange(order("1"), control=1)
OTHER = interchange(order("1", CANS), control=1)
AGAIN = interchange(order("1"), control=2)


def comes(trade: Desk, data: bytes, name: str = "a.edi", connection: str = MAILBOX) -> FileRecord:
    """Let a file come by a connection, and do all that can be done."""
    office = trade.office()
    record = receive(office, connection, name.encode(), data)
    while open_stored(office, connection):
        pass
    trade.work()
    with office.ledger.reading() as unit:
        return unit.files.get(record.id)


def interchanges(trade: Desk) -> list[str]:
    with trade.office().ledger.reading() as unit:
        return [one.state for one in unit.interchanges.select(direction="in")]


def sets(trade: Desk) -> list[tuple[str, int | None]]:
    with trade.office().ledger.reading() as unit:
        return [(one.state, one.order_id) for one in unit.sets.select()]


def once(trade: Desk) -> None:
    """See that there is one order, answered once, and that nobody is bothered."""
    assert [(one.po_number, one.again) for one in trade.orders()] == [("1", 0)]
    assert len(trade.documents("855")) == 1
    assert len(trade.documents("erp-json")) == 1
    assert trade.cases() == []
    trade.sound()


@pytest.mark.fault("B10", "D6")
@pytest.mark.parametrize("name", ["a.edi", "b.edi"])
def test_the_same_bytes_are_linked_whatever_their_name(trade: Desk, name: str) -> None:
    first, second = comes(trade, FIRST), comes(trade, FIRST, name)
    assert (second.state, second.arrival_of) == ("DUPLICATE", first.id)
    assert interchanges(trade) == ["DONE"]
    assert len(trade.documents("997")) == 1
    once(trade)


@pytest.mark.fault("D6")
@pytest.mark.parametrize("ways", [(MAILBOX, TERMINAL), (TERMINAL, MAILBOX)])
def test_the_same_bytes_by_another_way_are_the_same_interchange(trade: Desk, ways: tuple[str, str]) -> None:
    """A file is known by its connection; what is in it, by its addresses and its number."""
    assert [comes(trade, FIRST, connection=way).state for way in ways] == ["DONE", "DONE"]
    assert interchanges(trade) == ["DONE", "DUPLICATE"]
    assert len(trade.documents("997")) == 1
    once(trade)


@pytest.mark.fault("D6", "D10")
def test_the_same_interchange_within_other_files(trade: Desk) -> None:
    comes(trade, FIRST)
    comes(trade, b"\r\n" + FIRST)
    comes(trade, FIRST + FIRST)
    comes(trade, AGAIN + FIRST)
    assert interchanges(trade) == ["DONE", "DUPLICATE", "DUPLICATE", "DUPLICATE", "DONE", "DUPLICATE"]
    assert sets(trade) == [("APPLIED", 1), ("APPLIED", 1)]
    assert len(trade.documents("997")) == 2
    once(trade)


@pytest.mark.fault("D7")
def test_a_used_number_with_other_content_is_put_aside(trade: Desk) -> None:
    comes(trade, FIRST)
    comes(trade, OTHER)
    comes(trade, OTHER, "again.edi")  # the very same conflict: one case is enough
    assert interchanges(trade) == ["DONE", "QUARANTINED"]
    assert trade.case().kind == "envelope.conflict"
    assert len(trade.orders()) == 1
    assert len(trade.documents("997")) == 1
    trade.sound()


def test_a_number_that_was_put_aside_is_not_used(trade: Desk) -> None:
    """What was quarantined never counted: the same number may come again, repaired."""
    comes(trade, FIRST.replace(b"IEA*1*", b"IEA*2*"))
    assert trade.case().kind == "envelope.count"
    comes(trade, FIRST)
    assert interchanges(trade) == ["QUARANTINED", "DONE"]
    with pytest.raises(UsageError, match="No retry changes the bytes"):
        retry(trade.office(), trade.case().id)
    assert len(trade.orders()) == 1
    trade.sound()


def test_what_was_put_aside_comes_again_and_its_case_is_opened_again(trade: Desk) -> None:
    stranger = interchange(order("1"), control=1, sender="ZZ/NOBODY")
    comes(trade, stranger)
    snooze(trade.office(), [trade.case().id], "2d", "asked them")
    resolve(trade.office(), trade.case().id, "dismiss")
    assert comes(trade, stranger, "b.edi").state == "DUPLICATE"
    again = trade.case()
    assert (again.state, again.resolution, again.snoozed_until, again.snoozed_why) == ("OPEN", None, None, None)
    assert interchanges(trade) == ["QUARANTINED"]
    trade.sound()


@pytest.mark.fault("D8", "F1")
def test_the_same_order_under_another_number_is_linked(trade: Desk) -> None:
    comes(trade, FIRST)
    comes(trade, AGAIN)
    assert interchanges(trade) == ["DONE", "DONE"]
    assert sets(trade) == [("APPLIED", 1), ("APPLIED", 1)]
    assert len(trade.documents("997")) == 2  # each group is acknowledged
    with trade.office().ledger.reading() as unit:
        told = unit.events.one(what="order repeated", subject="set:2")
    assert told is not None
    assert told.detail == "Order 1 came on 2026-11-22 already, the same in all; it is not booked again."
    once(trade)


@pytest.mark.fault("D8", "F1")
def test_how_it_lies_in_the_file_does_not_make_another_order(trade: Desk) -> None:
    comes(trade, FIRST)
    turned = interchange(order("1", head=["REF*ZZ*NOBODY READS THIS"]), control=2, end="~\r\n")
    comes(trade, turned.replace(b"*12.4*", b"*12.40*"))
    once(trade)


@pytest.mark.fault("F1")
def test_another_order_under_the_same_number_shows_what_differs(trade: Desk) -> None:
    comes(trade, FIRST)
    comes(trade, interchange(order("1", HOSE.replace("*12*", "*18*"), CANS, department="043"), control=2))
    case = trade.case()
    assert (case.kind, case.po_number, case.order_id) == ("order.duplicate", "1", 1)
    assert case.title == (
        "Order 1 came on 2026-11-22 already and is answered; this one differs: "
        "department: 043, was 042; stated_lines: 2, was 1; line 1 quantity: 18, was 12; "
        "line 2 is new: 24 EA of 100103."
    )
    assert sets(trade) == [("APPLIED", 1), ("HELD", None)]
    resolve(trade.office(), case.id, "keep-ours")
    assert sets(trade) == [("APPLIED", 1), ("APPLIED", 1)]
    once(trade)


def test_all_three_in_one_file(trade: Desk) -> None:
    comes(trade, FIRST)
    other_order = interchange(order("1", CANS), control=3)
    comes(trade, FIRST + OTHER + AGAIN + other_order + interchange(order("2"), control=4))
    assert interchanges(trade) == ["DONE", "DUPLICATE", "QUARANTINED", "DONE", "DONE", "DONE"]
    assert [one.po_number for one in trade.orders()] == ["1", "2"]
    assert sorted(case.kind for case in trade.cases()) == ["envelope.conflict", "order.duplicate"]
    trade.sound()


@pytest.mark.fault("F1")
def test_an_order_that_waits_unbooked_and_its_copy_become_one(trade: Desk) -> None:
    """Both break the guide; once the guide is relaxed, whichever is tried first is booked, and the other is linked."""
    comes(trade, interchange(order("1", department=None), control=1))
    comes(trade, interchange(order("1", department=None), control=2))
    assert trade.orders() == []
    first, second = trade.cases()
    trade.edit("partner.yaml", "    REF(DP): required ", "    # ")
    assert retry(trade.office(), second.id).case.state == "RESOLVED"
    assert retry(trade.office(), first.id).case.state == "RESOLVED"
    assert sets(trade) == [("APPLIED", 1), ("APPLIED", 1)]
    assert len(trade.orders()) == 1
    trade.sound()


@pytest.mark.parametrize("usage", ["T", "I"])
def test_a_test_order_under_a_live_number_is_no_copy(trade: Desk, usage: str) -> None:
    comes(trade, FIRST)
    comes(trade, interchange(order("1"), control=2, usage=usage))
    comes(trade, interchange(order("1"), control=3, usage=usage))
    assert [(one.live, one.state) for one in trade.orders()] == [(True, "ANSWERED"), (False, "ANSWERED")]
    assert sets(trade) == [("APPLIED", 1), ("APPLIED", 2), ("APPLIED", 2)]
    assert [one.live for one in trade.documents("erp-json")] == [True, False]
    assert [one.folder for one in trade.documents("erp-json")] == ["", "test"]
    trade.sound()
