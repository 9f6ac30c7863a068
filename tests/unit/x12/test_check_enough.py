"""A set that is wrong from top to bottom: what is listed, what is counted, and where reading ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

import edi_engine.x12.check as check_module
from edi_engine.finding import Position, Severity
from edi_engine.x12.check import checker
from edi_engine.x12.check_element import ElementCheck
from edi_engine.x12.check_fault import Fault
from edi_engine.x12.check_room import MOST_COUNTED, MOST_FINDINGS
from edi_engine.x12.cut import cut
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

ALLOWING = Guide("850", (GuideRule(parse("BEG03"), allow=frozenset({"length"})),))

STRAYS = Guide("850", (GuideRule(parse("ZZZ"), allow=frozenset({"unknown"})),))


def told(unit: str, times: int, guide: Guide | None = None, reads: frozenset[str] | None = None):
    text = f"ST*850*0001~BEG*00*SA*1**20260101~{unit * times}SE*1*0001~"
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, text.count("~"))
    check = checker(DICTIONARY, "004010", "850", guide, reads, {})
    return check.check(text, outline, Delimiters(), Position())


@pytest.mark.fault("E6")
@pytest.mark.parametrize("guide", [None, ALLOWING])
@pytest.mark.parametrize("unit", ["PO1*1*x*EA~", "ZZZ~", "CTT*x~"])
def test_a_refused_set_is_not_read_to_its_end(unit, guide):
    found = told(unit, MOST_COUNTED * 3, guide)
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1].message.startswith("At least 10,00")  # what is missing at the end is counted as well
    assert max(one.severity for one in found) >= Severity.REFUSE


@pytest.mark.parametrize("guide", [None, ALLOWING])
def test_below_that_all_faults_are_counted(guide):
    assert told("ZZZ~", MOST_FINDINGS + 20, guide)[-1].message.startswith("21 more faults")


def test_warnings_alone_do_not_end_it():
    unread = "PO1*1*1*QQ*1~"
    found = told(unread * (MOST_FINDINGS + MOST_COUNTED + 10) + "PO1*1*x*EA~", 1, reads=frozenset({"PO1/PO102"}))
    assert (found[-1].code, found[-1].severity) == ("x12.set.more", Severity.REFUSE)


@pytest.mark.parametrize(("last", "worst"), [("PO1*1*1*EA*1~", Severity.WARNING), ("PO1*1*x*EA~", Severity.REFUSE)])
def test_then_segments_that_no_map_reads_are_looked_at_no_more_and_all_others_are(monkeypatch, last, worst):
    seen = []
    faults = ElementCheck.faults

    def counting(self, segment, elements, delimiters):
        seen.append(segment.id)
        return faults(self, segment, elements, delimiters)

    monkeypatch.setattr(ElementCheck, "faults", counting)
    unread = "REF*QQQ*1~" * (MOST_FINDINGS + MOST_COUNTED + 500)
    found = told(unread + last, 1, reads=frozenset({"PO1/PO102"}))
    assert found[-1].message.startswith(f"At least {MOST_COUNTED + (worst is Severity.REFUSE):,} more faults")
    assert max(one.severity for one in found) is worst
    assert seen.count("REF") == MOST_FINDINGS + MOST_COUNTED
    seen.clear()
    found = told("ZZZ~" + unread + last, 1, STRAYS, reads=frozenset({"PO1/PO102"}))  # the slow pass has to see it all
    assert max(one.severity for one in found) is worst
    assert seen.count("REF") == MOST_FINDINGS + MOST_COUNTED - 1  # the stray is told as well


@pytest.mark.parametrize("broken", ["", "ZZZ~"])
def test_faults_against_a_guide_are_listed_where_the_standard_refuses_some_of_the_same(broken):
    """Of an element that X12 refuses already the guide says nothing, with whichever of its rules."""
    place = parse("PO1/PO103")
    rules = (GuideRule(place, codes=frozenset({"CA"})), GuideRule(place, minimum=3), GuideRule(place, not_used=True))
    found = told(broken + "PO1*1*1*QQ*1~" * 20 + "PO1*1*1*EA*1~" * 600, 1, Guide("850", rules))
    refused = {one.where.in_set for one in found if one.code == "x12.element.code"}
    assert len(refused) == 20
    assert len(found) == MOST_FINDINGS + 1
    assert not [one for one in found if one.code.startswith("partner.") and one.where.in_set in refused]


class Copied(list):
    """The segments of a set, which count how many of them are copied."""

    copied = 0

    def __getitem__(self, at):
        if isinstance(at, slice):
            self.copied += len(range(*at.indices(len(self))))
        return super().__getitem__(at)


@pytest.mark.parametrize("unit", ["ZZZ~", "N1*ST*A~N3*A~N4*A~", "LE*1~", "BEG*00*SA*1**20260101~"])
def test_the_rest_of_a_set_is_not_copied_at_each_fault(monkeypatch, unit):
    """Going on behind a fault costs what comes until the next one, and not the whole rest of the set."""
    sets = []

    def counting(text, delimiters):
        pieces = cut(text, delimiters)
        sets.append(Copied(pieces.segments))
        return pieces._replace(segments=sets[-1])

    monkeypatch.setattr(check_module, "cut", counting)
    assert told(unit, 600)
    assert sum(one.copied for one in sets) <= 4 * sum(map(len, sets))


def test_guesses_are_remembered_by_short_texts_only():
    """A file says what it likes in an element: nothing of its length may stay in the process."""
    check = ElementCheck(DICTIONARY, "004010")
    code = Fault("x12.element.code", "7", "", 3, "355")
    assert check.likely(replace(code, seen="case" + " " * 10_000)) == '"CA" (case)'
    assert check.likely(replace(code, seen="X" * 10_000)) is None
    assert [len(seen) for _, seen in check._guesses] == [4]


def test_what_was_left_unread_in_a_place_that_is_taken_back_is_read_in_the_right_one():
    """The second CTP is spared where no map reads it, until the DTM tells that it stands in a place that one reads."""
    line = "LIN**UP*012345678905~CTP**RES*5~G39*012345678905~CTP**QQQ*5~DTM*002*20261122~"
    text = f"ST*832*0001~BCT*PC*1~REF*QQQ*1~REF*QQQ*1~{line}CTT*1~SE*10*0001~"
    outline = SetOutline(1, "832", "0001", 0, len(text), 1, text.count("~"))
    check = checker(DICTIONARY, "005040", "832", None, frozenset({"LIN/CTP/CTP03"}), {})
    *listed, rest = check.check(text, outline, Delimiters(), Position(), 10**9)  # in a file that has room for little
    assert len(listed) == 1
    assert rest.message == "2 more faults of this set are not listed.", "and not at least 2: all of it was looked at"
