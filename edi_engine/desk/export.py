"""The queue as rows for a spreadsheet, and as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from edi_engine.desk.groups import key_of
from edi_engine.desk.queue import Entry

COLUMNS: Final = (
    "case", "state", "severity", "kind", "codes", "partner", "po_number", "our_order", "lines", "file", "why", "cause",
    "what_to_do", "money_held", "currency", "received_at", "opened_at", "deadline", "overdue", "assignee",
    "rests_until", "rests_why", "choices", "stopped_at", "resolution", "resolved_by", "resolved_at",
)  # fmt: skip
"""The columns, in order. Times are UTC, as 2026-11-22T14:05:00Z; amounts have a point and no thousands separator."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def row(one: Entry, now: datetime) -> dict[str, str]:
    """Give one case as the texts of its columns; "" for what there is not."""
    record = one.record
    _, _, causes = key_of(one)
    values: dict[str, object] = {
        "case": record.id,
        "state": record.state.lower(),
        "severity": one.severity,
        "kind": record.kind,
        "codes": " ".join(sorted({finding.code for finding in one.findings})),
        "partner": record.partner,
        "po_number": record.po_number,
        "our_order": record.order_id,
        "lines": " ".join(str(line) for line in one.lines),
        "file": one.file_name,
        "why": record.title,
        "cause": " ".join(causes),
        "what_to_do": " ".join(dict.fromkeys(finding.fix for finding in one.findings if finding.fix)),
        "money_held": record.money_held,
        "currency": record.currency,
        "received_at": record.received_at,
        "opened_at": record.at,
        "deadline": record.deadline,
        "overdue": "yes" if one.overdue(now) else "no",
        "assignee": record.assignee,
        "rests_until": record.snoozed_until,
        "rests_why": record.snoozed_why,
        "choices": " ".join(choice.name for choice in one.choices) if record.state == "OPEN" else "",
        "stopped_at": record.step,
        "resolution": record.resolution,
        "resolved_by": record.resolved_by,
        "resolved_at": record.resolved_at,
    }
    return {name: _text(values[name]) for name in COLUMNS}


def to_csv(rows: Iterable[dict[str, str]]) -> str:
    r"""Write rows as CSV with a line of headings; lines end in \r\n."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(one[name]) for name in COLUMNS] for one in rows)
    return out.getvalue()


def guarded(text: str) -> str:
    """Give a cell that a spreadsheet shows as it is: an apostrophe stands before what it would calculate.

    Characters that no cell can hold (NUL and other controls) are written as question marks.
    """
    shown = "".join(letter if letter.isprintable() or letter in "\n\t\r" else "?" for letter in text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(value)


def rows_of(entries: Sequence[Entry], now: datetime) -> tuple[dict[str, str], ...]:
    """Give the rows of a list of cases."""
    return tuple(row(one, now) for one in entries)
