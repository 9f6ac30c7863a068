"""Cases and what decides them, drawn for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edi_engine.cli.diagnostic import LABELS, render
from edi_engine.cli.locate import Places
from edi_engine.cli.plain import counted, due, moment, money, number, safe
from edi_engine.cli.table import table
from edi_engine.finding import Severity
from edi_engine.x12.reader import outline

if TYPE_CHECKING:
    from decimal import Decimal

    from edi_engine.app.views import CaseView
    from edi_engine.desk.queue import Entry
    from edi_engine.desk.resolve import Effect
    from edi_engine.flow.records import CaseRecord
    from edi_engine.orders.decision import AnswerLine


_NO_FILES: Final[Mapping[int, str]] = MappingProxyType({})


def case_rows(cases: Sequence[CaseRecord], now: datetime, width: int, files: Mapping[int, str] = _NO_FILES) -> str:
    """Draw cases as a table, one a line: until when, how much money, whose order, and why.

    `files` names the files of cases, by case, where no PO number tells what they are about.
    """
    rows = [
        (
            str(one.id),
            due(one.deadline, now) if one.state == "OPEN" else one.state.lower(),
            money(one.money_held, one.currency),
            one.partner or "",
            one.po_number or "",
            files.get(one.id, ""),
            ", ".join(str(line) for line in json.loads(one.lines_json)),
            one.kind,
            one.title,
        )
        for one in cases
    ]
    headings = ("case", "due", "money held", "partner", "PO number", "file", "line", "kind", "why")
    return table(headings, rows, right=frozenset({"case", "money held"}), width=width)


def case_story(view: CaseView, now: datetime, edi: Callable[..., str], *, color: bool, width: int) -> Iterator[str]:
    """Tell one case: why it is there, each finding in its place in the file, what may be done, what happened.

    `edi` spells a command that goes on from here.
    """
    entry, record = view.entry, view.entry.record
    yield f"Case {record.id}, {record.kind}, {LABELS[Severity(record.severity)]}: {record.state.lower()}"
    if all(finding.message != record.title for finding in entry.findings):
        yield safe(record.title)
    yield ""
    yield from _facts(view, now)
    places = Places(view.data, outline(view.data, file=view.file_name)) if view.data is not None else None
    for finding in entry.findings:
        placed = places.locate(finding) if places is not None else finding
        if placed.where.file is None:
            placed = placed.at(file=view.file_name)
        yield ""
        yield render(placed, view.data, view.delimiters, color=color, width=width)
    if record.state == "OPEN":
        yield from _choices(entry, edi)
    if view.history:
        rows = [(moment(one.at), one.who, one.what, one.detail) for one in view.history]
        yield "\n" + table(("when (UTC)", "who", "what", ""), rows, width=width)


def _facts(view: CaseView, now: datetime) -> Iterator[str]:
    record = view.entry.record
    lines = ", ".join(str(line) for line in view.entry.lines)
    order = f"{record.po_number or ''}" + (f" (our order {record.order_id})" if record.order_id is not None else "")
    closed = f"{record.resolution or record.state.lower()} by {record.resolved_by} at {moment(record.resolved_at)} UTC"
    facts = (
        ("partner", record.partner),
        ("PO number", order.strip()),
        ("lines", lines),
        ("file", view.file_name),
        ("money held", money(record.money_held, record.currency)),
        ("received", f"{moment(record.received_at)} UTC"),
        ("due", _due(record, now)),
        ("closed", closed if record.resolved_at is not None else None),
    )
    for name, value in facts:
        if value:
            yield f"  {name:<10}  {safe(value)}"


def _due(record: CaseRecord, now: datetime) -> str | None:
    """Say until when a case should be decided; once it is closed, no countdown."""
    if record.deadline is None:
        return None
    left = f", {due(record.deadline, now)}" if record.state == "OPEN" else ""
    return f"{moment(record.deadline)} UTC{left}"


def _choices(entry: Entry, edi: Callable[..., str]) -> Iterator[str]:
    yield "\nWhat may be done (shown first, done with --commit):"
    number = entry.record.id
    ways = [(edi("exceptions", "resolve", number, choice.name), choice.effect) for choice in entry.choices]
    if entry.instead is None:
        again = "After a table, map or partner file was repaired: try once more."
        ways.append((edi("exceptions", "retry", number), again))
    size = max((len(command) for command, _ in ways), default=0)
    yield from (f"  {command:<{size}}  {what}" for command, what in ways)
    if entry.instead is not None:
        yield f"  {entry.instead}"


def effect_story(effect: Effect) -> Iterator[str]:
    """Tell what a choice does: our answers by line, the 855, and what would still hold the order."""
    yield f"Case {effect.case.id}, {effect.choice}: {effect.sentence}"
    if effect.still:
        yield f"\nThe order would still wait, for {counted(len(effect.still), 'other finding')}:"
        yield from (f"  {safe(finding.message)}" for finding in effect.still)
    if effect.lines:
        rows = [row for line in effect.lines for row in _answers(line)]
        right = frozenset({"line", "ordered", "answered", "price"})
        yield "\n" + table(("line", "item", "ordered", "answer", "answered", "price", "reason"), rows, right=right)
    if effect.after:
        yield "\nThe 855:"
        yield from (f"  {safe(segment)}" for segment in effect.after)
    if effect.erp:
        yield "\nThe order goes to the ERP folder."


def _promised(status: str, quantity: Decimal | None, unit: str | None) -> str:
    """Give what a line is promised: nothing of what is rejected, whatever quantity the 855 repeats."""
    if quantity is None:
        return ""
    return "none" if status == "rejected" else f"{number(quantity)} {unit or ''}".strip()


def _answers(answered: AnswerLine) -> Iterator[tuple[str, ...]]:
    line = answered.line
    item = line.item or line.vendor_item or line.buyer_item or line.gtin or ""
    for one in answered.answers:
        yield (
            str(line.position),
            item,
            f"{number(line.quantity)} {line.unit or ''}".strip(),
            one.status.replace("_", " "),
            _promised(one.status, one.quantity, one.unit or line.unit),
            money(one.unit_price if one.unit_price is not None else line.unit_price),
            (one.reason or "").replace("_", " "),
        )
