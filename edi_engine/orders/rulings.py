"""Rulings: which choices a person has for a finding, what each one does, and doing it to our promise on a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.orders.decision import ACCEPT_THEIRS, CHOICES, KEEP_OURS, REJECT_LINE, Ruling
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import OrderLine
from edi_engine.orders.policy import Policy
from edi_engine.orders.promise import Promise
from edi_engine.orders.rules import RULES, dates, destinations, item, price, quantity, schedules

_HOLD: Final = {
    "order.hold": {
        ACCEPT_THEIRS: "The order goes on as if the rule had not held it.",
        REJECT_LINE: "The line is rejected; where the whole order is held, all of it is.",
    }
}
OFFERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {code: offer for offers in (_HOLD, *(rule.OFFERS for rule in RULES)) for code, offer in offers.items()}
)
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {"order.hold": "held"}
    | {code: rule.REASON for rule in RULES for code in rule.OFFERS}
    | item.REASONS
)  # fmt: skip
KEEPS: Final[Mapping[str, Callable[[Promise, OrderLine, Facts, Policy], Promise]]] = MappingProxyType({
    **destinations.KEEPS,
    **schedules.KEEPS,
    "order.price": price.keep_ours,
    "order.quantity": quantity.keep_ours,
    "order.date": dates.keep_ours,
})  # fmt: skip


def choices(kind: str) -> tuple[str, ...]:
    """Give the choices that make sense for a finding, by its code; one without its own has those of its kind.

    Empty where no choice helps: the cause must be repaired, or the case dismissed.
    """
    offered = _offers(kind)
    return tuple(choice for choice in CHOICES if choice in offered)


def effect(kind: str, choice: str) -> str:
    """Say in one sentence what a choice does to the documents. Raises UsageError for a choice that is not offered."""
    offered = _offers(kind)
    if choice not in offered:
        possible = ", ".join(choices(kind)) or "none: repair the cause and retry, or dismiss the case"
        message = f"{choice} makes no sense for {kind}; possible: {possible}"
        raise UsageError(message)
    return offered[choice]


def chosen(finding: Finding, rulings: tuple[Ruling, ...]) -> str | None:
    """Give the choice that settles a finding: the last one made for its line, else the last one for the whole order."""
    line = finding.where.line
    fitting = [
        ruling
        for ruling in rulings
        if ruling.kind in {finding.kind, finding.code}
        and ruling.line in {None, line}
        and ruling.choice in choices(finding.code)
    ]
    own = [ruling for ruling in fitting if ruling.line is not None]
    return (own or fitting)[-1].choice if fitting else None


def carry_out(
    promise: Promise, finding: Finding, choice: str, line: OrderLine, facts: Facts, policy: Policy
) -> Promise:
    """Give the promise on `line` after a choice about `finding`, which may be of the line or of the heading."""
    if choice == REJECT_LINE:
        reason = REASONS.get(finding.code) or REASONS.get(finding.kind, "rejected")
        return promise if promise.refused else replace(promise, refused=reason)
    keep = KEEPS.get(finding.code) or KEEPS.get(finding.kind)
    if choice == KEEP_OURS and keep is not None:
        return keep(promise, line, facts, policy)
    return promise


def _offers(kind: str) -> Mapping[str, str]:
    found = OFFERS.get(kind)
    return OFFERS.get(".".join(kind.split(".")[:2]), {}) if found is None else found
