"""Any order, walked to its last invoice: quantities and money balance in every document, and others can read them.

Nothing here asks the engine what it meant. The documents are read back by their elements, and counted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import count, groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_engine.desk.queue import DISMISS, entry
from edi_engine.desk.resolve import preview, resolve
from edi_engine.errors import UsageError
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.fulfil import ship_order
from edi_engine.flow.records import DocumentRecord, OrderRecord
from edi_engine.orders.ship import ShipInstruction, ShipLine
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline
from tests.fixtures.trading import BY_HAND, Desk, desk, interchange, pick, segments

pytestmark = pytest.mark.property

CENT = Decimal("0.01")
KEPT = {"IA", "IQ", "IP", "IC", "DR"}
"""ACK01: some of the line is promised."""


@dataclass(frozen=True)
class Item:
    number: str
    price: Decimal
    case: int


ITEMS = [
    Item("100101", Decimal("12.40"), 6),
    Item("100103", Decimal("7.20"), 12),
    Item("100106", Decimal("1.15"), 100),
    Item("100107", Decimal("11.60"), 4),  # twelve of it are there
    Item("100999", Decimal(3), 5),  # nobody knows it
]
CASES = {item.number: item.case for item in ITEMS}


@st.composite
def po1(draw: st.DrawFn, position: int) -> list[str]:
    item = draw(st.sampled_from(ITEMS))
    unit = draw(st.sampled_from(["EA", "EA", "CA"]))
    basis = draw(st.sampled_from(["PE", "", "HP"]))
    cases = draw(st.integers(1, 8))
    pieces = cases * item.case + draw(st.sampled_from([0, 0, 0, 1]))
    per = {"PE": 1, "HP": 100, "": item.case if unit == "CA" else 1}[basis]
    drift = draw(st.sampled_from(["1", "1", "1.01", "0.96", "1.0333", "1.4", "0.5"]))
    price = (item.price * per * Decimal(drift)).quantize(Decimal("0.0001"))
    charge = draw(st.sampled_from(["", "", "SAC*A*C310***250*******02", "SAC*C*D240****3*2.5*****06"]))
    quantity = cases if unit == "CA" else pieces
    line = f"PO1*{position}*{quantity}*{unit}*{price.normalize():f}*{basis}*IN*{item.number}"
    return [line, *([charge] if charge else [])]


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Give what stands in the heading beside the usual, and the lines."""
    lines = [segment for number in range(draw(st.integers(1, 4))) for segment in draw(po1(number + 1))]
    heading = draw(st.sampled_from(["", "", "SAC*A*C310****3*5*****02", "SAC*C*D240***1250*******06"]))
    return ([heading] if heading else []), lines


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("market"), BY_HAND) as opened:
        yield opened


numbers = count(1)


def test_any_order_balances(market: Desk) -> None:
    @settings(max_examples=25)
    @given(orders(), st.data())
    def walked(drawn: tuple[list[str], list[str]], data: st.DataObject) -> None:
        number = next(numbers)
        record = sent_in(market, f"PO-{number}", number, *drawn)
        record = decided(market, record, data)
        accepted = balanced_855(market, record, drawn[1])
        if record.state != "CANCELLED":
            shipped(market, record, accepted, data)
            billed(market, record, accepted, data)
        for document in of(market, record, "855", "856", "810"):
            readable(market, document)

    walked()
    market.sound()


def sent_in(market: Desk, po_number: str, control: int, heading: list[str], lines: list[str]) -> OrderRecord:
    count_of_lines = sum(one.startswith("PO1") for one in lines)
    body = [f"BEG*00*SA*{po_number}**20261120", "REF*DP*042", *heading, "DTM*010*20261207"]
    done = market.walk(interchange([*body, "N1*ST*DC*92*0417", *lines, f"CTT*{count_of_lines}"], control=control))
    (record,) = done.orders
    return record


