"""Findings drawn as a compiler draws them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.app.answering import Speech
from edi_engine.cli.diagnostic import LABELS, in_a_line, place, remarked, render
from edi_engine.cli.table import columns
from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.values import Delimiters

SET = (
    b"ST*850*0001~BEG*00*SA*4500098211**20261122~"
    b"PO1*1*24*EA*9.10**UP*012345678904~PO1*2*12*CASE*41.88**UP*012345678905*VN*AC-4410~CTT*2~SE*6*0001~"
)
CASE = SET.index(b"CASE")
UNIT = Finding(
    "x12.element.length",
    Severity.REFUSE,
    'PO103 "CASE" is too long: a unit of measure code has exactly 2 characters',
    Position(
        file="acme_850_0419.edi",
        byte=CASE,
        set_control="0001",
        set_id="850",
        segment=16,
        in_set=14,
        segment_id="PO1",
        loop="PO1",
        path="PO1[2]/PO103",
        element=3,
        element_id="355",
    ),
    seen="CASE",
    wanted="CA (case)",
    ack=AckCode("AK4", "5"),
    fix="ask the partner to send CA; or accept it from them by `allow:` in their guide and an alias",
)


def test_an_element_fault_looks_as_the_architecture_shows_it() -> None:
    assert render(UNIT, SET, Delimiters(), color=False, width=140).splitlines() == [
        'error[x12.element.length]: PO103 "CASE" is too long: a unit of measure code has exactly 2 characters',
        f"   --> acme_850_0419.edi  segment 16 (14th of ST 0001), byte {CASE}   PO1[2]/PO103 (element 355)",
        "    |",
        " 16 |  PO1*2*12*CASE*41.88**UP*012345678905*VN*AC-4410~",
        "    |           ^^^^ wanted CA (case)",
        "    = ack: AK3*PO1*14**8  AK4*3*355*5*CASE  the 997 would refuse this order",
        "    = fix: ask the partner to send CA; or accept it from them by `allow:` in their guide and an alias",
    ]


def test_a_rule_names_its_row_and_a_narrow_terminal_wraps_what_to_do() -> None:
    held = Finding(
        "order.price.over-tolerance",
        Severity.HOLD,
        "Unit price 41.88 is 4.71 % below the agreed 43.95.",
        UNIT.where.__class__(file="a.edi", byte=SET.index(b"41.88"), segment=4, element=4, path="PO1[2]/PO104", line=2),
        seen="41.88",
        wanted="43.95",
        source="partners/acme/tables/items.csv:118",
        fix="accept their price once, answer with ours, or raise the limit in the partner's policy",
    )
    lines = render(held, SET, Delimiters(), color=False, width=60).splitlines()
    assert lines[0].startswith("hold[order.price.over-tolerance]: ")
    assert lines[4].strip() == "|                ^^^^^ wanted 43.95"
    assert "    = rule: partners/acme/tables/items.csv:118" in lines
    assert lines[-2].startswith("    = fix: ")
    assert lines[-1].startswith("           ")
    assert all(columns(line) <= 60 for line in lines[2:])


def test_a_long_segment_is_cut_to_a_window_around_the_mark() -> None:
    data = b"ST*850*0001~PO1*" + b"*".join(b"%d" % n for n in range(1000, 1200)) + b"~"
    byte = data.index(b"1100")
    finding = Finding("x12.element.code", Severity.REFUSE, "No.", Position(byte=byte, segment=2, element=101))
    _, _, _, text, mark = render(finding, data, Delimiters(), color=False, width=80).splitlines()
    assert text.startswith("  2 |  ...")
    assert text.endswith("...")
    assert columns(text) <= 80
    assert text[mark.index("^") : mark.rindex("^") + 1] == "1100"


@pytest.mark.fault("S3")
def test_what_could_move_the_cursor_is_escaped() -> None:
    data = b"ST*850*\x1b[2J\x07~"
    finding = Finding("x12.element.character", Severity.REFUSE, "bad \x1b[31m", Position(byte=7, segment=1, element=2))
    drawn = render(finding, data, Delimiters(), color=False)
    assert "\x1b" not in drawn
    assert "\x07" not in drawn
    lines = drawn.splitlines()
    assert lines[3] == r"  1 |  ST*850*\x1B[2J\x07~"
    assert lines[4] == "    |         ^^^^^^^^^^^"


def test_the_segment_id_is_marked_where_no_element_is_named() -> None:
    finding = Finding("x12.segment.unknown", Severity.REFUSE, "No.", Position(byte=SET.index(b"CTT"), segment=5))
    assert render(finding, SET, Delimiters(), color=False).splitlines()[4] == "    |  ^^^"


def test_an_element_past_the_end_of_its_segment_is_marked_at_the_terminator() -> None:
    byte = SET.index(b"CTT")
    finding = Finding("x12.element.missing", Severity.REFUSE, "No.", Position(byte=byte, segment=5, element=4))
    assert render(finding, SET, Delimiters(), color=False).splitlines()[4] == "    |       ^"


def test_lines_end_segments_where_the_terminator_is_a_line_feed() -> None:
    data = b"ST*850*0001\r\nBEG*00*XX*1\r\nSE*3*0001\r\n"
    finding = Finding(
        "x12.element.code", Severity.REFUSE, "No.", Position(byte=data.index(b"XX"), segment=2, element=2)
    )
    lines = render(finding, data, Delimiters(segment="\n"), color=False).splitlines()
    assert lines[3] == r"  2 |  BEG*00*XX*1\x0D"
    assert lines[4] == "    |         ^^"


def test_characters_of_two_columns_keep_the_mark_in_place() -> None:
    data = "N1*ST*寿司 café*92*X~".encode()
    finding = Finding(
        "x12.element.code", Severity.REFUSE, "No.", Position(byte=data.index(b"92"), segment=1, element=3)
    )
    lines = render(finding, data, Delimiters(), color=False).splitlines()
    assert lines[3] == "  1 |  N1*ST*寿司 café*92*X~"
    assert columns(lines[4][: lines[4].index("^")]) == columns(lines[3][: lines[3].index("92")])


def test_a_file_that_is_no_x12_shows_its_first_line() -> None:
    finding = Finding("envelope.unreadable", Severity.REFUSE, "No X12.", Position(byte=0), seen="%PDF", wanted="ISA")
    lines = render(finding, b"%PDF-1.7\n\xff\x00", None, color=False).splitlines()
    assert lines[3] == "    |  %PDF-1.7"
    assert lines[4] == "    |  ^^^^ wanted ISA"


def test_a_place_in_a_partner_file_is_file_line_column() -> None:
    finding = Finding(
        "partner.value.zone", Severity.HOLD, "No zone.", Position(file="p.yaml", line_no=3, column=7), fix="x"
    )
    assert place(finding.where) == "p.yaml:3:7"
    assert in_a_line(finding) == "p.yaml:3:7: hold[partner.value.zone]: No zone."
    assert remarked(finding).splitlines()[1] == "    = fix: x"


def test_what_stands_nowhere_names_no_place() -> None:
    finding = Finding("ack.rejected", Severity.HOLD, "They refused it.", fix="ask them")
    assert render(finding, color=False).splitlines() == ["hold[ack.rejected]: They refused it.", "    = fix: ask them"]


def test_colour_adds_nothing_but_colour() -> None:
    import click

    assert click.unstyle(render(UNIT, SET, Delimiters(), color=True)) == render(UNIT, SET, Delimiters(), color=False)


@pytest.mark.parametrize(
    ("severity", "ack", "said"),
    [
        (Severity.REFUSE, AckCode("TA1", "022"), "the TA1 would refuse this interchange"),
        (Severity.REFUSE, AckCode("AK9", "2"), "the 997 would refuse this group"),
        (Severity.REFUSE, AckCode("AK5", "4"), "AK5*R*4  the 997 would refuse this order"),
        (Severity.WARNING, AckCode("AK3", "2"), "AK3*PO1*14**2  the 997 would accept this order with a note"),
    ],
)
def test_each_level_of_acknowledgment_is_told_in_words(severity: Severity, ack: AckCode, said: str) -> None:
    drawn = render(Finding("x12.x.y", severity, "No.", UNIT.where, ack=ack), None, color=False)
    assert said in drawn


@pytest.mark.parametrize("severity", [Severity.NOTE, Severity.HOLD])
def test_what_the_partner_is_not_told_has_no_acknowledgment(severity: Severity) -> None:
    assert "ack:" not in render(
        Finding("x12.x.y", severity, "No.", UNIT.where, ack=AckCode("AK4", "7")), None, color=False
    )


texts = st.none() | st.text(max_size=20)
numbers = st.none() | st.integers(-3, 300)
positions = st.builds(
    Position,
    file=texts,
    byte=st.none() | st.integers(-3, 12_000),
    set_control=texts,
    set_id=texts,
    segment=numbers,
    in_set=numbers,
    segment_id=texts,
    loop=texts,
    path=texts,
    element=numbers,
    component=numbers,
    repetition=numbers,
    element_id=texts,
    line=numbers,
    line_no=numbers,
    column=numbers,
)
findings = st.builds(
    Finding,
    st.sampled_from(["x12.element.code", "order.price", "x"]),
    st.sampled_from(list(Severity)),
    st.text(max_size=60),
    positions,
    texts,
    texts,
    st.none() | st.builds(AckCode, st.sampled_from(["TA1", "AK3", "AK4", "AK5", "AK9", "IK4"]), st.text(max_size=3)),
    texts,
    texts,
)
letters = st.characters(max_codepoint=0x2FF)
delimiters = st.none() | st.builds(Delimiters, letters, letters, letters, st.none() | letters)
contents = (
    st.none()
    | st.binary(max_size=400)
    | st.text("PO1*>~\n\r é寿", max_size=300).map(str.encode)
    | st.binary(min_size=1, max_size=8).map(lambda piece: piece * 1500)
)


@pytest.mark.property
@given(findings, contents, delimiters, st.integers(-5, 300), st.booleans())
def test_any_finding_in_any_bytes_is_drawn(finding, data, marks, width, color) -> None:
    import click

    drawn = click.unstyle(render(finding, data, marks, color=color, width=width))
    lines = drawn.splitlines()
    assert lines[0].startswith(f"{LABELS[finding.severity]}[{finding.code}]: ")
    spot = place(finding.where)
    assert not spot or lines[1].endswith(f"--> {spot}")
    assert all(line.isprintable() for line in drawn.split("\n"))
    snippets = [line for line in lines[2:5] if "|  " in line]
    assert all(columns(line) <= max(width, 40) for line in snippets if "^" in line or data is not None)


def test_only_what_stands_before_the_isa_is_marked() -> None:
    data = b"\xef\xbb\xbf" + b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *"
    padding = Finding("envelope.padding", Severity.WARNING, "3 bytes", Position(byte=0), seen="\xef\xbb\xbf")
    marks = render(padding, data, None, color=False).splitlines()[-1]
    assert marks.count("^") == len("\\uFEFF")


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("version", "segment_id", "seen", "said"),
    [
        ("004010", "PO1", "a>b*c", "AK3*PO1*14**8  AK4*3*355*5*abc"),
        ("004010", "R\u00c4FER", "x", "AK3*RFE*14**8  AK4*3*355*5*x"),
        ("004010", "", "x", "AK3*00*14**8  AK4*3*355*5*x"),
        ("003040", "PO1", "x", "AK3*PO1*14  AK4*3*355*5*x"),
    ],
)
def test_the_acknowledgment_is_told_as_it_is_written(version: str, segment_id: str, seen: str, said: str) -> None:
    finding = replace(UNIT, seen=seen, where=replace(UNIT.where, segment_id=segment_id))
    drawn = render(finding, None, Delimiters(), speech=Speech("997", version, ta1=False), color=False)
    assert f"= ack: {said}  the 997 would refuse this order" in drawn
