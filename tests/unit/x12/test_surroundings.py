"""What a 997 and a 999 say around a fault: AK303, the trigger of a condition, the line that the fault is in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edi_engine.finding import Position
from edi_engine.x12.acknowledge import Acknowledgment, SetVerdict, acknowledge
from edi_engine.x12.check import checker
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline
from edi_engine.x12.response import Context, read_response
from edi_engine.x12.surroundings import surroundings
from edi_engine.x12.values import Delimiters
from edi_engine.x12.writer import COMPONENT, Envelope, write
from tests.unit.partners.conftest import standard

HEAD = ("BEG*00*SA*4500019**20261122",)
LINE = "PO1*10*2*EA*3.5"
NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)


def answered(*body: str, version: str = "005010", set_id: str = "999") -> Acknowledgment:
    """Check an 850 with this body and answer it; what is answered is sound X12 by our reader and check and by pyx12."""
    segments = ["ST*850*0001", *body, f"SE*{len(body) + 2}*0001"]
    text = "".join(f"{one}~" for one in segments)
    data = (
        "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *261122*0915*^*00501*000000042*1*P*>~"
        f"GS*PO*NWD*ACME*20261122*0915*7*X*{version}~{text}GE*1*7~IEA*1*000000042~"
    )
    found = outline(data.encode()).interchanges[0]
    group, marks = found.groups[0], found.delimiters
    check = checker(standard(), version, "850", None, None, {})
    assert check is not None
    faults = check.check(text, group.sets[0], marks, Position())
    around = surroundings(faults, text, marks, standard(), version)
    answer = acknowledge(
        group, [SetVerdict(group.sets[0], faults, around)], version, set_id=set_id, delimiters=Delimiters()
    )
    sound(answer, version)
    return answer


def sound(answer: Acknowledgment, version: str) -> None:
    envelope = Envelope(
        "12", "555", "ZZ", "NORTHWIND", "00401", "FA", "ACME", "NWD", version, "P", False, Delimiters(), NOW, 42, 7
    )
    written = write(envelope, answer.set_id, [answer.segments])
    assert written.data is not None, written.findings
    assert judge(written.data) == ()
    one = outline(written.data).interchanges[0].groups[0].sets[0]
    check = checker(standard(), version, answer.set_id, None, None, {})
    assert check is not None
    assert check.check(written.data[one.start : one.end].decode(), one, Delimiters(), Position()) == ()


def told(answer: Acknowledgment) -> list[str]:
    return ["*".join(one).replace(COMPONENT, ">") for one in answer.segments[2:-2]]


def test_a_condition_names_its_trigger_and_the_line() -> None:
    assert told(answered(*HEAD, LINE, "PO1*20**EA*3.5")) == [
        "IK3*PO1*4**8",
        "CTX*PO101>20",
        "IK4*2*380*2",
        "CTX*SITUATIONAL TRIGGER*PO1*4**3*355",
    ]


@pytest.mark.parametrize(
    ("segment", "fault", "trigger"),
    [
        ("PO1*20*2*EA*3.5**UP", "IK4*7*234*2", "CTX*SITUATIONAL TRIGGER*PO1*4**6*235"),  # a pair
        ("PO1*20*2*EA*3.5***X", "IK4*6*235*2", "CTX*SITUATIONAL TRIGGER*PO1*4**7*234"),  # the same, the other way
        ("PO1*20*2*EA**PE", "IK4*4*212*2", "CTX*SITUATIONAL TRIGGER*PO1*4**5*639"),
    ],
)
def test_which_element_makes_a_condition_bite(segment: str, fault: str, trigger: str) -> None:
    assert told(answered(*HEAD, LINE, segment))[2:] == [fault, trigger]


def test_an_exclusion_names_the_other_element() -> None:
    lines = told(answered(*HEAD, LINE, "MEA**WT*5*LB*******01*A1"))
    assert lines[-2:] == ["IK4*12*1271*10*A1", "CTX*SITUATIONAL TRIGGER*MEA*4**4"]  # MEA04 is a composite: no number


def test_where_one_of_several_is_wanted_nothing_triggers_it() -> None:
    assert told(answered(*HEAD, "REF*DP", LINE)) == ["IK3*REF*3**8", "CTX*BEG03>4500019", "IK4*2*127*2"]


def test_a_bounded_loop_is_named_in_both_answers() -> None:
    body = (*HEAD, LINE, "LS*LDT", "LDT*AG*3*DA", "LDT*AG*3*XX", "LE*LDT")
    assert told(answered(*body))[0] == "IK3*LDT*6*LDT*8"
    old = [one.replace("XX", "99") for one in body]
    assert told(answered(*old, version="004010", set_id="997"))[0] == "AK3*LDT*6*LDT*8"
    bound = told(answered(*HEAD, LINE, "LS*LDT", "LDT*AG*3*DA", "LE*LDX"))
    assert bound[0] == "IK3*LE*6**8"  # the bounds themselves lie in no loop


def test_a_fault_after_the_bounded_loop_is_not_in_it() -> None:
    body = (*HEAD, LINE, "LS*LDT", "LDT*AG*3*DA", "LE*LDT", "N9*ZZ")
    assert told(answered(*body))[0] == "IK3*N9*7**8"


def test_a_missing_segment_of_a_line_names_that_line_and_not_the_next() -> None:
    lines = told(answered(*HEAD, LINE, "LS*LDT", "LDT*AG*3*DA", "LM*VI", "LE*LDT", "PO1*20*1*EA"))
    assert lines[:2] == ["IK3*LQ*7*LDT*3", "CTX*PO101>10"]
    lines = told(answered(*HEAD, LINE, "LS*LDT", "LDT*AG*3*DA", "PO1*20*1*EA"))
    assert lines[:2] == ["IK3*LE*6**3", "CTX*PO101>10"]


def test_a_line_without_a_number_is_told_by_the_order() -> None:
    assert told(answered(*HEAD, "PO1**2*XX*3.5"))[1] == "CTX*BEG03>4500019"


def test_what_cannot_be_repeated_as_it_is_names_nothing() -> None:
    head = "BEG*00*SA*45|19**20261122"
    assert told(answered(head, "PO1**2*XX*3.5")) == ["IK3*PO1*3**8", "IK4*3*355*7*XX"]


def test_a_997_has_no_context() -> None:
    assert [one[:3] for one in told(answered(*HEAD, "PO1*20**EA*3.5", set_id="997"))] == ["AK3", "AK4"]


def test_a_partners_999_is_read_with_its_context() -> None:
    answer = answered(*HEAD, LINE, "PO1*20**EA*3.5")
    segments = [[piece.replace(COMPONENT, ">") for piece in one] for one in answer.segments]
    (fault,) = read_response(segments).sets[0].faults
    assert (fault.segment_id, fault.in_set, fault.element, fault.code) == ("PO1", 4, 2, "2")
    assert fault.contexts == (Context("PO101>20"), Context("SITUATIONAL TRIGGER", "PO1", 4, 3))
