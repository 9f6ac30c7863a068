"""How much of an interchange stands or falls together (the four modes, and each set by itself): rows E4 and E14."""

from __future__ import annotations

import pytest

from edi_engine.app.surveying import survey
from edi_engine.app.validating import checked_sets, validate
from edi_engine.cli.exits import exit_code
from edi_engine.desk.retry import retry
from edi_engine.flow import judge
from tests.fixtures.trading import HOSE, Desk, group, interchange, order, pick

BAD = HOSE.replace("*EA*", "*CASE*")


def agreed(trade: Desk, acceptance: str) -> None:
    trade.edit("partner.yaml", "policy:\n", f"policy:\n  acceptance: {acceptance}\n")


def two_groups() -> bytes:
    """One group of three orders, the second of which is refused; one group of two sound ones."""
    first = group(order("1"), order("2", BAD), order("3"))
    return interchange(groups=[first, group(order("4"), order("5"), control=901)])


def answers(trade: Desk) -> list[list[list[str]]]:
    return [pick(body, "AK2", "AK5", "AK9") for body in trade.bodies("997")]


REFUSED_ONE = [["AK2", "850", "0002"], ["AK5", "R", "5"]]
SOUND = [["AK2", "850", "0001"], ["AK5", "A"], ["AK2", "850", "0002"], ["AK5", "A"], ["AK9", "A", "2", "2", "2"]]
THIRD = [["AK2", "850", "0003"], ["AK5", "A"]]
PARTLY = [["AK2", "850", "0001"], ["AK5", "A"], *REFUSED_ONE, *THIRD, ["AK9", "P", "3", "3", "2"]]
WITH_IT = [[["AK2", "850", f"{n:04d}"], ["AK5", "R"]] for n in (1, 2, 3)]
WHOLE = [*WITH_IT[0], *REFUSED_ONE, *WITH_IT[2], ["AK9", "R", "3", "3", "0"]]
ALSO = [*WITH_IT[0], *WITH_IT[1], ["AK9", "R", "2", "2", "0"]]


@pytest.mark.fault("E4")
@pytest.mark.parametrize(
    ("acceptance", "booked", "said", "kinds"),
    [
        ("by_set", ["1", "3", "4", "5"], [PARTLY, SOUND], ["x12.element"]),
        ("whole_group", ["4", "5"], [WHOLE, SOUND], ["x12.element", "x12.together", "x12.together"]),
        ("whole_interchange", [], [WHOLE, ALSO], ["x12.element", *["x12.together"] * 4]),
        ("hold_group", ["4", "5"], [PARTLY, SOUND], ["x12.element", "x12.together", "x12.together"]),
        ("hold_interchange", [], [PARTLY, SOUND], ["x12.element", *["x12.together"] * 4]),
    ],
)
def test_what_one_refused_set_does_to_the_others(
    trade: Desk, acceptance: str, booked: list[str], said: list[list[list[str]]], kinds: list[str]
) -> None:
    if acceptance != "by_set":
        agreed(trade, acceptance)
    shown = validate(trade.shop.place.settings, two_groups(), "x")
    done = trade.walk(two_groups())
    assert exit_code(shown.findings) == exit_code(done.findings)
    assert [one.po_number for one in shown.sets if one.verdict != "R" and not one.held] == booked
    assert [line.strip("~").split("*") for line in shown.acknowledgments if line[:3] in {"AK2", "AK5", "AK9"}] == [
        segment for answer in said for segment in answer
    ]
    assert [one.po_number for one in trade.orders()] == booked
    assert answers(trade) == said
    assert sorted(case.kind for case in trade.cases()) == kinds
    assert {case.po_number for case in trade.cases()} == {"1", "2", "3", "4", "5"} - set(booked)
    with trade.office().ledger.reading() as unit:
        assert {one.state for one in unit.interchanges.select(direction="in")} == {"DONE"}
    trade.sound()


