"""Periods are held to the format that stands in front of them."""

import re

import pytest

from edi_engine.finding import Position, Severity
from edi_engine.x12.check import checker
from edi_engine.x12.check_period import PICTURES, judged_period, period_fault
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

IN_EACH_ERA = pytest.mark.parametrize("version", ["003060", "005010", "006030"])


def check(code, period, version, reads=None):
    date = "261122" if version < "004010" else "20261122"
    place = "**" if version < "004010" else "*"  # DTM05 was the century, so the format stood in DTM06
    text = f"ST*850*0001~BEG*00*SA*1**{date}~DTM*002***{place}{code}*{period}~PO1*1*1*EA~CTT*1~SE*6*0001~"
    outline = SetOutline(1, "850", "0001", 0, len(text), 1, 6)
    return checker(DICTIONARY, version, "850", None, reads, {}).check(text, outline, Delimiters(), Position())


@IN_EACH_ERA
@pytest.mark.parametrize(
    ("code", "period"),
    [
        ("D8", "20261122"),
        ("D6", "261122"),
        ("D6", "000229"),
        ("RD8", "20261122-20261231"),
        ("RD6", "261122-261231"),
        ("DT", "202611222359"),
        ("TM", "2359"),
        ("TS", "235959"),
        ("CM", "202612"),
        ("MD", "0229"),
        ("DD", "31"),
        ("D8", "20261122 "),
        ("CD", "Nov2026"),
        ("UN", "some day soon"),
    ],
)
def test_a_period_in_its_format_is_right(version, code, period):
    if version < "004010" and code == "UN":
        return  # that format came later
    assert check(code, period, version) == ()


@IN_EACH_ERA
@pytest.mark.parametrize(
    ("code", "period", "ack", "word"),
    [
        ("D8", "261122", "8", "CCYYMMDD"),
        ("D8", "20261322", "8", "there is no month 13"),
        ("D8", "20270229", "8", "there is no day 29"),
        ("D8", "2026112X", "8", "CCYYMMDD"),
        ("D8", "20261122-20261231", "8", "CCYYMMDD"),
        ("RD8", "20261122", "8", "CCYYMMDD-CCYYMMDD"),
        ("RD8", "20261122-20261232", "8", "there is no day 32"),
        ("RD8", "20261122 20261231", "8", "CCYYMMDD-CCYYMMDD"),
        ("DT", "202611222460", "8", "there is no hour 24"),
        ("D8", "2026112\xb2", "8", "CCYYMMDD"),
        ("TM", "2360", "9", "there is no minute 60"),
        ("TS", "2359", "9", "HHMMSS"),
    ],
)
def test_a_period_in_another_format_is_one_fault(version, code, period, ack, word):
    (finding,) = check(code, period, version)
    assert finding.code == ("x12.element.time" if ack == "9" else "x12.element.date")
    assert (finding.severity, finding.ack.level, finding.ack.code) == (Severity.REFUSE, "AK4", ack)
    assert word in finding.message
    assert (finding.seen, finding.where.element_id) == (period, "1251")


@IN_EACH_ERA
def test_a_period_that_no_map_reads_refuses_nothing(version):
    (finding,) = check("D8", "soon", version, reads=frozenset({"BEG03"}))
    assert (finding.severity, finding.ack.code) == (Severity.WARNING, "8")


def test_every_format_is_one_that_x12_has_and_takes_what_is_written_in_it():
    known = {code for version in DICTIONARY.versions() for code in DICTIONARY.element(version, "1250").codes}
    assert PICTURES.keys() <= known
    for code, picture in PICTURES.items():
        assert re.fullmatch("(CC|YY|MM|DD|HH|SS|-)+", picture)
        right = picture.translate(str.maketrans("CYMDHS", "211111"))
        assert period_fault(code, right) is None
        assert period_fault(code, right + "1")
        assert period_fault(code, right[:-1] + "x")


@pytest.mark.parametrize("digits", ["\u0662\u0660\u0662\u0666\u0661\u0661\u0662\u0662", "2026112\xb2"])
def test_other_digits_are_none(digits):
    assert period_fault("D8", digits)


def test_only_what_can_be_a_period_is_remembered():
    """A file says what it likes in an element: nothing of its length may stay in the process."""
    judged_period.cache_clear()
    assert period_fault("D" * 100_000, "20261122") is None
    assert period_fault("D8", "2" * 100_000) == "D8 is CCYYMMDD"
    assert judged_period.cache_info().currsize == 0
    assert period_fault("D8", "20261322") == period_fault("D8", "20261322 ") == "there is no month 13"
    assert judged_period.cache_info().currsize == 1
