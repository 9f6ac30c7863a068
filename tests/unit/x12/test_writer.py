"""What goes out: envelopes, counts and padding as X12 wants them, and nothing at all where a value would break it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edi_engine.finding import Severity
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline, split
from edi_engine.x12.style import Style
from edi_engine.x12.values import Delimiters
from edi_engine.x12.writer import COMPONENT, REPETITION, Envelope, write

OUT = Envelope(
    sender_qualifier="12",
    sender="5551234567",
    receiver_qualifier="ZZ",
    receiver="NORTHWIND",
    interchange_version="00401",
    group_kind="PR",
    group_sender="ACME",
    group_receiver="NWD",
    version="004010VICS",
    usage="P",
    wants_ta1=False,
    delimiters=Delimiters(),
    when=datetime(2026, 3, 14, 9, 15, tzinfo=UTC),
    interchange_control=42,
    group_control=7,
)
BODY = (("BAK", "00", "AD", "4711", "20260314"), ("PO1", "1", "12", "EA", "9.75", "", ""), ("CTT", "1"))


def test_an_interchange_as_it_goes_out() -> None:
    written = write(OUT, "855", [BODY, BODY])
    assert written.findings == ()
    assert written.data == (
        b"ISA*00*          *00*          *12*5551234567     *ZZ*NORTHWIND      *260314*0915*U*00401*000000042*0*P*>~"
        b"GS*PR*ACME*NWD*20260314*0915*7*X*004010VICS~"
        b"ST*855*0001~BAK*00*AD*4711*20260314~PO1*1*12*EA*9.75~CTT*1~SE*5*0001~"
        b"ST*855*0002~BAK*00*AD*4711*20260314~PO1*1*12*EA*9.75~CTT*1~SE*5*0002~"
        b"GE*2*7~IEA*1*000000042~"
    )


def test_our_reader_and_pyx12_accept_it() -> None:
    data = write(replace(OUT, delimiters=Delimiters(suffix="\r\n")), "855", [BODY, BODY]).data
    assert data is not None
    found = outline(data)
    group = found.interchanges[0].groups[0]
    assert (found.findings, found.interchanges[0].findings, group.findings) == ((), (), ())
    assert [one.findings for one in group.sets] == [(), ()]
    assert judge(data) == ()


def test_version_00501_shows_its_repetition_separator() -> None:
    delimiters = Delimiters(repetition="^")
    out = replace(OUT, interchange_version="00501", version="005010", delimiters=delimiters)
    written = write(out, "855", [[("REF", f"A{REPETITION}B{REPETITION}")]])
    assert written.data is not None
    assert b"*^*00501*" in written.data
    assert b"REF*A^B~" in written.data
    assert judge(written.data) == ()


def test_trailing_empty_elements_and_components_are_left_out() -> None:
    body = [("SLN", "1", "", f"A{COMPONENT}{COMPONENT}B{COMPONENT}{COMPONENT}", f"{COMPONENT}{COMPONENT}", "")]
    written = write(OUT, "855", [body])
    assert written.data is not None
    assert b"~SLN*1**A>>B~" in written.data


def test_a_group_before_004010_has_a_date_of_six_digits() -> None:
    written = write(replace(OUT, version="003060"), "855", [BODY])
    assert written.data is not None
    assert b"*260314*0915*7*X*003060~" in written.data


def test_a_999_names_its_guide_in_st03() -> None:
    written = write(replace(OUT, group_kind="FA"), "999", [[("AK1", "PO", "7")]], implementation="005010X231A1")
    assert written.data is not None
    assert b"~ST*999*0001*005010X231A1~" in written.data


def test_an_interchange_of_ta1_alone_has_no_group() -> None:
    ta1 = ("TA1", "000000007", "260313", "1200", "A", "000")
    written = write(OUT, "", [], acknowledgments=[ta1])
    assert written.data is not None
    found = outline(written.data).interchanges[0]
    assert (found.findings, found.groups, found.acknowledgments) == ((), (), (ta1,))
    assert written.data.endswith(b"TA1*000000007*260313*1200*A*000~IEA*0*000000042~")


@pytest.mark.fault("C14")
@pytest.mark.parametrize(
    ("text", "component", "words"),
    [
        ("A*B", None, 'holds "*", which is the element separator'),
        ("A>B", None, 'holds ">", which is the component separator'),
        ("A~B", None, 'holds "~", which is the segment terminator'),
        ("A\nB", None, "control character (a line feed)"),
        ("A\x00B", None, "control character (the byte 00)"),
        ("A\x9fB", None, "control character"),
        ("Größe", None, 'holds "ö"'),
        (f"A{COMPONENT}B*", 2, "element separator"),
        (f"A{REPETITION}B", None, "no repetition separator"),
    ],
)
def test_c14_a_value_that_would_break_the_document_is_held(text: str, component: int | None, words: str) -> None:
    written = write(OUT, "855", [[("BAK", "00"), ("N1", "ST", text)]])
    assert written.data is None
    (finding,) = written.findings
    assert (finding.code, finding.severity) == ("document.character", Severity.HOLD)
    assert words in finding.message
    where = finding.where
    assert (where.set_id, where.set_control, where.in_set) == ("855", "0001", 3)
    assert (where.segment_id, where.element, where.component) == ("N1", 2, component)


@pytest.mark.fault("C14")
def test_c14_other_character_sets() -> None:
    body = [("N1", "ST", "Größe")]
    for charset in ("latin-1", "utf-8"):
        data = write(replace(OUT, charset=charset), "855", [body]).data
        assert data is not None
        assert "N1*ST*Größe~" in data.decode(charset)
    assert write(replace(OUT, charset="latin-1"), "855", [[("N1", "ST", "€")]]).data is None


def body_of(style: Style, *values: str, charset: str = "ascii") -> str | None:
    """Give the first segment of a set as it is written."""
    written = write(replace(OUT, style=style, charset=charset), "855", [[("N1", *values)]])
    return None if written.data is None else written.data.decode(charset).split("~")[3]


@pytest.mark.fault("C14")
def test_c14_a_character_is_replaced_as_the_partner_wants_it() -> None:
    style = Style(replace={"~": "-", "*": " x ", "é": "e", "ß": "ss", "\n": " "})
    assert body_of(style, "ST", "Caf\u00e9 ~1~*2\nGro\u00dfe") == "N1*ST*Cafe -1- x 2 Grosse"
    assert body_of(style, "ST", "A*", "92") == "N1*ST*A x*92"  # and no blank at the end
    parts = f"\u00e9{COMPONENT}~{COMPONENT}"
    assert body_of(style, parts) == "N1*e>-"
    written = write(replace(OUT, style=style), "855", [[("N1", "~", "A", "~~")]])
    assert written.replaced == 2
    assert body_of(style, "Gr\u00f6\u00dfe") is None  # no word for the o with dots


@pytest.mark.fault("C14")
def test_c14_a_table_that_is_wrong_breaks_no_segment() -> None:
    for style in (Style(replace={"~": "*"}), Style(replace={"~": "\u00e9"}), Style(replace={"~": ""})):
        written = write(replace(OUT, style=style), "855", [[("N1", "ST", "~")]])
        assert [finding.code for finding in written.findings] == ["document.character"]
        assert written.findings[0].seen == "~"


def test_a_value_of_which_nothing_is_left_is_held() -> None:
    written = write(replace(OUT, style=Style(replace={"~": " "})), "855", [[("N1", "ST", "~ ~", "92")]])
    assert written.data is None
    (finding,) = written.findings
    assert (finding.code, finding.where.path, finding.seen) == ("document.character", "N102", "~ ~")
    assert "only blanks" in finding.message


def test_the_basic_set_has_no_small_letters() -> None:
    capitals = dict(zip("abc", "ABC", strict=True))
    assert body_of(Style(basic=True), "ST", "AZ09 !\"&'(),-./:;?=+") == "N1*ST*AZ09 !\"&'(),-./:;?=+"
    assert body_of(Style(basic=True, replace=capitals), "ab c") == "N1*AB C"
    for letter in "az@#$%[]{}\\|<_^`":
        assert body_of(Style(basic=True), "ST", letter) is None
        assert body_of(Style(), "ST", letter) == f"N1*ST*{letter}"
    written = write(replace(OUT, style=Style(basic=True)), "855", [[("N1", "Az")]])
    assert 'holds "z", which the partner\'s character set basic does not have' in written.findings[0].message


def test_blanks_at_the_end_of_a_value_are_left_out() -> None:
    assert body_of(Style(), "ST ", "  A B  ", "   ") == "N1*ST*  A B"


def test_who_wants_nothing_trimmed_gets_it_as_it_is() -> None:
    style = Style(trim=False)
    assert body_of(style, "ST ", f"A{COMPONENT}{COMPONENT}", "", "") == "N1*ST *A>>**"
    written = write(replace(OUT, style=style), "855", [[("N1", "A", "")]])
    assert written.data is not None
    assert b"~ST*855*0001~N1*A*~SE*3*0001~" in written.data  # envelopes have no empty end


def test_longer_control_numbers() -> None:
    written = write(replace(OUT, style=Style(group_digits=9, set_digits=6)), "855", [BODY, BODY])
    assert written.data is not None
    assert b"*000000007*X*004010VICS~" in written.data
    assert b"~GE*2*000000007~" in written.data
    assert b"~SE*5*000001~ST*855*000002~" in written.data
    assert judge(written.data) == ()


def test_a_guide_that_no_st_can_name_is_held() -> None:
    assert write(OUT, "999", [BODY], implementation="A*B").data is None


def test_many_faults_are_bounded() -> None:
    assert len(write(OUT, "855", [[("N1", "*")] * 500]).findings) == 100


@pytest.mark.parametrize("segment", [(), ("",), ("n1", "A"), ("N", "A"), ("SE", "1"), ("N1",), ("N1", "", COMPONENT)])
def test_a_segment_that_is_none_is_held(segment: tuple[str, ...]) -> None:
    written = write(OUT, "855", [[segment]])
    assert written.data is None
    assert [finding.code for finding in written.findings] == ["document.invalid.segment"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sender": "1234567890123456"}, "ISA06 (our id)"),
        ({"sender": ""}, "ISA06 (our id)"),
        ({"receiver": "A*B"}, "ISA08"),
        ({"sender_qualifier": "1"}, "ISA05"),
        ({"group_receiver": " A"}, "GS03"),
        ({"interchange_version": "4010"}, "ISA12"),
        ({"usage": "X"}, "ISA15"),
        ({"interchange_control": 0}, "ISA13"),
        ({"interchange_control": 1_000_000_000}, "ISA13"),
        ({"group_control": 1_000_000_000}, "GS06"),
        ({"delimiters": Delimiters(element="~")}, "not all different"),
        ({"delimiters": Delimiters(component="A")}, "component separator"),
        ({"delimiters": Delimiters(segment=" ")}, "segment terminator"),
        ({"delimiters": Delimiters(repetition="^")}, "before version 00402"),
        ({"interchange_version": "00501"}, "repetition separator; none is set"),
        ({"delimiters": Delimiters(segment="\x00")}, "NUL"),
        ({"style": Style(group_digits=10)}, "GS06 of 10 digits"),
        ({"style": Style(set_digits=3)}, "ST02 of 3 digits"),
        ({"delimiters": Delimiters(suffix="x")}, "line ends"),
        ({"delimiters": Delimiters(component="\n", suffix="\r\n")}, "line ends"),
    ],
)
def test_an_envelope_that_cannot_be_is_held(change: dict[str, object], words: str) -> None:
    written = write(replace(OUT, **change), "855", [BODY])  # type: ignore[arg-type]
    assert written.data is None
    assert {finding.code for finding in written.findings} == {"document.invalid.envelope"}
    assert any(words in finding.message for finding in written.findings)


def test_a_naive_time_is_a_bug() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write(replace(OUT, when=OUT.when.replace(tzinfo=None)), "855", [BODY])


def test_what_was_written_is_what_is_read() -> None:
    data = write(OUT, "855", [BODY]).data
    assert data is not None
    rows = split(data.decode(), Delimiters())
    assert [row[0] for row in rows] == ["ISA", "GS", "ST", "BAK", "PO1", "CTT", "SE", "GE", "IEA"]
