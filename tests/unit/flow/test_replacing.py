"""Purposes of orders on a real store: what replaces, cancels, confirms or copies an order, and what the ERP hears."""

from __future__ import annotations

import json
from functools import partial
from random import Random

import pytest

from edi_engine.app.processing import walk
from edi_engine.app.replaying import replay_in
from edi_engine.app.views import find_order
from edi_engine.app.work import open_stored
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.errors import Outrun, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.calloff import call_off
from edi_engine.flow.decide import decide_order
from edi_engine.flow.fulfil import ship_order
from edi_engine.flow.handover import park
from edi_engine.flow.receive import receive
from edi_engine.flow.records import DocumentRecord, OrderRecord, TimerRecord
from edi_engine.flow.ship_days import SHIP_DUE
from edi_engine.orders.ship import ShipInstruction
from edi_engine.resources import shipped
from tests.fixtures.trading import CANS, DEAR_SHEARS, HOSE, Desk, interchange, order, pick
from tests.fixtures.walks import Shop

MORE = HOSE.replace("*12*EA", "*24*EA")


def bearing(code: str, data: bytes) -> bytes:
    """Give the order with another purpose (BEG01)."""
    assert data.count(b"BEG*00") == 1
    return data.replace(b"BEG*00", b"BEG*" + code.encode())


def by_post(trade: Desk, data: bytes) -> None:
    """Take a file from the partner's mailbox, as the daemon does; nothing is delivered."""
    office = trade.office()
    receive(office, "bluebird-sftp", f"{len(data)}-{data[100:]!r}"[:40].encode(), data)
    while open_stored(office, "bluebird-sftp"):
        pass
    trade.work()


def states(trade: Desk) -> list[tuple[int, str]]:
    return [(one.again, one.state) for one in trade.orders()]


def of_order(trade: Desk, order_id: int) -> dict[tuple[str, int], DocumentRecord]:
    return {(one.kind, one.again): one for one in trade.documents() if one.order_id == order_id}


def erp(trade: Desk, document: DocumentRecord) -> dict:
    with trade.office().ledger.reading() as unit:
        return json.loads(unit.blobs.get(document.sha256))


def test_a_replacement_takes_the_place_of_an_order_that_nobody_has_heard_of(trade: Desk) -> None:
    by_post(trade, interchange(order("1"), control=1))
    by_post(trade, bearing("05", interchange(order("1", MORE, CANS), control=2)))
    assert states(trade) == [(0, "CANCELLED"), (1, "ANSWERED")]
    old, new = trade.orders()
    assert (old.replaces, new.replaces) == (None, old.id)
    assert {key: one.state for key, one in of_order(trade, old.id).items()} == {
        ("855", 0): "VOID",
        ("erp-json", 0): "VOID",
        ("erp-xml", 0): "VOID",
    }
    fresh = of_order(trade, new.id)
    assert {key: one.state for key, one in fresh.items()} == {
        ("855", 0): "READY",
        ("erp-json", 0): "READY",
        ("erp-xml", 0): "READY",
    }
    told = erp(trade, fresh["erp-json", 0])
    assert (told["reference"], told["replaces"], told["purpose"]) == (str(new.id), str(old.id), "replace")
    with trade.office().ledger.reading() as unit:
        assert b"<replaces>1</replaces>" in unit.blobs.get(fresh["erp-xml", 0].sha256)
        assert {line.state for line in unit.lines.select(order_id=old.id)} == {"CANCELLED"}
        assert [one.state for one in unit.sets.select()] == ["APPLIED", "APPLIED"]
        void = unit.documents.one(kind="855", order_id=old.id)
        assert void is not None
        assert void.last_error == "the partner sent another order in its place"
        used = [one for one in unit.numbers.used("01/004455667>08/6119290001 ISA") if one.document_id == void.id]
        assert [f"{one.number:09d}" for one in used] == [void.interchange_control]
    answers = trade.bodies("855")
    assert [len(pick(one, "PO1")) for one in answers] == [1, 2]
    assert trade.cases() == []
    trade.sound()


