"""What was agreed with a partner about orders, as values that the rules read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

HALF_UP_LINE = "half_up line"
HALF_UP_TOTAL = "half_up total"


@dataclass(frozen=True, slots=True)
class PriceTolerance:
    """How far their price may stand from ours.

    `over` and `under` are percents of our price; any gap within `amount`, per unit of our price, passes too. Zero (the
    default) means exact.
    """

    over: Decimal = Decimal(0)
    under: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    source: str | None = None


@dataclass(frozen=True, slots=True)
class HoldRule:
    """`rule: hold`: an order for which the expression is true waits for a person."""

    when: str
    reason: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How a partner's orders are judged and billed.

    `units` are the units of measure that may be ordered. `short_stock`: cut (answer with what there is), backorder
    (the rest later) or hold. `quantity_multiple`: case_pack means that each must come in whole cases, None no check.
    `totals`: what a wrong CTT does, hold or note. `lead_days`: working days nothing is promised before; requested
    dates earlier than today + lead_days are a finding. `rounding`: HALF_UP_LINE or HALF_UP_TOTAL.
    """

    price: PriceTolerance = PriceTolerance()
    units: frozenset[str] = frozenset({"EA", "CA"})
    currency: str = "USD"
    short_stock: str = "cut"
    quantity_multiple: str | None = None
    quantity_multiple_source: str | None = None
    totals: str = "hold"
    lead_days: int = 0
    rounding: str = HALF_UP_LINE
    holds: tuple[HoldRule, ...] = ()
    allowed_charges: frozenset[str] | None = None
    """SAC02 codes that we bill; None: any that the order states."""
    quantity_limit: Decimal = Decimal(1_000_000)
    """A line that asks for more than this, in its unit, is taken for a slip and held."""
