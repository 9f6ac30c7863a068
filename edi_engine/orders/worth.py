"""What a whole order comes to as it was sent: its lines, the charges on them, and what all of it adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from edi_engine.orders.charges import CHARGE, heading_charges, line_charges, net_of
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import extended, rounded, sum_of
from edi_engine.orders.order import Charge, PurchaseOrder
from edi_engine.orders.policy import Policy


@dataclass(frozen=True, slots=True)
class Worth:
    """`lines` is what the goods come to, before `charges`, which are those of the heading and of all lines."""

    lines: Decimal
    charges: tuple[Charge, ...]

    @property
    def net(self) -> Decimal:
        """What the order comes to; below zero where its allowances are more than all else."""
        return self.lines + net_of(self.charges)

    def discountable(self, policy: Policy) -> Decimal:
        """Give what a discount for early payment would be taken of, if all of the order were billed at once."""
        added = sum((one.amount or Decimal(0) for one in self.charges if one.kind == CHARGE), Decimal(0))
        return max(self.net - (added if policy.discountable == "goods" else 0), Decimal(0))


def worth_of(order: PurchaseOrder, facts: Facts, policy: Policy, *, stated: bool = False) -> Worth | int:
    """Give what an order comes to; or the position of the first line that nobody can price.

    `stated` asks what the partner's own total holds: charges that we do not bill are in it too.
    """
    amounts: list[Fraction] = []
    charges: list[Charge] = []
    for line in order.lines:
        fact = facts.items.get(line.position)
        case_pack = None if fact is None else fact.case_pack
        amount = None
        if line.unit_price is not None and line.quantity is not None:
            amount = extended(line.unit_price, line.quantity, line.unit, line.price_basis, case_pack)
        if amount is None:
            return line.position
        amounts.append(amount)
        base = rounded(amount, policy.rounding)
        charges += line_charges(line, base, policy, stated=stated, quantity=line.quantity, case_pack=case_pack).charges
    lines = sum_of(amounts, policy.rounding)
    charges += heading_charges(order, Fraction(lines), policy, stated=stated).charges
    return Worth(lines, tuple(charges))
