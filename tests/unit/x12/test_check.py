"""One small 850 after another with one fault in it (FAILURES E1, E2, E3, E5, E7 and F7)."""

import pytest

from edi_engine.finding import AckCode, Position, Severity
from edi_engine.x12.check import checker
from edi_engine.x12.check_room import MOST_FINDINGS
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

CACHE = {}

GOOD = (
    "ST*850*0001~BEG*00*SA*4500*1*20261122~REF*DP*038~REF*IA*77~ITD*01*3*2**30~DTM*002*20261130*1530~"
    "N1*ST*ACME*92*0001~N3*1 MAIN ST~N4*TOWN*NY*10001~N1*BT*ACME~"
    "PO1*1*12*EA*41.88**UP*012345678905~PID*F****THING~SCH*12*EA***002*20261130~PO1*2*12*CA*-9.5**VN*A-1~"
    "CTT*2~SE*16*0001~"
)
ASN = (
    "ST*856*0001~BSN*00*S1*20261122*1200*0001~HL*1**S~HL*2*1*O~PRF*4500~HL*3*2*I~LIN**UP*012345678905~SN1**5*EA~"
    "CTT*3~SE*10*0001~"
)


def check(text, version="004010", set_id="850", reads=None, guide=None, delimiters=None, start=0):
    judge = checker(DICTIONARY, version, set_id, guide, reads, CACHE)
    outline = SetOutline(1, set_id, "0001", start, start + len(text), 3, text.count("~"))
    where = Position(file="x.edi", interchange="000000042", group="7")
    return judge.check(text, outline, delimiters or Delimiters(), where)


def codes(findings):
    return [(finding.code.removeprefix("x12."), finding.ack and finding.ack.code) for finding in findings]


def swap(old, new, text=GOOD):
    assert old in text
    return text.replace(old, new, 1)


def test_a_faultless_set_has_no_findings():
    assert check(GOOD) == ()
    assert check(ASN, set_id="856") == ()


@pytest.mark.fault("E1", "E2")
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # segments, told in AK3
        ("REF*DP", "RXF*DP", [("segment.unknown", "1")]),
        ("REF*DP*038~", "W05*N*1~", [("segment.foreign", "6")]),
        ("REF*DP*038~", "SCH*1*EA***002*20261130~", [("segment.misplaced", "2")]),
        ("CTT*2~", "CTT*2~REF*DP*1~", [("segment.misplaced", "7")]),
        ("N3*1 MAIN ST~", "N3*1 MAIN ST~N2*MORE~", [("segment.misplaced", "7")]),
        ("BEG*00*SA*4500*1*20261122~", "", [("segment.missing", "3")]),
        ("~PO1*1", "~FA1*AA~PO1*1", [("segment.misplaced", "2"), ("segment.missing", "3")]),
        ("N1*ST", "AMT*1*5~FA1*AA~N1*ST", [("segment.missing", "3")]),
        ("REF*DP", "BEG*00*SA*4500*1*20261122~REF*DP", [("segment.repeated", "5")]),
        ("~CTT*2", "~BEG*00*SA*4500*1*20261122~CTT*2", [("segment.repeated", "5")]),
        ("DTM*002*20261130*1530~", "DTM*002*20261130~" * 13, [("segment.repeated", "5")]),
        ("CTT*2~", "CTT*2~CTT*2~", [("loop.repeated", "4")]),
        ("N1*ST", "SAC*C*D240***500~" * 27 + "N1*ST", [("segment.misplaced", "7")] * 25 + [("loop.repeated", "4")]),
        # elements, told in AK4
        ("*4500*", "**", [("element.missing", "1")]),
        ("*4500*", "*  *", [("element.missing", "1")]),
        ("REF*DP*038", "REF*DP", [("element.condition", "2")]),
        ("N1*ST*ACME*92*0001", "N1*ST*ACME*92", [("element.condition", "2")]),
        ("PO1*1*12*EA", "PO1*1**EA", [("element.condition", "2")]),
        ("20261122~", "20261122********~", [("element.trailing", None)]),
        ("20261122~", "20261122********X~", [("element.extra", "3")]),
        ("*0001~N3", "*1~N3", [("element.length", "4")]),
        ("*4500*", "*" + "4" * 23 + "*", [("element.length", "5")]),
        ("12*CA*", "12*CASE*", [("element.length", "5")]),
        ("THING", "TH\x07ING", [("element.character", "6")]),
        ("THING", "TH\r\nING", [("element.character", "6")]),
        ("*EA*41.88", "*ea*41.88", [("element.code", "7")]),
        ("*20261122~", "*20260229~", [("element.date", "8")]),
        ("*20261122~", "*261122~", [("element.date", "8")]),
        ("*20261122~", "*2026112A~", [("element.date", "8")]),
        ("*1530~", "*2530~", [("element.time", "9")]),
        ("*1530~", "*153~", [("element.time", "9")]),
        ("CTT*2~", "CTT*2.5~", [("element.character", "6")]),
        ("CTT*2~", "CTT*-~", [("element.character", "6")]),
        ("CTT*2~", "CTT*" + "2" * 7 + "~", [("element.length", "5")]),
        ("*12*EA*41.88", "*" + "1" * 16 + "*EA*41.88", [("element.length", "5")]),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(old, new, expected):
    assert codes(check(swap(old, new))) == expected


