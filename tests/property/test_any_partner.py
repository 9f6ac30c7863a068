"""Any order of any shipped partner, walked to its last invoice; quantities and money are counted anew.

Nothing here asks the engine what it meant. What ships by itself ships first, then people ship the rest in parts; what
was promised and what was owed is at last all shipped and all billed.
"""

from __future__ import annotations

import calendar
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_engine.desk.queue import DISMISS, entry
from edi_engine.desk.resolve import resolve
from edi_engine.errors import UsageError
from edi_engine.finding import Position
from edi_engine.flow.fulfil import auto_ships, ship_order
from edi_engine.flow.records import DocumentRecord, OrderRecord
from edi_engine.orders.ship import ShipInstruction, ShipLine
from edi_engine.orders.sscc import is_sscc
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline
from tests.fixtures.drawing import BASES, MARKETS, Drawn, Market, Ordered, orders
from tests.fixtures.trading import Desk, desk, interchange, pick, segments

pytestmark = pytest.mark.property

EXAMPLES = 400 if os.environ.get("EDI_LONG") else 20
"""`EDI_LONG=1 pytest tests/property/test_any_partner.py` looks further, for some minutes."""
CENT = Decimal("0.01")
NOTHING = Decimal(0)
KEPT = {"IA", "IQ", "IP", "IC", "DR"}
"""ACK01: some of the line is promised."""
LEVELS = {"bluebird": "SOPI", "dunlin": "SOIP", "siskin": "SOI"}
numbers = count(1)


@pytest.fixture(scope="module", params=MARKETS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Market, Desk]]:
    market = MARKETS[request.param]
    with desk(tmp_path_factory.mktemp(request.param), *market.edits) as opened:
        yield market, opened


def test_every_shipped_partner_that_ships_by_itself_is_drawn(place: tuple[Market, Desk]) -> None:
    _, trade = place
    partners = trade.office().edition.partners
    assert {market.name for market in MARKETS.values()} == {
        name for name, partner in partners.items() if auto_ships(partner, live=True)
    }


def test_any_order_of_any_partner_balances(place: tuple[Market, Desk]) -> None:
    market, trade = place

    @settings(max_examples=EXAMPLES)
    @given(orders(market), st.data())
    def walked(drawn: Drawn, data: st.DataObject) -> None:
        trade.shop.clock.moment = datetime.fromisoformat("2026-11-22T17:30:00+00:00")
        number = next(numbers)
        record = sent_in(trade, market, f"PO{number:06d}", number, drawn)
        record = decided(trade, record, data)
        if record.answer_json is None:  # it cannot be said in this partner's words: it waits for a person
            assert market.name == "siskin"
            assert {case.kind for case in trade.cases() if case.order_id == record.id} <= {"mapping.code"}
            return
        promised, owed = answered(trade, record, drawn)
        carried(trade, record, drawn)
        shipped_whole(trade, record, data, {line: promised[line] + owed[line] for line in promised})
        shipped = noticed(trade, market, record, drawn)
        assert shipped == {line: promised[line] + owed[line] for line in promised if promised[line] + owed[line]}
        assert billed(trade, market, record, drawn) == shipped
        for document in of(trade, record, "855", "856", "810"):
            readable(trade, document)

    walked()
    trade.sound()


# --- what is done ----------------------------------------------------------------------------------------------------


def sent_in(trade: Desk, market: Market, number: str, control: int, drawn: Drawn) -> OrderRecord:
    data = interchange(drawn.body(market, number), control=control, sender=market.sender, version=market.version)
    sender = market.sender.partition("/")[2].encode()
    data = data.replace(b"GS*PO*6119290001*", b"GS*PO*" + sender + b"*")
    if market.version == "005010":
        data = data.replace(b"*U*00401*", b"*^*00501*")
    done = trade.walk(data)
    assert done.orders, [case.title for case in done.cases]
    (record,) = done.orders
    return record