def test_what_has_gone_out_stays_and_the_erp_hears_that_it_is_off(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    trade.walk(bearing("05", interchange(order("1", MORE), control=2)))
    old, new = trade.orders()
    gone = of_order(trade, old.id)
    assert {key: one.state for key, one in gone.items()} == dict.fromkeys(
        [("855", 0), ("erp-json", 0), ("erp-xml", 0), ("erp-json", 1), ("erp-xml", 1)], "CONFIRMED"
    )
    told = erp(trade, gone["erp-json", 1])
    assert (told["purpose"], told["reference"], told["answer"]["verdict"]) == ("cancel", str(old.id), "cancelled")
    assert [(line["status"], line["accepted"]["quantity"]) for line in told["lines"]] == [("cancelled", "0")]
    assert gone["erp-json", 1].name == f"bluebird_1_{old.id}_cancel.json"
    assert gone["erp-json", 1].id < of_order(trade, new.id)["erp-json", 0].id  # the ERP reads them in this order
    assert gone["erp-json", 1].connection == of_order(trade, new.id)["erp-json", 0].connection
    trade.sound()


def test_a_chain_of_replacements_and_what_repeats_its_last(trade: Desk) -> None:
    by_post(trade, interchange(order("1"), control=1))
    by_post(trade, bearing("05", interchange(order("1", MORE), control=2)))
    by_post(trade, bearing("05", interchange(order("1", CANS), control=3)))
    assert states(trade) == [(0, "CANCELLED"), (1, "CANCELLED"), (2, "ANSWERED")]
    assert [one.replaces for one in trade.orders()] == [None, 1, 2]
    for control, code in enumerate(("00", "05", "06", "07", "15", "18"), start=4):
        by_post(trade, bearing(code, interchange(order("1", CANS), control=control)))
    assert len(trade.orders()) == 3
    assert trade.cases() == []
    by_post(trade, bearing("15", interchange(order("1"), control=20)))  # what was replaced does not come back
    assert trade.case().kind == "order.duplicate"
    assert "24 EA of 100103" in trade.case().title
    trade.sound()


def test_a_replacement_is_replayed_with_what_it_replaces(trade: Desk) -> None:
    for control, code, line in ((1, "00", HOSE), (2, "05", MORE), (3, "05", CANS)):
        trade.walk(bearing(code, interchange(order("1", line), control=control)))
    last = replay_in(trade.shop.place, "3")
    assert last.diff == ()
    assert last.findings == ()


def test_an_order_that_waits_is_replaced_with_its_cases(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS), control=1))
    assert trade.case().kind == "order.price"
    trade.walk(bearing("05", interchange(order("1", HOSE), control=2)))
    assert states(trade) == [(0, "CANCELLED"), (1, "ANSWERED")]
    assert trade.cases() == []
    (closed,) = trade.cases(None)
    assert (closed.state, closed.resolution) == ("RESOLVED", "the partner sent another order in its place")
    assert len(trade.documents("855")) == 1
    trade.sound()


def test_a_replacement_that_must_wait_has_called_the_first_one_off_at_once(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    trade.walk(bearing("05", interchange(order("1", HOSE, DEAR_SHEARS), control=2)))
    assert states(trade) == [(0, "CANCELLED"), (1, "HELD")]
    assert ("erp-json", 1) in of_order(trade, 1)
    assert of_order(trade, 2) == {}
    resolve(trade.office(), trade.case().id, "keep-ours")
    assert erp(trade, of_order(trade, 2)["erp-json", 0])["replaces"] == "1"
    trade.sound()


def test_an_order_and_its_replacement_in_one_file(trade: Desk) -> None:
    both = interchange(order("1"), control=1) + bearing("05", interchange(order("1", MORE), control=2))
    trade.walk(both)
    assert states(trade) == [(0, "CANCELLED"), (1, "ANSWERED")]
    assert len(trade.documents("855")) == 1
    assert len(trade.documents("997")) == 2
    trade.sound()


def test_an_order_that_we_rejected_may_be_replaced(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS), control=1))
    resolve(trade.office(), trade.case().id, "reject-line")
    assert states(trade) == [(0, "CANCELLED")]
    trade.walk(bearing("05", interchange(order("1", HOSE), control=2)))
    assert states(trade) == [(0, "CANCELLED"), (1, "ANSWERED")]
    assert of_order(trade, 1).keys() == {("855", 0)}
    trade.walk(interchange(order("2", DEAR_SHEARS), control=3))
    resolve(trade.office(), trade.case().id, "reject-line")
    trade.walk(interchange(order("2", DEAR_SHEARS), control=4))
    assert "was rejected, and comes once more" in trade.case().title
    trade.sound()


@pytest.mark.fault("F3")
@pytest.mark.parametrize("code", ["01", "05"])
def test_what_has_shipped_is_left_to_a_person(auto: Desk, code: str) -> None:
    auto.walk(interchange(order("1"), control=1))
    auto.walk(bearing(code, interchange(order("1", MORE), control=2)))
    assert states(auto) == [(0, "INVOICED")]
    case = auto.case()
    assert (case.kind, case.order_id, case.money_held) == ("order.purpose", 1, None)
    assert {one.state for one in auto.documents()} == {"CONFIRMED"}
    auto.sound()


