"""Shipping and billing: in parts, by hand and by itself; what may not be leaves no number behind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from edi_engine.desk.resolve import resolve
from edi_engine.erp.json import from_json
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.fulfil import auto_ships, ship_order
from edi_engine.flow.fulfilled import Fulfilled
from edi_engine.flow.records import ShipmentRecord
from edi_engine.orders.bill import InvoiceInstruction
from edi_engine.orders.ship import ShipInstruction, ShipLine
from edi_engine.orders.shipment import Shipment
from edi_engine.orders.sscc import is_sscc, sscc
from tests.fixtures.trading import BY_HAND, CANS, DEAR_SHEARS, HOSE, Desk, desk, interchange, order, pick

CARTON = sscc("0614141", "1", 1)
ALL = ShipInstruction()
PLAINLY = InvoiceInstruction()


def shipping(*rows: tuple[int, int], number: str | None = None, carton: str | None = None) -> ShipInstruction:
    return ShipInstruction(
        tuple(ShipLine(position, Decimal(quantity), sscc=carton) for position, quantity in rows), number=number
    )


def ship(trade: Desk, instruction: ShipInstruction = ALL, number: int = 1) -> Fulfilled:
    with trade.office().ledger.reading() as unit:
        record = unit.orders.get(number)
    return ship_order(trade.office(), record, instruction, by_hand=True)


def shipments(trade: Desk) -> Sequence[ShipmentRecord]:
    with trade.office().ledger.reading() as unit:
        return unit.shipments.select()


def bill(trade: Desk, at: int, instruction: InvoiceInstruction = PLAINLY) -> Fulfilled:
    return bill_shipment(trade.office(), shipments(trade)[at], instruction, by_hand=True)


def states(trade: Desk) -> tuple[str, list[str]]:
    with trade.office().ledger.reading() as unit:
        return unit.orders.get(1).state, [line.state for line in unit.lines.select(order_id=1)]


def codes(done: Fulfilled) -> list[str]:
    assert done.document is None
    return [finding.code for finding in done.findings]


@pytest.mark.fault("F14")
def test_two_shipments_and_two_invoices(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, CANS)))
    assert ship(trade, shipping((1, 12), (2, 12))).document is not None
    assert states(trade) == ("PART_SHIPPED", ["SHIPPED", "PART_SHIPPED"])
    assert bill(trade, 0).document is not None
    assert states(trade) == ("PART_SHIPPED", ["INVOICED", "PART_SHIPPED"])
    assert ship(trade).document is not None  # the rest
    assert states(trade) == ("SHIPPED", ["INVOICED", "SHIPPED"])
    assert bill(trade, 1).document is not None
    assert states(trade) == ("INVOICED", ["INVOICED", "INVOICED"])
    first, second = (pick(one, "SN1") for one in trade.bodies("856"))
    assert [one[2] for one in first + second] == ["6", "6", "12", "12"]  # hoses come six in a case, cans twelve
    totals = [int(pick(one, "TDS")[0][1]) for one in trade.bodies("810")]
    assert totals == [12 * 1240 + 12 * 720, 12 * 720]
    trade.sound()


def test_both_are_shipped_before_they_are_billed(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    ship(trade, shipping((1, 6)))
    ship(trade, shipping((1, 6)))
    bill(trade, 1)
    assert states(trade) == ("SHIPPED", ["SHIPPED"])
    bill(trade, 0)
    assert states(trade) == ("INVOICED", ["INVOICED"])
    assert [pick(one, "IT1")[0][2] for one in trade.bodies("810")] == ["6", "6"]
    trade.sound()


def test_an_order_that_is_not_billed_is_closed_line_by_line(trade: Desk) -> None:
    """What is shipped of it is closed; the rest is still to be shipped, and the order says so."""
    trade.walk(interchange(order("1", HOSE, CANS)).replace(b"BEG*00", b"BEG*38"))
    assert ship(trade, shipping((1, 12))).document is not None
    assert states(trade) == ("PART_SHIPPED", ["SHIPPED", "ANSWERED"])
    assert bill(trade, 0).findings == ()
    assert states(trade) == ("PART_SHIPPED", ["CLOSED", "ANSWERED"])
    assert ship(trade, shipping((2, 12))).document is not None
    assert states(trade) == ("PART_SHIPPED", ["CLOSED", "PART_SHIPPED"])
    assert bill(trade, 1).findings == ()
    assert ship(trade).document is not None
    assert states(trade) == ("SHIPPED", ["CLOSED", "SHIPPED"])
    assert bill(trade, 2).findings == ()
    assert states(trade) == ("CLOSED", ["CLOSED", "CLOSED"])
    assert trade.documents("810") == []
    assert trade.cases() == []
    trade.sound()


WRONG = {
    "order.shipment.over": shipping((1, 13)),
    "order.shipment.line": shipping((3, 1)),
    "order.shipment.quantity": shipping((1, 0)),
    "order.shipment.sscc": shipping((1, 6), carton="123"),
    "order.shipment.unit": ShipInstruction((ShipLine(1, Decimal(1), unit="LB"),)),
    "document.invalid": shipping((1, 6), number="N" * 31),
}


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_instruction_is_told_and_leaves_nothing(trade: Desk, code: str) -> None:
    trade.walk(interchange(order("1", HOSE, CANS)))
    before = trade.counts()
    assert codes(ship(trade, WRONG[code])) == [code]
    assert trade.counts() == before
    assert trade.cases() == []
    assert ship(trade).document is not None
    (made,) = shipments(trade)
    assert made.number == "S0000001"


@pytest.mark.fault("F14")
def test_over_shipment_in_two_steps(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    ship(trade, shipping((1, 6)))
    assert codes(ship(trade, shipping((1, 7)))) == ["order.shipment.over"]
    assert codes(ship(trade, shipping((1, 3), (1, 4)))) == ["order.shipment.over"]
    ship(trade, shipping((1, 6)))
    assert codes(ship(trade)) == ["order.state"]
    assert len(trade.documents("856")) == 2
    assert trade.cases() == []


@pytest.mark.fault("F14", "G10")
def test_numbers_are_used_once(trade: Desk) -> None:
    trade.walk(interchange(order("1"), order("2")))
    ship(trade, shipping((1, 6), number="S0000001", carton=CARTON))
    assert codes(ship(trade, shipping((1, 6), number="S0000001"))) == ["order.shipment.number"]
    assert codes(ship(trade, shipping((1, 6), number="S0000001"), number=2)) == ["order.shipment.number"]
    assert codes(ship(trade, shipping((1, 6), carton=CARTON))) == ["order.shipment.carton"]
    assert ship(trade).document is not None
    assert ship(trade, number=2).document is not None
    assert [one.number for one in shipments(trade)] == ["S0000001", "S0000002", "S0000003"]  # the first was a person's
    assert bill(trade, 0, InvoiceInstruction(number="I0000001")).document is not None
    assert codes(bill(trade, 1, InvoiceInstruction(number="I0000001"))) == ["order.invoice.number"]
    assert bill(trade, 1).document is not None
    assert bill(trade, 2).document is not None
    assert [one.invoice_number for one in shipments(trade)] == ["I0000001", "I0000002", "I0000003"]
    trade.sound()


@pytest.mark.fault("G10")
def test_a_carton_of_another_order_is_refused_and_a_persons_number_is_not_given_again(trade: Desk) -> None:
    trade.walk(interchange(order("1"), order("2")))
    first = sscc("0614141", "0", 1)
    ship(trade, shipping((1, 6), carton=first))
    assert codes(ship(trade, shipping((1, 6), carton=first), number=2)) == ["order.shipment.carton"]
    assert ship(trade, number=2).document is not None
    found = [
        {content.pack.sscc for content in from_json(Shipment, made.body_json).contents if content.pack}
        for made in shipments(trade)
    ]
    assert found[0] == {first}
    assert first not in found[1]
    trade.sound()


@pytest.mark.fault("F14")
def test_a_shipment_is_billed_once(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    ship(trade)
    stale = shipments(trade)[0]
    assert bill_shipment(trade.office(), stale).document is not None
    before = trade.counts()
    for by_hand in (True, False):
        done = bill_shipment(trade.office(), stale, by_hand=by_hand)
        assert codes(done) == ["order.state"]
        assert "invoiced already as I0000001" in done.findings[0].message
    assert trade.counts() == before
    with trade.office().ledger.reading() as unit:
        assert unit.lines.get(1).invoiced == Decimal(12)


def test_cartons_have_numbers_of_their_own(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, CANS), order("2")))
    for number in (1, 2):
        ship(trade, number=number)
    packs = [
        content.pack.sscc
        for made in shipments(trade)
        for content in from_json(Shipment, made.body_json).contents
        if content.pack is not None
    ]
    assert len(packs) == len(set(packs)) == 2 + 2 + 2
    assert all(is_sscc(one) and one.startswith("00614141") for one in packs)
    written = ["00" + one for one in packs]
    assert [one[2] for body in trade.bodies("856") for one in pick(body, "MAN") if one[1] == "GM"] == written
    with trade.office().ledger.reading() as unit:
        linked = [one.document_id for one in unit.numbers.used("SSCC 0614141")]
        assert [unit.documents.get(one or 0).kind for one in linked] == ["856"] * 6
    trade.sound()


def test_what_was_rejected_does_not_ship(auto: Desk) -> None:
    auto.walk(interchange(order("1", HOSE, DEAR_SHEARS), order("2", "PO1*1*24*EA*10.5*PE*IN*100105")))
    for case in auto.cases():
        resolve(auto.office(), case.id, "reject-line")
    auto.work()
    auto.walk(interchange(order("3"), control=2))
    (mixed, _) = auto.bodies("856")
    assert [one[3] for one in pick(mixed, "LIN")] == ["100101"] * 2
    with auto.office().ledger.reading() as unit:
        assert [one.state for one in unit.orders.select()] == ["INVOICED", "CANCELLED", "INVOICED"]
        assert not unit.shipments.select(order_id=2)
    assert codes(ship(auto, number=2)) == ["order.state"]
    assert auto.cases() == []
    auto.sound()


def test_a_held_order_does_not_ship(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS)))
    done = ship(trade)
    assert codes(done) == ["order.state"]
    assert "it is held" in done.findings[0].message
    assert len(trade.cases()) == 1


SENTENCE = "    live: This is the sandbox retailer, and it asked us to ship whatever we acknowledge.\n"


def test_a_live_order_ships_by_itself_only_if_the_file_says_so_in_words(tmp_path: Path) -> None:
    with desk(tmp_path, (SENTENCE, "")) as silent:
        silent.walk(interchange(order("1"), control=1))
        silent.walk(interchange(order("1"), control=2, usage="T"))
        partner = silent.office().edition.partners["bluebird"]
        assert (auto_ships(partner, live=True), auto_ships(partner, live=False)) == (False, True)
        assert [(one.live, one.state) for one in silent.orders()] == [(True, "ANSWERED"), (False, "INVOICED")]
        assert {one.live for one in silent.documents("856", "810")} == {False}


def test_a_partner_that_wants_no_ship_notice(tmp_path: Path) -> None:
    with desk(tmp_path, BY_HAND) as trade:
        text = (trade.folder / "partner.yaml").read_text(encoding="utf-8")
        start, end = text.index("  856:\n"), text.index("  810:\n")
        (trade.folder / "partner.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
        trade.reread()
        trade.walk(interchange(order("1")))
        done = ship(trade)
        assert (done.document, done.findings) == (None, ())
        assert done.record is not None
        assert bill(trade, 0).document is not None
        assert [one.kind for one in trade.documents() if one.kind.isdigit()] == ["997", "855", "810"]
        trade.sound()


def test_a_case_of_automatic_work_has_what_people_need(auto: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from edi_engine.flow import fulfil
    from edi_engine.orders.ship import _nothing

    def nothing(_instruction, answer, *_: object, **__: object):
        return None, (_nothing(answer, {}),)

    monkeypatch.setattr(fulfil, "ship", nothing)
    auto.walk(interchange(order("1")))
    case = auto.case()
    assert (case.subject, case.kind, case.step) == ("ship:1", "order.shipment", "ship")
    assert (case.partner, case.po_number, case.order_id) == ("bluebird", "1", 1)
    assert case.deadline is not None
    assert case.money_held == Decimal("148.80")
    assert case.file_id == 1


def without(trade: Desk, *set_ids: str) -> None:
    """Take the maps of some sets out of the partner file."""
    path = trade.folder / "partner.yaml"
    kept, inside = [], False
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip()) <= 2:
            inside = any(line.startswith(f"  {set_id}: ") or line == f"  {set_id}:\n" for set_id in set_ids)
        kept.append("" if inside else line)
    path.write_text("".join(kept), encoding="utf-8")
    trade.reread()


def test_nothing_ships_by_hand_that_no_map_tells_the_partner(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    without(trade, "856", "810")
    before = trade.counts()
    done = ship(trade)
    assert (done.record, codes(done)) == (None, ["order.fulfilment.map"])
    assert "no map that writes an 856" in done.findings[0].message
    assert trade.counts() == before
    assert states(trade) == ("ANSWERED", ["ANSWERED"])


def test_no_invoice_without_its_map(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    assert ship(trade).document is not None
    without(trade, "810")
    before = trade.counts()
    assert codes(bill(trade, 0)) == ["order.fulfilment.map"]
    assert trade.counts() == before
    assert states(trade) == ("SHIPPED", ["SHIPPED"])


def test_a_partner_that_wants_only_the_invoice(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    without(trade, "856")
    done = ship(trade)
    assert (done.record is not None, done.document, done.findings) == (True, None, ())
    assert bill(trade, 0).document is not None
    trade.sound()


def test_nothing_ships_by_itself_without_a_map(auto: Desk) -> None:
    without(auto, "856", "810")
    auto.walk(interchange(order("1"), usage="T"))
    assert not shipments(auto)
    assert (auto.case().kind, auto.case().subject) == ("order.fulfilment", "ship:1")
    auto.work()
    assert len(auto.cases()) == 1
    auto.sound()
