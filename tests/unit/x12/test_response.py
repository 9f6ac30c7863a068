"""Acknowledgments that come in: what they say of our sets, and what is broken in them (rows E8 and E11)."""

from __future__ import annotations

import pytest

from edi_engine.finding import Severity
from edi_engine.x12.reader import split
from edi_engine.x12.response import Context, Fault, Response, SetResponse, read_response, read_ta1
from edi_engine.x12.values import Delimiters


def read(text: str) -> Response:
    return read_response(split(text, Delimiters()))


def test_a_group_accepted_as_a_whole() -> None:
    found = read("ST*997*0001~AK1*PR*7~AK9*A*2*2*2~SE*4*0001~")
    assert found == Response("PR", "7", (), "A", 2, 2, 2)


@pytest.mark.fault("E11")
def test_e11_a_refused_set_names_its_segments_and_elements() -> None:
    found = read(
        "AK1*PR*7~AK2*855*0001~AK5*A~AK2*855*0002~AK3*PO1*5**8~AK4*3*355*7*XX~AK4*7>2*234*5~AK3*N1*6*LOOP*3~AK5*R*5*3~AK9*P*2*2*1~"
    )
    faults = (
        Fault("PO1", 5, 3, "7", "XX"),
        Fault("PO1", 5, 7, "5", ""),
        Fault("N1", 6, 0, "3", ""),
    )
    assert found.sets == (SetResponse("855", "0001", "A"), SetResponse("855", "0002", "R", faults, ("5", "3")))
    assert (found.verdict, found.stated, found.received, found.accepted) == ("P", 2, 2, 1)
    assert found.findings == ()


def test_a_999_reads_the_same() -> None:
    found = read(
        "AK1*PR*7*005010~AK2*855*0001*X~IK3*PO1*5**8~CTX*SITUATIONAL*PO1~IK4*3*355*7*XX~IK5*R*5~AK9*R*1*1*0*5~"
    )
    fault = Fault("PO1", 5, 3, "7", "XX", (Context("SITUATIONAL", "PO1"),))
    assert found.sets == (SetResponse("855", "0001", "R", (fault,), ("5",)),)
    assert (found.verdict, found.codes, found.findings) == ("R", ("5",), ())


def test_a_segment_error_beside_element_errors_stays() -> None:
    found = read("AK1*PR*7~AK2*855*1~AK3*PO1*5**5~AK4*3**1~AK5*R*5~AK9*R*1*1*0~")
    assert found.sets[0].faults == (Fault("PO1", 5, 0, "5", ""), Fault("PO1", 5, 3, "1", ""))


@pytest.mark.fault("E8")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AK9*A*1*1*1~", "There is no AK1"),
        ("AK1*PR*7~AK2*855*1~AK5*A~", "There is no AK9"),
        ("AK1*PR*7~AK2*855*1~AK9*A*1*1*1~", "its AK5 is missing"),
        ("AK1*PR*x~AK9*A*1*1*1~", "AK1 names no group"),
        ("AK1*PR*7~AK2*855~AK5*A~AK9*A*1*1*1~", "AK2 has no control number"),
        ("AK1*PR*7~AK5*A~AK9*A*1*1*1~", "AK5 stands outside"),
        ("AK1*PR*7~AK3*PO1*5~AK9*A*1*1*1~", "AK3 stands outside"),
        ("AK1*PR*7~AK2*855*1~AK3*PO1*x~AK5*R~AK9*R*1*1*0~", "AK3 names no segment"),
        ("AK1*PR*7~AK2*855*1~AK4*1~AK5*R~AK9*R*1*1*0~", "AK4 follows no AK3"),
        ("AK1*PR*7~AK2*855*1~AK3*N1*3**8~AK4*?~AK5*R~AK9*R*1*1*0~", "not the position of an element"),
        ("AK1*PR*7~AK2*855*1~AK5*Z~AK9*A*1*1*1~", "no verdict on a set"),
        ("AK1*PR*7~AK9*Z*1*1*1~", "no verdict on a group"),
        ("AK1*PR*7~AK9*A*1*one*1~", "not all numbers"),
        ("AK1*PR*7~AK9*A*1*1*\u0663~", "not all numbers"),
        ("AK1*PR*7~AK2*855*1~AK5*R~AK9*A*1*1*1~", "accepts the whole group"),
        ("AK1*PR*7~AK2*855*1~AK5*A~AK9*R*1*1*0~", "refuses the whole group"),
        (
            "AK1*PR*7~AK2*855*0001~AK5*A~AK2*855*1~AK5*R*5~AK9*P*1*1*0~",
            "Set 1 is answered twice: AK501 is A, and R later",
        ),
        ("AK1*PR*7~AK2*855*1~AK5*R*5~AK2*855*1~AK5*E~AK9*P*1*1*0~", "answered twice: AK501 is R, and E later"),
        ("AK1*PR*7~AK1*PR*8~AK9*A*1*1*1~", "AK1 comes a second time"),
    ],
)
def test_e8_a_broken_one_says_so_and_gives_what_it_has(text: str, words: str) -> None:
    found = read(text)
    assert [(finding.code, finding.severity) for finding in found.findings] == [("ack.invalid", Severity.HOLD)]
    assert words in found.findings[0].message


@pytest.mark.fault("E8")
def test_e8_nothing_at_all() -> None:
    assert len(read("").findings) == 2
    assert len(read("AK5~" * 500).findings) == 100


@pytest.mark.fault("E8")
def test_a_ta1() -> None:
    found = read_ta1(("TA1", "000000042", "260314", "0915", "R", "001"))
    assert (found.control, found.date, found.time, found.code, found.note) == (
        "000000042",
        "260314",
        "0915",
        "R",
        "001",
    )
    assert found.findings == ()
    assert [finding.where.path for finding in read_ta1(("TA1", "", "", "", "?")).findings] == ["TA101", "TA104"]


@pytest.mark.fault("E8")
@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ("1*1*2", "2 sets were accepted, but AK903 that only 1 was received"),
        ("1*2*1", "2 sets were received, but AK902 that only 1 was sent"),
        ("3*3*7", "7 sets were accepted, but AK903 that only 3 were received"),
    ],
)
def test_e8_impossible_counts_are_told_and_leave_the_verdict_on_each_set_sure(counts: str, words: str) -> None:
    found = read(f"AK1*PR*7~AK2*855*0001~AK5*A~AK9*A*{counts}~")
    ((doubt),) = found.doubts
    assert (doubt.code, doubt.where.segment_id, doubt.where.in_set) == ("ack.invalid", "AK9", 4)
    assert words in doubt.message
    assert (found.findings, found.sets[0].code) == ((), "A")


def test_the_same_verdict_twice_is_one() -> None:
    assert read("AK1*PR*7~AK2*855*1~AK5*A~AK2*855*1~AK5*E~AK9*A*1*1*1~").findings == ()


@pytest.mark.parametrize("counts", ["1*1*1", "2*1*0", "1*1*0", "1*2*1*5", "0*0*0", "3*3*2"])
def test_counts_that_can_be_are_not_doubted(counts: str) -> None:
    verdict = "A" if counts == "1*1*1" else "P"
    assert read(f"AK1*PR*7~AK2*855*0001~AK5*A~AK9*{verdict}*{counts}~").doubts == ()
