"""Our verdict on a file beside that of pyx12: what both say, what only we say, what only pyx12 says.

Both agree on a fault when they tell of the same place. Their codes are not held against each other: where we tell one
fault, pyx12 often tells two (a code that is too long is no valid code either).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.x12.pyx12.verdict import Complaint
from edi_engine.x12.values import Outline

_OURS: Final = ("x12.", "envelope.")
_NOT_OF_X12: Final = frozenset({"envelope.stranger", "x12.set.more"})
_DEPTH: Final = {"file": 0, "interchange": 1, "group": 2, "set": 3}
_ENVELOPE: Final = {"ISA": 1, "IEA": 1, "TA1": 1, "GS": 2, "GE": 2, "ST": 3, "SE": 3}


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
    units = tuple(_units(outline))
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


_Unit = tuple[int, int, int]
"""An interchange, group or set: how deep it is, and its first and last segment."""


def _units(outline: Outline) -> Iterator[_Unit]:
    for interchange in outline.interchanges:
        inner = [
            (depth, first, last)
            for group in interchange.groups
            for depth, first, last in (
                (2, group.number, max([group.number, *(one.number + one.segments for one in group.sets)])),
                *((3, one.number, one.number + max(one.segments - 1, 0)) for one in group.sets),
            )
        ]
        yield 1, interchange.number, max([interchange.number, *(last for _, _, last in inner)]) + 1
        yield from inner


def _same_place(units: Sequence[_Unit], finding: Finding, complaint: Complaint) -> bool:
    where = finding.where
    if complaint.level in _DEPTH:
        return _same_envelope(units, finding, complaint)
    if where.segment != complaint.segment:
        return False
    if complaint.level == "element":
        return complaint.element is None or complaint.element == where.element
    return (where.element is not None) == complaint.somewhere_inside


def _same_envelope(units: Sequence[_Unit], finding: Finding, complaint: Complaint) -> bool:
    """Say whether both speak of one envelope, or of one and what it stands in: what is missing in the inner one may
    show in the outer one only.
    """
    depth, number = _DEPTH[complaint.level], finding.where.segment
    of_ours = _ENVELOPE.get(finding.where.segment_id or "", 0)
    if not depth or number is None:
        return not depth and number is None  # the file as a whole
    if not of_ours or abs(depth - of_ours) > 1 or not finding.code.startswith("envelope."):
        return False
    return any(
        first <= (complaint.segment or 0) <= last and first <= number <= last
        for unit, first, last in units
        if unit == min(depth, of_ours)
    )
