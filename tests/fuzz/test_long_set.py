"""The text of a set that no X12 set is as long as."""

from __future__ import annotations

import pytest

from edi_engine.x12.dictionary_text import LONGEST, DictionaryError, Line, read_set


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
