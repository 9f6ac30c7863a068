"""The exception queue as people see it: what waits, why, how much money it holds, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from edi_engine.desk.wanted import EVERY_OPEN, Wanted
from edi_engine.errors import UNKNOWN, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import BUGS, LEFT_TO_PEOPLE
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord
from edi_engine.flow.wording import findings_from_json
from edi_engine.orders.decision import CHOICES, KEEP_OURS
from edi_engine.orders.rulings import choices, effect

DISMISS = "dismiss"
"""The choice for a case that no document depends on (somebody has seen to it), or for an order that goes on by hand."""

BY_HAND = "Somebody handles this order by hand: it is closed without an answer; the partner gets no 855 from us."
"""What dismissing the case of an order does."""

_FAR: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be done with a case, and what it does, in one sentence.

    `lines` are the only lines that it fits; None where it fits all that the case is about.
    """

    name: str
    effect: str
    lines: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One case, read for people. `lines` are our line positions; `findings` have every detail.

    `file_name` is given in lists where no PO number tells what the case is about.
    """

    record: CaseRecord
    findings: tuple[Finding, ...]
    lines: tuple[int, ...]
    choices: tuple[Choice, ...]
    file_name: str | None = None

    @property
    def severity(self) -> str:
        """The severity by name."""
        return Severity(self.record.severity).name.lower()

    def overdue(self, now: datetime) -> bool:
        """Whether its deadline has passed."""
        return self.record.state == "OPEN" and self.record.deadline is not None and self.record.deadline < now

    def rests(self, now: datetime) -> bool:
        """Whether somebody has put it off until later. It is open all the same."""
        return rests(self.record, now)


def rests(record: CaseRecord, now: datetime) -> bool:
    """Say whether a case is put off until later than `now`."""
    return record.state == "OPEN" and record.snoozed_until is not None and record.snoozed_until > now


def entry(record: CaseRecord) -> Entry:
    """Read a case record."""
    return Entry(
        record, findings_from_json(record.findings_json), tuple(json.loads(record.lines_json)), choices_for(record)
    )


def choices_for(record: CaseRecord) -> tuple[Choice, ...]:
    """Give what may be decided about a case, a retry apart."""
    if record.kind in BUGS:
        return ()
    if record.subject.startswith("order:"):
        return (*_fitting(findings_from_json(record.findings_json)), Choice(DISMISS, BY_HAND))
    if record.kind == "order.duplicate":
        return (Choice(KEEP_OURS, "The order that is booked already stays as it is; this copy changes nothing."),)
    if record.subject.startswith(LEFT_TO_PEOPLE):
        return (Choice(DISMISS, "The case is closed; from now on this order ships and is billed by hand."),)
    if record.kind == UNKNOWN and record.subject.startswith("document:"):
        effect_of = (
            "The partner has it: it was handed over, and where they acknowledge such documents, that is waited for."
        )
        return (Choice(DISMISS, effect_of),)
    return (Choice(DISMISS, "The case is closed; no document changes."),)


def _fitting(findings: Sequence[Finding]) -> Iterator[Choice]:
    """Give the choices that settle findings of one kind: all of them, or all those of some lines."""
    for name in CHOICES:
        unfit = [finding for finding in findings if name not in choices(finding.code)]
        lines = {finding.where.line for finding in findings} - {finding.where.line for finding in unfit}
        only = tuple(sorted(line for line in lines if line is not None))
        if findings and (only or not unfit):
            about = findings if not unfit else [finding for finding in findings if finding.where.line in only]
            effects = dict.fromkeys(effect(finding.code, name) for finding in about)
            yield Choice(name, " ".join(effects), only if unfit else None)


def list_cases(unit: Unit, wanted: Wanted = EVERY_OPEN, now: datetime | None = None) -> Sequence[Entry]:
    """Give cases: those with a deadline first, the nearest deadline first, then the most money held.

    Given `now`, cases that rest come last, unless their deadline has passed.
    """
    equal: dict[str, Any] = {}
    for name in ("state", "partner", "assignee"):
        if (value := getattr(wanted, name)) is not None:
            equal[name] = value
    if wanted.nobody:
        equal["assignee"] = None
    records = (record for record in unit.cases.select(**equal) if _of_kind(record, wanted.kind))
    found = [entry(record) if record.po_number is not None else of_file(unit, entry(record)) for record in records]
    if wanted.overdue and now is not None:
        found = [one for one in found if one.overdue(now)]
    return sorted(
        found,
        key=lambda one: (
            now is not None and one.rests(now) and not one.overdue(now),
            (one.record.deadline or _FAR).replace(second=0, microsecond=0),  # of one file, the most money first
            -(one.record.money_held or 0),
            one.record.id,
        ),
    )


def _of_kind(record: CaseRecord, kind: str | None) -> bool:
    return kind is None or f"{record.kind}.".startswith(f"{kind}.")


def of_file(unit: Unit, found: Entry) -> Entry:
    """Name the file of a case, where it came with one."""
    file_id = found.record.file_id
    return found if file_id is None else replace(found, file_name=unit.files.get(file_id).name)


def find_case(unit: Unit, case_id: int) -> CaseRecord:
    """Give one case. Raises UsageError if there is none of this number."""
    try:
        return unit.cases.get(case_id)
    except KeyError:
        message = f"there is no case {case_id}; `edi exceptions list` shows what waits"
        raise UsageError(message) from None


def open_case_of(unit: Unit, case_id: int) -> CaseRecord:
    """Give one open case. Raises UsageError if it is closed already."""
    record = find_case(unit, case_id)
    if record.state != "OPEN":
        message = f"case {case_id} is {closed_how(record)}"
        raise UsageError(message)
    return record


def closed_how(record: CaseRecord) -> str:
    """Say how a case was closed: `resolved already: keep-ours, by anna at 2026-11-22 14:05 UTC`."""
    how = f": {record.resolution}" if record.resolution else ""
    when = f" at {record.resolved_at:%Y-%m-%d %H:%M} UTC" if record.resolved_at is not None else ""
    who = f", by {record.resolved_by}{when}" if record.resolved_by else ""
    return f"{record.state.lower()} already{how}{who}"
