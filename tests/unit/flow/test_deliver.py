"""Handing documents over: every state a crash can leave, every answer a server can give (FAILURES G, H10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edi_engine.errors import Fenced, TransportError, UnknownOutcome
from edi_engine.flow.deliver import deliver, due
from edi_engine.flow.ports import RemoteFile
from edi_engine.flow.records import DocumentRecord
from tests.fixtures.exchange import NOW, ORDER, PARTNER, Exchange

DOWN = TransportError("connection refused", code="transport.connect")
DENIED = TransportError("permission denied", code="document.deliver")
TEST = ORDER[:102] + b"T" + ORDER[103:]
STEPS = ("READY", "UPLOADING", "UPLOADED", "SENT")


def content(number: int) -> bytes:
    return b"ISA*%03d~" % number


def post(exchange: Exchange, number: int = 1, *, kind: str = "855", **more: Any) -> DocumentRecord:
    with exchange.office().ledger.unit("test") as unit:
        data = content(number)
        name = f"{kind}_{number:09d}.edi"
        document = DocumentRecord(
            kind, f"order:{number}", unit.blobs.put(data), len(data), "bluebird-sftp", name, NOW, PARTNER, **more
        )
        return unit.documents.add(document)


def lead_to(exchange: Exchange, document: DocumentRecord, state: str) -> DocumentRecord:
    """Bring a document to a state as a process would that dies there, without doing anything at the partner's."""
    with exchange.office().ledger.unit("test") as unit:
        for step in STEPS[1 : STEPS.index(state) + 1]:
            document = unit.documents.change(document, state=step, temporary=f"/in/{document.name}.part")
    return document


def state_of(exchange: Exchange, document: DocumentRecord) -> str:
    return exchange.documents(id=document.id)[0].state


def puts(exchange: Exchange) -> int:
    return sum(1 for method, _, _ in exchange.box.calls if method == "put")


# --- the usual way ----------------------------------------------------------------------------------------------------


def test_a_document_goes_by_a_temporary_name(either: Exchange) -> None:
    document = post(either)
    assert either.send().sent == 1
    assert either.delivered() == {"855_000000001.edi": content(1)}
    done = either.documents()[0]
    assert (done.state, done.sent_at, done.due_at) == ("CONFIRMED", NOW, NOW + timedelta(days=1))
    methods = [(method, name) for method, _, name in either.box.calls if method in {"put", "rename"}]
    temporary = f"{document.name}.part".encode()
    assert methods == [("put", temporary), ("rename", temporary)]


def test_documents_go_in_their_order(exchange: Exchange) -> None:
    for number in range(1, 6):
        post(exchange, number)
    assert exchange.send().sent == 5
    assert [name for method, _, name in exchange.box.calls if method == "rename"] == [
        f"855_{number:09d}.edi.part".encode() for number in range(1, 6)
    ]


@pytest.mark.parametrize(("kind", "timers"), [("855", 1), ("856", 1), ("810", 1), ("997", 0), ("999", 0)])
def test_only_what_the_partner_must_acknowledge_is_waited_for(exchange: Exchange, kind: str, timers: int) -> None:
    post(exchange, kind=kind)
    exchange.send()
    with exchange.office().ledger.reading() as unit:
        assert unit.timers.count() == timers


# --- taken up after a crash -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [b"", content(1)[:4], content(1), b"something longer than ours"])
@pytest.mark.fault("G1")
def test_a_crash_while_uploading_puts_it_again_over_what_is_left(either: Exchange, left: bytes) -> None:
    document = lead_to(either, post(either), "UPLOADING")
    either.box.drop("/in", f"{document.name}.part", left)
    assert either.send().sent == 1
    assert either.delivered() == {document.name: content(1)}


def test_a_crash_before_the_upload_left_nothing(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "UPLOADING")
    exchange.send()
    assert exchange.delivered() == {document.name: content(1)}


def test_a_crash_before_the_rename_goes_on_with_it(either: Exchange) -> None:
    document = lead_to(either, post(either), "UPLOADED")
    either.box.drop("/in", f"{document.name}.part", content(1))
    assert either.send().sent == 1
    assert either.delivered() == {document.name: content(1)}
    assert puts(either) == 0


