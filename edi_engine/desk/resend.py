"""Sending a document again: the same bytes, the same text under new numbers, or written anew from its order.

Never by itself: a person asks for it, one document at a time, and sees it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from edi_engine.desk.outbox import find_document
from edi_engine.erp.json import from_json
from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.answer import draft
from edi_engine.flow.cases import settle_cases
from edi_engine.flow.contradiction import CONTRADICTED, accepted_later, answered_by
from edi_engine.flow.copies import LEFT, copy, number_holder
from edi_engine.flow.deliver import UNSENT
from edi_engine.flow.documents import (
    ACK_DUE,
    OUT,
    TA1,
    X12_KINDS,
    Destination,
    Draft,
    Source,
    destination,
    draft_text,
    note_document,
    post,
)
from edi_engine.flow.layout import body_text
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.proof import proof
from edi_engine.flow.records import DocumentRecord
from edi_engine.flow.refusal import in_words, said_again
from edi_engine.orders.decision import Answer
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.shipment import Shipment
from edi_engine.partners.partner import Address
from edi_engine.x12.letters import said
from edi_engine.x12.reader import outline, split
from edi_engine.x12.values import Delimiters, InterchangeOutline
from edi_engine.x12.writer import COMPONENT, REPETITION

_REWRITTEN = ("855", "856", "810")
_OF_THEIRS = ("997", "999")
Body = tuple[tuple[str, ...], ...]


class Way(StrEnum):
    """How to send a document again."""

    SAME = "the same bytes, under the same numbers"
    RENUMBERED = "the same text, under new numbers"
    REWRITTEN = "written anew from its order, under new numbers"


@dataclass(frozen=True, slots=True)
class Resent:
    """What sending again comes to: `record` is the new document (None while it is only shown).

    `before` and `after` are the body as it was sent and as it goes now, one segment a line; `earlier` the documents
    that sent it again before. `findings` keep it from being sent; `warnings` are sentences that do not.
    """

    original: DocumentRecord
    way: Way
    before: tuple[str, ...]
    after: tuple[str, ...]
    earlier: tuple[DocumentRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    record: DocumentRecord | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What would be sent: `draft` is None for the same bytes."""

    shown: Resent
    draft: Draft | None
    holder: DocumentRecord


def preview(office: Office, number: int, way: Way) -> Resent:
    """Show what sending a document again would send. Raises UsageError where it makes no sense."""
    with office.ledger.reading() as unit:
        return _plan(office, unit, number, way).shown


def resend(office: Office, number: int, way: Way) -> Resent:
    """Put a document into the outbox again, in one commit. Raises UsageError where it makes no sense.

    What was expected of the first one, and its cases, are settled by it: the new one is waited for.
    """
    with office.ledger.unit("desk.resent") as unit:
        plan = _plan(office, unit, number, way)
        shown, original = plan.shown, plan.shown.original
        if shown.findings:
            return shown
        again = 1 + max(one.again for one in unit.documents.select(source=original.source, kind=original.kind))
        if plan.draft is None:
            record = copy(office, unit, original, plan.holder, again)
        else:
            record = _renumbered(office, unit, original, plan.draft, again)
        _settle(office, unit, original, record, way)
        return replace(shown, record=record)


def _plan(office: Office, unit: Unit, number: int, way: Way) -> _Plan:
    original = find_document(unit, number)
    _must_have_left(unit, original)
    family = unit.documents.select(source=original.source, kind=original.kind)
    earlier = tuple(one for one in family if one.resend_of is not None)
    waiting = next((one for one in earlier if one.state in {*UNSENT, "PARKED"}), None)
    if waiting is not None:
        message = f"document {waiting.id} sends it again already, and has not gone out yet"
        raise UsageError(message)
    holder = number_holder(unit, original)
    before = _body(office, unit, original)
    others = tuple(one for one in earlier if one.id != number)
    warnings = tuple(_warnings(office, unit, original, way))
    if way is Way.SAME:
        return _Plan(Resent(original, way, before, before, others, warnings=warnings), None, holder)
    made = _rewritten(office, unit, original) if way is Way.REWRITTEN else _renumber(office, unit, original, holder)
    findings = made if isinstance(made, tuple) else proof(office, made)
    written = made if isinstance(made, Draft) else None
    after = draft_text(written) if written is not None else ()
    if way is Way.REWRITTEN and after == before and _text_refused(original):
        message = (
            f"nothing changed: written anew, document {number} has the very text that they refused, and its case stays "
            "open. Repair first what it came from (a map, a table, the partner file); or send that text once more with "
            "--new-number"
        )
        raise UsageError(message)
    return _Plan(Resent(original, way, before, after, others, findings, warnings=warnings), written, holder)


def _text_refused(original: DocumentRecord) -> bool:
    """Say whether the partner refused what a document says, and not only its envelope."""
    said = said_again(original)
    return original.state == "REJECTED" and said is not None and said.of_text


def _warnings(office: Office, unit: Unit, original: DocumentRecord, way: Way) -> Iterator[str]:
    """Say what the partner has said of a document that speaks against sending it again."""
    said = said_again(original)
    if original.state == "ACCEPTED":
        yield from _have_it(unit, original, way)
    if original.state != "REJECTED" or said is None:
        return
    accepted = accepted_later(unit, original)
    if accepted is not None:
        yield f"They refused it, but later they accepted the very bytes ({accepted}): nothing need be sent again."
    elif way is Way.SAME:
        yield f"They refused these very bytes ({in_words(office, said)})."
    elif way is Way.RENUMBERED and said.of_text:
        yield f"They refused this very text ({in_words(office, said)})."