def decided(trade: Desk, record: OrderRecord, data: st.DataObject) -> OrderRecord:
    """Decide every case of the order by any choice that answers it, and let ship by itself what does."""
    office = trade.office()
    for _ in range(40):
        waiting = [entry(one) for one in trade.cases() if one.order_id == record.id and one.step == "decide"]
        ways = [(one.record, way.name) for one in waiting for way in one.choices if way.name != DISMISS]
        if not ways:
            break
        case, choice = data.draw(st.sampled_from(ways), label="choice")
        try:
            resolve(office, case.id, choice)
        except UsageError:  # it does not fit every line of the case
            resolve(office, case.id, "reject-line")
    trade.work()
    with office.ledger.reading() as unit:
        return unit.orders.get(record.id)


def shipped_whole(trade: Desk, record: OrderRecord, data: st.DataObject, wanted: dict[str, Decimal]) -> None:
    """Ship what has not left by itself, in parts, each line by name; then bill everything."""
    office = trade.office()
    for part in range(4):
        with office.ledger.reading() as unit:
            current = unit.orders.get(record.id)
            gone = {str(line.position): line.shipped for line in unit.lines.select(order_id=record.id)}
        left = {line: quantity - gone[line] for line, quantity in wanted.items() if quantity > gone[line]}
        if not left:
            break
        rows = tuple(
            ShipLine(
                int(line), rest if part == 3 else Decimal(data.draw(st.integers(0, int(rest)), label=f"of {line}"))
            )
            for line, rest in left.items()
        )
        rows = tuple(row for row in rows if row.quantity)
        if rows:
            done = ship_order(office, current, ShipInstruction(rows), by_hand=True)
            assert done.document is not None, done.findings
    trade.work()
    with office.ledger.reading() as unit:
        final = unit.orders.get(record.id)
        assert final.state == ("INVOICED" if any(wanted.values()) else "CANCELLED")
        assert not unit.timers.select(subject=f"ship:{record.id}", state="WAITING")


# --- what was written ------------------------------------------------------------------------------------------------


