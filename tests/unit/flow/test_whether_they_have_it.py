"""A document that the partner speaks of before we know that they have it, or that was begun at another place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edi_engine.desk.reopen import reopen
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import open_case
from edi_engine.flow.deliver import deliver
from edi_engine.flow.documents import about_document
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.records import DocumentRecord
from edi_engine.partners.connection import SftpPlace
from tests.fixtures.exchange import Exchange
from tests.fixtures.handing import DOWN, PAUSE, break_off, by, content, later, now, post

# --- the partner's answer comes first ---------------------------------------------------------------------------------


def nobody_knows(exchange: Exchange) -> DocumentRecord:
    """An 855 of which nobody knows whether the partner has it."""
    by(exchange, "direct")
    exchange.drop("order.edi")
    exchange.take()
    exchange.work()
    first = exchange.documents(kind="855")[0]
    put = exchange.box.put

    def lost(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        if name != first.name:
            return put(folder, name, data, new=new)
        exchange.box.put = put
        raise DOWN

    exchange.box.put = lost
    exchange.send()
    later(exchange)
    assert exchange.kinds() == ["document.unknown-outcome"]
    return first


def test_an_answer_to_a_document_of_unknown_outcome_closes_it(exchange: Exchange) -> None:
    from tests.unit.flow.test_respond import arrives, fa, says

    first = nobody_knows(exchange)
    arrives(exchange, fa(says(first, "A")))
    assert exchange.documents(id=first.id)[0].state == "ACCEPTED"
    assert exchange.kinds() == []


def test_what_the_partner_says_they_have_was_handed_over(exchange: Exchange) -> None:
    from tests.unit.flow.test_respond import arrives, fa, says

    first = nobody_knows(exchange)
    resolve(exchange.office(), exchange.cases()[0].id, "dismiss", why="they have it")
    known = exchange.documents(id=first.id)[0]
    assert known.state == "CONFIRMED"
    assert known.sent_at == exchange.clock.now()
    assert exchange.sound()
    assert later(exchange) == 0
    arrives(exchange, fa(says(first, "A")))
    assert exchange.documents(id=first.id)[0].state == "ACCEPTED"
    assert exchange.kinds() == []


def test_what_else_waited_of_it_is_closed_by_what_a_person_said(exchange: Exchange) -> None:
    first = nobody_knows(exchange)
    (unknown,) = exchange.cases()
    standing = Finding("document.collision", Severity.HOLD, "Another file has its name.")
    with exchange.office().ledger.unit("test") as unit:
        other = open_case(exchange.office(), unit, about_document(first, "deliver"), [standing])
    resolve(exchange.office(), unknown.id, "dismiss", why="they have it")
    (closed,) = exchange.cases(id=other.id, state="RESOLVED")
    assert closed.resolution == "the partner has it, as a person says"
    assert exchange.kinds() == []


def test_what_the_partner_says_they_have_is_waited_for(exchange: Exchange) -> None:
    first = nobody_knows(exchange)
    (case,) = exchange.cases()
    resolve(exchange.office(), case.id, "dismiss", why="they have it")
    exchange.clock.move(timedelta(hours=25))
    fire_timers(exchange.office())
    assert f"document:{first.id}" in {one.subject for one in exchange.cases(kind="ack.overdue")}
    with pytest.raises(UsageError, match=rf"it was handed over; `edi outbox resend {first.id}` sends it once more"):
        reopen(exchange.office(), case.id)


# --- another server ---------------------------------------------------------------------------------------------------


def moved(exchange: Exchange) -> None:
    """The connection leads to another server, on which nothing of ours stands."""
    for name in list(exchange.box.files("/in")):
        exchange.box.remove("/in", name)
    assert exchange.connection.sftp is not None
    exchange.connection = replace(
        exchange.connection,
        sftp=replace(exchange.connection.sftp, host="new.example", host_keys=("SHA256:" + "B" * 43,)),
    )


def test_a_temporary_file_on_a_former_server_is_begun_anew(exchange: Exchange) -> None:
    post(exchange)
    exchange.box.fail("put", DOWN)
    exchange.send()
    assert now(exchange).place == exchange.connection.place
    moved(exchange)
    assert later(exchange) == 1
    assert exchange.delivered() == {"855_1.edi": content(1)}
    assert now(exchange).place == exchange.connection.place
    assert exchange.connection.place.startswith("greenline@new.example:22 SHA256:BBB")


@pytest.mark.parametrize("manner", ["rename", "direct", "done-file"])
def test_what_may_stand_on_a_former_server_is_for_a_person(exchange: Exchange, manner: str) -> None:
    by(exchange, manner)
    document = post(exchange)
    with exchange.office().ledger.unit("test") as unit:
        named = f"/in/{document.name}{'.part' if manner == 'rename' else ''}"
        begun = unit.documents.change(
            document, state="UPLOADING", temporary=named, place="greenline@sftp.bluebird.example:22"
        )
        unit.documents.change(begun, state="UPLOADED")
    moved(exchange)
    assert exchange.send().sent == 0
    (case,) = exchange.cases()
    assert case.kind == "document.unknown-outcome"
    assert "bluebird-sftp leads to greenline@new.example:22 now" in case.title
    assert exchange.delivered() == {}
    retry(exchange.office(), case.id)
    assert later(exchange) == 1
    assert exchange.delivered()["855_1.edi"] == content(1)


def test_what_was_sent_before_the_server_changed_is_not_looked_for(exchange: Exchange) -> None:
    document = post(exchange)
    with exchange.office().ledger.unit("test") as unit:
        for step in ("UPLOADING", "UPLOADED", "SENT"):
            document = unit.documents.change(
                document, state=step, temporary="/in/855_1.edi.part", place="greenline@sftp.bluebird.example:22"
            )
    moved(exchange)
    exchange.box.drop("/in", "855_1.edi", b"another one's")
    assert exchange.send().sent == 1
    assert exchange.kinds() == []


def test_a_place_is_the_account_or_the_folder(exchange: Exchange) -> None:
    local = replace(exchange.connection, sftp=None, folder="mailbox")
    assert local.place == "mailbox"
    assert local.leads_to("mailbox")
    assert not local.leads_to("elsewhere")
    at = replace(exchange.connection, sftp=SftpPlace("sftp.example.com", "us", "key", ("SHA256:A", "SHA256:B"), 2222))
    assert at.place == "us@sftp.example.com:2222 SHA256:A"
    assert at.leads_to("us@sftp.example.com:2222 SHA256:C")  # another key at the old address
    assert at.leads_to("us@old.example.com:22 SHA256:B")  # the old key at another address
    assert not at.leads_to("us@old.example.com:22 SHA256:C")
    assert not at.leads_to("mailbox")


def test_a_manner_that_changes_in_the_middle_leads_on_as_it_was_begun(exchange: Exchange) -> None:
    post(exchange)
    exchange.box.fail("rename", DOWN)
    exchange.send()
    assert now(exchange).state == "UPLOADED"
    by(exchange, "direct")
    assert later(exchange) == 1
    assert exchange.delivered() == {"855_1.edi": content(1)}
    office = exchange.office()
    post(exchange, 2)
    break_off(exchange, 10)
    exchange.send()
    by(exchange, "rename")
    exchange.clock.move(PAUSE)
    assert deliver(office, exchange.connection, exchange.box).sent == 1
    assert exchange.delivered()["855_2.edi"] == content(2)


@pytest.mark.fault("G4")
@pytest.mark.parametrize(
    ("begun", "now_by"), [("direct", "done-file"), ("direct", "rename"), ("done-file", "direct"), ("direct", "direct")]
)
def test_a_document_that_they_may_have_taken_is_not_written_again_however_they_take_files_now(
    either: Exchange, begun: str, now_by: str
) -> None:
    """The manner of its connection changed between two attempts."""
    by(either, begun)
    post(either)
    put = either.box.put

    def taken(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        put(folder, name, data, new=new)
        by(either, now_by)
        either.box.remove(folder, name.encode())
        raise DOWN

    either.box.put = taken
    either.send()
    either.box.put = put
    assert later(either) == 0
    assert either.delivered() == {}
    assert either.kinds() == ["document.unknown-outcome"]
