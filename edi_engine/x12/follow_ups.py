"""Findings of an interchange that only say again what was told of all of it: it is cut off, or a segment has no end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding
from edi_engine.x12.values import InterchangeOutline

OVERLONG: Final = "envelope.delimiter"
"""A segment that is longer than any may be: its terminator is missing or wrong. Of an ISA it tells the same."""
_TOO_EARLY: Final = frozenset({"envelope.truncated", "envelope.missing.iea"})
"""Faults after which the trailers of what is still open cannot come."""
_TRAILERS: Final = ("envelope.missing.se", "envelope.missing.ge")


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What is not told besides: `trailers` that cannot come, by code and segment, and all of an `overlong` segment.

    That is its number in the file, 0 where there is none.
    """

    trailers: frozenset[tuple[str, int | None]]
    overlong: int

    def hold(self, finding: Finding) -> bool:
        """Say whether a finding of a group or a set is one of them."""
        segment = finding.where.segment
        return (finding.code, segment) in self.trailers or segment == self.overlong


def follow_ups(interchange: InterchangeOutline) -> FollowUps:
    """Give what follows from the faults of an interchange itself."""
    ends = [one.where.segment or 0 for one in interchange.findings if one.code in _TOO_EARLY]
    overlong = next((one.where.segment for one in interchange.findings if one.code == OVERLONG), 0) or 0
    if not interchange.whole and interchange.groups and overlong:
        ends += [one.where.segment or 0 for one in interchange.groups[-1].findings if one.code == _TRAILERS[1]]
    # They would stand there, or behind a segment that is cut.
    trailers = frozenset((code, segment + behind) for segment in ends for code in _TRAILERS for behind in (0, 1))
    return FollowUps(trailers, overlong)
