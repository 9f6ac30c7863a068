"""What two sets say differently, and what does not count as a difference."""

import pytest

from edi_engine.x12.difference import Side, business_key, differences, pairs
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters
from tests.fixtures.standard import DICTIONARY

SETS = {"BEG": "850", "BSN": "856", "BIG": "810", "AK1": "997"}

ORDER = """BEG*00*SA*PO-1**20261120 REF*DP*042 REF*IA*77031 DTM*010*20261207 N1*ST*DC*92*0417
N3*1_MAIN_ST N1*BT*HQ*92*1 PO1*1*24*EA*12.4*PE*IN*100101*UP*036000291452
PID*F****HOSE PO1*2*3*CA*7.20*PE*IN*100103 CTT*2"""
NOTICE = """BSN*00*S-1*20261122*1200 HL*1**S TD1*CTN*2 HL*2*1*O PRF*PO-1 HL*3*2*P MAN*GM*001 HL*4*3*I LIN*1*IN*100101
SN1**12*EA HL*5*2*P MAN*GM*002 HL*6*5*I LIN*1*IN*100101 SN1**12*EA CTT*6"""


def side(body: str, delimiters: Delimiters = Delimiters(), version: str = "004010") -> Side:  # noqa: B008 (frozen)
    segments = body.split()
    set_id = SETS[segments[0][:3]]
    lines = [f"ST*{set_id}*0001", *segments, f"SE*{len(segments) + 2}*0001"]
    text = "~".join(lines) + "~"
    text = text.replace("*", delimiters.element).replace("~", delimiters.segment).replace("_", " ")
    grammar = DICTIONARY.set(version, set_id)
    assert grammar is not None
    return Side(parse(text, delimiters, grammar), delimiters, lambda name: DICTIONARY.segment(version, name))


def told(before: str, after: str) -> list[tuple[str, str | None, str | None]]:
    return [(one.path, one.before, one.after) for one in differences(side(before), side(after))]


@pytest.mark.parametrize("body", [ORDER, NOTICE])
@pytest.mark.parametrize(
    "marks", [Delimiters("|", "^", "\n"), Delimiters("+", ":", "'", "!"), Delimiters("\x1d", "@", "\r")]
)
def test_delimiters_do_not_count(body: str, marks: Delimiters) -> None:
    assert differences(side(body), side(body, marks)) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("7.20", "7.2"),
        ("*12.4*", "*12.40*"),
        ("*24*EA", "*024*EA"),
        ("REF*DP*042 REF*IA*77031", "REF*IA*77031 REF*DP*042"),
        ("REF*DP*042", "REF*DP*042***"),
        ("REF*DP*042", "REF*DP*042__"),
        ("IN*100101*UP*036000291452", "UP*036000291452*IN*100101"),
        ("N1*ST*DC*92*0417\nN3*1_MAIN_ST N1*BT*HQ*92*1", "N1*BT*HQ*92*1 N1*ST*DC*92*0417 N3*1_MAIN_ST"),
    ],
)
def test_what_means_the_same_is_no_difference(old: str, new: str) -> None:
    assert old in ORDER
    assert told(ORDER, ORDER.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        ("*24*EA", "*12*EA", "PO1[1]/PO102", "24", "12"),
        ("IN*100103", "IN*100104", "PO1[2]/PO107", "100103", "100104"),
        ("REF*DP*042", "REF*DP*043", "REF(DP)02", "042", "043"),
        ("20261207", "20261208", "DTM(010)02", "20261207", "20261208"),
        ("N1*ST*DC*92*0417", "N1*ST*DC*92*0418", "N1(ST)/N104", "0417", "0418"),
        ("1_MAIN_ST", "2_MAIN_ST", "N1(ST)/N301", "1 MAIN ST", "2 MAIN ST"),
        ("PID*F****HOSE", "PID*F****HOSES", "PO1[1]/PID[1]/PID05", "HOSE", "HOSES"),
        ("REF*DP*042 ", "", "REF(DP)", "REF*DP*042", None),
        ("*PE*IN*100103", "**IN*100103", "PO1[2]/PO105", "PE", None),
        ("CTT*2", "CTT*3", "CTT/CTT01", "2", "3"),
    ],
)
def test_a_difference_is_told_at_its_place(old: str, new: str, path: str, before: str, after: str | None) -> None:
    assert ORDER.count(old) == 1
    assert told(ORDER, ORDER.replace(old, new)) == [(path, before, after)]


