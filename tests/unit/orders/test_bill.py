from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.bill import bill, recount
from edi_engine.orders.charges import effect_of
from edi_engine.orders.decision import Ruling
from edi_engine.orders.order import Charge, Terms
from edi_engine.orders.policy import HALF_UP_TOTAL, Policy
from edi_engine.orders.ship import ShipInstruction, ShipLine, ship
from tests.fixtures.shipping import ship_all

DAY = date(2026, 1, 6)
ALL_THE_SAME = (Ruling("order.charge", "accept-theirs"), Ruling("order.terms", "accept-theirs"))
"""A person lets an order go on whose invoice will be held."""


@pytest.fixture
def billed(judge, item, dispatch):
    """Decide, ship and bill an order in one go."""

    def make(order, *rulings, policy=None, items=None, before=()):
        items = items or {line.position: item(f"A-{line.position}") for line in order.lines}
        policy = policy or Policy()
        answer = judge(order, *rulings, *ALL_THE_SAME, items=items, policy=policy).answer
        shipment = ship_all(answer, items, dispatch)
        return bill(answer, shipment, items, policy, number="I-1", date=DAY, before=before)

    return make


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.fault("F5", "F6")
def test_the_story_total(billed, order, line):
    invoice, findings = billed(order(line()))
    assert findings == ()
    assert invoice.total == Decimal("259.20")
    (only,) = invoice.lines
    assert (only.quantity, only.unit, only.unit_price, only.price_basis, only.amount) == (
        Decimal(3), "CA", Decimal("7.20"), "PE", Decimal("259.20"),
    )  # fmt: skip
    assert (invoice.number, invoice.date, invoice.currency, invoice.units_shipped) == ("I-1", DAY, "USD", 3)


@pytest.mark.parametrize(
    ("kind", "method", "total", "billed_method"),
    [
        ("allowance", "02", "249.20", "02"),
        ("charge", "06", "269.20", "06"),
        ("charge", "CA", "269.20", "06"),
        ("allowance", None, "249.20", "02"),
        ("charge", "", "269.20", "06"),
        ("charge", "PP", "269.20", "06"),
        ("allowance", "07", "249.20", "02"),
        ("allowance", "01", "259.20", None),
        ("charge", "05", "259.20", None),
        ("charge", "CC", "259.20", None),
        ("allowance", "15", "259.20", None),
        ("promotion", None, "259.20", None),
        ("none", None, "259.20", None),
    ],
)
def test_only_methods_that_touch_the_invoice_count(billed, order, line, kind, method, total, billed_method):
    charge = Charge(kind, "X1", amount=Decimal(10), method=method)
    for placed in (order(line(), charges=(charge,)), order(line(charges=(charge,)))):
        invoice, findings = billed(placed)
        noted = billed_method is None and kind in {"allowance", "charge"}
        assert [(one.code, one.severity) for one in findings] == [("order.charge.outside", Severity.NOTE)] * noted
        assert invoice.total == Decimal(total)
        written = invoice.charges + invoice.lines[0].charges
        assert [one.method for one in written] == ([] if billed_method is None else [billed_method])


@pytest.mark.parametrize(
    "charge",
    [
        Charge("allowance", "free", amount=Decimal(1), method="08"),
        Charge("allowance", "cancel", amount=Decimal(1), method="12"),
        Charge("charge", "mutual", amount=Decimal(1), method="ZZ"),
        Charge("charge", "off invoice?", amount=Decimal(1), method="02"),
        Charge("allowance", "added?", amount=Decimal(1), method="06"),
        Charge("charge", "nothing said", method="06"),
        Charge("allowance", "negative", amount=Decimal(-1), method="02"),
        Charge(None, "no kind", amount=Decimal(1)),
        Charge("charge", "rate alone", rate=Decimal(1), method="06"),
    ],
    ids=lambda charge: charge.code,
)
def test_what_is_not_clear_is_held_not_guessed(billed, order, line, charge):
    invoice, findings = billed(order(line(), charges=(charge,)))
    assert invoice is None
    assert codes(findings) == ["order.charge.unsupported"]


