"""Bill: the invoice for a shipment, with a total that its own lines, allowances and charges add up to.

Billed is what was shipped, at the price that we answered: ours where we changed it, else theirs. What the total is made
of is said in `recount`, and an invoice whose total does not pass it is never given out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.orders.charges import CHARGE, heading_charges, line_charges, net_of
from edi_engine.orders.decision import Answer, AnswerLine
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.invoice import Invoice, InvoiceLine
from edi_engine.orders.money import extended, half_up, plain, price_of, rounded, sum_of
from edi_engine.orders.order import OrderLine, PurchaseOrder, Terms
from edi_engine.orders.packs import packed
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import HALF_UP_TOTAL, Policy
from edi_engine.orders.shipment import Shipment
from edi_engine.orders.terms import TermDays, absurd, discount_of, resolve, said
from edi_engine.orders.units import convert, exact


@dataclass(frozen=True, slots=True)
class InvoiceInstruction:
    """What a person says about one invoice; all of it may be left to us. `shipment` is the number of ours to bill."""

    number: str | None = None
    date: dt.date | None = None
    shipment: str | None = None
    note: str | None = None


def bill(
    answer: Answer,
    shipment: Shipment,
    items: Mapping[int, ItemFact],
    policy: Policy,
    *,
    number: str,
    date: dt.date,
    before: Collection[int] = (),
    note: str | None = None,
) -> tuple[Invoice | None, tuple[Finding, ...]]:
    """Bill what a shipment holds of the answered order.

    `before` gives the positions that earlier invoices of the same order bill. Charges of a fixed amount are billed
    once, in full: those of the heading on the first invoice, those of a line on the first one that bills it; those of a
    percent on each. So are discounts of the terms. The invoice is None while a finding holds it; notes come along.
    """
    order = answer.order
    if not policy.bills(order):
        message = f"Order {order.po_number} has no financial value: it is shipped and not billed."
        return None, (_held("no-charge", message, seen=order.purpose),)
    items = packed(items, order, policy)
    answers = {line.line.position: line for line in answer.lines}
    findings: list[Finding] = []
    lines: list[InvoiceLine] = []
    exactly: list[Fraction] = []
    for position, quantity in _shipped(order, shipment, items, findings).items():
        fixed = position not in before
        made = _line(answers.get(position), position, quantity, items.get(position), policy, fixed=fixed)
        if isinstance(made, Finding):
            findings.append(made)
            continue
        lines.append(made[0])
        exactly.append(made[1])
        findings.extend(made[2])
    if not lines and not findings:
        findings.append(_held("nothing", f"Shipment {shipment.number} holds nothing of order {order.po_number}."))
    goods = sum_of(exactly, policy.rounding)
    heading = heading_charges(order, Fraction(goods), policy, fixed=not before)
    findings.extend(heading.findings)
    total = goods + net_of(heading.charges) + sum((net_of(line.charges) for line in lines), Decimal(0))
    if total < 0:
        message = f"The allowances are more than the goods: the invoice would come to {plain(total)}."
        findings.append(_held("negative", message, seen=plain(total)))
    if stops(findings):
        return None, tuple(findings)
    invoice = Invoice(
        order=order,
        number=number,
        date=date,
        lines=tuple(lines),
        total=total,
        note=note,
        currency=order.currency or policy.currency,
        terms=order.terms or policy.terms,
        charges=heading.charges,
        parties=shipment.parties or order.parties,
        shipped_on=shipment.shipped_on,
        deliver_on=shipment.deliver_on,
        bill_of_lading=shipment.bill_of_lading,
        carrier=shipment.carrier,
        mode=shipment.mode,
        route=shipment.route,
        freight_terms=shipment.freight_terms or order.freight_terms,
        units_shipped=_units(lines),
        weight_shipped=shipment.weight,
    )
    discounted = _discounted(invoice, policy, fixed=not before)
    if isinstance(discounted, Terms):
        stated = said(discounted)
        message = f"The terms cannot be meant for an invoice over {plain(total)}: {stated}."
        return None, (*findings, _held("terms", message, seen=stated))
    invoice = discounted
    if recount(invoice, items, policy.rounding) != total:
        message = f"the total {total} of invoice {number} does not pass its own recount"
        raise AssertionError(message)
    return invoice, tuple(findings)


def recount(invoice: Invoice, items: Mapping[int, ItemFact], rounding: str) -> Decimal | None:
    """Give what the fields of an invoice add up to: lines at their basis, minus allowances, plus charges.

    None where a line's price cannot be turned into its unit.
    """
    amounts: list[Fraction] = []
    charges = net_of(invoice.charges)
    for line in invoice.lines:
        fact = items.get(line.position)
        case_pack = None if fact is None else fact.case_pack
        amount = extended(line.unit_price, line.quantity, line.unit, line.price_basis, case_pack)
        if amount is None:
            return None
        amounts.append(amount)
        charges += net_of(line.charges)
    return sum_of(amounts, rounding) + charges


def _shipped(
    order: PurchaseOrder, shipment: Shipment, items: Mapping[int, ItemFact], findings: list[Finding]
) -> dict[int, Decimal]:
    """Give what the shipment holds of the order, by position, in the line's unit."""
    shipped: dict[int, Decimal] = {}
    for content in shipment.contents:
        if (content.order.po_number, content.order.release) != (order.po_number, order.release):
            continue
        line = content.line
        fact = items.get(line.position)
        quantity = convert(content.quantity, content.unit, line.unit, None if fact is None else fact.case_pack)
        converted = None if quantity is None else exact(quantity)
        if converted is None:
            findings.append(_unclear(line, f"what {plain(content.quantity)} {content.unit} are in {line.unit}"))
            continue
        shipped[line.position] = shipped.get(line.position, Decimal(0)) + converted
    return dict(sorted(shipped.items()))


