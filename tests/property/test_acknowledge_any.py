"""Whatever came, our 997, 999 and TA1 pass our own check and pyx12's reader, and their counts add up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.flow.books import ACKNOWLEDGMENT_PLACES, Books
from edi_engine.flow.checking import check_group, check_set
from edi_engine.flow.received import Received
from edi_engine.x12.acknowledge import Acknowledgment, SetVerdict, acknowledge
from edi_engine.x12.check import checker
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline, split
from edi_engine.x12.response import read_response, read_ta1
from edi_engine.x12.surroundings import Around, Trigger
from edi_engine.x12.ta1 import verdict_on, write_ta1
from edi_engine.x12.values import Delimiters, GroupOutline, SetOutline
from edi_engine.x12.writer import Envelope, write
from tests.fixtures.exchange import edition
from tests.fixtures.trading import group, interchange, order
from tests.fixtures.walks import FrozenClock
from tests.unit.partners.conftest import standard

pytestmark = pytest.mark.property
NOW = datetime(2026, 3, 14, 9, 15, tzinfo=UTC)
DELIMITERS = st.sampled_from([Delimiters(), Delimiters("|", ":", "\n"), Delimiters("+", "!", "'", suffix="\r\n")])


@cache
def books() -> Books:
    return Books(clock=FrozenClock(NOW), edition=edition(), dictionary=standard())


def envelope(version: str, delimiters: Delimiters) -> Envelope:
    return Envelope(
        "12", "555", "ZZ", "NORTHWIND", "00401", "FA", "ACME", "NWD", version, "P", False, delimiters, NOW, 42, 7
    )


def sees_to(answer: Acknowledgment, version: str, delimiters: Delimiters) -> None:
    """See that an acknowledgment is sound, and says when read what it was meant to say."""
    written = write(envelope(version, delimiters), answer.set_id, [answer.segments])
    assert written.data is not None, written.findings
    assert judge(written.data) == ()
    read = outline(written.data).interchanges[0]
    one = read.groups[0].sets[0]
    assert (read.findings, read.groups[0].findings, one.findings) == ((), (), ())
    check = checker(standard(), version, answer.set_id, None, ACKNOWLEDGMENT_PLACES[answer.set_id], {})
    assert check is not None
    text = written.data[one.start : one.end].decode("latin-1")
    faults = check.check(text, one, read.delimiters, Position())
    assert [fault.message for fault in faults if fault.severity >= Severity.HOLD] == []
    back = read_response(split(text, read.delimiters))
    assert (back.verdict, back.received, back.accepted) == (answer.verdict, answer.received, answer.accepted)
    assert len(back.sets) == len(answer.included)
    good = sum(each.code in {"A", "E"} for each in back.sets)
    assert answer.accepted == (good if answer.verdict != "R" else 0)
    assert answer.verdict != "A" or answer.accepted == answer.received


# --- from findings of all kinds ---------------------------------------------------------------------------------------

TEXT = st.text(max_size=120)
PLACE = st.none() | st.integers(1, 9) | st.integers(90, 2_000_000)
LEVELS = {
    "AK3": "12345678",
    "AK4": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "13"],
    "AK5": ["1", "2", "3", "4", "5", "6", "7", "18", "23"],
    "AK9": ["1", "2", "3", "4", "5", "6", "19", "30", "31"],
}
ACKS = st.sampled_from([AckCode(level, code) for level, listed in LEVELS.items() for code in listed])
FINDINGS = st.builds(
    lambda ack, severity, place, seen: Finding("x12.test", severity, "wrong", place, seen, ack=ack),
    ACKS,
    st.sampled_from(Severity),
    st.builds(
        Position,
        in_set=PLACE,
        segment_id=st.none() | TEXT,
        element=PLACE,
        component=PLACE,
        repetition=PLACE,
        element_id=st.none() | TEXT,
    ),
    st.none() | TEXT,
)
AROUND = st.builds(
    Around,
    TEXT,
    st.none() | st.tuples(st.sampled_from(["PO101", "BEG03"]), TEXT),
    st.none() | st.builds(Trigger, st.integers(1, 200), st.none() | st.integers(1, 200), TEXT),
)
KINDS = [
    (set_id, version)
    for version in standard().versions()
    for set_id in ("997", "999")
    if standard().set(version, set_id) is not None
]
NAMES = st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)


@pytest.mark.fault("C15", "E5")
@given(
    st.lists(st.lists(FINDINGS, max_size=4), max_size=3),
    st.lists(FINDINGS, max_size=3),
    st.lists(AROUND, min_size=1, max_size=3),
    st.sampled_from(KINDS),
    DELIMITERS,
    NAMES,
)
def test_whatever_was_found(
    found: list[list[Finding]],
    of_group: list[Finding],
    around: list[Around],
    kind: tuple[str, str],
    delimiters: Delimiters,
    names: tuple[str, ...],
) -> None:
    set_id, version = kind
    gs01, gs06, gs08, ge01, st01, st02, st03 = (text.strip() for text in names)
    sets = tuple(SetOutline(n, st01, st02, 0, 1, 3, 5, (), st03) for n in range(1, len(found) + 1))
    seen = GroupOutline(
        1, "PO" if gs01 == "FA" else gs01, "N", "A", "", "", gs06, "X", gs08, ge01, 0, 1, 2, sets, tuple(of_group)
    )
    verdicts = [
        SetVerdict(one, tuple(findings), dict(zip(findings, cycle(around), strict=False)))
        for one, findings in zip(sets, found, strict=True)
    ]
    sees_to(acknowledge(seen, verdicts, version, set_id=set_id, delimiters=delimiters), version, delimiters)


@pytest.mark.parametrize(("set_id", "version"), KINDS)
def test_every_code_in_every_version(set_id: str, version: str) -> None:
    """What we can say is said in the codes of the version that we answer in, and of no later one."""
    codes = [AckCode(level, code) for level, listed in LEVELS.items() for code in listed]
    place = Position(in_set=3, segment_id="PO1", element=2, component=1, repetition=2, element_id="330")
    around = Around("LDT", ("PO101", "1"), Trigger(3, None, "355"))
    for severity in (Severity.WARNING, Severity.REFUSE):
        faults = [Finding("x12.test", severity, "wrong", place, "x", ack=one) for one in codes if one.level != "AK9"]
        sets = tuple(SetOutline(n, "850", f"{n:04d}", 0, 1, 3, 5) for n in range(1, len(faults) + 1))
        verdicts = [SetVerdict(one, (fault,), {fault: around}) for one, fault in zip(sets, faults, strict=True)]
        for code in (one for one in codes if one.level == "AK9"):
            of_group = (Finding("x12.test", severity, "wrong", ack=code),)
            seen = GroupOutline(1, "PO", "N", "A", "", "", "7", "X", version, str(len(sets)), 0, 1, 2, sets, of_group)
            sees_to(acknowledge(seen, verdicts, version, set_id=set_id, delimiters=Delimiters()), version, Delimiters())


# --- from damaged interchanges ----------------------------------------------------------------------------------------

WHOLE = interchange(
    groups=[
        group(order("1"), order("2", "PO1*1*12*CASE*12.4*PE*IN*100101")),
        group(["AK1*PR*2", "AK9*A*1*1*1"], kind="FA", set_id="997", control=901),
        group(order("3"), version="005010", control=902),
    ]
)
PIECES = [b"~", b"*", b">", b"\n", b"", b"ST*850*0009~", b"SE*3*0001~", b"GE*1*900~", b"GS*PO*A*B~", b"IEA*1*1~"]
PIECES += [b"X", b"\x00", b"\xff", b"ISA*", b"HL*1~", b"PO1*9*1*EA~", b"TA1*000000001*261120*0830*R*001~"]
DAMAGE = st.lists(
    st.tuples(
        st.integers(0, len(WHOLE)),
        st.integers(0, 12) | st.integers(0, 400),
        st.sampled_from(PIECES) | st.binary(max_size=3),
    ),
    max_size=4,
)


def damaged(damage: list[tuple[int, int, bytes]], end: int) -> bytes:
    data = WHOLE
    for at, length, piece in damage:
        data = data[:at] + piece + data[at + length :]
    return data[:end]


@given(DAMAGE, st.just(len(WHOLE) * 2) | st.integers(106, len(WHOLE)), DELIMITERS)
def test_whatever_became_of_an_interchange(damage: list[tuple[int, int, bytes]], end: int, marks: Delimiters) -> None:
    data = damaged(damage, end)
    for found in outline(data).interchanges:
        segment = write_ta1(found, verdict_on(found.findings), marks)
        assert read_ta1(segment).findings == ()
        written = write(envelope("004010", marks), "", [], acknowledgments=[segment])
        assert written.data is not None, written.findings
        assert outline(written.data).interchanges[0].acknowledgments == (segment,)
        assert judge(written.data) == ()
        for each in found.groups:
            if each.kind != "FA":
                _answered(data, found.delimiters, each, marks)


def _answered(data: bytes, delimiters: Delimiters, each: GroupOutline, marks: Delimiters) -> None:
    partner = books().edition.partners["bluebird"]
    version = books().dictionary.resolve(each.version) or "004010"
    seen = GroupOutline(
        each.ordinal, each.kind, each.sender, each.receiver, each.date, each.time, each.control, each.agency,
        each.version, each.stated_sets, each.start, each.end, each.number, each.sets,
        check_group(books(), each, partner),
    )  # fmt: skip
    verdicts = []
    for one in each.sets:
        received = Received(data[one.start : one.end].decode("latin-1"), one, delimiters, each.version, Position())
        verdicts.append(SetVerdict(one, check_set(books(), each, received, partner)))
    for set_id in ("997", "999") if version >= "005010" else ("997",):
        sees_to(acknowledge(seen, verdicts, version, set_id=set_id, delimiters=marks), version, marks)
