"""Taking back what was decided: while nothing was answered; and a plain word where it is too late."""

from __future__ import annotations

import pytest

from edi_engine.desk.reopen import reopen
from edi_engine.desk.resolve import resolve
from edi_engine.desk.retry import retry
from edi_engine.desk.tending import snooze
from edi_engine.errors import Outrun, UsageError
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order, pick

DEAR_CANS = "PO1*3*12*EA*9.99*PE*IN*100103"
UNKNOWN = "PO1*4*6*EA*5*PE*IN*100999"
MANY = [HOSE, DEAR_SHEARS, DEAR_CANS, UNKNOWN]


def by_kind(trade: Desk, state: str | None = "OPEN") -> dict[str, int]:
    return {case.kind: case.id for case in trade.cases(state)}


def lines(trade: Desk) -> list[str]:
    with trade.office().ledger.reading() as unit:
        return [one.state for one in unit.lines.select()]


def test_a_choice_is_taken_back_while_another_case_holds_the_order(trade: Desk) -> None:
    trade.walk(interchange(order("1", *MANY)))
    price = by_kind(trade)["order.price"]
    resolve(trade.office(), price, "reject-line")
    assert set(by_kind(trade)) == {"order.item"}
    again = reopen(trade.office(), price, "the buyer rang")
    assert (again.state, again.lines_json, again.resolution, again.resolved_by) == ("OPEN", "[2, 3]", None, None)
    assert trade.orders()[0].rulings_json == "[]"
    assert lines(trade) == ["OPEN", "HELD", "HELD", "HELD"]
    with trade.office().ledger.reading() as unit:
        (told,) = unit.events.select(what="case reopened")
    assert told.detail == f"case {price} order.price: was reject-line. Why: the buyer rang"
    resolve(trade.office(), price, "keep-ours")
    resolve(trade.office(), by_kind(trade)["order.item"], "reject-line")
    (sent,) = trade.bodies("855")
    assert [one[1] for one in pick(sent, "ACK")] == ["IA", "IP", "IP", "IR"]
    trade.sound()


def test_an_open_case_forgets_the_lines_decided_so_far(trade: Desk) -> None:
    trade.walk(interchange(order("1", *MANY)))
    price = by_kind(trade)["order.price"]
    with pytest.raises(UsageError, match="nothing of it is decided yet"):
        reopen(trade.office(), price)
    resolve(trade.office(), price, {2: "reject-line"})
    assert reopen(trade.office(), price).lines_json == "[2, 3]"
    trade.sound()


def test_an_order_closed_by_hand_is_taken_up_again(trade: Desk) -> None:
    trade.walk(interchange(order("1", *MANY)))
    price, item = by_kind(trade)["order.price"], by_kind(trade)["order.item"]
    before = trade.cases()
    snooze(trade.office(), [item], "2d", "asked")
    resolve(trade.office(), price, "dismiss")
    assert (trade.cases(), [one.state for one in trade.orders()]) == ([], ["CANCELLED"])
    reopen(trade.office(), item)
    assert [one.state for one in trade.orders()] == ["HELD"]
    assert [(one.id, one.lines_json, one.snoozed_until) for one in trade.cases()] == [
        (one.id, one.lines_json, None) for one in before
    ]
    assert lines(trade) == ["OPEN", "HELD", "HELD", "HELD"]
    trade.sound()
    resolve(trade.office(), price, "keep-ours")
    resolve(trade.office(), item, "reject-line")
    assert len(trade.documents("855")) == 1
    trade.sound()


def test_after_the_answer_it_is_too_late(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    resolve(trade.office(), case.id, "keep-ours")
    before = trade.counts()
    with pytest.raises(UsageError, match=r"too late .* was answered at 2026-11-22 17:30 UTC. Its 855, document 2, is"):
        reopen(trade.office(), case.id)
    assert trade.counts() == before
    with pytest.raises(UsageError, match="there is no case 99"):
        reopen(trade.office(), 99)


def test_what_the_partner_has_sent_since_makes_it_too_late(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS), control=1))
    case = trade.case()
    resolve(trade.office(), case.id, "dismiss")
    cancelled = ["BEG*01*SA*1**20261120", *order("1", HOSE, DEAR_SHEARS)[1:]]
    trade.walk(interchange(cancelled, control=2))
    with pytest.raises(UsageError, match="sent order 1 anew, or cancelled it"):
        reopen(trade.office(), case.id)
    assert [one.state for one in trade.orders()] == ["CANCELLED"]


def test_what_ended_by_itself_is_not_opened_by_hand(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    trade.edit("tables/items.csv", "9.95", "10.50")
    retry(trade.office(), case.id)
    with pytest.raises(UsageError, match=r"resolved already: the cause is gone, by .* opens by itself"):
        reopen(trade.office(), case.id)


def test_what_no_document_depends_on_opens_again(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1, sender="ZZ/NOBODY"))
    trade.walk(interchange(order("2", HOSE.replace("*EA*", "*CASE*")), control=2))
    trade.walk(b"%PDF-1.7")
    for case in trade.cases():
        resolve(trade.office(), case.id, "dismiss")
        assert reopen(trade.office(), case.id, "not seen to after all").state == "OPEN"
    assert len(trade.cases()) == 3
    trade.sound()


def test_a_set_that_was_put_aside_stays_so(trade: Desk) -> None:
    trade.walk(interchange(order("1", department=None)))
    case = trade.case()
    resolve(trade.office(), case.id, "dismiss")
    with pytest.raises(UsageError, match="put aside"):
        reopen(trade.office(), case.id)
    trade.sound()


def test_the_same_thing_is_never_open_twice(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, UNKNOWN)))
    price = by_kind(trade)["order.price"]
    resolve(trade.office(), price, "accept-theirs")
    office = trade.office()
    with office.ledger.unit("test") as unit:
        first = unit.cases.get(price)
        unit.cases.add(type(first)(**{**{n: getattr(first, n) for n in first.__slots__}, "id": 0, "state": "OPEN"}))
    with pytest.raises(UsageError, match="is open for the same thing already"):
        reopen(office, price)


def test_somebody_else_was_faster(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from edi_engine.desk import reopen as room

    trade.walk(interchange(order("1", *MANY)))
    price, office = by_kind(trade)["order.price"], trade.office()
    resolve(office, price, "reject-line")
    whole, done = room.judge_order, []

    def judge_order(*given):
        if not done:
            done.append(True)
            reopen(office, price, "first")
        return whole(*given)

    monkeypatch.setattr(room, "judge_order", judge_order)
    with pytest.raises(Outrun, match=r"case \d was changed meanwhile .* nothing was done"):
        reopen(office, price, "second")
    trade.sound()