def _have_it(unit: Unit, original: DocumentRecord, way: Way) -> Iterator[str]:
    """Say that the partner took a document, or took and then refused it."""
    by = answered_by(unit, original)
    case = unit.cases.one(subject=f"document:{original.id}", kind=CONTRADICTED, state="OPEN")
    if case is not None:
        yield f"They accepted it ({by}) and refused it later: ask them first which of the two counts (case {case.id})."
    elif way is Way.SAME:
        yield f"They have it: they accepted it ({by})."
    else:
        yield f"They have it: they accepted it ({by}). With other numbers it may count twice."


def _must_have_left(unit: Unit, original: DocumentRecord) -> None:
    """Refuse what the partner never had, and what no connection carries. Raises UsageError."""
    number = original.id
    if original.connection.partition(":")[0] == OUT:
        message = f"document {number} was written into the folder of `edi process`; run that again with a new --out"
        raise UsageError(message)
    if original.state in LEFT:
        return
    case = unit.cases.one(subject=f"document:{number}", state="OPEN")
    if original.state == "PARKED" and case is not None:
        message = f"document {number} is parked; `edi exceptions retry {case.id}` tries it again"
    elif original.state == "VOID":
        message = f"document {number} was never sent and will never be"
    else:
        message = f"document {number} has not left yet; it goes by itself"
    raise UsageError(message)


def _renumber(office: Office, unit: Unit, original: DocumentRecord, holder: DocumentRecord) -> Draft:
    """Take the text of a document for new numbers. It goes to the address of the first one."""
    if original.kind not in X12_KINDS:
        message = f"document {original.id} is no X12 and has no numbers; send it again without --new-number"
        raise UsageError(message)
    body, interchange = _read(office, unit, original)
    sent = unit.interchanges.one(direction="out", document_id=holder.id)
    address = Address(interchange.receiver_qualifier, interchange.receiver)
    if sent is not None:
        address = Address(sent.receiver_qualifier, sent.receiver)
    version = interchange.groups[0].version if original.kind in _OF_THEIRS else None
    to = Destination(office.partner(original.partner), address, original.live, version)
    return Draft(original.kind, body, to, original.po_number)


def _read(office: Office, unit: Unit, document: DocumentRecord) -> tuple[Body, InterchangeOutline]:
    """Read a document of ours: what it says in the partner's letters, under no delimiters, and its envelope."""
    data = unit.blobs.get(document.sha256)
    interchange = outline(data).interchanges[0]
    marks = interchange.delimiters
    if document.kind == TA1:
        return interchange.acknowledgments, interchange
    found = interchange.groups[0].sets[0]
    text = data[found.start : found.end].decode("latin-1")
    partner = office.edition.partners.get(document.partner or "")
    letters = said(text, partner.envelope.charset) if partner is not None else None
    segments = split(text if letters is None else letters, marks)[1:-1]
    return tuple(tuple(_neutral(one, marks) for one in segment) for segment in segments), interchange


def _neutral(text: str, marks: Delimiters) -> str:
    """Write an element so that it depends on no delimiters."""
    plain = text.replace(marks.component, COMPONENT)
    return plain.replace(marks.repetition, REPETITION) if marks.repetition is not None else plain


def _rewritten(office: Office, unit: Unit, original: DocumentRecord) -> Draft | tuple[Finding, ...]:
    """Write a document anew from what its order, shipment or invoice says, by today's map and tables."""
    if original.kind not in _REWRITTEN or original.order_id is None:
        message = f"document {original.id} ({original.kind}) comes from no order; --rewrite is for 855, 856 and 810"
        raise UsageError(message)
    order = unit.orders.get(original.order_id)
    answer = from_json(Answer, order.answer_json or "")
    value: Answer | Shipment | Invoice = answer
    if original.shipment_id is not None:
        shipment = unit.shipments.get(original.shipment_id)
        if original.kind == "856":
            value = from_json(Shipment, shipment.body_json)
        else:
            value = from_json(Invoice, shipment.invoice_json or "")
    made = draft(office, original.kind, value, answer.order, destination(office, unit, order.set_id))
    if made is None:
        message = f"{office.partner(original.partner).title} has no map any more that writes this {original.kind}"
        raise UsageError(message)
    return made


def _body(office: Office, unit: Unit, document: DocumentRecord) -> tuple[str, ...]:
    """Give what a document says, one segment a line, without its envelope."""
    if document.kind not in X12_KINDS:
        return tuple(unit.blobs.get(document.sha256).decode("utf-8", "replace").splitlines())
    body, interchange = _read(office, unit, document)
    return body_text(body, interchange.delimiters)


def _renumbered(office: Office, unit: Unit, original: DocumentRecord, made: Draft, again: int) -> DocumentRecord:
    source = Source(original.source, original.order_id, original.group_id, original.shipment_id, again)
    return unit.documents.change(post(office, unit, made, source), resend_of=original.id)


def _settle(office: Office, unit: Unit, original: DocumentRecord, record: DocumentRecord, way: Way) -> None:
    """Expect nothing more of the first document, and close its cases: from now on the new one is waited for."""
    subject = f"document:{original.id}"
    for timer in unit.timers.select(subject=subject, kind=ACK_DUE, state="WAITING"):
        unit.timers.change(timer, state="CANCELLED")
    settle_cases(office, unit, subject, how=f"sent again as document {record.id}")
    if original.due_at is not None:
        unit.documents.change(original, due_at=None)
    note_document(office, unit, original, "sent again", f"as document {record.id}: {way}")
    note_document(office, unit, record, "sent again", f"it sends document {original.id} again: {way}")
