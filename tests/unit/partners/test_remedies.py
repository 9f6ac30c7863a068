"""What `edi partner check` says is to be done: true of the very fault, and at its line."""

from __future__ import annotations

import pytest

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.partners.edition import load_edition
from tests.unit.partners.test_problems import FILE, changed


@pytest.fixture
def problem(files, dictionary):
    """Give the only problem of the partner file with `words` at its end, or with `new` in the place of `old`."""

    def found(words: str = "", old: str = "status: test", new: str = "status: test") -> Finding:
        made = changed(files, old, new)
        made[FILE] += f"\n{words}\n" if words else ""
        with pytest.raises(ConfigurationError) as error:
            load_edition(made, dictionary)
        (only,) = error.value.findings
        return only

    return found


@pytest.mark.parametrize(
    ("row", "fix"),
    [
        ("BEG99: required", "write an element that it has, BEG01 to BEG12"),
        ("XYZ01: required", "write a segment that the set has; one of: ST, BEG, "),
        ("BGE01: required", "write a segment that the set has; nearest: BEG"),
        ("SDQ02: {codes: [92]}", "write the loops that it stands in, from the top, as in PO1/SDQ02"),
        ("REF(9ZZ): required", "write a code that X12 allows there"),
    ],
)
def test_a_place_that_the_guide_cannot_have(problem, row: str, fix: str) -> None:
    assert problem(f"guide:\n  850:\n    {row}").fix.startswith(fix)


def test_an_unknown_version_is_told_once_with_those_that_there_are(problem) -> None:
    told = problem("guide:\n  850:\n    BEG03: required", "004010VICS", "004011VICS")
    assert told.message == "envelope.version 004011VICS: the dictionary has no version 004011"
    assert told.fix.startswith("write one that it has: 003040, ")
    assert "004010" in told.fix


@pytest.mark.parametrize(
    ("times", "odd"),
    [
        ("by 9", "9"),
        ("by 9:00", "9:00"),
        ("by 9 am", "9 am"),
        ("by 24:00", "24:00"),
        ("between 8 and 9:00", "8 or 9:00"),
    ],
)
def test_a_time_that_is_not_written_as_one(problem, times: str, odd: str) -> None:
    told = problem(f"expect: orders every weekday {times}")
    assert told.fix == (f"write times with two digits for hours and minutes, 00:00 to 23:59, as in 09:00; not {odd}")


def test_a_sentence_that_lacks_more_than_a_time_gets_no_wrong_remedy(problem) -> None:
    assert problem("expect: orders daily").fix is None


def test_a_zone_that_stands_twice_is_named(problem) -> None:
    assert "take EST out" in problem("expect: orders every weekday by 09:00 EST").message


def test_the_time_for_a_997_wants_to_know_whose(problem) -> None:
    told = problem("clocks: {997: 24 h}")
    assert told.fix.startswith("write 997: {they_send: 24 h}")


@pytest.mark.parametrize("words", ["clocks: {997: {they_send: 0 h}}", "clocks: {855: 0 min}", "clocks: {855: 0 s}"])
def test_no_time_at_all_is_refused_where_it_makes_no_sense(problem, words: str) -> None:
    told = problem(words)
    assert told.code == "partner.value.duration"
    assert "gives no time at all" in told.message
    assert (told.where.file, told.where.line_no is not None) == (FILE, True)
