"""The TA1 about each interchange: who gets one, what it says, and that it is one and the same (rows D, E8, E9)."""

from __future__ import annotations

import pytest

from edi_engine.app.validating import validate
from edi_engine.desk.retry import retry
from edi_engine.flow.interpret import reopen_interchange
from edi_engine.x12.reader import outline
from tests.fixtures.trading import Desk, interchange, order

AGREED = "policy:\n"


def asking(data: bytes) -> bytes:
    """The same interchange with 1 in ISA14."""
    return data[:100] + b"1" + data[101:]


def policy(trade: Desk, words: str) -> None:
    trade.edit("partner.yaml", AGREED, f"policy:\n  {words}\n")


def said(trade: Desk) -> list[tuple[str, ...]]:
    """Give what each TA1 says: TA101, TA104 and TA105."""
    with trade.office().ledger.reading() as unit:
        found = [outline(unit.blobs.get(one.sha256)).interchanges[0] for one in trade.documents("TA1")]
    assert not any(one.findings or one.groups or one.wants_ta1 for one in found)
    segments = [one.acknowledgments for one in found]
    return [(each[1], each[4], each[5]) for (each,) in segments]


CLEAN = asking(interchange(order("1"), control=7))
BROKEN = CLEAN.replace(b"IEA*1*", b"IEA*2*")
ANSWERS_ONLY = asking(interchange(["AK1*PR*2", "AK9*A*1*1*1"], kind="FA", set_id="997", control=7))


@pytest.mark.fault("D2", "E9")
@pytest.mark.parametrize(
    ("agreed", "data", "wanted"),
    [
        ("", CLEAN, [("000000007", "A", "000")]),
        ("", BROKEN, [("000000007", "R", "021")]),
        ("", CLEAN[:100] + b"0" + CLEAN[101:], []),
        ("", BROKEN[:100] + b"0" + BROKEN[101:], []),
        ("", ANSWERS_ONLY, []),
        ("ta1: never", BROKEN, []),
        ("ta1: on_error", CLEAN, []),
        ("ta1: on_error", BROKEN[:100] + b"0" + BROKEN[101:], [("000000007", "R", "021")]),
        ("ta1: on_error", ANSWERS_ONLY.replace(b"IEA*1*", b"IEA*2*"), []),
        ("ta1: always", CLEAN[:100] + b"0" + CLEAN[101:], [("000000007", "A", "000")]),
        ("ta1: always", ANSWERS_ONLY, [("000000007", "A", "000")]),
        ("ta1: always", asking(interchange(groups=["TA1*000000777*261120*0830*A*000~"], control=7)), []),
    ],
)
def test_who_hears_of_an_interchange(trade: Desk, agreed: str, data: bytes, wanted: list[tuple[str, ...]]) -> None:
    if agreed:
        policy(trade, agreed)
    trade.walk(data.replace(b"IEA*1*", b"IEA*0*") if b"~TA1*" in data else data)
    assert said(trade) == wanted
    trade.sound()


UNLIKE = CLEAN.replace(b"IEA*1*000000007", b"IEA*1*000000008")


@pytest.mark.fault("D1")
def test_d1_an_iea02_that_differs_refuses_unless_it_was_agreed(trade: Desk) -> None:
    trade.walk(UNLIKE)
    assert said(trade) == [("000000007", "R", "001")]
    assert trade.orders() == []
    policy(trade, "iea02_differs: note")
    assert retry(trade.office(), trade.case().id).case.state == "RESOLVED"
    assert said(trade) == [("000000007", "R", "001"), ("000000007", "E", "001")]
    assert [one.po_number for one in trade.orders()] == ["1"]
    trade.sound()


@pytest.mark.fault("D1")
@pytest.mark.parametrize(
    ("data", "note", "booked"),
    [
        (UNLIKE, "E 001", ["1"]),
        (UNLIKE.replace(b"IEA*1*", b"IEA*2*"), "R 021", []),
        (CLEAN.replace(b"~GE*1*", b"~GE*1*9"), "A 000", []),
    ],
)
def test_d1_nothing_else_is_forgiven(trade: Desk, data: bytes, note: str, booked: list[str]) -> None:
    policy(trade, "iea02_differs: note")
    trade.walk(data)
    assert said(trade) == [("000000007", *note.split())]
    assert [one.po_number for one in trade.orders()] == booked
    trade.sound()


def isa(at: int, text: str) -> bytes:
    """The clean interchange with other characters in its ISA."""
    return CLEAN[:at] + text.encode("latin-1") + CLEAN[at + len(text) :]


