"""What people look at: validation as the walk would judge, cases in their place, replays that change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from edi_engine.app.cases import case
from edi_engine.app.replaying import Replayed, replay, replay_in
from edi_engine.app.settings import Settings
from edi_engine.app.validating import validate
from edi_engine.app.views import find_order, orders, timeline
from edi_engine.app.views import order as order_view
from edi_engine.desk.resolve import resolve
from edi_engine.errors import UsageError
from tests.fixtures.trading import BY_HAND, DEAR_SHEARS, HOSE, Desk, desk, group, interchange, order

FILES = {
    "clean": interchange(order("1")),
    "one of three": interchange(order("1"), order("2", HOSE.replace("*EA*", "*CASE*")), order("3")),
    "an odd code": interchange(order("1", "REF*ZZZ*1", HOSE)),
    "a version": interchange(order("1"), version="007040"),
    "a kind": interchange(order("1"), kind="QQ", set_id="899"),
    "another group": interchange(order("1"), kind="IN"),
    "two groups": interchange(groups=[group(order("1")), group(order("2"), control=901)]),
    "a count": interchange(order("1")).replace(b"SE*9*", b"SE*8*"),
    "GE": interchange(order("1")).replace(b"GE*1*", b"GE*2*"),
    "their 997": interchange(["AK1*PR*77", "AK9*A*1*1*1"], kind="FA", set_id="997"),
    "a segment": interchange(order("1", "XXX*1", HOSE)),
}


@pytest.mark.parametrize("name", FILES)
def test_the_acknowledgment_shown_is_the_one_sent(trade: Desk, name: str) -> None:
    shown = validate(trade.shop.place.settings, FILES[name], "in.edi")
    trade.walk(FILES[name])
    sent = ["*".join(segment).rstrip("*") + "~" for body in trade.bodies("997") for segment in body[1:-1]]
    assert list(shown.acknowledgments) == sent
    with trade.office().ledger.reading() as unit:
        said = [one.verdict for one in unit.sets.select()]
    if name != "their 997":
        assert [one.verdict for one in shown.sets] == said


@pytest.fixture
def stored(tmp_path: Path) -> Desk:
    """A desk whose store is a file, so that commands can open it beside."""
    with desk(tmp_path, BY_HAND, db=f"sqlite:///{tmp_path / 'edi.db'}") as opened:
        yield opened


def settings(trade: Desk) -> Settings:
    return trade.shop.place.settings


def test_a_case_shows_its_segment_in_its_own_delimiters(stored: Desk) -> None:
    first = interchange(order("1"), control=1)
    second = interchange(order("2", HOSE, DEAR_SHEARS), control=2, end="\n").replace(b"*", b"|")
    stored.walk(first + b"\r\n" + second)
    view = case(settings(stored), stored.case().id)
    assert view.data == first + b"\r\n" + second
    assert view.delimiters is not None
    assert (view.delimiters.element, view.delimiters.segment) == ("|", "\n")
    (finding,) = view.entry.findings
    assert view.data[finding.where.byte :].startswith(b"10.5|")
    assert (view.file_name, finding.where.file) == ("1.edi", "1.edi")
    assert view.order is not None
    assert [one.what for one in view.history] == ["order booked", "case opened"]


def test_a_case_without_a_file_is_shown(stored: Desk) -> None:
    from edi_engine.finding import Finding, Severity
    from edi_engine.flow.cases import Waiting, open_case

    office = stored.office()
    with office.ledger.unit("desk.reopened") as unit:
        waiting = Waiting("connection:bluebird-sftp", "receive", office.clock.now())
        open_case(office, unit, waiting, [Finding("transport.auth", Severity.HOLD, "no entry")])
    view = case(settings(stored), 1)
    assert (view.data, view.file_name, view.order) == (None, None, None)
    with pytest.raises(UsageError, match="there is no case 2"):
        case(settings(stored), 2)


def test_orders_are_found_by_their_number_and_ours(stored: Desk) -> None:
    stored.walk(interchange(order("A-1"), order("7"), control=1))
    stored.walk(interchange(order("A-1"), control=2, usage="T"))
    assert [one.record.po_number for one in orders(settings(stored))] == ["A-1", "7", "A-1"]
    assert order_view(settings(stored), "7").record.id == 2
    assert order_view(settings(stored), "3").record.live is False
    with stored.office().ledger.reading() as unit:
        several = "name one by our number: order:1 .bluebird, live., order:3"
        for name, said in {"A-1": several, "99": "no order 99", "order:99": "no order order:99"}.items():
            with pytest.raises(UsageError, match=said):
                find_order(unit, name)
    assert [one.what for one in timeline(settings(stored), "7")] == [
        "file stored",
        "order booked",
        "997 written",
        "855 written",
        "order answered",
        "997 delivered",
        "855 delivered",
        "erp-json delivered",
        "erp-xml delivered",
    ]


def test_our_number_is_never_taken_for_another_orders(stored: Desk) -> None:
    stored.walk(interchange(order("2"), order("8"), control=1))  # ours are 1 and 2
    stored.walk(interchange(order("2"), control=2, usage="T"))
    with stored.office().ledger.reading() as unit:
        with pytest.raises(UsageError) as told:
            find_order(unit, "2")
        assert str(told.value) == (
            "2 is the number of several orders; name one by our number: order:1 (bluebird, live), "
            "order:3 (bluebird, test), order:2 (bluebird, live, PO 8)"
        )
        for number, po_number in ((1, "2"), (2, "8"), (3, "2")):
            found = find_order(unit, f"order:{number}")
            assert (found.id, found.po_number) == (number, po_number)
        assert find_order(unit, "8").id == 2
        assert find_order(unit, "3").id == 3


def test_looking_changes_nothing(stored: Desk) -> None:
    """Not even today's partner files are published into the store."""
    stored.walk(interchange(order("1", DEAR_SHEARS)))
    before = stored.counts()
    path = stored.folder / "tables" / "items.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",9.95,", ",10.40,"), encoding="utf-8")
    case(settings(stored), 1)
    orders(settings(stored))
    replay(settings(stored), "1")
    assert stored.counts() == before


