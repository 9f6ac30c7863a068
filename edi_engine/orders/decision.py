"""What we answer to an order: a verdict for each line, and the document "answer" that the 855 is written from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding
from edi_engine.orders.order import OrderLine, ProductId, PurchaseOrder

ACCEPT_THEIRS = "accept-theirs"
KEEP_OURS = "keep-ours"
REJECT_LINE = "reject-line"
CHOICES = (ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE)
BACKORDERED: Final = "backordered"
NOT_SHIPPED: Final = frozenset({"rejected", "cancelled", "on_hold", BACKORDERED})
"""Statuses of an answer that promises nothing to ship now."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's choice about one kind of finding (such as order.price), on one line or (None) the whole order."""

    kind: str
    choice: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """One ACK. `status`: accepted, quantity_changed, price_changed, changed, substituted, backordered, rescheduled,
    on_hold, rejected or cancelled. `reason`: out_of_stock, discontinued, unknown_item, price, quantity, date ...
    """

    status: str
    quantity: Decimal | None = None
    unit: str | None = None
    ship_on: dt.date | None = None
    deliver_on: dt.date | None = None
    unit_price: Decimal | None = None
    reason: str | None = None
    text: str | None = None
    substitute: tuple[ProductId, ...] = ()


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one store gets of an order line, in the line's unit. Stores that get nothing have none."""

    id_type: str | None
    id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """Our answer to one order line. `line` is that order line; `status` sums its `answers` up.

    `unit_price` is what we shall bill, at the line's basis: theirs, or ours where the price is changed. `allotments`
    (in the order of the SDQ) come to `quantity_accepted`, and `backorders` to `quantity_backordered`; a line that goes
    to one place has neither.
    """

    line: OrderLine
    status: str
    answers: tuple[LineAnswer, ...]
    unit_price: Decimal | None = None
    allotments: tuple[Allotment, ...] = ()
    backorders: tuple[Allotment, ...] = ()

    @property
    def quantity_accepted(self) -> Decimal:
        """The quantity that we promise to ship, in the line's unit."""
        return self._sum_of(one for one in self.answers if one.status not in NOT_SHIPPED)

    @property
    def quantity_backordered(self) -> Decimal:
        """The quantity that we owe and ship when there is more, in the line's unit."""
        return self._sum_of(one for one in self.answers if one.status == BACKORDERED)

    def _sum_of(self, answers: Iterable[LineAnswer]) -> Decimal:
        return sum((one.quantity for one in answers if one.quantity is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Answer:
    """The document that the 855 is written from.

    `answer`: accepted, changed or rejected; cancelled, for the ERP, once the order is called off. `number` and `date`
    are ours.
    """

    order: PurchaseOrder
    answer: str
    lines: tuple[AnswerLine, ...]
    number: str | None = None
    date: dt.date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What the rules make of one line: its answers (empty while it is held), all findings, what its stores get now
    and what they are owed.
    """

    position: int
    answers: tuple[LineAnswer, ...]
    findings: tuple[Finding, ...] = ()
    allotments: tuple[Allotment, ...] = ()
    backorders: tuple[Allotment, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the line waits for a person."""
        return not self.answers


@dataclass(frozen=True, slots=True)
class Decision:
    """The rules' verdict on an order. `findings` are those of the heading; `answer` is None while anything is held.

    A finding that a ruling settled is still there, as a NOTE.
    """

    lines: tuple[LineVerdict, ...]
    findings: tuple[Finding, ...] = ()
    answer: Answer | None = None

    @property
    def held(self) -> bool:
        """Whether the order waits for a person."""
        return self.answer is None

    def all_findings(self) -> tuple[Finding, ...]:
        """Give the findings of the heading and of all lines."""
        return self.findings + tuple(finding for line in self.lines for finding in line.findings)