ENVELOPES = {
    "000": CLEAN,
    "001": CLEAN.replace(b"IEA*1*000000007", b"IEA*1*000000008"),
    "004": isa(105, "A"),
    "009": CLEAN.replace(b"*01*004455667      *", b"*01*004455668      *"),
    "014": isa(70, "261332"),
    "015": isa(77, "2561"),
    "017": isa(84, "0040A"),
    "018": isa(90, "00000000X"),
    "019": isa(100, "2"),
    "020": isa(102, "Q"),
    "021": BROKEN,
    "022": CLEAN.replace(b"~GS*", b"~REF*DP*042~GS*"),
    "023": CLEAN[: CLEAN.index(b"GE*")],
    "024": CLEAN.replace(b"*0830*7*X*", b"*0830*X7*X*").replace(b"GE*1*7~", b"GE*1*X7~"),
    "026": CLEAN.replace(b"*", b"A"),
    "027": isa(104, "A"),
}
"""One interchange for each TA105 that we can say, by its code. 025 needs two of them."""
NOTED = {"019", "024"}


@pytest.mark.fault("C8", "C9", "D2", "D9", "D11", "D13", "D19")
@pytest.mark.parametrize("code", ENVELOPES)
def test_each_code_of_ta105(trade: Desk, code: str) -> None:
    policy(trade, "ta1: always")
    shown = validate(trade.shop.place.settings, ENVELOPES[code], "x").acknowledgments[0]
    trade.walk(ENVELOPES[code])
    verdict = "A" if code == "000" else "E" if code in NOTED else "R"
    assert shown[:3] + shown[-6:-1].replace(shown[3], "*") == f"TA1{verdict}*{code}"
    assert [one[1:] for one in said(trade)] == [(verdict, code)]
    assert len(trade.orders()) == (code in {"000", "019"})
    trade.sound()


@pytest.mark.fault("D7")
def test_025_other_content_under_a_used_number(trade: Desk) -> None:  # D7
    trade.walk(CLEAN)
    trade.walk(CLEAN.replace(b"100101", b"100103"))
    assert said(trade) == [("000000007", "A", "000"), ("000000007", "R", "025")]
    trade.sound()


@pytest.mark.fault("D11", "C11")
@pytest.mark.parametrize(
    "data",
    [
        CLEAN.replace(b"*08*6119290001     *", b"*08*6119290009     *"),
        CLEAN.replace(b"*08*6119290001     *", b"*ZZ*6119290001     *"),
        CLEAN.replace(b"*261120*", b"*26112*"),  # nothing in the ISA stands in its place
    ],
)
def test_never_to_a_stranger(trade: Desk, data: bytes) -> None:  # D11
    policy(trade, "ta1: always")
    trade.walk(data)
    assert trade.documents("TA1") == []
    trade.sound()


@pytest.mark.fault("D12")
@pytest.mark.parametrize(("how", "usage"), [({}, "P"), ({"usage": "T"}, "T"), ({"sender": "ZZ/BLUEBIRDTEST"}, "T")])
def test_it_goes_to_the_address_it_came_from(trade: Desk, how: dict[str, str], usage: str) -> None:  # D12
    trade.walk(asking(interchange(order("1"), control=7, **how)))
    (document,) = trade.documents("TA1")
    with trade.office().ledger.reading() as unit:
        sent = unit.interchanges.one(direction="out", document_id=document.id)
    assert sent is not None
    assert (sent.usage, document.live) == (usage, usage == "P")
    assert sent.receiver == how.get("sender", "08/6119290001").split("/")[1]
    assert document.group_control is None
    trade.sound()


def test_its_number_is_of_the_one_sequence(trade: Desk) -> None:
    trade.walk(asking(interchange(order("1"), control=1)))
    trade.walk(asking(interchange(order("2"), control=2)))
    numbers = [(one.kind, one.interchange_control, one.group_control) for one in trade.documents("TA1", "997", "855")]
    assert numbers == [
        ("TA1", "000000001", None), ("997", "000000002", "1"), ("855", "000000003", "2"),
        ("TA1", "000000004", None), ("997", "000000005", "3"), ("855", "000000006", "4"),
    ]  # fmt: skip
    trade.sound()


def test_names_stay_apart_where_two_addresses_count(trade: Desk) -> None:
    """A TA1 has no group, so that the two numbers of a document part; its name must still be its own."""
    trade.walk(asking(interchange(order("1"), control=1)))
    trade.walk(interchange(order("1"), order("2"), control=2, sender="ZZ/BLUEBIRDTEST"))
    assert len({(one.connection, one.folder, one.name) for one in trade.documents()}) == len(trade.documents())
    trade.sound()


def test_an_interchange_that_is_looked_at_again_is_answered_once(trade: Desk) -> None:
    trade.walk(BROKEN)
    with trade.office().ledger.reading() as unit:
        received = unit.interchanges.one(direction="in", state="QUARANTINED")
    reopen_interchange(trade.office(), received)
    assert said(trade) == [("000000007", "R", "021")]
    trade.sound()


def test_one_that_is_let_in_after_all_is_told_so(trade: Desk) -> None:
    data = CLEAN.replace(b"*01*004455667      *", b"*01*004455668      *")
    trade.walk(data)
    assert said(trade) == [("000000007", "R", "009")]
    trade.edit("partner.yaml", "isa: 01/004455667", "isa: 01/004455668")
    retry(trade.office(), trade.case().id)
    assert said(trade) == [("000000007", "R", "009"), ("000000007", "A", "000")]
    assert len(trade.orders()) == 1
    trade.sound()
