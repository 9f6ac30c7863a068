"""Purpose: what an incoming order means for the one that is booked under its number, and for the books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import Answer, LineAnswer
from edi_engine.orders.facts import EarlierOrder
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.places import on_order
from edi_engine.orders.policy import BILLED_OR_NOT, CANCEL, COMPARE, FILE, LINK, ORIGINAL, REPLACE, Policy
from edi_engine.orders.repetition import compare, same

TYPES: Final = frozenset({"standard", "rush", "reorder", "release", "drop_ship"})
"""Kinds of order that are booked and shipped."""
AGREEMENT: Final = "blanket"
COPY: Final = "information"
_FILED: Final = {
    "information": "a copy for information: it is kept, and nothing is booked or shipped",
    "agreement": "an agreement: it is kept, and its releases are booked as they come",
    "cancelled": "cancelled already; this cancel changes nothing",
}


_BESIDE: Final = (
    "Do by hand what it asks for, then dismiss the case: the order that is booked under this number stays as it is."
)
"""What to do about an order that is not served and stands beside a booked one: it is none that could be rejected."""


@dataclass(frozen=True, slots=True)
class Consideration:
    """What to do with an incoming order.

    `action`: book (a new order of its own; with a HOLD among `findings` it is booked to wait, and deciding it says the
    same), link (to the booked one; nothing is booked or answered), cancel (the booked one), replace (the booked one, by
    `order`), file (keep it; nothing is booked, shipped or answered) or hold (a person looks; nothing is booked).
    `order` is the one to book: for replace, it says from which day the one is whose place it takes.
    """

    action: str
    order: PurchaseOrder
    findings: tuple[Finding, ...] = ()


def consider(order: PurchaseOrder, earlier: EarlierOrder | None, policy: Policy) -> Consideration:
    """Say what an order asks for. `earlier` is the one booked under the same number and release, None for a first."""
    manner = policy.manner_of(order)
    if manner == FILE or order.type == COPY:
        return Consideration("file", order, (_filed(order, "information"),))
    if manner == CANCEL:
        return _cancel(order, earlier)
    refused = _unserved(order, policy)
    if refused is not None:
        if earlier is None:
            return Consideration("book", order, (refused,))
        return Consideration("hold", order, (replace(refused, fix=_BESIDE),))
    if order.type == AGREEMENT:
        return Consideration("file", order, (_filed(order, "agreement"),))
    if earlier is None:
        findings = () if manner in {*BILLED_OR_NOT, COMPARE} else (_unseen(order),)
        return Consideration("book", order, findings)
    found = compare(order, earlier)
    if same(found):
        return Consideration("link", order, found)
    if manner != REPLACE:
        return Consideration("hold", order, found)
    if earlier.begun or earlier.state == "CANCELLED":
        return Consideration("hold", order, (_too_late(order, earlier, "replace"),))
    return Consideration("replace", replace(order, replaces=earlier.received_on))


def recall(order: PurchaseOrder, policy: Policy) -> str | None:
    """Say whether an order asks that the one booked under its number be called off: cancel, replace, None for neither.

    Its purpose counts even where the policy leaves that to a person.
    """
    for what, purpose in ((CANCEL, "cancel"), (REPLACE, "replace")):
        if purpose == order.purpose or policy.manner_of(order) == what:
            return what
    return None


def called_off(answer: Answer) -> Answer:
    """Give an answer of which nothing holds any more: its order is cancelled, and each line comes to nothing."""
    nothing = LineAnswer("cancelled", Decimal(0))
    lines = tuple(
        replace(
            line, status="cancelled", answers=(replace(nothing, unit=line.line.unit),), allotments=(), backorders=()
        )
        for line in answer.lines
    )
    return replace(answer, order=replace(answer.order, purpose="cancel"), answer="cancelled", lines=lines)


def _cancel(order: PurchaseOrder, earlier: EarlierOrder | None) -> Consideration:
    if earlier is None:
        return Consideration("hold", order, (_nothing_to_cancel(order),))
    if earlier.begun:
        return Consideration("hold", order, (_too_late(order, earlier, "cancel"),))
    if earlier.state in {"CANCELLED", "REJECTED"}:
        return Consideration("link", order, (_filed(order, "cancelled"),))
    return Consideration("cancel", order)


def _unserved(order: PurchaseOrder, policy: Policy) -> Finding | None:
    """Say that a purpose or kind of order is not served at all; None where it is."""
    purpose = order.purpose or ORIGINAL
    if policy.manner_of(order) not in {*BILLED_OR_NOT, CANCEL, COMPARE, FILE, LINK, REPLACE}:
        return Finding(
            code="order.purpose.unsupported",
            severity=Severity.HOLD,
            message=f"The purpose of this order is {purpose}; what it asks for is left to a person.",
            where=on_order("purpose"),
            seen=purpose,
            wanted=", ".join(sorted(one for one, manner in policy.purposes.items() if manner != "hold")),
            fix="Read the order and do by hand what it asks for, then dismiss the case; or reject the order.",
        )
    if order.type is not None and order.type not in {*TYPES, AGREEMENT}:
        return Finding(
            code="order.type.unsupported",
            severity=Severity.HOLD,
            message=f"Orders of the type {order.type} are not served.",
            where=on_order("type"),
            seen=order.type,
            wanted=", ".join(sorted({*TYPES, AGREEMENT})),
            fix="Do by hand what the order asks for and dismiss the case, or reject the order.",
        )
    if order.type == "release" and not order.release:
        return Finding(
            code="order.type.release",
            severity=Severity.HOLD,
            message=f"This is a release of the agreement {order.po_number}, but it has no release number.",
            where=on_order("release"),
            wanted="a release number (BEG04)",
            fix="Ask the partner for the release with its number; reject this one.",
        )
    return None


def _unseen(order: PurchaseOrder) -> Finding:
    return Finding(
        code="order.purpose.unseen",
        severity=Severity.HOLD,
        message=f"This is a {order.purpose} of order {order.po_number}, which never came here.",
        where=on_order("purpose"),
        seen=order.purpose,
        wanted="the original order first",
        fix="Ask the partner for the first one. Accept this one as the order itself, or reject it.",
    )


def _nothing_to_cancel(order: PurchaseOrder) -> Finding:
    return Finding(
        code="order.purpose.nothing-to-cancel",
        severity=Severity.HOLD,
        message=f"The partner cancels order {order.po_number}, which never came here.",
        where=on_order("purpose"),
        seen=order.po_number,
        wanted="the number of an order that was booked",
        fix="Retry this case if the order comes after its cancel: it waits until then. If it came by another way, or "
        "never will, dismiss this one.",
    )


def _too_late(order: PurchaseOrder, earlier: EarlierOrder, what: str) -> Finding:
    asked = {"cancel": "cancels", "replace": "replaces"}[what]
    state = "partly shipped" if earlier.begun and earlier.state == "HELD" else earlier.state.lower().replace("_", " ")
    return Finding(
        code="order.purpose.too-late",
        severity=Severity.HOLD,
        message=f"The partner {asked} order {order.po_number}, which is {state} already.",
        where=on_order("purpose"),
        seen=state,
        wanted="an order of which nothing has been shipped or called off",
        fix="Agree with the partner on what happens to it, do that by hand, and dismiss the case.",
    )


def _filed(order: PurchaseOrder, word: str) -> Finding:
    return Finding(
        code=f"order.purpose.{word}",
        severity=Severity.NOTE,
        message=f"Order {order.po_number} is {_FILED[word]}.",
        where=on_order("type" if word == "agreement" else "purpose"),
        seen=order.type if word == "agreement" else order.purpose,
    )
