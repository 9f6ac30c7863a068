"""The first pass over good files and over what breaks an interchange (rows C and D of the fault catalogue)."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

import pytest

from edi_engine.finding import AckCode, Finding, Severity
from edi_engine.x12.reader import outline, split, spoken
from edi_engine.x12.values import Delimiters, InterchangeOutline, Outline

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"
SET = "ST*850*0001~BEG*00*SA*4711**20260314~PO1*1*12*EA*9.75~CTT*1~SE*5*0001~"
GS, GE, IEA = "GS*PO*NORTHWIND*ACME*20260314*0915*7*X*004010~", "GE*1*7~", "IEA*1*000000042~"
GOOD = ISA + GS + SET + GE + IEA


def read(text: str, **options: int) -> Outline:
    return outline(text.encode("latin-1"), file="in.edi", **options)


def only(found: Outline) -> InterchangeOutline:
    assert len(found.interchanges) == 1
    return found.interchanges[0]


def every(found: Outline) -> list[Finding]:
    findings = list(found.findings)
    for interchange in found.interchanges:
        findings += interchange.findings
        for group in interchange.groups:
            findings += group.findings
            findings += [finding for one in group.sets for finding in one.findings]
    return findings


def codes(found: Outline) -> list[str]:
    return [finding.code for finding in every(found)]


def the(found: Outline) -> Finding:
    findings = every(found)
    assert len(findings) == 1, [finding.message for finding in findings]
    return findings[0]


def without_padding(found: Outline) -> list[Finding]:
    return [finding for finding in every(found) if finding.code != "envelope.padding"]


def test_a_good_file_is_outlined_with_its_places() -> None:
    found = read(GOOD)
    assert every(found) == []
    interchange = only(found)
    assert (interchange.sender_qualifier, interchange.sender) == ("ZZ", "NORTHWIND")
    assert (interchange.receiver_qualifier, interchange.receiver) == ("12", "5551234567")
    assert (interchange.date, interchange.time, interchange.version) == ("260314", "0915", "00401")
    assert (interchange.control, interchange.wants_ta1, interchange.usage) == ("000000042", True, "P")
    assert (interchange.start, interchange.end, interchange.number) == (0, len(GOOD), 1)
    assert interchange.delimiters == Delimiters("*", ">", "~", None, "")
    group = interchange.groups[0]
    assert (group.kind, group.sender, group.receiver, group.control) == ("PO", "NORTHWIND", "ACME", "7")
    assert (group.date, group.time, group.agency, group.version) == ("20260314", "0915", "X", "004010")
    assert (group.stated_sets, group.number, GOOD[group.start : group.end]) == ("1", 2, GS + SET + GE)
    one = group.sets[0]
    assert (one.ordinal, one.set_id, one.control, one.number, one.segments) == (1, "850", "0001", 3, 5)
    assert GOOD[one.start : one.end] == SET


def test_a_mapped_file_reads_as_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "in.edi"
    path.write_bytes(GOOD.encode())
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert outline(mapped, file="in.edi") == read(GOOD)
        assert spoken(mapped, outline(mapped).interchanges[0].groups[0].sets[0], Delimiters())[0].id == "ST"


def test_segments_come_with_their_places() -> None:
    text = "\r\n" + GOOD.replace("~", "~\r\n")
    found = only(read(text))
    segments = spoken(text.encode(), found.groups[0].sets[0], found.delimiters)
    assert [segment.id for segment in segments] == ["ST", "BEG", "PO1", "CTT", "SE"]
    assert [segment.in_set for segment in segments] == [1, 2, 3, 4, 5]
    assert [segment.number for segment in segments] == [3, 4, 5, 6, 7]
    assert all(text.startswith(segment.id, segment.byte) for segment in segments)
    assert segments[2].elements == ["PO1", "1", "12", "EA", "9.75"]
    assert found.delimiters.suffix == "\r\n"


def test_split_gives_segments_and_keeps_composites_whole() -> None:
    assert split("A*1>2*~\r\n~~  B**x~C", Delimiters()) == [["A", "1>2", ""], ["B", "", "x"], ["C"]]


def test_split_takes_cr_lf_where_the_terminator_is_lf() -> None:
    assert split("A*1\r\nB*2\n", Delimiters(segment="\n")) == [["A", "1"], ["B", "2"]]


@pytest.mark.fault("C1")
@pytest.mark.parametrize("front", ["\xef\xbb\xbf", "\r\n\r\n", "  ", "\x1a", "\xef\xbb\xbf\r\n \x1a", "\x00\x00"])
def test_c1_padding_before_the_isa_is_passed_over(front: str) -> None:
    found = read(front + GOOD)
    assert only(found).start == len(front)
    assert without_padding(found) == []
    assert [finding.severity for finding in every(found)] == ([] if not front.strip("\r\n") else [Severity.WARNING])


@pytest.mark.fault("C1")
def test_c1_an_end_of_file_mark_at_the_end_is_remarked() -> None:
    assert [finding.severity for finding in every(read(GOOD + "\r\n\x1a"))] == [Severity.WARNING]
    assert every(read(GOOD + "\r\n \r\n")) == []


@pytest.mark.fault("B9", "C2")
@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", "envelope.unreadable", "empty (0 bytes)"),
        (b" \r\n ", "envelope.unreadable", "nothing but blanks (4 bytes)"),
        (b"%PDF-1.7\n...", "envelope.unreadable", "PDF"),
        (b"PK\x03\x04....", "envelope.unreadable", "ZIP"),
        (b"\x1f\x8b\x08\x00", "envelope.unreadable", "gzip"),
        (b"-----BEGIN PGP MESSAGE-----\n", "envelope.unreadable", "PGP"),
        (b"\x85\x01\x0c\x03....", "envelope.unreadable", "PGP"),
        (b"<?xml version='1.0'?>", "envelope.unreadable", "XML"),
        (b"\xef\xbb\xbf<Order/>", "envelope.unreadable", "XML"),
        (b"<!DOCTYPE html><html>", "envelope.unreadable", "HTML"),
        (b'{"order": 1}', "envelope.unreadable", "JSON"),
        (b"UNA:+.? 'UNB+UNOA", "envelope.unreadable", "EDIFACT"),
        (b"Mime-Version: 1.0\r\n", "envelope.unreadable", "mail"),
        (b"ST*850*0001~SE*2*0001~", "envelope.unreadable", "without its ISA"),
        (b"ISAAC NEWTON WROTE", "envelope.unreadable", "plain text"),
        (b"Dear partner", "envelope.unreadable", "plain text"),
        (b"\x01\x02\x03\x04", "envelope.unreadable", "binary"),
        (GOOD.encode("utf-16"), "envelope.charset", "UTF-16"),
        (GOOD.encode("utf-16-le"), "envelope.charset", "little-endian"),
        (GOOD.encode("utf-16-be"), "envelope.charset", "big-endian"),
        (GOOD.encode("cp037"), "envelope.charset", "EBCDIC"),
    ],
)
def test_b9_c2_what_is_not_x12_is_named(data: bytes, code: str, word: str) -> None:
    found = outline(data)
    assert found.interchanges == ()
    finding = the(found)
    assert (finding.code, finding.severity, finding.ack) == (code, Severity.REFUSE, None)
    assert word in finding.message
    assert finding.fix


def test_what_stands_before_an_isa_is_not_skipped_in_silence() -> None:
    finding = the(read("Please process:\n" + GOOD))
    assert finding.code == "envelope.unreadable"
    assert "An ISA stands at byte 16." in finding.message


@pytest.mark.fault("C4")
def test_c4_bytes_after_the_iea_are_told_and_the_interchange_stands() -> None:
    found = read(GOOD + "\nregards, the partner\n")
    finding = the(found)
    assert (finding.code, finding.severity, finding.where.byte) == (
        "envelope.trailing",
        Severity.WARNING,
        len(GOOD) + 1,
    )
    assert "21 bytes" in finding.message
    assert len(only(found).groups[0].sets) == 1


@pytest.mark.fault("C4")
def test_c4_an_interchange_after_other_bytes_is_found() -> None:
    found = read(GOOD + "\n--- next ---\n" + GOOD.replace("000000042", "000000043"))
    assert [one.control for one in found.interchanges] == ["000000042", "000000043"]
    assert codes(found) == ["envelope.trailing"]


@pytest.mark.fault("C5")
@pytest.mark.parametrize(
    "terminator", ["~", "~\r\n", "~\n", "~\r", "\n", "\r", "\r\n", "\x1c", "\x1d\r\n", "'", "~\n\n"]
)
def test_c5_any_terminator(terminator: str) -> None:
    found = read(GOOD.replace("~", terminator))
    assert every(found) == []
    assert only(found).groups[0].sets[0].segments == 5


@pytest.mark.fault("C5")
def test_c5_lines_end_in_cr_lf_though_the_isa_ends_in_lf() -> None:
    text = GOOD.replace("~", "\n", 1).replace("~", "\r\n")
    found = only(read(text))
    assert every(read(text)) == []
    last = spoken(text.encode(), found.groups[0].sets[0], found.delimiters)[-1]
    assert last.elements == ["SE", "5", "0001"]


def test_empty_and_indented_segments_do_not_count() -> None:
    assert every(read(GOOD.replace("~BEG", "~~\r\n~  BEG"))) == []


@pytest.mark.fault("C8")
@pytest.mark.parametrize(
    ("old", "new", "ack"),
    [
        (">~", "A~", "027"),
        (">~", "3~", "027"),
        (">~", " ~", "027"),
        (">~", "*~", "027"),
        (">~", "~~", "027"),
    ],
)
def test_c8_component_separator_that_cannot_be_one(old: str, new: str, ack: str) -> None:
    finding = the(read(ISA.replace(old, new) + GS + SET + GE + IEA))
    assert (finding.code, finding.severity, finding.ack) == ("envelope.delimiter", Severity.REFUSE, AckCode("TA1", ack))
    assert finding.where.byte == 104


@pytest.mark.fault("C8")
@pytest.mark.parametrize("letter", ["G", "7", " "])
def test_c8_terminator_that_cannot_be_one(letter: str) -> None:
    found = read(GOOD.replace("~", letter))
    finding = the(found)
    assert (finding.code, finding.ack, finding.where.byte) == ("envelope.delimiter", AckCode("TA1", "004"), 105)
    assert only(found).control == "000000042"
    assert only(found).groups == ()


@pytest.mark.fault("C8")
@pytest.mark.parametrize("letter", ["X", "9", " "])
def test_c8_element_separator_that_cannot_be_one(letter: str) -> None:
    found = read(GOOD.replace("*", letter))
    assert every(found)[0].ack == AckCode("TA1", "026")
    assert only(found).groups == ()


@pytest.mark.fault("C8")
def test_c8_after_bad_delimiters_the_next_interchange_is_read() -> None:
    found = read(GOOD.replace("~", "G") + GOOD)
    assert [len(one.groups) for one in found.interchanges] == [0, 1]
    assert found.interchanges[1].start == len(GOOD)


@pytest.mark.fault("C9")
@pytest.mark.parametrize(
    ("version", "isa11", "repetition"),
    [
        ("00401", "U", None),
        ("00401", "^", None),
        ("00402", "^", "^"),
        ("00501", "!", "!"),
        ("00501", "U", None),
        ("00501", " ", None),
    ],
)
def test_c9_repetition_only_from_00402(version: str, isa11: str, repetition: str | None) -> None:
    found = read(GOOD.replace("*U*00401*", f"*{isa11}*{version}*"))
    assert every(found) == []
    assert only(found).delimiters.repetition == repetition


@pytest.mark.fault("C9")
def test_c9_a_repetition_separator_that_is_another_delimiter_is_left_out() -> None:
    found = read(GOOD.replace("*U*00401*", "*>*00501*"))
    assert the(found).severity is Severity.WARNING
    assert only(found).delimiters.repetition is None


@pytest.mark.fault("C11")
def test_c11_an_unpadded_isa_is_not_trusted() -> None:
    finding = the(read(GOOD.replace("NORTHWIND      *12", "NORTHWIND*12")))
    assert (finding.code, finding.severity, finding.ack) == ("envelope.unreadable", Severity.REFUSE, None)
    assert "ISA06 has 9 characters instead of 15" in finding.message


@pytest.mark.fault("C11")
def test_c11_an_isa_with_a_missing_element_is_not_trusted() -> None:
    assert the(read(GOOD.replace("*00*          *00*", "*00*          *", 1))).code == "envelope.unreadable"


@pytest.mark.parametrize("size", [4, 80, 105])
def test_an_isa_cut_short_says_so(size: int) -> None:
    finding = the(read(GOOD[:size]))
    assert finding.code == "envelope.truncated"
    assert f"after {size} of its 106 characters" in finding.message


def test_an_unreadable_isa_does_not_hide_the_next_interchange() -> None:
    found = read(GOOD.replace("NORTHWIND      *12", "NORTHWIND*12") + GOOD)
    assert len(found.interchanges) == 1
    assert codes(found) == ["envelope.unreadable"]


@pytest.mark.fault("C12")
def test_c12_isa_inside_data_opens_nothing() -> None:
    text = GOOD.replace("BEG*00*SA*4711**", "BEG*00*SA*NARCISA*ISA*").replace("CTT*1", "N9*ISAAC*ISA")
    assert every(read(text)) == []
    assert every(read(GOOD.replace("CTT*1", "ISAX*1"))) == []


@pytest.mark.fault("C13")
@pytest.mark.parametrize(("size", "ack"), [(70_000, "004"), (60_000, "023")])
def test_c13_a_segment_without_end(size: int, ack: str) -> None:
    found = read(ISA + GS + "ST*850*0001~" + "X" * size)
    assert [finding.ack for finding in only(found).findings] == [AckCode("TA1", ack)]
    assert not only(found).whole


@pytest.mark.fault("C13")
def test_c13_an_overlong_segment_in_the_middle() -> None:
    finding = the(read(GOOD.replace("PO1*1*12", "PO1*" + "9" * 300), max_segment=200))
    assert finding.ack == AckCode("TA1", "004")
    assert "312 bytes" in finding.message
    assert every(read(GOOD.replace("PO1*1*12", "PO1*" + "9" * 300), max_segment=312)) == []


@pytest.mark.fault("D1")
def test_d1_isa13_and_iea02_differ() -> None:
    finding = the(read(ISA + GS + SET + GE + "IEA*1*000000041~"))
    assert (finding.code, finding.ack) == ("envelope.control.mismatch", AckCode("TA1", "001"))
    assert (finding.seen, finding.wanted) == ("000000041", "000000042")
    assert (finding.where.path, finding.where.element, finding.where.segment) == ("IEA02", 2, 9)
    assert finding.where.byte == len(ISA + GS + SET + GE + "IEA*1*")
    assert finding.where.interchange == "000000042"


@pytest.mark.fault("D1")
def test_d1_zeros_in_front_of_a_number_are_padding() -> None:
    assert every(read(ISA + GS + SET + "GE*1*007~" + "IEA*1*42~")) == []


@pytest.mark.fault("D2", "D19")
@pytest.mark.parametrize("stated", ["2", "0", "", "x", "+1", "\u00b9", "1_0"])
def test_d2_iea01_is_wrong(stated: str) -> None:
    finding = the(read(ISA + GS + SET + GE + f"IEA*{stated}*000000042~"))
    assert (finding.code, finding.ack) == ("envelope.count.groups", AckCode("TA1", "021"))


@pytest.mark.fault("D3")
@pytest.mark.parametrize(
    ("trailer", "code", "ack"),
    [
        ("GE*1*8~", "envelope.control.mismatch", "4"),
        ("GE*2*7~", "envelope.count.sets", "5"),
        ("GE*one*7~", "envelope.count.sets", "5"),
        ("", "envelope.missing.ge", "3"),
    ],
)
def test_d3_the_group_does_not_close_as_it_opened(trailer: str, code: str, ack: str) -> None:
    found = read(ISA + GS + SET + trailer + IEA)
    finding = the(found)
    assert finding in only(found).groups[0].findings
    assert (finding.code, finding.ack, finding.where.group) == (code, AckCode("AK9", ack), "7")
    assert len(only(found).groups[0].sets) == 1


@pytest.mark.fault("D3")
def test_d3_a_group_number_used_twice_and_one_that_is_no_number() -> None:
    found = read(ISA + GS + SET + GE + GS + SET + GE + "IEA*2*000000042~")
    assert the(found).ack == AckCode("AK9", "19")
    assert [len(group.findings) for group in only(found).groups] == [0, 1]
    assert every(read(ISA + GS + SET + GE + GS.replace("*PO*", "*FA*") + SET + GE + "IEA*2*000000042~")) == []
    bad = read(ISA + GS.replace("*7*", "*A7*") + SET + "GE*1*A7~" + IEA)
    assert the(bad).ack == AckCode("AK9", "6")


@pytest.mark.fault("D4")
@pytest.mark.parametrize(
    ("trailer", "code", "ack", "element"),
    [
        ("SE*5*0002~", "envelope.control.mismatch", "3", 2),
        ("SE*6*0001~", "envelope.count.segments", "4", 1),
        ("SE*\u00b2*0001~", "envelope.count.segments", "4", 1),
        ("SE*+5*0001~", "envelope.count.segments", "4", 1),
        ("", "envelope.missing.se", "2", None),
    ],
)
def test_d4_the_set_does_not_close_as_it_opened(trailer: str, code: str, ack: str, element: int | None) -> None:
    good = SET.replace("0001", "0002")
    text = ISA + GS + SET.replace("SE*5*0001~", trailer) + good + "GE*2*7~" + IEA
    found = read(text)
    finding = the(found)
    bad, other = only(found).groups[0].sets
    assert bad.findings == (finding,)
    assert other.findings == ()
    assert (finding.code, finding.ack, finding.where.element) == (code, AckCode("AK5", ack), element)
    assert (finding.where.set_id, finding.where.set_control, finding.where.in_set) == ("850", "0001", 5)
    assert text[other.start : other.end] == good


@pytest.mark.parametrize("stated", ["1", "2"])
def test_an_st_twice_in_a_row_leaves_the_second_whole(stated: str) -> None:
    found = read(ISA + GS + "ST*850*0001~" + SET + f"GE*{stated}*7~" + IEA)
    empty, whole = only(found).groups[0].sets
    assert (the(found).code, the(found)) == ("envelope.missing.se", empty.findings[0])
    assert (whole.control, whole.findings) == ("0001", ())


ONE_FAULT = {
    "ST damaged": (GS + SET.replace("ST*", "SX*") + SET + "GE*2*7~" + IEA, "envelope.outside"),
    "ST damaged, alone": (GS + SET.replace("ST*", "SX*") + "GE*1*7~" + IEA, "envelope.outside"),
    "GS lost": (SET + GE + IEA, "envelope.outside"),
    "GS damaged": (GS.replace("GS*", "GX*") + SET + GE + IEA, "envelope.outside"),
    "GS nested": (GS + GS.replace("*7*", "*8*") + SET + "GE*1*8~" + GE + IEA, "envelope.missing.ge"),
    "GS nested, with two groups stated": (
        GS + SET + GS.replace("*7*", "*8*") + SET + "GE*1*8~" + GE + "IEA*2*000000042~",
        "envelope.missing.ge",
    ),
    "ISA13 no number": (GS + SET + GE + IEA, "envelope.control.invalid"),
    "ISA11 is the element separator": (GS + SET + GE + IEA, "envelope.delimiter"),
    "GS06 no number": (GS.replace("*7*", "*+7*") + SET + GE + IEA, "envelope.control.invalid"),
    "ST02 missing": (GS + SET.replace("ST*850*0001", "ST*850*") + GE + IEA, "envelope.control.invalid"),
}
_IN_THE_ISA = {
    "ISA13 no number": ("*000000042*", "*+00000042*"),
    "ISA11 is the element separator": ("*U*00401*", "***00501*"),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_one_fault_of_the_envelope_is_one_finding(name: str) -> None:
    text, code = ONE_FAULT[name]
    assert the(read(ISA.replace(*_IN_THE_ISA.get(name, ("", ""))) + text)).code == code


@pytest.mark.parametrize("short", ["SE*5", "SE", "GE*1", "GE", "IEA*1", "IEA"])
def test_what_a_trailer_lacks_is_missing_at_its_own_end(short: str) -> None:
    text = re.sub(rf"~{re.escape(short)}\b[^~]*~", f"~{short}~", GOOD, count=1)
    lacking = [finding for finding in every(read(text)) if finding.seen == ""]
    assert {finding.where.byte for finding in lacking} == {text.index(f"~{short}~") + len(f"~{short}")}


def test_a_delimiter_that_is_a_blank_is_told_in_plain_words() -> None:
    finding = the(read(GOOD.replace("*", " ")))
    assert finding.message == "The element separator is a blank, which cannot be told from the text."


def test_what_is_missing_beside_a_lost_set_is_still_told() -> None:
    found = read(ISA + GS + SET.replace("ST*", "SX*") + SET + "GE*3*7~" + IEA)
    assert codes(found) == ["envelope.outside", "envelope.count.sets"]
    found = read(ISA + SET + GE + "IEA*2*000000042~")
    assert codes(found) == ["envelope.outside", "envelope.count.groups"]


@pytest.mark.parametrize("control", ["0001 ", " 0001"])
def test_blanks_around_a_set_control_number_do_not_count(control: str) -> None:
    assert every(read(GOOD.replace("SE*5*0001~", f"SE*5*{control}~"))) == []
    assert the(read(GOOD.replace("SE*5*0001~", "SE*5*1~"))).code == "envelope.control.mismatch"


def test_a_cut_is_told_at_the_segment_that_is_cut() -> None:
    finding = only(read(GOOD[: GOOD.index("SE*") + 2])).findings[0]
    assert finding.where.segment == 7
    assert "in the middle of segment 7" in finding.message


@pytest.mark.fault("D5")
def test_d5_st02_used_twice_refuses_the_second() -> None:
    found = read(ISA + GS + SET + SET + "GE*2*7~" + IEA)
    assert [[finding.ack for finding in one.findings] for one in only(found).groups[0].sets] == [
        [],
        [AckCode("AK5", "23")],
    ]
    assert "segment 3" in the(found).message


@pytest.mark.parametrize(
    ("header", "trailer", "ack"),
    [
        ("ST*85*0001~", "SE*5*0001~", "6"),
        ("ST**0001~", "SE*5*0001~", "6"),
        ("ST*850~", "SE*5~", "7"),
        ("ST*850*0123456789~", "SE*5*0123456789~", "7"),
    ],
)
def test_an_st_that_names_no_set(header: str, trailer: str, ack: str) -> None:
    text = GOOD.replace("ST*850*0001~", header).replace("SE*5*0001~", trailer)
    assert the(read(text)).ack == AckCode("AK5", ack)


@pytest.mark.fault("D9")
@pytest.mark.parametrize("cut", ["ST*850*0001~BEG*00*SA", "ST*850*0001~", "", "ST*850*0001~SE*2*00"])
def test_d9_a_file_without_its_end(cut: str) -> None:
    found = read(ISA + GS + cut)
    interchange = only(found)
    assert not interchange.whole
    assert interchange.findings[0].code == "envelope.truncated"
    assert interchange.findings[0].ack == AckCode("TA1", "023")
    assert interchange.groups[0].findings[-1].ack == AckCode("AK9", "3")
    if cut:
        assert interchange.groups[0].sets[0].findings[-1].ack == AckCode("AK5", "2")
    if cut.endswith("SA"):
        assert 'in the middle of segment 4 ("BEG*00*SA")' in interchange.findings[0].message


@pytest.mark.fault("D9")
def test_d9_every_cut_of_a_file_is_seen() -> None:
    for size in range(106, len(GOOD) - 1):
        assert not only(read(GOOD[:size])).whole
        assert "envelope.truncated" in codes(read(GOOD[:size]))


@pytest.mark.fault("D9")
def test_d9_an_iea_without_its_terminator_is_whole() -> None:
    found = read(GOOD[:-1])
    assert only(found).whole
    assert (the(found).code, the(found).severity) == ("envelope.terminator", Severity.WARNING)


@pytest.mark.fault("D10")
def test_d10_interchanges_with_other_delimiters_and_senders() -> None:
    second = GOOD.replace("NORTHWIND ", "SOUTHWIND ").replace("*", "|").replace("~", "\n").replace(">", "^")
    found = read(GOOD + "\r\n" + second + GOOD)
    assert [one.sender for one in found.interchanges] == ["NORTHWIND", "SOUTHWIND", "NORTHWIND"]
    assert [one.delimiters.element for one in found.interchanges] == ["*", "|", "*"]
    assert [one.number for one in found.interchanges] == [1, 10, 19]
    assert [one.ordinal for one in found.interchanges] == [1, 2, 3]
    assert every(found) == []


@pytest.mark.fault("D10")
def test_d10_an_interchange_without_iea_ends_where_the_next_begins() -> None:
    found = read(ISA + GS + SET + GE + GOOD)
    assert [len(one.groups) for one in found.interchanges] == [1, 1]
    finding = the(found)
    assert (finding.code, finding.ack) == ("envelope.missing.iea", AckCode("TA1", "022"))
    assert found.interchanges[0].whole
    assert found.interchanges[0].end == found.interchanges[1].start


@pytest.mark.fault("D12")
@pytest.mark.parametrize("usage", ["P", "T", "I"])
def test_d12_usage_is_passed_on(usage: str) -> None:
    found = read(GOOD.replace("*1*P*", f"*1*{usage}*"))
    assert (only(found).usage, every(found)) == (usage, [])


@pytest.mark.fault("D13", "D19")
@pytest.mark.parametrize(
    ("old", "new", "code", "ack"),
    [
        ("*1*P*", "*1*X*", "envelope.usage", "020"),
        ("*260314*0915*U", "*260230*0915*U", "envelope.date", "014"),
        ("*260314*0915*U", "*261314*0915*U", "envelope.date", "014"),
        ("*260314*0915*U", "*700229*0915*U", "envelope.date", "014"),
        ("*260314*0915*U", "*2603\u00b94*0915*U", "envelope.date", "014"),
        ("*260314*0915*U", "*260314*2460*U", "envelope.time", "015"),
        ("*260314*0915*U", "*260314*9:15*U", "envelope.time", "015"),
        ("*U*00401*", "*U*004 1*", "envelope.version", "017"),
        ("*000000042*", "*00000004A*", "envelope.control.invalid", "018"),
        ("*000000042*", "*+00000042*", "envelope.control.invalid", "018"),
        ("*000000042*", "*00000004\u00b2*", "envelope.control.invalid", "018"),
    ],
)
def test_d13_d19_elements_of_the_isa(old: str, new: str, code: str, ack: str) -> None:
    control = new.strip("*") if "00042" in old else "000000042"
    finding = the(read(GOOD.replace(old, new).replace("IEA*1*000000042", f"IEA*1*{control}")))
    assert (finding.code, finding.severity, finding.ack) == (code, Severity.REFUSE, AckCode("TA1", ack))
    assert finding.seen is not None
    assert finding.seen in new
    assert finding.where.segment_id == "ISA"


@pytest.mark.fault("D19")
@pytest.mark.parametrize("day", ["000229", "700101", "691231", "240229"])
def test_d19_real_days_between_1970_and_2069(day: str) -> None:
    assert every(read(GOOD.replace("*260314*", f"*{day}*"))) == []


def test_isa14_that_says_nothing_is_taken_as_no() -> None:
    found = read(GOOD.replace("*1*P*", "*Y*P*"))
    assert not only(found).wants_ta1
    assert (the(found).severity, the(found).ack) == (Severity.WARNING, AckCode("TA1", "019"))


def test_a_bad_date_of_a_group_is_only_a_warning() -> None:
    found = read(GOOD.replace("*20260314*0915*7", "*20260399*9915*7"))
    assert [(finding.severity, finding.ack) for finding in every(found)] == [
        (Severity.WARNING, AckCode("AK9", "30")),
        (Severity.WARNING, AckCode("AK9", "31")),
    ]


def test_an_interchange_of_ta1_alone() -> None:
    ta1 = "TA1*000000007*260313*1200*A*000~"
    found = read(ISA + ta1 + "IEA*0*000000042~")
    assert every(found) == []
    assert only(found).groups == ()
    assert only(found).acknowledgments == (("TA1", "000000007", "260313", "1200", "A", "000"),)
    assert every(read(ISA + ta1 + GS + SET + GE + IEA)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ISA + SET + "IEA*0*000000042~", "Set 850 0001 stands outside any functional group"),
        (ISA + SET + SET + "GE*2*7~IEA*0*000000042~", "Set 850 0001 stands outside any functional group"),
        (ISA + "GE*1*7~" + "IEA*0*000000042~", "A GE stands here without a GS"),
        (ISA + "SE*1*7~" + "IEA*0*000000042~", "An SE stands here without an ST"),
        (ISA + "N1*ST~N3*A~" + GS + SET + GE + IEA, '2 segments after ISA (the first is "N1") stand outside'),
    ],
)
def test_what_stands_outside_a_group_refuses_the_interchange(text: str, message: str) -> None:
    found = read(text)
    assert message in the(found).message
    assert the(found) in only(found).findings
    assert the(found).ack == AckCode("TA1", "022")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ISA + GS + "N1*ST~" + SET + GE + IEA, '1 segment after GS (the first is "N1") stands outside'),
        (ISA + GS + SET + "N1*ST~" + GE + IEA, "1 segment after SE"),
        (ISA + GS + "TA1*1~" + SET + GE + IEA, "A TA1 stands inside a functional group"),
        (ISA + GS + SET + "SE*1*0001~" + GE + IEA, "An SE stands here without an ST"),
    ],
)
def test_what_stands_outside_a_set_refuses_its_group(text: str, message: str) -> None:
    found = read(text)
    assert message in the(found).message
    assert the(found) in only(found).groups[0].findings
    assert the(found).where.group == "7"


def test_many_segments_out_of_place_are_counted() -> None:
    found = read(ISA + "SE*1*1~" * 500 + "IEA*0*000000042~")
    assert len(every(found)) == 101
    assert "400 more segments" in every(found)[-1].message


@pytest.mark.parametrize("piece", ["ST~", "SE*1*1~", "GS*PO~", "N1~ST~SE~"])
def test_an_interchange_of_nothing_but_faults_is_given_up(piece: str) -> None:
    found = read(ISA + "GS*PO*N*A*20260314*0915*7*X*004010~" + piece * 20_000 + GOOD)
    broken, good = found.interchanges
    assert broken.findings[-1].code in {"envelope.hopeless", "envelope.outside"}
    assert "envelope.hopeless" in {finding.code for finding in broken.findings}
    assert len(every(found)) < 20_000
    assert good.findings == ()
    assert len(good.groups) == 1


def test_many_broken_interchanges_are_counted() -> None:
    found = read((ISA.replace("*", "*", 1)[:60] + "~") + ("junk " + GOOD) * 300)
    assert len(found.interchanges) == 300
    assert len(found.findings) == 101


def test_an_iea_without_terminator_is_judged_once_its_number_is_whole() -> None:
    found = read(GOOD.removesuffix("IEA*1*000000042~") + "IEA*1*000000043")
    assert codes(found) == ["envelope.control.mismatch", "envelope.terminator"]
    assert codes(read(GOOD.removesuffix("IEA*1*000000042~") + "IEA*1*00000004")) == ["envelope.truncated"]


def test_a_terminator_of_several_bytes_is_the_one_fault() -> None:
    finding = the(outline(GOOD.replace("~", "\u2026").encode("utf-8")))
    assert (finding.code, finding.ack, finding.where.byte) == ("envelope.delimiter", AckCode("TA1", "004"), 105)
    assert finding.message == 'The segment terminator (character 106) is "\u2026", which takes 3 bytes instead of one.'
    assert every(outline(GOOD.replace("~", "\xa7").encode("latin-1"))) == []


def test_a_blank_for_the_first_separator_is_named() -> None:
    finding = the(read(GOOD.replace("ISA*", "ISA ", 1)))
    assert finding.code == "envelope.unreadable"
    assert finding.message == "After ISA stands a blank, which cannot be the element separator."


@pytest.mark.parametrize("torn", [130, 150, 171, 190])
@pytest.mark.parametrize("element", ["*", "|"])
def test_an_isa_behind_a_torn_file_opens_its_own_interchange(torn: int, element: str) -> None:
    """Two files that somebody put behind each other, the first of them half: the second one counts."""
    second = GOOD.replace("*", element).replace("000000042", "000000043")
    found = read(GOOD[:torn] + second)
    first, other = found.interchanges
    assert (first.whole, first.end, other.start) == (False, torn, torn)
    assert [finding.code for finding in first.findings] == ["envelope.truncated"]
    assert f"cut off at byte {torn}, where another ISA begins" in first.findings[0].message
    assert (other.control, other.whole, other.findings) == ("000000043", True, ())
    assert [one.number for one in other.groups[0].sets] == [other.groups[0].number + 1]


@pytest.mark.timeout(30)
def test_many_torn_files_in_a_row_are_each_told_in_good_time() -> None:
    """Looking for the IEA of each of them to the end of the file would take minutes."""
    torn = ISA + GS + "ST*850*0001~BEG*00"
    found = read(torn * 1_500 + GOOD)
    assert [one.whole for one in found.interchanges] == [False] * 1_500 + [True]
    assert {finding.code for one in found.interchanges for finding in one.findings} == {"envelope.truncated"}
    assert found.interchanges[-1].start == len(torn) * 1_500


def test_what_was_passed_over_is_seen_and_no_more_than_that() -> None:
    (mark,) = [one for one in read("\xef\xbb\xbf" + GOOD).findings if one.code == "envelope.padding"]
    assert (mark.where.byte, mark.seen) == (0, "\xef\xbb\xbf")
    (junk,) = read(GOOD + "RUBBLE" + GOOD).findings
    assert (junk.code, junk.seen, junk.where.byte) == ("envelope.trailing", "RUBBLE", len(GOOD))
    assert junk.message.startswith('6 bytes after the IEA, "RUBBLE", belong to no interchange')
    (long,) = read(GOOD + "R" * 50).findings
    assert long.message.startswith(f'50 bytes after the IEA, beginning with "{"R" * 40}"')