@pytest.mark.parametrize("code", ["01", "05"])
def test_who_ships_an_order_that_was_called_off_meanwhile_is_told(trade: Desk, code: str) -> None:
    trade.walk(interchange(order("1"), control=1))
    (seen,) = trade.orders()
    trade.walk(bearing(code, interchange(order("1", MORE), control=2)))
    for by_hand in (True, False):
        shipped = ship_order(trade.office(), seen, ShipInstruction(), by_hand=by_hand)
        assert shipped.record is None
        assert [finding.code for finding in shipped.findings] == ["order.state"]
    assert trade.documents("856") == []
    trade.sound()


def test_who_decides_an_order_that_was_called_off_meanwhile_is_told(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS), control=1))
    (seen,), case = trade.orders(), trade.case()
    trade.walk(bearing("01", interchange(order("1", DEAR_SHEARS), control=2)))
    with pytest.raises(Outrun):
        decide_order(trade.office(), seen)
    assert trade.documents("855") == []
    with trade.office().ledger.reading() as unit:
        assert unit.cases.get(case.id).resolution == "the partner cancelled the order"
    trade.sound()


def test_what_ships_at_the_same_moment_is_not_called_off(trade: Desk) -> None:
    """Calling off is compare-and-set: it undoes itself as a whole where the order has moved on since it was read."""
    trade.walk(interchange(order("1"), control=1))
    (seen,) = trade.orders()
    assert ship_order(trade.office(), seen, ShipInstruction(), by_hand=True).record is not None
    with trade.office().ledger.reading() as unit:
        by = unit.sets.get(seen.set_id)
    before = trade.counts()
    with pytest.raises((Outrun, ValueError)), trade.office().ledger.unit("test") as unit:
        call_off(trade.office(), unit, seen, by, "too late")
    assert trade.counts() == before
    trade.walk(bearing("05", interchange(order("1", MORE), control=2)))
    assert trade.case().kind == "order.purpose"
    assert states(trade) == [(0, "SHIPPED")]
    trade.sound()


def test_a_cancel_calls_off_what_was_not_sent_and_tells_the_erp_what_was(trade: Desk) -> None:
    by_post(trade, interchange(order("1"), control=1))
    by_post(trade, bearing("01", interchange(order("1"), control=2)))
    assert {one.state for one in of_order(trade, 1).values()} == {"VOID"}
    trade.walk(interchange(order("2"), control=3))
    trade.walk(bearing("01", interchange(order("2"), control=4)))
    kept = of_order(trade, 2)
    assert erp(trade, kept["erp-json", 1])["purpose"] == "cancel"
    assert b"<purpose>cancel</purpose>" in (trade.shop.out / "erp" / "bluebird_2_2_cancel.xml").read_bytes()
    assert len(trade.documents("855")) == 2  # a cancel is answered by its 997 alone
    assert [one.state for one in trade.orders()] == ["CANCELLED", "CANCELLED"]
    by_post(trade, bearing("01", interchange(order("2"), control=5)))
    assert len(of_order(trade, 2)) == 5
    assert trade.cases() == []
    trade.sound()