@pytest.mark.fault("F7")
@pytest.mark.parametrize("text", ["NaN", "1E3", "1_000", "+5", ".", "-", "1.2.3", "0x1", "1,5"])
def test_what_python_takes_for_a_number_x12_does_not(text):
    assert codes(check(swap("*1*12*EA", f"*1*{text}*EA"))) == [("element.character", "6")]


@pytest.mark.parametrize("number", ["12", "-12", "12.5", ".5", "5.", "-.5", "000012", "-999999999999999.", "0"])
def test_numbers_that_are_numbers(number):
    assert check(swap("*1*12*EA", f"*1*{number}*EA")) == ()


@pytest.mark.parametrize("time", ["0000", "2359", "235959", "2359599", "23595999"])
def test_times_of_day(time):
    assert check(swap("*1530~", f"*{time}~")) == ()


@pytest.mark.fault("F12")
def test_a_leap_day_is_a_date():
    assert check(swap("20261122", "20280229")) == ()


def test_the_position_is_filled_in():
    text = swap("12*CA*", "12*CASE*")
    (finding,) = check(text, start=500)
    assert finding.where == Position(
        file="x.edi",
        byte=500 + text.index("CASE"),
        interchange="000000042",
        group="7",
        set_control="0001",
        set_id="850",
        segment=3 + 13,
        in_set=14,
        segment_id="PO1",
        loop="PO1",
        path="PO1[2]/PO103",
        element=3,
        element_id="355",
    )
    assert finding.message == 'PO103 "CASE" is too long: a unit of measure code has exactly 2 characters.'
    assert (finding.seen, finding.wanted) == ("CASE", '"CA" (case)')
    assert finding.severity is Severity.REFUSE
    assert finding.ack == AckCode("AK4", "5")


@pytest.mark.fault("E1")
def test_a_missing_segment_is_told_where_it_should_stand():
    (finding,) = check(swap("BEG*00*SA*4500*1*20261122~", ""))
    assert (finding.where.segment_id, finding.where.in_set, finding.where.byte) == ("BEG", 2, len("ST*850*0001~"))
    (finding,) = check("ST*850*0001~BEG*00*SA*4500**20261122~SE*3*0001~")
    assert (finding.where.segment_id, finding.where.in_set, finding.where.path) == ("PO1", 3, "PO1")


def test_a_second_segment_of_its_kind_has_its_number_in_the_path():
    (finding,) = check(swap("REF*IA*77", "REF*IA"))
    assert finding.where.path == "REF[2]02"
    (finding,) = check(swap("N1*BT*ACME~", "N1*BT*ACME~N4*TOWN*N~"))
    assert (finding.where.loop, finding.where.path) == ("N1", "N1[2]/N402")


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [("ea", '"EA" (each)'), ("CASE", '"CA" (case)'), ("EACH", '"EA" (each)'), ("EA ", '"EA" (each)'), ("!!!!", None)],
)
def test_the_code_that_was_meant(seen, wanted):
    (finding,) = check(swap("12*CA*", f"12*{seen}*"))
    assert finding.wanted == (wanted or "exactly 2 characters")