def decided(market: Desk, record: OrderRecord, data: st.DataObject) -> OrderRecord:
    """Decide every case by any choice that answers the order; what the last preview showed is what went out."""
    office = market.office()
    while cases := [case for case in market.cases() if case.order_id == record.id]:
        case = data.draw(st.sampled_from(cases), label="case")
        ways = [one.name for one in entry(case).choices if one.name != DISMISS]
        choice = data.draw(st.sampled_from(ways), label="choice")
        lines = entry(case).lines
        line = data.draw(st.sampled_from([None, *lines]), label="line") if lines else None
        try:
            shown = preview(office, case.id, choice, line)
        except UsageError:  # it does not fit every line of the case
            choice = "reject-line"
            shown = preview(office, case.id, choice, line)
        resolve(office, case.id, choice, line)
        (sent,) = bodies(market, record, "855") or [None]
        assert (sent is None) == bool(shown.left)
        if sent is not None:
            assert list(shown.after) == ["*".join(one).rstrip("*") + "~" for one in sent[1:-1]]
    with office.ledger.reading() as unit:
        return unit.orders.get(record.id)


def balanced_855(market: Desk, record: OrderRecord, lines: list[str]) -> dict[str, Decimal]:
    """See that each line is answered once and no more is promised than was ordered; give what is promised."""
    (sent,) = bodies(market, record, "855")
    ordered = [one.split("*") for one in lines if one.startswith("PO1")]
    assert [one[1:4] for one in pick(sent, "PO1")] == [one[1:4] for one in ordered]
    promised: dict[str, Decimal] = {}
    statuses = []
    line: list[str] = []
    for segment in pick(sent, "PO1", "ACK"):
        if segment[0] == "PO1":
            line = segment
            promised[line[1]] = Decimal(0)
            continue
        statuses.append(segment[1])
        assert segment[3] == line[3]
        assert 0 < Decimal(segment[2]) <= Decimal(line[2])
        if segment[1] in KEPT:
            promised[line[1]] += Decimal(segment[2])
    assert len(statuses) == len(ordered)
    assert all(promised[one[1]] <= Decimal(one[2]) for one in ordered)
    wanted = {frozenset({"IA"}): "AD", frozenset({"IR"}): "RD"}.get(frozenset(statuses), "AC")
    assert pick(sent, "BAK")[0][2] == wanted
    assert pick(sent, "CTT")[0][1] == str(len(ordered))
    rakes = (one for one in ordered if one[7] == "100107")
    assert sum(promised[one[1]] * (4 if one[3] == "CA" else 1) for one in rakes) <= 12  # all that there are
    assert (record.state == "CANCELLED") == (not any(promised.values()))
    return promised


def shipped(market: Desk, record: OrderRecord, accepted: dict[str, Decimal], data: st.DataObject) -> None:
    """Ship in parts, then the rest; together they are what was promised, each carton once."""
    office = market.office()
    left = {int(line): quantity for line, quantity in accepted.items() if quantity}
    for _ in range(data.draw(st.integers(0, 2), label="parts")):
        rows = []
        for line, rest in left.items():
            part = data.draw(st.integers(0, int(rest)), label=f"of line {line}")
            if part and part < sum(left.values()):
                rows.append(ShipLine(line, Decimal(part)))
        if sum(row.quantity for row in rows) < sum(left.values()) and rows:
            with office.ledger.reading() as unit:
                current = unit.orders.get(record.id)
            done = ship_order(office, current, ShipInstruction(tuple(rows)), by_hand=True)
            assert done.document is not None, done.findings
            for row in rows:
                left[row.position] -= row.quantity
            left = {line: rest for line, rest in left.items() if rest}
    with office.ledger.reading() as unit:
        current = unit.orders.get(record.id)
    rest = ship_order(office, current, ShipInstruction(), by_hand=True)
    assert rest.document is not None, rest.findings
    assert ship_order(office, current, ShipInstruction(), by_hand=True).document is None
    total: Counter[str] = Counter()
    cartons: list[str] = []
    for sent in bodies(market, record, "856"):
        items = pick(sent, "SN1")
        total.update({line: sum(Decimal(one[2]) for one in same) for line, same in by_line(items)})
        packs = [one[2] for one in pick(sent, "MAN")]
        assert pick(sent, "TD1")[0][2] == str(len(packs))
        assert pick(sent, "CTT")[0][1:3] == [str(len(pick(sent, "HL"))), f"{sum(Decimal(one[2]) for one in items):f}"]
        cartons.extend(packs)
    assert dict(total) == {line: quantity for line, quantity in accepted.items() if quantity}
    assert len(cartons) == len(set(cartons))


