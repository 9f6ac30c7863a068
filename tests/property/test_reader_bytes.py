"""Any bytes give values, in order and without an exception, and both passes count the same segments."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edi_engine.x12.reader import outline, split, spoken
from edi_engine.x12.values import Delimiters, Outline

pytestmark = pytest.mark.property

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"
PIECES = st.sampled_from(
    [
        ISA,
        ISA.replace("*", "|").replace("~", "\n"),
        ISA[:80],
        "GS*PO*A*B*20260314*0915*7*X*004010~",
        "ST*850*0001~",
        "SE*2*0001~",
        "GE*1*7~",
        "IEA*1*000000042~",
        "TA1*1~",
        "PO1*1~",
        "\r\n",
        "~",
        "*",
        "ISA",
        "\x1a",
    ]
)
MADE = st.lists(PIECES | st.text(alphabet=st.characters(max_codepoint=255), max_size=8), max_size=30).map("".join)
SEPARATORS = "".join(letter for letter in map(chr, range(1, 256)) if not (letter.isascii() and letter.isalnum()))


def check(data: bytes, found: Outline) -> None:
    at, number = 0, 0
    for interchange in found.interchanges:
        assert at <= interchange.start < interchange.end <= len(data)
        assert number < interchange.number
        at, number = interchange.end, interchange.number
        inside = interchange.start
        for group in interchange.groups:
            assert inside <= group.start < group.end <= interchange.end
            inside = group.start
            for one in group.sets:
                assert inside <= one.start < one.end <= group.end
                inside = one.end
                before = data[interchange.start : one.start].decode("latin-1")
                assert one.number == interchange.number + len(split(before, interchange.delimiters))
                segments = spoken(data, one, interchange.delimiters)
                assert segments[0].id == "ST"
                assert len(segments) == one.segments
                for segment in segments:
                    assert data[segment.byte :].startswith(segment.id.encode("latin-1"))
            inside = group.end


@pytest.mark.fault("E14")
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    check(data, outline(data))


@pytest.mark.fault("E14")
@given(st.binary(max_size=300))
def test_any_bytes_after_an_isa(data: bytes) -> None:
    check(ISA.encode() + data, outline(ISA.encode() + data))


@given(MADE, st.integers(20, 200))
def test_any_order_of_envelope_segments(text: str, longest: int) -> None:
    data = text.encode("latin-1")
    check(data, outline(data, max_segment=longest))


@pytest.mark.fault("C5")
@given(st.lists(st.sampled_from(SEPARATORS), min_size=3, max_size=3, unique=True), st.sampled_from(["", "\r\n", "\n"]))
def test_any_delimiters(letters: list[str], suffix: str) -> None:
    element, component, segment = letters
    assume(" " not in letters and not set(letters) & set(suffix))
    text = ISA + "GS*PO*AB*BC*20260314*0915*7*X*004010~ST*850*0001~BEG*00~SE*3*0001~GE*1*7~IEA*1*000000042~"
    table = str.maketrans({"*": element, ">": component, "~": segment + suffix})
    data = text.translate(table).encode("latin-1")
    found = outline(data)
    assert found.findings == ()
    interchange = found.interchanges[0]
    assert interchange.findings == ()
    assert interchange.delimiters == Delimiters(element, component, segment, None, interchange.delimiters.suffix)
    assert [one.segments for group in interchange.groups for one in group.sets] == [3]
    assert not interchange.groups[0].findings


VALUES = st.text(alphabet=string.ascii_letters + string.digits + " .,-", max_size=6)


@given(st.lists(st.lists(VALUES, max_size=5), max_size=8), st.sampled_from(["", "\r\n", "\n", "\r\n  "]))
def test_split_gives_back_what_was_joined(rows: list[list[str]], suffix: str) -> None:
    segments = [["N1", *row] for row in rows]
    text = "".join("*".join(segment) + "~" + suffix for segment in segments)
    assert split(text, Delimiters()) == segments
