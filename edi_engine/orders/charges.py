"""Allowances and charges: which of them touch the invoice, and by how much.

What a SAC does to the amount due is said by its method (X12 element 331). 02 is taken off, 06 and CA are added; without
a method, with PP (prepaid) or 07 (optional) the kind decides; most others are settled outside the invoice. What stays
(free goods, cancelled allowances, a method nobody knows) is a finding: it is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.money import half_up, plain
from edi_engine.orders.order import Charge, OrderLine, PurchaseOrder
from edi_engine.orders.places import on_line, on_order
from edi_engine.orders.policy import Policy
from edi_engine.orders.units import convert

ALLOWANCE: Final = "allowance"
CHARGE: Final = "charge"
SUBTRACT: Final = frozenset({"02"})
ADD: Final = frozenset({"06", "CA"})
BY_KIND: Final = frozenset({None, "", "PP", "07"})
OUTSIDE: Final[Mapping[str, str]] = MappingProxyType({
    "01": "billed back to us",
    "03": "paid by us with a check",
    "04": "credited to their account",
    "05": "paid by us",
    "09": "an allowance of ours",
    "10": "an allowance of a reseller",
    "11": "a charge that we refused",
    "13": "of an amount to be told later",
    "15": "said for information",
    "18": "a tax that is not payable",
    "20": "for an accrual fund",
    "21": "for a flat fund",
    "25": "cash in advance",
    "CC": "collected at delivery",
})  # fmt: skip
"""Methods that settle an allowance or charge outside the invoice, in words."""
NO_EFFECT: Final = frozenset({"none", "promotion", "service", "N", "P", "Q", "R", "S"})
METHOD: Final = {ALLOWANCE: "02", CHARGE: "06"}


@dataclass(frozen=True, slots=True)
class Billed:
    """Allowances and charges as we bill them: amounts positive and in cents, the method always set."""

    charges: tuple[Charge, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def net(self) -> Decimal:
        """What they add to the amount due; negative where allowances are more than charges."""
        return net_of(self.charges)


def net_of(charges: Iterable[Charge]) -> Decimal:
    """Add up billed charges and take off billed allowances."""
    total = Decimal(0)
    for charge in charges:
        amount = charge.amount or Decimal(0)
        total += -amount if charge.method in SUBTRACT else amount
    return total


def effect_of(charge: Charge) -> str | None:
    """Say what a SAC does to the invoice: allowance, charge, none; None where that is not clear."""
    if charge.kind in NO_EFFECT or charge.method in OUTSIDE:
        return "none"
    if charge.kind not in METHOD:
        return None
    touched = {ALLOWANCE: SUBTRACT, CHARGE: ADD}[charge.kind]
    return charge.kind if charge.method in touched or charge.method in BY_KIND else None


def heading_charges(
    order: PurchaseOrder, base: Fraction, policy: Policy, *, fixed: bool = True, stated: bool = False
) -> Billed:
    """Give what the heading's SACs add to an invoice whose lines come to `base`, before their own charges."""
    return _billed(order.charges, None, base, policy, fixed=fixed, stated=stated)


