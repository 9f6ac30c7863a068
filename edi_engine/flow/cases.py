"""Opening and settling cases: what stops becomes an entry of the exception queue, once per subject and cause."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Severity, stops, worst
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord
from edi_engine.flow.wording import findings_to_json

BUG: Final = "system.bug"
"""The cause of cases that a fault of this program opened: only a retry closes them."""

GONE: Final = "the cause is gone"
"""How a case was resolved that a retry has settled."""

POISON: Final = "system.poison"
"""The cause of cases of what ended this program again and again, such as by all of its memory."""

BUGS: Final = (BUG, POISON)

LEFT_TO_PEOPLE: Final = ("ship:", "bill:")
"""Subjects that a person takes over by dismissing their case: they do not go on by themselves any more."""

_RENEWED: Final = ("partner", "po_number", "order_id", "money_held", "currency")
"""What a case may come to know better when it is renewed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a case is about. `step` is where a retry re-enters; `subject` such as "set:4" names what waits."""

    subject: str
    step: str
    received_at: datetime
    partner: str | None = None
    po_number: str | None = None
    order_id: int | None = None
    file_id: int | None = None
    money_held: Decimal | None = None
    currency: str | None = None
    deadline: datetime | None = None


def open_case(office: Office, unit: Unit, waiting: Waiting, findings: Sequence[Finding]) -> CaseRecord:
    """Open one case for `findings`, which share a kind, or renew the open one of the same subject and kind.

    The title is the first stopping finding's sentence.
    """
    leading = next((finding for finding in findings if stops([finding])), findings[0])
    lines = sorted({finding.where.line for finding in findings if finding.where.line is not None})
    content = {
        "title": leading.message,
        "severity": int(worst(list(findings)) or Severity.HOLD),
        "findings_json": findings_to_json(findings),
        "lines_json": json.dumps(lines),
        "edition": office.edition.name,
    }
    standing = unit.cases.one(subject=waiting.subject, cause=leading.kind, state="OPEN")
    if standing is not None:
        known = {name: value for name in _RENEWED if (value := getattr(waiting, name)) is not None}
        return unit.cases.change(standing, **content, **known)
    opened = unit.cases.add(
        CaseRecord(
            kind=leading.kind,
            severity=int(worst(list(findings)) or Severity.HOLD),
            subject=waiting.subject,
            cause=leading.kind,
            title=leading.message,
            step=waiting.step,
            received_at=waiting.received_at,
            at=office.clock.now(),
            findings_json=findings_to_json(findings),
            lines_json=json.dumps(lines),
            file_id=waiting.file_id,
            deadline=waiting.deadline,
            **{name: getattr(waiting, name) for name in _RENEWED},
            edition=office.edition.name,
        )
    )
    office.note(
        unit,
        "case opened",
        waiting.subject,
        f"case {opened.id} {opened.kind}: {opened.title}",
        order_id=waiting.order_id,
        partner=waiting.partner,
    )
    return opened


def by_kind(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Sort stopping findings by the kind of case they open; findings that only warn are left out."""
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity >= Severity.HOLD:
            kinds.setdefault(finding.kind, []).append(finding)
    return kinds


def settle_cases(
    office: Office, unit: Unit, subject: str, *, keep: Collection[str] = (), causes: Collection[str] = (), how: str
) -> None:
    """Resolve the open cases of `subject` whose cause is not in `keep`; with `causes`, only those of these causes."""
    for case in unit.cases.select(subject=subject, state="OPEN"):
        if case.cause not in keep and (not causes or case.cause in causes):
            unit.cases.change(
                case, state="RESOLVED", resolution=how, resolved_by=office.who, resolved_at=office.clock.now()
            )
            office.note(
                unit,
                "case resolved",
                subject,
                f"case {case.id} {case.kind}: {how}",
                order_id=case.order_id,
                partner=case.partner,
            )


def open_again(unit: Unit, case: CaseRecord) -> CaseRecord:
    """Open a closed case again: nothing is left of how it was closed, or of a rest that it had."""
    return unit.cases.change(
        case,
        state="OPEN",
        resolution=None,
        resolved_by=None,
        resolved_at=None,
        snoozed_until=None,
        snoozed_why=None,
    )


def waits(unit: Unit, subject: str) -> bool:
    """Say whether a case keeps `subject` from going on by itself."""
    states = ("OPEN", "DISMISSED") if subject.startswith(LEFT_TO_PEOPLE) else ("OPEN",)
    return unit.cases.one(subject=subject, state=states) is not None
