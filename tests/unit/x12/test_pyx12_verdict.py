"""What pyx12 says while it validates, read line by line, and held beside what we say."""

from __future__ import annotations

from pathlib import Path

import pytest

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.pyx12.compare import compare
from edi_engine.x12.pyx12.verdict import Complaint, heard, unread, validate
from edi_engine.x12.reader import outline

ISA = b"ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"


@pytest.mark.parametrize(
    ("line", "level", "code", "segment", "element", "component"),
    [
        (
            'Line:13 ELE:5 - Data element "unit" (PO103) is too long: len("EACH") = 4 > 2 (EACH)',
            "element",
            "5",
            13,
            3,
            None,
        ),
        ("Line:5 ELE:7 - (AB01) is not a valid code for kind (REF01) (AB01)", "element", "7", 5, 1, None),
        ('Line:5 ELE:1 - Mandatory data element "number" (REF04-01) is missing', "element", "1", 5, 4, 1),
        ('Line:5 ELE:1 - Mandatory composite "unit" (SLN05) is missing', "element", "1", 5, 5, None),
        ("Line:18 SEG:1 - Segment REF*DP not found.  Started at /ISA_LOOP/X", "segment", "1", 18, None, None),
        ('Line:4 SEG:8 - Too many elements in segment "x" (N3). Has 3', "segment", "8", 4, None, None),
        ("Line:3 ST:4 - SE count of 16 for SE02=0001 is wrong. I count 17", "set", "4", 3, None, None),
        ("Line:1 ISA:021 - IEA count for IEA02=000000042 is wrong", "interchange", "021", 1, None, None),
        ("No current segment in error_handler. Line:7 SEG:SEG1 - Segment ends", "segment", "SEG1", 7, None, None),
        ("No current segment in error_handler. SEG:1 - Segment ends", "segment", "1", None, None, None),
        ('"x" does not look like an X12 data file', "file", "", None, None, None),
    ],
)
def test_a_line_of_its_log_says_what_is_wrong_where(
    line: str, level: str, code: str, segment: int | None, element: int | None, component: int | None
) -> None:
    found = heard(line)
    assert (found.level, found.code, found.segment, found.element, found.component) == (
        level,
        code,
        segment,
        element,
        component,
    )
    assert line.endswith(found.text)


def test_what_breaks_pyx12_is_its_verdict(tmp_path: Path) -> None:
    assert validate(ISA, str(tmp_path / "nowhere")) == (
        None,
        f"pyx12 stopped: FileNotFoundError: [Errno 2] Map path does not exist: '{tmp_path / 'nowhere'}'",
    )


def test_a_version_that_it_does_not_read_is_known_beforehand() -> None:
    assert unread(ISA) is None
    assert unread(ISA.replace(b"00401", b"00403")) == "00403"
    assert unread(b"hello") is None


def finding(code: str, segment: int, segment_id: str, element: int | None = None) -> Finding:
    return Finding(code, Severity.REFUSE, "...", Position(segment=segment, segment_id=segment_id, element=element))


def set_of(*segments: bytes) -> bytes:
    body = b"~".join(segments)
    return ISA + b"GS*PO*NN*AA*20260314*0915*7*X*004010~ST*850*0001~" + body + b"~SE*9*0001~GE*1*7~IEA*1*000000042~"


FILE = outline(set_of(b"BEG*00", b"REF*DP"))


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        (finding("x12.element.code", 4, "BEG", 1), Complaint("element", "7", "", 4, 1), True),
        (finding("x12.element.code", 4, "BEG", 1), Complaint("element", "7", "", 4, 2), False),
        (finding("x12.element.code", 4, "BEG", 1), Complaint("element", "7", "", 5, 1), False),
        (finding("x12.element.condition", 4, "BEG", 1), Complaint("segment", "8", "", 4), True),
        (finding("x12.element.code", 4, "BEG", 1), Complaint("segment", "1", "", 4), False),
        (finding("x12.segment.misplaced", 4, "BEG"), Complaint("segment", "1", "", 4), True),
        (finding("x12.segment.misplaced", 4, "BEG"), Complaint("segment", "8", "", 4), False),
        (finding("envelope.count.segments", 6, "SE", 1), Complaint("set", "4", "", 3), True),
        (finding("envelope.count.sets", 7, "GE", 1), Complaint("group", "5", "", 2), True),
        (finding("envelope.missing.se", 6, "SE"), Complaint("group", "3", "", 2), True),
        (finding("envelope.count.groups", 8, "IEA", 1), Complaint("set", "4", "", 3), False),
        (finding("x12.element.code", 4, "BEG", 1), Complaint("set", "4", "", 3), False),
        (finding("x12.unsupported.group", 3, "ST", 1), Complaint("segment", "1", "", 5), True),
        (finding("x12.unsupported.group", 3, "ST", 1), Complaint("segment", "1", "", 2), False),
        (finding("envelope.control.invalid", 2, "GS", 6), Complaint("element", "7", "", 4, 1), True),
    ],
)
def test_both_agree_on_what_they_tell_of_one_place(ours: Finding, theirs: Complaint, agree: bool) -> None:
    found = compare(FILE, [ours], [theirs], False, None)
    assert found.agreed == (((ours, (theirs,)),) if agree else ())
    assert found.ours == (() if agree else (ours,))
    assert found.theirs == (() if agree else (theirs,))


def test_what_is_no_matter_of_x12_is_left_out() -> None:
    others = [
        Finding(code, Severity.HOLD, "...") for code in ("partner.guide.missing", "order.price", "envelope.stranger")
    ]
    found = compare(FILE, others, [], True, None)
    assert (found.agreed, found.ours, found.theirs) == ((), (), ())
