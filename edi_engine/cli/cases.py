"""Cases drawn for people: the list, the causes, and one case with what may be done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edi_engine.cli.diagnostic import LABELS, render
from edi_engine.cli.locate import Places
from edi_engine.cli.plain import counted, due, moment, money, safe
from edi_engine.cli.table import table
from edi_engine.finding import Severity
from edi_engine.x12.reader import outline

if TYPE_CHECKING:
    from edi_engine.app.cases import CaseView, Listed
    from edi_engine.desk.groups import Group
    from edi_engine.desk.queue import Choice
    from edi_engine.flow.records import CaseRecord


_NO_FILES: Final[Mapping[int, str]] = MappingProxyType({})


def case_rows(cases: Sequence[CaseRecord], now: datetime, width: int, files: Mapping[int, str] = _NO_FILES) -> str:
    """Draw cases as a table, one a line: until when, how much money, whose order, who looks after it, and why.

    `files` names the files of cases, by case, where no PO number tells what they are about.
    """
    rows = [
        (
            str(one.id),
            _until(one, now),
            money(one.money_held, one.currency),
            one.partner or "",
            one.po_number or "",
            files.get(one.id, ""),
            ", ".join(str(line) for line in json.loads(one.lines_json)),
            one.assignee or "",
            one.kind,
            _title(one, now),
        )
        for one in cases
    ]
    headings = ("case", "due", "money held", "partner", "PO number", "file", "line", "who", "kind", "why")
    return table(
        headings, rows, right=frozenset({"case", "money held"}), width=width, ends=[_more(one) for one in cases]
    )


def _more(one: CaseRecord) -> str:
    """Say how many reasons a case has that its title does not tell. It may tell one in the words of another."""
    messages = {finding["message"] for finding in json.loads(one.findings_json)}
    others = [message for message in messages if message not in one.title]
    return f" (and {len(others):,} more)" if others else ""


def _until(one: CaseRecord, now: datetime) -> str:
    """Say until when a case is to be decided, or that it rests; a passed deadline is said in any case."""
    if one.state != "OPEN":
        return one.state.lower()
    said = due(one.deadline, now)
    if one.snoozed_until is None or one.snoozed_until <= now:
        return said
    if one.deadline is not None and one.deadline < now:
        return f"{said}, rests"
    return f"rests until {one.snoozed_until:%Y-%m-%d %H:%M}"


def _title(one: CaseRecord, now: datetime) -> str:
    """Give why a case is there; one that has come back from its rest says why it rested."""
    if one.state != "OPEN" or one.snoozed_until is None:
        return one.title
    return f"({'back' if one.snoozed_until <= now else 'rests'}: {one.snoozed_why}) {one.title}"


def summed_up(found: Listed) -> str:
    """Count the cases of a list: how much money they hold, how many are overdue, how many rest."""
    entries = found.entries
    held = money_held((one.record.currency, one.record.money_held) for one in entries if one.record.state == "OPEN")
    overdue = sum(one.overdue(found.now) for one in entries)
    resting = sum(one.rests(found.now) for one in entries)
    parts = [
        counted(len(entries), "case") if len(entries) == found.every else f"{len(entries):,} of {found.every:,} cases",
        *([f"{held} held"] if held else []),
        *([f"{overdue:,} overdue"] if overdue else []),
        *([f"{resting:,} {'rests' if resting == 1 else 'rest'}"] if resting else []),
    ]
    return ", ".join(parts) + "."


def money_held(amounts: Iterable[tuple[str | None, Decimal | None]]) -> str:
    """Add money up, by currency; an order that several cases hold counts once for each case."""
    sums: dict[str | None, Decimal] = {}
    for currency, amount in amounts:
        if amount is not None:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return " and ".join(money(amount, currency) for currency, amount in sums.items())


def group_rows(groups: Sequence[Group], now: datetime, width: int) -> str:
    """Draw causes as a table: how many cases and orders each has, how much money, the nearest deadline, the first."""
    rows = [
        (
            f"{len(one.cases):,}",
            f"{one.orders:,}" if one.orders else "",
            money_held(one.money),
            due(one.deadline, now),
            one.partner or "",
            str(one.first),
            one.kind,
            one.cause,
        )
        for one in groups
    ]
    headings = ("cases", "orders", "money held", "due", "partner", "first", "kind", "cause")
    return table(headings, rows, right=frozenset({"cases", "orders", "money held", "first"}), width=width)


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
    yield from _choices(view, now, edi) if record.state == "OPEN" else _closed(view, edi)
    if view.others:
        yield "\nThe same order waits for:"
        yield case_rows(view.others, now, width)
    if view.history:
        own = f"case {record.id} {record.kind}: "
        rows = [(moment(one.at), one.who, one.what, one.detail.removeprefix(own)) for one in view.history]
        yield "\n" + table(("when (UTC)", "who", "what", ""), rows)


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
        ("looked after", f"by {record.assignee}" if record.assignee else None),
        ("rests", _rest(record, now)),
        ("closed", closed if record.resolved_at is not None else None),
    )
    shown = [(name, value) for name, value in facts if value]
    size = max((len(name) for name, _ in shown), default=0)
    yield from (f"  {name:<{size}}  {safe(value)}" for name, value in shown)


def _due(record: CaseRecord, now: datetime) -> str | None:
    """Say until when a case should be decided; once it is closed, no countdown."""
    if record.deadline is None:
        return None
    left = f", {due(record.deadline, now)}" if record.state == "OPEN" else ""
    return f"{moment(record.deadline)} UTC{left}"


def _rest(record: CaseRecord, now: datetime) -> str | None:
    if record.snoozed_until is None or record.state != "OPEN":
        return None
    back = " (back since then)" if record.snoozed_until <= now else ""
    return f"until {moment(record.snoozed_until)} UTC{back}: {record.snoozed_why}"


def _choices(view: CaseView, now: datetime, edi: Callable[..., str]) -> Iterator[str]:
    entry, number = view.entry, view.entry.record.id
    yield "\nWhat may be done (resolve only shows what it does, until you add --commit):"
    ways = [(edi("exceptions", "resolve", number, *_spelled(choice)), choice.effect) for choice in entry.choices]
    whole = next((choice.name for choice in entry.choices if choice.lines is None), None)
    if len(entry.lines) > 1 and whole is not None:
        one = edi("exceptions", "resolve", number, "--line", f"{entry.lines[0]}={whole}")
        ways.append((one, "One line alone; --line may be given often."))
    if view.instead is None:
        again = (
            "A daemon tries the connection at once, and not only when its pause is over."
            if entry.record.subject.startswith("connection:")
            else "After a table, map or partner file was repaired: try once more."
        )
        ways.append((edi("exceptions", "retry", number), again))
    if view.alike and view.instead is None:
        same = f"{counted(len(view.alike), 'other case')} of the same cause with it; resolve takes --all-like, too."
        ways.append((edi("exceptions", "retry", "--all-like", number), f"After a repair: {same}"))
    if entry.record.assignee is None:
        ways.append((edi("exceptions", "assign", number, "me"), "You look after it."))
    if not entry.rests(now):
        ways.append((edi("exceptions", "snooze", number, "--until", "1d", "--why", "..."), "It rests for a day."))
    if view.too_late is None:
        ways.append((edi("exceptions", "reopen", number), "What is decided of it so far is taken back."))
    size = max((len(command) for command, _ in ways), default=0)
    yield from (f"  {command:<{size}}  {what}" for command, what in ways)
    if view.instead is not None:
        yield f"  No retry: {safe(view.instead)}"
    for barred in view.barred:
        yield f"  Not {barred.name}: {safe(barred.reason)}"


def _spelled(choice: Choice) -> list[str]:
    """Write a choice as `edi exceptions resolve` takes it: alone, or for the only lines that it fits."""
    if choice.lines is None:
        return [choice.name]
    return [word for line in choice.lines for word in ("--line", f"{line}={choice.name}")]


def _closed(view: CaseView, edi: Callable[..., str]) -> Iterator[str]:
    if view.too_late is None:
        yield "\nIt can be taken back:"
        yield f"  {edi('exceptions', 'reopen', view.entry.record.id, '--why', '...')}"
    elif view.too_late.startswith("it is too late"):
        yield f"\n{safe(view.too_late[0].upper() + view.too_late[1:])}."
