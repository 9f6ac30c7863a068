"""Step 7: the 855 from the decision, and the accepted order for the ERP, in the commit of the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.erp.codec import Json
from edi_engine.erp.json import erp_order, indented, to_json
from edi_engine.erp.xml import order_xml
from edi_engine.finding import Finding, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.documents import Destination, Draft, Source, post, post_erp
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.proof import in_ours, proof
from edi_engine.flow.records import LineRecord, OrderRecord
from edi_engine.flow.wording import counted
from edi_engine.mapping.language import WritingMap
from edi_engine.mapping.write import write
from edi_engine.orders.decision import Answer, Decision
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.lifecycle import order_state
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.shipment import Shipment
from edi_engine.partners.partner import Partner


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer ready to be posted: the document itself, its 855 (None where the partner wants none), its ERP files."""

    answer: Answer
    draft: Draft | None
    erp: tuple[tuple[str, bytes], ...]
    to: Destination


def map_for(partner: Partner, set_id: str, order: PurchaseOrder) -> WritingMap | None:
    """Give the first map of the partner that writes `set_id` for this order."""
    for choice in partner.maps.get(set_id, ()):
        if isinstance(choice.map, WritingMap) and choice.fits(order):
            return choice.map
    return None


def draft(
    books: Books, set_id: str, document: Answer | Shipment | Invoice, order: PurchaseOrder, to: Destination
) -> Draft | tuple[Finding, ...] | None:
    """Write a document by the partner's map and prove it; its findings where it may not be sent, None if unwanted."""
    chosen = map_for(to.partner, set_id, order)
    if chosen is None:
        return None
    envelope = to.partner.envelope.sets.get(set_id)
    version = books.dictionary.resolve(envelope.version if envelope else to.partner.envelope.version) or ""
    written = write(chosen, document, to.partner.tables, books.dictionary, version)
    holding = (finding for finding in written.findings if finding.severity >= Severity.HOLD)
    faults = tuple(in_ours(set_id, written.segments, finding) for finding in holding)
    if faults:
        return faults
    made = Draft(set_id, written.segments, to.for_set(set_id), po_number=order.po_number)
    return proof(books, made) or made


def draft_answer(
    books: Books,
    order: PurchaseOrder,
    decision: Decision,
    to: Destination,
    record: OrderRecord,
    items: Mapping[int, ItemFact],
) -> Answered | tuple[Finding, ...]:
    """Draft everything that answering an order sends; findings where any of it may not be sent."""
    if decision.answer is None:
        message = "a held decision has no answer to draft"
        raise ValueError(message)
    made = draft(books, "855", decision.answer, order, to)
    if isinstance(made, tuple):
        return made
    erp: tuple[tuple[str, bytes], ...] = ()
    if decision.answer.answer != "rejected":
        written = erp_files(
            erp_order(
                order,
                decision.answer,
                partner=record.partner,
                live=record.live,
                reference=str(record.id),
                replaces=None if record.replaces is None else str(record.replaces),
                items=items,
            )
        )
        if isinstance(written, tuple):
            return written
        erp = tuple(written.items())
    return Answered(decision.answer, made, erp, to)


def erp_files(plain: dict[str, Json]) -> dict[str, bytes] | tuple[Finding, ...]:
    """Write an order for the ERP, by kind of file; findings where one of them cannot hold it."""
    text = indented(plain) + "\n"
    xml = order_xml(plain)
    return xml if isinstance(xml, tuple) else {"erp-json": text.encode("utf-8"), "erp-xml": xml}


def post_answer(office: Office, unit: Unit, record: OrderRecord, answered: Answered) -> OrderRecord:
    """Record the answer and put its documents into the outbox, in the caller's commit."""
    source = Source(f"order:{record.id}", order_id=record.id)
    if answered.draft is not None:
        post(office, unit, answered.draft, source)
    for kind, data in answered.erp:
        post_erp(office, unit, kind, data, record, answered.to)
    _answer_lines(unit, record, answered)
    changed = unit.orders.change(
        record,
        state=order_state(line.state for line in unit.lines.select(order_id=record.id)),
        answer_json=to_json(answered.answer),
        answered_at=office.clock.now(),
        edition=office.edition.name,
    )
    office.note(
        unit,
        "order answered",
        f"order:{record.id}",
        _tally(answered.answer),
        order_id=record.id,
        partner=record.partner,
    )
    return changed


def _answer_lines(unit: Unit, record: OrderRecord, answered: Answered) -> None:
    by_position = {line.line.position: line for line in answered.answer.lines}
    changes: list[tuple[LineRecord, dict[str, object]]] = []
    for line in unit.lines.select(order_id=record.id, state=("OPEN", "HELD")):
        opened = unit.lines.change(line, state="OPEN") if line.state == "HELD" else line
        verdict = by_position.get(line.position)
        accepted = verdict.quantity_accepted if verdict is not None else Decimal(0)
        owed = verdict.quantity_backordered if verdict is not None else Decimal(0)
        state = "ANSWERED" if accepted or owed else "CANCELLED"
        changes.append((opened, {"state": state, "accepted": accepted, "backordered": owed or None}))
    unit.lines.change_all(changes)


def _tally(answer: Answer) -> str:
    lines = counted(len(answer.lines), "line")
    if answer.answer == "rejected":
        return f"rejected whole, {lines}"
    if all(line.status == "accepted" for line in answer.lines):
        return f"accepted as ordered, {lines}"
    counts: dict[str, int] = {}
    for line in answer.lines:
        counts[line.status] = counts.get(line.status, 0) + 1
    each = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items())
    return f"{answer.answer}, {lines}: {each}"