def _line(
    answered: AnswerLine | None,
    position: int,
    quantity: Decimal,
    fact: ItemFact | None,
    policy: Policy,
    *,
    fixed: bool,
) -> tuple[InvoiceLine, Fraction, tuple[Finding, ...]] | Finding:
    """Give the billed line, what it costs exactly, and notes; or what is wrong with it."""
    if answered is None:
        return _held("line", f"Line {position} was shipped, but the order has no such line.", line=position)
    line = answered.line
    price = next((one.unit_price for one in answered.answers if one.unit_price is not None), line.unit_price)
    if price is None:
        return _unclear(line, "the price")
    amount = extended(price, quantity, line.unit, line.price_basis, None if fact is None else fact.case_pack)
    if amount is None:
        return _unclear(line, f"what the price per {line.price_basis} is for")
    charges = line_charges(
        line,
        rounded(amount, policy.rounding),
        policy,
        fixed=fixed,
        quantity=quantity,
        case_pack=None if fact is None else fact.case_pack,
    )
    billed = InvoiceLine(
        line=line,
        position=position,
        quantity=quantity,
        unit=line.unit or "EA",
        unit_price=price,
        amount=price_of(amount) if policy.rounding == HALF_UP_TOTAL else half_up(amount),
        price_basis=line.price_basis,
        charges=charges.charges,
    )
    return billed, amount, charges.findings


def _units(lines: Iterable[InvoiceLine]) -> Decimal | None:
    """Give how many units are billed; None where they are not all of one kind."""
    billed = list(lines)
    if len({line.unit for line in billed}) != 1:
        return None
    return sum((line.quantity for line in billed), Decimal(0))


def _discounted(invoice: Invoice, policy: Policy, *, fixed: bool) -> Invoice | Terms:
    """Work the terms out to days and amounts, and say what a payment in time takes off; a `fixed` amount once.

    Gives the terms instead, if they cannot be meant.
    """
    base = invoice.total
    if policy.discountable == "goods":
        charges = (*invoice.charges, *(one for line in invoice.lines for one in line.charges))
        base -= sum((one.amount or Decimal(0) for one in charges if one.kind == CHARGE), Decimal(0))
    base = max(base, Decimal(0))
    days = TermDays(invoice.date, invoice.shipped_on, invoice.deliver_on, invoice.order.order_date)
    stated = [one if fixed or one.discount_percent else _without_discount(one) for one in invoice.terms]
    wrong = absurd(stated, days, base)
    if wrong is not None:
        return wrong
    terms = tuple(resolve(one, days, base) for one in stated)
    discount = discount_of(terms)
    if discount is None:
        return replace(invoice, terms=terms)
    return replace(
        invoice, terms=terms, discountable=base, discount=discount, total_after_discount=invoice.total - discount
    )


def _without_discount(terms: Terms) -> Terms:
    return replace(terms, discount_amount=None, discount_due=None, discount_days=None)


def _unclear(line: OrderLine, what: str) -> Finding:
    return Finding(
        code="order.invoice.price",
        severity=Severity.HOLD,
        message=f"Line {line.position} cannot be billed: not known is {what}.",
        where=on_line(line, "unit_price"),
        seen=None if line.unit_price is None else plain(line.unit_price),
        wanted="a price, and a case pack where cases are converted",
        fix="Write what is missing into the partner's items table and retry.",
    )


def _held(word: str, message: str, *, seen: str | None = None, line: int | None = None) -> Finding:
    return Finding(
        code=f"order.invoice.{word}",
        severity=Severity.HOLD,
        message=message,
        where=Position(line=line),
        seen=seen,
        fix="Look at the order and its shipment; bill it by hand if they are right.",
    )
