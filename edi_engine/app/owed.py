"""The acknowledgments that we owe: groups of a partner that nobody has answered, although time enough has passed."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import GroupRecord

PATIENCE: Final = timedelta(hours=1)
"""A group is answered within seconds; what waits longer is stuck, or waits for a partner file that is gone."""


def owed(unit: Unit, now: datetime) -> tuple[Finding, ...]:
    """Give a finding for each partner whose groups wait for our 997 or 999."""
    waiting: dict[str, list[GroupRecord]] = defaultdict(list)
    for group in unit.groups.select(state="RECEIVED"):
        if now - group.at > PATIENCE:
            waiting[unit.interchanges.get(group.interchange_id).partner or "nobody"].append(group)
    return tuple(_finding(unit, partner, groups) for partner, groups in waiting.items())


def _finding(unit: Unit, partner: str, groups: list[GroupRecord]) -> Finding:
    first = groups[0]
    interchange = unit.interchanges.get(first.interchange_id)
    number = "a group" if len(groups) == 1 else f"{len(groups):,} groups"
    return Finding(
        "ack.owed",
        Severity.HOLD,
        f"We have not acknowledged {number} of {partner}, the first ({first.kind} {first.control} in interchange "
        f"{interchange.control}) since {first.at:%Y-%m-%d %H:%M} UTC.",
        fix="see that the daemon runs, that the partner file is there, and what `edi exceptions list` says of the sets",
    )
