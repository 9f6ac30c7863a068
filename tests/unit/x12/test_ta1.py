"""The TA1 that we send: one verdict on one envelope, in a segment that is sound whatever came (rows D)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import AckCode, Finding, Severity
from edi_engine.x12.reader import outline
from edi_engine.x12.response import read_ta1
from edi_engine.x12.ta1 import InterchangeVerdict, verdict_on, write_ta1
from edi_engine.x12.values import Delimiters, InterchangeOutline

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"


def read(text: str) -> InterchangeOutline:
    return outline(text.encode("latin-1")).interchanges[0]


def fault(code: str | None, severity: Severity = Severity.REFUSE, level: str = "TA1") -> Finding:
    return Finding("envelope.test", severity, "wrong", ack=None if code is None else AckCode(level, code))


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ((), ("A", "000")),
        ((fault("021"),), ("R", "021")),
        ((fault("021"), fault("001")), ("R", "021")),
        ((fault("019", Severity.WARNING),), ("E", "019")),
        ((fault("019", Severity.WARNING), fault("023")), ("R", "023")),
        ((fault("025", Severity.HOLD), fault("001")), ("R", "001")),
        ((fault("025", Severity.HOLD),), ("R", "025")),
        ((fault(None),), ("R", "022")),
        ((fault(None, Severity.WARNING),), ("A", "000")),
        ((fault("020", Severity.NOTE),), ("A", "000")),
        ((fault("30", Severity.WARNING, "AK9"), fault("019", Severity.WARNING)), ("E", "019")),
    ],
)
def test_one_verdict_of_all_that_was_found(findings: tuple[Finding, ...], said: tuple[str, str]) -> None:
    assert verdict_on(findings) == InterchangeVerdict(*said)


def test_the_number_date_and_time_are_repeated() -> None:
    assert write_ta1(read(f"{ISA}IEA*0*000000042~"), InterchangeVerdict("R", "021")) == (
        "TA1", "000000042", "260314", "0915", "R", "021",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "is_", "segment"),
    [
        ("*000000042*1", "*       42*1", ("000000042", "260314", "0915")),
        ("*000000042*1", "*ABC      *1", ("000000000", "260314", "0915")),
        ("*260314*", "*      *", ("000000042", "000000", "0915")),
        ("*260314*", "*2\xff|314*", ("000000042", "002314", "0915")),
        ("*0915*", "*09  *", ("000000042", "260314", "0009")),
    ],
)
def test_zeros_stand_for_what_cannot_be_repeated(was: str, is_: str, segment: tuple[str, ...]) -> None:
    odd = read(ISA.replace(was, is_) + "IEA*0*000000042~")
    assert write_ta1(odd, InterchangeVerdict("R", "018"), Delimiters("|", ":", "\n"))[1:4] == segment


@pytest.mark.fault("D19")
@given(st.text(min_size=9, max_size=9), st.text(min_size=6, max_size=6), st.text(min_size=4, max_size=4))
def test_the_segment_is_sound_whatever_the_isa_was(control: str, date: str, time: str) -> None:
    whole = read(f"{ISA}IEA*0*000000042~")
    odd = InterchangeOutline(
        1, whole.delimiters, "ZZ", "A", "12", "B", date, time, "00401", control.strip(), True, "P", 0, 1, 1, ()
    )
    segment = write_ta1(odd, InterchangeVerdict("R", "018"))
    assert [len(text) for text in segment[1:]] == [9, 6, 4, 1, 3]
    assert "".join(segment).isascii()
    assert read_ta1(segment).findings == ()
