"""Files, interchanges, groups and sets, each on its own feet: one that is bad holds no other back."""

from __future__ import annotations

import pytest

from edi_engine.app.validating import validate
from edi_engine.cli.exits import exit_code
from edi_engine.desk.queue import choices_for
from edi_engine.desk.retry import retry
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.flow import acknowledging, judge
from tests.fixtures.trading import CANS, HOSE, Desk, group, interchange, order, pick


def last(body: list[list[str]]) -> list[str]:
    return pick(body, "AK9")[-1]


@pytest.mark.fault("E4")
def test_one_bad_set_among_fifty(trade: Desk) -> None:
    bodies = [order(f"45000{n:05d}", HOSE) for n in range(50)]
    bodies[17] = order("4500000017", HOSE.replace("*EA*", "*CASE*"))
    trade.walk(interchange(*bodies))
    (ack,) = trade.bodies("997")
    assert last(ack) == ["AK9", "P", "50", "50", "49"]
    assert [one[1] for one in pick(ack, "AK5")].count("R") == 1
    assert len(trade.orders()) == len(trade.documents("855")) == 49
    assert trade.case().po_number == "4500000017"
    trade.sound()


@pytest.mark.fault("D10", "D11")
def test_an_unknown_partner_beside_a_known_one(trade: Desk) -> None:
    stranger = interchange(order("1"), control=1, sender="ZZ/NOBODY")
    elsewhere = interchange(order("2"), control=2, receiver="ZZ/SOMEBODY")
    known = interchange(order("3"), control=3)
    done = trade.walk(stranger + elsewhere + b"\r\n" + known)
    assert done.file.state == "DONE"
    assert [one.po_number for one in trade.orders()] == ["3"]
    assert len(trade.documents("997")) == 1
    assert [case.kind for case in trade.cases()] == ["envelope.unknown-partner"] * 2
    trade.sound()


@pytest.mark.fault("D7")
def test_a_number_with_other_content_is_a_conflict(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=7))
    trade.walk(interchange(order("2"), control=7))
    assert [one.po_number for one in trade.orders()] == ["1"]
    assert trade.case().kind == "envelope.conflict"
    with trade.office().ledger.reading() as unit:
        assert [one.state for one in unit.interchanges.select(direction="in")] == ["DONE", "QUARANTINED"]
    with pytest.raises(UsageError, match="a retry cannot settle"):
        retry(trade.office(), trade.case().id)
    trade.sound()


@pytest.mark.fault("D6")
def test_the_same_interchange_in_another_file_does_nothing(trade: Desk) -> None:
    same = interchange(order("1"), control=7)
    trade.walk(same)
    before = trade.counts()
    trade.walk(same + b"\r\n" + interchange(order("2"), control=8))
    assert [one.po_number for one in trade.orders()] == ["1", "2"]
    assert len(trade.documents("855")) == before["purchase_order"] + 1 == 2
    with trade.office().ledger.reading() as unit:
        assert [one.state for one in unit.interchanges.select(direction="in")] == ["DONE", "DUPLICATE", "DONE"]
    assert trade.cases() == []
    trade.sound()


@pytest.mark.fault("D12", "D13")
@pytest.mark.parametrize("how", [{"usage": "T"}, {"usage": "I"}, {"sender": "ZZ/BLUEBIRDTEST"}])
def test_a_test_order_is_never_a_live_one(trade: Desk, how: dict[str, str]) -> None:
    trade.walk(interchange(order("1"), control=1))
    trade.walk(interchange(order("1", CANS), control=2, **how))
    live, test = trade.orders()
    assert (live.live, test.live) == (True, False)
    assert live.po_number == test.po_number
    assert {one.folder for one in trade.documents("erp-json", "erp-xml") if not one.live} == {"erp/test"}
    assert sorted(path.name for path in (trade.shop.out / "erp" / "test").iterdir()) == sorted(
        one.name for one in trade.documents("erp-json", "erp-xml") if not one.live
    )
    with trade.office().ledger.reading() as unit:
        sent = unit.interchanges.select(direction="out")
        live_of = {one.id: unit.documents.get(one.document_id or 0).live for one in sent}
    assert {(live_of[one.id], one.usage) for one in sent} == {(True, "P"), (False, "T")}
    for pair in {(one.receiver_qualifier, one.receiver) for one in sent}:
        numbers = [int(one.control) for one in sent if (one.receiver_qualifier, one.receiver) == pair]
        assert numbers == list(range(1, len(numbers) + 1))
    to = {live_of[one.id]: one.receiver for one in sent}
    assert to[False] == (how.get("sender", "08/6119290001").split("/")[1])
    trade.sound()


