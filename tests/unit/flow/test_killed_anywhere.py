"""A day on which everything goes wrong, killed at each point once, the first time that it is reached.

tests/crash kills real processes at the points of an ordinary day; here are those that only a bad day reaches. A kill
is an exception that nobody catches: what was not committed is gone, and so is all that the process remembers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.flow.overdue import fire_timers
from tests.fixtures.exchange import ORDER, Exchange, order

DENIED = TransportError("permission denied", code="transport.postaction")
HELD = order(3).replace(b"*EA*12.4*", b"*EA*19.4*")
ANSWER = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      *261122*1230*U*00401*000000555*0*P*>~"
    "GS*FA*6119290001*004455667*20261122*1230*1*X*004010VICS~ST*997*0001~AK1*{}*{}~AK9*R*1*1*0~SE*4*0001~GE*1*1~"
    "IEA*1*000000555~"
)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def crashpoint(name: str) -> None:
        if name not in names:
            names.append(name)
            raise Killed(name)

    monkeypatch.setattr("edi_engine.store.ledger.crashpoint", crashpoint)
    return names


def survive(exchange: Exchange, act: Callable[[], object]) -> None:
    """Do it, from the beginning again after every kill; the world may fail, too."""
    while True:
        try:
            act()
        except TransportError:
            return
        except Killed:
            exchange.restart()
        else:
            return


def take_in(exchange: Exchange, minutes: int = 1) -> None:
    survive(exchange, lambda: exchange.poll(timedelta(minutes=minutes)))
    survive(exchange, exchange.work)


def live_through(exchange: Exchange, rounds: int, minutes: int = 1) -> None:
    for _ in range(rounds):
        take_in(exchange, minutes)
        survive(exchange, exchange.send)
        survive(exchange, lambda: fire_timers(exchange.office()))


@pytest.mark.fault("H1", "G7")
def test_nothing_is_lost_or_doubled_on_a_bad_day(either: Exchange, killed: list[str]) -> None:
    box = either.box
    either.set_intake(max_bytes=5_000)
    either.drop("clean.edi", order(1))
    either.drop("again.edi", order(1))
    either.drop("stuck.edi", asking(order(2)))
    either.drop("held.edi", HELD)
    either.drop("large.edi", b"x" * 6_000)
    either.drop("taken-back.edi", b"x" * 6_001)
    either.drop("short.edi", order(4), stated=9)
    either.drop("empty.edi", b"")
    either.drop("half.edi", asking(ORDER[:400]))
    either.drop(b"../odd.edi", b"x")
    box.fail("rename", DENIED, times=14)
    box.fail("rename", UnknownOutcome("no answer"), after=True)
    box.fail("rename", UnknownOutcome("no answer"))
    box.fail("put", TransportError("down", code="transport.connect"), times=2)
    while not either.documents(kind="855"):
        take_in(either)
    box.drop("/in", either.documents(kind="855")[0].name, b"somebody else's")
    live_through(either, 25)
    box.remove("/out", b"taken-back.edi")
    either.drop("short.edi", order(4))
    live_through(either, 10)
    answered = either.documents(state="CONFIRMED", kind="856")[0]
    either.drop("answer.edi", ANSWER.format("SH", answered.group_control).encode())
    live_through(either, 5)
    live_through(either, 30, minutes=60)
    judge(either)
    assert {"pickup.clear-failed", "pickup.gone", "pickup.name", "pickup.partial", "pickup.size"} <= commits(killed)
    assert {"deliver.postponed", "deliver.parked", "clock.fired"} <= commits(killed)
    assert all(f"{name}:{side}" in killed for name in commits(killed) for side in ("before", "after"))


def asking(data: bytes) -> bytes:
    """The same with 1 in ISA14: a TA1 is due."""
    return data[:100] + b"1" + data[101:]


def commits(names: list[str]) -> set[str]:
    return {name.partition(":")[0] for name in names}


def judge(exchange: Exchange) -> None:
    assert exchange.sound()
    assert exchange.states() == {
        "clean.edi": "DONE",
        "again.edi": "DUPLICATE",
        "stuck.edi": "DONE",
        "held.edi": "DONE",
        "large.edi": "SEEN",
        "taken-back.edi": "GONE",
        "short.edi": "DONE",
        "empty.edi": "UNREADABLE",
        "half.edi": "DONE",
        "answer.edi": "DONE",
    }
    assert exchange.waiting_files() == {b"large.edi", b"../odd.edi"}
    documents = exchange.documents(connection="bluebird-sftp")
    delivered = exchange.delivered()
    for document in documents:
        assert delivered[document.name].startswith(b"ISA") or document.state == "PARKED"
    assert {document.state for document in documents} == {"CONFIRMED", "REJECTED", "PARKED"}
    answered = {document.po_number for document in documents if document.kind == "855"}
    assert answered == {"4500000001", "4500000002", "4500000004"}
    assert len([document for document in documents if document.kind == "855"]) == 3
    assert [document.again for document in documents if document.kind == "TA1"] == [0, 0]
    kinds = sorted(kind for kind in exchange.kinds() if kind != "ack.overdue")
    assert kinds == [
        "ack.rejected",
        "document.collision",
        "envelope.truncated",
        "envelope.unreadable",
        "order.price",
        "order.total",
        "transport.filename",
        "transport.size",
    ]
    overdue = [case.subject for case in exchange.cases(kind="ack.overdue")]
    waiting = [one for one in documents if one.kind in {"855", "856", "810"} and one.state == "CONFIRMED"]
    assert sorted(overdue) == sorted(f"document:{one.id}" for one in waiting)
    controls = [found for data in delivered.values() for found in re.findall(rb"\*U\*00401\*(\d{9})", data)]
    assert sorted(map(int, controls)) == list(range(1, len(documents) + 1))  # the parked one lies there as .part