def line_charges(
    line: OrderLine,
    base: Fraction,
    policy: Policy,
    *,
    fixed: bool = True,
    stated: bool = False,
    quantity: Decimal | None = None,
    case_pack: Decimal | None = None,
) -> Billed:
    """Give what a line's SACs add to an invoice line that comes to `base`.

    `quantity` is what is billed, in the line's unit: a rate without a quantity of its own is for that.
    """
    counted = None if quantity is None else _Counted(quantity, line.unit, case_pack)
    return _billed(line.charges, line, base, policy, fixed=fixed, stated=stated, counted=counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A quantity that rates may be for."""

    quantity: Decimal
    unit: str | None
    case_pack: Decimal | None

    def times(self, charge: Charge) -> Fraction | None:
        """Give what the rate of a charge comes to on the quantity; None where it has none or its unit does not fit."""
        if charge.rate is None:
            return None
        units = convert(self.quantity, self.unit, charge.unit or self.unit, self.case_pack)
        return None if units is None else Fraction(charge.rate) * units


def _billed(
    charges: tuple[Charge, ...],
    line: OrderLine | None,
    base: Fraction,
    policy: Policy,
    *,
    fixed: bool,
    stated: bool,
    counted: _Counted | None = None,
) -> Billed:
    """Work out each charge. `fixed` amounts count once, on the first invoice; a percent, or a rate, counts on each.

    `stated` asks what the partner's own total holds: charges that we do not bill are in it too.
    """
    billed: list[Charge] = []
    findings: list[Finding] = []
    for charge in charges:
        effect = effect_of(charge)
        where = on_order("charges") if line is None else on_line(line, "charges")
        if effect == "none":
            if charge.kind in METHOD:
                findings.append(_outside(charge, where))
            continue
        if not stated and policy.allowed_charges is not None and charge.code not in policy.allowed_charges:
            findings.append(_not_billed(charge, where, policy.allowed_charges))
            continue
        amount = None if effect is None else _amount(charge, base, counted)
        if effect is None or amount is None:
            findings.append(_unsupported(charge, where, effect))
        elif amount and (fixed or _each_time(charge)):
            billed.append(
                Charge(
                    kind=effect,
                    code=charge.code,
                    amount=amount,
                    percent=charge.percent,
                    method=METHOD[effect],
                    text=charge.text,
                    agency=charge.agency,
                    agency_code=charge.agency_code,
                )
            )
    return Billed(tuple(billed), tuple(findings))


def _each_time(charge: Charge) -> bool:
    """Say whether a charge grows with what is billed, so that each invoice has its part of it."""
    return charge.percent is not None or (charge.amount is None and charge.quantity is None)


def _amount(charge: Charge, base: Fraction, counted: _Counted | None) -> Decimal | None:
    """Give the amount in cents: a percent of `base` if one is stated, else the amount, else rate times quantity."""
    amount: Fraction | None
    if charge.percent is not None:
        amount = Fraction(charge.percent) * base / 100
    elif charge.amount is not None:
        amount = Fraction(charge.amount)
    elif charge.rate is not None and charge.quantity is not None:
        amount = Fraction(charge.rate) * Fraction(charge.quantity)
    else:
        amount = None if counted is None else counted.times(charge)
    return None if amount is None or amount < 0 else half_up(amount)


def _said(charge: Charge) -> str:
    parts = [charge.kind or "charge", charge.code or charge.agency_code, charge.text]
    if charge.amount is not None:
        parts.append(plain(charge.amount))
    return " ".join(part for part in parts if part)


def _unsupported(charge: Charge, where: Position, effect: str | None) -> Finding:
    method = "its kind, sign or amount tells too little"
    if effect is None and charge.method:
        method = f"its method is {charge.method}"
    return Finding(
        code="order.charge.unsupported",
        severity=Severity.HOLD,
        message=f"What {_said(charge)} does to the invoice is not clear: {method}.",
        where=where,
        seen=charge.method or charge.kind,
        wanted="an allowance off the invoice (02) or a charge added to it (06), with a percent or an amount",
        fix="Ask the partner how it is settled, and bill this order by hand.",
    )


def _outside(charge: Charge, where: Position) -> Finding:
    how = OUTSIDE[charge.method or ""]
    return Finding(
        code="order.charge.outside",
        severity=Severity.NOTE,
        message=f"The order states {_said(charge)}, which is {how} (method {charge.method}); no invoice holds it.",
        where=where,
        seen=charge.method,
    )


def _not_billed(charge: Charge, where: Position, allowed: frozenset[str]) -> Finding:
    return Finding(
        code="order.charge.not-billed",
        severity=Severity.NOTE,
        message=f"The order states {_said(charge)}, which is not among the charges agreed on; it is left out.",
        where=where,
        seen=charge.code,
        wanted=", ".join(sorted(allowed)) or "no charges",
    )
