"""Segments with names beside their codes."""

from __future__ import annotations

import pytest

from edi_engine.cli.segments import raw, segments
from edi_engine.cli.show import drawn
from edi_engine.resources import shipped
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.reader import outline

ISA = "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*SUPPLIER       *261122*1010*U*00401*000000007*0*P*>~"
NOTICE = (
    ISA + "GS*SH*RETAILER*SUPPLIER*20261122*1010*7*X*004010~ST*856*0007~BSN*00*1*20261122*1010*0001~"
    "HL*1**S~HL*2*1*O~PRF*45~HL*3*2*P~MAN*GM*00000123456789012346~HL*4*3*I~LIN**UP*012345678905~"
    "HL*5*1*O~PRF*46~CTT*5~SE*13*0007~GE*1*7~IEA*1*000000007~"
)
INVOICE = (
    ISA + "GS*IN*A*B*20261122*1010*7*X*004010~ST*810*0007~BIG*20261122*1~TDS*259205~SE*4*0007~GE*1*7~IEA*1*000000007~"
)


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    root = shipped("mappings") / "x12"
    return Dictionary(lambda name: path.read_text(encoding="utf-8") if (path := root / name).is_file() else None)


def test_loops_of_hl_are_indented_below_their_parents(dictionary: Dictionary) -> None:
    data = NOTICE.encode()
    depths = [(one.text, one.depth) for one in segments(data, outline(data), dictionary)]
    assert [(text, depth) for text, depth in depths if text[:2] in {"HL", "MA", "LI", "PR"}] == [
        ("HL*1**S", 3),
        ("HL*2*1*O", 4),
        ("PRF*45", 5),
        ("HL*3*2*P", 5),
        ("MAN*GM*00000123456789012346", 6),
        ("HL*4*3*I", 6),
        ("LIN**UP*012345678905", 7),
        ("HL*5*1*O", 4),
        ("PRF*46", 5),
    ]
    assert [depth for text, depth in depths if text[:2] in {"IS", "GS", "ST", "SE", "GE", "IE"}] == [0, 1, 2, 2, 1, 0]


def test_codes_dates_times_and_implied_decimals_are_written_out(dictionary: Dictionary) -> None:
    data = INVOICE.encode()
    told = {
        element.place: (element.name, element.value, element.meaning)
        for one in segments(data, outline(data), dictionary)
        for element in one.elements
    }
    assert told["GS01"][2] == "810"
    assert told["ST01"] == ("set id", "810", "invoice")
    assert told["BIG01"] == ("date", "20261122", "2026-11-22")
    assert told["ISA09"][2] == "2026-11-22"
    assert told["ISA10"][2] == "10:10"
    assert told["ISA11"][:2] == ("control standard", "U")
    assert told["TDS01"][1:] == ("259205", "2,592.05")


@pytest.mark.parametrize(
    ("version", "name"),
    [("00401", "control standard"), ("00402", "repetition separator"), ("00501", "repetition separator")],
)
def test_the_envelope_is_named_as_its_own_version_has_it(dictionary: Dictionary, version: str, name: str) -> None:
    data = INVOICE.replace("00401", version).encode()
    envelope = next(iter(segments(data, outline(data), dictionary)))
    assert {one.place: one.name for one in envelope.elements}["ISA11"] == name


def test_each_segment_is_one_line_with_its_elements_below(dictionary: Dictionary) -> None:
    data = INVOICE.encode()
    lines = list(drawn(segments(data, outline(data), dictionary), color=False))
    at = next(n for n, line in enumerate(lines) if line.lstrip().startswith("ST*"))
    assert lines[at].split(maxsplit=1) == ["ST*810*0007", "beginning of set"]
    assert lines[at + 1].split() == ["ST01", "set", "id", "810", "=", "invoice"]


def test_raw_gives_the_segments_as_they_stand() -> None:
    data = INVOICE.replace("~", "~\r\n").encode()
    assert "\n".join(raw(data, outline(data))) + "\n" == INVOICE.replace("~", "~\n")


def test_unknown_segments_and_sets_are_shown_too(dictionary: Dictionary) -> None:
    data = INVOICE.replace("*810*", "*999*").replace("TDS", "XYZ").encode()
    lines = list(drawn(segments(data, outline(data), dictionary), color=False))
    assert any("XYZ*259205" in line and "(not in the dictionary)" in line for line in lines)
