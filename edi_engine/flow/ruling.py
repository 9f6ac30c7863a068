"""The order rules asked about an order, booked or not; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edi_engine.finding import Finding, Severity
from edi_engine.flow.books import Books
from edi_engine.orders.decide import decide
from edi_engine.orders.decision import Decision, Ruling
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.prices import with_prices
from edi_engine.partners.condition import describe_order, evaluate
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules make of a booked order, with all that they were given."""

    order: PurchaseOrder
    facts: Facts
    decision: Decision
    partner: Partner


def judge_value(
    books: Books,
    order: PurchaseOrder,
    partner: Partner,
    rulings: Sequence[Ruling],
    *,
    number: str,
    extra: tuple[Finding, ...] = (),
) -> Judgement:
    """Ask the rules about an order that need not be booked. `extra` is what else holds it."""
    facts = gather(order, partner, books.today(partner))
    decision = decide(order, facts, partner.policy, tuple(rulings), answer_number=number, extra=extra)
    known = describe_order(with_prices(order, facts.items, partner.policy), facts)
    if decision.held and known["order"]["total"] is None:
        # The order waits anyway, and its value is unknown for the same cause: the rules ask again when that is settled.
        return Judgement(order, facts, decision, partner)
    ruled = tuple(
        Finding(
            "order.hold.rule",
            Severity.HOLD,
            f"{partner.title}'s rule holds this order: {rule.reason}.",
            on_order("po_number"),
            source=rule.source,
            fix="look at the order; accept it as it is, or reject it",
        )
        for rule in partner.policy.holds
        if evaluate(rule, known)
    )
    if ruled:
        decision = decide(order, facts, partner.policy, tuple(rulings), answer_number=number, extra=(*extra, *ruled))
    return Judgement(order, facts, decision, partner)