@pytest.mark.parametrize(
    ("amount", "method", "why"), [(-1, "02", "amount tells too little"), (1, "08", "method is 08")]
)
def test_what_is_not_clear_is_named(billed, order, line, amount, method, why):
    charge = Charge("allowance", "C310", amount=Decimal(amount), method=method)
    _, (only,) = billed(order(line(), charges=(charge,)))
    assert why in only.message


def test_a_percent_is_taken_of_the_goods_and_rounded_half_up(billed, order, line):
    three = Charge("allowance", "C310", percent=Decimal("2.5"), amount=Decimal(999), method="02")
    invoice, _ = billed(order(line(quantity=Decimal(1), unit="EA", unit_price=Decimal("7.20")), charges=(three,)))
    assert invoice.charges[0].amount == Decimal("0.18")
    assert invoice.total == Decimal("7.02")
    odd, _ = billed(order(line(quantity=Decimal(3), unit="EA"), charges=(three,)))
    assert odd.total == Decimal("21.06")  # 0.54 off 21.60


def test_rate_times_quantity(billed, order, line):
    freight = Charge("charge", "D240", rate=Decimal("0.333"), quantity=Decimal(5), method="06")
    invoice, _ = billed(order(line(), charges=(freight,)))
    assert invoice.total == Decimal("260.87")


@pytest.mark.parametrize(
    ("unit", "total"),
    [(None, "260.34"), ("CA", "260.34"), ("EA", "272.88"), ("DZ", "260.34")],  # 0.38 for each of 3 CA, or of 36 EA
)
def test_a_rate_without_a_quantity_is_for_what_is_billed(billed, order, line, unit, total):
    handling = Charge("charge", "D340", rate=Decimal("0.38"), unit=unit, method="06")
    assert billed(order(line(charges=(handling,))))[0].total == Decimal(total)
    assert billed(order(line(charges=(handling,))), before={1})[0].total == Decimal(total)


def test_a_rate_for_a_unit_that_nothing_converts_is_not_clear(billed, order, line):
    handling = Charge("charge", "D340", rate=Decimal("0.38"), unit="LB", method="06")
    invoice, findings = billed(order(line(charges=(handling,))))
    assert invoice is None
    assert codes(findings) == ["order.charge.unsupported"]


def test_a_percent_of_a_line_is_taken_of_what_the_invoice_shows_for_it(billed, order, line, item):
    ten = Charge("allowance", "C310", percent=Decimal(10), method="02")
    each = line(unit="EA", quantity=Decimal(1), unit_price=Decimal("0.445"), charges=(ten,))
    items = {1: item(price=Decimal("0.445"))}
    invoice, _ = billed(order(each), items=items)
    assert (invoice.lines[0].amount, invoice.lines[0].charges[0].amount) == (Decimal("0.45"), Decimal("0.05"))
    exact, _ = billed(order(each), items=items, policy=Policy(rounding=HALF_UP_TOTAL))
    assert exact.lines[0].charges[0].amount == Decimal("0.04")  # a tenth of 0.445 is 0.0445


def test_line_and_heading_charges_come_together(billed, order, line):
    off = Charge("allowance", "C310", percent=Decimal(10), method="02")
    freight = Charge("charge", "D240", amount=Decimal(15), method="06")
    invoice, _ = billed(order(line(1, charges=(off,)), line(2), charges=(off, freight)))
    # 2 x 259.20 = 518.40; 25.92 off the line, 51.84 off the whole, 15.00 freight
    assert invoice.total == Decimal("455.64")


def test_charges_that_were_not_agreed_on_are_left_out_and_said(billed, order, line):
    charges = (Charge("charge", "D240", amount=Decimal(5), method="06"), Charge("allowance", "C310", amount=Decimal(9)))
    invoice, findings = billed(order(line(), charges=charges), policy=Policy(allowed_charges=frozenset({"D240"})))
    assert invoice.total == Decimal("264.20")
    assert [(one.code, one.severity) for one in findings] == [("order.charge.not-billed", Severity.NOTE)]


