"""Deciding a case: what the preview shows is what the commit does, and nothing is decided twice."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal

import pytest

from edi_engine.desk import resolve as room
from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.queue import choices_for, entry, list_cases
from edi_engine.desk.resolve import preview, resolve
from edi_engine.desk.retry import retry
from edi_engine.desk.wanted import Wanted
from edi_engine.errors import Outrun, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow import answer, ruling
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order, pick

DEAR_CANS = "PO1*3*12*EA*9.99*PE*IN*100103"
UNKNOWN = "PO1*4*6*EA*5*PE*IN*100999"
ODD = "PO1*3*13*EA*7.2*PE*IN*100103"


CHANGE = ["BCH*04*SA*1***20261120", "POC*1*QD*6*6*EA*12.4*PE*IN*100101", "CTT*1"]


def body(sent: list[list[str]]) -> tuple[str, ...]:
    """Show an 855 as the preview does, without ST and SE."""
    return tuple("*".join(segment).rstrip("*") + "~" for segment in sent[1:-1])


def instead(trade: Desk) -> str | None:
    with trade.office().ledger.reading() as unit:
        return instead_of_retry(unit, trade.case())


def answers(trade: Desk) -> list[list[str]]:
    (sent,) = trade.bodies("855")
    return [one[:4] for one in pick(sent, "ACK")]


WAYS = {
    "accept-theirs": ("IA", Decimal("10.5"), "AD"),
    "keep-ours": ("IP", Decimal("9.95"), "AC"),
    "reject-line": ("IR", Decimal("10.5"), "AC"),
}


@pytest.mark.parametrize("choice", WAYS)
@pytest.mark.parametrize("line", [None, 2])
def test_the_preview_is_what_the_commit_does(trade: Desk, choice: str, line: int | None) -> None:
    status, price, verdict = WAYS[choice]
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case, before = trade.case(), trade.counts()
    shown = preview(trade.office(), case.id, choice, line)
    assert trade.counts() == before
    assert trade.case() == case
    decided = resolve(trade.office(), case.id, choice, line)
    assert decided is not None
    assert decided.state == "ANSWERED"
    (sent,) = trade.bodies("855")
    assert shown.after == body(sent)
    assert shown.erp is True
    assert shown.left == ()
    assert pick(sent, "BAK")[0][2] == verdict
    assert [one[1] for one in pick(sent, "ACK")] == ["IA", status]
    assert Decimal(pick(sent, "PO1")[1][4]) == price
    assert trade.cases() == []
    (closed,) = trade.cases("RESOLVED")
    assert (closed.resolution, closed.resolved_by) == (choice, trade.office().who)
    trade.sound()


def test_a_case_says_what_waits(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    assert (case.kind, case.subject, case.po_number, case.partner) == ("order.price", "order:1", "1", "bluebird")
    assert (case.money_held, case.currency, case.lines_json) == (Decimal("252.00"), "USD", "[2]")
    assert case.deadline == trade.shop.clock.now() + timedelta(hours=24)
    assert [choice.name for choice in entry(case).choices] == ["accept-theirs", "keep-ours", "reject-line", "dismiss"]
    assert not entry(case).overdue(trade.shop.clock.now())
    trade.shop.clock.move(timedelta(hours=25))
    assert entry(case).overdue(trade.shop.clock.now())


def test_lines_are_decided_one_by_one(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, DEAR_CANS)))
    case = trade.case()
    assert (case.lines_json, case.money_held) == ("[2, 3]", Decimal("371.88"))
    office = trade.office()
    shown = preview(office, case.id, "reject-line", 2)
    assert [one.where.line for left in shown.left for one in left.findings] == [3]
    assert shown.after == ()
    first = resolve(office, case.id, "reject-line", 2)
    assert first is not None
    assert first.state == "HELD"
    assert trade.documents("855") == []
    rest = trade.case()
    assert (rest.id, rest.lines_json, rest.money_held) == (case.id, "[3]", Decimal("119.88"))
    with office.ledger.reading() as unit:
        assert [one.state for one in unit.lines.select()] == ["OPEN", "OPEN", "HELD"]
    with pytest.raises(UsageError, match="not about line 2"):
        resolve(office, case.id, "keep-ours", 2)
    resolve(office, case.id, "keep-ours", 3)
    assert [one[1] for one in answers(trade)] == ["IA", "IR", "IP"]
    trade.sound()


def test_the_order_goes_on_when_the_last_case_is_decided(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, ODD, UNKNOWN, stated=9)))
    kinds = ["order.item", "order.price", "order.quantity", "order.total"]
    assert sorted(case.kind for case in trade.cases()) == kinds
    by_kind = {case.kind: case.id for case in trade.cases()}
    choices = {"order.item": "reject-line", "order.price": "keep-ours", "order.quantity": "keep-ours"}
    for kind, choice in choices.items():
        resolve(trade.office(), by_kind[kind], choice)
        assert trade.documents("855") == []
    resolve(trade.office(), by_kind["order.total"], "keep-ours")
    assert [one[1:3] for one in answers(trade)] == [["IA", "12"], ["IP", "24"], ["IQ", "12"], ["IR", "6"]]
    with trade.office().ledger.reading() as unit:
        assert [one.state for one in unit.lines.select()] == ["ANSWERED", "ANSWERED", "ANSWERED", "CANCELLED"]
    trade.sound()


@pytest.mark.parametrize(
    ("code", "offered"),
    [("07", ["accept-theirs", "reject-line", "dismiss"]), ("04", ["reject-line", "dismiss"])],
)
def test_a_case_offers_what_settles_its_own_finding(trade: Desk, code: str, offered: list[str]) -> None:
    """A duplicate of what never came may stand for the order itself; a change of nothing may not."""
    trade.walk(interchange(order("1")).replace(b"BEG*00", b"BEG*" + code.encode()))
    assert [one.name for one in choices_for(trade.case())] == offered


def test_an_order_that_is_rejected_whole(trade: Desk) -> None:
    trade.walk(interchange(order("1", ship_to="0999")))
    resolve(trade.office(), trade.case().id, "reject-line")
    (sent,) = trade.bodies("855")
    assert pick(sent, "BAK")[0][2] == "RD"
    assert [one.state for one in trade.orders()] == ["CANCELLED"]
    assert trade.documents("erp-json", "erp-xml") == []
    trade.sound()


@pytest.mark.parametrize(
    ("choice", "line", "said"),
    [
        ("keep-ours", None, "possible: reject-line"),
        ("dismiss", 2, "closed as a whole"),
        ("nonsense", None, "possible: reject-line"),
        ("reject-line", 1, "not about line 1"),
        ("reject-line", 7, "not about line 7"),
    ],
)
def test_what_makes_no_sense_changes_nothing(trade: Desk, choice: str, line: int | None, said: str) -> None:
    trade.walk(interchange(order("1", HOSE, UNKNOWN)))
    case, before = trade.case(), trade.counts()
    for act in (preview, resolve):
        with pytest.raises(UsageError, match=said):
            act(trade.office(), case.id, choice, line)
    assert trade.counts() == before
    assert trade.case() == case


def test_an_order_that_a_person_handles_is_closed_without_an_answer(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, UNKNOWN)))
    price, item = sorted(trade.cases(), key=lambda case: case.kind, reverse=True)
    before = trade.counts()
    shown = preview(trade.office(), price.id, "dismiss")
    assert (shown.after, shown.left, shown.erp) == ((), (), False)
    assert "gets no 855" in shown.sentence
    assert shown.settled == (item.id,)
    assert trade.counts() == before
    closed = resolve(trade.office(), price.id, "dismiss")
    assert closed is not None
    assert closed.state == "CANCELLED"
    assert trade.cases() == []
    assert [case.resolution for case in trade.cases("DISMISSED")] == ["dismiss", "dismiss"]
    with trade.office().ledger.reading() as unit:
        assert {one.state for one in unit.lines.select()} == {"CANCELLED"}
        assert "order closed by hand" in [one.what for one in unit.events.select(order_id=1)]
    trade.work()
    assert trade.documents("855", "erp-json", "erp-xml") == []
    trade.sound()


@pytest.mark.parametrize("lines", [("SCH*3*EA***002*20261210",), ()])
def test_every_order_that_waits_may_be_dismissed(trade: Desk, lines: tuple[str, ...]) -> None:
    trade.walk(interchange(order("1", HOSE, *lines, head=("CUR*BY*XXX",))))
    for case in trade.cases():
        assert entry(case).choices[-1].name == "dismiss"


def test_a_retry_is_offered_only_where_it_can_do_something(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE.replace("*EA*", "*CASE*")), control=1))
    assert "refused" in (instead(trade) or "")
    with pytest.raises(UsageError, match="refused"):
        retry(trade.office(), trade.case().id)
    resolve(trade.office(), trade.case().id, "dismiss")
    trade.walk(interchange(order("2", HOSE, UNKNOWN), control=2))
    assert instead(trade) is None


def test_a_closed_or_absent_case_is_told(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case = trade.case()
    resolve(trade.office(), case.id, "keep-ours")
    with pytest.raises(UsageError, match="resolved already"):
        resolve(trade.office(), case.id, "accept-theirs")
    with pytest.raises(UsageError, match="there is no case 99"):
        preview(trade.office(), 99, "keep-ours")
    assert len(trade.documents("855")) == 1


@pytest.mark.parametrize("theirs", ["keep-ours", "reject-line"])
def test_somebody_else_was_faster(trade: Desk, monkeypatch: pytest.MonkeyPatch, theirs: str) -> None:
    """The other one decides between our look at the case and our commit."""
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case, office = trade.case(), trade.office()
    whole, done = room.judge_order, []

    def judge_order(*given):
        if not done:
            done.append(True)
            resolve(office, case.id, theirs)
        return whole(*given)

    monkeypatch.setattr(room, "judge_order", judge_order)
    with pytest.raises(Outrun):
        resolve(office, case.id, "accept-theirs")
    assert len(trade.documents("855")) == 1
    (closed,) = trade.cases("RESOLVED")
    assert closed.resolution == theirs
    trade.sound()


def test_the_case_changed_under_our_eyes(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The items table was repaired and the case tried again: it is another one now, though the order waits."""
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, DEAR_CANS)))
    case, office = trade.case(), trade.office()
    from edi_engine.desk import resolve as room

    whole, done = room.judge_order, []

    def judge_order(*given):
        if not done:
            done.append(True)
            retry(office, case.id)
        return whole(*given)

    monkeypatch.setattr(room, "judge_order", judge_order)
    with pytest.raises(Outrun):
        resolve(office, case.id, "accept-theirs")
    assert trade.documents("855") == []
    assert trade.case().epoch == case.epoch + 1