def test_a_line_that_was_put_in_does_not_shift_the_others() -> None:
    more = ORDER.replace("PO1*2*3", "PO1*3*3").replace("PO1*3*", "PO1*2*6*EA*1*PE*IN*100102 PO1*3*")
    assert told(ORDER, more) == [
        ("PO1[2]/PO101", "2", "3"),
        ("PO1[2]", None, "PO1*2*6*EA*1*PE*IN*100102"),
    ]


def test_levels_meet_by_what_they_hold_and_not_by_their_numbers() -> None:
    first, second = NOTICE.index("HL*3"), NOTICE.index(" HL*5")
    packs = NOTICE[first:second], NOTICE[second + 1 : NOTICE.index("CTT")].strip()
    swapped = packs[1].replace("HL*5*2", "HL*3*2").replace("HL*6*5", "HL*4*3")
    other = packs[0].replace("HL*3*2", "HL*5*2").replace("HL*4*3", "HL*6*5")
    assert told(NOTICE, f"{NOTICE[:first]}{swapped} {other} CTT*6") == []
    assert told(
        NOTICE, NOTICE.replace("002 HL*6*5*I LIN*1*IN*100101 SN1**12", "002 HL*6*5*I LIN*1*IN*100101 SN1**6")
    ) == [("HL(S)/HL(O)/HL(P)[2]/HL(I)/SN102", "12", "6")]


def test_a_level_that_is_gone_is_told_by_what_it_was_about() -> None:
    (gone, total) = told(NOTICE, NOTICE[: NOTICE.index(" HL*5")] + " CTT*4")
    assert gone == ("HL(S)/HL(O)/HL(P)[2]", "MAN*GM*002", None)
    assert total == ("CTT01", "6", "4")


def test_a_product_id_says_which_it_is() -> None:
    (found,) = differences(side(ORDER), side(ORDER.replace("036000291452", "036000291453")))
    assert found.qualifier == ("235", "UP")
    assert found.element is not None
    assert (found.element.id, found.before_at, found.after_at) == ("234", 9, 9)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (ORDER, "PO-1"),
        (ORDER.replace("PO-1**", "PO-1*R7*"), "PO-1-R7"),
        (NOTICE, "S-1"),
        ("BIG*20261122*I-9**PO-1 TDS*100", "I-9"),
        ("AK1*PR*17 AK9*A*1*1*1", "17"),
    ],
)
def test_a_set_is_known_by_its_number(body: str, key: str) -> None:
    assert business_key(side(body)) == key


def test_sets_meet_by_number_and_not_by_place() -> None:
    one, two, three = (side(ORDER.replace("PO-1", f"PO-{n}")) for n in (1, 2, 3))
    assert pairs([one, two], [two, one]) == ((0, 1), (1, 0))
    assert pairs([one, two], [two, three]) == ((0, 1), (1, 0))
    assert pairs([one], [two, three]) == ((0, None), (None, 0), (None, 1))
    assert pairs([one], [side(NOTICE)]) == ((0, None), (None, 0))
    assert pairs([], []) == ()


def test_a_tree_of_very_many_levels_is_compared_too() -> None:
    deep = "BSN*00*S-1*20261122*1200 " + " ".join(f"HL*{n}*{n - 1 or ''}*O" for n in range(1, 3000))
    assert told(deep, deep) == []
    assert told(deep, deep.replace("HL*2999*2998*O", "HL*2999*2998*O REF*DP*1"))[-1][2] == "REF*DP*1"
