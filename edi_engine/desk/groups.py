"""Cases of one cause: the same thing wrong in many orders, which one repair or one choice would settle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from edi_engine.desk.queue import Entry, entry, find_case, list_cases
from edi_engine.finding import Finding, Severity
from edi_engine.flow.ports import Unit

ANY: Final = "…"
"""What stands in the place of a part that differs from order to order."""

_LINE: Final = re.compile(r"\b([Ll]ines?) [0-9]+\b")
_ON_THIS_LINE: Final = re.compile(r": -?[0-9.]+ on this line")
_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?\b")
_AMOUNT: Final = re.compile(r"(?<![\w.])-?[0-9]+(?:\.[0-9]+)? (?=(?:[A-Z][A-Z0-9]|pieces|cases)\b)")
_CONTROL: Final = re.compile(r"\b0[0-9]{8}\b")
_NUMBERED: Final = r"\b(?:[Oo]rder|agreement|[Gg]roup|[Ii]nterchange|[0-9]{3})"
"""Words before a number that is one order's or one envelope's own."""

Key = tuple[str | None, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one partner and kind with the same causes, the most urgent first.

    `causes` are the findings' sentences, with `…` for what differs. `money` is held by currency, None for none known;
    an order that several of the cases hold is one of `orders`.
    """

    partner: str | None
    kind: str
    causes: tuple[str, ...]
    cases: tuple[int, ...]
    orders: int
    money: tuple[tuple[str | None, Decimal], ...]
    deadline: datetime | None
    first: int

    @property
    def cause(self) -> str:
        """The cause in one line."""
        more = len(self.causes) - 1
        return self.causes[0] + (f" And {more} more." if more else "")


def group(entries: Sequence[Entry]) -> tuple[Group, ...]:
    """Group cases by cause, in the order in which the first of each stands."""
    found: dict[Key, list[Entry]] = {}
    for one in entries:
        found.setdefault(key_of(one), []).append(one)
    return tuple(_group(key, same) for key, same in found.items())


def alike(unit: Unit, case_id: int) -> tuple[int, ...]:
    """Give the open cases of the same cause as a case: itself first, if it is open. Raises UsageError."""
    wanted = key_of(entry(find_case(unit, case_id)))
    same = [one.record.id for one in list_cases(unit) if key_of(one) == wanted]
    return tuple(sorted(same, key=lambda number: number != case_id))


def key_of(one: Entry) -> Key:
    """Give what cases of one cause share."""
    stopping = [finding for finding in one.findings if finding.severity >= Severity.HOLD] or one.findings
    causes = dict.fromkeys(sorted(cause_of(finding, one) for finding in stopping))
    return one.record.partner, one.record.kind, tuple(causes)


def cause_of(finding: Finding, one: Entry) -> str:
    """Give a finding's sentence without what is only about this order, line, file or day."""
    text = _ON_THIS_LINE.sub("", finding.message)
    where = finding.where
    numbers = (one.record.po_number, where.interchange, where.group, where.set_control)
    for number in sorted({number for number in numbers if number}, key=len, reverse=True):
        text = re.sub(rf"({_NUMBERED}) {re.escape(number)}(?![\w-])", rf"\1 {ANY}", text)
    for name in {where.file, one.file_name} - {None}:
        text = text.replace(str(name), ANY)
    for pattern, put in ((_LINE, rf"\1 {ANY}"), (_DAY, ANY), (_AMOUNT, f"{ANY} "), (_CONTROL, ANY)):
        text = pattern.sub(put, text)
    return text


def _group(key: Key, same: Sequence[Entry]) -> Group:
    partner, kind, causes = key
    money: dict[str | None, Decimal] = {}
    for one in same:
        if one.record.money_held is not None:
            currency = one.record.currency
            money[currency] = money.get(currency, Decimal(0)) + one.record.money_held
    deadlines = [one.record.deadline for one in same if one.record.deadline is not None]
    orders = {one.record.order_id if one.record.order_id is not None else one.record.po_number for one in same} - {None}
    return Group(
        partner,
        kind,
        causes,
        tuple(one.record.id for one in same),
        len(orders),
        tuple(money.items()),
        min(deadlines, default=None),
        same[0].record.id,
    )