@pytest.mark.parametrize("acceptance", ["by_set", "whole_group", "whole_interchange", "hold_group", "hold_interchange"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_sets_that_are_checked_as_they_are_found_stand_or_fall_alike(
    trade: Desk, monkeypatch: pytest.MonkeyPatch, acceptance: str, jobs: int
) -> None:
    monkeypatch.setattr("edi_engine.x12.sets.STRIDE", 2)
    if acceptance != "by_set":
        agreed(trade, acceptance)
    settings, data = trade.shop.place.settings, two_groups()
    once = validate(settings, data, "x")
    assert {one.verdict for one in once.sets} >= {"R"}
    assert tuple(checked_sets(survey(settings, data, "x"), jobs)) == once.sets
    many = validate(settings, data, "x", jobs=jobs)
    assert (many.sets, many.findings, many.acknowledgments) == (once.sets, once.findings, once.acknowledgments)


@pytest.mark.parametrize("acceptance", ["whole_group", "whole_interchange", "hold_group", "hold_interchange"])
def test_nothing_is_kept_back_where_all_is_sound(trade: Desk, acceptance: str) -> None:
    agreed(trade, acceptance)
    trade.walk(interchange(order("1"), order("2")))
    assert answers(trade) == [SOUND]
    assert len(trade.orders()) == 2
    assert trade.cases() == []


def test_a_held_order_is_booked_by_a_retry(trade: Desk) -> None:
    agreed(trade, "hold_interchange")
    trade.walk(interchange(order("1"), order("2", BAD)))
    held = next(case for case in trade.cases() if case.kind == "x12.together")
    assert "850 0002" in held.title
    assert retry(trade.office(), held.id).case.state == "RESOLVED"
    assert [(one.po_number, one.state) for one in trade.orders()] == [("1", "ANSWERED")]
    trade.sound()


def test_a_group_that_is_refused_counts_as_well(trade: Desk) -> None:
    agreed(trade, "whole_interchange")
    wrong = group(order("1")).replace("GE*1*900", "GE*2*900")
    trade.walk(interchange(groups=[group(order("2"), control=901), wrong]))
    assert trade.orders() == []
    assert answers(trade) == [[*WITH_IT[0], ["AK9", "R", "1", "1", "0"]], [["AK9", "R", "2", "1", "0", "5"]]]
    trade.sound()


def test_answers_of_theirs_neither_fall_nor_let_fall(trade: Desk) -> None:
    agreed(trade, "whole_interchange")
    trade.walk(interchange(order("1"), control=1))
    good = group(["AK1*PR*2", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"], kind="FA", set_id="997", control=902)
    bad = group(["AK1*PR*2", "AK9*QQQ"], kind="FA", set_id="997", control=903)
    trade.walk(interchange(groups=[good, group(order("2", BAD), order("3"), control=904)], control=2))
    assert [one.state for one in trade.documents("855")] == ["ACCEPTED"]
    trade.walk(interchange(groups=[bad, group(order("4"), control=905)], control=3))
    assert [one.po_number for one in trade.orders()] == ["1", "4"]
    trade.sound()


@pytest.mark.fault("E14")
def test_what_belongs_together_waits_together_for_a_bug(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # E14
    agreed(trade, "whole_interchange")
    real = judge.check_set

    def check_set(books, group, received, partner):
        if received.where.set_control == "0002":
            message = "planted"
            raise ZeroDivisionError(message)
        return real(books, group, received, partner)

    with monkeypatch.context() as planted:
        planted.setattr(judge, "check_set", check_set)
        trade.walk(interchange(order("1"), order("2"), order("3")))
        trade.work()
        case = trade.case()
        assert case.kind == "system.bug"
        assert trade.orders() == trade.documents() == []
        retry(trade.office(), case.id)
        assert trade.case().id == case.id
        trade.sound()
    assert retry(trade.office(), case.id).case.state == "RESOLVED"
    assert len(trade.orders()) == 3
    assert pick(trade.bodies("997")[0], "AK9") == [["AK9", "A", "3", "3", "3"]]
    trade.sound()


def test_a_stop_in_the_middle_comes_out_the_same(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(trade, "whole_interchange")
    monkeypatch.setattr(judge, "BATCH", 1)
    real, done = judge.judge_set, []

    def judge_set(office, unit, opened, group, record):
        done.append(record.id)
        if len(done) == 3:
            raise KeyboardInterrupt
        return real(office, unit, opened, group, record)

    with monkeypatch.context() as planted:
        planted.setattr(judge, "judge_set", judge_set)
        with pytest.raises(KeyboardInterrupt):
            trade.walk(interchange(*(order(str(n)) for n in range(4)), order("9", BAD)))
    trade.work()
    assert trade.orders() == []
    assert pick(trade.bodies("997")[0], "AK9") == [["AK9", "R", "5", "5", "0"]]
    trade.sound()
