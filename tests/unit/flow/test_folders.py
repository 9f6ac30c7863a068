"""A mailbox with several folders and several partners: each file ends where it should, and nothing is left unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edi_engine.errors import TransportError
from edi_engine.flow.look import ALONE, NONE_ALONE
from tests.fixtures.exchange import ORDER, Exchange, order

HOUR = timedelta(hours=1)
STRANGER = ORDER.replace(b"08*6119290001     ", b"ZZ*NOBODY         ")


@pytest.fixture
def two(either: Exchange) -> Exchange:
    either.set_intake(folder="/a", more=("/b",), done_folder="/done")
    return either


def told(exchange: Exchange) -> list[str]:
    with exchange.office().ledger.reading() as unit:
        return [event.detail for event in unit.events.select(what=ALONE)]


# --- several folders --------------------------------------------------------------------------------------------------


def test_files_of_all_folders_are_taken_and_cleared(two: Exchange) -> None:
    two.box.drop("/a", "one.edi", order(1))
    two.box.drop("/b", "two.edi", order(2))
    assert two.take() == 2
    assert {one.name: (one.folder, one.cleared_at is not None) for one in two.files()} == {
        "one.edi": ("/a", True),
        "two.edi": ("/b", True),
    }
    assert two.box.files("/a") == two.box.files("/b") == {}
    assert two.box.files("/done") == {b"one.edi": order(1), b"two.edi": order(2)}


def test_one_name_in_two_folders_is_two_files(two: Exchange) -> None:
    two.box.drop("/a", "po.edi", order(1))
    two.box.drop("/b", "po.edi", order(2))
    assert two.take() == 2
    assert two.states() == {"po.edi": "STORED"}
    assert sorted(two.box.files("/done").values()) == [order(1), order(2)]


def test_a_file_that_waits_in_one_folder_is_not_missed_in_another(two: Exchange) -> None:
    two.set_intake(max_bytes=100)
    two.box.drop("/a", "po.edi", b"x" * 101)
    two.take()
    two.take()
    (seen,) = two.files()
    assert (seen.folder, seen.state) == ("/a", "SEEN")
    two.box.remove("/a", b"po.edi")
    two.box.drop("/b", "po.edi", b"x" * 102)
    two.take()
    assert [(one.folder, one.state) for one in two.files()] == [("/a", "GONE"), ("/b", "SEEN")]


def test_a_folder_that_cannot_be_listed_does_not_keep_the_others(two: Exchange) -> None:
    two.box.drop("/b", "two.edi", order(2))
    two.poll()
    two.box.fail("listing", TransportError("/a: no such file", code="transport.listing"))
    with pytest.raises(TransportError, match="/a: no such file"):
        two.poll()
    assert two.states() == {"two.edi": "STORED"}


def test_a_connection_that_breaks_ends_the_poll(two: Exchange) -> None:
    two.box.fail("listing", TransportError("gone", code="transport.connect"))
    with pytest.raises(TransportError, match="gone"):
        two.poll()
    assert [call for call in two.box.calls if call[0] == "listing"] == [("listing", "/a", b"")]


def test_what_stands_in_a_folder_that_is_read_no_more_is_done_with(two: Exchange) -> None:
    two.set_intake(max_bytes=len(order(1)))
    two.box.fail("rename", TransportError("denied", code="transport.postaction"), times=9)
    two.box.drop("/b", "stored.edi", order(1))
    two.box.drop("/b", "large.edi", order(2) + b"  ")
    two.take()
    assert two.states() == {"stored.edi": "STORED", "large.edi": "SEEN"}
    two.set_intake(more=())
    two.poll()
    assert two.states() == {"stored.edi": "STORED", "large.edi": "GONE"}
    assert all(one.cleared_at for one in two.files())
    assert two.kinds() == []
    assert set(two.box.files("/b")) == {b"stored.edi", b"large.edi"}


def test_a_file_of_an_older_program_stood_in_the_only_folder(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("po.edi", b"x" * 101)
    exchange.take()
    with exchange.office().ledger.unit("test") as unit:
        unit.files.change(exchange.files()[0], folder=None)
    exchange.box.remove(exchange.connection.intake.folder, b"po.edi")
    exchange.poll()
    assert [(one.folder, one.state) for one in exchange.files()] == [("/out", "GONE")]


def test_odd_names_are_one_case_for_each_folder(two: Exchange) -> None:
    for folder in ("/a", "/b"):
        two.box.drop(folder, "link.edi", special=True)
    two.poll()
    two.restart()
    two.poll()
    assert sorted(case.subject for case in two.cases()) == ["folder:bluebird-sftp:/a", "folder:bluebird-sftp:/b"]
    two.box.remove("/a", b"link.edi")
    two.poll()
    assert [case.subject for case in two.cases()] == ["folder:bluebird-sftp:/b"]


# --- what no pattern wants --------------------------------------------------------------------------------------------


@pytest.mark.fault("A4")
def test_entries_that_nobody_wants_are_told_once_they_have_stood_for_an_hour(exchange: Exchange) -> None:
    exchange.drop("order.txt")
    exchange.drop("upload.part")
    exchange.set_intake(match="*.edi")
    exchange.poll()
    exchange.poll(HOUR / 2)
    assert told(exchange) == []
    exchange.poll(HOUR / 2)
    exchange.poll(HOUR)
    assert told(exchange) == ["2 files in /out: order.txt, upload.part"]
    exchange.restart()
    exchange.poll()
    exchange.poll(HOUR)
    assert len(told(exchange)) == 1
    exchange.box.remove("/out", b"upload.part")
    exchange.poll()
    assert told(exchange)[1:] == ["1 file in /out: order.txt"]
    exchange.box.remove("/out", b"order.txt")
    exchange.poll()
    exchange.poll()
    assert told(exchange)[2:] == [NONE_ALONE]


def test_uploads_that_come_and_go_are_nothing_to_tell(exchange: Exchange) -> None:
    for number in range(5):
        exchange.drop(f"{number}.part")
        exchange.poll(HOUR / 2)
        exchange.box.remove("/out", b"%d.part" % number)
        exchange.poll(HOUR / 2)
    assert told(exchange) == []


def test_many_of_them_are_counted(exchange: Exchange) -> None:
    for number in range(25):
        exchange.drop(f"{number:02d}.tmp")
    exchange.poll()
    exchange.poll(HOUR)
    assert told(exchange)[0].startswith("25 files in /out: 00.tmp, 01.tmp")
    assert told(exchange)[0].endswith("19.tmp and 5 more")


# --- whose file -------------------------------------------------------------------------------------------------------


def test_a_file_of_one_partner_is_theirs_and_a_mixed_one_is_nobodys(exchange: Exchange) -> None:
    exchange.drop("theirs.edi", order(1) + order(2))
    exchange.drop("mixed.edi", order(3) + STRANGER)
    exchange.take()
    exchange.work()
    assert {one.name: one.partner for one in exchange.files()} == {"theirs.edi": "bluebird", "mixed.edi": None}
    with exchange.office().ledger.reading() as unit:
        assert [(one.partner, one.state) for one in unit.interchanges.select(direction="in")] == [
            ("bluebird", "DONE"),
            ("bluebird", "DONE"),
            ("bluebird", "DONE"),
            (None, "QUARANTINED"),
        ]
    (case,) = exchange.cases()
    assert (case.kind, case.partner) == ("envelope.unknown-partner", None)


def test_a_file_in_the_wrong_mailbox_counts_once_it_may(exchange: Exchange) -> None:
    from edi_engine.desk.retry import retry

    right = exchange.place.edition
    partner = replace(right.partners["bluebird"], connection="elsewhere")
    exchange.place.edition = replace(right, partners={**right.partners, "bluebird": partner})
    exchange.drop("a.edi")
    exchange.take()
    exchange.work()
    (case,) = exchange.cases()
    assert (case.kind, case.partner) == ("envelope.unknown-partner", None)
    assert "does not deliver by the connection bluebird-sftp" in case.title
    assert "put it into the mailbox elsewhere, or write `connection: bluebird-sftp`" in case.findings_json
    assert exchange.documents() == []
    exchange.place.edition = right
    retry(exchange.office(), case.id)
    exchange.work()
    assert exchange.cases() == []
    assert exchange.files()[0].partner == "bluebird"
    assert {one.kind for one in exchange.documents()} >= {"997", "855"}
