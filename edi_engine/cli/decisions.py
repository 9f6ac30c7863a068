"""What choices do, drawn for people: what changes for the partner and for the money; and what came of a retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from edi_engine.cli.cases import case_rows
from edi_engine.cli.plain import counted, due, money, number, safe
from edi_engine.cli.table import table

if TYPE_CHECKING:
    from edi_engine.desk.forecast import Forecast
    from edi_engine.desk.resolve import Effect
    from edi_engine.desk.together import Came, Tried
    from edi_engine.flow.records import CaseRecord
    from edi_engine.orders.decision import AnswerLine
    from edi_engine.orders.order import Terms

_MOST: Final = 3
"""Lines, units or days that one sentence names; the rest is counted."""
_ANSWERS: Final = {"accepted": "accepted as ordered", "changed": "accepted with changes", "rejected": "rejected"}


def decided(
    came: Sequence[Came], now: datetime, edi: Callable[..., str], *, verbose: bool, committed: bool
) -> Iterator[str]:
    """Tell what choices for some cases do, or did: one in full, several as a table unless `verbose`."""
    if len(came) == 1 or verbose:
        for at, one in enumerate(came):
            if at:
                yield ""
            yield from _one(one, now, edi, verbose=verbose, committed=committed)
    else:
        yield from _several(came, committed=committed)
    if committed:
        goes_out = any(one.effect is not None and (one.effect.after or one.effect.erp) for one in came)
        undone = [one for one in came if one.trouble is not None]
        end = "Done." if not undone else f"Done, but for {counted(len(undone), 'case')}."
        yield f"\n{end}" + (" What it wrote goes out with the daemon, `edi run`." if goes_out else "")


def _one(one: Came, now: datetime, edi: Callable[..., str], *, verbose: bool, committed: bool) -> Iterator[str]:
    if one.effect is not None:
        yield from effect_story(one.effect, now, edi, verbose=verbose, committed=committed)
    elif one.settled_with is not None:
        yield f"Case {one.case} is settled along with case {one.settled_with}."
    else:
        yield f"Case {one.case}: nothing is done: {safe(one.trouble or '')}"


def effect_story(
    effect: Effect, now: datetime, edi: Callable[..., str], *, verbose: bool = False, committed: bool = False
) -> Iterator[str]:
    """Tell what a choice does: the 855, 856 and 810 in a line each, and what else there is; or what still waits."""
    yield f"Case {effect.case.id}, {effect.choice}: {effect.sentence}"
    if effect.settled:
        yield f"Closed along with it: {_cases(effect.settled)}."
    if effect.left:
        yield f"\nOrder {safe(effect.case.po_number or '')} is not answered yet; it still waits for:"
        for left in effect.left:
            here = f"case {left.case}, {left.kind}" if left.case is not None else left.kind
            for finding in left.findings[:_MOST]:
                line = f", line {finding.where.line}" if finding.where.line is not None else ""
                yield f"  {here}{line}: {safe(finding.message)}"
            if len(left.findings) > _MOST:
                yield f"  {here}: and {counted(len(left.findings) - _MOST, 'more finding')}"
        others = [left.case for left in effect.left if left.case not in {None, effect.case.id}]
        yield from (f"  {edi('exceptions', 'show', other)}" for other in others)
    if effect.later is not None:
        yield "\nWhat changes for the partner:"
        yield f"  855  {_answer(effect)}"
        yield f"  856  {_shipped(effect.later)}"
        yield f"  810  {_billed(effect, effect.later)}"
        if not committed:
            yield f"  or   {_or_else(effect, now)}"
    if verbose:
        yield from _in_detail(effect)


def _cases(numbers: Sequence[int]) -> str:
    return ("case " if len(numbers) == 1 else "cases ") + ", ".join(str(one) for one in numbers)


def _answer(effect: Effect) -> str:
    if not effect.after:
        return "none: no map of the partner writes one"
    said = _ANSWERS.get(effect.answer or "", effect.answer or "")
    if effect.answer in {"accepted", "rejected"}:
        return f"{said}, {counted(len(effect.lines), 'line')}"
    changed = [safe(_line(line)) for line in effect.lines if line.status != "accepted"]
    more = f"; and {counted(len(changed) - _MOST, 'more line')}" if len(changed) > _MOST else ""
    return f"{said}: {'; '.join(changed[:_MOST])}{more}"


def _line(answered: AnswerLine) -> str:
    """Tell one line of the answer that is not as ordered: `line 2 price changed, 5 CA at 7.20 instead of 7.90`."""
    line = answered.line
    said = f"line {line.position} {answered.status.replace('_', ' ')}"
    if answered.status in {"rejected", "cancelled"}:
        return said
    kept = answered.quantity_accepted
    parts = [f"{number(kept)} {line.unit or ''}".strip()]
    if line.quantity is not None and kept != line.quantity:
        parts[0] += f" of {number(line.quantity)}"
    if answered.unit_price is not None and answered.unit_price != line.unit_price:
        theirs = f" instead of {money(line.unit_price)}" if line.unit_price is not None else ""
        parts[0] += f" at {money(answered.unit_price)}{theirs}"
    days = [day for one in answered.answers for day in (one.ship_on, one.deliver_on) if day is not None]
    parts += [f"for {min(days).isoformat()}"] if days else []
    return f"{said}, {', '.join(parts)}"


def _shipped(later: Forecast) -> str:
    quantities: dict[str, Decimal] = {}
    for going in (going for part in later.parts for going in part.lines):
        quantities[going.unit or ""] = quantities.get(going.unit or "", Decimal(0)) + going.quantity
    if not quantities:
        return "none: nothing is shipped" if not later.findings else "not foreseen: " + _findings(later)
    goods = ", ".join(f"{number(quantity)} {unit}".strip() for unit, quantity in quantities.items())
    cartons = counted(sum(part.cartons for part in later.parts), "carton")
    days = [part.on.isoformat() if part.on is not None else "at once" for part in later.parts]
    when = f" in {counted(len(days), 'shipment')}: {', '.join(days)}" if len(days) > 1 else ""
    when = when or (f" on {days[0]}" if days != ["at once"] else "")
    unwritten = "" if "856" in later.sets else " (no map of the partner writes an 856)"
    return f"{goods} in {cartons}{when}{unwritten}"


def _billed(effect: Effect, later: Forecast) -> str:
    if not later.billed:
        return "none: the order has no financial value"
    if later.total is None:
        return "not foreseen: " + _findings(later)
    ordered = effect.ordered
    if not later.parts:
        return "none: nothing is billed" + (f", instead of {money(ordered, later.currency)}" if ordered else "")
    said = money(later.total, later.currency)
    if ordered is not None:
        said += " as ordered" if ordered == later.total else f" instead of {money(ordered)} as ordered"
    net = sum((part.net for part in later.parts), Decimal(0))
    details = (
        [f"goods {money(later.total - net)}, {'charges' if net > 0 else 'allowances'} {money(net)}"] if net else []
    )
    details += _terms(later.parts[0].terms)
    invoices = f" in {counted(len(later.parts), 'invoice')}" if len(later.parts) > 1 else ""
    unwritten = "" if "810" in later.sets else ", to be billed by hand: no map of the partner writes an 810"
    return said + invoices + (f" ({'; '.join(details)})" if details else "") + unwritten


def _terms(terms: Sequence[Terms]) -> list[str]:
    """Tell the terms of payment: `2 % until 2026-12-02, net until 2026-12-22`."""
    said: list[str] = []
    for one in terms[:1]:
        if one.discount_percent and one.discount_due is not None:
            saved = f" (saves {money(one.discount_amount)})" if one.discount_amount else ""
            said.append(f"{number(one.discount_percent)} % until {one.discount_due.isoformat()}{saved}")
        if one.net_due is not None:
            said.append(f"due {one.net_due.isoformat()}")
    return [", ".join(said)] if said else []


def _findings(later: Forecast) -> str:
    return " ".join(safe(finding.message) for finding in later.findings[:_MOST])


def _or_else(effect: Effect, now: datetime) -> str:
    """Tell what the other choices come to, and what happens if nobody chooses."""
    currency = effect.later.currency if effect.later is not None else None
    others = [
        f"{one.choice} {money(one.total, currency) if one.total is not None else 'not foreseen'}"
        for one in effect.instead
    ]
    deadline = effect.case.deadline
    wait = f"undecided: nothing is sent, {due(deadline, now)}" if deadline is not None else "undecided: nothing is sent"
    return "; ".join([*([", ".join(others)] if others else []), wait.replace(", in ", ", due in ")])


def _several(came: Sequence[Came], *, committed: bool) -> Iterator[str]:
    """Tell what comes of several cases: a line each, and all of it summed up."""
    rows = [(str(one.case), *_about(one), _outcome(one)) for one in came]
    yield table(("case", "PO number", "choice", "invoice", "as ordered", "what comes of it"), rows,
                right=frozenset({"case", "invoice", "as ordered"}))  # fmt: skip
    yield ""
    answered = [one.effect for one in came if one.effect is not None and one.effect.later is not None]
    held = {one.effect.case.subject for one in came if one.effect is not None and one.effect.left}
    waits = len(held - {one.case.subject for one in answered})
    failed = sum(one.trouble is not None for one in came)
    would = "" if committed else "would be "
    parts = [
        counted(len(came), "case"),
        *([f"{counted(len(answered), 'order')} {would}answered"] if answered else []),
        *([f"{counted(waits, 'order')} still {'waits' if waits == 1 else 'wait'} for something else"] if waits else []),
        *([f"{failed:,} not done" if committed else f"{failed:,} cannot be done"] if failed else []),
    ]
    yield "; ".join(parts) + "." + _sums(answered)


def _about(one: Came) -> tuple[str, str, str, str]:
    effect = one.effect
    if effect is None:
        return "", "", "", ""
    later = effect.later
    invoice = money(later.total, later.currency) if later is not None and later.total is not None else ""
    return effect.case.po_number or "", effect.choice, invoice, money(effect.ordered)


def _outcome(one: Came) -> str:
    if one.trouble is not None:
        return f"nothing: {one.trouble}"
    if one.effect is None:
        return f"settled along with case {one.settled_with}"
    if one.effect.left:
        for_what = [f"case {left.case}" if left.case is not None else left.kind for left in one.effect.left]
        return f"the order waits for {', '.join(for_what)}"
    if one.effect.later is None:
        return one.effect.sentence
    return f"855 {_ANSWERS.get(one.effect.answer or '', '')}"


def _sums(answered: Sequence[Effect]) -> str:
    """Add up what is invoiced, against what was ordered, where all of it is known and in one currency."""
    known = [
        (one.later.total, one.ordered, one.later.currency)
        for one in answered
        if one.later is not None and one.later.total is not None and one.ordered is not None
    ]
    currencies = {currency for _, _, currency in known}
    if not known or len(known) < len(answered) or len(currencies) > 1:
        return ""
    total, ordered = sum(one[0] for one in known), sum(one[1] for one in known)
    return f" Invoices over {money(Decimal(total), currencies.pop())} instead of {money(Decimal(ordered))} as ordered."


def _in_detail(effect: Effect) -> Iterator[str]:
    if effect.lines:
        rows = [row for line in effect.lines for row in _answers(line)]
        right = frozenset({"line", "ordered", "answered", "price"})
        yield "\n" + table(("line", "item", "ordered", "answer", "answered", "price", "reason"), rows, right=right)
    if effect.later is not None and effect.later.parts:
        rows = [
            (str(going.position), f"{number(going.quantity)} {going.unit or ''}".strip(), money(going.unit_price),
             money(going.amount), part.on.isoformat() if part.on is not None else "at once")
            for part in effect.later.parts for going in part.lines
        ]  # fmt: skip
        headings = ("line", "shipped", "price", "billed", "leaves")
        yield "\n" + table(headings, rows, right=frozenset(headings) - {"leaves"})
    if effect.after:
        yield "\nThe 855:"
        yield from (f"  {safe(segment)}" for segment in effect.after)
    if effect.erp:
        yield "\nThe order goes to the ERP folder."


def _promised(status: str, quantity: Decimal | None, unit: str | None) -> str:
    """Give what a line is promised: nothing of what is rejected, whatever quantity the 855 repeats."""
    if quantity is None:
        return ""
    return "none" if status == "rejected" else f"{number(quantity)} {unit or ''}".strip()


def _answers(answered: AnswerLine) -> Iterator[tuple[str, ...]]:
    line = answered.line
    item = line.item or line.vendor_item or line.buyer_item or line.gtin or ""
    for one in answered.answers:
        yield (
            str(line.position),
            item,
            f"{number(line.quantity)} {line.unit or ''}".strip(),
            one.status.replace("_", " "),
            _promised(one.status, one.quantity, one.unit or line.unit),
            money(one.unit_price if one.unit_price is not None else line.unit_price),
            (one.reason or "").replace("_", " "),
        )


def retried(tried: Sequence[Tried], now: datetime, width: int) -> Iterator[str]:
    """Tell what came of trying cases once more, and which other ones came up."""
    seen: dict[int, CaseRecord] = {}
    for one in tried:
        if one.retried is None:
            yield f"Case {one.case} was not tried: {safe(one.trouble or '')}"
            continue
        case = one.retried.case
        if case.state == "OPEN" and case.subject.startswith("connection:"):
            name = case.subject.partition(":")[2]
            yield f"Case {case.id}: a daemon that runs tries the connection {safe(name)} within seconds."
            yield "The case closes by itself when it works. Where no daemon runs, `edi run --once` tries it."
        elif case.state == "OPEN":
            yield f"Case {case.id} still waits: {safe(case.title)}"
        else:
            yield f"Case {case.id} is {case.state.lower()}: {safe(case.resolution or 'the cause is gone')}."
        seen |= {other.id: other for other in one.retried.others}
    if len(tried) > 1:
        gone = sum(one.retried is not None and one.retried.case.state != "OPEN" for one in tried)
        yield f"\n{gone:,} of {counted(len(tried), 'case')} settled."
    others = [case for number_, case in seen.items() if number_ not in {one.case for one in tried}]
    if others:
        yield "\n" + case_rows(others, now, width)


def kept(cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Tell who looks after cases."""
    for one in cases:
        yield f"Case {one.id}: {safe(one.assignee)} looks after it." if one.assignee else f"Case {one.id}: nobody does."
