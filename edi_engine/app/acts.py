"""Shipping and billing an order by hand, from a small YAML or JSON file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edi_engine.app.settings import Settings
from edi_engine.app.views import find_order
from edi_engine.app.workplace import opened
from edi_engine.erp.instruction import read_invoice_instruction, read_ship_instruction
from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.fulfil import ship_order
from edi_engine.flow.records import DocumentRecord, OrderRecord, ShipmentRecord
from edi_engine.orders.bill import InvoiceInstruction
from edi_engine.orders.ship import ShipInstruction
from edi_engine.text.yaml import Listing, Mapping, Node, Text, read_yaml


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act came to: the documents that wait to be sent, or the findings that kept it from being done.

    `shipments` are those that were recorded or billed; a partner that wants no 856 still has them.
    """

    documents: tuple[DocumentRecord, ...]
    findings: tuple[Finding, ...]
    shipments: tuple[ShipmentRecord, ...] = ()


def ship(settings: Settings, reference: str, instruction: Path | None) -> Acted:
    """Ship an order as the file says; without a file, all that is still to be shipped."""
    wanted: ShipInstruction | None = ShipInstruction()
    if instruction is not None:
        wanted, findings = read_ship_instruction(_plain(instruction))
        if wanted is None:
            return Acted((), findings)
    with opened(settings) as place:
        office = place.office()
        with office.ledger.reading() as unit:
            record = find_order(unit, reference)
        done = ship_order(office, record, wanted or ShipInstruction(), by_hand=True)
        _must_be_new(done.findings)
        _must_be_numbered(done.findings)
        return Acted(
            (done.document,) if done.document is not None else (),
            done.findings,
            (done.record,) if done.record is not None else (),
        )


def invoice(settings: Settings, reference: str, instruction: Path | None) -> Acted:
    """Bill the shipments of an order that are not billed yet, or the one that the file names."""
    wanted: InvoiceInstruction | None = InvoiceInstruction()
    if instruction is not None:
        wanted, findings = read_invoice_instruction(_plain(instruction))
        if wanted is None:
            return Acted((), findings)
    wanted = wanted or InvoiceInstruction()
    with opened(settings) as place:
        office = place.office()
        with office.ledger.reading() as unit:
            record = find_order(unit, reference)
            shipments = _to_bill(record, unit.shipments.select(order_id=record.id), wanted)
        documents: list[DocumentRecord] = []
        faults: list[Finding] = []
        billed: list[ShipmentRecord] = []
        for one in shipments:
            done = bill_shipment(office, one, wanted, by_hand=True)
            documents.extend([done.document] if done.document is not None else [])
            billed.extend([done.record] if done.record is not None else [])
            faults.extend(done.findings)
        _must_be_new(faults)
        return Acted(tuple(documents), tuple(faults), tuple(billed))


def _must_be_new(findings: Sequence[Finding]) -> None:
    """Refuse a number that was used before. Raises UsageError: the instruction is wrong, nothing of the order is."""
    used = [one for one in findings if one.code in {"order.shipment.number", "order.invoice.number"}]
    if used:
        message = f"{' '.join(one.message for one in used)} Give another one; without a number we choose it"
        raise UsageError(message)


def _must_be_numbered(findings: Sequence[Finding]) -> None:
    """Refuse cartons that nobody can number. Raises UsageError with the word that the partner file lacks."""
    for one in findings:
        if one.code == "order.fulfilment.prefix":
            message = f"{one.message} To do: {one.fix}"
            raise UsageError(message)


def _to_bill(
    record: OrderRecord, shipments: Sequence[ShipmentRecord], wanted: InvoiceInstruction
) -> Sequence[ShipmentRecord]:
    """Give the shipments to bill. Raises UsageError where there is none, or where one number is to bill several."""
    waiting = [one for one in shipments if one.invoice_number is None]
    if wanted.shipment is not None:
        named = next((one for one in shipments if one.number == wanted.shipment), None)
        if named is not None and named.invoice_number is not None:
            message = f"shipment {named.number} is invoiced already as {named.invoice_number}"
            raise UsageError(message)
        waiting = [one for one in waiting if one is named]
    if not waiting:
        what = f"no shipment {wanted.shipment}" if wanted.shipment is not None else "no shipment to bill"
        message = f"order {record.po_number} has {what}; `edi orders show order:{record.id}` shows its lines"
        raise UsageError(message)
    if wanted.number is not None and len(waiting) > 1:
        several = ", ".join(one.number for one in waiting)
        message = f"invoice {wanted.number} can bill one shipment only, and these wait: {several}; say which"
        raise UsageError(message)
    return waiting


def _plain(path: Path) -> Any:  # noqa: ANN401 (plain values of any shape; the reader of instructions types them)
    """Read a YAML or JSON file (JSON is YAML too) into plain values; every scalar is text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"{path} is no UTF-8 text: {error}"
        raise UsageError(message) from error
    return _value(read_yaml(text, path.name))


def _value(node: Node) -> Any:  # noqa: ANN401
    match node:
        case Text():
            return node.value or None
        case Listing():
            return [_value(item) for item in node.items]
        case Mapping():
            return {entry.key.value: _value(entry.value) for entry in node.entries}