def changed(shown: Replayed) -> list[str]:
    return [line for line in shown.diff[2:] if line.startswith(("+", "-"))]


def test_a_replay_shows_what_another_tolerance_does(trade: Desk, tmp_path: Path) -> None:
    data = interchange(order("1", HOSE, DEAR_SHEARS))
    trade.walk(data)
    same = replay_in(trade.shop.place, "1")
    assert same.diff == ()
    assert not same.committed
    trade.edit("partner.yaml", "over: 2 %", "over: 6 %")
    before = trade.counts()
    path = tmp_path / "given.edi"
    path.write_bytes(data)
    for target in ("1", str(path)):
        shown = replay_in(trade.shop.place, target)
        assert [line for line in changed(shown) if not line.startswith("+  ")] == [
            "-order 1: held",
            "+order 1: answered",
            "-case order.price: Unit price 10.5 is 5.53 % above the agreed 9.95 (limit 2 %): 13.20 on this line.",
        ]
        assert any(line.startswith("+  BAK*00*AD*1") for line in shown.diff)
    assert trade.counts() == before
    assert trade.case().kind == "order.price"


def test_a_replay_of_what_never_came_shows_all_as_new(trade: Desk, tmp_path: Path) -> None:
    path = tmp_path / "new.edi"
    path.write_bytes(interchange(order("1")))
    before = trade.counts()
    shown = replay_in(trade.shop.place, str(path), commit=True)
    assert shown.before == ()
    assert shown.after[0] == "file: done"
    assert not shown.committed
    assert "edi process" in shown.notes[0]
    assert trade.counts() == before
    for target in ("7", "nowhere.edi"):
        with pytest.raises(UsageError, match="neither a file here"):
            replay_in(trade.shop.place, target)


def test_a_replay_of_what_went_well_shows_nothing(trade: Desk) -> None:
    """Days later, after a decision, with a copy of an older file in it: nothing is different."""
    from datetime import timedelta

    trade.walk(interchange(order("1"), control=1))
    trade.walk(interchange(order("1"), order("2", DEAR_SHEARS), control=2))
    resolve(trade.office(), trade.case().id, "keep-ours")
    trade.walk(interchange(order("1"), control=1) + interchange(order("3"), control=3))
    trade.shop.clock.move(timedelta(days=60))
    for number in ("1", "2", "3"):
        shown = replay_in(trade.shop.place, number)
        assert shown.diff == ()
        assert shown.before == shown.after


def test_a_duplicate_file_is_replayed_as_its_first_arrival(trade: Desk) -> None:
    trade.walk(interchange(order("1")), "a.edi")
    trade.walk(interchange(order("1")), "b.edi")
    assert replay_in(trade.shop.place, "2").title == "a.edi"


def test_a_committed_replay_enters_open_cases_only(trade: Desk) -> None:
    trade.walk(interchange(order("1", DEAR_SHEARS), order("2"), order("3", department=None), control=1))
    trade.walk(interchange(order("4", DEAR_SHEARS), control=2))
    trade.edit("partner.yaml", "over: 2 %", "over: 6 %")
    done = replay_in(trade.shop.place, "1", commit=True)
    assert done.committed
    assert len(done.notes) == 2
    assert {one.partition(": ")[2] for one in done.notes} == {"open", "resolved"}
    by_number = {one.po_number: one.state for one in trade.orders()}
    assert by_number == {"1": "ANSWERED", "2": "ANSWERED", "4": "HELD"}
    again = replay_in(trade.shop.place, "1", commit=True)
    assert [one.partition(": ")[2] for one in again.notes] == ["open"]
    assert len(trade.documents("855")) == 2
    assert replay_in(trade.shop.place, "2", commit=False).committed is False
    trade.sound()


def test_a_committed_replay_of_what_does_not_wait(trade: Desk) -> None:
    trade.walk(interchange(order("1")))
    before = trade.counts()
    done = replay_in(trade.shop.place, "1", commit=True)
    assert done.notes == ("nothing of this file waits; nothing was changed",)
    assert trade.counts() == before