def answered(trade: Desk, record: OrderRecord, drawn: Drawn) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Give what the 855 promises and owes of each line; it says the line as it was ordered, and no more than that."""
    (sent,) = bodies(trade, record, "855")
    ordered = {line.number: line for line in drawn.lines}
    promised, owed, refused = Counter(), Counter(), Counter()
    assert [one[1:4] for one in pick(sent, "PO1")] == [
        [line.number, str(line.quantity), line.unit] for line in drawn.lines
    ]
    for segment in pick(sent, "PO1", "ACK"):
        if segment[0] == "PO1":
            line = ordered[segment[1]]
            assert tuple(segment[6:]) == line.ids
            assert (segment[5] if len(segment) > 5 else "") == line.basis
            continue
        assert segment[3] == line.unit
        counted = promised if segment[1] in KEPT else owed if segment[1] == "IB" else refused
        counted[line.number] += Decimal(segment[2])
    for line in drawn.lines:
        assert promised[line.number] + owed[line.number] + refused[line.number] <= line.quantity
    assert pick(sent, "CTT")[0][1] == str(len(drawn.lines))
    return ({one: Decimal(promised[one]) for one in ordered}, {one: Decimal(owed[one]) for one in ordered})


def carried(trade: Desk, record: OrderRecord, drawn: Drawn) -> None:
    """See that notes, kits and ids reach the ERP, in JSON and in XML."""
    with trade.office().ledger.reading() as unit:
        files = {one.kind: unit.blobs.get(one.sha256).decode() for one in of(trade, record, "erp-json", "erp-xml")}
    if not files:
        return  # nothing of it was accepted
    order = json.loads(files["erp-json"])
    assert [one["text"] for one in order.get("notes", ())] == list(drawn.notes)
    for line, plain in zip(drawn.lines, order["lines"], strict=True):
        assert [text for one in plain["ids"] for text in (one["type"], one["id"])] == list(line.ids)
        assert len(plain.get("components", ())) == sum(one.startswith("SLN") for one in line.segments)
        assert len(plain.get("schedules", ())) == sum(one.startswith("SCH") for one in line.segments)
        assert [(one["id"], int(one["quantity"])) for one in plain.get("destinations", ())] == list(line.shares)
    assert all(note in files["erp-xml"] for note in drawn.notes)


def noticed(trade: Desk, market: Market, record: OrderRecord, drawn: Drawn) -> dict[str, Decimal]:
    """Give what the 856s bring of each line; cartons are their own, levels nest, no store gets too much."""
    total: Counter[str] = Counter()
    to_stores: Counter[tuple[str, str]] = Counter()
    cartons: list[str] = []
    shares = {line.number: dict(line.shares) for line in drawn.lines}
    ids = {line.number: list(line.ids) for line in drawn.lines}
    for sent in bodies(trade, record, "856"):
        levels(sent, LEVELS[market.name])
        store = ""
        for segment in pick(sent, "HL", "N1", "LIN", "SN1"):
            if segment[0] == "HL" and segment[3] == "O":
                store = ""
            elif segment[0] == "N1" and segment[1] == "BY":
                store = segment[4]
            elif segment[0] == "LIN":
                assert segment[2:] == ids[segment[1]]
            elif segment[0] == "SN1":
                total[segment[1]] += Decimal(segment[2])
                if shares[segment[1]]:
                    to_stores[segment[1], store] += Decimal(segment[2])
        packs = {one[2] for one in pick(sent, "MAN") if one[1] == "GM"}
        assert all(is_sscc(one[2:]) and one.startswith("00") for one in packs)
        assert pick(sent, "TD1")[0][2] == str(len(packs))
        counted = sum(Decimal(one[2]) for one in pick(sent, "SN1"))
        (totals,) = pick(sent, "CTT")
        assert (int(totals[1]), Decimal(totals[2])) == (len(pick(sent, "HL")), counted)
        cartons.extend(packs)
    assert len(cartons) == len(set(cartons))
    assert all(quantity <= shares[line].get(store, 0) for (line, store), quantity in to_stores.items())
    return {line: quantity for line, quantity in total.items() if quantity}


def levels(sent: list[list[str]], wanted: str) -> None:
    """See that HL numbers rise from 1, that each parent stands on the level above, and that HL04 is true."""
    found = pick(sent, "HL")
    assert [one[1] for one in found] == [str(number) for number in range(1, len(found) + 1)]
    kinds = {one[1]: one[3] for one in found}
    parents = {one[2] for one in found}
    for one in found:
        above = wanted[wanted.index(one[3]) - 1] if one[3] != "S" else ""
        assert kinds.get(one[2], "") == above
        assert one[4] == ("1" if one[1] in parents else "0")


@dataclass
class Due:
    """What an invoice must come to, counted from the order."""

    goods: list[Decimal]
    charges: list[tuple[str, str, Decimal]]


def billed(trade: Desk, market: Market, record: OrderRecord, drawn: Drawn) -> dict[str, Decimal]:
    """Give what the 810s bill of each line. Each adds up: its lines at their basis, and the charges of the order."""
    lines = {line.number: line for line in drawn.lines}
    answer = bodies(trade, record, "855")
    prices = {one[1]: (one[4], one[5] if len(one) > 5 else "") for one in pick(answer[0], "PO1")} if answer else {}
    total: Counter[str] = Counter()
    seen: set[str] = set()
    whole = any("half_up total" in new for _, new in market.edits)
    for sent in bodies(trade, record, "810"):
        due = Due([], [])
        for one in pick(sent, "IT1"):
            line = lines[one[1]]
            assert (one[3], one[4], one[5]) == (line.unit, *prices[one[1]])
            assert tuple(one[6:]) == line.ids
            amount = extended(line, Decimal(one[2]), Decimal(one[4]))
            due.goods.append(amount)
            due.charges.extend(
                charged(line.charge, cents(amount) if not whole else amount, line, Decimal(one[2]), one[1] in seen)
            )
            total[one[1]] += Decimal(one[2])
        goods = cents(sum(due.goods, NOTHING)) if whole else sum((cents(one) for one in due.goods), NOTHING)
        due.charges.extend(charged(drawn.charge, goods, None, NOTHING, bool(seen)))
        written = [(one[1], one[12], Decimal(one[5]) / 100) for one in pick(sent, "SAC")]
        assert sorted(written) == sorted(due.charges)
        amount = goods + sum((value if kind == "C" else -value for kind, _, value in due.charges), NOTHING)
        assert Decimal(pick(sent, "TDS")[0][1]) / 100 == amount
        assert pick(sent, "CTT")[0][1] == str(len(pick(sent, "IT1")))
        assert Decimal(pick(sent, "CTT")[0][2]) == sum(Decimal(one[2]) for one in pick(sent, "IT1"))
        termed(sent, drawn, amount)
        seen.update(one[1] for one in pick(sent, "IT1"))
    return {line: quantity for line, quantity in total.items() if quantity}


def extended(line: Ordered, quantity: Decimal, price: Decimal) -> Decimal:
    """Multiply a line out: a price for so many pieces, or for one of the line's own unit."""
    per = BASES[line.basis]
    return quantity * price if per is None else quantity * line.item.pieces(line.unit) * price / per


