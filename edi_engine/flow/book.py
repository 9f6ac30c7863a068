"""Step 5: read a checked set into a neutral order and book it once under its identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import GONE, Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.office import Books, Office
from edi_engine.flow.placing import names_a_field, placed
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import LineRecord, OrderRecord, SetRecord
from edi_engine.flow.wording import a_or_an, counted
from edi_engine.mapping.language import ReadingMap
from edi_engine.mapping.read import Reading, read
from edi_engine.orders.decide import money_held
from edi_engine.orders.decision import LineVerdict
from edi_engine.orders.facts import EarlierOrder, Facts
from edi_engine.orders.money import extended, half_up
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.rules import duplicate, purpose
from edi_engine.partners.condition import describe_order
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner
from edi_engine.x12.envelope import read_header
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters, Loop, SetOutline


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
    chosen = _map(books, received, partner)
    tree = _tree(books, received)
    if chosen is None or tree is None:
        return None, None
    version = books.dictionary.resolve(received.version) or ""
    tables = partner.tables if partner else {}
    return read(chosen, tree, received.delimiters, version, tables, received.where), chosen


def _map(books: Books, received: Received, partner: Partner | None) -> ReadingMap | None:
    maps = books.reading_maps(received.outline.set_id, partner)
    return next((each for each in maps if each.makes == "order"), None)


def _tree(books: Books, received: Received) -> Loop | None:
    standard = books.dictionary.set(books.dictionary.resolve(received.version) or "", received.outline.set_id)
    return None if standard is None else parse(received.text, received.delimiters, standard, received.outline)


def in_the_file(
    books: Books, findings: Sequence[Finding], received: Received, partner: Partner | None
) -> tuple[Finding, ...]:
    """Point findings of the rules at the elements that their fields were read from."""
    if not names_a_field(findings):
        return tuple(findings)
    chosen, tree = _map(books, received, partner), _tree(books, received)
    if chosen is None or tree is None:
        return tuple(findings)
    return placed(findings, tree, received.delimiters, chosen, received.where)


def received_again(unit: Unit, record: SetRecord) -> Received | None:
    """Give a stored set once more, as it stands in its file; None where its ISA cannot be read."""
    interchange = unit.interchanges.get(record.interchange_id)
    if interchange.file_id is None:
        return None
    file = unit.files.get(interchange.file_id)
    data = unit.blobs.get(file.sha256 or "")
    header = read_header(data, interchange.start, 1)
    if isinstance(header, Finding):
        return None
    group = unit.groups.get(record.group_id)
    found = SetOutline(
        record.ordinal, record.set_id, record.control, record.start, record.end, record.number, record.segments
    )
    where = Position(
        file=file.name,
        interchange=interchange.control,
        group=group.control,
        set_control=record.control,
        set_id=record.set_id,
    )
    text = data[record.start : record.end].decode("latin-1")
    return Received(text, found, header.delimiters, group.version, where)


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
    reading, _ = read_order(office, received, partner)
    if reading is None:
        return hold(office, unit, judged, waiting, [no_map(received, partner)])
    order, waiting = reading.order, replace(waiting, step="map")
    if order is None or by_kind(reading.findings):
        return hold(office, unit, judged, of_order(office, waiting, order, partner, live=live), reading.findings)
    release = order.release or ""
    earlier = unit.orders.one(partner=partner.name, live=live, po_number=order.po_number, release=release, again=0)
    if earlier is not None:
        return _again(office, unit, judged, replace(waiting, order_id=earlier.id), received, partner, order, earlier)
    total, values = worth(order, gather(order, partner, today(office, partner), None, live=live))
    booked = unit.orders.add(
        OrderRecord(
            partner=partner.name,
            live=live,
            po_number=order.po_number,
            set_id=judged.id,
            body_json=to_json(order),
            at=office.clock.now(),
            release=release,
            total=total,
            currency=order.currency or partner.policy.currency,
            edition=office.edition.name,
        )
    )
    for line in order.lines:
        unit.lines.add(_line(booked, line, values.get(line.position, Decimal(0))))
    office.note(
        unit,
        "order booked",
        f"order:{booked.id}",
        f"{'live' if live else 'test'} order {order.po_number} with {counted(len(order.lines), 'line')}",
        order_id=booked.id,
        partner=partner.name,
    )
    return unit.sets.change(judged, state="MAPPED", order_id=booked.id)


def worth(order: PurchaseOrder, facts: Facts) -> tuple[Decimal | None, dict[int, Decimal]]:
    """Give what an order comes to at its own prices (None where that cannot be known), and its lines by position."""
    values: dict[int, Decimal] = {}
    for line in order.lines:
        fact = facts.items.get(line.position)
        if line.unit_price is not None and line.quantity is not None:
            case_pack = None if fact is None else fact.case_pack
            value = extended(line.unit_price, line.quantity, line.unit, line.price_basis, case_pack)
            if value is not None:
                values[line.position] = half_up(value)
    total: Decimal | None = describe_order(order, facts)["order"]["total"]
    return total, values


def _line(booked: OrderRecord, line: OrderLine, value: Decimal) -> LineRecord:
    return LineRecord(
        order_id=booked.id,
        position=line.position,
        number=line.number,
        item=line.item or line.buyer_item or line.vendor_item or line.gtin,
        ordered=line.quantity if line.quantity is not None else Decimal(0),
        unit=line.unit,
        value=value,
    )


def of_order(office: Office, waiting: Waiting, order: PurchaseOrder | None, partner: Partner, *, live: bool) -> Waiting:
    """Say of a set that waits which order it is, what all its lines are worth, and until when our answer is due."""
    if order is None:
        return replace(waiting, deadline=waiting.received_at + partner.clocks.answer)
    facts = gather(order, partner, today(office, partner), None, live=live)
    lines = (LineVerdict(line.position, ()) for line in order.lines)
    return replace(
        waiting,
        po_number=order.po_number,
        money_held=money_held(order, facts, lines),
        currency=order.currency or partner.policy.currency,
        deadline=waiting.received_at + partner.clocks.answer,
    )


def today(books: Books, partner: Partner) -> date:
    """Give the partner's day."""
    return books.clock.now().astimezone(ZoneInfo(partner.clocks.zone)).date()


