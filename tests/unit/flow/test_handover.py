"""Handing over without a temporary name (`direct`, `done-file`), and at a place that is another by now (FAILURES G)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edi_engine.desk.reopen import reopen
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.errors import TransportError, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import open_case
from edi_engine.flow.deliver import deliver
from edi_engine.flow.documents import about_document
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.records import DocumentRecord
from edi_engine.partners.connection import SftpPlace
from tests.fixtures.exchange import NOW, PARTNER, Exchange

DOWN = TransportError("connection refused", code="transport.connect")
DENIED = TransportError("permission denied", code="document.deliver")
PAUSE = timedelta(minutes=15)
BOTH = pytest.mark.parametrize("manner", ["direct", "done-file"])


class Killed(BaseException):
    """The process is gone."""


def content(number: int) -> bytes:
    return b"ISA*%03d*%s~" % (number, b"x" * 20)


def by(exchange: Exchange, manner: str, **more: Any) -> None:
    exchange.connection = replace(
        exchange.connection, delivery=replace(exchange.connection.delivery, deliver=manner, **more)
    )


def post(exchange: Exchange, number: int = 1, **more: Any) -> DocumentRecord:
    with exchange.office().ledger.unit("test") as unit:
        data = content(number)
        return unit.documents.add(
            DocumentRecord(
                "855",
                f"order:{number}",
                unit.blobs.put(data),
                len(data),
                "bluebird-sftp",
                f"855_{number}.edi",
                NOW,
                PARTNER,
                **more,
            )
        )


def now(exchange: Exchange) -> DocumentRecord:
    return exchange.documents(id=1)[0]


def later(exchange: Exchange) -> int:
    exchange.clock.move(PAUSE)
    return exchange.send().sent


def break_off(exchange: Exchange, after: int | None) -> None:
    """Let the next write end after so many bytes (None: before the first), without an answer."""
    put = exchange.box.put

    def half(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        exchange.box.put = put
        if after is not None:
            put(folder, name, data[:after], new=new)
        raise DOWN

    exchange.box.put = half


def wrote(exchange: Exchange) -> list[bytes]:
    return [name for method, _, name in exchange.box.calls if method == "put"]


# --- the usual way ----------------------------------------------------------------------------------------------------


def test_direct_writes_once_under_the_final_name(either: Exchange) -> None:
    by(either, "direct")
    post(either)
    assert either.send().sent == 1
    assert either.delivered() == {"855_1.edi": content(1)}
    assert wrote(either) == [b"855_1.edi"]
    assert (now(either).state, now(either).sent_at) == ("CONFIRMED", NOW)
    assert not [call for call in either.box.calls if call[0] == "rename"]


@pytest.mark.parametrize("suffix", [".done", ".ok"])
def test_a_done_file_comes_after_the_whole_document(exchange: Exchange, suffix: str) -> None:
    by(exchange, "done-file", done=suffix)
    post(exchange)
    assert exchange.send().sent == 1
    assert exchange.delivered() == {"855_1.edi": content(1), f"855_1.edi{suffix}": b""}
    assert wrote(exchange) == [b"855_1.edi", b"855_1.edi" + suffix.encode()]
    done = exchange.box.calls.index(("put", "/in", b"855_1.edi" + suffix.encode()))
    assert ("size", "/in", b"855_1.edi") in exchange.box.calls[
        exchange.box.calls.index(("put", "/in", b"855_1.edi")) : done
    ]


@BOTH
def test_documents_go_in_their_order(exchange: Exchange, manner: str) -> None:
    by(exchange, manner)
    for number in (1, 2, 3):
        post(exchange, number)
    assert exchange.send().sent == 3
    assert [name for name in wrote(exchange) if name.endswith(b".edi")] == [b"855_1.edi", b"855_2.edi", b"855_3.edi"]


# --- somebody else's file ---------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("theirs", [b"", b"theirs", content(1)[:9], content(1)[::-1], content(1) + b"more"])
@pytest.mark.fault("G3")
def test_another_file_of_our_name_is_never_written_over(either: Exchange, manner: str, theirs: bytes) -> None:
    by(either, manner)
    post(either, 1)
    post(either, 2)
    either.box.drop("/in", "855_1.edi", theirs)
    assert either.send().sent == 1
    assert either.delivered()["855_1.edi"] == theirs
    assert [one.state for one in either.documents()] == ["PARKED", "CONFIRMED"]
    assert either.kinds() == ["document.collision"]
    assert f"another file of {len(theirs)} bytes has the name 855_1.edi" in either.cases()[0].title


@BOTH
def test_a_file_that_comes_in_the_last_moment_is_not_written_over(exchange: Exchange, manner: str) -> None:
    by(exchange, manner)
    post(exchange)
    put = exchange.box.put

    def too_late(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        exchange.box.drop("/in", name, b"theirs")
        put(folder, name, data, new=new)

    exchange.box.put = too_late
    assert exchange.send().sent == 0
    exchange.box.put = put
    assert later(exchange) == 0
    assert exchange.delivered() == {"855_1.edi": b"theirs"}
    assert exchange.kinds() == ["document.collision"]


def test_a_done_file_that_stands_there_already_would_lie(exchange: Exchange) -> None:
    by(exchange, "done-file")
    post(exchange)
    exchange.box.drop("/in", "855_1.edi.done", b"")
    assert exchange.send().sent == 0
    assert exchange.kinds() == ["document.collision"]
    assert "855_1.edi.done, which would say that our 855 855_1.edi is whole" in exchange.cases()[0].title
    assert exchange.delivered() == {"855_1.edi.done": b""}


def test_a_parked_document_goes_when_the_name_is_free(exchange: Exchange) -> None:
    by(exchange, "direct")
    post(exchange)
    exchange.box.drop("/in", "855_1.edi", b"theirs")
    exchange.send()
    exchange.box.remove("/in", b"855_1.edi")
    retry(exchange.office(), exchange.cases()[0].id)
    assert later(exchange) == 1
    assert exchange.delivered() == {"855_1.edi": content(1)}


# --- what a broken write leaves ---------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("after", [0, 1, 10, len(content(1))])
@pytest.mark.fault("G1")
def test_a_write_that_broke_off_is_looked_at_and_made_whole(either: Exchange, manner: str, after: int) -> None:
    by(either, manner)
    post(either)
    break_off(either, after)
    assert either.send().stopped is DOWN
    assert now(either).state == "UPLOADING"
    assert later(either) == 1
    assert either.delivered()["855_1.edi"] == content(1)
    assert wrote(either).count(b"855_1.edi") == (1 if after == len(content(1)) else 2)
    assert either.kinds() == []


@BOTH
@pytest.mark.parametrize("theirs", [b"theirs", content(1)[:-1] + b"!", content(1) + b"more"])
def test_what_is_not_ours_by_its_bytes_stays(exchange: Exchange, manner: str, theirs: bytes) -> None:
    by(exchange, manner)
    post(exchange)
    break_off(exchange, 4)
    exchange.send()
    exchange.box.drop("/in", "855_1.edi", theirs)
    assert later(exchange) == 0
    assert exchange.delivered() == {"855_1.edi": theirs}
    assert exchange.kinds() == ["document.collision"]


def test_nothing_there_after_a_direct_write_that_broke_off_is_for_a_person(either: Exchange) -> None:
    by(either, "direct")
    post(either)
    break_off(either, None)
    either.send()
    assert later(either) == 0
    assert wrote(either) == []  # it might have been taken: a second one would be a second document
    (case,) = either.cases()
    assert case.kind == "document.unknown-outcome"
    assert "either it never came there, or the partner has taken it" in case.title
    retry(either.office(), case.id)
    assert later(either) == 1
    assert either.delivered() == {"855_1.edi": content(1)}


def test_nothing_there_before_the_done_file_was_written_by_nobody(exchange: Exchange) -> None:
    by(exchange, "done-file")
    post(exchange)
    break_off(exchange, None)
    exchange.send()
    assert later(exchange) == 1
    assert exchange.delivered() == {"855_1.edi": content(1), "855_1.edi.done": b""}


@pytest.mark.fault("G2")
@BOTH
@pytest.mark.fault("G5")
def test_a_refusal_leaves_nothing_to_wonder_about(exchange: Exchange, manner: str) -> None:
    by(exchange, manner)
    post(exchange)
    exchange.box.fail("put", DENIED)
    assert exchange.send().stopped is DENIED
    assert now(exchange).state == "READY"
    by(exchange, manner, folder="/right")
    assert later(exchange) == 1
    assert exchange.box.files("/right")[b"855_1.edi"] == content(1)
    assert exchange.kinds() == []


def test_a_direct_write_is_looked_for_where_it_was_made(exchange: Exchange) -> None:
    by(exchange, "direct")
    post(exchange)
    break_off(exchange, 10)
    exchange.send()
    by(exchange, "direct", folder="/elsewhere")
    assert later(exchange) == 1
    assert exchange.box.files("/in") == {b"855_1.edi": content(1)}
    assert exchange.box.files("/elsewhere") == {}


@BOTH
def test_a_size_that_came_out_wrong_is_no_delivery(exchange: Exchange, manner: str) -> None:
    by(exchange, manner)
    post(exchange)
    put = exchange.box.put
    exchange.box.put = lambda folder, name, data, *, new=False: put(folder, name, data[:5], new=new)
    done = exchange.send()
    assert done.stopped is not None
    assert "29 bytes were written, but 5 bytes stand there" in str(done.stopped)
    exchange.box.put = put
    assert later(exchange) == 1
    assert exchange.delivered()["855_1.edi"] == content(1)


@pytest.mark.fault("G4")
def test_the_partner_takes_a_direct_document_before_we_look(exchange: Exchange) -> None:
    by(exchange, "direct")
    post(exchange)
    put = exchange.box.put

    def taken(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        put(folder, name, data, new=new)
        exchange.box.remove(folder, name.encode())

    exchange.box.put = taken
    assert exchange.send().sent == 1
    assert exchange.kinds() == []


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("taken", [True, False])
def test_a_done_file_without_an_answer_is_looked_for(exchange: Exchange, happened: bool, taken: bool) -> None:
    by(exchange, "done-file")
    post(exchange)
    put = exchange.box.put

    def lost(folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        if happened or not name.endswith(".done"):
            put(folder, name, data, new=new)
        if name.endswith(".done"):
            raise DOWN

    exchange.box.put = lost
    exchange.send()
    assert now(exchange).state == "UPLOADED"
    exchange.box.put = put
    if happened and taken:
        exchange.box.remove("/in", b"855_1.edi")
        exchange.box.remove("/in", b"855_1.edi.done")
    assert later(exchange) == 1
    assert exchange.delivered() == ({} if happened and taken else {"855_1.edi": content(1), "855_1.edi.done": b""})


# --- killed -----------------------------------------------------------------------------------------------------------


def kills(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Kill at each point, the first time that it is reached; give the names of those points, as they are reached."""
    names: list[str] = []

    def crashpoint(name: str) -> None:
        if name not in names and name.startswith("deliver."):
            names.append(name)
            raise Killed(name)

    monkeypatch.setattr("edi_engine.store.ledger.crashpoint", crashpoint)
    return names


@pytest.mark.fault("G1", "H1")
@pytest.mark.parametrize("manner", ["rename", "direct", "done-file"])
def test_killed_at_every_point(either: Exchange, manner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by(either, manner)
    post(either)
    names = kills(monkeypatch)

    def survive(act: Callable[[], object]) -> None:
        while True:
            try:
                act()
            except Killed:
                continue
            return

    survive(either.send)
    asked = 0
    while manner == "direct" and either.cases():  # killed between note and write: nobody can know, a person has to say
        (case,) = either.cases()
        assert case.kind == "document.unknown-outcome"
        survive(lambda number=case.id: retry(either.office(), number))
        survive(either.send)
        asked += 1
    assert asked == (2 if manner == "direct" else 0)
    assert either.kinds() == []
    done = {"855_1.edi.done": b""} if manner == "done-file" else {}
    assert either.delivered() == {"855_1.edi": content(1)} | done
    assert now(either).state == "CONFIRMED"
    steps = {"rename": ("put", "rename"), "direct": ("put", "parked"), "done-file": ("put", "done")}[manner]
    for step in ("uploading", "uploaded", "sent", "confirmed", *steps):
        assert {f"deliver.{step}:before", f"deliver.{step}:after"} <= set(names)


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
