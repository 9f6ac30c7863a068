"""Who sends the same bytes again hears the same again: stored bytes, no second number (rows D6, D7)."""

from __future__ import annotations

import pytest

from edi_engine.app.replaying import replay_in
from edi_engine.desk.outbox import story
from edi_engine.desk.resend import Way, preview, resend
from edi_engine.errors import UsageError
from edi_engine.partners.edition import load_edition
from tests.fixtures.exchange import ORDER, Exchange, edition

ASKING = ORDER[:100] + b"1" + ORDER[101:]
REFUSED = ASKING.replace(b"IEA*1*", b"IEA*2*")
PATH = "partners/bluebird/partner.yaml"


def agreed(exchange: Exchange, words: str) -> None:
    files = edition().files
    text = files[PATH].replace(b"policy:\n", f"policy:\n  {words}\n".encode())
    exchange.place.publish(load_edition({**files, PATH: text}, exchange.place.dictionary))


def comes(exchange: Exchange, name: str, data: bytes) -> None:
    exchange.drop(name, data)
    exchange.take()
    exchange.work()
    exchange.send()


def sent(exchange: Exchange, *kinds: str) -> list[tuple[str, int, str]]:
    """Give kind, repetition and interchange number of what went out."""
    found = exchange.documents(kind=kinds, state="CONFIRMED")
    return [(one.kind, one.again, one.interchange_control or "") for one in found]


TA1 = [("TA1", 0, "000000001")]
ANSWER = [("997", 0, "000000002")]


@pytest.mark.fault("D6")
@pytest.mark.parametrize(
    ("words", "data", "wanted"),
    [
        ("repeated: silent", ORDER, [("997", 0, "000000001")]),
        ("repeated: answer", ORDER, [("997", 0, "000000001"), ("997", 1, "000000001")]),
        ("repeated: silent", ASKING, [*TA1, *ANSWER, ("TA1", 1, "000000001")]),
        ("ta1: never", ASKING, [("997", 0, "000000001")]),
        ("repeated: answer", ASKING, [*TA1, *ANSWER, ("TA1", 1, "000000001"), ("997", 1, "000000002")]),
        ("repeated: answer", REFUSED, [*TA1, ("TA1", 1, "000000001")]),
    ],
)
@pytest.mark.parametrize("how", ["same file", "within another file"])
def test_the_same_bytes_again(exchange: Exchange, words: str, data: bytes, wanted: list, how: str) -> None:  # D6
    agreed(exchange, words)
    comes(exchange, "one.edi", data)
    comes(exchange, "two.edi", data if how == "same file" else b"\r\n" + data)
    assert sent(exchange, "TA1", "997") == wanted
    stored = exchange.documents(kind=("TA1", "997"))
    assert len({one.sha256 for one in stored}) == len({one.interchange_control for one in stored})
    assert len(exchange.delivered()) == len(exchange.documents(connection=exchange.connection.name))
    assert len(exchange.documents(kind="855")) == (data is not REFUSED)
    assert exchange.sound()


@pytest.mark.fault("D6")
def test_nothing_goes_twice_while_it_waits(exchange: Exchange) -> None:
    agreed(exchange, "repeated: answer")
    exchange.drop("one.edi", ASKING)
    exchange.drop("two.edi", b"\r\n" + ASKING)
    exchange.take()
    exchange.work()
    assert sorted(one.kind for one in exchange.documents(kind=("TA1", "997"))) == ["997", "TA1"]
    exchange.send()
    exchange.drop("three.edi", ASKING)
    exchange.drop("four.edi", b"\n" + ASKING)
    exchange.take()
    exchange.work()
    assert sorted(one.kind for one in exchange.documents(kind=("TA1", "997"))) == ["997", "997", "TA1", "TA1"]
    assert exchange.sound()


def test_a_ta1_that_was_not_wanted_then_is_written_now(exchange: Exchange) -> None:
    agreed(exchange, "ta1: never")
    comes(exchange, "one.edi", ASKING)
    agreed(exchange, "ta1: always")
    comes(exchange, "two.edi", ASKING)
    comes(exchange, "three.edi", b"\n" + ASKING)
    assert [one.again for one in exchange.documents(kind="TA1")] == [0, 1]
    assert exchange.sound()


@pytest.mark.fault("D6", "D7")
def test_what_was_put_aside_is_not_accepted_by_a_repetition(exchange: Exchange) -> None:
    agreed(exchange, "ta1: never")
    comes(exchange, "one.edi", ORDER)
    other = ASKING.replace(b"100101", b"100103")
    comes(exchange, "two.edi", other)
    agreed(exchange, "ta1: always")
    comes(exchange, "three.edi", other)
    assert exchange.documents(kind="TA1") == []
    assert exchange.sound()


def test_people_see_it_and_send_it_again_as_any_other_document(exchange: Exchange) -> None:
    comes(exchange, "one.edi", ASKING)
    office = exchange.office()
    (document,) = exchange.documents(kind="TA1")
    with office.ledger.reading() as unit:
        told = story(office, unit, document.id)
    assert told.cause == "interchange 000000101 in file 1 one.edi"
    shown = preview(office, document.id, Way.RENUMBERED)
    assert shown.before == shown.after == ("TA1*000000101*261120*0830*A*000~",)
    assert shown.findings == ()
    with pytest.raises(UsageError, match="comes from no order"):
        preview(office, document.id, Way.REWRITTEN)
    last = max(one.interchange_control or "" for one in exchange.documents())
    again = resend(office, document.id, Way.RENUMBERED).record
    assert again is not None
    assert (again.interchange_control, again.group_control) == (f"{int(last) + 1:09d}", None)
    assert exchange.sound()


def test_a_replay_shows_the_same_ta1(exchange: Exchange) -> None:
    comes(exchange, "one.edi", ASKING)
    shown = replay_in(exchange.place, "1")
    assert "  TA1*000000101*261120*0830*A*000" in shown.after
    assert shown.diff == ()
