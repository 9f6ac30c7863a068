"""Segments that could be meant in two ways: what follows them tells which, and then nothing is wrong."""

import pytest

from edi_engine.finding import Position
from edi_engine.x12.check import checker
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse as path
from edi_engine.x12.tree import parse
from edi_engine.x12.tree_forks import MOST_HEARD
from edi_engine.x12.values import Delimiters, Loop, SetOutline
from tests.fixtures.standard import DICTIONARY

START = "ST*832*0001~BCT*PC*1~LIN**UP*012345678905~CTP**RES*5~"


def text_of(body):
    return f"{START}{body}CTT*1~SE*9*0001~"


def check(body, version, guide=None):
    text = text_of(body)
    outline = SetOutline(1, "832", "0001", 0, len(text), 1, text.count("~"))
    return checker(DICTIONARY, version, "832", guide, None, {}).check(text, outline, Delimiters(), Position())


def told(findings):
    return [(finding.code, finding.where.path) for finding in findings]


FROM_005040 = pytest.mark.parametrize("version", ["005040", "006020", "006030"])


@FROM_005040
@pytest.mark.parametrize(
    "body",
    [
        "N1*ST*X~REF*DP*1~",
        "N1*ST*X~N3*1 MAIN ST~PER*IC~",
        "N1*ST*X~N1*BT*Y~REF*DP*1~N1*BY*Z~N2*Z~",
        "G39*012345678905~CTP**RES*5~DTM*002*20261122~",
        "G39*012345678905~CTP**RES*5~N1*ST*X~REF*DP*1~",
        "LS*LM~LM*VI~LQ*0*A~LE*LM~N1*ST*X~REF*DP*1~",
    ],
)
def test_a_price_takes_the_place_that_what_follows_fits(version, body):
    assert check(body, version) == ()


@pytest.mark.parametrize("version", ["005010", "005030"])
def test_a_bounded_loop_is_the_one_that_can_hold_what_it_holds(version):
    assert check("LS*N1~N1*ST*X~N3*1 MAIN ST~LE*N1~", version) == ()
    assert check("LS*LM~LM*VI~LQ*0*A~LE*LM~LS*N1~N1*ST*X~LE*N1~", version) == ()


def test_in_versions_with_one_place_nothing_is_new():
    assert check("N1*ST*X~REF*DP*1~", "003040") == ()
    assert check("N1*ST*X~REF*DP*1~", "005010") == ()
    assert told(check("G39*012345678905~CTP**RES*5~DTM*002*20261122~", "005010")) == [
        ("x12.segment.misplaced", "LIN[1]/G39[1]/DTM")
    ]


@FROM_005040
def test_the_tree_has_the_loop_that_was_meant(version):
    root = parse(text_of("N1*ST*X~N1*BT*Y~N3*1 MAIN ST~REF*DP*1~"), Delimiters(), DICTIONARY.set(version, "832"))
    assert ["*".join(spoken.elements) for spoken in root.segments()][4:8] == [
        "N1*ST*X",
        "N1*BT*Y",
        "N3*1 MAIN ST",
        "REF*DP*1",
    ]
    line = next(child for child in root.children if isinstance(child, Loop) and child.id == "LIN")
    price = next(child for child in line.children if isinstance(child, Loop))
    first, second = (child for child in price.children if isinstance(child, Loop))
    assert (len(first.children), len(second.children)) == (1, 3)
    assert first.use is not second.use


@FROM_005040
def test_faults_of_what_is_placed_anew_are_told_once(version):
    assert told(check("N1*ST~N3*1~N1*ST*X~N3~REF*DP~", version)) == [
        ("x12.element.condition", "LIN[1]/CTP[1]/N1[1]/N102"),
        ("x12.element.missing", "LIN[1]/CTP[1]/N1[1]/N301"),
        ("x12.element.condition", "LIN[1]/CTP[1]/N1[1]/REF02"),
    ]


@FROM_005040
def test_what_fits_neither_way_is_one_fault(version):
    late = ("x12.segment.misplaced", "LIN[1]/CTP[1]/N1[1]/CUR")
    assert told(check("N1*ST*X~CUR*BY*USD~REF*DP*1~", version)) == [late]
    assert told(check("N1*ST*X~QQQ*1~REF*DP*1~", version)) == [("x12.segment.unknown", "LIN[1]/CTP[1]/N1[1]/QQQ")]
    assert told(check("N1*ST*X~N4*TOWN~N4*TOWN~REF*DP*1~", version)) == [
        ("x12.segment.misplaced", "LIN[1]/CTP[1]/N1[1]/REF")
    ]


@FROM_005040
def test_a_fork_is_settled_after_a_while(version):
    few, many = ("N1*ST*X~" + "N2*A~" * 2 + "N1*BT*Y~" * often for often in (1, MOST_HEARD + 1))
    assert check(few + "REF*DP*1~", version) == ()
    assert check(many + "REF*DP*1~", version) == ()  # each N1 is a fork of its own


@FROM_005040
def test_a_guide_looks_into_the_loop_that_was_meant(version):
    guide = Guide("832", (GuideRule(path("LIN/CTP/N1(ST)/REF(DP)"), required=True),))
    assert check("N1*ST*X~REF*DP*1~", version, guide) == ()
    assert told(check("N1*ST*X~REF*IA*1~", version, guide)) == [("partner.guide.missing", "LIN[1]/CTP[1]/N1[1]/N1")]
    assert check("N1*BT*X~REF*IA*1~", version, guide) == ()


@FROM_005040
def test_an_le_after_what_its_loop_cannot_hold_is_one_fault(version):
    found = check("LS*LM~LM*VI~LQ*0*A~SAC*C*D240***500~LE*LM~", version)
    assert told(found) == [("x12.segment.misplaced", "LIN[1]/CTP[1]/LS/LM[1]/SAC")]
    assert told(check("LS*N1~N1*ST*X~LE*N1~", version)) == [("x12.segment.misplaced", "LIN[1]/CTP[1]/N1[1]/LE")]
