"""Our verdict on a file beside that of pyx12: what both say, what only we say, what only pyx12 says.

Both agree on a fault when they tell of the same place. Their codes are not held against each other: where we tell one
fault, pyx12 often tells two (a code that is too long is no valid code either). Where a finding of ours says that we
look no further into a set, a group or the file, whatever pyx12 says of it agrees.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.x12.pyx12.verdict import Complaint
from edi_engine.x12.values import Outline

_OURS: Final = ("x12.", "envelope.")
_NOT_OF_X12: Final = frozenset({"envelope.stranger", "envelope.repeated", "x12.set.more"})
_DEPTH: Final = {"file": 0, "interchange": 1, "group": 2, "set": 3}
_ENVELOPE: Final = {"ISA": 1, "IEA": 1, "TA1": 1, "GS": 2, "GE": 2, "ST": 3, "SE": 3}
_WHOLE_INTERCHANGE: Final = frozenset({"envelope.unreadable", "envelope.delimiter"})
_WHOLE_SET: Final = frozenset({"x12.unsupported.set", "x12.unsupported.group", "envelope.missing.se"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both verdicts side by side. `agreed` has each finding of ours with what pyx12 says of the same place.

    `valid` is pyx12's yes or no, None where it has none; `stopped` is the sentence that says why.
    """

    agreed: tuple[tuple[Finding, tuple[Complaint, ...]], ...]
    ours: tuple[Finding, ...]
    theirs: tuple[Complaint, ...]
    valid: bool | None
    stopped: str | None


def compare(
    outline: Outline,
    findings: Sequence[Finding],
    complaints: Sequence[Complaint],
    valid: bool | None,  # noqa: FBT001 (it is the verdict)
    stopped: str | None,
) -> Comparison:
    """Hold our findings about X12 and its envelopes beside the complaints of pyx12; other findings are left out."""
    units = Units(outline)
    judged = [one for one in findings if one.code.startswith(_OURS) and one.code not in _NOT_OF_X12]
    agreed: list[tuple[Finding, tuple[Complaint, ...]]] = []
    ours: list[Finding] = []
    met: set[int] = set()
    for finding in judged:
        same = [number for number, each in enumerate(complaints) if _same_place(units, finding, each)]
        met.update(same)
        if same:
            agreed.append((finding, tuple(complaints[number] for number in same)))
        else:
            ours.append(finding)
    theirs = tuple(each for number, each in enumerate(complaints) if number not in met)
    return Comparison(tuple(agreed), tuple(ours), theirs, valid, stopped)


def _same_place(units: Units, finding: Finding, complaint: Complaint) -> bool:
    where = finding.where
    if _looks_no_further(units, finding, complaint):
        return True
    if complaint.level in _DEPTH:
        return _same_envelope(units, finding, complaint)
    if where.segment != complaint.segment:
        return False
    if complaint.level == "element":
        return complaint.element is None or complaint.element == where.element
    return (where.element is not None) == complaint.somewhere_inside


def _looks_no_further(units: Units, finding: Finding, complaint: Complaint) -> bool:
    """Say whether the finding ends our look into what the complaint is about."""
    if finding.code in _WHOLE_INTERCHANGE:
        return units.none or units.together(1, finding.where.segment, complaint.segment)
    if finding.code in _WHOLE_SET:
        return units.together(3, finding.where.segment, complaint.segment)
    of_group = _ENVELOPE.get(finding.where.segment_id or "") == _DEPTH["group"]
    return (
        of_group and finding.severity is Severity.REFUSE and units.together(2, finding.where.segment, complaint.segment)
    )


def _same_envelope(units: Units, finding: Finding, complaint: Complaint) -> bool:
    """Say whether both speak of one envelope, or of one and what it stands in: what is missing in the inner one may
    show in the outer one only.
    """
    depth, number = _DEPTH[complaint.level], finding.where.segment
    of_ours = _ENVELOPE.get(finding.where.segment_id or "", 0)
    if not depth or number is None:
        return not depth and number is None  # the file as a whole
    if not of_ours or abs(depth - of_ours) > 1 or not finding.code.startswith("envelope."):
        return False
    return units.together(min(depth, of_ours), number, complaint.segment)


class Units:
    """Where the interchanges, groups and sets of a file begin, by the number of their first segment."""

    def __init__(self, outline: Outline) -> None:
        """Look at an outline."""
        groups = [group for interchange in outline.interchanges for group in interchange.groups]
        self._starts = {
            1: [interchange.number for interchange in outline.interchanges],
            2: [group.number for group in groups],
            3: [one.number for group in groups for one in group.sets],
        }

    @property
    def none(self) -> bool:
        """Say whether the file has no interchange that we could read."""
        return not self._starts[1]

    def together(self, depth: int, one: int | None, other: int | None) -> bool:
        """Say whether two segments stand in one interchange (1), group (2) or set (3), up to where the next begins."""
        if one is None or other is None:
            return False
        starts = self._starts[depth]
        at = bisect_right(starts, one)
        return at > 0 and at == bisect_right(starts, other)
