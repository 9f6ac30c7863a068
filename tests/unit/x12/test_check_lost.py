"""A wrong id where a loop or a mandatory segment was meant is one fault, and says what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import Position
from edi_engine.x12.check import checker
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse as path
from edi_engine.x12.tree_lost import MOST_BEHIND, is_like
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

START = ["ST*850*0001", "BEG*00*SA*1**20261122", "DTM*010*20261207"]
PARTY = ["N1*ST*ACME", "N3*1 MAIN ST", "N4*COLUMBUS*OH*43207"]
LINE = ["PO1*1*12*EA*12.4", "PID*F****PLANTER"]
ID = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=3)


def check(body, guide=None):
    segments = [*START, *body]
    text = "".join(f"{one}~" for one in [*segments, f"SE*{len(segments) + 1}*0001"])
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, len(segments) + 1)
    return checker(DICTIONARY, "004010", "850", guide, None, {}).check(text, outline, Delimiters(), Position())


def told(findings):
    return [(one.code.removeprefix("x12."), one.where.segment_id, one.wanted) for one in findings]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["NN1*ST*ACME", *PARTY[1:], *LINE], [("segment.unknown", "NN1", "N1")]),
        ([*PARTY, "po1*1*12*EA*12.4", LINE[1], *LINE], [("segment.unknown", "po1", "PO1")]),
        ([*PARTY, *LINE, "P01*2*1*EA*1"], [("segment.unknown", "P01", "PO1")]),
        ([*PARTY, "IT1*1*12*EA*12.4", LINE[1], "CTT*1"], [("segment.foreign", "IT1", "PO1")]),
        ([*PARTY, "OP1*1*12*EA*12.4", "CTT*1"], [("segment.unknown", "OP1", "PO1")]),
        # unlike, and what it could stand for need not be there: what follows has a fault of its own
        (
            [*PARTY[:1], "QX7*1", LINE[1], *LINE],
            [("segment.unknown", "QX7", None), ("segment.misplaced", "PID", None)],
        ),
        # something stood between
        (
            ["NN1*ST*ACME", "MAN*GM*00012345", "N3*1 MAIN ST", *LINE],
            [("segment.unknown", "NN1", "N1"), ("segment.misplaced", "N3", None)],
        ),
        # unlike, but what it holds and what follows it are right for one loop alone
        (["N9X*ST*ACME", *PARTY[1:], *LINE], [("segment.unknown", "N9X", "N1")]),
        ([*PARTY, "W05*BT*ACME", *PARTY[1:], *LINE], [("segment.foreign", "W05", "N1")]),
        ([*PARTY, "PO4X*1*12*EA*12.4", LINE[1], *LINE], [("segment.unknown", "PO4X", "PO1")]),
        (
            [*PARTY, "ZZ*1*12*EA*12.4", *LINE[1:], "ZZ*2*12*EA*12.4", "CTT*1"],
            [("segment.unknown", "ZZ", "PO1"), ("segment.unknown", "ZZ", None)],
        ),
        ([*PARTY, "IT1*1*12*EA*12.4", "CTT*1"], [("segment.foreign", "IT1", "PO1")]),
        # what it holds is wrong there
        ([*PARTY, "IT1*1*12*EA*BB", "CTT*1"], [("segment.foreign", "IT1", None), ("segment.missing", "PO1", None)]),
        # some that follow could also stand in the loop that was open
        (
            ["PO1X*1*12*EA*12.4", "DTM*002*20261208", "DTM*010*20261208", "SCH*12*EA***002*20261130", *LINE],
            [("segment.unknown", "PO1X", "PO1")],
        ),
        # one that follows is misspelt as well
        (
            ["NN1*ST*ACME", "N3X*1 MAIN ST", "N4*COLUMBUS*OH*43207", *LINE],
            [("segment.unknown", "NN1", "N1"), ("segment.unknown", "N3X", "N3")],
        ),
    ],
)
def test_a_wrong_id_is_one_fault(body, expected):
    assert told(check(body)) == expected


def test_faults_inside_the_loop_that_was_meant_are_found():
    found = check([*PARTY, "IT1*1*12*EA*12.4", LINE[1], "DTM*010*20261301", "N4*XENIA", "CTT*1"])
    assert told(found) == [
        ("segment.foreign", "IT1", "PO1"),
        ("element.date", "DTM", "CCYYMMDD"),
        ("segment.misplaced", "N4", None),
    ]
    assert [one.where.path for one in found] == ["N1[1]/IT1", "PO1[1]/DTM02", "PO1[1]/N4"]


def test_where_a_guide_allows_the_stranger_what_follows_is_told():
    allowed = Guide("850", (GuideRule(path("NN1"), allow=frozenset({"unknown"})),))
    found = check(["NN1*ST*ACME", *PARTY[1:], *LINE], allowed)
    assert [one.severity.name for one in found] == ["NOTE", "REFUSE", "REFUSE"]
    assert [one.code for one in found] == ["x12.segment.unknown", *["x12.segment.misplaced"] * 2]


@given(ID, st.integers(0, 2), st.sampled_from("ABC123"))
def test_one_slip_of_the_hand_is_like_the_id(wanted, at, letter):
    at = min(at, len(wanted) - 1)
    slips = {
        wanted.lower(),
        wanted[:at] + letter + wanted[at:],
        wanted[:at] + letter + wanted[at + 1 :],
        wanted[1::-1] + wanted[2:],
    }
    assert all(is_like(slip, wanted) for slip in slips)


@given(ID, ID)
def test_likeness_holds_both_ways_and_not_for_ids_that_share_nothing(one, other):
    assert is_like(one, other) == is_like(other, one)
    if not set(one) & set(other):
        assert not is_like(one, other)


@pytest.mark.parametrize(
    ("body", "missing"),
    [(["NN1*ST*ACME", *PARTY[1:], *LINE], ["REF(DP)"]), (["FOB*CC", "REF*DP*038", *PARTY, *LINE], [])],
)
def test_what_stands_in_a_wrong_place_is_not_missing_for_the_guide_as_well(body, missing):
    wanting = Guide("850", (GuideRule(path("N1(ST)"), required=True), GuideRule(path("REF(DP)"), required=True)))
    found = check(body, wanting)
    assert [one.message.split()[0] for one in found if one.code == "partner.guide.missing"] == missing
    assert any(one.code.startswith("x12.segment.") for one in found)


BOUNDED = ["LDT*AF*5*DA", "QTY*38*1"]
END = "LE*LDT"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([*LINE, *BOUNDED, END, *LINE], ["LDT"]),
        ([*LINE, *BOUNDED, *LINE, *LINE, END], ["LDT", "LE"]),
        ([*LINE, *BOUNDED, END, *LINE, END], ["LDT", "LE"]),
        ([*LINE, *BOUNDED, *LINE, "LS*LDT", *BOUNDED, END, *LINE, END], ["LDT", "LE"]),
        ([*LINE, *BOUNDED, END, *LINE, *BOUNDED, END], ["LDT", "LDT"]),
    ],
)
def test_an_ls_that_is_lost_leaves_over_the_le_of_its_own_line_and_no_other(body, expected):
    found = check([*PARTY, *body, "CTT*1"])
    assert [(one.code, one.where.segment_id) for one in found] == [("x12.segment.misplaced", each) for each in expected]


def test_the_stranger_says_which_segment_tells_what_it_was_meant_to_be():
    (found,) = check(["N9X*ST*ACME", *PARTY[1:], *LINE])
    assert found.message.endswith("It seems to stand for N1 (party), as N3 follows, and is taken for it.")
    assert found.fix == "Ask the partner to send N1 there."
    (found,) = check([*PARTY, "IT1*1*12*EA*12.4", "CTT*1"])
    assert found.message.endswith("It seems to stand for PO1 (order line) and is taken for it.")


@pytest.mark.parametrize("between", [8, 9])
def test_only_so_many_segments_behind_a_stranger_tell_what_it_was(between):
    body = ["PO1X*1*12*EA*12.4", *["DTM*010*20261208"] * between, "SCH*12*EA***002*20261130", *LINE]
    assert len(check(body)) == (1 if between <= MOST_BEHIND else 2)
