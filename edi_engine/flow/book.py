"""Step 5: read a checked set into a neutral order and book it once under its identity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, by_kind, open_case
from edi_engine.flow.office import Books, Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import LineRecord, OrderRecord, SetRecord
from edi_engine.mapping.language import ReadingMap
from edi_engine.mapping.read import Reading, read
from edi_engine.orders.facts import EarlierOrder
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.rules import duplicate, purpose
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters, SetOutline

_FIELD = re.compile(r"(order|line)\.[a-z_]+")


@dataclass(frozen=True, slots=True)
class Received:
    """One set as it stands in its file: text (one character a byte), outline, delimiters, GS08, its shared place."""

    text: str
    outline: SetOutline
    delimiters: Delimiters
    version: str
    where: Position


def read_order(books: Books, received: Received, partner: Partner | None) -> tuple[Reading | None, ReadingMap | None]:
    """Read a set by the partner's map, or the base map where no partner is known; None where no map makes orders."""
    maps = books.reading_maps(received.outline.set_id, partner)
    chosen = next((each for each in maps if each.makes == "order"), None)
    version = books.dictionary.resolve(received.version) or ""
    standard = books.dictionary.set(version, received.outline.set_id)
    if chosen is None or standard is None:
        return None, None
    tree = parse(received.text, received.delimiters, standard, received.outline)
    tables = partner.tables if partner else {}
    return read(chosen, tree, received.delimiters, version, tables, received.where), chosen


def book(
    office: Office,
    unit: Unit,
    judged: SetRecord,
    received: Received,
    partner: Partner,
    waiting: Waiting,
    *,
    live: bool,
) -> SetRecord:
    """Book the order of an accepted set in the caller's commit, or hold the set with a case that says why."""
    reading, chosen = read_order(office, received, partner)
    if reading is None or chosen is None:
        return _hold(office, unit, judged, waiting, [_no_map(received, partner)])
    if by_kind(reading.findings) or reading.order is None:
        return _hold(office, unit, judged, waiting, reading.findings)
    order = reading.order
    release = order.release or ""
    earlier = unit.orders.one(partner=partner.name, live=live, po_number=order.po_number, release=release, again=0)
    if earlier is not None:
        return _again(office, unit, judged, waiting, partner, order, earlier)
    booked = unit.orders.add(
        OrderRecord(
            partner=partner.name,
            live=live,
            po_number=order.po_number,
            set_id=judged.id,
            body_json=to_json(order),
            at=office.clock.now(),
            release=release,
            currency=order.currency or partner.policy.currency,
            edition=office.edition.name,
        )
    )
    for line in order.lines:
        unit.lines.add(_line(booked, line))
    office.note(
        unit,
        "order booked",
        f"order:{booked.id}",
        f"{'live' if live else 'test'} order {order.po_number} with {len(order.lines)} lines",
        order_id=booked.id,
        partner=partner.name,
    )
    return unit.sets.change(judged, state="MAPPED", order_id=booked.id)


def _line(booked: OrderRecord, line: OrderLine) -> LineRecord:
    return LineRecord(
        order_id=booked.id,
        position=line.position,
        number=line.number,
        item=line.item or line.buyer_item or line.vendor_item or line.gtin,
        ordered=line.quantity if line.quantity is not None else Decimal(0),
        unit=line.unit,
    )


def _again(
    office: Office,
    unit: Unit,
    judged: SetRecord,
    waiting: Waiting,
    partner: Partner,
    order: PurchaseOrder,
    earlier: OrderRecord,
) -> SetRecord:
    """Link an identical repetition to the booked order; hold one with other content."""
    known = EarlierOrder(from_json(PurchaseOrder, earlier.body_json), earlier.at.date(), earlier.state)
    facts = gather(order, partner, office.clock.now().date(), known, live=earlier.live)
    found = purpose.check(order, facts, partner.policy)
    if not by_kind(found) or order.purpose == "duplicate":
        found = duplicate.check(order, facts, partner.policy)
    if by_kind(found):
        held = Waiting(
            waiting.subject,
            "map",
            waiting.received_at,
            partner=partner.name,
            po_number=order.po_number,
            order_id=earlier.id,
            file_id=waiting.file_id,
        )
        return _hold(office, unit, judged, held, found)
    office.note(
        unit,
        "order repeated",
        f"set:{judged.id}",
        found[0].message if found else f"order {order.po_number} came again",
        order_id=earlier.id,
        partner=partner.name,
    )
    mapped = unit.sets.change(judged, state="MAPPED", order_id=earlier.id)
    return unit.sets.change(mapped, state="APPLIED")


def _no_map(received: Received, partner: Partner) -> Finding:
    set_id = received.outline.set_id
    return Finding(
        "mapping.missing.set",
        Severity.HOLD,
        f"{partner.title} sent a {set_id}; it is sound, but no map of theirs reads it.",
        received.where,
        seen=set_id,
        fix=f"read it with `edi show`, do what it asks and dismiss the case; or add a map for it to {partner.source}",
    )


def _hold(office: Office, unit: Unit, judged: SetRecord, waiting: Waiting, findings: Sequence[Finding]) -> SetRecord:
    for same in by_kind(findings).values():
        open_case(office, unit, waiting, same)
    return unit.sets.change(judged, state="HELD")


def placed(findings: Sequence[Finding], received: Received, chosen: ReadingMap) -> tuple[Finding, ...]:
    """Lead findings that name a field of ours (`line.unit_price`) back to the element that the map read it from."""
    version = received.version[:6]
    return tuple(_placed(finding, received, chosen, version) for finding in findings)


def _placed(finding: Finding, received: Received, chosen: ReadingMap, version: str) -> Finding:
    if finding.where.path is None or not _FIELD.fullmatch(finding.where.path):
        return finding
    del version, chosen
    where = received.where
    return finding.at(
        file=where.file,
        interchange=where.interchange,
        group=where.group,
        set_control=where.set_control,
        set_id=where.set_id,
    )
