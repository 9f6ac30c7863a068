"""The last line of a check: how many faults in how many orders, and the most frequent ones where there are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edi_engine.cli.diagnostic import LABELS, place
from edi_engine.cli.plain import counted
from edi_engine.cli.table import table
from edi_engine.finding import Finding, Severity, stops

MANY: Final = 20
"""Findings that are still drawn one by one."""
_MOST_FREQUENT: Final = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """What a check of one file came to. `orders` says whether all its sets are purchase orders."""

    sets: int
    stopped: int
    touched: int
    orders: bool


def tally(sets: Sequence[tuple[str, Sequence[Finding]]]) -> Tally:
    """Count the sets of a file, each given by its id and findings: those that stop, and those with any finding."""
    return Tally(
        sets=len(sets),
        stopped=sum(1 for _, findings in sets if stops(list(findings))),
        touched=sum(1 for _, findings in sets if findings),
        orders=bool(sets) and all(set_id == "850" for set_id, _ in sets),
    )


def summary(findings: Sequence[Finding], counts: Tally) -> str:
    """Sum up, as in `1 error, 1 hold in 1 of 3 orders. 2 orders would pass.` (the sets of other kinds are sets)."""
    noun = "order" if counts.orders else "set"
    if not findings:
        return f"{counted(counts.sets, noun)}, no fault found." if counts.sets else "Nothing found to check."
    if not counts.sets:
        return f"{said(findings)}."
    passing = counts.sets - counts.stopped
    where = counts.stopped or counts.touched
    inside = f"in {where} of {counted(counts.sets, noun)}" if where else "outside the sets"
    rest = f"{counted(passing, noun)} would pass" if passing else f"No {noun} would pass"
    return f"{said(findings)} {inside}. {rest}."


def said(findings: Sequence[Finding]) -> str:
    """Count findings by severity: `1 error, 2 holds, 1 note`."""
    severities = Counter(finding.severity for finding in findings)
    worst_first = (severity for severity in sorted(Severity, reverse=True) if severities[severity])
    return ", ".join(counted(severities[severity], LABELS[severity]) for severity in worst_first)


def most_frequent(findings: Sequence[Finding], width: int) -> str:
    """Draw the ten most frequent kinds of fault as a table: how often, what, and the first place."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    ranked = sorted(groups.items(), key=lambda group: (-group[0][0], -len(group[1]), group[0][1]))
    rows = [
        (f"{len(same):,}", f"{LABELS[severity]}[{code}]", place(replace(same[0].where, file=None)), same[0].message)
        for (severity, code), same in ranked[:_MOST_FREQUENT]
    ]
    text = table(("count", "finding", "first at", "first"), rows, right=frozenset({"count"}), width=width)
    rest = ranked[_MOST_FREQUENT:]
    if not rest:
        return text
    left = counted(sum(len(same) for _, same in rest), "finding")
    return f"{text}\n... and {left} of {counted(len(rest), 'other kind')}."
