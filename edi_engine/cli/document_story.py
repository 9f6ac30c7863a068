"""Documents of ours drawn for people: how they stand, where they come from, what was said of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from edi_engine.cli.plain import counted, due, moment, safe
from edi_engine.cli.table import table
from edi_engine.desk.resend import Way

if TYPE_CHECKING:
    from edi_engine.desk.outbox import DocumentEntry, Story
    from edi_engine.desk.resend import Resent

_TWICE: Final = {
    "855": "the order may be answered twice",
    "856": "the goods may be expected twice",
    "810": "it may be paid twice",
}

STANDS: Final = {
    "waiting": "waiting",
    "resting": "tried again later",
    "held": "held",
    "behind": "behind a held one",
    "under-way": "on its way",
    "parked": "parked",
    "unanswered": "not answered yet",
    "overdue": "answer overdue",
    "rejected": "rejected",
    "delivered": "delivered",
    "accepted": "accepted",
    "accepted-with-errors": "accepted, with errors",
    "void": "never sent",
}
"""How a document stands, in the words of a table."""


def document_table(found: Sequence[DocumentEntry], now: datetime, width: int) -> str:
    """Draw documents as a table, one a line."""
    rows = [
        (
            str(one.record.id),
            one.record.kind,
            one.record.partner or "",
            one.record.po_number or "",
            "" if one.record.live else "test",
            STANDS[one.standing],
            due(one.next_at, now),
            one.record.connection,
            f"{one.record.folder}/{one.record.name}" if one.record.folder else one.record.name,
            one.why,
        )
        for one in found
    ]
    headings = ("document", "kind", "partner", "PO number", "", "state", "due", "connection", "file", "why")
    return table(headings, rows, right=frozenset({"document"}), width=width)


def story(view: Story, now: datetime) -> Iterator[str]:
    """Tell a document, but for its segments: what it is, where it comes from and goes, what became of it."""
    entry, record = view.entry, view.entry.record
    test = "" if record.live else ", a test"
    yield f"Document {record.id}, {record.kind}{test}: {STANDS[entry.standing]}"
    if entry.why:
        yield safe(entry.why)
    yield ""
    control = {"interchange": record.interchange_control, "group": record.group_control, "set": record.set_control}
    again = f"{record.attempts} failed" + (f", next {due(entry.next_at, now)}" if entry.standing == "resting" else "")
    facts = (
        ("made from", view.cause),
        ("partner", record.partner),
        ("goes to", f"{record.connection}, as {f'{record.folder}/' if record.folder else ''}{record.name}"),
        ("numbers", ", ".join(f"{name} {number}" for name, number in control.items() if number)),
        ("size", counted(record.size, "byte")),
        ("written", f"{moment(record.at)} UTC"),
        ("attempts", again if record.attempts else None),
        ("last error", record.last_error),
        ("sent", f"{moment(record.sent_at)} UTC" if record.sent_at is not None else None),
        ("answer due", _answer_due(view, now)),
        ("answer", view.answer),
        ("sends again", f"document {view.origin.id}" if view.origin is not None else None),
        ("sent again", ", ".join(f"as document {one.id} ({one.state.lower()})" for one in view.again)),
        ("cases", ", ".join(f"{one.id} {one.kind} ({one.state.lower()})" for one in view.cases)),
    )
    for name, value in facts:
        if value:
            yield f"  {name:<11}  {safe(value)}"
    if view.history:
        rows = [(moment(one.at), one.who, one.what, one.detail) for one in view.history]
        yield "\n" + table(("when (UTC)", "who", "what", ""), rows)
    if view.faults:
        yield "\nWhat they found, in our own segments:\n"


def _answer_due(view: Story, now: datetime) -> str | None:
    at = view.entry.record.due_at
    if at is None:
        return None
    left = f", {due(at, now)}" if view.entry.standing in {"unanswered", "overdue"} else ""
    return f"{moment(at)} UTC{left}"


def resend_story(shown: Resent) -> Iterator[str]:
    """Tell what sending a document again sends: the way, what differs from the first time, and the new document."""
    original = shown.original
    yield f"Document {original.id}, {original.kind} {original.interchange_control or ''}".rstrip() + f": {shown.way}."
    if original.state == "ACCEPTED" and shown.way is not Way.SAME:
        harm = _TWICE.get(original.kind, "it may count twice")
        yield f"The partner has accepted it already: under new numbers {harm}."
    yield from (safe(one) for one in shown.warnings)
    for one in shown.earlier:
        yield f"It was sent again before, as document {one.id} ({one.state.lower()})."
    if shown.findings:
        yield ""
        return
    diff = tuple(difflib.unified_diff(shown.before, shown.after, "as it was sent", "as it goes now", lineterm="", n=1))
    if diff:
        yield from ("", *(f"  {safe(line)}" for line in diff))
    elif shown.before:
        yield "Its text is as it was."
    new = shown.record
    if new is not None:
        number = f", interchange {new.interchange_control}" if new.interchange_control else ""
        yield f"It waits as document {new.id}{number}, file {safe(new.name)}."
