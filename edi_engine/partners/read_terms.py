"""The terms of payment of orders that state none, read from policy.terms."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from edi_engine.orders.order import Terms
from edi_engine.orders.terms import FROM_DAY, FROM_MONTH_END, NO_DISCOUNT
from edi_engine.partners.form import Form
from edi_engine.partners.measures import read_number, read_whole
from edi_engine.text.yaml import Listing

TYPES: Final = tuple(sorted({kind for kind in (*FROM_DAY, *FROM_MONTH_END, *NO_DISCOUNT) if kind}))
"""The kinds of terms (element 336) that are worked out to days."""
BASES: Final = ("1", "2", "3", "6", "8", "09", "15")
"""The days (element 333) from which terms can be counted."""
WORDS: Final = ("type", "basis", "discount_percent", "discount_days", "net_days", "text")
_MOST_DAYS: Final = 3650


def read_terms(policy: Form) -> tuple[Terms, ...]:
    """Read `terms`: a block, or a list of blocks where several may be chosen from."""
    node = policy.node("terms")
    if node is None:
        return ()
    one = None if isinstance(node, Listing) else policy.form("terms")
    forms = policy.forms("terms") if isinstance(node, Listing) else () if one is None else (one,)
    return tuple(_terms(form) for form in forms)


def _terms(form: Form) -> Terms:
    form.only(WORDS)
    percent = read_number(form, "discount_percent", Decimal(0), percent=True)
    if percent > 100:
        message = f"{form.named('discount_percent')} takes off more than all: {percent} %"
        form.complain("partner.value.number", form.mark_of("discount_percent"), message)
    if form.has("discount_percent") != form.has("discount_days"):
        message = f"{form.place} has one of discount_percent and discount_days; a discount wants both"
        form.complain("partner.value.missing", form.mark, message)
    form.text("net_days", needed=True)
    return Terms(
        type=form.choice("type", TYPES, "01"),
        basis=form.choice("basis", BASES, "3"),
        discount_percent=percent or None,
        discount_days=_days(form, "discount_days"),
        net_days=_days(form, "net_days"),
        text=form.text("text") or None,
    )


def _days(form: Form, word: str) -> Decimal | None:
    return Decimal(read_whole(form, word, 0, most=_MOST_DAYS)) if form.text(word) else None
