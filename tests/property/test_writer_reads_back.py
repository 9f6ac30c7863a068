"""Writing, then reading, is identity; every 997 counts right; the referee agrees."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline, split, spoken
from edi_engine.x12.values import Delimiters
from edi_engine.x12.writer import Envelope, write

pytestmark = pytest.mark.property

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
DELIMITERS = st.builds(
    lambda letters, suffix: Delimiters(*letters[:3], letters[3], suffix),
    st.lists(st.sampled_from(PUNCTUATION + "\x1c\x1d\x1f\t"), min_size=4, max_size=4, unique=True),
    st.sampled_from(["", "\n", "\r\n"]),
)
IDS = st.text(alphabet=string.ascii_uppercase + string.digits, min_size=2, max_size=15)
SEGMENT_IDS = st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(
    lambda name: name not in {"ISA", "GS", "ST", "SE", "GE", "IEA"}
)
ANYTHING = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=8)
NUMBERS = st.integers(1, 999_999_999)
FIRST, LAST = datetime(1970, 1, 1), datetime(2069, 12, 31)  # noqa: DTZ001 (hypothesis adds the zone itself)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Envelope, list[list[list[str]]]]:
    """An envelope and bodies that hold none of its delimiters."""
    delimiters = draw(DELIMITERS)
    envelope = Envelope(
        "ZZ",
        draw(IDS),
        "12",
        draw(IDS),
        "00501",
        "PR",
        draw(IDS),
        draw(IDS),
        draw(st.sampled_from(["004010", "003060", "005010X231A1"])),
        draw(st.sampled_from("PT")),
        draw(st.booleans()),
        delimiters,
        draw(st.datetimes(FIRST, LAST, timezones=st.just(UTC))),
        draw(NUMBERS),
        draw(NUMBERS),
        charset="latin-1",
    )
    used = {delimiters.element, delimiters.component, delimiters.segment, delimiters.repetition}
    letters = ANYTHING.map(lambda text: [one for one in text if one not in used and not "\x7f" <= one <= "\x9f"])
    clean = letters.map(lambda kept: "".join(kept).rstrip(" "))  # blanks at the end are not written
    values = clean | st.just("")
    segments = st.builds(
        lambda name, middle, last: [name, *middle, last or "x"], SEGMENT_IDS, st.lists(values, max_size=5), clean
    )
    return envelope, draw(st.lists(st.lists(segments, max_size=6), min_size=1, max_size=4))


@given(documents())
def test_what_is_written_reads_back(document: tuple[Envelope, list[list[list[str]]]]) -> None:
    envelope, bodies = document
    written = write(envelope, "855", bodies)
    assert written.findings == ()
    assert written.data is not None
    found = outline(written.data)
    assert found.findings == ()
    interchange = found.interchanges[0]
    assert interchange.findings == ()
    assert interchange.delimiters == envelope.delimiters
    assert (interchange.sender, interchange.receiver) == (envelope.sender, envelope.receiver)
    assert (int(interchange.control), interchange.wants_ta1) == (envelope.interchange_control, envelope.wants_ta1)
    group = interchange.groups[0]
    assert (group.findings, group.control, group.version) == ((), str(envelope.group_control), envelope.version)
    assert [one.findings for one in group.sets] == [()] * len(bodies)
    for body, one in zip(bodies, group.sets, strict=True):
        segments = [segment.elements for segment in spoken(written.data, one, interchange.delimiters)]
        assert segments[1:-1] == body
        assert split(written.data[one.start : one.end].decode("latin-1"), interchange.delimiters) == segments


@given(documents())
def test_the_referee_accepts_what_is_written(document: tuple[Envelope, list[list[list[str]]]]) -> None:
    envelope, bodies = document
    plain = [[segment for segment in body if segment[0] not in {"HL", "TA1"}] for body in bodies]
    data = write(envelope, "855", plain).data
    assert data is not None
    assert judge(data) == ()


@given(documents(), st.sampled_from(["\x00", "\n", "\x7f", "\x85"]), st.data())
def test_one_bad_value_and_nothing_is_written(
    document: tuple[Envelope, list[list[list[str]]]], control: str, data: st.DataObject
) -> None:
    envelope, bodies = document
    marks = envelope.delimiters
    bad = data.draw(
        st.sampled_from([marks.element, marks.segment, marks.component, marks.repetition or control, control])
    )
    written = write(envelope, "855", [[["N1", "ST", f"A{bad}B" if bad != "\x1f" else "A\x00"]], *bodies])
    assert written.data is None
    assert written.findings[0].where.path == "N102"
