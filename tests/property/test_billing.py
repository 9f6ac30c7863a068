"""Whatever is shipped and billed, the total is what the invoice's own fields add up to, to the cent."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.finding import Severity
from edi_engine.orders.bill import bill
from edi_engine.orders.decide import decide
from edi_engine.orders.decision import Ruling
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.order import Charge, Destination, OrderLine, Party, ProductId, PurchaseOrder, Terms
from edi_engine.orders.policy import HALF_UP_LINE, HALF_UP_TOTAL, Policy
from edi_engine.orders.shares import shipped_to_stores
from edi_engine.orders.ship import Dispatch, ShipInstruction, ShipLine, ship
from edi_engine.orders.sscc import is_sscc, sscc
from tests.fixtures.shipping import ship_all

pytestmark = pytest.mark.property

WHEN = datetime(2026, 1, 6, 14, 30, tzinfo=UTC)
CENT = Decimal("0.01")
charges = st.lists(
    st.one_of(
        st.builds(
            Charge, kind=st.just("allowance"), amount=st.decimals(0, 2, places=3), method=st.sampled_from(["02", None])
        ),
        st.builds(
            Charge, kind=st.just("charge"), amount=st.decimals(0, 50, places=2), method=st.sampled_from(["06", "CA"])
        ),
        st.builds(Charge, kind=st.just("allowance"), percent=st.decimals(0, 20, places=2), method=st.just("02")),
        st.builds(Charge, kind=st.just("allowance"), amount=st.just(Decimal(9)), method=st.just("01")),
    ),
    max_size=3,
).map(tuple)


def stores(wants):
    return tuple(Destination("92", f"{number:04}", Decimal(want)) for number, want in enumerate(wants, 1))


@st.composite
def cases(draw):
    """An order whose prices are ours, with its items; some of its lines are for several stores."""
    lines, items = [], {}
    for position in range(1, draw(st.integers(1, 4)) + 1):
        unit, basis = draw(
            st.sampled_from([("EA", None), ("EA", "PE"), ("CA", "PE"), ("CA", None), ("EA", "HP"), ("DZ", "PE")])
        )
        case_pack = Decimal(draw(st.integers(1, 24)))
        price = draw(st.decimals("0.01", 100, places=4))
        wants = draw(st.lists(st.integers(1, 30), min_size=1, max_size=4))
        each = {"HP": Decimal(100)}.get(basis or "", Decimal(1))
        lines.append(
            OrderLine(
                position,
                quantity=Decimal(sum(wants)),
                unit=unit,
                destinations=draw(st.sampled_from([(), stores(wants)])),
                unit_price=price * each,
                price_basis=basis,
                ids=(ProductId("VN", f"A{position}"),),
                charges=draw(charges),
            )
        )
        per = unit if basis is None else "EA"
        items[position] = ItemFact(f"A{position}", price, price_unit=per, case_pack=case_pack, weight=Decimal(1))
    terms = draw(st.sampled_from([(), (Terms("01", "3", Decimal(2), discount_days=Decimal(10)),)]))
    order = PurchaseOrder(
        "4500", parties=(Party("ship_to", id="1"),), terms=terms, charges=draw(charges), lines=tuple(lines)
    )
    return order, items


def dispatch():
    serials = count()
    return Dispatch("S-1", WHEN, lambda: sscc("0614141", "0", next(serials)))


def by_hand(invoice, items, rounding):
    """Recount with plain Decimal, apart from the engine's own arithmetic."""
    amounts = []
    for line in invoice.lines:
        pieces = {"EA": Decimal(1), "DZ": Decimal(12), "CA": items[line.position].case_pack}[line.unit]
        priced = {None: Decimal(1), "PE": pieces, "HP": pieces / 100}[line.price_basis]
        amounts.append(line.quantity * priced * line.unit_price)
    if rounding == HALF_UP_LINE:
        amounts = [amount.quantize(CENT, ROUND_HALF_UP) for amount in amounts]
    total = sum(amounts, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    for charge in (*invoice.charges, *(one for line in invoice.lines for one in line.charges)):
        total += {"02": -charge.amount, "06": charge.amount}[charge.method]
    return total


@pytest.mark.fault("F6")
@given(cases(), st.sampled_from([HALF_UP_LINE, HALF_UP_TOTAL]))
def test_a_total_is_what_its_invoice_adds_up_to(case, rounding):
    order, items = case
    policy = Policy(units=frozenset({"EA", "CA", "DZ"}), rounding=rounding)
    accepted = Ruling("order.charge", "accept-theirs")  # where the allowances are more than the goods
    answer = decide(order, Facts(WHEN.date(), items), policy, (accepted,)).answer
    shipment = ship_all(answer, items, dispatch())
    invoice, findings = bill(answer, shipment, items, policy, number="I-1", date=WHEN.date())
    if invoice is None:
        assert [one.code for one in findings if one.severity >= Severity.HOLD] == ["order.invoice.negative"]
        return
    assert invoice.total == by_hand(invoice, items, rounding)
    assert invoice.total == invoice.total.quantize(CENT)
    if invoice.discount is not None:
        assert invoice.discount == (invoice.total * 2 / 100).quantize(CENT, ROUND_HALF_UP)
        assert invoice.total_after_discount + invoice.discount == invoice.total
        assert invoice.terms[0].discount_amount == invoice.discount
    assert all(one.method in {"02", "06"} and one.amount >= 0 for one in invoice.charges)


@given(cases())
def test_everything_accepted_is_packed_once(case):
    order, items = case
    answer = decide(order, Facts(WHEN.date(), items), Policy(units=frozenset({"EA", "CA", "DZ"}))).answer
    shipment = ship_all(answer, items, dispatch())
    packed = {}
    for content in shipment.contents:
        packed[content.line.position] = packed.get(content.line.position, Decimal(0)) + content.quantity
        assert content.unit == content.line.unit
    assert packed == {line.position: line.quantity for line in order.lines}
    for line in answer.lines:
        to_stores = {}
        for content in shipment.contents:
            if content.line.position == line.line.position:
                to_stores[content.store] = to_stores.get(content.store, Decimal(0)) + content.quantity
        wanted = {one.id: one.quantity for one in line.allotments} or {None: line.quantity_accepted}
        assert to_stores == wanted
    inside = {(content.pack.sscc, content.store) for content in shipment.contents}
    labels = {content.pack.sscc for content in shipment.contents}
    assert len(inside) == len(labels)  # no carton holds goods of two stores
    assert all(is_sscc(label) for label in labels)
    assert shipment.package_count == len(labels)


@given(cases(), st.data())
def test_what_leaves_in_parts_is_never_more_than_was_accepted(case, data):
    order, items = case
    answer = decide(order, Facts(WHEN.date(), items), Policy(units=frozenset({"EA", "CA", "DZ"}))).answer
    shipped: dict[int, Decimal] = {}
    left = []
    for _ in range(4):
        rows = tuple(
            ShipLine(
                line.position,
                Decimal(data.draw(st.integers(1, 60))),
                store=data.draw(st.sampled_from([None, *(one.id for one in line.destinations)])),
            )
            for line in order.lines
            if data.draw(st.booleans())
        )
        before = dict(shipped)
        gone = shipped_to_stores(left)
        shipment, findings = ship(ShipInstruction(rows), answer, shipped, items, dispatch(), stores_shipped=gone)
        assert (shipment is None) == bool(findings)
        left.extend([shipment] if shipment else [])
        for content in shipment.contents if shipment else ():
            shipped[content.line.position] = shipped.get(content.line.position, Decimal(0)) + content.quantity
        if findings:
            assert shipped == before
    assert all(shipped.get(line.position, Decimal(0)) <= line.quantity for line in order.lines)
    wanted = {(line.position, one.id): one.quantity for line in order.lines for one in line.destinations}
    assert all(quantity <= wanted[key] for key, quantity in shipped_to_stores(left).items())


@pytest.mark.fault("F6")
@given(
    st.text("0123456789", min_size=6, max_size=12),
    st.sampled_from("0123456789"),
    st.integers(0, 9999),
    st.integers(0, 17),
)
def test_one_wrong_digit_is_always_seen(prefix, extension, serial, place):
    label = sscc(prefix, extension, serial)
    assert is_sscc(label)
    wrong = str((int(label[place]) + 1) % 10)
    assert not is_sscc(label[:place] + wrong + label[place + 1 :])