@pytest.mark.fault("D12")
@pytest.mark.parametrize("sender", ["08/6119290001", "ZZ/BLUEBIRDTEST"])
def test_an_acknowledgment_is_about_what_went_to_its_address(trade: Desk, sender: str) -> None:
    """Both addresses count from 1: the same number stands on a live and on a test document."""
    trade.walk(interchange(order("1"), control=1))
    trade.walk(interchange(order("1"), control=2, sender="ZZ/BLUEBIRDTEST"))
    assert [one.group_control for one in trade.documents("855")] == ["2", "2"]
    body = ["AK1*PR*2", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"]
    trade.walk(interchange(body, kind="FA", set_id="997", control=3, sender=sender))
    live = sender == "08/6119290001"
    assert [one.live for one in trade.documents("855") if one.state == "ACCEPTED"] == [live]
    refused = f"ISA*00*          *00*          *{sender[:2]}*{sender[3:]:<15}*01*004455667      *261120*0830*U*00401"
    ta1 = f"{refused}*000000004*0*P*>~TA1*000000001*261122*1230*R*024~IEA*0*000000004~"
    trade.walk(ta1.encode())
    assert [(one.kind, one.live) for one in trade.documents() if one.state == "REJECTED"] == [("997", live)]
    trade.sound()


@pytest.mark.fault("D13")
def test_a_partner_that_is_not_live_gets_test_answers(trade: Desk) -> None:
    trade.edit("partner.yaml", "status: live ", "status: test ")
    trade.walk(interchange(order("1")))
    assert [one.live for one in trade.orders()] == [False]
    assert {one.live for one in trade.documents()} == {False}


@pytest.mark.fault("E8", "E9", "E10")
def test_acknowledgments_are_never_acknowledged(trade: Desk) -> None:
    body = ["AK1*PR*77", "AK9*A*1*1*1"]
    trade.walk(interchange(body, kind="FA", set_id="997"))
    assert trade.documents() == []
    assert trade.case().kind == "ack.unmatched"
    with pytest.raises(UsageError, match="a retry cannot settle"):
        retry(trade.office(), trade.case().id)
    trade.sound()


@pytest.mark.fault("E10")
def test_an_unmatched_acknowledgment_is_matched_by_a_retry(trade: Desk) -> None:
    trade.walk(interchange(["AK1*PR*2", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"], kind="FA", set_id="997", control=1))
    assert trade.case().kind == "ack.unmatched"
    trade.walk(interchange(order("1"), control=2))
    assert retry(trade.office(), trade.case().id).case.state == "RESOLVED"
    assert [one.state for one in trade.documents("855")] == ["ACCEPTED"]
    trade.sound()


@pytest.mark.fault("D14")
def test_a_version_that_we_do_not_have(trade: Desk) -> None:
    trade.walk(interchange(order("1"), order("2"), version="007040"))
    (ack,) = trade.bodies("997")
    assert last(ack) == ["AK9", "R", "2", "2", "0", "2"]
    assert trade.orders() == []
    assert {case.kind for case in trade.cases()} == {"x12.unsupported"}
    trade.sound()


@pytest.mark.fault("D14")
@pytest.mark.parametrize("kind", ["QQ", "Q", "QQQ", "", "Q?"])
def test_a_kind_of_group_that_we_do_not_know(trade: Desk, kind: str) -> None:
    trade.walk(interchange(["BIA*00"], kind=kind, set_id="899"))
    (ack,) = trade.bodies("997")
    assert last(ack) == ["AK9", "R", "1", "1", "0", "1"]
    trade.sound()


@pytest.mark.fault("D14")
@pytest.mark.parametrize(("kind", "set_id"), [("PO", "899"), ("IN", "850"), ("PO", "810")])
def test_a_set_that_does_not_belong(trade: Desk, kind: str, set_id: str) -> None:
    trade.walk(interchange(groups=[group(order("1"), kind=kind, set_id=set_id), group(order("2"), control=901)]))
    refused, accepted = trade.bodies("997")
    assert pick(refused, "AK5") == [["AK5", "R", "1"]]
    assert last(refused) == ["AK9", "R", "1", "1", "0"]
    assert last(accepted)[1] == "A"
    assert [one.po_number for one in trade.orders()] == ["2"]
    assert trade.case().kind == "x12.unsupported"
    trade.sound()


def test_an_empty_group_is_acknowledged(trade: Desk) -> None:
    trade.walk(interchange(groups=[group()]))
    assert len(trade.documents("997")) == 1
    trade.sound()


@pytest.mark.fault("E13")
def test_a_guide_fault_is_a_case_and_booked_once_the_guide_was_relaxed(trade: Desk) -> None:
    trade.walk(interchange(order("1", department=None)))
    (ack,) = trade.bodies("997")
    assert last(ack)[1] == "A"
    case = trade.case()
    assert (case.kind, case.po_number, str(case.money_held)) == ("partner.guide", "1", "148.80")
    assert case.deadline is not None
    again = retry(trade.office(), case.id).case
    assert (again.state, again.epoch) == ("OPEN", case.epoch + 1)
    trade.edit("partner.yaml", "    REF(DP): required ", "    # ")
    assert retry(trade.office(), case.id).case.state == "RESOLVED"
    assert [one.state for one in trade.orders()] == ["ANSWERED"]
    assert len(trade.documents("855")) == len(trade.documents("997")) == 1
    trade.sound()


def test_a_set_without_a_map_is_acknowledged_and_one_case(trade: Desk) -> None:
    message = ["BMG*00", "MIT*1*Dock closed", "MSG*Closed"]
    change = ["BCH*04*SA*1***20261120", "POC*1*QD*6*6*EA*12.4*PE*IN*100101", "CTT*1"]
    trade.walk(
        interchange(
            groups=[group(message, kind="TX", set_id="864"), group(change, kind="PC", set_id="860", control=901)]
        )
    )
    assert [last(ack)[1] for ack in trade.bodies("997")] == ["A", "A"]
    assert [case.kind for case in trade.cases()] == ["mapping.missing"] * 2
    assert retry(trade.office(), trade.cases()[0].id).case.state == "OPEN"
    trade.sound()


def break_on(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = judge.check_set

    def check_set(books, group, received, partner):
        if f"*{number}*" in received.text:
            message = "planted"
            raise ZeroDivisionError(message)
        return whole(books, group, received, partner)

    monkeypatch.setattr(judge, "check_set", check_set)


@pytest.mark.fault("E14")
def test_a_bug_of_ours_stops_one_set_and_its_group_gets_no_997(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [order(f"45000{n:05d}") for n in range(12)]
    with monkeypatch.context() as planted:
        break_on("4500000004", planted)
        trade.walk(interchange(groups=[group(*bodies), group(order("4500000099"), control=901)]))
        assert len(trade.orders()) == 12
        assert len(trade.documents("997")) == 1  # of the other group
        case = trade.case()
        assert (case.kind, case.subject) == ("system.bug", "set:5")
        assert retry(trade.office(), case.id).case.epoch == case.epoch + 1
        assert trade.case().id == case.id
        assert len(trade.documents("997")) == 1
    assert retry(trade.office(), case.id).case.state == "RESOLVED"
    assert len(trade.orders()) == 13
    acks = [last(ack) for ack in trade.bodies("997")]
    assert acks == [["AK9", "A", "1", "1", "1"], ["AK9", "A", "12", "12", "12"]]
    with trade.office().ledger.reading() as unit:
        assert {one.state for one in unit.interchanges.select(direction="in")} == {"DONE"}
        assert {one.state for one in unit.orders.select()} == {"ANSWERED"}
    trade.sound()


@pytest.mark.fault("E14")
def test_a_bug_in_the_acknowledgment_of_an_empty_group(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_words: object) -> None:
        message = "planted"
        raise ZeroDivisionError(message)

    with monkeypatch.context() as planted:
        planted.setattr(acknowledging, "acknowledge", broken)
        trade.walk(interchange(groups=[group()]) + interchange(order("1"), control=2, kind="XX", set_id="899"))
        assert trade.documents("997") == []
        assert {case.kind for case in trade.cases()} == {"system.bug"}
    for case in trade.cases():
        retry(trade.office(), case.id)
    assert len(trade.documents("997")) == 2
    assert {case.kind for case in trade.cases()} == {"x12.unsupported"}
    trade.sound()


@pytest.mark.fault("G6")
def test_an_acknowledgment_that_is_not_sound_is_one_case(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsound(*_args: object) -> tuple[Finding, ...]:
        return (Finding("x12.element.code", Severity.REFUSE, "planted"),)

    with monkeypatch.context() as planted:
        planted.setattr(acknowledging, "proof", unsound)
        trade.walk(interchange(groups=[group(*(order(str(n)) for n in range(12))), group(order("99"), control=901)]))
        case = trade.case()
        assert (case.kind, case.subject) == ("system.bug", "interchange:1")
        assert trade.documents("997") == []
        assert len(trade.orders()) == 13
        assert retry(trade.office(), case.id).case.epoch > case.epoch
        assert trade.case().id == case.id
        trade.sound()
    assert retry(trade.office(), case.id).case.state == "RESOLVED"
    assert [last(ack)[1] for ack in trade.bodies("997")] == ["A", "A"]
    trade.sound()


REFUSED_EMPTY = {
    "no GE": (group().replace("GE*0*900~", ""), "envelope.missing"),
    "GE01 wrong": (group().replace("GE*0", "GE*5"), "envelope.count"),
    "GE01 wrong twice": (
        group().replace("GE*0", "GE*5") + "GS*PO*A*B*20261120*0830*9*X*004010~GE*7*9~",
        "envelope.count",
    ),
    "version unknown": (group(version="001234"), "x12.unsupported"),
    "acknowledgments": (group(kind="FA").replace("GE*0", "GE*5"), "envelope.count"),
    "bare GS": ("GS~GE*0*~", "envelope.control"),
}


@pytest.mark.parametrize("name", REFUSED_EMPTY)
def test_a_refused_group_without_sets_is_one_case(trade: Desk, name: str) -> None:
    text, kind = REFUSED_EMPTY[name]
    data = interchange(groups=[text]).replace(b"IEA*1", b"IEA*%d" % text.count("GS"))
    done = trade.walk(data)
    case = trade.case()
    assert (case.kind, case.subject) == (kind, "interchange:1")
    assert [one.name for one in choices_for(case)] == ["dismiss"]
    assert [last(ack)[1] for ack in trade.bodies("997")] == ["R"] * (text.count("GS") if "FA*" not in text else 0)
    assert exit_code(done.findings) == exit_code(validate(trade.shop.place.settings, data, "x").findings) == 3
    trade.sound()


def test_an_unmatched_ta1_keeps_no_empty_group_waiting(trade: Desk) -> None:
    trade.walk(interchange(groups=["TA1*000000777*261120*0830*R*006~" + group()]))
    assert trade.case().kind == "ack.unmatched"
    assert len(trade.documents("997")) == 1
    trade.sound()


def test_a_group_version_that_is_too_long_is_answered_in_its_version(trade: Desk) -> None:
    trade.walk(interchange(order("1"), version="004010VICS99999999"))
    assert trade.cases() == []
    assert last(trade.bodies("997")[0])[1] == "A"
    trade.sound()


@pytest.mark.fault("E14")
def test_a_bug_while_a_file_is_opened(trade: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from edi_engine.flow import interpret

    with monkeypatch.context() as planted:
        planted.setattr(interpret, "whose", None)
        trade.walk(interchange(order("1")))
        assert trade.case().kind == "system.bug"
        assert trade.orders() == []
    assert retry(trade.office(), trade.case().id).case.state == "RESOLVED"
    assert [one.state for one in trade.orders()] == ["ANSWERED"]
    trade.sound()


def test_a_file_that_is_no_x12_stays_one_case(trade: Desk) -> None:
    trade.walk(b"Dear supplier, please send hoses.")
    case = trade.case()
    with pytest.raises(UsageError, match="no retry changes its bytes"):
        retry(trade.office(), case.id)
    assert trade.cases(None) == [case]
    trade.sound()


@pytest.mark.fault("F1")
def test_an_identical_order_is_linked_and_another_one_held(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    trade.walk(interchange(order("1"), order("1", CANS), control=2))
    assert len(trade.orders()) == len(trade.documents("855")) == 1
    with trade.office().ledger.reading() as unit:
        assert [(one.state, one.order_id) for one in unit.sets.select()] == [
            ("APPLIED", 1),
            ("APPLIED", 1),
            ("HELD", None),
        ]
    case = trade.case()
    assert (case.kind, case.po_number, case.order_id) == ("order.duplicate", "1", 1)
    assert case.money_held is None  # the booked order goes on; nothing of it is held by its copy
    assert "24 EA of 100103" in case.title
    trade.sound()


def test_shares_for_stores_are_answered_and_told_by_store(auto: Desk) -> None:
    shares = "SDQ*EA*92*0101*12*0102*12"
    auto.walk(interchange(order("1", HOSE.replace("*12*EA", "*24*EA"), shares, CANS)))
    assert auto.cases() == []
    (notice,) = auto.bodies("856")
    assert [one[4] for one in pick(notice, "N1") if one[1] == "BY"] == ["0101", "0102"]
    auto.sound()


def test_shares_that_do_not_add_up_hold_their_line(trade: Desk) -> None:
    shares = "SDQ*EA*92*0101*12*0102*6"
    trade.walk(interchange(order("1", HOSE.replace("*12*EA", "*24*EA"), shares, CANS)))
    assert trade.case().kind == "order.destinations"
    assert trade.documents("855") == []
    trade.sound()


def test_an_information_copy_is_filed_and_a_cancel_calls_the_order_off(trade: Desk) -> None:
    first = interchange(order("1"), control=1)
    trade.walk(interchange(order("9"), control=9).replace(b"BEG*00", b"BEG*22"))
    assert trade.orders() == []
    assert trade.cases() == []
    trade.walk(first)
    trade.walk(interchange(order("1"), control=2).replace(b"BEG*00", b"BEG*01"))
    assert [one.state for one in trade.orders()] == ["CANCELLED"]
    assert trade.cases() == []
    trade.sound()


@pytest.mark.fault("F3")
def test_what_was_shipped_is_not_called_off_by_itself(auto: Desk) -> None:
    auto.walk(interchange(order("1"), control=1))
    auto.walk(interchange(order("1"), control=2).replace(b"BEG*00", b"BEG*01"))
    assert auto.case().kind == "order.purpose"
    assert [one.state for one in auto.orders()] == ["INVOICED"]
    auto.sound()


def test_an_order_without_financial_value_ships_and_is_not_billed(auto: Desk) -> None:
    auto.walk(interchange(order("1"), control=1).replace(b"BEG*00", b"BEG*38"))
    assert [one.state for one in auto.orders()] == ["CLOSED"]
    assert auto.documents("810") == []
    assert len(auto.documents("856")) == 1
    auto.sound()


@pytest.mark.fault("D11")
def test_a_stranger_is_let_in_once_its_address_is_known(trade: Desk) -> None:
    other = {"sender": "ZZ/BLUEBIRDWEST"}
    trade.walk(interchange(order("1"), control=1, **other))
    trade.walk(interchange(order("1"), control=1, **other) + b"\r\n" + interchange(order("2"), control=2, **other))
    first, second, third = trade.cases()
    again = retry(trade.office(), first.id).case
    assert (again.state, again.epoch) == ("OPEN", first.epoch + 1)
    trade.edit("partner.yaml", "theirs: {isa: 08/6119290001,", "theirs: {isa: [08/6119290001, ZZ/BLUEBIRDWEST],")
    assert retry(trade.office(), first.id).case.state == "RESOLVED"
    assert retry(trade.office(), second.id).case.state == "RESOLVED"  # the same once more: nothing is done twice
    assert retry(trade.office(), third.id).case.state == "RESOLVED"
    assert [(one.po_number, one.state) for one in trade.orders()] == [("1", "ANSWERED"), ("2", "ANSWERED")]
    assert len(trade.documents("997")) == 2
    with trade.office().ledger.reading() as unit:
        assert [one.state for one in unit.interchanges.select(direction="in")] == ["DONE", "DUPLICATE", "DONE"]
        assert {one.state for one in unit.files.select()} == {"DONE"}
    trade.sound()


@pytest.mark.fault("D5")
def test_an_st_that_stands_twice_refuses_nothing_but_itself(trade: Desk) -> None:
    trade.walk(interchange(order("1"), order("2")).replace(b"ST*850*0001~", b"ST*850*0001~ST*850*0001~"))
    assert [one.po_number for one in trade.orders()] == ["1", "2"]
    (ack,) = trade.bodies("997")
    assert [one[1] for one in pick(ack, "AK5")] == ["R", "A", "A"]
    assert trade.case().kind == "envelope.missing"
    trade.sound()


@pytest.mark.fault("D4")
def test_what_a_set_without_its_end_lacks_is_one_fault(trade: Desk) -> None:
    data = interchange(order("1"), order("2"))
    cut, second = data.index(b"PO1*"), data.index(b"ST*850*0002~")
    trade.walk(data[:cut] + data[second:])
    (ack,) = trade.bodies("997")
    assert pick(ack, "AK3") == []
    assert pick(ack, "AK5") == [["AK5", "R", "2"], ["AK5", "A"]]
    assert trade.case().kind == "envelope.missing"
    trade.sound()