@pytest.mark.fault("E2")
def test_a_fault_that_no_map_reads_is_only_a_warning():
    text = swap("*EA*41.88", "*XX*41.88")
    (read,) = check(text, reads=frozenset({"PO1/PO103"}))
    (unread,) = check(text, reads=frozenset({"BEG03"}))
    assert (read.severity, read.ack) == (Severity.REFUSE, AckCode("AK4", "7"))
    assert (unread.severity, unread.ack) == (Severity.WARNING, AckCode("AK4", "7"))
    long = swap("*EA*41.88", "*CASE*41.88")
    (length,) = check(long, reads=frozenset({"BEG03"}))
    assert (length.severity, length.message[-18:]) == (Severity.WARNING, "; no map reads it.")
    (length,) = check(long, reads=frozenset({"PO1/PO103"}))
    assert length.severity is Severity.REFUSE


LONG = "*41.88**UP*1*VN*2*VN*3*VN*4*VN*5*VN*6*VN*7*VN*8*VN*9*VN*10*VN"


@pytest.mark.fault("E2")
@pytest.mark.parametrize(
    ("right", "wrong", "severity", "ack"),
    [
        ("*EA*41.88", "*CASE*41.88", Severity.REFUSE, "5"),
        ("*EA*41.88", "*XX*41.88", Severity.WARNING, "7"),
        ("*41.88**UP", LONG, Severity.WARNING, "3"),
        ("REF*DP*038", "REF*DP*038**DP>1>DP>2>DP>3>DP>4", Severity.WARNING, "3"),
        ("ST*850*0001~", "ST*850*0001*0001*2~", Severity.REFUSE, "3"),
    ],
)
def test_in_a_set_that_no_map_reads_only_what_may_be_newer_may_be_wrong(right, wrong, severity, ack):
    (told,) = check(swap(right, wrong), reads=frozenset())
    assert (told.severity, told.ack) == (severity, AckCode("AK4", ack))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("UP*012345678905", "UP"), ("*41.88**UP", LONG)],
)
def test_what_may_have_moved_its_neighbours_counts_for_all_that_is_read_of_its_segment(right, wrong):
    text = swap(right, wrong)
    (read,) = check(text, reads=frozenset({"PO1/PO102"}))
    (unread,) = check(text, reads=frozenset({"PO1/PID/PID05", "BEG03"}))
    assert (read.severity, unread.severity) == (Severity.REFUSE, Severity.WARNING)


def test_the_frame_of_a_set_is_always_read():
    (told,) = check(swap("ST*850*0001~", "ST*850*1~"), reads=frozenset({"BEG03"}))
    assert told.severity is Severity.REFUSE


def test_places_read_are_told_apart_by_loop():
    text = swap("N1*BT*ACME", "N1*BT*ACME*??*1234")
    (heading,) = check(text, reads=frozenset({"PO1/N1/N103"}))
    assert heading.severity is Severity.WARNING
    (heading,) = check(text, reads=frozenset({"N1/N103"}))
    assert heading.severity is Severity.REFUSE


def test_an_inferred_condition_only_warns():
    text = "ST*860*0001~BCH*04*SA*1***20261122~POC*1*QI*5**EA~CTT*1~SE*5*0001~"
    assert check(text, "005010", "860") == ()
    (finding,) = check(text.replace("*5**EA", "*5"), "005010", "860")
    assert (finding.code, finding.severity, finding.ack) == ("x12.element.condition", Severity.WARNING, None)


def test_an_exclusion_has_its_own_code():
    text = swap("PID*F****THING~", "PID*F****THING~MEA**WT*5****01*24~")
    assert codes(check(text)) == [("element.condition", "10")]


@pytest.mark.fault("C10")
def test_a_component_separator_in_plain_text_is_text():
    assert check(swap("THING", "MILLWORK>LIT")) == ()


