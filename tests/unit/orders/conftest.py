from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest

from edi_engine.orders.decide import decide
from edi_engine.orders.decision import Decision
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.order import OrderLine, Party, ProductId, PurchaseOrder
from edi_engine.orders.policy import Policy
from edi_engine.orders.ship import Dispatch
from edi_engine.orders.sscc import sscc

TODAY = date(2026, 1, 5)  # a Monday


@pytest.fixture
def line() -> Callable[..., OrderLine]:
    """A line of 3 cases at 7.20 each; a case holds 12."""

    def make(position: int = 1, **changes: object) -> OrderLine:
        usual = OrderLine(
            position,
            number=str(position),
            quantity=Decimal(3),
            unit="CA",
            unit_price=Decimal("7.20"),
            price_basis="PE",
            ids=(ProductId("VN", f"A-{position}"),),
            vendor_item=f"A-{position}",
            in_set=10 * position,
        )
        return replace(usual, **changes)

    return make


@pytest.fixture
def order(line: Callable[..., OrderLine]) -> Callable[..., PurchaseOrder]:
    def make(*lines: OrderLine, **changes: object) -> PurchaseOrder:
        usual = PurchaseOrder(
            "4500012345",
            order_date=date(2026, 1, 2),
            purpose="original",
            type="standard",
            currency="USD",
            parties=(Party("ship_to", "Dock 7", id_type="92", id="0007"),),
            lines=lines or (line(),),
        )
        return replace(usual, **changes)

    return make


@pytest.fixture
def item() -> Callable[..., ItemFact]:
    def make(number: str = "A-1", **changes: object) -> ItemFact:
        usual = ItemFact(number, price=Decimal("7.20"), case_pack=Decimal(12), source="items.csv:2")
        return replace(usual, **changes)

    return make


@pytest.fixture
def judge(item: Callable[..., ItemFact]) -> Callable[..., Decision]:
    """Decide an order whose items are all known at 7.20 each, 12 a case, unless the test says otherwise."""

    def make(order: PurchaseOrder, *rulings: object, policy: Policy | None = None, **changes: object) -> Decision:
        items = {one.position: item(f"A-{one.position}") for one in order.lines}
        facts = replace(Facts(TODAY, items, ship_tos=frozenset({"0007"})), **changes)
        return decide(order, facts, policy or Policy(), rulings, answer_number="R-1")

    return make


@pytest.fixture
def dispatch() -> Dispatch:
    serials = count(1)
    return Dispatch("S-1", datetime(2026, 1, 6, 14, 30, tzinfo=UTC), lambda: sscc("0614141", "0", next(serials)))
