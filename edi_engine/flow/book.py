"""Step 5: read a checked set into a neutral order and book it once under its identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from edi_engine.erp.json import from_json, to_json
from edi_engine.finding import Finding, Position
from edi_engine.flow.calloff import call_off
from edi_engine.flow.cases import GONE, Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.reading import in_the_file, no_map, read_order
from edi_engine.flow.receive import text_of
from edi_engine.flow.received import Received
from edi_engine.flow.records import LineRecord, OrderRecord, SetRecord
from edi_engine.flow.wording import counted
from edi_engine.orders.decide import money_held
from edi_engine.orders.decision import Answer, LineVerdict
from edi_engine.orders.facts import EarlierOrder, Facts
from edi_engine.orders.money import extended, half_up
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.purpose import Consideration, consider, recall
from edi_engine.partners.condition import describe_order
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner
from edi_engine.x12.envelope import read_header
from edi_engine.x12.values import SetOutline


def received_again(unit: Unit, record: SetRecord) -> Received | None:
    """Give a stored set once more, as it stands in its file; None where its ISA cannot be read."""
    interchange = unit.interchanges.get(record.interchange_id)
    if interchange.file_id is None:
        return None
    file = unit.files.get(interchange.file_id)
    data = text_of(unit, file)
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
        waiting = of_order(office, waiting, order, partner)
        return hold(office, unit, judged, naming(unit, waiting, order, partner, live=live), reading.findings)
    same = same_number(unit, partner, order, live=live)
    earlier = standing(same)
    asked = consider(order, _known(unit, partner, earlier), partner.policy)
    if asked.action not in {"book", "replace"}:
        there = of_order(office, waiting, order, partner)
        return _not_new(office, unit, judged, there, received, partner, asked, earlier)
    order = asked.order
    if asked.action == "replace" and earlier is not None:
        call_off(office, unit, earlier, judged, "the partner sent another order in its place")
    total, values = worth(order, gather(order, partner, office.today(partner)))
    booked = unit.orders.add(
        OrderRecord(
            partner=partner.name,
            live=live,
            po_number=order.po_number,
            set_id=judged.id,
            body_json=to_json(order),
            at=office.clock.now(),
            release=order.release or "",
            again=len(same),
            replaces=earlier.id if asked.action == "replace" and earlier is not None else None,
            total=total,
            currency=order.currency or partner.policy.currency,
            edition=office.edition.name,
        )
    )
    unit.lines.add_all(_line(booked, line, values.get(line.position, Decimal(0))) for line in order.lines)
    office.note(
        unit,
        "order booked",
        f"order:{booked.id}",
        f"{'live' if live else 'test'} order {order.po_number} with {counted(len(order.lines), 'line')}"
        + ("" if booked.replaces is None else f", in the place of order {booked.replaces}"),
        order_id=booked.id,
        partner=partner.name,
    )
    return unit.sets.change(judged, state="MAPPED", order_id=booked.id)


def worth(order: PurchaseOrder, facts: Facts) -> tuple[Decimal | None, dict[int, Decimal]]:
    """Give what an order comes to at its own prices (None where that is unknown), and each line by position."""
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


def of_order(office: Office, waiting: Waiting, order: PurchaseOrder | None, partner: Partner) -> Waiting:
    """Say of a set that waits which order it is, what all its lines are worth, and until when our answer is due."""
    if order is None:
        return replace(waiting, deadline=waiting.received_at + partner.clocks.answer)
    facts = gather(order, partner, office.today(partner))
    lines = (LineVerdict(line.position, ()) for line in order.lines)
    return replace(
        waiting,
        po_number=order.po_number,
        money_held=money_held(order, facts, lines),
        currency=order.currency or partner.policy.currency,
        deadline=waiting.received_at + partner.clocks.answer,
    )


def naming(unit: Unit, waiting: Waiting, order: PurchaseOrder | None, partner: Partner, *, live: bool) -> Waiting:
    """Say of a cancel or replacement that waits which booked order it is about."""
    if order is None or recall(order, partner.policy) is None:
        return waiting
    booked = standing(same_number(unit, partner, order, live=live))
    return waiting if booked is None else replace(waiting, order_id=booked.id)


def same_number(unit: Unit, partner: Partner, order: PurchaseOrder, *, live: bool) -> Sequence[OrderRecord]:
    """Give the orders that were booked under an order's number and release, the first one first.

    Live and test orders are two worlds: neither ever repeats, cancels or replaces one of the other.
    """
    release = order.release or ""
    return unit.orders.select(partner=partner.name, live=live, po_number=order.po_number, release=release)


def standing(orders: Sequence[OrderRecord]) -> OrderRecord | None:
    """Give the one of them that counts: the newest that is not called off, else the newest; None of none."""
    counting = [one for one in orders if one.state != "CANCELLED"]
    return next(iter(reversed(counting or orders)), None)


def _known(unit: Unit, partner: Partner, earlier: OrderRecord | None) -> EarlierOrder | None:
    """Give what the rules may know of the order that is booked under the same number."""
    if earlier is None:
        return None
    came = partner.local(earlier.at).date()
    shipped = any(line.shipped for line in unit.lines.select(order_id=earlier.id))
    refused = earlier.answer_json is not None and from_json(Answer, earlier.answer_json).answer == "rejected"
    state = "REJECTED" if refused else earlier.state
    return EarlierOrder(from_json(PurchaseOrder, earlier.body_json), came, state, shipped)


def _not_new(
    office: Office,
    unit: Unit,
    judged: SetRecord,
    waiting: Waiting,
    received: Received,
    partner: Partner,
    asked: Consideration,
    earlier: OrderRecord | None,
) -> SetRecord:
    """Do what an order asks for that is not booked: link it, file it, call the booked one off, or let a person look."""
    findings, order_id = asked.findings, None if earlier is None else earlier.id
    if asked.action == "hold":
        held = replace(waiting, order_id=order_id)
        if earlier is not None and earlier.state != "CANCELLED":
            held = replace(held, money_held=None)  # the booked order goes on whatever becomes of its copy
        return hold(office, unit, judged, held, in_the_file(office, findings, received, partner))
    if asked.action == "cancel" and earlier is not None:
        call_off(office, unit, earlier, judged, "the partner cancelled the order")
    number = asked.order.po_number
    said = findings[0].message if findings else f"order {number}: {asked.action}"
    office.note(unit, f"order {_DONE[asked.action]}", f"set:{judged.id}", said, order_id=order_id, partner=partner.name)
    mapped = unit.sets.change(judged, state="MAPPED", order_id=order_id)
    return unit.sets.change(mapped, state="APPLIED")


_DONE = {"link": "repeated", "file": "filed", "cancel": "called off"}


def hold(office: Office, unit: Unit, judged: SetRecord, waiting: Waiting, findings: Sequence[Finding]) -> SetRecord:
    """Hold a set, with a case for each kind of finding that stops it; its cases of other kinds are settled."""
    kinds = by_kind(findings)
    for same in kinds.values():
        open_case(office, unit, waiting, same)
    settle_cases(office, unit, waiting.subject, keep=kinds, how=GONE)
    return unit.sets.change(judged, state="HELD")
