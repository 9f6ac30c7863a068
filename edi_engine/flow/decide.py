"""Step 6: gather the facts, ask the rules, and either answer the order or open its cases; all in one commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from edi_engine.erp.json import from_json
from edi_engine.finding import Finding
from edi_engine.flow.answer import Answered, draft_answer, post_answer
from edi_engine.flow.book import received_again, worth
from edi_engine.flow.cases import GONE, Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.documents import destination
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.reading import in_the_file
from edi_engine.flow.recall import recalled
from edi_engine.flow.records import OrderRecord
from edi_engine.flow.ruling import Judgement, judge_value
from edi_engine.orders.decide import money_held
from edi_engine.orders.decision import Ruling
from edi_engine.orders.order import PurchaseOrder


def rulings_of(record: OrderRecord) -> tuple[Ruling, ...]:
    """Give people's choices about an order."""
    return tuple(Ruling(**plain) for plain in json.loads(record.rulings_json))


def rulings_to_json(rulings: Sequence[Ruling]) -> str:
    """Write people's choices as JSON."""
    return json.dumps([{"kind": one.kind, "choice": one.choice, "line": one.line} for one in rulings])


def judge_order(office: Office, record: OrderRecord, rulings: Sequence[Ruling]) -> Judgement:
    """Ask the rules about a booked order; nothing is changed. Raises UsageError if its partner has no file any more."""
    partner = office.partner(record.partner)
    order = from_json(PurchaseOrder, record.body_json)
    with office.ledger.reading() as unit:
        waits = recalled(office, unit, record)
    return judge_value(office, order, partner, rulings, number=f"{record.id}", extra=waits)


def decide_order(office: Office, record: OrderRecord) -> OrderRecord:
    """Decide a booked order that is OPEN: it becomes ANSWERED with its documents, or HELD with its cases."""
    judged = judge_order(office, record, rulings_of(record))
    with office.ledger.unit("decide.decided") as unit:
        return apply_judgement(office, unit, record, judged, how=GONE)


def apply_judgement(office: Office, unit: Unit, record: OrderRecord, judged: Judgement, *, how: str) -> OrderRecord:
    """Carry a judgement out in the caller's commit. `how` is written on the cases that it closes.

    Raises Outrun if the order has moved on since it was judged: then the judgement is about what it no longer is.
    """
    total, values = worth(judged.order, judged.facts)
    record = unit.orders.change(record, total=total)
    for line in unit.lines.select(order_id=record.id):
        value = values.get(line.position, Decimal(0))
        if line.value != value:  # an item, and with it a case pack, has become known
            unit.lines.change(line, value=value)
    received = unit.sets.get(record.set_id)
    if received.state == "MAPPED":
        unit.sets.change(received, state="APPLIED")
    kinds: dict[str, list[Finding]] = {}
    if judged.decision.held:
        kinds = by_kind(_in_the_file(office, unit, record, judged))
    answered: Answered | None = None
    if not judged.decision.held:
        to = destination(office, unit, record.set_id)
        drafted = draft_answer(office, judged.order, judged.decision, to, record, judged.facts.items)
        if isinstance(drafted, Answered):
            answered = drafted
        else:
            kinds = by_kind(drafted)
    settle_cases(office, unit, f"order:{record.id}", keep=kinds, how=how)
    if answered is not None:
        return post_answer(office, unit, record, answered)
    return _hold(office, unit, record, judged, kinds)


def _in_the_file(office: Office, unit: Unit, record: OrderRecord, judged: Judgement) -> tuple[Finding, ...]:
    """Point what the rules found at the elements of the file that the order came in."""
    findings = judged.decision.all_findings()
    received = received_again(unit, unit.sets.get(record.set_id))
    return findings if received is None else in_the_file(office, findings, received, judged.partner)


def _hold(
    office: Office, unit: Unit, record: OrderRecord, judged: Judgement, kinds: dict[str, list[Finding]]
) -> OrderRecord:
    partner = judged.partner
    set_record = unit.sets.get(record.set_id)
    file_id = unit.interchanges.get(set_record.interchange_id).file_id
    for same in kinds.values():
        waiting = Waiting(
            f"order:{record.id}",
            "decide",
            record.at,
            partner=record.partner,
            po_number=record.po_number,
            order_id=record.id,
            file_id=file_id,
            money_held=held_value(judged, same),
            currency=record.currency,
            deadline=record.at + partner.clocks.answer,
        )
        open_case(office, unit, waiting, same)
    held = {verdict.position for verdict in judged.decision.lines if verdict.held}
    for line in unit.lines.select(order_id=record.id, state=("OPEN", "HELD")):
        wanted = "HELD" if not held or line.position in held else "OPEN"
        if line.state != wanted:
            unit.lines.change(line, state=wanted)
    return record if record.state == "HELD" else unit.orders.change(record, state="HELD")


def held_value(judged: Judgement, findings: Sequence[Finding]) -> Decimal:
    """Give the open value of the lines that one case holds; the whole order where it is about the heading."""
    lines = {finding.where.line for finding in findings}
    about = tuple(verdict for verdict in judged.decision.lines if None in lines or verdict.position in lines)
    return money_held(judged.order, judged.facts, about)
