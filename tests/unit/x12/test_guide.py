"""A partner's guide narrows the standard into cases, and relaxes it into notes."""

import pytest

from edi_engine.finding import Position, Severity
from edi_engine.x12.check import checker, unresolved
from edi_engine.x12.guide import ALLOWABLE, Guide, GuideRule
from edi_engine.x12.path import parse
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

CACHE = {}

GOOD = (
    "ST*850*0001~BEG*00*SA*4500*1*20261122~REF*DP*038~REF*IA*1234567~DTM*002*20261130~"
    "N1*ST*ACME*92*0001~N3*1 MAIN ST~N4*TOWN*NY*10001~PER*OC*JO*TE*555*FX*556~N1*BT*ACME~"
    "PO1*1*12*EA*41.88**UP*012345678905*VN*A-1~PID*F****THING~N1*ST*STORE~N3*ELSEWHERE~"
    "PO1*2*12*CA*9.5**VN*A-2~SLN*1**I*1*EA>1~CTT*2~SE*18*0001~"
)


def rule(path, allow=(), codes=None, **more):
    return GuideRule(
        parse(path), codes=codes and frozenset(codes), allow=frozenset(allow), source="partner.yaml:7", **more
    )


def check(text, *rules):
    judge = checker(DICTIONARY, "004010", "850", Guide("850", rules), None, CACHE)
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, text.count("~"))
    return judge.check(text, outline, Delimiters(), Position())


def found(text, *rules):
    return [(finding.code.removeprefix("partner.guide."), finding.where.path) for finding in check(text, *rules)]


@pytest.mark.parametrize(
    "kept",
    [
        rule("BEG04", required=True),
        rule("BEG07", not_used=True),
        rule("REF(DP)", required=True),
        rule("REF(CO)", not_used=True),
        rule("REF(IA)", required=True, minimum=7, maximum=7),
        rule("REF[2]", required=True),
        rule("N1(ST)", required=True),
        rule("N1(ST)/N104", required=True, minimum=4, maximum=4),
        rule("N1(ST)/N3", required=True),
        rule("N1(ST)/PER(TE)", required=True),
        rule("N1(BT)/N3", not_used=True),
        rule("N1(BT)04", not_used=True),
        rule("PO1(VN)", required=True),
        rule("PO1(UP)", minimum=12, maximum=12),
        rule("PO1(UK)", not_used=True),
        rule("PO103", codes=["EA", "CA"]),
        rule("PO1/PO103", codes=["EA", "CA"]),
        rule("PO1/PID", not_used=False, required=False, maximum=5),
        rule("PO1[1]/PID", required=True),
        rule("PO1/SLN05-1", codes=["EA"]),
        rule("CTT", required=True),
        rule("PO1/N1(ST)/N4", not_used=True),
        rule("DTM(002)02", required=True),
        rule("DTM(010)02", required=True),
    ],
)
def test_a_set_that_keeps_to_the_rule(kept):
    assert check(GOOD, kept) == ()


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (rule("BEG07", required=True), [("missing", "BEG07")]),
        (rule("BEG04", not_used=True), [("not-used", "BEG04")]),
        (rule("REF(CO)", required=True), [("missing", "ST")]),
        (rule("REF(DP)", not_used=True), [("not-used", "REF")]),
        (rule("REF(IA)", maximum=6), [("length", "REF[2]02")]),
        (rule("REF(DP)", codes=["039"]), [("code", "REF02")]),
        (rule("REF(DP)03", required=True), [("missing", "REF03")]),
        (rule("N1(VN)", required=True), [("missing", "ST")]),
        (rule("N1(BT)/N3", required=True), [("missing", "N1[2]/N1")]),
        (rule("N1/N3", required=True), [("missing", "N1[2]/N1")]),
        (rule("N1(ST)/N3", not_used=True), [("not-used", "N1[1]/N3")]),
        (rule("N1(ST)/N104", maximum=3), [("length", "N1[1]/N104")]),
        (rule("N1(ST)04", maximum=3), [("length", "N1[1]/N104")]),
        (rule("N1(ST)/PER(EM)", required=True), [("missing", "N1[1]/N1")]),
        (rule("N1(ST)/PER(FX)", not_used=True), [("not-used", "N1[1]/PER06")]),
        (rule("PO1(UP)", required=True), [("missing", "PO1[2]/PO107")]),
        (rule("PO1(VN)", codes=["A-1"]), [("code", "PO1[2]/PO107")]),
        (rule("PO1(UP)", not_used=True), [("not-used", "PO1[1]/PO107")]),
        (rule("PO103", codes=["EA"]), [("code", "PO1[2]/PO103")]),
        (rule("PO1/PID", required=True), [("missing", "PO1[2]/PO1")]),
        (rule("PO1[2]/PID", required=True), [("missing", "PO1[2]/PO1")]),
        (rule("PO1/N1(ST)/N4", required=True), [("missing", "PO1[1]/N1[1]/N1")]),
        (rule("PO1/SLN05-1", codes=["CA"]), [("code", "PO1[2]/SLN[1]/SLN05-1")]),
        (rule("PO1/SLN05-2", not_used=True), [("not-used", "PO1[2]/SLN[1]/SLN05-2")]),
        (rule("PO1[2]", not_used=True), [("not-used", "PO1[2]/PO1")]),
    ],
)
def test_a_rule_that_is_broken(broken, expected):
    assert found(GOOD, broken) == expected


