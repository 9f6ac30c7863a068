"""Whatever was found, our 997 is sound X12, counts right, and says the same when it is read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline, split
from edi_engine.x12.response import read_response
from edi_engine.x12.values import Delimiters, GroupOutline, SetOutline
from edi_engine.x12.writer import Envelope, write

pytestmark = pytest.mark.property

TEXT = st.text(max_size=120)
LEVELS = st.sampled_from(
    [("AK3", "8"), ("AK3", "1"), ("AK4", "7"), ("AK4", "12"), ("AK5", "23"), ("AK9", "5"), ("TA1", "022")]
)
FINDINGS = st.builds(
    lambda ack, severity, place, seen: Finding("x12.test", severity, "wrong", place, seen, ack=AckCode(*ack)),
    LEVELS,
    st.sampled_from(Severity),
    st.builds(
        Position,
        in_set=st.none() | st.integers(1, 9),
        segment_id=st.none() | TEXT,
        element=st.none() | st.integers(1, 30),
        component=st.none() | st.integers(1, 9),
        element_id=st.none() | TEXT,
    ),
    st.none() | TEXT,
)
SETS = st.lists(st.lists(FINDINGS, max_size=6), max_size=6)
VERSIONS = st.sampled_from(["003040", "004010", "004050", "005010", "006030"])
DELIMITERS = st.sampled_from([Delimiters(), Delimiters("|", ":", "\n"), Delimiters("+", "!", "'", suffix="\r\n")])
GROUP = GroupOutline(1, "PO", "N", "A", "20260314", "0915", "7", "X", "004010", "", 0, 1, 2, ())


def envelope(version: str, delimiters: Delimiters) -> Envelope:
    when = datetime(2026, 3, 14, 9, 15, tzinfo=UTC)
    return Envelope(
        "12", "555", "ZZ", "NORTHWIND", "00401", "FA", "ACME", "NWD", version, "P", False, delimiters, when, 42, 7
    )


@pytest.mark.fault("E4")
@given(SETS, st.lists(FINDINGS, max_size=2), TEXT, VERSIONS, DELIMITERS, st.booleans())
def test_every_997_is_sound(
    found: list[list[Finding]],
    of_group: list[Finding],
    stated: str,
    version: str,
    delimiters: Delimiters,
    told: bool,
) -> None:
    sets = tuple(SetOutline(n, "850", f"{n:04d}", 0, 1, 3, 5) for n in range(1, len(found) + 1))
    group = replace(GROUP, sets=sets, findings=tuple(of_group), stated_sets=stated)
    verdicts = [SetVerdict(one, tuple(findings)) for one, findings in zip(sets, found, strict=True)]
    answer = acknowledge(group, verdicts, version, delimiters=delimiters if told else None)

    written = write(envelope(version, delimiters), answer.set_id, [answer.segments])
    assert written.findings == ()
    assert written.data is not None
    assert judge(written.data) == ()
    read = outline(written.data).interchanges[0]
    one = read.groups[0].sets[0]
    assert (read.findings, read.groups[0].findings, one.findings) == ((), (), ())

    back = read_response(split(written.data[one.start : one.end].decode(), read.delimiters))
    assert (back.group_kind, back.group_control, back.verdict) == ("PO", "7", answer.verdict)
    assert (back.received, back.accepted) == (len(sets), answer.accepted)
    assert [one.control for one in back.sets] == [one.control for one in answer.included]

    refused = any(finding.severity is Severity.REFUSE for finding in of_group)
    good = sum(all(finding.severity is not Severity.REFUSE for finding in findings) for findings in found)
    assert answer.accepted == (0 if refused else good)
    assert (answer.verdict == "R") == (refused or (bool(sets) and good == 0))
    assert (answer.verdict == "P") == (not refused and 0 < good < len(sets))


@pytest.mark.fault("E8")
@given(st.lists(st.lists(TEXT, max_size=6), max_size=30))
def test_any_segments_read_as_a_response(segments: list[list[str]]) -> None:
    named = [["AK" + segment[0][:1], *segment[1:]] if segment else [] for segment in segments]
    for rows in (segments, named):
        found = read_response(rows)
        assert found.findings or (found.group_kind and found.verdict)


@given(
    st.lists(
        st.sampled_from(
            [
                "AK1*PO*7",
                "AK1",
                "AK2*850*1",
                "AK3*PO1*5**8",
                "AK3",
                "AK4*3*355*7",
                "AK4*x",
                "AK5*A",
                "AK5*R",
                "AK5",
                "AK9*A*1*1*1",
                "AK9",
            ]
        )
    )
)
def test_any_order_of_acknowledgment_segments(rows: list[str]) -> None:
    found = read_response([row.split("*") for row in rows])
    assert len(found.sets) == sum(row.startswith("AK2") for row in rows)
    assert len(found.findings) <= 102
