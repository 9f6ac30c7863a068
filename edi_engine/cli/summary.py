"""The last line of a check: how many faults in how many orders, and the most frequent ones where there are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edi_engine.cli.diagnostic import LABELS, place
from edi_engine.cli.plain import counted, safe
from edi_engine.cli.table import table
from edi_engine.finding import Finding, Severity, stops

MANY: Final = 20
"""Findings that are still drawn one by one."""
_MOST_FREQUENT: Final = 10
STRANGER: Final = "envelope.stranger"
_ASIDE: Final = "would be put aside: nobody knows the sender"

FEW: Final = 20
"""Sets that are still told one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One set of a file, as people call it, and what was found in it."""

    name: str
    po_number: str | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Tally:
    """What a check of one file came to so far. `orders` says whether all its sets are purchase orders.

    `rows` are the first sets, one more than are told one by one.
    """

    sets: int = 0
    stopped: int = 0
    refused: int = 0
    strange: int = 0
    touched: int = 0
    orders: bool = False
    rows: list[Row] = field(default_factory=list)

    def add(self, set_id: str, findings: Sequence[Finding], control: str = "", po_number: str | None = None) -> None:
        """Count a set with its findings."""
        if len(self.rows) <= FEW:
            self.rows.append(Row(f"{set_id} {control}".rstrip(), po_number, tuple(findings)))
        self.orders = set_id == "850" and (self.orders or not self.sets)
        self.sets += 1
        strange = _of_stranger(findings)
        self.strange += strange
        self.stopped += strange or stops(list(findings))
        self.refused += not strange and any(finding.severity is Severity.REFUSE for finding in findings)
        self.touched += bool(findings)


@dataclass(slots=True)
class Kinds:
    """Findings counted by severity and code; of each kind the first is kept, and no more."""

    severities: Counter[Severity] = field(default_factory=Counter)
    firsts: dict[tuple[Severity, str], Finding] = field(default_factory=dict)
    counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Kinds:
        """Count all `findings`."""
        kinds = cls()
        for finding in findings:
            kinds.add(finding)
        return kinds

    def add(self, finding: Finding) -> bool:
        """Count one more; say whether it is the first of its kind."""
        kind = finding.severity, finding.code
        self.severities[finding.severity] += 1
        self.counts[kind] += 1
        return self.firsts.setdefault(kind, finding) is finding

    def unfixed(self) -> str | None:
        """Give the code of the worst finding that does not say itself what to do, None where all do."""
        silent = [found for found in self.firsts.values() if not found.fix and found.severity > Severity.NOTE]
        return max(silent, key=lambda one: one.severity).code if silent else None

    def __len__(self) -> int:
        return self.severities.total()


def by_order(counts: Tally, width: int) -> str:
    """Draw the orders of a file as a table: their numbers, what becomes of each, and why; "" for one, or for many."""
    rows = counts.rows
    if not 1 < len(rows) <= FEW or not any(row.po_number for row in rows):
        return ""
    cells = [(row.name, row.po_number or "", _becomes(row.findings), said(row.findings)) for row in rows]
    return table(("set", "order", "it would", "found"), cells, width=width)


def _of_stranger(findings: Sequence[Finding]) -> bool:
    return any(finding.code == STRANGER for finding in findings)


def _becomes(findings: Sequence[Finding]) -> str:
    if _of_stranger(findings):
        return "be put aside"
    if any(finding.severity is Severity.REFUSE for finding in findings):
        return "be refused"
    return "wait for a person" if stops(list(findings)) else "pass"


def summary(findings: Sequence[Finding] | Kinds, counts: Tally) -> str:
    """Sum up, as in `1 error, 1 hold in 1 of 3 orders. 2 orders would pass.` (the sets of other kinds are sets)."""
    noun = "order" if counts.orders else "set"
    number = counts.rows[0].po_number if counts.sets == 1 else None
    all_of_it = counted(counts.sets, noun) + (f" ({safe(number)})" if number else "")
    if not findings:
        return f"{all_of_it}, no fault found." if counts.sets else "Nothing found to check."
    if not counts.sets:
        return f"{said(findings)}."
    passing = counts.sets - counts.stopped
    where = counts.stopped or counts.touched
    inside = f"in {where:,} of {all_of_it}" if where else "outside the sets"
    if 0 < counts.refused < counts.stopped:
        inside = f"{inside}, {counts.refused:,} of them refused"
    rest = f"{counted(passing, noun)} would pass" if passing else f"No {noun} would pass"
    if counts.strange == counts.sets:
        rest = f"{counted(counts.sets, noun)} {_ASIDE}"
    elif counts.strange:
        rest = f"{rest}, {counts.strange:,} {_ASIDE}"
    return f"{said(findings)} {inside}. {rest}."


def said(findings: Sequence[Finding] | Kinds) -> str:
    """Count findings by severity: `1 error, 2 holds, 1 note`."""
    severities = (findings if isinstance(findings, Kinds) else Kinds.of(findings)).severities
    worst_first = (severity for severity in sorted(Severity, reverse=True) if severities[severity])
    return ", ".join(counted(severities[severity], LABELS[severity]) for severity in worst_first)


def most_frequent(findings: Sequence[Finding] | Kinds, width: int) -> str:
    """Draw the ten most frequent kinds of fault as a table: how often, what, and the first place."""
    kinds = findings if isinstance(findings, Kinds) else Kinds.of(findings)
    ranked = sorted(kinds.counts.items(), key=lambda kind: (-kind[0][0], -kind[1], kind[0][1]))
    rows = []
    for kind, often in ranked[:_MOST_FREQUENT]:
        severity, code = kind
        first = kinds.firsts[kind]
        where = place(replace(first.where, file=None))
        rows.append((f"{often:,}", f"{LABELS[severity]}[{code}]", where, first.message))
    text = table(
        ("count", "finding", "first at", "what the first one says"), rows, right=frozenset({"count"}), width=width
    )
    rest = ranked[_MOST_FREQUENT:]
    if not rest:
        return text
    left = counted(sum(often for _, often in rest), "finding")
    return f"{text}\n... and {left} of {counted(len(rest), 'other kind')}."