def by_line(segments_: list[list[str]]) -> Iterator[tuple[str, list[list[str]]]]:
    for line, same in groupby(sorted(segments_, key=lambda one: one[1]), key=lambda one: one[1]):
        yield line, list(same)


def billed(market: Desk, record: OrderRecord, accepted: dict[str, Decimal], data: st.DataObject) -> None:
    """Bill the shipments in any order; each invoice adds up to its own total, and all of them to what was promised."""
    office = market.office()
    with office.ledger.reading() as unit:
        shipments = unit.shipments.select(order_id=record.id)
    for shipment in data.draw(st.permutations(shipments), label="billed"):
        done = bill_shipment(office, shipment, by_hand=True)
        assert done.document is not None, done.findings
    with office.ledger.reading() as unit:
        assert unit.orders.get(record.id).state == "INVOICED"
    (answer,) = bodies(market, record, "855")
    prices = {one[1]: one[4:6] for one in pick(answer, "PO1")}
    total: Counter[str] = Counter()
    for sent in bodies(market, record, "810"):
        lines = pick(sent, "IT1")
        assert [one[4:6] for one in lines] == [prices[one[1]] for one in lines]  # as the 855 has said
        total.update({one[1]: Decimal(one[2]) for one in lines})
        signs = {"02": -1, "06": 1}
        charges = sum(signs[one[12]] * Decimal(one[5]) / 100 for one in pick(sent, "SAC"))
        due = sum(extended(one) for one in lines) + charges
        assert Decimal(pick(sent, "TDS")[0][1]) / 100 == due
        assert pick(sent, "CTT")[0][1] == str(len(lines))
    assert dict(total) == {line: quantity for line, quantity in accepted.items() if quantity}


def extended(line: list[str]) -> Decimal:
    """Multiply a line of an 810 out: PE and HP are for pieces, no basis is for the line's own unit."""
    _, _, quantity, unit, price, basis, _, item = line[:8]
    pieces = Decimal(quantity) * (CASES[item] if unit == "CA" and basis else 1)
    return (pieces * Decimal(price) / (100 if basis == "HP" else 1)).quantize(CENT, ROUND_HALF_UP)


def of(market: Desk, record: OrderRecord, *kinds: str) -> list[DocumentRecord]:
    return [one for one in market.documents(*kinds) if one.order_id == record.id]


def bodies(market: Desk, record: OrderRecord, kind: str) -> list[list[list[str]]]:
    with market.office().ledger.reading() as unit:
        return [segments(unit.blobs.get(one.sha256)) for one in of(market, record, kind)]


def readable(market: Desk, document: DocumentRecord) -> None:
    """See that our reader and check, and pyx12's reader, have nothing to say."""
    with market.office().ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    (read,) = outline(data).interchanges
    (group,) = read.groups
    (found,) = group.sets
    assert (read.findings, group.findings, found.findings) == ((), (), ())
    check = market.office().checker("004010", document.kind, None)
    assert check is not None
    from edi_engine.finding import Position

    text = data[found.start : found.end].decode("ascii")
    assert check.check(text, found, read.delimiters, Position()) == ()
    assert judge(data) == ()
