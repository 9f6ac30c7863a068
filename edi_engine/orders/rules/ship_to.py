"""Ship-to: the order says where the goods go, and the partner's table knows the place."""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import ACCEPT_THEIRS, REJECT_LINE
from edi_engine.orders.facts import Facts
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder
from edi_engine.orders.places import on_line, on_order
from edi_engine.orders.policy import Policy

_REJECT: Final = "The line is rejected; for the ship-to of the heading, the whole order is."
OFFERS: Final = {
    "order.ship-to": {
        ACCEPT_THEIRS: "The goods go to the place that the order names, this time.",
        REJECT_LINE: _REJECT,
    },
    "order.ship-to.missing": {REJECT_LINE: _REJECT},
}
REASON: Final = "ship_to"
ROLES: Final = ("ship_to", "bill_and_ship_to")


def check(order: PurchaseOrder, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Hold an order whose ship-to is missing or not in the table. Where a partner has no table, any place will do."""
    del policy
    heading = _ship_to(order.parties)
    on_lines = [(line, party) for line in order.lines if (party := _ship_to(line.parties)) is not None]
    findings: list[Finding] = []
    if heading is None and (not order.lines or any(_goes_nowhere(line) for line in order.lines)):
        findings.append(
            Finding(
                code="order.ship-to.missing",
                severity=Severity.HOLD,
                message=f"Order {order.po_number} does not say where the goods go.",
                where=on_order("parties"),
                wanted="a ship-to party",
                fix="Ask the partner for a new order that names the ship-to.",
            )
        )
    direct = order.type == "drop_ship"
    if heading is not None:
        findings.extend(_known(heading, on_order("parties(ship_to)"), facts, direct=direct))
    for line, party in on_lines:
        findings.extend(_known(party, on_line(line, "parties(ship_to)"), facts, direct=direct))
    return tuple(findings)


def _goes_nowhere(line: OrderLine) -> bool:
    """Say whether a line names no place of its own: neither a ship-to nor a store that gets a share of it."""
    return _ship_to(line.parties) is None and not any(share.id for share in line.destinations)


def _ship_to(parties: tuple[Party, ...]) -> Party | None:
    return next((party for role in ROLES for party in parties if party.role == role), None)


def _known(party: Party, where: Position, facts: Facts, *, direct: bool) -> tuple[Finding, ...]:
    """Judge one place; a consumer's address (drop shipment) stands in no table, but must be one."""
    if direct and party.address_1:
        return ()
    if not direct and (facts.ship_tos is None or party.id in facts.ship_tos):
        return ()
    named = party.id or party.name or "a place without number and name"
    why = "has no address to ship to" if direct else "is not in the partner's ship-to table"
    return (
        Finding(
            code="order.ship-to.unknown",
            severity=Severity.HOLD,
            message=f"Ship-to {named} {why}.",
            where=where,
            seen=party.id or party.name,
            wanted="an address" if direct else "a ship-to that the table knows",
            fix="Add the place to the partner's ship-to table and retry, or accept the order's own address this time.",
            source=facts.ship_to_source,
        ),
    )
