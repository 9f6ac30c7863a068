"""The outbox as people see it: what waits, what failed, what a person holds back, what the partner has not answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.books import Books
from edi_engine.flow.deliver import UNSENT, held_before, rests
from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord, DocumentRecord, EventRecord
from edi_engine.flow.refusal import explain, in_words, noted_in_short, said_again, with_errors

STANDINGS: Final = (
    "waiting", "resting", "held", "behind", "under-way", "parked", "unanswered", "overdue", "rejected", "delivered",
    "accepted", "accepted-with-errors", "void",
)  # fmt: skip
"""How a document stands, in words: `behind` waits for a held one of its order, `resting` for its next try."""

_UNSETTLED: Final = frozenset(
    {"waiting", "resting", "held", "behind", "under-way", "parked", "unanswered", "overdue", "rejected"}
)
_AMONG: Final = {"unanswered": ("overdue",), "accepted": ("accepted-with-errors",)}
"""What else is meant where one standing is asked for."""
_BY_STATE: Final = {"PARKED": "parked", "ACCEPTED": "accepted", "REJECTED": "rejected", "VOID": "void"}


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One document, read for people. `standing` is one of STANDINGS, `why` what keeps it there ("" for nothing).

    `next_at` is when something is due: its next try, or the partner's answer.
    """

    record: DocumentRecord
    standing: str
    why: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All there is to tell of a document.

    `cause` is what it was made from, in words; `answer` what the partner said, in words, and `faults` what they found,
    led back to our segments; `again` are the documents that send it again, `origin` the one that it sends again.
    """

    entry: DocumentEntry
    data: bytes
    cause: str
    answer: str
    faults: tuple[Finding, ...]
    cases: tuple[CaseRecord, ...]
    again: tuple[DocumentRecord, ...]
    origin: DocumentRecord | None
    history: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class DocumentsWanted:
    """Which documents to list; None asks for nothing. `every` lists settled ones, too."""

    partner: str | None = None
    kind: str | None = None
    connection: str | None = None
    standing: str | None = None
    every: bool = False


def list_documents(unit: Unit, wanted: DocumentsWanted, now: datetime) -> tuple[DocumentEntry, ...]:
    """Give documents, oldest first: those that are not settled, unless `every` one or a standing is asked for."""
    given = {"partner": wanted.partner, "kind": wanted.kind, "connection": wanted.connection}
    equal: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if wanted.every or wanted.standing is not None:
        found = list(unit.documents.select(**equal))
    else:
        found = [*unit.documents.select(**equal, state=(*UNSENT, "PARKED", "REJECTED"))]
        if wanted.kind is None or wanted.kind in EXPECT_RESPONSE:
            asked = {"kind": tuple(EXPECT_RESPONSE), **equal}
            found += unit.documents.select(**asked, state="CONFIRMED")
        found.sort(key=lambda one: one.id)
    entries = (entry(unit, one, now) for one in found)
    if wanted.standing is not None:
        alike = {wanted.standing, *_AMONG.get(wanted.standing, ())}
        return tuple(one for one in entries if one.standing in alike)
    return tuple(one for one in entries if wanted.every or _unsettled(unit, one))


def _unsettled(unit: Unit, one: DocumentEntry) -> bool:
    """Say whether something of a document is still to come; a rejected one is settled when its case is closed."""
    if one.standing == "rejected":
        return unit.cases.one(subject=f"document:{one.record.id}", state="OPEN") is not None
    return one.standing in _UNSETTLED


def entry(unit: Unit, record: DocumentRecord, now: datetime) -> DocumentEntry:
    """Say how a document stands, and what keeps it there."""
    if record.state == "READY" and record.held_at is not None:
        return DocumentEntry(record, "held", f"held by {record.held_by}: {why_held(unit, record)}")
    before = held_before(unit, record)
    if before is not None:
        return DocumentEntry(record, "behind", f"goes after the {before.kind} {before.id} of its order, which is held")
    if record.state in UNSENT:
        if rests(record, now):
            return DocumentEntry(record, "resting", record.last_error or "", record.next_at)
        return DocumentEntry(record, "waiting" if record.state == "READY" else "under-way", record.last_error or "")
    if record.state == "CONFIRMED":
        return _sent(unit, record, now)
    if record.state == "REJECTED":
        case = unit.cases.one(subject=f"document:{record.id}", state="OPEN")
        return DocumentEntry(record, "rejected", case.title if case is not None else _sent_again(unit, record))
    if with_errors(record):
        return DocumentEntry(record, "accepted-with-errors", noted_in_short(record))
    return DocumentEntry(record, _BY_STATE[record.state], (record.last_error or "") if record.state == "PARKED" else "")


def _sent(unit: Unit, record: DocumentRecord, now: datetime) -> DocumentEntry:
    """Say how a document stands that was handed over: whether an answer of the partner is still to come."""
    if record.due_at is None:
        return DocumentEntry(record, "delivered", _sent_again(unit, record))
    return DocumentEntry(record, "overdue" if record.due_at < now else "unanswered", "", record.due_at)


def _sent_again(unit: Unit, record: DocumentRecord) -> str:
    numbers = ", ".join(str(one.id) for one in _again(unit, record))
    return f"sent again as document {numbers}" if numbers else ""


def _again(unit: Unit, record: DocumentRecord) -> tuple[DocumentRecord, ...]:
    same = unit.documents.select(source=record.source, kind=record.kind)
    return tuple(one for one in same if one.resend_of == record.id)


def why_held(unit: Unit, record: DocumentRecord) -> str:
    """Give the reason that was given when a document was held."""
    events = unit.events.select(subject=f"document:{record.id}", what=f"{record.kind} held", limit=1, descending=True)
    return events[0].detail if events else "no reason was given"


def find_document(unit: Unit, number: int) -> DocumentRecord:
    """Give a document. Raises UsageError if there is none of this number."""
    try:
        return unit.documents.get(number)
    except KeyError:
        message = f"there is no document {number}; `edi outbox list --all` shows every one"
        raise UsageError(message) from None


def story(books: Books, unit: Unit, number: int) -> Story:
    """Tell a document from what caused it to what the partner said of it. Raises UsageError if there is none."""
    record = find_document(unit, number)
    data = unit.blobs.get(record.sha256)
    said = said_again(record)
    origin = unit.documents.get(record.resend_of) if record.resend_of is not None else None
    return Story(
        entry(unit, record, books.clock.now()),
        data,
        _cause(unit, record),
        in_words(books, said) if said is not None else "",
        tuple(explain(books, record, data, said)) if said is not None else (),
        tuple(unit.cases.select(subject=f"document:{number}")),
        _again(unit, record),
        origin,
        tuple(unit.events.select(subject=f"document:{number}")),
    )


def _cause(unit: Unit, record: DocumentRecord) -> str:
    """Say what a document was made from."""
    kind, _, number = record.source.partition(":")
    if kind in {"group", "interchange"}:
        group = unit.groups.get(int(number)) if kind == "group" else None
        interchange = unit.interchanges.get(int(number) if group is None else group.interchange_id)
        file = unit.files.get(interchange.file_id) if interchange.file_id is not None else None
        of_file = f" in file {file.id} {file.name}" if file is not None else ""
        of_group = f"group {group.control} ({group.kind}) of " if group is not None else ""
        return f"{of_group}interchange {interchange.control}{of_file}"
    if record.order_id is None:
        return record.source.replace(":", " ")
    order = unit.orders.get(record.order_id)
    of_order = f"order {order.po_number} (ours: {order.id})"
    if kind == "shipment":
        shipment = unit.shipments.get(int(number))
        invoice = f", invoice {shipment.invoice_number}" if record.kind == "810" else ""
        return f"shipment {shipment.number}{invoice} of {of_order}"
    return f"the answer to {of_order}" if record.kind == "855" else of_order
