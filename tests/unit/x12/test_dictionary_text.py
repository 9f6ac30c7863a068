"""Texts of the dictionary that are longer than any X12 needs."""

from __future__ import annotations

import pytest

from edi_engine.x12.dictionary_text import LONGEST, DictionaryError, Line, read_segment, read_set


def of(count):
    lines = [
        (2, "heading"),
        (3, "  ST! 1"),
        *((number, "  REF 1") for number in range(4, count + 1)),
        (count + 1, "  SE! 1"),
    ]
    return read_set(Line("004010/850.txt", 1, "850 PO"), lines)


def test_a_set_of_many_lines_is_refused():
    assert of(LONGEST)["heading"][-1].segment == "SE"
    with pytest.raises(DictionaryError) as error:
        of(LONGEST + 1)
    assert error.value.findings[0].where.line_no == LONGEST + 2


def test_a_condition_of_more_elements_than_a_segment_has_is_refused():
    elements = " ".join(["353"] * 99)
    positions = "".join(f"{number:02d}" for number in range(1, 100))
    assert len(read_segment(Line("segments.txt", 1, f"XXX {elements} | P{positions}")).conditions[0].positions) == 99
    with pytest.raises(DictionaryError, match="is no condition"):
        read_segment(Line("segments.txt", 1, f"XXX {elements} | P{positions}01"))