def charged(
    sac: str, base: Decimal, line: Ordered | None, quantity: Decimal, again: bool
) -> Iterator[tuple[str, str, Decimal]]:
    """Give what a SAC of the order comes to on one invoice: its kind, method and amount."""
    if not sac:
        return
    parts = [*sac.split("*"), *[""] * 16]
    kind, amount, percent, rate, unit, count_, method = (
        parts[1],
        parts[5],
        parts[7],
        parts[8],
        parts[9],
        parts[10],
        parts[12],
    )
    if kind == "N" or method == "01":
        return
    if percent:
        value = base * Decimal(percent) / 100
    elif amount:
        value = NOTHING if again else Decimal(amount) / 100
    elif count_:
        value = NOTHING if again else Decimal(rate) * Decimal(count_)
    else:
        assert line is not None
        value = Decimal(rate) * quantity * line.item.pieces(line.unit) / line.item.pieces(unit or line.unit)
    if cents(value):
        yield kind, "02" if kind == "A" else "06", cents(value)


def termed(sent: list[list[str]], drawn: Drawn, amount: Decimal) -> None:
    """See that the days of the terms are those of the calendar, counted from the invoice."""
    if not drawn.terms:
        return
    asked = [*drawn.terms.split("*"), *[""] * 13]
    (said,) = ([*one, *[""] * 9] for one in pick(sent, "ITD"))
    start = datetime.strptime(pick(sent, "BIG")[0][1], "%Y%m%d").date()  # noqa: DTZ007
    if asked[1] == "02":
        start = start.replace(day=calendar.monthrange(start.year, start.month)[1])
    proximo = f"{(start.replace(day=1) + timedelta(days=31)).replace(day=10):%Y%m%d}" if asked[1] == "09" else ""
    assert said[4] == (asked[4] or proximo or day_after(start, asked[5]))
    assert said[6] == (asked[6] or proximo or day_after(start, asked[7]))
    if asked[3]:
        assert Decimal(said[8]) / 100 == cents(amount * Decimal(asked[3]) / 100)


def day_after(start: date, days: str) -> str:
    return f"{start + timedelta(days=int(days)):%Y%m%d}" if days else ""


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def of(trade: Desk, record: OrderRecord, *kinds: str) -> list[DocumentRecord]:
    with trade.office().ledger.reading() as unit:
        return list(unit.documents.select(order_id=record.id, kind=kinds))


def bodies(trade: Desk, record: OrderRecord, kind: str) -> list[list[list[str]]]:
    with trade.office().ledger.reading() as unit:
        return [segments(unit.blobs.get(one.sha256)) for one in of(trade, record, kind)]


def readable(trade: Desk, document: DocumentRecord) -> None:
    """See that our reader and check, and pyx12's reader, have nothing to say of its envelope, counts and segments."""
    with trade.office().ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    (read,) = outline(data).interchanges
    (group,) = read.groups
    (found,) = group.sets
    assert (read.findings, group.findings, found.findings) == ((), (), ())
    office = trade.office()
    check = office.checker(office.dictionary.resolve(group.version) or "", document.kind, None)
    assert check is not None
    text = data[found.start : found.end].decode("latin-1")
    assert check.check(text, found, read.delimiters, Position()) == ()
    assert judge(data) == ()
