"""Retrying a case after a repair, with the edition that stands on the disk now."""

from __future__ import annotations

from decimal import Decimal

import pytest

from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.errors import Outrun, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow import fulfilled
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.cases import waits
from edi_engine.flow.decide import decide_order
from edi_engine.flow.office import Office
from edi_engine.flow.records import OrderRecord
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order, pick

UNKNOWN = "PO1*2*6*EA*5*PE*IN*100999"
HOSE_ROW = "100101,GL-1200,"
REPAIRS = {
    "order.item": (order("1", HOSE, UNKNOWN), "tables/items.csv", "100101,GL-1200", "100999,GL-9999"),
    "order.ship-to": (order("1", ship_to="0999"), "tables/ship_tos.csv", "0417,", "0999,"),
}


def add_row(trade: Desk, name: str, like: str, start: str) -> None:
    """Add a row to a table: as the one that begins with `like`, but beginning with `start`."""
    path = trade.folder / name
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(like))
    new = (start + row[len(like) :]).replace("036000291452", "").replace("12.40", "5")
    path.write_text(path.read_text(encoding="utf-8") + new + "\n", encoding="utf-8")
    trade.reread()


@pytest.mark.parametrize("kind", REPAIRS)
def test_a_row_was_added(trade: Desk, kind: str) -> None:
    body, table, like, start = REPAIRS[kind]
    trade.walk(interchange(body))
    case = trade.case()
    assert case.kind == kind
    same = retry(trade.office(), case.id)
    assert (same.case.state, same.case.epoch, same.others) == ("OPEN", case.epoch + 1, ())
    assert trade.documents("855") == []
    add_row(trade, table, like, start)
    done = retry(trade.office(), case.id)
    assert (done.case.state, done.case.resolution) == ("RESOLVED", "the cause is gone")
    assert [one.state for one in trade.orders()] == ["ANSWERED"]
    assert len(trade.documents("855")) == 1
    trade.sound()


def test_our_price_was_old(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    trade.edit("tables/items.csv", "051000012517,9.95,", "051000012517,10.45,")
    assert retry(trade.office(), case.id).case.state == "RESOLVED"
    (sent,) = trade.bodies("855")
    assert [one[1] for one in pick(sent, "ACK")] == ["IA", "IA"]
    with trade.office().ledger.reading() as unit:
        booked = unit.orders.get(1)
    assert booked.edition == trade.office().edition.name
    trade.sound()


def test_a_repair_that_uncovers_another_fault(trade: Desk) -> None:
    """The item is known now, but its price is not theirs: the first case closes, another one opens."""
    trade.walk(interchange(order("1", HOSE, UNKNOWN.replace("*5*", "*9*"))))
    case = trade.case()
    add_row(trade, "tables/items.csv", "100101,GL-1200", "100999,GL-9999")
    done = retry(trade.office(), case.id)
    assert done.case.state == "RESOLVED"
    assert [one.kind for one in done.others] == ["order.price"]
    assert trade.documents("855") == []
    trade.sound()


def test_a_retry_keeps_what_was_decided(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS, UNKNOWN.replace("PO1*2", "PO1*3"))))
    price, item = sorted(trade.cases(), key=lambda one: one.kind, reverse=True)
    resolve(trade.office(), price.id, "keep-ours")
    add_row(trade, "tables/items.csv", "100101,GL-1200", "100999,GL-9999")
    retry(trade.office(), item.id)
    (sent,) = trade.bodies("855")
    assert [one[1] for one in pick(sent, "ACK")] == ["IP", "IA"]
    trade.sound()


def test_a_held_set_that_now_breaks_elsewhere(trade: Desk) -> None:
    """The guide was relaxed, and the map stops: the case of the guide closes, one of the map opens."""
    trade.walk(interchange(order("1", department=None, head=["CUR*BY*CAD"])))
    case = trade.case()
    trade.edit("partner.yaml", "    REF(DP): required ", "    # ")
    trade.edit(
        "partner.yaml",
        "  850: 850-to-order\n",
        "  850: {extends: 850-to-order, order: {currency: {from: CUR02, codes: {USD: USD}}}}\n",
    )
    done = retry(trade.office(), case.id)
    assert done.case.state == "RESOLVED"
    (other,) = done.others
    assert other.kind == "mapping.code"
    assert other.money_held == Decimal("148.80")
    assert other.deadline is not None
    trade.sound()