def test_a_fixed_amount_is_billed_once_and_a_percent_each_time(billed, order, line):
    charges = (
        Charge("charge", "D240", amount=Decimal(5), method="06"),
        Charge("allowance", "C310", percent=Decimal(10), method="02"),
    )
    assert billed(order(line(), charges=charges))[0].total == Decimal("238.28")
    assert billed(order(line(), charges=charges), before={1})[0].total == Decimal("233.28")


def test_a_fixed_amount_of_a_line_is_billed_on_the_first_invoice_that_bills_it(billed, order, line):
    flat = (Charge("allowance", "C310", amount=Decimal("2.50"), method="02"),)
    ordered = order(line(), line(2, charges=flat))
    assert billed(ordered, before={1})[0].total == Decimal("515.90")
    assert billed(ordered, before={1, 2})[0].total == Decimal("518.40")


def test_our_price_is_billed_where_we_changed_it(billed, order, line):
    ordered = order(line(unit_price=Decimal(9)))
    assert billed(ordered, Ruling("order.price", "keep-ours"))[0].total == Decimal("259.20")
    assert billed(ordered, Ruling("order.price", "accept-theirs"))[0].total == Decimal("324.00")


def test_what_was_shipped_is_billed_not_what_was_ordered(judge, order, line, item, dispatch):
    items = {1: item()}
    answer = judge(order(line())).answer
    part, _ = ship(ShipInstruction((ShipLine(1, Decimal(12), "EA"),)), answer, {}, items, dispatch)
    invoice, _ = bill(answer, part, items, Policy(), number="I-1", date=DAY)
    assert (invoice.lines[0].quantity, invoice.total) == (1, Decimal("86.40"))


@pytest.mark.fault("F6")
def test_rounding_by_line_and_by_total_differ(billed, order, line, item):
    each = {"unit": "EA", "quantity": Decimal(1), "unit_price": Decimal("0.335")}
    items = {n: item(f"A-{n}", price=Decimal("0.335")) for n in (1, 2)}
    ordered = order(line(1, **each), line(2, **each))
    assert billed(ordered, items=items)[0].total == Decimal("0.68")
    by_total, _ = billed(ordered, items=items, policy=Policy(rounding=HALF_UP_TOTAL))
    assert by_total.total == Decimal("0.67")
    assert [one.amount for one in by_total.lines] == [Decimal("0.335")] * 2
    assert recount(by_total, items, HALF_UP_TOTAL) == Decimal("0.67")


def test_terms_say_what_a_payment_in_time_takes_off(billed, order, line):
    invoice, _ = billed(order(line(), terms=(Terms(net_days=Decimal(30)), Terms(discount_percent=Decimal(2)))))
    assert (invoice.discountable, invoice.discount, invoice.total_after_discount) == (
        Decimal("259.20"), Decimal("5.18"), Decimal("254.02"),
    )  # fmt: skip
    assert len(invoice.terms) == 2
    assert billed(order(line()))[0].discountable is None


def test_terms_are_worked_out_from_the_day_of_the_invoice(billed, order, line):
    stated = Terms("01", "3", discount_percent=Decimal(2), discount_days=Decimal(10), net_days=Decimal(30))
    (worked,) = billed(order(line(), terms=(stated,)))[0].terms
    assert (worked.discount_due, worked.net_due, worked.discount_amount) == (
        date(2026, 1, 16), date(2026, 2, 5), Decimal("5.18"),
    )  # fmt: skip


def test_orders_without_terms_have_the_agreed_ones(billed, order, line):
    policy = Policy(terms=(Terms("01", "3", net_days=Decimal(30)),))
    assert billed(order(line()), policy=policy)[0].terms[0].net_due == date(2026, 2, 5)
    own = order(line(), terms=(Terms("01", "3", net_days=Decimal(60)),))
    assert billed(own, policy=policy)[0].terms[0].net_due == date(2026, 3, 7)


