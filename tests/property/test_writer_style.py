"""Whatever a partner's style: sets that the dictionary allows come back as they were, and no table breaks a segment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from edi_engine.finding import Finding, Position
from edi_engine.mapping.convert import read_decimal, write_decimal
from edi_engine.partners.form import Form
from edi_engine.partners.read_style import read_style
from edi_engine.text.yaml import Entry, Mapping, Mark, Text
from edi_engine.x12.check_value import bad_decimal, bad_number
from edi_engine.x12.reader import outline, split
from edi_engine.x12.sheet import COMPONENT, Sheet
from edi_engine.x12.style import Style
from edi_engine.x12.values import Delimiters
from edi_engine.x12.writer import Envelope, write
from tests.property.test_check import ALL_SETS, DELIMITERS, check, codes, sets

pytestmark = pytest.mark.property

PATIENT = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
SIGNS = "!\"#$%&'()*+,:;<=>?@[\\]^_`{|}~\x1c\x1d\x1e\x1f\x15\t"
"""Everything that may part values but `-`, `.` and `/`, which the values drawn here hold."""


@st.composite
def delimiters(draw: st.DrawFn) -> Delimiters:
    element, component, segment, repetition = draw(
        st.lists(st.sampled_from(SIGNS), min_size=4, max_size=4, unique=True)
    )
    segment = draw(st.sampled_from([segment, segment, "\n", "\r"]))
    suffix = draw(st.sampled_from([one for one in ("", "\n", "\r\n", "\r") if segment not in one]))
    return Delimiters(element, component, segment, draw(st.sampled_from([repetition, None])), suffix)


def envelope(marks: Delimiters, version: str, style: Style) -> Envelope:
    when = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    outside = "00401" if marks.repetition is None else "00501"
    return Envelope(
        "12",
        "555",
        "ZZ",
        "NORTHWIND",
        outside,
        "PO",
        "ACME",
        "NWD",
        version,
        "P",
        False,
        marks,
        when,
        42,
        7,
        style=style,
    )


@PATIENT
@given(delimiters(), st.sampled_from(ALL_SETS), st.integers(1, 9), st.integers(4, 9), st.data())
def test_a_right_set_is_the_same_after_writing_and_reading(
    marks: Delimiters, kind: tuple[str, str], group: int, number: int, data: st.DataObject
) -> None:
    version, set_id = kind
    body = data.draw(sets(version, set_id))
    inner = [[text.replace(DELIMITERS.component, COMPONENT) for text in segment] for segment in body[1:-1]]
    assume(inner)
    out = envelope(marks, version, Style(group_digits=group, set_digits=number))
    first = write(out, set_id, [inner])
    assert first.findings == ()
    assert first.data is not None
    found = outline(first.data)
    (read,) = found.interchanges
    (got,) = read.groups
    (one,) = got.sets
    assert (found.findings, read.findings, got.findings, one.findings) == ((), (), (), ())
    assert read.delimiters == marks
    assert (got.control, one.control) == (f"{7:0{group}d}", f"{1:0{number}d}")
    back = split(first.data[one.start : one.end].decode(), marks)
    plain = [[text.replace(marks.component, DELIMITERS.component) for text in segment] for segment in back]
    assert plain[1:-1] == body[1:-1]
    assert codes(check("".join("*".join(segment) + "~" for segment in [body[0], *plain[1:-1], body[-1]]), *kind)) == []
    again = [[text.replace(marks.component, COMPONENT) for text in segment] for segment in back[1:-1]]
    assert write(replace(out, version=got.version), one.set_id, [again]).data == first.data


KEYS = st.sampled_from([*"ab~*>|é#&\n\t", "a-z"])
RESULTS = st.text(" EST-_~>aé", min_size=1, max_size=2)
MARK = Mark("partner.yaml", 1, 1)


def table(rows: dict[str, str]) -> Form:
    """Give an envelope with a table, as a partner file says it."""
    entries = tuple(Entry(Text(key, MARK), Text(value, MARK)) for key, value in rows.items())
    block = Mapping((Entry(Text("replace", MARK), Mapping(entries, MARK)),), MARK)
    return Form(block, "envelope", list[Finding]())


@settings(suppress_health_check=list(HealthCheck), max_examples=300)
@given(
    delimiters(),
    st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8"]),
    st.booleans(),
    st.dictionaries(KEYS, RESULTS, min_size=1, max_size=3),
    st.data(),
)
def test_a_table_that_loads_mends_every_value_it_is_for(
    marks: Delimiters, charset: str, basic: bool, rows: dict[str, str], data: st.DataObject
) -> None:
    charset = "ascii" if basic else charset
    form = table({key: "A-Z" if key == "a-z" else written for key, written in rows.items()})
    style = read_style(form, marks, charset, basic=basic)
    assume(form.problems == [])
    values = data.draw(st.lists(st.text(["A", "9", " ", *style.replace], max_size=5), min_size=1, max_size=4))
    sheet = Sheet(marks, charset, style)
    sheet.put(["N1", *values, "X"], Position(segment_id="N1"))
    mended = ["".join(style.replace.get(letter, letter) for letter in value).rstrip(" ") for value in values]
    emptied = [bool(value.strip(" ")) and not written for value, written in zip(values, mended, strict=True)]
    assert [finding.where.element for finding in sheet.findings] == [n for n, one in enumerate(emptied, 1) if one]
    text = sheet.text().encode(charset).decode(charset)
    assert split(text, marks) == [["N1", *mended, "X"]]
    assert not set("".join(mended)) & set(style.replace)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
    | st.just(Decimal("-0.00"))
)
def test_a_number_is_written_as_x12_writes_numbers(number: Decimal) -> None:
    text = write_decimal(number, "R")
    assert text is not None
    assert not bad_decimal(text, 1, 14)
    assert not text.endswith(".")
    assert read_decimal(text, "R") == number
    implied = write_decimal(number, "N4")
    assert implied is not None
    assert not bad_number(implied, 1, 14)
    assert read_decimal(implied, "N4") == number
