"""Units and price bases from the order to the invoice: per each, case, dozen, hundred, thousand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from edi_engine.orders.bill import bill
from edi_engine.orders.decision import Ruling
from edi_engine.orders.policy import Policy
from edi_engine.orders.ship import ship_all

ALL = Policy(units=frozenset({"EA", "CA", "DZ"}))
PER_CASE = {"price": Decimal("86.40"), "price_unit": "CA"}
PER_DOZEN = {"price": Decimal("86.40"), "price_unit": "DZ"}


def billed(answer, items, dispatch, policy):
    invoice, findings = bill(
        answer, ship_all(answer, items, dispatch), items, policy, number="I-1", date=date(2026, 1, 6)
    )
    assert findings == ()
    return invoice


@pytest.mark.parametrize("ours", [{}, PER_CASE, PER_DOZEN], ids=["ours per EA", "ours per CA", "ours per DZ"])
@pytest.mark.parametrize(
    "stated",
    [
        (144, "EA", "7.20", "PE"),  # per each
        (144, "EA", "7.20", None),
        (12, "CA", "7.20", "PE"),
        (12, "DZ", "7.20", "PE"),
        (144, "EA", "7.20", "LE"),
        (144, "EA", "7.20", "TE"),
        (144, "EA", "7.20", "WE"),
        (12, "CA", "86.40", None),  # per case
        (12, "CA", "86.40", "UM"),
        (12, "DZ", "86.40", "UM"),  # per dozen
        (144, "EA", "86.40", "TD"),
        (12, "CA", "86.40", "WD"),
        (144, "EA", "72", "PN"),  # per ten
        (144, "EA", "720", "HP"),  # per hundred
        (12, "CA", "720", "HP"),
        (12, "DZ", "720", "HP"),
        (144, "EA", "7200", "TP"),  # per thousand
        (12, "CA", "7200", "TP"),
        (12, "CA", "7200", "LM"),
        (144, "EA", "720000", "HT"),  # per hundred thousand
    ],
)
def test_the_same_goods_are_accepted_and_billed_the_same(judge, order, line, item, dispatch, stated, ours):
    """144 pieces, twelve in a case, at 7.20 each: 1,036.80, however they are counted and priced."""
    quantity, unit, price, basis = stated
    items = {1: item(**ours)}
    ordered = order(line(quantity=Decimal(quantity), unit=unit, unit_price=Decimal(price), price_basis=basis))
    decision = judge(ordered, items=items, policy=ALL)
    assert decision.all_findings() == ()
    invoice = billed(decision.answer, items, dispatch, ALL)
    assert invoice.total == Decimal("1036.80")
    (only,) = invoice.lines
    assert (only.quantity, only.unit, only.unit_price, only.price_basis) == (quantity, unit, Decimal(price), basis)


@pytest.mark.parametrize(
    "stated",
    [(144, "EA", "HP", "720.00"), (12, "CA", "TP", "7200.00"), (12, "CA", None, "86.40"), (12, "DZ", "UM", "86.40")],
)
def test_our_price_is_answered_and_billed_at_their_basis(judge, order, line, item, dispatch, stated):
    quantity, unit, basis, ours = stated
    items = {1: item()}
    ordered = order(line(quantity=Decimal(quantity), unit=unit, unit_price=Decimal(1), price_basis=basis))
    decision = judge(ordered, Ruling("order.price", "keep-ours"), items=items, policy=ALL)
    (answered,) = decision.answer.lines
    assert (answered.status, answered.unit_price) == ("price_changed", Decimal(ours))
    assert billed(decision.answer, items, dispatch, ALL).total == Decimal("1036.80")


@pytest.mark.parametrize("basis", ["CA", "CP", "NT", "QT", "WH"])
def test_a_basis_that_names_a_kind_of_price_is_held(judge, order, line, basis):
    """CA is a catalog price in X12, not one per case: nothing says what it is for."""
    decision = judge(order(line(price_basis=basis)))
    assert [one.code for one in decision.all_findings()] == ["order.price.basis"]


@pytest.mark.parametrize(
    ("quantity", "unit", "stock", "accepted"),
    [(3, "DZ", 30, 2), (3, "CA", 30, 2), (36, "EA", 30, 30), (30, "DZ", 0, 0)],
)
def test_stock_in_pieces_is_promised_in_whole_units(judge, order, line, item, quantity, unit, stock, accepted):
    decision = judge(
        order(line(quantity=Decimal(quantity), unit=unit)), items={1: item(stock=Decimal(stock))}, policy=ALL
    )
    assert decision.answer.lines[0].quantity_accepted == accepted
