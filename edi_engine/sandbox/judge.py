"""The retailer's verdict on a received group, and the 997 that says it."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.finding import Finding, Severity
from edi_engine.x12.unpack import spoken
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Spoken


@dataclass(frozen=True, slots=True)
class Judged:
    """A group, its sets as (set id, segments), and what X12 says against each of them."""

    group: GroupOutline
    sets: tuple[tuple[str, list[Spoken]], ...]
    findings: tuple[tuple[Finding, ...], ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Every fault, in a sentence."""
        return tuple(
            finding.message
            for findings in (self.group.findings, *self.findings)
            for finding in findings
            if finding.severity > Severity.NOTE
        )


def judge(data: bytes, found: InterchangeOutline, group: GroupOutline) -> Judged:
    """Check each set of a group against X12."""
    sets = tuple((one.set_id, spoken(data, one, found.delimiters)) for one in group.sets)
    return Judged(group, sets, tuple(one.findings for one in group.sets))


def acknowledgment(judged: Judged) -> list[list[str]]:
    """Write the 997 for a group, without ST and SE."""
    group = judged.group
    refused = [any(finding.severity >= Severity.REFUSE for finding in findings) for findings in judged.findings]
    found, accepted = len(refused), refused.count(False)
    verdict = "A" if accepted == found else "P" if accepted else "R"
    segments = [["AK1", group.kind, group.control]]
    for outline, no in zip(group.sets, refused, strict=True):
        segments += [["AK2", outline.set_id, outline.control], ["AK5", "R", "5"] if no else ["AK5", "A"]]
    return [*segments, ["AK9", verdict, group.stated_sets or str(found), str(found), str(accepted)]]