def test_components_are_checked_one_by_one():
    ok = swap("PID*F****THING~", "PID*F****THING~MEA**WT*5*LB>1>1~")
    assert check(ok) == ()
    (code,) = check(ok.replace("LB>1>1", "XXX>1>1"))
    assert (code.where.path, code.where.component, code.where.element_id) == ("PO1[1]/PID[1]/MEA04-1", 1, "355")
    assert codes(check(ok.replace("LB>1>1", ">1"))) == [("element.missing", "1")]
    (number,) = check(ok.replace("LB>1>1", "LB>x"))
    assert codes([number]) == [("element.character", "6")]
    assert number.where.byte == ok.index("LB>1>1") + 3
    assert codes(check(ok.replace("LB>1>1", "LB" + ">" * 14 + ">EA"))) == [("element.components", "3")]


def test_repetitions():
    caret = Delimiters(repetition="^")
    assert codes(check(swap("THING", "TH^ING"), delimiters=caret)) == [("element.repeated", "3")]
    five = "ST*850*0001~BEG*00*SA*4500**20261122~PO1*1*1*EA~PID*F****TH^ING~SE*5*0001~"
    assert codes(check(five, "005010", delimiters=caret)) == [("element.repeated", "12")]
    nine = "ST*999*0001*005010X231A1~AK1*PO*1~AK2*850*0001~IK3*PO1*5~CTX*A>1^B>2*PO1~IK5*E*5~AK9*E*1*1*1~SE*8*0001~"
    assert check(nine, "005010", "999", delimiters=caret) == ()
    (finding,) = check(nine.replace("^B>2", "^>2"), "005010", "999", delimiters=caret)
    assert (finding.code, finding.where.repetition, finding.where.component) == ("x12.element.missing", 2, 1)


def test_other_delimiters_and_line_ends():
    assert check(GOOD.replace("~", "~\r\n"), delimiters=Delimiters(suffix="\r\n")) == ()
    assert check(GOOD.replace("~", "\n"), delimiters=Delimiters(segment="\n")) == ()
    assert check(GOOD.replace("~", "\r\n"), delimiters=Delimiters(segment="\n")) == ()
    assert check(GOOD.replace("~", "~\n~"), delimiters=Delimiters(suffix="\n")) == ()
    assert check(GOOD.replace("*", "\x1d").replace("~", "\x1c"), delimiters=Delimiters("\x1d", ">", "\x1c")) == ()
    text = GOOD.replace("~", "~\r\n").replace("12*CA*", "12*CASE*")
    (finding,) = check(text, delimiters=Delimiters(suffix="\r\n"))
    assert (finding.where.in_set, finding.where.byte) == (14, text.index("CASE"))


def test_letters_beyond_ascii_are_left_alone():
    assert check(swap("THING", "CAF\xc9 \xa0")) == ()
    assert codes(check(swap("*1*12*EA", "*1*1\xb2*EA"))) == [("element.character", "6")]


@pytest.mark.fault("F7", "D19")
def test_digits_of_other_scripts_are_no_digits():
    assert codes(check(swap("*1*12*EA", "*1*\u0661\u0662*EA"))) == [("element.character", "6")]


@pytest.mark.fault("E1")
def test_a_stray_loop_takes_its_segments_with_it():
    text = swap("PO1*1*", "N9*AA*x~MSG*HI~MSG*THERE~PO1*1*")
    assert codes(check(text)) == [("segment.misplaced", "7")]


def test_a_stray_loop_that_is_not_whole_is_told():
    findings = check(swap("PO1*1*", "FA1*AA~PO1*1*"))
    assert codes(findings) == [("segment.misplaced", "2"), ("segment.missing", "3")]
    assert [finding.where.in_set for finding in findings] == [11, 12]


def test_findings_come_in_the_order_of_the_file():
    text = GOOD.replace("*4500*", "**").replace("*EA*41.88", "*XX*x").replace("CTT*2", "CTT*x")
    assert [finding.where.path for finding in check(text)] == ["BEG03", "PO1[1]/PO103", "PO1[1]/PO104", "CTT/CTT01"]


@pytest.mark.fault("E5")
def test_findings_are_bounded_and_the_rest_is_counted():
    many = "".join(f"PO1*{n}*x*EA~" for n in range(2, 1000))
    findings = check(swap("CTT*2~", many + "CTT*2~"))
    assert len(findings) == MOST_FINDINGS + 1
    assert findings[-1].code == "x12.set.more"
    assert findings[-1].severity is Severity.NOTE
    assert "498 more faults" in findings[-1].message


