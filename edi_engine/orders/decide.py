"""Decide: what we answer to an order, line by line, from the order, the facts, the policy and people's rulings. Pure.

Rules run in three steps. Is it an order that we serve at all (whatever its purpose)? If not, that is the one
finding. Then every other rule, each on its own, so that a person sees everything at once. Then stock, which depends on
what is left to promise after the rulings. A finding that a ruling settles stays, as a NOTE that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Severity, stops
from edi_engine.orders import stores
from edi_engine.orders.decision import (
    ACCEPT_THEIRS,
    KEEP_OURS,
    Answer,
    AnswerLine,
    Decision,
    LineAnswer,
    LineVerdict,
    Ruling,
)
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import extended, half_up
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.packs import packed
from edi_engine.orders.policy import Policy
from edi_engine.orders.prices import with_prices
from edi_engine.orders.promise import Promise, answers_to, as_ordered, summed
from edi_engine.orders.rules import IN_TURN, dates, destinations, price, purpose, stock
from edi_engine.orders.rulings import carry_out, chosen
from edi_engine.orders.schedules import parts_of

SERVED: Final = (purpose.check, destinations.served)


def decide(
    order: PurchaseOrder,
    facts: Facts,
    policy: Policy,
    rulings: tuple[Ruling, ...] = (),
    *,
    answer_number: str | None = None,
    extra: tuple[Finding, ...] = (),
) -> Decision:
    """Judge an order. `extra` are findings of other rooms (typed holds); one with `where.line` belongs to that line.

    The decision's answer is None while any finding holds the order or one of its lines; lines that are not held have
    their answers all the same. `answer_number` and today's date become the answer's.
    """
    facts = replace(facts, items=packed(facts.items, order, policy))
    order = with_prices(order, facts.items, policy)
    found = next((found for check in SERVED if (found := check(order, facts, policy))), ())
    served = all(chosen(finding, rulings) == ACCEPT_THEIRS for finding in found)
    if served:
        found += tuple(finding for rule in IN_TURN for finding in rule.check(order, facts, policy)) + extra
    heading, by_line = _sorted(order, found)
    choices = [(finding, chosen(finding, rulings)) for finding in heading]
    settled = tuple(_settled(finding, choice) for finding, choice in choices)
    if not served and stops(settled):
        return Decision(lines=_waiting(order), findings=settled)
    carried = [(finding, choice) for finding, choice in choices if choice is not None and _holds(finding)]
    verdicts = _verdicts(order, facts, policy, rulings, carried, by_line)
    answer = None
    if not stops(settled) and not any(verdict.held for verdict in verdicts):
        answer = _answer(order, facts, verdicts, answer_number)
    return Decision(lines=verdicts, findings=settled, answer=answer)


def answer_in_part(
    order: PurchaseOrder, facts: Facts, policy: Policy, decision: Decision, lines: Collection[int]
) -> Answer | None:
    """Give what a held order would be answered on some of its lines, by position; None where all of them wait.

    It is never sent: it shows whether a partner's map can say what those lines come to.
    """
    known = {verdict.position for verdict in decision.lines if verdict.answers} & set(lines)
    if not known:
        return None
    facts = replace(facts, items=packed(facts.items, order, policy))
    priced = with_prices(order, facts.items, policy)
    part = replace(priced, lines=tuple(line for line in priced.lines if line.position in known))
    return _answer(part, facts, tuple(one for one in decision.lines if one.position in known), None)


def money_held(order: PurchaseOrder, facts: Facts, verdicts: Iterable[LineVerdict]) -> Decimal:
    """Give the value, in cents, of the lines that `verdicts` speak of, at their price and basis.

    Hand in the verdicts of the lines that wait; all of them where the heading is held. A line without a usable price
    counts at ours. This figure sorts a queue; nothing is billed by it.
    """
    waiting = {verdict.position for verdict in verdicts}
    lines = (line for line in order.lines if line.position in waiting)
    return half_up(sum((max(_value(line, facts), Fraction(0)) for line in lines), Fraction(0)))


def _value(line: OrderLine, facts: Facts) -> Fraction:
    fact = facts.items.get(line.position)
    case_pack = None if fact is None else fact.case_pack
    if line.quantity is None or line.quantity <= 0:
        return Fraction(0)
    if line.unit_price is not None:
        theirs = extended(line.unit_price, line.quantity, line.unit, line.price_basis, case_pack)
        if theirs is not None:
            return theirs
    if fact is not None:
        ours = None if fact.price is None else price.our_price(replace(line, price_basis=None), fact)
        if ours is not None:
            return ours * Fraction(line.quantity)
    return Fraction(line.unit_price or 0) * Fraction(line.quantity)


def _holds(finding: Finding) -> bool:
    return finding.severity >= Severity.HOLD


def _settled(finding: Finding, choice: str | None) -> Finding:
    """Give a finding that a ruling settles as a NOTE that says so; any other one as it is."""
    if choice is None or not _holds(finding):
        return finding
    return replace(finding, severity=Severity.NOTE, message=f"{finding.message} Decided: {choice}.", fix=None)


def _sorted(order: PurchaseOrder, findings: Iterable[Finding]) -> tuple[list[Finding], dict[int, list[Finding]]]:
    """Part the findings of the heading from those of lines; one of a line that is not there is the heading's."""
    heading: list[Finding] = []
    by_line: dict[int, list[Finding]] = {line.position: [] for line in order.lines}
    for finding in findings:
        line = finding.where.line
        (heading if line is None else by_line.get(line, heading)).append(finding)
    return heading, by_line


