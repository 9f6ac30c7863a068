"""Deciding holds for any order: no exception, no promise beyond what was ordered, nothing lost between the answers."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edi_engine.finding import Severity, stops
from edi_engine.orders.decide import decide, money_held
from edi_engine.orders.decision import CHOICES, Ruling
from edi_engine.orders.facts import Facts, ItemFact
from edi_engine.orders.order import Charge, Destination, OrderLine, Party, ProductId, PurchaseOrder, Schedule
from edi_engine.orders.plan import ship_plan
from edi_engine.orders.policy import Policy, PriceTolerance
from edi_engine.orders.units import EACH, convert

pytestmark = pytest.mark.property

TODAY = date(2026, 1, 5)
maybe = lambda strategy: st.none() | strategy  # noqa: E731
amounts = st.decimals(min_value=0, max_value=10_000, places=4)
prices = st.sampled_from(["7.20", "7.19", "86.40", "0", "-1", "720"]).map(Decimal) | amounts
quantities = st.integers(1, 500).map(Decimal) | st.sampled_from(["0", "-3", "2.5", "1E+15"]).map(Decimal)
days = st.integers(-900, 2500).map(lambda n: TODAY + timedelta(days=n)) | st.sampled_from([date.min, date.max])
units = st.sampled_from(["EA", "CA", "DZ", "SF", None])
charges = st.lists(
    st.builds(
        Charge,
        kind=st.sampled_from(["allowance", "charge", "none", None]),
        code=st.sampled_from(["C310", None]),
        amount=maybe(amounts),
        percent=maybe(st.integers(0, 100).map(Decimal)),
        method=st.sampled_from([None, "02", "06", "08", "01", "99"]),
    ),
    max_size=2,
).map(tuple)


schedules = st.just(()) | st.lists(
    st.builds(
        Schedule,
        quantity=maybe(quantities),
        unit=st.sampled_from([None, "EA", "CA"]),
        date_type=st.sampled_from(["010", "002", "036", None]),
        date=maybe(days),
    ),
    max_size=3,
).map(tuple)
destinations = st.just(()) | st.lists(
    st.builds(
        Destination,
        id_type=st.just("92"),
        id=st.sampled_from(["1", "2", "3", None]),
        quantity=maybe(quantities),
        unit=st.sampled_from([None, "EA", "CA"]),
    ),
    max_size=4,
).map(tuple)


@st.composite
def lines(draw, position):
    return OrderLine(
        position,
        number=draw(st.sampled_from([str(position), "1", None])),
        quantity=draw(maybe(quantities)),
        unit=draw(units),
        unit_price=draw(maybe(prices)),
        price_basis=draw(st.sampled_from([None, "PE", "UM", "HP", "TP", "QT"])),
        ids=draw(st.sampled_from([(), (ProductId("VN", "A"),)])),
        ship_not_before=draw(maybe(days)),
        ship_by=draw(maybe(days)),
        destinations=draw(destinations),
        schedules=draw(schedules),
        charges=draw(charges),
    )


@st.composite
def orders(draw):
    count = draw(st.integers(0, 4))
    return PurchaseOrder(
        "4500",
        order_date=draw(maybe(days)),
        purpose=draw(st.sampled_from([None, "original", "original", "no_charge", "cancel", "duplicate"])),
        type=draw(st.sampled_from([None, "standard", "rush", "blanket"])),
        currency=draw(st.sampled_from([None, "USD", "EUR"])),
        deliver_by=draw(maybe(days)),
        stated_lines=draw(maybe(st.just(Decimal(count)) | quantities)),
        stated_total=draw(maybe(amounts)),
        parties=draw(st.sampled_from([(), (Party("ship_to", id="1"),), (Party("ship_to"),)])),
        charges=draw(charges),
        lines=tuple(draw(lines(position)) for position in range(1, count + 1)),
    )


items = st.builds(
    ItemFact,
    item=st.sampled_from(["A", "B"]),
    price=maybe(amounts),
    price_unit=st.sampled_from(["EA", "CA"]),
    case_pack=maybe(st.integers(1, 24).map(Decimal)),
    stock=maybe(st.integers(-5, 300).map(Decimal)),
    discontinued=st.booleans(),
)
policies = st.builds(
    Policy,
    price=st.builds(
        PriceTolerance, over=st.integers(0, 5).map(Decimal), amount=st.sampled_from(["0", "0.05"]).map(Decimal)
    ),
    units=st.just(frozenset({"EA", "CA", "DZ", "SF"})),
    short_stock=st.sampled_from(["cut", "backorder", "hold"]),
    quantity_multiple=st.sampled_from([None, "case_pack"]),
    totals=st.sampled_from(["hold", "note"]),
    lead_days=st.integers(0, 10),
    rounding=st.sampled_from(["half_up line", "half_up total"]),
)
KINDS = ["price", "schedules", "quantity", "item", "date", "unit", "ship-to", "total", "stock", "currency", "purpose",
         "type", "destinations"]  # fmt: skip
rulings = st.lists(
    st.builds(
        Ruling,
        kind=st.sampled_from(KINDS).map(lambda word: f"order.{word}"),
        choice=st.sampled_from(CHOICES),
        line=maybe(st.integers(1, 4)),
    ),
    max_size=14,
).map(tuple)


@st.composite
def facts(draw, order):
    known = {line.position: draw(items) for line in order.lines if draw(st.integers(0, 5))}
    return Facts(TODAY, known, draw(maybe(st.just(frozenset({"1"})))))


@given(st.data(), orders(), policies, rulings)
def test_any_order_is_decided(data, order, policy, made):
    known = data.draw(facts(order))
    decision = decide(order, known, policy, made, answer_number="R-1")
    assert decide(order, known, policy, made, answer_number="R-1") == decision
    assert [verdict.position for verdict in decision.lines] == [line.position for line in order.lines]
    held = stops(decision.findings) or any(verdict.held for verdict in decision.lines)
    assert (decision.answer is None) == held
    for verdict in decision.lines:
        assert all(finding.where.line == verdict.position for finding in verdict.findings)
        if stops(verdict.findings):
            assert verdict.held
    assert money_held(order, known, decision.lines) >= 0
    for finding in decision.all_findings():
        assert finding.message
        assert finding.where.path is not None


@given(st.data(), orders(), policies, rulings)
def test_answers_never_promise_more_than_was_ordered_and_lose_nothing(data, order, policy, made):
    known = data.draw(facts(order))
    decision = decide(order, known, policy, made)
    for line, verdict in zip(order.lines, decision.lines, strict=bool(decision.lines)):
        if not verdict.answers:
            continue
        answered = sum((one.quantity for one in verdict.answers if one.quantity is not None), Decimal(0))
        if {one.status for one in verdict.answers} == {"rejected"}:
            assert verdict.answers[0].quantity == line.quantity
            continue
        assert all(one.quantity > 0 and one.unit == line.unit for one in verdict.answers)
        assert answered <= line.quantity
        if all(one.status not in {"quantity_changed", "changed"} for one in verdict.answers):
            assert answered == line.quantity


@st.composite
def shared_lines(draw):
    """A line whose stores want what it orders, in a whole unit, and its item."""
    unit = draw(st.sampled_from(["EA", "CA", "DZ"]))
    wants = draw(st.lists(st.integers(1, 60), min_size=1, max_size=6))
    line = OrderLine(
        1,
        quantity=Decimal(sum(wants)),
        unit=unit,
        unit_price=Decimal(1),
        price_basis="PE",
        ids=(ProductId("VN", "A"),),
        destinations=tuple(Destination("92", f"{number:04}", Decimal(want)) for number, want in enumerate(wants)),
    )
    pack = Decimal(draw(st.integers(1, 24)))
    return line, ItemFact("A", Decimal(1), case_pack=pack, stock=draw(maybe(st.integers(0, 3000).map(Decimal))))


@given(shared_lines(), st.sampled_from(["cut", "backorder"]))
def test_the_stores_get_what_is_accepted_in_turn_and_the_short_one_whole_cartons(case, short_stock):
    line, item = case
    order = PurchaseOrder("1", parties=(Party("ship_to", id="1"),), lines=(line,))
    policy = Policy(units=frozenset({"EA", "CA", "DZ"}), short_stock=short_stock)
    (answered,) = decide(order, Facts(TODAY, {1: item}), policy).answer.lines
    assert sum((one.quantity for one in answered.allotments), Decimal(0)) == answered.quantity_accepted
    given_to = {one.id: one.quantity for one in answered.allotments}
    left = None if item.stock is None else Fraction(item.stock)
    for share in line.destinations:
        got = given_to.get(share.id, Decimal(0))
        each = convert(Decimal(1), line.unit, EACH, item.case_pack)
        assert 0 <= got <= share.quantity
        if got < share.quantity:
            carton = convert(got, line.unit, "CA", item.case_pack)
            assert carton.denominator == 1
            assert Fraction(share.quantity) * each > left  # it would not have been short otherwise
        if left is not None:
            left -= Fraction(got) * each
    assert left is None or left >= 0


@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 90), st.sampled_from(["010", "002"])), min_size=1, max_size=5
    ),
    maybe(st.integers(0, 300).map(Decimal)),
    st.sampled_from(["cut", "backorder"]),
)
def test_every_part_of_a_schedule_is_answered_and_nothing_is_lost(wants, stock, short_stock):
    line = OrderLine(
        1,
        quantity=Decimal(sum(quantity for quantity, _, _ in wants)),
        unit="EA",
        unit_price=Decimal(1),
        ids=(ProductId("VN", "A"),),
        schedules=tuple(
            Schedule(Decimal(quantity), "EA", kind, TODAY + timedelta(days=days)) for quantity, days, kind in wants
        ),
    )
    order = PurchaseOrder("1", parties=(Party("ship_to", id="1"),), lines=(line,))
    facts = Facts(TODAY, {1: ItemFact("A", Decimal(1), stock=stock)})
    answer = decide(order, facts, Policy(short_stock=short_stock)).answer
    (answered,) = answer.lines
    accepted = line.quantity if stock is None else min(line.quantity, stock)
    assert answered.quantity_accepted == accepted
    dated = [
        one.ship_on or one.deliver_on for one in answered.answers if one.status in {"accepted", "quantity_changed"}
    ]
    assert dated == sorted(dated)
    assert set(dated) <= {part.date for part in line.schedules}
    together = sum((one.quantity for one in answered.answers), Decimal(0))
    if "quantity_changed" in {one.status for one in answered.answers}:
        assert together <= line.quantity
    else:
        assert together == line.quantity
    planned = [row.quantity for one in ship_plan(answer) for row in one.instruction.lines]
    assert sum(planned, Decimal(0)) == accepted


@given(st.data(), orders(), policies, rulings)
def test_allotments_never_differ_from_what_is_accepted(data, order, policy, made):
    answer = decide(order, data.draw(facts(order)), policy, made).answer
    for line in answer.lines if answer else ():
        if line.line.destinations:
            assert sum((one.quantity for one in line.allotments), Decimal(0)) == line.quantity_accepted
        else:
            assert line.allotments == ()


@given(st.data(), orders(), policies)
def test_no_more_stock_is_promised_than_there_is(data, order, policy):
    known = data.draw(facts(order))
    promised: dict[str, Fraction] = {}
    stock: dict[str, Decimal] = {}
    for verdict in decide(order, known, policy).lines:
        fact = known.items.get(verdict.position)
        if fact is None or fact.stock is None:
            continue
        stock.setdefault(fact.item, fact.stock)
        for one in verdict.answers:
            if one.status not in {"rejected", "backordered"}:
                taken = convert(one.quantity, one.unit, EACH, fact.case_pack)
                promised[fact.item] = promised.get(fact.item, Fraction(0)) + taken
    assert all(total <= max(stock[item], 0) for item, total in promised.items())


@pytest.mark.fault("F4")
@given(
    ours=st.decimals("0.0001", 10_000, places=4),
    share=st.decimals(0, 50, places=2),
    gap=st.sampled_from([Decimal(0), Decimal("1E-9"), Decimal("-1E-9")]),
    over=st.booleans(),
)
def test_the_tolerance_is_exact_at_its_limit(ours, share, gap, over):
    limit = ours * (100 + share if over else 100 - share) / 100
    theirs = limit + gap
    assume(theirs > 0)
    order = PurchaseOrder(
        "1",
        parties=(Party("ship_to", id="1"),),
        lines=(OrderLine(1, quantity=Decimal(1), unit="EA", unit_price=theirs, ids=(ProductId("VN", "A"),)),),
    )
    tolerance = PriceTolerance(over=share) if over else PriceTolerance(under=share)
    decision = decide(order, Facts(TODAY, {1: ItemFact("A", ours)}), Policy(price=tolerance))
    beyond = gap > 0 if over else gap < 0
    if share == 0 and gap:
        beyond = True
    assert [one.code for one in decision.all_findings()] == (
        [f"order.price.{'over' if theirs > ours else 'under'}-tolerance"] if beyond else []
    )


@given(st.data(), orders(), policies)
def test_a_person_can_always_reject_what_is_held_by_a_line(data, order, policy):
    known = data.draw(facts(order))
    assume(order.lines)
    everything = tuple(Ruling(f"order.{word}", "reject-line") for word in KINDS)
    decision = decide(order, known, policy, everything)
    assert decision.answer is not None
    assert not [one for one in decision.all_findings() if one.severity >= Severity.HOLD]