@pytest.mark.fault("E13")
def test_a_guides_fault_is_a_case_and_never_a_refusal():
    (finding,) = check(GOOD, rule("PO103", codes=["EA"]))
    assert finding.severity is Severity.HOLD
    assert finding.ack is None
    assert finding.source == "partner.yaml:7"
    assert (finding.seen, finding.wanted) == ("CA", "EA")
    assert finding.where.byte == GOOD.index("CA*9.5")
    assert finding.where.element == 3
    assert finding.where.in_set == 15


def test_one_fault_is_told_once():
    """What X12 refuses an element for is no fault against the guide as well; what the guide alone minds is."""
    rules = rule("BEG02", codes=["SA"]), rule("REF(DP)", required=True, minimum=1), rule("PO103", maximum=2)
    assert found(GOOD.replace("*SA*", "*XX*"), *rules) == [("x12.element.code", "BEG02")]
    assert found(GOOD.replace("*DP*038", "*DP"), *rules) == [("x12.element.condition", "REF02")]
    told = found(GOOD.replace("*SA*", "*NE*").replace("*CA*", "*CASE*"), *rules)
    assert told == [("code", "BEG02"), ("x12.element.length", "PO1[2]/PO103")]


def test_guide_and_standard_are_told_together():
    text = GOOD.replace("*41.88*", "*x*")
    assert found(text, rule("PO1(UP)", required=True)) == [
        ("x12.element.character", "PO1[1]/PO104"),
        ("missing", "PO1[2]/PO107"),
    ]


@pytest.mark.fault("E13")
@pytest.mark.parametrize(
    ("old", "new", "place", "word"),
    [
        ("N1*ST*ACME*92*0001", "N1*ST*ACME*92*1", "N1(ST)04", "length"),
        ("N1*ST*ACME*92*0001", "N1*ST*ACME*92*1", "N1(ST)/N104", "length"),
        ("N1*ST*ACME*92*0001", "N1*ST*ACME*92*1", "N1", "length"),
        ("*EA*41.88", "*ZQ*41.88", "PO103", "code"),
        ("*EA*41.88", "*ZQ*41.88", "PO1/PO103", "code"),
        ("REF*DP*038", "REF*DP", "REF(DP)", "condition"),
        ("*4500*", "**", "BEG03", "missing"),
        ("*20261122~", "*20261399~", "BEG05", "date"),
        ("BEG*00*SA*4500*1*20261122~", "", "BEG", "missing"),
        ("CTT*2~", "CTT*2~REF*DP*1~", "CTT/REF", "misplaced"),
        ("N3*1 MAIN", "QQQ*1~N3*1 MAIN", "N1(ST)/QQQ", "unknown"),
        ("N3*1 MAIN", "W05*N~N3*1 MAIN", "N1/W05", "foreign"),
        ("VN*A-1~", "VN*A-1" + "*" * 17 + "X~", "PO126", "extra"),
    ],
)
def test_what_a_guide_allows_is_only_noted(old, new, place, word):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    (plain,) = check(text)
    assert plain.severity is Severity.REFUSE
    assert word in ALLOWABLE
    (noted,) = check(text, rule(place, allow=[word]))
    assert (noted.code, noted.severity, noted.ack) == (plain.code, Severity.NOTE, None)
    assert noted.source == "partner.yaml:7"
    (other,) = check(text, rule(place, allow=["time"]))
    assert other == plain


@pytest.mark.fault("E13")
def test_what_is_allowed_in_one_place_is_not_allowed_in_another():
    text = GOOD.replace("N1*BT*ACME~", "N1*BT*ACME*92*1~")
    (finding,) = check(text, rule("N1(ST)04", allow=["length"]))
    assert finding.severity is Severity.REFUSE
    (finding,) = check(text, rule("PO1/N104", allow=["length"]))
    assert finding.severity is Severity.REFUSE


def test_rules_that_name_nothing_are_told():
    rules = (
        rule("BEG03", required=True),
        rule("BEG99", required=True),
        rule("SCH", required=True),
        rule("PO1/SCH", required=True),
        rule("BEG/REF", required=True),
        rule("N1(ZZZZ)", required=True),
        rule("N1(ZZZZ)/N104", required=True),
        rule("BEG(00)", required=True),
        rule("N1(ST)/N104", allow=["length"]),
    )
    told = {str(each.path): why for each, why in unresolved(Guide("850", rules), DICTIONARY.set("004010", "850"))}
    assert told == {
        "BEG99": "BEG has only 12 elements",
        "SCH": "SCH does not stand here",
        "BEG/REF": "BEG is no loop here",
        "N1(ZZZZ)": "ZZZZ is no qualifier of N1",
        "N1(ZZZZ)/N104": "ZZZZ is no qualifier of N1",
        "BEG(00)": "00 is no qualifier of BEG",
    }