def test_a_crash_after_the_rename_finds_it_done(either: Exchange) -> None:
    document = lead_to(either, post(either), "UPLOADED")
    either.box.drop("/in", document.name, content(1))
    assert either.send().sent == 1
    assert either.delivered() == {document.name: content(1)}
    assert puts(either) == 0


@pytest.mark.fault("G4")
def test_a_crash_after_the_rename_and_the_partner_took_it(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "UPLOADED")
    assert exchange.send().sent == 1
    assert exchange.delivered() == {}
    assert state_of(exchange, document) == "CONFIRMED"
    assert puts(exchange) == 0


@pytest.mark.fault("G3")
def test_both_names_with_our_bytes_leave_one(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "UPLOADED")
    exchange.box.drop("/in", document.name, content(1))
    exchange.box.drop("/in", f"{document.name}.part", content(1))
    assert exchange.send().sent == 1
    assert exchange.delivered() == {document.name: content(1)}


@pytest.mark.parametrize("theirs", [b"theirs", content(1)[::-1]])
@pytest.mark.fault("G3")
def test_another_file_of_our_name_parks_the_document_and_is_not_touched(either: Exchange, theirs: bytes) -> None:
    document = post(either)
    later = post(either, 2)
    either.box.drop("/in", document.name, theirs)
    assert either.send().sent == 1
    assert [one.state for one in either.documents()] == ["PARKED", "CONFIRMED"]
    assert either.delivered()[document.name] == theirs
    assert either.delivered()[later.name] == content(2)
    assert either.kinds() == ["document.collision"]


def test_a_large_file_of_our_name_is_not_fetched_to_compare(exchange: Exchange) -> None:
    document = post(exchange)
    exchange.box.drop("/in", document.name, b"x" * 100_000)
    exchange.send()
    assert state_of(exchange, document) == "PARKED"
    assert not [call for call in exchange.box.calls if call[0] == "fetch"]


def test_a_folder_of_our_name_parks_the_document(exchange: Exchange) -> None:
    document = post(exchange)
    exchange.box.drop("/in", document.name, content(1), regular=False)
    exchange.send()
    assert state_of(exchange, document) == "PARKED"


def test_a_parked_document_goes_when_it_is_retried(exchange: Exchange) -> None:
    from edi_engine.desk.retry import retry

    document = post(exchange)
    exchange.box.drop("/in", document.name, b"theirs")
    exchange.send()
    exchange.box.remove("/in", document.name.encode())
    retry(exchange.office(), exchange.cases()[0].id)
    assert exchange.send().sent == 1
    assert exchange.delivered() == {document.name: content(1)}
    assert exchange.kinds() == []


def test_a_crash_before_the_confirmation_looks_again(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "SENT")
    exchange.box.drop("/in", document.name, content(1))
    assert exchange.send().sent == 1
    assert puts(exchange) == 0


@pytest.mark.fault("G4")
def test_the_partner_takes_it_before_we_look(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "SENT")
    assert exchange.send().sent == 1
    assert state_of(exchange, document) == "CONFIRMED"


def test_a_file_that_is_another_after_the_rename_is_a_case(exchange: Exchange) -> None:
    document = lead_to(exchange, post(exchange), "SENT")
    exchange.box.drop("/in", document.name, content(1)[:3])
    exchange.send()
    assert state_of(exchange, document) == "PARKED"
    assert "was handed over with 8 bytes, but 3 bytes" in exchange.cases()[0].title


# --- what a server may answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["size", "put", "rename"])
@pytest.mark.parametrize("error", [DOWN, DENIED])
def test_a_failure_at_any_call_postpones_and_comes_right(
    exchange: Exchange, method: str, error: TransportError
) -> None:
    for number in (1, 2):
        post(exchange, number)
    exchange.box.fail(method, error)
    done = exchange.send()
    assert (done.sent, done.stopped) == (0, error)
    assert exchange.send().sent == 0  # not yet
    exchange.clock.move(timedelta(seconds=5))
    assert exchange.send().sent == 2
    assert exchange.delivered() == {f"855_{number:09d}.edi": content(number) for number in (1, 2)}


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.fault("G2")
def test_a_rename_without_an_answer_is_probed(either: Exchange, happened: bool, taken: bool) -> None:
    document = post(either)
    either.box.fail("rename", UnknownOutcome("no answer"), after=happened)
    assert either.send().stopped is not None
    assert state_of(either, document) == "UPLOADED"
    if taken and happened:
        either.box.remove("/in", document.name.encode())
    either.clock.move(timedelta(seconds=5))
    assert either.send().sent == 1
    assert either.delivered() == ({} if taken and happened else {document.name: content(1)})
    assert puts(either) == 1


