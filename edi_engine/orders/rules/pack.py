"""Packs: the case of the partner (PO4) holds as many pieces as ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.decision import KEEP_OURS, REJECT_LINE
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.packs import pieces_of
from edi_engine.orders.places import on_line
from edi_engine.orders.policy import Policy

OFFERS: Final = {
    "order.pack": {
        KEEP_OURS: "The line is counted, packed and billed by our own case pack.",
        REJECT_LINE: "The line is rejected; the 855 says so.",
    },
}
REASON: Final = "pack"


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Compare the packs that the order states with those of our table; the policy says whether a person must look."""
    return tuple(
        finding
        for line in order.lines
        if (fact := facts.items.get(line.position)) is not None
        for finding in _line(line, fact, policy)
    )


def _line(line: OrderLine, fact: ItemFact, policy: Policy) -> Iterator[Finding]:
    theirs = pieces_of(line.pack)
    if theirs is None or fact.case_pack is None or theirs == fact.case_pack:
        return
    ours = plain(fact.case_pack)
    yield Finding(
        code="order.pack.differs",
        severity=Severity.HOLD if policy.pack == "hold" else Severity.NOTE,
        message=f"A case of {fact.item} holds {plain(theirs)} pieces by the order, and {ours} by our table.",
        where=on_line(line, "pack"),
        seen=plain(theirs),
        wanted=ours,
        fix="Find out which one is right. Ours is used; if it is old, correct the items table and retry.",
        source=fact.source,
    )
