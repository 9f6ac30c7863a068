"""Step 7, the common part: prove a document by our own reader and check before it gets its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.books import Books
from edi_engine.flow.documents import Draft, envelope_of, write_draft
from edi_engine.flow.layout import misplaced
from edi_engine.x12.letters import narrow
from edi_engine.x12.reader import outline
from edi_engine.x12.response import read_ta1
from edi_engine.x12.writer import COMPONENT, REPETITION


def proof(books: Books, draft: Draft) -> tuple[Finding, ...]:
    """Write the draft under number 1 and have our own reader and check judge it; give what keeps it from being sent."""
    envelope = envelope_of(draft.to, draft.set_id, books.clock.now(), 1, 1)
    written = write_draft(books, envelope, draft)
    odd = (*misplaced(books.dictionary, envelope, draft.set_id, draft.body), *written.findings)
    if written.data is None or odd:
        return tuple(in_ours(draft.set_id, draft.body, finding) for finding in odd)
    found = outline(written.data)
    faults: list[Finding] = list(found.findings)
    version = books.dictionary.resolve(envelope.version)
    for interchange in found.interchanges:
        faults.extend(interchange.findings)
        faults.extend(fault for ta1 in interchange.acknowledgments for fault in read_ta1(ta1).findings)
        for group in interchange.groups:
            faults.extend(group.findings)
            for each in group.sets:
                faults.extend(each.findings)
                check = books.checker(version or "", draft.set_id, draft.to.partner)
                if check is None:
                    faults.append(_unknown_version(draft, envelope.version))
                    continue
                text = narrow(written.data[each.start : each.end].decode(envelope.charset))
                where = Position(set_id=draft.set_id, set_control=each.control)
                faults.extend(check.check(text, each, interchange.delimiters, where))
    return tuple(_invalid(draft, finding) for finding in faults if stops([finding]))


def _unknown_version(draft: Draft, version: str) -> Finding:
    return Finding(
        "document.invalid.version",
        Severity.HOLD,
        f"The dictionary has no {draft.set_id} in version {version}, so that our own document cannot be checked.",
        fix="correct `envelope.version` in the partner file",
    )


def _invalid(draft: Draft, fault: Finding) -> Finding:
    """Tell a fault of our own document: it is held and not sent, and no X12 code belongs to it."""
    finding = Finding(
        "document.invalid" if fault.code.startswith(("x12.", "envelope.")) else fault.code,
        Severity.HOLD,
        f"Our {draft.set_id} would break a rule: {fault.message}",
        fault.where,
        seen=fault.seen,
        wanted=fault.wanted,
        fix="repair the map, table or order value that it comes from, then retry the case",
        source=fault.source,
    )
    return in_ours(draft.set_id, draft.body, finding)


def in_ours(set_id: str, body: Sequence[Sequence[str]], finding: Finding) -> Finding:
    """Point a finding at a document of ours that was never sent: its place is in no file, so its segment is told."""
    where = finding.where
    place = Position(
        file=f"our {set_id}", set_id=set_id, segment_id=where.segment_id, path=where.path, element=where.element
    )
    at = (where.in_set or 0) - 2  # the body begins behind the ST
    if not 0 <= at < len(body):
        return replace(finding, where=replace(place, line=where.line))
    segment = "*".join(body[at]).rstrip("*").replace(COMPONENT, ">").replace(REPETITION, "^")
    return replace(finding, message=f"{finding.message} It stands in {segment}.", where=replace(place, line=where.line))