@pytest.mark.fault("G5")
def test_an_upload_that_breaks_off_is_made_again(exchange: Exchange) -> None:
    document = post(exchange)
    put = exchange.box.put

    def half(folder: str, name: str, data: bytes, *, new: bool) -> None:
        put(folder, name, data[:3])
        raise DOWN

    exchange.box.put = half
    exchange.send()
    assert state_of(exchange, document) == "UPLOADING"
    exchange.box.put = put
    exchange.clock.move(timedelta(seconds=5))
    assert exchange.send().sent == 1
    assert exchange.delivered() == {document.name: content(1)}


def test_an_upload_that_lost_bytes_is_not_renamed(exchange: Exchange) -> None:
    document = post(exchange)
    put = exchange.box.put
    exchange.box.put = lambda folder, name, data, *, new: put(folder, name, data[:3])
    done = exchange.send()
    assert done.stopped is not None
    assert "8 bytes were written, but 3 bytes stand there" in str(done.stopped)
    assert document.name not in exchange.delivered()


def test_a_size_that_is_a_lie_is_not_renamed(exchange: Exchange) -> None:
    post(exchange)
    exchange.box.size = lambda folder, name: RemoteFile(name, 7, 1)
    assert exchange.send().stopped is not None
    assert not [call for call in exchange.box.calls if call[0] == "rename"]


# --- the queue --------------------------------------------------------------------------------------------------------


def test_nothing_overtakes_a_postponed_document(exchange: Exchange) -> None:
    for number in (1, 2, 3):
        post(exchange, number)
    exchange.box.fail("put", DENIED)
    exchange.send()
    assert due(exchange.office(), "bluebird-sftp", exchange.clock.now()) == []
    assert exchange.send().sent == 0
    assert exchange.delivered() == {}


