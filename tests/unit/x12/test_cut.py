"""Cutting a set the quick way: what is plain text, and what only looks like it."""

import pytest

from edi_engine.x12.cut import cut, is_odd
from edi_engine.x12.values import Delimiters

LINES = Delimiters(suffix="\r\n")
CARETS = Delimiters(repetition="^")


def test_a_set_is_cut_at_its_terminators():
    assert cut("ST*850*0001~SE*2*0001~", Delimiters()) == (["ST*850*0001", "SE*2*0001"], True)


@pytest.mark.parametrize("end", ["~", "~\r\n", ""])
def test_line_ends_belong_to_the_terminators(end):
    assert cut(f"ST*850*0001~\r\nSE*2*0001{end}", LINES) == (["ST*850*0001", "SE*2*0001"], True)


def test_signs_that_cannot_be_printed_are_plain():
    signs = Delimiters(element="\x1d", segment="\x1e")
    assert cut("ST\x1d850\x1d0001\x1eSE\x1d2\x1d0001\x1e", signs) == (["ST\x1d850\x1d0001", "SE\x1d2\x1d0001"], True)


@pytest.mark.parametrize("text", ["ST*850~REF*A~\r\nSE*2~", "ST*850~ \r\nSE*2~", "ST*850~\nSE*2~"])
def test_line_ends_that_are_not_everywhere_are_not_guessed(text):
    assert cut(text, LINES) is None


def test_lines_that_end_in_cr_lf_after_an_isa_that_ends_in_lf_are_not_guessed():
    assert cut("ST*850\r\nSE*2\r\n", Delimiters(segment="\n")) is None


@pytest.mark.parametrize("value", [" A", "\xe9", "\x00", "A\nB", "A^B"])
def test_odd_text_is_found_where_it_stands(value):
    found = cut(f"ST*850~REF*DP*{value}~SE*2~", CARETS)
    assert found is not None
    assert not found.plain
    assert [is_odd(segment, CARETS) for segment in found.segments] == [False, True, False]
