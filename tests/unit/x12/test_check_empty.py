"""Segments that hold nothing, and separators behind the last value: told, and never a reason to refuse."""

import pytest

from edi_engine.finding import Position, Severity
from edi_engine.x12.check import checker
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse as path
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

IN_EACH_ERA = pytest.mark.parametrize("version", ["003040", "005010", "006030"])


def check(body, version, guide=None, delimiters=None):
    date = "261122" if version < "004010" else "20261122"
    text = f"ST*850*0001~BEG*00*SA*1**{date}~PO1*1*1*EA~{body}CTT*1~SE*9*0001~"
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, text.count("~"))
    judge = checker(DICTIONARY, version, "850", guide, None, {})
    return judge.check(text, outline, delimiters or Delimiters(), Position())


def told(findings):
    return [
        (finding.code.removeprefix("x12."), finding.severity, finding.ack, finding.where.path) for finding in findings
    ]


@IN_EACH_ERA
@pytest.mark.parametrize("empty", ["PO1~", "PO1*~", "PO1***~", "PO1*  ~"])
def test_a_segment_that_holds_nothing_is_a_warning(version, empty):
    assert told(check(empty, version)) == [("segment.empty", Severity.WARNING, None, "PO1[2]/PO101")]


@IN_EACH_ERA
@pytest.mark.parametrize("empty", ["REF~", "REF*~", "REF***~"])
def test_an_empty_segment_that_has_to_hold_something_lacks_just_that(version, empty):
    ((code, severity, ack, place),) = told(check(empty, version))
    assert (code, severity, ack.code, place) == ("element.missing", Severity.REFUSE, "1", "PO1[1]/REF01")


@IN_EACH_ERA
def test_an_empty_segment_that_has_to_hold_one_of_several_breaks_that_rule_alone(version):
    ((code, severity, ack, _),) = told(check("MEA~", version))
    assert (code, severity, ack.code) == ("element.condition", Severity.REFUSE, "2")


@pytest.mark.fault("E3")
@IN_EACH_ERA
@pytest.mark.parametrize(
    ("segment", "place"),
    [("PO1*2*1*EA*~", "PO104"), ("PO1*2*1*EA****~", "PO104"), ("PO1*2*1*EA" + "*" * 40 + "~", "PO104")],
)
def test_separators_behind_the_last_value_are_a_warning(version, segment, place):
    expected = ("element.trailing", Severity.WARNING, None, f"PO1[2]/{place}")
    assert told(check(segment, version)) == [expected]


@IN_EACH_ERA
def test_they_are_told_once_for_each_kind_of_segment(version):
    found = check("PO1*2*1*EA*~" * 900 + "PID*F****X*~PID*F****Y*~PO1*3*1*EA*~", version)
    assert [finding.where.path for finding in found] == ["PO1[2]/PO104", "PO1[901]/PID[1]/PID06"]


@IN_EACH_ERA
def test_a_fault_in_such_a_segment_is_told_as_well(version):
    found = check("PO1*2*1*EACH*~", version)
    assert [finding.code for finding in found] == ["x12.element.length", "x12.element.trailing"]


@pytest.mark.fault("E3")
@IN_EACH_ERA
def test_a_guide_can_allow_both(version):
    guide = Guide("850", (GuideRule(path("PO1"), allow=frozenset({"empty", "trailing"}), source="partner.yaml:7"),))
    found = check("PO1~PO1*2*1*EA*~", version, guide)
    assert [(finding.severity, finding.source) for finding in found] == [(Severity.NOTE, "partner.yaml:7")] * 2


@IN_EACH_ERA
@pytest.mark.parametrize("ending", ["~\r\n", "~\n", "\n", "\r\n"])
def test_line_ends_do_not_hide_them(version, ending):
    date = "261122" if version < "004010" else "20261122"
    text = f"ST*850*0001~BEG*00*SA*1**{date}~PO1*1*1*EA*~PO1~CTT*1~SE*6*0001~".replace("~", ending)
    delimiters = Delimiters(segment=ending[0], suffix=ending[1:]) if ending[0] == "~" else Delimiters(segment="\n")
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, 6)
    found = checker(DICTIONARY, version, "850", None, None, {}).check(text, outline, delimiters, Position())
    assert [finding.code for finding in found] == ["x12.element.trailing", "x12.segment.empty"]