def _again(
    office: Office,
    unit: Unit,
    judged: SetRecord,
    waiting: Waiting,
    received: Received,
    partner: Partner,
    order: PurchaseOrder,
    earlier: OrderRecord,
) -> SetRecord:
    """Link an identical repetition to the booked order; hold one with other content."""
    came = earlier.at.astimezone(ZoneInfo(partner.clocks.zone)).date()
    known = EarlierOrder(from_json(PurchaseOrder, earlier.body_json), came, earlier.state)
    facts = gather(order, partner, today(office, partner), known, live=earlier.live)
    found = purpose.check(order, facts, partner.policy)
    if not by_kind(found) or order.purpose == "duplicate":
        found = duplicate.check(order, facts, partner.policy)
    if by_kind(found):
        waiting = of_order(office, waiting, order, partner, live=earlier.live)
        if earlier.state != "CANCELLED":  # the booked order goes on whatever becomes of its copy: no money waits
            waiting = replace(waiting, money_held=None)
        return hold(office, unit, judged, waiting, in_the_file(office, found, received, partner))
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


def no_map(received: Received, partner: Partner) -> Finding:
    """Say that a sound set waits for a person, because no map of its partner reads it."""
    set_id = received.outline.set_id
    return Finding(
        "mapping.missing.set",
        Severity.HOLD,
        f"{partner.title} sent {a_or_an(set_id)}; it is sound, but no map of theirs reads it.",
        received.where,
        seen=set_id,
        fix=f"read it with `edi show`, do what it asks and dismiss the case; or add a map for it to {partner.source}",
    )


def hold(office: Office, unit: Unit, judged: SetRecord, waiting: Waiting, findings: Sequence[Finding]) -> SetRecord:
    """Hold a set, with a case for each kind of finding that stops it; its cases of other kinds are settled."""
    kinds = by_kind(findings)
    for same in kinds.values():
        open_case(office, unit, waiting, same)
    settle_cases(office, unit, waiting.subject, keep=kinds, how=GONE)
    return unit.sets.change(judged, state="HELD")
