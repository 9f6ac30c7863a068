"""What was agreed with a partner about orders, as values that the rules read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from edi_engine.orders.order import PurchaseOrder, Terms

HALF_UP_LINE = "half_up line"
HALF_UP_TOTAL = "half_up total"

ORIGINAL: Final = "original"
BOOK: Final = "book"
UNBILLED: Final = "unbilled"
COMPARE: Final = "compare"
LINK: Final = "link"
CANCEL: Final = "cancel"
REPLACE: Final = "replace"
FILE: Final = "file"
HOLD: Final = "hold"
MANNERS: Final = (BOOK, UNBILLED, COMPARE, LINK, CANCEL, REPLACE, FILE, HOLD)
"""What an order's purpose may come to. book: book it; the same order again is linked, another content is a case.
unbilled: booked and shipped, but not billed. compare: as book, but it may well repeat. link: it repeats a booked order,
and without one a person looks. cancel, replace: the booked order, while nothing has shipped. file: keep it, no more."""
BILLED_OR_NOT: Final = frozenset({BOOK, UNBILLED})
PURPOSES: Final[Mapping[str, str]] = MappingProxyType({
    "original": BOOK,
    "no_charge": UNBILLED,
    "confirm": COMPARE,
    "resubmission": COMPARE,
    "reissue": COMPARE,
    "duplicate": LINK,
    "cancel": CANCEL,
    "replace": REPLACE,
    "information": FILE,
    "change": HOLD,
})  # fmt: skip
"""The usual manner of each purpose; one that stands nowhere is held."""


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
    purposes: Mapping[str, str] = field(default_factory=lambda: dict(PURPOSES))
    """Purpose of an order (BEG01, by its neutral name) to one of MANNERS; a purpose that is not there is held."""
    prices: tuple[str, ...] = ("NET", "UCP")
    """Which listed price (CTP) stands for a line without one of its own, the first that is there: a type of price
    (element 236), or a class and a type such as WS/NET."""
    pack: str = "note"
    """What a case pack (PO4) that differs from ours does: note or hold."""
    pack_from_order: bool = False
    """Whether the order's case pack is used for an item whose own is not known."""
    terms: tuple[Terms, ...] = ()
    """Terms of payment for orders that state none."""
    discountable: str = "total"
    """What a discount is taken of: total (all that is billed) or goods (lines less allowances, without charges)."""

    def manner_of(self, order: PurchaseOrder) -> str:
        """Give what the order's purpose comes to; an order without one is an original."""
        return self.purposes.get(order.purpose or ORIGINAL, HOLD)

    def bills(self, order: PurchaseOrder) -> bool:
        """Say whether what is shipped of the order is billed."""
        return self.manner_of(order) != UNBILLED
