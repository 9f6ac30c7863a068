"""Recounts an invoice from what was written, so that a map that drops a line or a charge cannot send a wrong total."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.build import Draft
from edi_engine.mapping.convert import plain, read_decimal
from edi_engine.mapping.places import PlaceError, element_kind
from edi_engine.orders.charges import ADD, BY_KIND, SUBTRACT
from edi_engine.orders.invoice import Invoice, InvoiceLine
from edi_engine.orders.money import extended, half_up


def recount(drafts: Iterable[Draft], invoice: Invoice) -> tuple[Finding, ...]:
    """Compare TDS01 with lines, minus allowances, plus charges and taxes, all as written.

    Lines may be rounded one by one or as a sum: a total that fits either way is right. Code: mapping.total.differs.
    """
    written = list(drafts)
    total = next((_number(draft, 1) for draft in written if draft.segment.id == "TDS"), None)
    if total is None:
        return ()
    lines = [draft for draft in written if draft.segment.id == "IT1"]
    amounts: list[Fraction] = []
    for number, draft in enumerate(lines):
        amount = _amount(draft, invoice.lines[number] if number < len(invoice.lines) else None)
        if amount is None:
            return (_differs(f"Line {number + 1} as written has no quantity and price that can be counted.", total),)
        amounts.append(amount)
    rest = sum((_effect(draft) for draft in written if draft.segment.id in {"SAC", "TXI"}), Decimal(0))
    by_line = sum((half_up(amount) for amount in amounts), Decimal(0)) + rest
    by_sum = half_up(sum(amounts, Fraction(0))) + rest
    if total in {by_line, by_sum}:
        return ()
    counted = plain(by_line) if by_line == by_sum else f"{plain(by_line)} (or {plain(by_sum)}, rounded once)"
    message = f"TDS01 says {plain(total)}, but lines, allowances, charges and taxes as written come to {counted}."
    return (_differs(message, total, plain(by_line)),)


def _amount(draft: Draft, line: InvoiceLine | None) -> Fraction | None:
    quantity, price = _number(draft, 2), _number(draft, 4)
    if quantity is None or price is None:
        return None
    unit, basis = _text(draft, 3), _text(draft, 5)
    # A price per piece on a line in cases needs the case's pack, which an invoice does not state: billing knew it.
    if line is not None and (quantity, price, basis) == (line.quantity, line.unit_price, line.price_basis or ""):
        return Fraction(line.amount)
    return extended(price, quantity, unit, basis, None)


def _effect(draft: Draft) -> Decimal:
    """Give what a SAC or TXI as written adds to the amount due."""
    if draft.segment.id == "TXI":
        return _number(draft, 2) or Decimal(0)
    amount, kind, method = _number(draft, 5) or Decimal(0), _text(draft, 1), _text(draft, 12)
    if method in SUBTRACT or (kind == "A" and method in BY_KIND):
        return -amount
    if method in ADD or (kind == "C" and method in BY_KIND):
        return amount
    return Decimal(0)


def _text(draft: Draft, position: int) -> str:
    text = draft.cells.get((position, 0), "")
    return text if isinstance(text, str) else ""


def _number(draft: Draft, position: int) -> Decimal | None:
    try:
        kind, _ = element_kind(draft.segment, position, None)
    except PlaceError:
        return None
    return read_decimal(_text(draft, position), kind)


def _differs(message: str, total: Decimal, wanted: str | None = None) -> Finding:
    where = Position(set_id="810", segment_id="TDS", path="TDS01", element=1)
    fix = "look for a line or charge that the partner's map leaves out, or for a price that it changes"
    return Finding("mapping.total.differs", Severity.HOLD, message, where, plain(total), wanted, fix=fix)