def test_a_copy_with_other_content_is_put_aside(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    trade.walk(interchange(order("1", DEAR_SHEARS), control=2))
    case = trade.case()
    assert [choice.name for choice in entry(case).choices] == ["keep-ours"]
    assert resolve(trade.office(), case.id, "keep-ours") is None
    with trade.office().ledger.reading() as unit:
        assert [(one.state, one.order_id) for one in unit.sets.select()] == [("APPLIED", 1), ("APPLIED", 1)]
    assert len(trade.orders()) == len(trade.documents("855")) == 1
    trade.sound()


def test_what_no_document_depends_on_is_dismissed(trade: Desk) -> None:
    refused = interchange(order("1", HOSE.replace("*EA*", "*CASE*")), control=1)
    stranger = interchange(order("2"), control=2, sender="ZZ/NOBODY")
    conflict = interchange(order("3"), control=3) + interchange(order("4"), control=3)
    change = interchange(
        ["BCH*04*SA*1***20261120", "POC*1*QD*6*6*EA*12.4*PE*IN*100101", "CTT*1"], kind="PC", set_id="860"
    )
    guide = interchange(order("5", department=None), control=5)
    for data in (refused, stranger, conflict, change, guide, b"%PDF-1.7", b""):
        trade.walk(data)
    assert len(trade.cases()) == 7
    for case in trade.cases():
        with pytest.raises(UsageError, match="leave --line out"):
            resolve(trade.office(), case.id, "dismiss", 1)
        resolve(trade.office(), case.id, "dismiss")
    assert trade.cases() == []
    assert len(trade.cases("DISMISSED")) == 7
    assert [one.po_number for one in trade.orders()] == ["3"]
    trade.sound()


def test_a_bug_of_ours_can_only_be_tried_again(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as planted:
        planted.setattr(ruling, "decide", None)
        trade.walk(interchange(order("1")))
        assert trade.case().kind == "system.bug"
        assert entry(trade.case()).choices == ()
        for choice in ("dismiss", "accept-theirs"):
            with pytest.raises(UsageError, match="edi exceptions retry"):
                resolve(trade.office(), trade.case().id, choice)
    assert retry(trade.office(), trade.case().id).case.state == "RESOLVED"
    assert len(trade.documents("855")) == 1
    trade.sound()


def test_the_queue_shows_the_most_urgent_first(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS), control=1))
    trade.walk(b"%PDF-1.7")
    trade.shop.clock.move(timedelta(hours=-2))
    trade.walk(interchange(order("2", DEAR_CANS), order("3", DEAR_SHEARS), control=2))
    with trade.office().ledger.reading() as unit:
        listed = [(one.record.po_number, one.record.kind) for one in list_cases(unit)]
        assert listed == [
            ("3", "order.price"),
            ("2", "order.price"),
            ("1", "order.price"),
            (None, "envelope.unreadable"),
        ]
        assert list_cases(unit, Wanted(partner="nobody")) == []
        assert list_cases(unit, Wanted(state="RESOLVED")) == []


def test_our_own_855_that_may_not_be_sent_is_a_case(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unsound = Finding("document.invalid", Severity.HOLD, "planted")
    with monkeypatch.context() as planted:
        planted.setattr(answer, "proof", lambda *_: (unsound,))
        trade.walk(interchange(order("1")))
        assert [one.state for one in trade.orders()] == ["HELD"]
        assert trade.documents("855", "erp-json") == []
        assert retry(trade.office(), trade.case().id).case.state == "OPEN"
    assert retry(trade.office(), trade.case().id).case.state == "RESOLVED"
    assert [one.interchange_control for one in trade.documents("997", "855")] == ["000000001", "000000002"]
    trade.sound()


def test_a_partner_without_a_file_is_told(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS), order("2", department=None)))
    shutil.rmtree(trade.folder)
    trade.reread()
    for case in trade.cases():
        with pytest.raises(UsageError, match="no longer in the partner files"):
            retry(trade.office(), case.id)
    with pytest.raises(UsageError, match="no longer in the partner files"):
        preview(trade.office(), trade.cases()[-1].id, "keep-ours")
