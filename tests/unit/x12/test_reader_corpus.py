"""The first pass over X12 files that others wrote: none makes it fail, and a sound envelope is found sound."""

from __future__ import annotations

import random

import pytest

from edi_engine.finding import Finding, Severity
from edi_engine.x12.reader import outline, spoken
from edi_engine.x12.values import Outline
from tests.fixtures.corpus import CORPUS, index

pytestmark = pytest.mark.corpus

# The index judges what its sources say; these break a rule that we hold and it does not ask for.
STRICTER = {
    "edifabric-x12net/MixedTransactions.edi": "envelope.control.repeated",  # one GS06 for two groups of one kind
    "ediweave/X12_810_00204_MultipleGroups.edi": "envelope.control.repeated",  # the same
    "ediweave/X12_810_00204_MultipleMessages.edi": "envelope.control.repeated",  # one ST02 for two sets of a group
}
# Broken or irregular in ways that are not the first pass's affair.
CONTENT = {
    "edifabric-x12net/DuplicateInterchange.edi",  # ISA13 twice: only the ledger can know
    "gtlogistics-edi-x12/no-isa-heading.edi",  # a second IEA: bytes after the first, a warning
    "ediweave/X12_810_00204_InvalidTrailers.edi",  # the same
    "sezna-edi/tests_L94.edi",  # segments that the set does not know
    "ediweave/X12_810_00204_BadSegment.edi",
    "ediweave/X12_810_00204_InvalidSegment.edi",
    "ediweave/X12_810_00204_InvalidSegment2.edi",
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return index()


def refusals(found: Outline) -> list[Finding]:
    findings = list(found.findings)
    for interchange in found.interchanges:
        findings += interchange.findings
        for group in interchange.groups:
            findings += group.findings
            findings += [finding for one in group.sets for finding in one.findings]
    return [finding for finding in findings if finding.severity is Severity.REFUSE]


def sizes(found: Outline) -> tuple[int, int, int]:
    groups = [group for interchange in found.interchanges for group in interchange.groups]
    return len(found.interchanges), len(groups), sum(len(group.sets) for group in groups)


def test_a_sound_envelope_is_found_sound(rows: list[dict[str, str]]) -> None:
    wrong = {}
    for row in rows:
        if row["status"] != "valid":
            continue
        found = outline((CORPUS / row["file"]).read_bytes(), file=row["file"])
        faults = {finding.code for finding in refusals(found)} - {STRICTER.get(row["file"])}
        if faults or sizes(found) != (int(row["interchanges"]), int(row["groups"]), int(row["sets"])):
            wrong[row["file"]] = (faults, sizes(found))
    assert wrong == {}


def test_a_broken_envelope_is_refused(rows: list[dict[str, str]]) -> None:
    let_through = {
        row["file"]
        for row in rows
        if row["status"] != "valid" and not refusals(outline((CORPUS / row["file"]).read_bytes()))
    }
    assert let_through == CONTENT & {row["file"] for row in rows}


def test_each_fault_in_a_broken_file_keeps_its_place(rows: list[dict[str, str]]) -> None:
    for row in rows:
        data = (CORPUS / row["file"]).read_bytes()
        for finding in refusals(outline(data)):
            assert finding.where.byte is not None
            assert 0 <= finding.where.byte <= len(data)


def test_damaged_files_never_raise_and_both_passes_agree(rows: list[dict[str, str]]) -> None:
    files = [(CORPUS / row["file"]).read_bytes() for row in rows]
    pieces = [b"ISA*", b"IEA*1*000000001~", b"GS*", b"ST*850*0001~", b"SE*1*0001~", b"GE*1*1~", b"~~", b"\r\n", b"\xff"]
    chance = random.Random(20260314)
    for _ in range(3_000):
        data = bytearray(chance.choice(files))
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(data) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                del data[at : at + chance.randint(1, 40)]
            elif kind == 1:
                data[at:at] = chance.choice(pieces)
            elif kind == 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            else:
                data = data[:at] + bytearray(chance.choice(files))
        found = outline(bytes(data))
        for interchange in found.interchanges:
            for group in interchange.groups:
                for one in group.sets:
                    segments = spoken(bytes(data), one, interchange.delimiters)
                    assert (segments[0].id, len(segments)) == ("ST", one.segments)
