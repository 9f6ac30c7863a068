"""The 997 and 999 that we send (rows D, E1 to E5, E9 and C15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.acknowledge import TOGETHER, Acknowledgment, SetVerdict, acknowledge
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Delimiters, GroupOutline
from edi_engine.x12.writer import COMPONENT

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"


def group_of(sets: int, *, stated: str | None = None, kind: str = "PO") -> GroupOutline:
    body = "".join(f"ST*850*{n:04d}~BEG*00~SE*3*{n:04d}~" for n in range(1, sets + 1))
    stated = str(sets) if stated is None else stated
    text = f"{ISA}GS*{kind}*N*A*20260314*0915*7*X*004010~{body}GE*{stated}*7~IEA*1*000000042~"
    return outline(text.encode()).interchanges[0].groups[0]


def fault(
    level: str, code: str, seen: str | None = None, *, severity: Severity = Severity.REFUSE, **where: object
) -> Finding:
    place = Position(**{"in_set": 3, "segment_id": "PO1", **where})  # type: ignore[arg-type]
    return Finding("x12.test", severity, "wrong", place, seen, ack=AckCode(level, code))


def answer(*findings: Finding, version: str = "004010", **options: object) -> tuple[tuple[str, ...], ...]:
    group = group_of(1)
    return acknowledge(group, [SetVerdict(group.sets[0], findings)], version, **options).segments  # type: ignore[arg-type]


def test_a_clean_group_is_accepted() -> None:
    group = group_of(2)
    found = acknowledge(group, [SetVerdict(one) for one in group.sets], "004010")
    assert found == Acknowledgment(
        "997",
        (
            ("AK1", "PO", "7"),
            ("AK2", "850", "0001"),
            ("AK5", "A"),
            ("AK2", "850", "0002"),
            ("AK5", "A"),
            ("AK9", "A", "2", "2", "2"),
        ),
        "A",
        2,
        2,
        group.sets,
    )


@pytest.mark.fault("E4")
def test_e4_one_bad_set_of_fifty_leaves_the_others_alone() -> None:
    group = group_of(50)
    verdicts = [SetVerdict(one, (fault("AK3", "1"),) if one.ordinal == 17 else ()) for one in group.sets]
    found = acknowledge(group, verdicts, "004010")
    assert found.segments[-1] == ("AK9", "P", "50", "50", "49")
    assert (found.verdict, found.received, found.accepted) == ("P", 50, 49)
    assert [segment for segment in found.segments if segment[0] == "AK5" and segment[1] != "A"] == [("AK5", "R", "5")]


@pytest.mark.fault("E1", "E2")
def test_e1_e2_segments_and_elements_in_error() -> None:
    assert answer(
        fault("AK4", "5", "CASE", element=3, element_id="355"),
        fault("AK4", "1", element=4, element_id="212"),
        fault("AK3", "3", in_set=9, segment_id="CTT"),
        fault("AK3", "2", in_set=2, segment_id="XYZ"),
    )[1:-1] == (
        ("AK2", "850", "0001"),
        ("AK3", "XYZ", "2", "", "2"),
        ("AK3", "PO1", "3", "", "8"),
        ("AK4", "3", "355", "5", "CASE"),
        ("AK4", "4", "212", "1"),
        ("AK3", "CTT", "9", "", "3"),
        ("AK5", "R", "5"),
    )


def test_a_segment_error_and_element_errors_at_one_place() -> None:
    segments = answer(fault("AK4", "1", element=1), fault("AK3", "5"))
    assert segments[2:5] == (("AK3", "PO1", "3", "", "5"), ("AK3", "PO1", "3", "", "8"), ("AK4", "1", "", "1"))


@pytest.mark.fault("E2")
def test_e2_warnings_are_noted_and_accepted() -> None:
    noted = answer(fault("AK4", "7", "QQ", element=2, element_id="355", severity=Severity.WARNING))
    assert noted[-2:] == (("AK5", "E", "5"), ("AK9", "E", "1", "1", "1"))
    assert ("AK4", "2", "355", "7", "QQ") in noted


@pytest.mark.parametrize("severity", [Severity.NOTE, Severity.HOLD])
def test_what_is_only_our_own_affair_is_not_told(severity: Severity) -> None:
    assert answer(fault("AK4", "7", element=2, severity=severity))[1:] == (
        ("AK2", "850", "0001"),
        ("AK5", "A"),
        ("AK9", "A", "1", "1", "1"),
    )


def test_a_refusal_without_a_code_still_refuses() -> None:
    finding = Finding("x12.test", Severity.REFUSE, "wrong")
    assert answer(finding)[-2:] == (("AK5", "R", "5"), ("AK9", "R", "1", "1", "0"))


@pytest.mark.fault("D4")
def test_d4_envelope_faults_of_a_set_refuse_it_once() -> None:
    group = group_of(1)
    mismatch = fault("AK5", "3", in_set=3, segment_id="SE")
    bad = group.sets[0]._replace(findings=(mismatch, fault("AK5", "4")))
    found = acknowledge(replace(group, sets=(bad,)), [SetVerdict(bad, (mismatch,))], "004010")
    assert found.segments[1:] == (("AK2", "850", "0001"), ("AK5", "R", "3", "4"), ("AK9", "R", "1", "1", "0"))


def test_at_most_five_codes() -> None:
    findings = [fault("AK5", code) for code in ("1", "2", "3", "4", "6", "7", "23")]
    assert answer(*findings)[-2] == ("AK5", "R", "1", "2", "3", "4", "6")


@pytest.mark.fault("D3")
def test_d3_a_refused_group_names_only_sets_that_are_wrong_themselves() -> None:
    group = group_of(3, stated="4")
    verdicts = [SetVerdict(one, (fault("AK3", "1"),) if one.ordinal == 2 else ()) for one in group.sets]
    found = acknowledge(group, verdicts, "004010")
    assert found.segments == (
        ("AK1", "PO", "7"),
        ("AK2", "850", "0002"),
        ("AK3", "PO1", "3", "", "1"),
        ("AK5", "R", "5"),
        ("AK9", "R", "4", "3", "0", "5"),
    )
    assert (found.verdict, found.accepted, found.included) == ("R", 0, (group.sets[1],))


def test_a_group_that_is_refused_with_what_is_wrong_beside_it_names_every_set() -> None:
    group = group_of(3)
    verdicts = [SetVerdict(one, (fault("AK3", "1"),) if one.ordinal == 2 else ()) for one in group.sets]
    beside = Finding(TOGETHER, Severity.REFUSE, "refused with 850 0002")
    found = acknowledge(replace(group, findings=(beside,)), verdicts, "004010")
    assert found.segments[1:] == (
        ("AK2", "850", "0001"),
        ("AK5", "R"),
        ("AK2", "850", "0002"),
        ("AK3", "PO1", "3", "", "1"),
        ("AK5", "R", "5"),
        ("AK2", "850", "0003"),
        ("AK5", "R"),
        ("AK9", "R", "3", "3", "0"),
    )
    assert (found.verdict, found.accepted, found.included) == ("R", 0, group.sets)
    of_its_own = (beside, fault("AK9", "5"))
    named = acknowledge(replace(group, findings=of_its_own), verdicts, "004010").included
    assert named == (group.sets[1],)


@pytest.mark.parametrize(("stated", "ak902"), [("", "1"), ("x", "1"), ("007", "7"), ("\u0663", "1"), ("1234567", "1")])
def test_ak902_is_ge01_as_received_where_it_is_a_number(stated: str, ak902: str) -> None:
    group = replace(group_of(1), stated_sets=stated)
    assert acknowledge(group, [SetVerdict(group.sets[0])], "004010").segments[-1][2] == ak902


def test_group_warnings_are_noted_only_where_the_version_has_the_code() -> None:
    group = replace(group_of(1), findings=(fault("AK9", "30", severity=Severity.WARNING),))
    verdicts = [SetVerdict(group.sets[0])]
    assert acknowledge(group, verdicts, "004010").segments[-1] == ("AK9", "A", "1", "1", "1")
    assert acknowledge(group, verdicts, "005030").segments[-1] == ("AK9", "E", "1", "1", "1", "30")


@pytest.mark.parametrize(
    ("level", "code", "version", "said"),
    [
        ("AK4", "12", "004010", "3"),
        ("AK4", "12", "004020", "12"),
        ("AK4", "13", "004010", "3"),
        ("AK4", "13", "005010", "13"),
        ("AK5", "18", "004010", "1"),
        ("AK5", "18", "004050", "18"),
        ("AK9", "19", "004010", "6"),
        ("AK9", "19", "005010", "19"),
    ],
)
def test_codes_only_that_the_version_has(level: str, code: str, version: str, said: str) -> None:
    finding = fault(level, code, element=1)
    group = group_of(1)
    if level == "AK9":
        group = replace(group, findings=(finding,))
    segments = acknowledge(group, [SetVerdict(group.sets[0], (finding,))], version).segments
    place = {"AK4": 3, "AK5": 2, "AK9": 5}[level]
    assert next(segment[place] for segment in segments if segment[0] == level) == said


def test_003040_has_no_code_for_a_segment_with_bad_elements() -> None:
    assert ("AK3", "PO1", "3") in answer(fault("AK4", "1", element=1), version="003040")


@pytest.mark.parametrize(
    ("version", "place", "said"),
    [
        ("004010", {"component": 2}, f"7{COMPONENT}2"),
        ("003060", {"component": 2}, f"7{COMPONENT}2"),
        ("003040", {"component": 2}, "7"),
        ("004010", {"component": 120}, f"7{COMPONENT}99"),
        ("004020", {"repetition": 12_000}, f"7{COMPONENT}{COMPONENT}9999"),
        ("004020", {"component": 2, "repetition": 3}, f"7{COMPONENT}2{COMPONENT}3"),
        ("004020", {"repetition": 3}, f"7{COMPONENT}{COMPONENT}3"),
        ("004010", {"repetition": 3}, "7"),
    ],
)
def test_ak401_names_components_and_repetitions(version: str, place: dict[str, int], said: str) -> None:
    assert answer(fault("AK4", "5", element=7, **place), version=version)[3][1] == said


@pytest.mark.fault("E5")
def test_e5_at_most_99_elements_of_a_segment() -> None:
    segments = answer(*(fault("AK4", "1", element=n, in_set=3) for n in range(1, 121)))
    assert sum(segment[0] == "AK4" for segment in segments) == 99


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("code", "seen", "copy"),
    [
        ("7", "A*B~C>D^E|F:G", "ABCDEFG"),
        ("7", "41.88", "41.88"),
        ("7", "Größe\x00\n", "Gre"),
        ("5", "x" * 200, "x" * 99),
        ("6", "bad\x01", None),
        ("7", None, None),
        ("7", "~~", None),
    ],
)
def test_c15_the_copy_of_a_bad_value_cannot_break_our_answer(code: str, seen: str | None, copy: str | None) -> None:
    segment = answer(fault("AK4", code, seen, element=3, element_id="355"))[3]
    assert segment == (("AK4", "3", "355", code) if copy is None else ("AK4", "3", "355", code, copy))


@pytest.mark.fault("C15")
def test_c15_the_delimiters_are_stripped_where_they_are_known() -> None:
    finding = fault("AK4", "7", "A|B*C:D>E", element=3)
    copy = answer(finding, delimiters=Delimiters("|", ":", "\n"))[3][4]
    assert copy == "AB*CDE"


@pytest.mark.fault("C15")
def test_c15_only_the_basic_characters_are_copied() -> None:
    finding = fault("AK4", "7", "ca ^#@|{\\é=1/2", element=3)
    assert answer(finding, delimiters=Delimiters())[3][4] == "ca =1/2"


def test_segment_ids_and_control_numbers_are_cleaned_too() -> None:
    assert answer(fault("AK3", "1", segment_id="A|\x00BCDE"))[2] == ("AK3", "ABC", "3", "", "1")


@pytest.mark.parametrize(
    ("gs", "st", "ak1", "ak2"),
    [
        ("GS*PO*N*A*20260314*0915*ABC*X*004010", "ST*850*0001", ("PO", "0"), ("850", "0001")),
        ("GS*PO*N*A*20260314*0915*44 (Group 7)*X*004010", "ST*850*0001", ("PO", "0"), ("850", "0001")),
        ("GS*PO*N*A*20260314*0915*0001234567890*X*004010", "ST*850*0001", ("PO", "0"), ("850", "0001")),
        ("GS", "ST*850*0001", ("00", "0"), ("850", "0001")),
        ("GS*PO*N*A*20260314*0915*7*X*004010", "ST*850", ("PO", "7"), ("850", "0000")),
        ("GS*PO*N*A*20260314*0915*7*X*004010", "ST*850*12", ("PO", "7"), ("850", "0012")),
        ("GS*PO*N*A*20260314*0915*7*X*004010", "ST*8\xff5*0001", ("PO", "7"), ("085", "0001")),
        ("GS*PO*N*A*20260314*0915*7*X*004010", "ST", ("PO", "7"), ("000", "0000")),
    ],
)
def test_what_cannot_be_copied_is_written_with_zeros(
    gs: str, st: str, ak1: tuple[str, ...], ak2: tuple[str, ...]
) -> None:
    text = f"{ISA}{gs}~{st}~BEG*00~SE*3*0001~GE*1*7~IEA*1*000000042~"
    group = outline(text.encode("latin-1")).interchanges[0].groups[0]
    refused = replace(group, findings=())  # else the sets of a refused group are named only where they are wrong
    segments = acknowledge(refused, [SetVerdict(group.sets[0])], "004010").segments
    assert segments[:2] == (("AK1", *ak1), ("AK2", *ak2))


def test_element_ids_that_are_no_numbers_are_left_out() -> None:
    assert answer(fault("AK4", "1", element=1, element_id="C040"))[3] == ("AK4", "1", "", "1")


def test_a_997_from_004050_names_the_version() -> None:
    assert answer(version="004050")[0] == ("AK1", "PO", "7", "004010")


def test_a_999() -> None:
    segments = answer(fault("AK4", "I6", "QQ", element=2, element_id="355"), version="005010", set_id="999")
    assert [segment[0] for segment in segments] == ["AK1", "AK2", "IK3", "IK4", "IK5", "AK9"]
    assert segments[3] == ("IK4", "2", "355", "I6", "QQ")
    assert answer(fault("AK4", "I6", element=2), version="005010")[2] == ("AK5", "R", "5")
    with pytest.raises(ValueError, match="no 999"):
        answer(set_id="999")


@pytest.mark.fault("E9")
def test_e9_an_acknowledgment_is_never_acknowledged() -> None:
    with pytest.raises(ValueError, match="never acknowledged"):
        acknowledge(group_of(0, kind="FA"), [], "004010")


def test_a_verdict_on_each_set_and_no_other() -> None:
    with pytest.raises(ValueError, match="2 sets, but the 1 verdicts"):
        acknowledge(group_of(2), [SetVerdict(group_of(2).sets[0])], "004010")
