"""Orders drawn for people: the list, and one order with its lines, shipments, documents and cases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from edi_engine.cli import terminal
from edi_engine.cli.cases import case_rows
from edi_engine.cli.plain import due, moment, money, number, safe
from edi_engine.cli.table import table
from edi_engine.erp.json import from_json
from edi_engine.flow.refusal import with_errors
from edi_engine.orders.decision import Answer
from edi_engine.orders.lifecycle import MOVES
from edi_engine.orders.order import Party, PurchaseOrder

if TYPE_CHECKING:
    from edi_engine.app.views import OrderView
    from edi_engine.flow.records import DocumentRecord, OrderRecord

_WANTED: Final = (
    ("ship_not_before", "ship not before"),
    ("ship_by", "ship by"),
    ("deliver_not_before", "deliver not before"),
    ("deliver_by", "deliver by"),
    ("cancel_after", "cancel after"),
)
STANDINGS: Final = (*(state.lower().replace("_", " ") for state in MOVES["order"]), "rejected")
"""What `standing` may give."""
_ADDRESS: Final = ("name", "id", "address_1", "city", "state")


def standing(record: OrderRecord) -> str:
    """Give the state of an order in a word or two; one that we rejected whole is `rejected`, not cancelled."""
    rejected = record.answer_json is not None and json.loads(record.answer_json).get("answer") == "rejected"
    return "rejected" if rejected and record.state == "CANCELLED" else record.state.lower().replace("_", " ")


def order_rows(found: Sequence[OrderView]) -> str:
    """Draw orders as a table: their state, what was ordered (and decided, where that differs), what they wait for."""
    rows = [
        (
            str(one.record.id),
            one.record.partner,
            one.record.po_number,
            "" if one.record.live else "test",
            standing(one.record),
            f"{len(one.lines):,}",
            money(one.ordered_total, one.record.currency),
            money(one.decided_total, one.record.currency) if decided_otherwise(one) else "",
            moment(one.record.at),
            ", ".join(f"{case.id} {case.kind}" for case in one.cases if case.state == "OPEN"),
            ", ".join(f"{sent.kind} {_stands(sent)}" for sent in one.documents if sent.kind.isdigit()),
        )
        for one in found
    ]
    headings = (
        "order", "partner", "PO number", "", "state", "lines", "ordered", "decided", "received (UTC)", "open case",
        "documents",
    )  # fmt: skip
    return table(headings, rows, right=frozenset({"order", "lines", "ordered", "decided"}))


def decided_otherwise(view: OrderView) -> bool:
    """Say whether what was decided comes to something else than what was ordered."""
    return view.decided_total is not None and view.decided_total != view.ordered_total


def _totals(view: OrderView) -> str:
    """Give what an order comes to: `, 252.00 USD`; or `, 252.00 USD ordered, 238.80 USD decided` where they differ."""
    currency = view.record.currency
    ordered = f", {money(view.ordered_total, currency)}" if view.ordered_total is not None else ""
    if not decided_otherwise(view):
        return ordered
    return (f"{ordered} ordered" if ordered else "") + f", {money(view.decided_total, currency)} decided"


def story(view: OrderView) -> Iterator[str]:
    """Tell one order: what it is, where it goes and when, its lines, what left for it, what waits."""
    record = view.record
    order = from_json(PurchaseOrder, record.body_json)
    kind = "" if record.live else ", a test order"
    total = _totals(view)
    yield f"Order {record.id}: {record.partner} {safe(record.po_number)}{kind}: {standing(record)}{total}"
    yield f"received {moment(record.at)} UTC" + (
        f", answered {moment(record.answered_at)} UTC" if record.answered_at is not None else ""
    )
    place = order.party("ship_to") or order.party("bill_and_ship_to")
    if place is not None:
        yield f"ship to {safe(_address(place))}"
    if days := _days(order):
        yield days
    yield "\n" + _lines(view, order)
    yield from (f"still to come: {safe(one)}" for one in view.to_come)
    if view.shipments:
        rows = [(one.number, moment(one.at), one.invoice_number or "") for one in view.shipments]
        yield "\n" + table(("shipment", "shipped (UTC)", "invoice"), rows)
    if view.documents:
        yield "\n" + document_rows(view.documents)
    yield from (safe(one.message) for one in view.noted)
    if view.cases:
        yield "\n" + case_rows(view.cases, terminal.now(), terminal.table_width())


def _address(place: Party) -> str:
    return ", ".join(str(part) for name in _ADDRESS if (part := getattr(place, name, None)))


def _days(order: PurchaseOrder) -> str:
    """Give the days that the partner wants; those of lines where the heading has none and all lines agree."""
    said = []
    for name, words in _WANTED:
        day: dt.date | None = getattr(order, name)
        days = {getattr(line, name) for line in order.lines} - {None}
        if day is None and len(days) == 1:
            day = days.pop()
        if day is not None:
            said.append(f"{words} {day.isoformat()}")
    return ", ".join(said)


def _lines(view: OrderView, order: PurchaseOrder) -> str:
    prices = {line.position: line.unit_price for line in order.lines}
    given = view.record.answer_json
    answered = {one.line.position: one for one in from_json(Answer, given).lines} if given is not None else {}
    ours = {at: one.unit_price for at, one in answered.items() if one.unit_price != prices.get(at)}
    rejected = {at for at, one in answered.items() if one.status == "rejected"}
    rows = [
        (
            str(line.position),
            line.item or "",
            line.unit or "",
            number(line.ordered),
            money(prices.get(line.position)),
            money(line.value) if line.value else "",
            money(ours.get(line.position)),
            number(line.accepted),
            number(line.shipped),
            number(line.invoiced),
            "rejected" if line.position in rejected else line.state.lower().replace("_", " "),
        )
        for line in view.lines
    ]
    headings = (
        "line", "item", "unit", "ordered", "unit price", "value", "our price", "accepted", "shipped", "billed", "state",
    )  # fmt: skip
    return table(headings, rows, right=frozenset(headings) - {"item", "unit", "state"})


def _stands(document: DocumentRecord) -> str:
    return "accepted, with errors" if with_errors(document) else document.state.lower()


def document_rows(documents: Sequence[DocumentRecord]) -> str:
    """Draw documents as a table, one a line: how far each is, and until when the partner should answer it."""
    now = terminal.now()
    rows = [
        (
            str(one.id),
            one.kind,
            _stands(one),
            one.interchange_control or "",
            moment(one.sent_at),
            due(one.due_at, now) if one.state in {"SENT", "CONFIRMED"} else "",
            f"{one.folder}/{one.name}" if one.folder else one.name,
        )
        for one in documents
    ]
    return table(("document", "kind", "state", "control", "sent (UTC)", "answer due", "file"), rows)
