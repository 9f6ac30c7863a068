"""The fast pass of a guide never calls a set good that the slow one does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import Position
from edi_engine.x12.check import Judge, checker
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

pytestmark = pytest.mark.property

CACHE = {}

PLACES = [
    "BEG03",
    "BEG07",
    "REF",
    "REF(DP)",
    "REF(DP)03",
    "REF(IA)",
    "REF[2]",
    "DTM(002)",
    "N1",
    "N1(ST)",
    "N1(ST)04",
    "N1(ST)[2]",
    "N1(ST)/N104",
    "N1(ST)/N3",
    "N1(BT)/N4",
    "N1/PER(TE)",
    "PO1",
    "PO1(VN)",
    "PO1(UP)",
    "PO103",
    "PO1/PO104",
    "PO1/PID",
    "PO1/PID(08)",
    "PO1/N1(ST)",
    "PO1/N1(ST)/N3",
    "PO1[2]/PID05",
    "PO1/SLN05-1",
    "CTT",
    "CTT/AMT(TT)",
    "PO1/SAC(C310)",
]
HEADING = ["REF*DP*038", "REF*DP*039*X", "REF*IA*1234567", "DTM*002*20261130"]
PARTIES = ["N1*ST*ACME*92*0001", "N1*BT*ACME", "N3*1 MAIN ST", "N4*TOWN*NY*10001", "PER*OC*JO*TE*555"]
LINES = [
    "PO1*1*12*EA*41.88**UP*012345678905*VN*A-1",
    "PO1*2*12*CA*9.5**VN*A-2",
    "PID*F****THING",
    "N1*ST*X",
    "N3*THERE",
]


def limited(lowest):
    return st.none() | st.integers(lowest, 8)


RULES = st.lists(
    st.builds(
        GuideRule,
        path=st.sampled_from(PLACES).map(parse),
        required=st.booleans(),
        not_used=st.booleans() | st.just(False),
        codes=st.none() | st.sets(st.sampled_from(["EA", "038", "A-1", "92", "0001"])).map(frozenset),
        minimum=limited(0),
        maximum=limited(1),
    ),
    max_size=5,
)


@given(
    RULES,
    st.lists(st.sampled_from(HEADING), max_size=4).map(sorted),
    st.lists(st.sampled_from(PARTIES), max_size=6),
    st.lists(st.sampled_from(LINES), max_size=8),
)
def test_both_passes_of_a_guide_agree(rules, heading, parties, lines):
    pieces = ["ST*850*0001", "BEG*00*SA*4500**20261122", *reversed(heading), *parties, *lines, "CTT*2", "SE*9*0001"]
    text = "".join(piece + "~" for piece in pieces)
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, len(pieces))
    judge = checker(DICTIONARY, "004010", "850", Guide("850", tuple(rules)), None, CACHE)
    quick = judge.check(text, outline, Delimiters(), Position())
    slow = Judge(judge._compiled, judge._rules, Delimiters(), outline, Position()).judge(text)
    assert quick == slow
    items = judge._compiled.walk(text, Delimiters())
    if items is not None and judge._guide is not None and not slow and judge._guide._certain:
        mixed = any(str(rule.path) in {"N1/PER(TE)", "PO1/SLN05-1"} for rule in rules)
        assert mixed or judge._guide.keeps(items)
