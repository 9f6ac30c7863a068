"""Handing over without a temporary name (`direct`, `done-file`) (FAILURES G)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edi_engine.desk.retry import retry
from edi_engine.errors import TransportError
from tests.fixtures.exchange import NOW, Exchange
from tests.fixtures.handing import DOWN, break_off, by, content, later, now, post, wrote

DENIED = TransportError("permission denied", code="document.deliver")
BOTH = pytest.mark.parametrize("manner", ["direct", "done-file"])


class Killed(BaseException):
    """The process is gone."""


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
