"""What shipping and billing share: what came of it, the documents they put out, and the cases where they stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.erp.json import from_json
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import draft
from edi_engine.flow.cases import Waiting, by_kind, open_case
from edi_engine.flow.documents import Draft, Source, destination, post
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord, ShipmentRecord
from edi_engine.flow.ruling import today
from edi_engine.flow.wording import a_or_an
from edi_engine.orders.decide import money_held
from edi_engine.orders.decision import Answer, LineVerdict
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.lifecycle import order_state
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.packs import packed
from edi_engine.orders.shipment import Shipment
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner

_WAITING: Final = {"ship": ("ANSWERED", "PART_SHIPPED"), "bill": ("PART_SHIPPED", "SHIPPED")}
"""The lines that wait for each step."""


class Unfit(Exception):
    """A document may not be sent; the commit that would have numbered it is undone."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep why."""
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What a shipment or invoice came to: its document (None where the partner wants none), or why there is none."""

    record: ShipmentRecord | None
    document: DocumentRecord | None
    findings: tuple[Finding, ...] = ()


def items_of(office: Office, record: OrderRecord, partner: Partner, answer: Answer) -> dict[int, ItemFact]:
    """Give our facts about what was answered, by position, as billing and packing need them."""
    items = gather(answer.order, partner, today(office, partner), None, live=record.live).items
    return dict(packed(items, answer.order, partner.policy))


def put_out(
    office: Office,
    unit: Unit,
    record: OrderRecord,
    set_id: str,
    value: Shipment | Invoice,
    answer: Answer,
    stored: ShipmentRecord,
) -> DocumentRecord | None:
    """Write a document by the partner's map and put it into the outbox; None if they want none. Raises Unfit."""
    made = draft(office, set_id, value, answer.order, destination(office, unit, record.set_id))
    if isinstance(made, Draft):
        source = Source(f"shipment:{stored.id}", order_id=record.id, shipment_id=stored.id)
        return post(office, unit, made, source)
    if made:
        raise Unfit(made)
    return None


def derive(unit: Unit, record: OrderRecord) -> None:
    """Bring the order's state in line with those of its lines."""
    current = unit.orders.get(record.id)
    state = order_state(line.state for line in unit.lines.select(order_id=record.id))
    if state != current.state:
        unit.orders.change(current, state=state)


def taken(code: str, what: str, number: str) -> Finding:
    """Say that a number of ours stands on an earlier document."""
    return Finding(
        code,
        Severity.HOLD,
        f"The {what} number {number} was used before; the partner would take this for the same {what}.",
        seen=number,
        wanted="a number of its own",
        fix="correct the instruction and give it again; without a number we choose one",
    )


def not_now(record: OrderRecord, what: str, why: str) -> Finding:
    """Say why an order cannot be shipped or billed now."""
    return Finding(
        "order.state",
        Severity.HOLD,
        f"Order {record.po_number} cannot be {what}: {why}.",
        seen=record.state,
        fix=f"see `edi orders show {record.id}`",
    )


def no_map(partner: Partner, record: OrderRecord, set_id: str) -> Finding:
    """Say that nothing may be recorded that the partner would never hear of."""
    what = "shipped" if set_id == "856" else "invoiced"
    return Finding(
        "order.fulfilment.map",
        Severity.HOLD,
        f"Order {record.po_number} cannot be {what}: {partner.title} has no map that writes {a_or_an(set_id)} for it.",
        seen=f"no {set_id}",
        wanted=f"a map under maps: {set_id}:",
        source=partner.source,
        fix=f"add {a_or_an(set_id)} map to {partner.source} and try again; or do it outside of this program",
    )


def unfit(office: Office, record: OrderRecord, step: str, findings: tuple[Finding, ...], *, by_hand: bool) -> Fulfilled:
    """Give what stops a step; where it went by itself, open a case for it."""
    if by_hand:
        return Fulfilled(None, None, findings)
    partner = office.partner(record.partner)
    order = from_json(PurchaseOrder, record.body_json)
    facts = gather(order, partner, today(office, partner), None, live=record.live)
    with office.ledger.unit("fulfil.held") as unit:
        open_lines = unit.lines.select(order_id=record.id, state=_WAITING[step])
        received = unit.sets.get(record.set_id)
        waiting = Waiting(
            f"{step}:{record.id}",
            step,
            record.at,
            partner=record.partner,
            po_number=record.po_number,
            order_id=record.id,
            file_id=unit.interchanges.get(received.interchange_id).file_id,
            money_held=money_held(order, facts, (LineVerdict(line.position, ()) for line in open_lines)),
            currency=record.currency,
            deadline=record.at + partner.clocks.answer,
        )
        for same in by_kind(findings).values():
            open_case(office, unit, waiting, same)
    return Fulfilled(None, None, findings)