@pytest.mark.fault("A11", "G8")
def test_pauses_grow_to_a_quarter_of_an_hour(exchange: Exchange) -> None:
    post(exchange)
    exchange.box.fail("put", DOWN, times=100)
    pauses = []
    for _ in range(12):
        exchange.send()
        wait = exchange.documents()[0].next_at - exchange.clock.now()
        pauses.append(int(wait.total_seconds()))
        exchange.clock.move(wait)
    longest = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    assert all(0.8 * most - 1 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
    assert len(set(pauses[-4:])) > 1  # not all connections come back at the same moment


@pytest.mark.fault("G8")
def test_three_days_of_silence_lose_nothing_and_keep_the_order(exchange: Exchange) -> None:
    exchange.box.fail("put", DOWN, times=300)
    for number in range(1, 73):
        post(exchange, number)
        exchange.send()
        exchange.clock.move(timedelta(hours=1))
    exchange.box._faults["put"].clear()
    assert exchange.send().sent == 72
    assert list(exchange.delivered().values()) == [content(number) for number in range(1, 73)]


@pytest.mark.fault("H10")
def test_a_clock_that_ran_ahead_does_not_hold_the_queue(exchange: Exchange) -> None:
    exchange.clock.moment += timedelta(days=3650)
    post(exchange, next_at=exchange.clock.now())
    exchange.box.fail("put", DOWN)
    exchange.send()
    exchange.clock.moment -= timedelta(days=3650)
    assert exchange.send().sent == 1


def test_one_drain_may_be_kept_short(exchange: Exchange) -> None:
    for number in range(5):
        post(exchange, number)
    office = exchange.office()
    assert deliver(office, exchange.connection, exchange.box, most=2).sent == 2
    assert deliver(office, exchange.connection, exchange.box, most=2).sent == 2
    assert deliver(office, exchange.connection, exchange.box, most=2).sent == 1


@pytest.mark.fault("H14")
def test_a_drain_that_is_told_to_stop_finishes_its_document(exchange: Exchange) -> None:
    for number in range(3):
        post(exchange, number)
    exchange.place.stopping = lambda: len(exchange.box.files("/in")) > 0
    assert exchange.send().sent == 1
    assert sorted(one.state for one in exchange.documents()) == ["CONFIRMED", "READY", "READY"]


@pytest.mark.fault("H7")
def test_damaged_bytes_stop_one_document_and_not_the_queue(either: Exchange) -> None:
    post(either, 1)
    post(either, 2)
    from sqlalchemy import text

    with either.place.store.place.engine.begin() as connection:
        first = either.documents()[0].sha256
        connection.execute(text("UPDATE blob SET bytes = :b WHERE sha256 = :s"), {"b": b"damaged!", "s": first})
    assert either.send().sent == 1
    assert [one.state for one in either.documents()] == ["PARKED", "CONFIRMED"]
    assert either.kinds() == ["system.bug"]


def test_trouble_with_the_store_is_no_trouble_of_the_partner(exchange: Exchange, monkeypatch) -> None:
    post(exchange)
    busy = TransportError("somebody else holds the store", code="system.store.busy")

    def failing(*_: object) -> None:
        raise busy

    monkeypatch.setattr("edi_engine.flow.handover._upload", failing)
    with pytest.raises(TransportError) as caught:
        exchange.send()
    assert caught.value is busy
    assert exchange.documents()[0].attempts == 0


@pytest.mark.fault("A20")
def test_two_daemons_deliver_each_document_once(either: Exchange) -> None:
    document = post(either)
    slow, quick = either.office("send:bluebird-sftp"), either.office("send:bluebird-sftp")
    with pytest.raises(Fenced):
        deliver(slow, either.connection, either.box)
    assert deliver(quick, either.connection, either.box).sent == 1
    assert either.delivered() == {document.name: content(1)}
    assert puts(either) == 1


@pytest.mark.parametrize("state", STEPS)
def test_a_frozen_daemon_that_wakes_up_changes_nothing(either: Exchange, state: str) -> None:
    document = post(either)
    stale = lead_to(either, document, state)
    if state == "UPLOADED":
        either.box.drop("/in", f"{document.name}.part", content(1))
    frozen = either.office("send:bluebird-sftp")
    either.send()
    either.office("send:bluebird-sftp")
    from edi_engine.flow.handover import hand_over

    with pytest.raises(Fenced):
        hand_over(frozen, either.connection, either.box, stale)
    assert state_of(either, document) == "CONFIRMED"
    assert either.delivered().get(document.name, content(1)) == content(1)


def test_a_document_stays_in_the_folder_where_it_was_written(exchange: Exchange) -> None:
    document = post(exchange)
    exchange.box.fail("rename", DOWN)
    exchange.send()
    assert state_of(exchange, document) == "UPLOADED"
    moved = replace(exchange.connection, delivery=replace(exchange.connection.delivery, folder="/elsewhere"))
    exchange.clock.move(timedelta(seconds=5))
    assert deliver(exchange.office(), moved, exchange.box).sent == 1
    assert exchange.delivered() == {document.name: content(1)}


def test_a_document_that_could_not_be_written_goes_to_the_corrected_folder(exchange: Exchange) -> None:
    document = post(exchange)
    exchange.box.fail("put", DENIED)
    exchange.send()
    assert state_of(exchange, document) == "UPLOADING"
    moved = replace(exchange.connection, delivery=replace(exchange.connection.delivery, folder="/right"))
    exchange.clock.move(timedelta(seconds=5))
    assert deliver(exchange.office(), moved, exchange.box).sent == 1
    assert exchange.box.files("/right") == {document.name.encode(): content(1)}


# --- test documents ---------------------------------------------------------------------------------------------------


@pytest.mark.fault("D12")
def test_test_orders_reach_the_erp_in_a_folder_of_their_own(exchange: Exchange) -> None:
    exchange.drop("a.edi", TEST)
    exchange.take()
    exchange.work()
    office = exchange.office()
    erp = exchange.place.connection("erp")
    deliver(office, erp, exchange.box)
    assert {one.folder for one in exchange.documents(kind="erp-json")} == {"test"}
    assert [name.endswith(b".json") for name in exchange.box.files("/test")] == [True, False]
    assert exchange.box.files("/") == {}


def test_test_answers_carry_the_test_indicator(exchange: Exchange) -> None:
    exchange.drop("a.edi", TEST)
    exchange.take()
    exchange.work()
    exchange.send()
    assert exchange.delivered()
    assert all(data[102:103] == b"T" for data in exchange.delivered().values())
