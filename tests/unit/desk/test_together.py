"""Several cases at once: shown as they are done, each on its own feet, and only what was shown is done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from edi_engine.desk.groups import alike
from edi_engine.desk.resolve import resolve
from edi_engine.desk.together import fingerprint, preview_all, resolve_all, retry_all
from edi_engine.errors import Outrun, UsageError
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order, pick

DEAR_CANS = "PO1*3*12*EA*9.99*PE*IN*100103"
UNKNOWN = "PO1*4*6*EA*5*PE*IN*100999"
ODD = "PO1*3*13*EA*7.2*PE*IN*100103"
KEEP, REJECT, THEIRS, DISMISS = ({None: one} for one in ("keep-ours", "reject-line", "accept-theirs", "dismiss"))


def kinds(trade: Desk) -> dict[str, int]:
    return {case.kind: case.id for case in trade.cases()}


def answers(trade: Desk) -> list[str]:
    (sent,) = trade.bodies("855")
    return [one[1] for one in pick(sent, "ACK")]


def test_lines_get_choices_of_their_own_in_one_go(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, DEAR_CANS)))
    wishes = {trade.case().id: {2: "keep-ours", 3: "reject-line"}}
    (shown,) = preview_all(trade.office(), wishes)
    assert shown.effect is not None
    assert shown.effect.choice == "line 2 keep-ours, line 3 reject-line"
    (done,) = resolve_all(trade.office(), wishes, why="agreed by telephone")
    assert answers(trade) == ["IA", "IP", "IR"]
    assert done.effect is not None
    assert done.effect.after == shown.effect.after
    (closed,) = trade.cases("RESOLVED")
    assert closed.resolution == "line 2 keep-ours, line 3 reject-line"
    with trade.office().ledger.reading() as unit:
        (ruled,) = unit.events.select(what="case ruled")
    assert ruled.detail.endswith("Why: agreed by telephone")
    trade.sound()


def test_the_rest_may_have_a_choice_too(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS, DEAR_CANS, HOSE.replace("*12.4*", "*19*"))))
    resolve(trade.office(), trade.case().id, {None: "accept-theirs", 2: "reject-line"})
    assert answers(trade) == ["IA", "IR", "IA"]


def test_the_cases_of_an_order_are_shown_one_after_the_other(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, ODD, UNKNOWN)))
    case = kinds(trade)
    wishes = {case["order.price"]: KEEP, case["order.quantity"]: KEEP, case["order.item"]: REJECT}
    before = trade.counts()
    first, second, last = preview_all(trade.office(), wishes)
    assert trade.counts() == before
    assert first.effect is not None
    assert second.effect is not None
    assert last.effect is not None
    assert {left.case for left in first.effect.left} == {case["order.quantity"], case["order.item"]}
    assert [(left.case, left.kind) for left in second.effect.left] == [(case["order.item"], "order.item")]
    assert last.effect.left == ()
    done = resolve_all(trade.office(), wishes)
    assert [one.effect and one.effect.after for one in done] == [(), (), last.effect.after]
    assert [[left.case for left in one.effect.left] for one in done if one.effect] == [
        [left.case for left in one.effect.left] for one in (first, second, last) if one.effect
    ]
    assert answers(trade) == ["IA", "IP", "IQ", "IR"]
    trade.sound()


@pytest.mark.parametrize("first", ["dismiss", "reject-line"])
def test_a_case_that_another_one_settles_is_told(trade: Desk, first: str) -> None:
    """Line 2 has a price and a quantity that are wrong; who rejects it for the one is done with the other."""
    odd = "PO1*2*13*EA*9.99*PE*IN*100103"
    trade.walk(interchange(order("1", HOSE, odd)))
    case = kinds(trade)
    wishes = {case["order.price"]: {None: first}, case["order.quantity"]: KEEP}
    shown = preview_all(trade.office(), wishes)
    done = resolve_all(trade.office(), wishes)
    assert [(one.case, one.settled_with, one.trouble) for one in shown] == [
        (one.case, one.settled_with, one.trouble) for one in done
    ]
    assert trade.cases() == [] or first == "reject-line"
    trade.sound()


def test_one_that_fails_stops_no_other(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS), order("2", UNKNOWN), order("3", DEAR_CANS)))
    wishes = {case.id: KEEP for case in trade.cases()} | {99: KEEP}
    for act in (preview_all, resolve_all):
        one, two, three, none = act(trade.office(), wishes)
        assert (one.trouble, three.trouble) == (None, None)
        assert "keep-ours makes no sense for case 2" in (two.trouble or "")
        assert "there is no case 99" in (none.trouble or "")
        assert [came.waits for came in (one, two, three)] == [False, True, False]
    assert len(trade.documents("855")) == 2
    with pytest.raises(UsageError, match="makes no sense"):
        resolve_all(trade.office(), {2: KEEP})
    trade.sound()


def test_a_whole_cause_is_decided_at_once(trade: Desk) -> None:
    orders = (order(f"{number}", HOSE, DEAR_SHEARS) for number in range(1, 13))
    trade.walk(interchange(*orders, order("13", DEAR_CANS)))
    with trade.office().ledger.reading() as unit:
        wishes = dict.fromkeys(alike(unit, trade.cases()[0].id), KEEP)
    assert len(wishes) == 12
    done = resolve_all(trade.office(), wishes)
    totals = [one.effect.later.total for one in done if one.effect and one.effect.later]
    assert totals == [Decimal("387.60")] * 12
    assert len(trade.cases()) == 1
    trade.sound()


def test_only_what_was_shown_is_done(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, UNKNOWN)))
    case = kinds(trade)
    wishes = {case["order.item"]: REJECT}
    seen = fingerprint(preview_all(trade.office(), wishes))
    assert seen == fingerprint(preview_all(trade.office(), wishes))
    resolve(trade.office(), case["order.price"], "keep-ours")  # somebody else, meanwhile
    before = trade.counts()
    with pytest.raises(Outrun, match="no longer what you were shown"):
        resolve_all(trade.office(), wishes, seen=seen)
    assert trade.counts() == before
    resolve_all(trade.office(), wishes, seen=fingerprint(preview_all(trade.office(), wishes)))
    assert answers(trade) == ["IA", "IP", "IR"]


def test_a_new_price_is_not_what_was_shown(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    wishes = {trade.case().id: KEEP}
    seen = fingerprint(preview_all(trade.office(), wishes))
    trade.edit("tables/items.csv", "9.95", "9.96")
    with pytest.raises(Outrun, match="a partner file has changed"):
        resolve_all(trade.office(), wishes, seen=seen)
    assert trade.documents("855") == []


def test_two_people_decide_the_same_case(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    resolve(trade.office(), case.id, "keep-ours", epoch=case.epoch)
    with pytest.raises(UsageError, match=r"case 1 is resolved already: keep-ours, by .* at 2026-11-22 17:30 UTC"):
        resolve(trade.office(), case.id, "reject-line", epoch=case.epoch)
    assert answers(trade) == ["IA", "IP"]


def test_a_case_changed_since_it_was_looked_at(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, DEAR_CANS)))
    case = trade.case()
    resolve(trade.office(), case.id, {2: "reject-line"})
    with pytest.raises(Outrun, match=r"case 1 was changed meanwhile \(case ruled by .*\); nothing was done"):
        resolve(trade.office(), case.id, {3: "keep-ours"}, epoch=case.epoch)
    assert trade.documents("855") == []


def test_a_set_is_tried_again_and_each_says_what_came(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS), order("2", DEAR_SHEARS, UNKNOWN), order("3", DEAR_CANS)))
    cases = [case.id for case in trade.cases()]
    trade.edit("tables/items.csv", "9.95", "10.50")
    tried = retry_all(trade.office(), [*cases, 99])
    states = {one.case: one.retried.case.state if one.retried else one.trouble for one in tried}
    assert "there is no case 99" in str(states.pop(99))
    assert sorted(states.values()) == ["OPEN", "OPEN", "RESOLVED", "RESOLVED"]
    assert not tried[0].waits
    assert [case.kind for case in trade.cases()] == ["order.item", "order.price"]
    assert len(trade.documents("855")) == 1
    with pytest.raises(UsageError, match="resolved already"):
        retry_all(trade.office(), [cases[0]])
    trade.sound()