def test_what_is_not_listed_still_counts_for_the_verdict():
    many = "".join(f"PO1*{n}*1*XX~" for n in range(2, 1000))
    findings = check(swap("CTT*2~", many + "CTT*x~"), reads=frozenset())
    assert {finding.severity for finding in findings[:-1]} == {Severity.WARNING}
    assert findings[-1].severity is Severity.REFUSE


@pytest.mark.fault("E7")
def test_levels_name_each_other():
    assert codes(check(swap("HL*3*2*I", "HL*3*9*I", ASN), set_id="856")) == [("level.parent", "7")]
    assert codes(check(swap("HL*3*2*I", "HL*3*3*I", ASN), set_id="856")) == [("level.parent", "7")]
    assert codes(check(swap("HL*3*2*I", "HL*2*1*I", ASN), set_id="856")) == [("level.repeated", "7")]


def test_a_bounded_loop_is_closed_by_its_own_name():
    inside = "LS*LDT~LDT*AF*5*DA~LE*LDT~"
    assert check(swap("CTT*2~", inside + "CTT*2~")) == ()
    wrong = swap("CTT*2~", inside.replace("LE*LDT", "LE*LM") + "CTT*2~")
    assert codes(check(wrong)) == [("loop.bounds", "7")]
    no_end = swap("CTT*2~", inside.replace("LE*LDT~", "") + "CTT*2~")
    assert codes(check(no_end)) == [("segment.missing", "3")]


def test_a_set_without_se_is_left_to_its_envelope():
    assert check(GOOD.removesuffix("SE*16*0001~")) == ()


@pytest.mark.parametrize("text", ["", "~", "garbage", "ST~~~*~", "*", "SE*1*0001~", "\x00", "ST*850*0001~" * 3])
def test_nonsense_is_findings(text):
    assert check(text)
    assert all(finding.where.in_set is not None for finding in check(text))


def test_a_set_that_the_dictionary_lacks_has_no_checker():
    assert checker(DICTIONARY, "004010", "999", None, None, CACHE) is None
    assert checker(DICTIONARY, "007010", "850", None, None, CACHE) is None


def test_the_same_checker_is_kept():
    assert checker(DICTIONARY, "004010", "850", None, None, {}) is checker(DICTIONARY, "004010", "850", None, None, {})


def test_a_segment_that_comes_late_is_not_missing_too():
    invoice = "ST*810*0001~BIG*20261122*1~IT1*1*12*EA*1.5**IN*1~ISS*1*CT~TDS*1800~SE*6*0001~"
    (finding,) = check(invoice, set_id="810")
    assert (finding.code, finding.where.segment_id) == ("x12.segment.misplaced", "TDS")


def test_an_element_left_out_is_one_fault_and_not_one_for_each_behind_it():
    (finding,) = check(swap("PO1*1*12*EA*41.88**UP*012345678905", "PO1*1*12*EA*41.88*UP*012345678905"))
    assert (finding.code, finding.ack.code, finding.where.path) == ("x12.element.shifted", "7", "PO1[1]/PO105")
    assert "a valid product id qualifier, which is PO106" in finding.message
    assert check(swap("PO1*1*12*EA*41.88**UP", "PO1*1*12*EA*41.88*UP*UP")) != ()


def test_a_shifted_element_is_refused_though_no_map_reads_it():
    (finding,) = check(swap("41.88**UP*", "41.88*UP*"), reads=frozenset())
    assert finding.severity is Severity.REFUSE


def test_a_wrong_code_beside_sound_elements_is_no_shift():
    (finding,) = check(swap("41.88**UP*", "41.88*UP*UP*"))
    assert finding.code == "x12.element.code"


def test_what_a_segment_too_many_holds_is_not_told():
    found = check(swap("REF*DP", "BEG*****~BEG*****~REF*DP"))
    assert codes(found) == [("segment.repeated", "5")]


def test_one_missing_element_that_breaks_two_conditions_is_told_once():
    (finding,) = check(swap("ITD*01", "SAC*A***100.00~ITD*01"))
    assert finding.where.path == "SAC[1]/SAC03"
    (finding,) = check(swap("ITD*01", "SAC*A****500~ITD*01"))
    assert finding.message == "SAC02 or SAC03 must be there, and none of them is."