def test_a_discount_may_be_of_the_goods_alone(billed, order, line):
    charges = (
        Charge("charge", "D240", amount=Decimal(15), method="06"),
        Charge("allowance", "C310", amount=Decimal("9.20"), method="02"),
    )
    ordered = order(line(), charges=charges, terms=(Terms(discount_percent=Decimal(2)),))
    of_all, _ = billed(ordered)
    assert (of_all.total, of_all.discountable, of_all.discount) == (
        Decimal("265.00"), Decimal("265.00"), Decimal("5.30"),
    )  # fmt: skip
    of_goods, _ = billed(ordered, policy=Policy(discountable="goods"))
    assert (of_goods.discountable, of_goods.discount, of_goods.total_after_discount) == (
        Decimal("250.00"), Decimal("5.00"), Decimal("260.00"),
    )  # fmt: skip


def test_a_fixed_discount_is_given_once_and_a_percent_each_time(billed, order, line):
    flat = Terms(discount_amount=Decimal(50), discount_days=Decimal(10), net_days=Decimal(30))
    ordered = order(line(), terms=(flat,))
    assert billed(ordered)[0].discount == Decimal(50)
    second, _ = billed(ordered, before={1})
    assert (second.discount, second.terms[0].discount_due, second.terms[0].net_due) == (None, None, date(2026, 2, 5))
    percent = order(line(), terms=(replace(flat, discount_percent=Decimal(2)),))
    assert [billed(percent, before=one)[0].discount for one in ((), {1})] == [Decimal("5.18")] * 2


@pytest.mark.parametrize(
    "terms",
    [
        Terms(discount_percent=Decimal(150), discount_days=Decimal(10)),
        Terms(discount_percent=Decimal(-2), discount_days=Decimal(10)),
        Terms(discount_amount=Decimal("259.21"), discount_days=Decimal(10)),
        Terms(discount_amount=Decimal(-1), discount_days=Decimal(10)),
        Terms(discount_percent=Decimal(2), discount_days=Decimal(-5)),
        Terms(net_days=Decimal(-30)),
    ],
)
def test_terms_that_cannot_be_meant_are_held(billed, order, line, terms):
    invoice, findings = billed(order(line(), terms=(terms,)))
    assert invoice is None
    assert codes(findings) == ["order.invoice.terms"]


def test_a_discount_of_all_that_is_billed_can_be_meant(billed, order, line):
    invoice, _ = billed(order(line(), terms=(Terms(discount_percent=Decimal(100)),)))
    assert invoice.total_after_discount == Decimal("0.00")


def test_an_order_of_no_financial_value_is_never_billed_and_needs_no_price(billed, order, line):
    invoice, findings = billed(order(line(unit_price=None), purpose="no_charge"))
    assert invoice is None
    assert codes(findings) == ["order.invoice.no-charge"]


def test_allowances_above_the_goods_are_held(billed, order, line):
    invoice, findings = billed(order(line(), charges=(Charge("allowance", "C310", amount=Decimal(260), method="02"),)))
    assert invoice is None
    assert codes(findings) == ["order.invoice.negative"]


def test_what_cannot_be_billed_is_held(judge, order, line, item, dispatch):
    items = {1: item()}
    answer = judge(order(line())).answer
    shipment = ship_all(answer, items, dispatch)
    unknown = replace(shipment.contents[0], line=line(8))
    for made, facts, code in (
        (replace(shipment, contents=()), items, "order.invoice.nothing"),
        (replace(shipment, contents=(unknown,)), items, "order.invoice.line"),
        (shipment, {}, "order.invoice.price"),
        (replace(shipment, contents=(replace(shipment.contents[0], unit="BX"),)), items, "order.invoice.price"),
    ):
        invoice, findings = bill(answer, made, facts, Policy(), number="I-1", date=DAY)
        assert invoice is None
        assert codes(findings) == [code]


@pytest.mark.fault("F6")
def test_a_recount_sees_one_cent(billed, order, line, item):
    invoice, _ = billed(order(line(), charges=(Charge("charge", "D240", amount=Decimal(5), method="06"),)))
    items = {1: item()}
    assert recount(invoice, items, "half_up line") == invoice.total
    wrong = replace(invoice, charges=(replace(invoice.charges[0], amount=Decimal("5.01")),))
    assert recount(wrong, items, "half_up line") == invoice.total + Decimal("0.01")
    assert recount(invoice, {}, "half_up line") is None


def test_a_method_nobody_knows_is_not_clear():
    assert effect_of(Charge("charge", method="99")) is None