def test_a_daemon_that_decides_the_order_first_is_no_trouble(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is booked by the retry; at once it is the daemon's as well."""
    trade.walk(interchange(order("1", department=None)))
    trade.edit("partner.yaml", "    REF(DP): required ", "    # ")

    def both(office: Office, booked: OrderRecord) -> None:
        decide_order(trade.office(), booked)  # the daemon
        decide_order(office, booked)

    monkeypatch.setattr("edi_engine.desk.retry.decide_order", both)
    done = retry(trade.office(), trade.case().id)
    assert (done.case.state, done.others) == ("RESOLVED", ())
    assert [one.state for one in trade.orders()] == ["ANSWERED"]
    assert len(trade.documents("855")) == 1
    trade.sound()


def test_an_order_that_nobody_decided_is_told(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody touched the order in between, but did not decide it: the retry must not end as if all were done."""
    trade.walk(interchange(order("1", department=None)))
    trade.edit("partner.yaml", "    REF(DP): required ", "    # ")

    def late(office: Office, booked: OrderRecord) -> None:
        with trade.office().ledger.unit("touched") as unit:
            unit.orders.change(unit.orders.get(booked.id), edition="another")
        decide_order(office, booked)

    monkeypatch.setattr("edi_engine.desk.retry.decide_order", late)
    with pytest.raises(Outrun):
        retry(trade.office(), trade.case().id)
    assert [one.state for one in trade.orders()] == ["OPEN"]


def test_what_has_nothing_to_enter_says_so(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE.replace("*EA*", "*CASE*")), control=1))
    with pytest.raises(UsageError, match="must send it again"):
        retry(trade.office(), trade.case().id)
    with pytest.raises(UsageError, match="there is no case 9"):
        retry(trade.office(), 9)


def unsound(monkeypatch: pytest.MonkeyPatch, set_id: str) -> None:
    whole = fulfilled.draft

    def draft(books, wanted, *given):
        if wanted == set_id:
            return (Finding("document.invalid", Severity.HOLD, f"our {set_id} is not sound (planted)"),)
        return whole(books, wanted, *given)

    monkeypatch.setattr(fulfilled, "draft", draft)


@pytest.mark.parametrize(("step", "set_id"), [("ship", "856"), ("bill", "810")])
def test_a_shipment_or_invoice_that_stopped(
    auto: Desk, monkeypatch: pytest.MonkeyPatch, step: str, set_id: str
) -> None:
    with monkeypatch.context() as planted:
        unsound(planted, set_id)
        auto.walk(interchange(order("1")))
        case = auto.case()
        assert (case.subject, case.kind, case.po_number) == (f"{step}:1", "document.invalid", "1")
        before = auto.counts()
        again = retry(auto.office(), case.id).case
        assert (again.state, again.epoch) == ("OPEN", case.epoch + 1)
        assert auto.counts() == before  # not even a number was taken
    assert retry(auto.office(), case.id).case.state == "RESOLVED"
    auto.work()
    auto.walk(interchange(order("2"), control=2))
    assert [one.state for one in auto.orders()] == ["INVOICED", "INVOICED"]
    assert sorted(one.kind for one in auto.documents("856", "810")) == ["810", "810", "856", "856"]
    numbers = [one.interchange_control for one in auto.documents() if one.interchange_control]
    assert numbers == [f"{number:09d}" for number in range(1, len(numbers) + 1)]
    auto.sound()


@pytest.mark.parametrize(("step", "set_id"), [("ship", "856"), ("bill", "810")])
def test_a_person_takes_it_over(auto: Desk, monkeypatch: pytest.MonkeyPatch, step: str, set_id: str) -> None:
    with monkeypatch.context() as planted:
        unsound(planted, set_id)
        auto.walk(interchange(order("1")))
        assert resolve(auto.office(), auto.case().id, "dismiss") is None
        auto.walk(interchange(order("2"), control=2))
    assert [case.order_id for case in auto.cases()] == [2]  # the first one is not tried again by itself
    with auto.office().ledger.reading() as unit:
        assert waits(unit, f"{step}:1")
        assert not unit.documents.select(order_id=1, kind=set_id)


def test_a_case_of_a_shipment_that_was_shipped_meanwhile(auto: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as planted:
        unsound(planted, "810")
        auto.walk(interchange(order("1")))
    case = auto.case()
    with auto.office().ledger.reading() as unit:
        shipment = unit.shipments.get(1)
    assert bill_shipment(auto.office(), shipment, by_hand=True).document is not None
    with pytest.raises(UsageError, match="resolved already"):
        retry(auto.office(), case.id)
    assert len(auto.documents("810")) == 1
    auto.sound()
