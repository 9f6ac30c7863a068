"""Files that others wrote, read and written again: the same bytes, for all that keep one convention throughout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edi_engine.finding import Position, Severity
from edi_engine.x12.reader import outline, split
from edi_engine.x12.sheet import COMPONENT, REPETITION, Sheet
from edi_engine.x12.style import Style
from edi_engine.x12.unpack import padding
from edi_engine.x12.values import Delimiters, InterchangeOutline, Outline
from edi_engine.x12.writer import Envelope, write
from tests.fixtures.corpus import CORPUS, index

pytestmark = pytest.mark.corpus

ISA = 106
PLAIN = re.compile(rb"ISA(.)00\1 {10}(?:\1)00\1 {10}\1")


def interchanges() -> Iterator[tuple[str, bytes, InterchangeOutline]]:
    """Give each interchange that its index calls valid, with its bytes and what follows its IEA."""
    for row in index():
        data = (CORPUS / row["file"]).read_bytes()
        found = outline(data)
        if row["status"] == "valid" and not _refused(found):
            ends = [one.start for one in found.interchanges[1:]] + [len(data)]
            for one, end in zip(found.interchanges, ends, strict=True):
                yield row["file"], data[one.start : end], one


def _refused(found: Outline) -> bool:
    return any(finding.severity >= Severity.HOLD for one in found.interchanges for finding in one.findings)


def body(segment: list[str], marks: Delimiters) -> list[str]:
    """Give a segment as bodies are written: with the signs of ours between components and repetitions."""
    texts = [text.replace(marks.component, COMPONENT) for text in segment]
    return texts if marks.repetition is None else [text.replace(marks.repetition, REPETITION) for text in texts]


def again(data: bytes, marks: Delimiters, *, trim: bool) -> bytes:
    """Read an interchange, and write all of its segments but the ISA again."""
    sheet = Sheet(marks, "latin-1", Style(trim=trim))
    for segment in split(data.decode("latin-1"), marks)[1:]:
        sheet.put(body(segment, marks), Position(segment_id=segment[0]))
    assert sheet.findings == []
    return sheet.text().encode("latin-1")


def tidied(data: bytes, marks: Delimiters) -> bytes:
    """Give an interchange with the same line end after each terminator, and no blanks before a segment.

    Half of the corpus is indented for people, has empty lines, or lacks the last line end: no program sends that.
    """
    segment, noise = marks.segment.encode("latin-1"), padding(marks).encode("latin-1")
    end = segment + marks.suffix.encode("latin-1")
    between = re.escape(segment) + rb"[" + re.escape(noise + segment) + rb"]*"
    return re.sub(between, lambda _: end, data.rstrip(noise + segment) + segment)


def untrimmed(data: bytes, marks: Delimiters) -> bool:
    """Say whether a segment, composite or value ends with what says nothing: X12 leaves that out, and so do we."""
    element, component, segment = (
        re.escape(one.encode("latin-1")) for one in (marks.element, marks.component, marks.segment)
    )
    repetition = b"" if marks.repetition is None else b"|" + re.escape(marks.repetition.encode("latin-1"))
    ends = rb"(?:" + element + rb"|" + segment + rb"|" + component + repetition + rb")"
    empty = element + segment + rb"|" + component + rb"(?:" + element + rb"|" + segment + repetition + rb")"
    return re.search(rb" " + ends + rb"|" + empty, data[ISA:]) is not None


def test_what_others_wrote_is_written_again_byte_for_byte() -> None:
    differing, own, plain = [], 0, 0
    for name, data, one in interchanges():
        tidy = tidied(data, one.delimiters)
        own += tidy == data
        rest = tidy[ISA + len(one.delimiters.suffix) :]
        if again(data, one.delimiters, trim=False) != rest:
            differing.append((name, "untrimmed"))
        if not untrimmed(tidy, one.delimiters):
            plain += 1
            if again(data, one.delimiters, trim=True) != rest:
                differing.append((name, "trimmed"))
    assert differing == []
    assert own > 40
    assert plain > 80


def test_the_isa_of_others_is_written_again_byte_for_byte() -> None:
    """Left out are those with passwords (ISA01 to ISA04), and those whose ISA11 is not what their version says."""
    seen, differing = 0, []
    for name, data, one in interchanges():
        marks = one.delimiters
        if not PLAIN.match(data) or (data[82:83] == b"U") == (one.version >= "00402"):
            continue
        envelope = Envelope(
            one.sender_qualifier,
            one.sender,
            one.receiver_qualifier,
            one.receiver,
            one.version,
            "PO",
            "OURS",
            "THEIRS",
            "004010",
            one.usage,
            one.wants_ta1,
            marks,
            datetime.strptime(one.date + one.time, "%y%m%d%H%M").replace(tzinfo=UTC),
            int(one.control),
            1,
        )
        written = write(envelope, "", [], acknowledgments=[("TA1", "1")])
        if written.data is None or written.data[:ISA] != data[:ISA]:
            differing.append((name, written.findings, data[:ISA]))
        seen += 1
    assert differing == []
    assert seen > 90
    assert write(replace(envelope, sender=""), "", []).data is None