def test_what_was_planned_of_it_does_not_leave(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    with trade.office().ledger.unit("test") as unit:
        unit.timers.add(TimerRecord("ship:1", SHIP_DUE, trade.shop.clock.now()))
        unit.timers.add(TimerRecord("ship:2", SHIP_DUE, trade.shop.clock.now()))
    trade.walk(bearing("05", interchange(order("1", MORE), control=2)))
    with trade.office().ledger.reading() as unit:
        assert [one.state for one in unit.timers.select(kind=SHIP_DUE)] == ["CANCELLED", "WAITING"]


def test_a_document_whose_upload_was_begun_is_not_made_void(trade: Desk) -> None:
    by_post(trade, interchange(order("1"), control=1))
    with trade.office().ledger.unit("test") as unit:
        begun = unit.documents.one(kind="855")
        assert begun is not None
        unit.documents.change(begun, state="UPLOADING", temporary="x.part")
        json_file = unit.documents.one(kind="erp-json")
        assert json_file is not None
        unit.documents.change(json_file, state="UPLOADING", temporary="y.part")
    by_post(trade, bearing("01", interchange(order("1"), control=2)))
    found = {key: one.state for key, one in of_order(trade, 1).items()}
    assert found == {
        ("855", 0): "UPLOADING",
        ("erp-json", 0): "UPLOADING",
        ("erp-xml", 0): "VOID",
        ("erp-json", 1): "READY",
    }
    trade.sound()


def parked(trade: Desk, **begun: object) -> int:
    """Let the 855 of a booked order be parked, as the worker that hands it over does; give the number of its case."""
    by_post(trade, interchange(order("1"), control=1))
    with trade.office().ledger.reading() as unit:
        answer = unit.documents.one(kind="855")
    assert answer is not None
    if begun:
        with trade.office().ledger.unit("test") as unit:
            answer = unit.documents.change(answer, state="UPLOADING", **begun)
    park(trade.office(), answer, Finding("document.collision", Severity.HOLD, "Something else stands there."))
    return trade.case().id


@pytest.mark.parametrize("code", ["01", "05"])
def test_a_parked_document_is_void_with_its_order(trade: Desk, code: str) -> None:
    case = parked(trade)
    by_post(trade, bearing(code, interchange(order("1", MORE), control=2)))
    assert of_order(trade, 1)["855", 0].state == "VOID"
    assert trade.cases() == []
    with pytest.raises(UsageError):
        retry(trade.office(), case)
    trade.sound()


def test_a_parked_document_that_the_partner_may_have_is_not_sent_and_says_so(trade: Desk) -> None:
    parked(trade, temporary="x.edi", place="sftp://there")
    by_post(trade, bearing("01", interchange(order("1"), control=2)))
    assert of_order(trade, 1)["855", 0].state == "PARKED"
    case = trade.case()
    assert (case.kind, case.order_id) == ("document.called-off", 1)
    assert case.title == (
        "The order of our 855 BB_855_20261122_000000002.edi is called off (the partner cancelled the order), but the "
        "partner may have the document, or a part of it."
    )
    with pytest.raises(UsageError, match="called off"):
        retry(trade.office(), case.id)
    resolve(trade.office(), case.id, "dismiss")
    assert of_order(trade, 1)["855", 0].state == "PARKED"
    trade.sound()


@pytest.mark.parametrize("code", ["06", "15", "18"])
def test_a_confirmation_is_compared(trade: Desk, code: str) -> None:
    trade.walk(bearing(code, interchange(order("1"), control=1)))
    trade.walk(bearing(code, interchange(order("1"), control=2)))
    assert states(trade) == [(0, "ANSWERED")]
    assert trade.cases() == []
    trade.walk(bearing(code, interchange(order("1", MORE), control=3)))
    assert states(trade) == [(0, "ANSWERED")]
    assert "line 1 quantity: 24, was 12" in trade.case().title
    trade.sound()


@pytest.mark.fault("F2")
def test_a_duplicate_of_what_never_came_waits(trade: Desk) -> None:
    trade.walk(bearing("07", interchange(order("1"), control=1)))
    assert states(trade) == [(0, "HELD")]
    case = trade.case()
    assert case.kind == "order.purpose"
    resolve(trade.office(), case.id, "accept-theirs")
    assert states(trade) == [(0, "ANSWERED")]
    trade.sound()


WORLDS = [{"usage": "P"}, {"usage": "T"}]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("code", ["01", "05", "07"])
def test_live_and_test_orders_never_touch_each_other(trade: Desk, first: int, code: str) -> None:
    one, other = WORLDS[first], WORLDS[1 - first]
    trade.walk(interchange(order("1"), control=1, **one))
    trade.walk(bearing(code, interchange(order("1", MORE), control=2, **other)))
    booked = [record for record in trade.orders() if record.live is (first == 0)]
    assert [(record.again, record.state) for record in booked] == [(0, "ANSWERED")]
    assert trade.case().kind == "order.purpose"  # in its own world, nothing was there to cancel, replace or repeat
    trade.sound()


def test_a_test_cancel_tells_the_test_folder(trade: Desk) -> None:
    for control, usage in ((1, "P"), (2, "T")):
        trade.walk(interchange(order("1"), control=control, usage=usage))
    trade.walk(bearing("01", interchange(order("1"), control=3, usage="T")))
    assert [(one.live, one.state) for one in trade.orders()] == [(True, "ANSWERED"), (False, "CANCELLED")]
    (told,) = [one for one in trade.documents("erp-json") if one.again]
    assert (told.folder, told.live, erp(trade, told)["test"]) == ("erp/test", False, True)
    trade.sound()


def release(number: str, control: int, *lines: str) -> bytes:
    text = interchange(order("1", *lines), control=control).decode()
    return text.replace("BEG*00*SA*1**", f"BEG*00*RL*1*{number}*").encode()


def test_releases_of_an_agreement_are_orders_of_their_own(trade: Desk) -> None:
    agreement = interchange(order("1", MORE), control=1).replace(b"BEG*00*SA", b"BEG*00*BK")
    trade.walk(agreement)
    assert trade.orders() == []
    trade.walk(release("001", 2))
    trade.walk(release("002", 3))
    trade.walk(release("001", 4))  # once more
    assert [(one.release, one.again, one.state) for one in trade.orders()] == [
        ("001", 0, "ANSWERED"),
        ("002", 0, "ANSWERED"),
    ]
    assert [one[5] for body in trade.bodies("855") for one in pick(body, "BAK")] == ["001", "002"]
    assert {one.name for one in trade.documents("erp-json")} == {"bluebird_1-001_1.json", "bluebird_1-002_2.json"}
    assert trade.cases() == []
    trade.walk(release("001", 5, MORE))
    assert trade.case().kind == "order.duplicate"
    trade.walk(release("001", 6, MORE).replace(b"BEG*00", b"BEG*05"))
    assert [(one.release, one.again, one.state) for one in trade.orders()] == [
        ("001", 0, "CANCELLED"),
        ("002", 0, "ANSWERED"),
        ("001", 1, "ANSWERED"),
    ]
    trade.sound()


def test_the_number_of_a_replaced_order_means_the_one_that_stands(trade: Desk) -> None:
    trade.walk(release("001", 1))
    trade.walk(release("001", 2, MORE).replace(b"BEG*00", b"BEG*05"))
    with trade.office().ledger.reading() as unit:
        assert find_order(unit, "1").id == 2
    trade.walk(release("002", 3))
    with trade.office().ledger.reading() as unit, pytest.raises(UsageError) as told:
        find_order(unit, "1")
    assert str(told.value).endswith("order:2 (bluebird, live, release 001), order:3 (bluebird, live, release 002)")


def test_a_release_without_its_number_waits(trade: Desk) -> None:
    trade.walk(release("", 1))
    assert trade.case().kind == "order.type"
    assert states(trade) == [(0, "HELD")]


@pytest.mark.parametrize(
    ("story", "kind", "told"),
    [
        ("dunlin/standard-cartons", ("BEG|00|SA|", "BEG|00|RO|"), "rush"),
        ("siskin/gift-parcel", ("BEG*00*DS*", "BEG*00*DS*"), "drop_ship"),
        ("bluebird/clean-order", ("BEG*00*SA*", "BEG*00*RL*"), None),  # a release that does not say which
    ],
)
def test_the_kind_of_an_order_reaches_the_erp(
    bluebird: Shop, story: str, kind: tuple[str, str], told: str | None
) -> None:
    data = (shipped("samples") / story / "in.edi").read_bytes()
    done = walk(bluebird.place, data.replace(*(text.encode() for text in kind)), "in.edi")
    files = [one for one in done.documents if one.kind == "erp-json"]
    with bluebird.place.office().ledger.reading() as unit:
        assert [json.loads(unit.blobs.get(one.sha256))["type"] for one in files] == ([told] if told else [])
    assert [case.kind for case in done.cases] == ([] if told else ["order.type"])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_whatever_turn_one_order_stands_and_the_erp_knows_which(trade: Desk, seed: int) -> None:
    draw = Random(seed)
    lines = (HOSE, MORE, CANS, DEAR_SHEARS)
    for control in range(1, 13):
        code = draw.choice(["00", "00", "01", "05", "05", "06", "07", "15", "18", "22", "38"])
        data = bearing(code, interchange(order("1", draw.choice(lines)), control=control, usage=draw.choice("PPT")))
        (trade.walk if draw.random() < 0.5 else partial(by_post, trade))(data)
    for live in (True, False):
        booked = [one for one in trade.orders() if one.live is live]
        assert [one.again for one in booked] == list(range(len(booked)))
        assert sum(one.state != "CANCELLED" for one in booked) <= 1
        for one in booked:
            assert _holds_by_its_files(trade, one) is (one.state == "ANSWERED")
    trade.sound()


def _holds_by_its_files(trade: Desk, booked: OrderRecord) -> bool:
    """Say whether whoever reads the files for the ERP that are not void, in their order, ships anything of an order."""
    sent = [one for one in trade.documents("erp-json") if one.order_id == booked.id and one.state != "VOID"]
    return bool(sent) and any(line["accepted"]["quantity"] != "0" for line in erp(trade, sent[-1])["lines"])