def _waiting(order: PurchaseOrder) -> tuple[LineVerdict, ...]:
    return tuple(LineVerdict(line.position, ()) for line in order.lines)


def _verdicts(
    order: PurchaseOrder,
    facts: Facts,
    policy: Policy,
    rulings: tuple[Ruling, ...],
    carried: list[tuple[Finding, str]],
    by_line: dict[int, list[Finding]],
) -> tuple[LineVerdict, ...]:
    """Judge each line; stock is shared out among those that nothing else holds."""
    left: dict[str, Fraction] = {}
    verdicts: list[LineVerdict] = []
    for line in order.lines:
        promise = as_ordered(line)
        for finding, choice in carried:
            promise = carry_out(promise, finding, choice, dates.dated(line, order), facts, policy)
        findings: list[Finding] = []
        for finding in by_line[line.position]:
            made = chosen(finding, rulings) if _holds(finding) else None
            findings.append(_settled(finding, made))
            if made is not None:
                promise = carry_out(promise, finding, made, dates.dated(line, order), facts, policy)
        if not stops(findings) and promise.refused is None:
            promise = _shared_out(promise, line, facts)
            wanted = promise.allotments
            promise, short = _stocked(promise, line, facts, policy, rulings, left)
            findings.extend(short)
            promise = _shared_out(promise, line, facts)
            if promise.backordered:
                promise = replace(promise, backorders=stores.rest(wanted, promise.allotments))
        promise = replace(promise, parts=parts_of(line, facts.items.get(line.position)))
        answers = () if stops(findings) else answers_to(line, promise)
        shared = (promise.allotments, promise.backorders) if answers and promise.refused is None else ()
        verdicts.append(LineVerdict(line.position, answers, tuple(findings), *shared))
    return tuple(verdicts)


def _stocked(
    promise: Promise,
    line: OrderLine,
    facts: Facts,
    policy: Policy,
    rulings: tuple[Ruling, ...],
    left: dict[str, Fraction],
) -> tuple[Promise, tuple[Finding, ...]]:
    """Take the promise's stock from what is `left` of its item, and cut the promise where there is too little."""
    fact = facts.items.get(line.position)
    if fact is None or fact.stock is None:
        return promise, ()
    there = left.setdefault(fact.item, max(Fraction(fact.stock), Fraction(0)))
    short = stock.check(line, promise, fact, there, policy)
    found: tuple[Finding, ...] = ()
    if short is not None:
        choice = chosen(short, rulings) if _holds(short) else None
        if choice is not None and choice != KEEP_OURS:
            promise = carry_out(promise, short, choice, line, facts, policy)
        elif choice == KEEP_OURS or not _holds(short):
            whole = stock.available(line, promise, fact, there, policy)
            promise = stock.cut(promise, whole, backorder=policy.short_stock == "backorder")
        found = (_settled(short, choice),)
    if promise.refused is None and not stops(found):
        left[fact.item] = max(there - stock.taken(line, promise, fact), Fraction(0))
    return promise, found


def _shared_out(promise: Promise, line: OrderLine, facts: Facts) -> Promise:
    """Say which store gets what of the promise."""
    if not line.destinations:
        return promise
    allotments = stores.allot(line, promise.quantity, facts.items.get(line.position), whole=promise.whole)
    given = stores.total(allotments)
    reason = promise.reason if given == promise.quantity else promise.reason or destinations.REASON
    return replace(promise, quantity=given, allotments=allotments, reason=reason)


def _answer(order: PurchaseOrder, facts: Facts, verdicts: tuple[LineVerdict, ...], number: str | None) -> Answer:
    lines = tuple(
        AnswerLine(
            line,
            summed(verdict.answers),
            verdict.answers,
            _price(line, verdict.answers),
            verdict.allotments,
            verdict.backorders,
        )
        for line, verdict in zip(order.lines, verdicts, strict=True)
    )
    statuses = {line.status for line in lines}
    verdict = {frozenset({"accepted"}): "accepted", frozenset({"rejected"}): "rejected"}.get(frozenset(statuses))
    reasons = {reason for line in lines for reason in _reasons(line.answers)}
    return Answer(
        order=order,
        answer=verdict or "changed",
        lines=lines,
        number=number,
        date=facts.today,
        reason=reasons.pop() if verdict == "rejected" and len(reasons) == 1 else None,
    )


def _price(line: OrderLine, answers: tuple[LineAnswer, ...]) -> Decimal | None:
    """Give the price that the answer stands for: ours where one of its parts says so, else the ordered one."""
    return next((answer.unit_price for answer in answers if answer.unit_price is not None), line.unit_price)


def _reasons(answers: tuple[LineAnswer, ...]) -> tuple[str, ...]:
    return tuple(answer.reason for answer in answers if answer.reason is not None)
