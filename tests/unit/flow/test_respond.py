"""What partners answer to our documents, and what they do not answer (FAILURES E8 to E12)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from edi_engine.desk.instead import instead_of_retry
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.records import CaseRecord, DocumentRecord
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.reader import outline, split
from tests.fixtures.exchange import Exchange

KINDS = ("855", "856", "810")
GROUPS = {"855": "PR", "856": "SH", "810": "IN", "997": "FA"}
DAY = timedelta(days=1)
_numbers = itertools.count(900)


def instead(exchange: Exchange, case: CaseRecord) -> str | None:
    """Say what happens instead of a retry."""
    with exchange.office().ledger.reading() as unit:
        return instead_of_retry(unit, case)


def traded(exchange: Exchange) -> Exchange:
    """Take an order and deliver all that comes of it."""
    exchange.drop("order.edi")
    exchange.take()
    exchange.work()
    exchange.send()
    return exchange


def one(exchange: Exchange, kind: str = "855") -> DocumentRecord:
    return exchange.documents(kind=kind)[0]


def interchange(*middle: str, sender: str = "08*6119290001     ") -> bytes:
    number = next(_numbers)
    return (
        f"ISA*00*          *00*          *{sender}*01*004455667      *261122*1230*U*00401*{number:09d}*0*P*>~"
        + "".join(f"{segment}~" for segment in middle)
        + f"IEA*{sum(segment.startswith('GS') for segment in middle)}*{number:09d}~"
    ).encode()


def fa(*sets: Sequence[str], version: str = "004010VICS", set_id: str = "997") -> bytes:
    """An interchange of acknowledgments; each set is given without its ST and SE."""
    body = [f"GS*FA*6119290001*004455667*20261122*1230*1*X*{version}"]
    for number, segments in enumerate(sets, 1):
        body += [f"ST*{set_id}*{number:04d}", *segments, f"SE*{len(segments) + 2}*{number:04d}"]
    return interchange(*body, f"GE*{len(sets)}*1")


def says(document: DocumentRecord, code: str, *faults: str) -> list[str]:
    """A 997 about one document: its set gets `code`, its group the verdict that goes with it."""
    verdict, accepted = ("P" if code in "MWX" else code), int(code in "AE")
    return [
        f"AK1*{GROUPS[document.kind]}*{document.group_control}",
        f"AK2*{document.kind}*0001",
        *faults,
        f"AK5*{code}",
        f"AK9*{verdict}*1*1*{accepted}",
    ]


def arrives(exchange: Exchange, data: bytes) -> None:
    exchange.drop(f"{next(_numbers)}.edi", data)
    exchange.take()
    exchange.work()


def segments_of(exchange: Exchange, document: DocumentRecord) -> list[list[str]]:
    with exchange.office().ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    found = outline(data).interchanges[0]
    each = found.groups[0].sets[0]
    return split(data[each.start : each.end].decode(), found.delimiters)


# --- what they say ----------------------------------------------------------------------------------------------------


@pytest.mark.fault("E8", "E11")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("code", "state"), [("A", "ACCEPTED"), ("E", "ACCEPTED"), ("R", "REJECTED"), ("M", "REJECTED")]
)
@pytest.mark.fault("E11")
def test_each_verdict_on_each_kind_of_document(exchange: Exchange, kind: str, code: str, state: str) -> None:
    traded(exchange)
    arrives(exchange, fa(says(one(exchange, kind), code)))
    assert one(exchange, kind).state == state
    assert {other.state for other in exchange.documents(kind=tuple(set(KINDS) - {kind}))} == {"CONFIRMED"}
    assert exchange.kinds() == ([] if state == "ACCEPTED" else ["ack.rejected"])
    assert exchange.sound()


@pytest.mark.fault("E8", "E9")
def test_nothing_is_answered_to_an_acknowledgment(either: Exchange) -> None:
    traded(either)
    before = len(either.documents())
    arrives(either, fa(says(one(either), "A"), says(one(either, "810"), "R")))
    assert len(either.documents()) == before
    assert (one(either).state, one(either, "810").state) == ("ACCEPTED", "REJECTED")
    assert either.sound()


@pytest.mark.parametrize("code", ["A", "R"])
def test_a_group_may_be_judged_without_its_sets(exchange: Exchange, code: str) -> None:
    traded(exchange)
    document = one(exchange)
    arrives(exchange, fa([f"AK1*PR*{document.group_control}", f"AK9*{code}*1*1*{int(code == 'A')}"]))
    assert one(exchange).state == ("ACCEPTED" if code == "A" else "REJECTED")


def test_control_numbers_may_come_padded(exchange: Exchange) -> None:
    traded(exchange)
    document = one(exchange)
    arrives(exchange, fa([f"AK1*PR*{document.group_control.zfill(9)}", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"]))
    assert one(exchange).state == "ACCEPTED"


@pytest.mark.fault("E11")
def test_a_refused_element_is_led_back_to_our_segment(exchange: Exchange) -> None:
    traded(exchange)
    ours = segments_of(exchange, one(exchange))
    place = next(index for index, segment in enumerate(ours, 1) if segment[0] == "PO1")
    faults = (f"AK3*PO1*{place}**8", "AK4*4*212*7*12.40", "AK3*CTT*99**3")
    arrives(exchange, fa(says(one(exchange), "R", *faults)))
    (case,) = exchange.cases()
    head, element, missing = json.loads(case.findings_json)
    assert head["code"] == "ack.rejected"
    assert element["code"] == "ack.rejected.element"
    assert f"PO104 in segment {place} of our 855" in element["message"]
    assert "invalid code value" in element["message"]
    assert "*".join(ours[place - 1]) in element["message"]
    assert element["seen"] == "12.40"
    assert element["where"]["in_set"] == place
    assert missing["code"] == "ack.rejected.segment"
    assert "not in our document" in missing["message"]


def test_a_long_list_of_faults_is_cut(exchange: Exchange) -> None:
    traded(exchange)
    arrives(exchange, fa(says(one(exchange), "R", *(f"AK3*PO1*{place}**2" for place in range(1, 60)))))
    findings = json.loads(exchange.cases()[0].findings_json)
    assert len(findings) == 22
    assert findings[-1]["message"] == "39 more faults are not listed."


def test_errors_noted_on_an_accepted_document_are_in_its_history(exchange: Exchange) -> None:
    traded(exchange)
    arrives(exchange, fa(says(one(exchange), "E", "AK3*PO1*5**8", "AK4*1*350*5*000001")))
    with exchange.office().ledger.reading() as unit:
        events = [event.detail for event in unit.events.select(subject=f"document:{one(exchange).id}")]
    assert events[-1] == "accepted by the partner's 997 (E), with 1 fault noted"
    assert "000001" in one(exchange).response_json


def test_a_999_is_read_like_a_997(exchange: Exchange) -> None:
    traded(exchange)
    number = one(exchange).group_control
    body = [f"AK1*PR*{number}*004010VICS", "AK2*855*0001", "IK3*PO1*5**8", "IK4*4*212*7*x", "IK5*R*5", "AK9*R*1*1*0"]
    arrives(exchange, fa(body, version="005010X231A1", set_id="999"))
    assert one(exchange).state == "REJECTED"
    assert exchange.kinds() == ["ack.rejected"]


@pytest.mark.fault("E11")
def test_each_ik4_of_a_999_is_led_back_to_our_line(exchange: Exchange) -> None:
    traded(exchange)
    ours = segments_of(exchange, one(exchange))
    place = next(index for index, segment in enumerate(ours, 1) if segment[0] == "PO1")
    body = says(one(exchange), "R", f"AK3*PO1*{place}**8", "CTX*PO101>1", "AK4*4*212*I9*12.40")
    body.insert(-2, "CTX*SITUATIONAL TRIGGER*BAK*2**1")
    body = [segment.replace("AK3", "IK3").replace("AK4", "IK4").replace("AK5*R", "IK5*R*I5") for segment in body]
    arrives(exchange, fa(body, version="005010", set_id="999"))
    (case,) = exchange.cases()
    head, element = json.loads(case.findings_json)
    assert "code I5: one or more segments break the guide" in head["message"]
    assert "line 1, code I9: element the guide requires under a condition is missing" in element["message"]
    because = f"(they name it PO101>1; because of BAK01 in segment 2: {'*'.join(ours[1])})"
    assert element["message"].endswith(f"{'*'.join(ours[place - 1])} {because}")
    assert (element["where"]["in_set"], element["where"]["element"]) == (place, 4)
    assert exchange.sound()


@pytest.mark.parametrize("theirs", ["6119290001", "OTHERDIVISION"])
def test_of_two_groups_of_a_number_the_one_between_the_same_ids_is_meant(exchange: Exchange, theirs: str) -> None:
    """The number came round, or the partner's GS id was changed: what the answer names by its own GS counts."""
    traded(exchange)
    ours = one(exchange)
    with exchange.office().ledger.unit("test") as unit:
        data = unit.blobs.get(ours.sha256).replace(b"*004455667*6119290001*", b"*004455667*OTHERDIVISION*")
        other = replace(ours, id=0, again=7, sha256=unit.blobs.put(data), name="other.edi", state="READY", sent_at=None)
        other = unit.documents.add(other)
        for state in ("UPLOADING", "UPLOADED", "SENT", "CONFIRMED"):
            other = unit.documents.change(other, state=state)
    arrives(exchange, fa(says(ours, "A")).replace(b"GS*FA*6119290001*", f"GS*FA*{theirs}*".encode()))
    states = {document.again: document.state for document in exchange.documents(kind="855")}
    assert states == ({0: "ACCEPTED", 7: "CONFIRMED"} if theirs == "6119290001" else {0: "CONFIRMED", 7: "ACCEPTED"})


@pytest.mark.fault("E10")
@pytest.mark.parametrize("ids", [b"GS*FA*OTHERDIVISION*004455667*", b"GS*FA*6119290001*SOMEBODYELSE*"])
def test_a_number_between_other_ids_is_not_ours(exchange: Exchange, ids: bytes) -> None:
    """Another division of theirs may have had the same number: GS02 and GS03 are part of a group's name."""
    traded(exchange)
    before = exchange.documents()
    arrives(exchange, fa(says(one(exchange), "R")).replace(b"GS*FA*6119290001*004455667*", ids))
    assert exchange.documents() == before
    (case,) = exchange.cases()
    assert case.kind == "ack.unmatched"
    assert "between 004455667 and 6119290001" in case.title


@pytest.mark.fault("E10")
@pytest.mark.parametrize("code", ["A", "R"])
def test_an_answer_about_another_set_of_our_group_is_not_guessed(exchange: Exchange, code: str) -> None:
    traded(exchange)
    before = exchange.documents()
    body = [segment.replace("AK2*855*0001", "AK2*855*0002") for segment in says(one(exchange), code)]
    arrives(exchange, fa(body))
    assert exchange.documents() == before
    (case,) = exchange.cases()
    assert case.kind == "ack.unmatched"
    assert "0002" in case.title


def test_two_acknowledgments_in_one_group_stand_alone(exchange: Exchange) -> None:
    traded(exchange)
    unknown = ["AK1*PR*777", "AK9*A*1*1*1"]
    arrives(exchange, fa(unknown, says(one(exchange), "A")))
    assert one(exchange).state == "ACCEPTED"
    assert exchange.kinds() == ["ack.unmatched"]


# --- twice, too early, for nothing ------------------------------------------------------------------------------------


@pytest.mark.fault("E10")
@pytest.mark.parametrize(("first", "second"), [("A", "A"), ("A", "R"), ("R", "A"), ("R", "R")])
def test_the_first_answer_stands_and_later_ones_are_noted(exchange: Exchange, first: str, second: str) -> None:
    traded(exchange)
    document = one(exchange)
    arrives(exchange, fa(says(document, first)))
    settled = one(exchange)
    arrives(exchange, fa(says(document, second)))
    assert one(exchange) == settled
    told = {"AA": [], "AR": ["ack.contradicted"]}
    assert exchange.kinds() == told.get(first + second, ["ack.rejected"])
    with exchange.office().ledger.reading() as unit:
        what = [event.what for event in unit.events.select(subject=f"document:{document.id}")]
    assert what.count("855 acknowledged again") == 1


@pytest.mark.fault("E10")
@pytest.mark.parametrize("group", ["PR*777", "SH*1", "ZZ*1"])
def test_an_unknown_group_is_a_case_and_changes_nothing(exchange: Exchange, group: str) -> None:
    traded(exchange)
    before = exchange.documents()
    arrives(exchange, fa([f"AK1*{group}", "AK9*A*1*1*1"]))
    assert exchange.kinds() == ["ack.unmatched"]
    assert exchange.documents() == before


def test_our_own_acknowledgments_are_found_by_their_kind_of_group(exchange: Exchange) -> None:
    traded(exchange)
    number = one(exchange, "997").group_control
    arrives(exchange, fa([f"AK1*PR*{number}", "AK9*R*1*1*0"]))
    assert one(exchange, "997").state == "CONFIRMED"
    assert exchange.kinds() == ["ack.unmatched"]


@pytest.mark.parametrize(
    ("state", "after"),
    [("READY", None), ("UPLOADING", None), ("UPLOADED", "ACCEPTED"), ("SENT", "ACCEPTED"), ("PARKED", None)],
)
def test_an_answer_that_comes_before_we_have_confirmed(either: Exchange, state: str, after: str | None) -> None:
    either.drop("order.edi")
    either.take()
    either.work()
    document = one(either)
    steps = {"PARKED": ("PARKED",)}.get(state, ("READY", "UPLOADING", "UPLOADED", "SENT"))
    with either.office().ledger.unit("test") as unit:
        for step in steps[: steps.index(state) + 1]:
            if step != "READY":
                extra = {"sent_at": either.clock.now()} if step == "SENT" else {}
                document = unit.documents.change(document, state=step, temporary="x.part", **extra)
        if state == "PARKED":
            from edi_engine.flow.cases import Waiting, open_case
            from edi_engine.flow.handover import _collision
            from edi_engine.flow.ports import RemoteFile

            finding = _collision(document, RemoteFile(b"x", 1, 1))
            open_case(either.office(), unit, Waiting(f"document:{document.id}", "deliver", document.at), [finding])
    arrives(either, fa(says(document, "A")))
    assert one(either).state == (after or state)
    assert either.kinds().count("ack.unmatched") == (0 if after else 1)
    assert either.sound()
    either.send()
    assert either.sound()
    assert one(either).state in {"ACCEPTED", "CONFIRMED", "PARKED"}


def test_a_number_that_came_round_again_means_the_newest_that_waits(exchange: Exchange) -> None:
    traded(exchange)
    old = one(exchange)
    with exchange.office().ledger.unit("test") as unit:
        changes = {"source": "order:99", "id": 0, "epoch": 0, "name": "later.edi", "state": "READY", "order_id": None}
        from dataclasses import replace

        newer = unit.documents.add(replace(old, **changes))
        for state in ("UPLOADING", "UPLOADED", "SENT", "CONFIRMED"):
            newer = unit.documents.change(newer, state=state)
    arrives(exchange, fa(says(old, "A")))
    assert [document.state for document in exchange.documents(kind="855")] == ["CONFIRMED", "ACCEPTED"]
    arrives(exchange, fa(says(old, "A")))
    assert [document.state for document in exchange.documents(kind="855")] == ["ACCEPTED", "ACCEPTED"]


# --- broken ones ------------------------------------------------------------------------------------------------------


@pytest.mark.fault("E8")
@pytest.mark.parametrize(
    "body",
    [
        ["AK1*PR*1", "AK2*855*0001", "AK9*A*1*1*1"],  # no verdict on the set
        ["AK2*855*0001", "AK5*A", "AK9*A*1*1*1"],  # no group
        ["AK1*PR*1", "AK2*855*0001", "AK5*A"],  # no verdict on the group
        ["AK1*PR*1", "AK2*855*0001", "AK5*Q", "AK9*A*1*1*1"],
        ["AK1*PR*1", "AK2*855*0001", "AK5*R", "AK9*A*1*1*1"],  # they contradict each other
        ["AK1*PR*ABC", "AK9*A*1*1*1"],
        ["XYZ*1"],
        [],
    ],
)
def test_a_broken_acknowledgment_is_one_case_without_an_answer(exchange: Exchange, body: list[str]) -> None:
    traded(exchange)
    before = exchange.documents()
    arrives(exchange, fa(body))
    assert exchange.documents() == before
    assert exchange.kinds() == ["ack.invalid"]
    assert exchange.sound()


@pytest.mark.fault("E8")
@pytest.mark.parametrize(("old", "new"), [("SE*6*", "SE*7*"), ("AK5*", "AK9*A*1*1*1~AK5*"), ("GE*1*1~", "GE*1*2~")])
def test_an_acknowledgment_of_broken_x12_is_not_said_to_be_refused(exchange: Exchange, old: str, new: str) -> None:
    traded(exchange)
    before = exchange.documents()
    sent = fa(["AK1*PR*1", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"]).decode()
    arrives(exchange, sent.replace(old, new).encode())
    assert exchange.documents() == before
    case = exchange.cases()[0]
    assert (case.kind, case.title) == (
        "ack.invalid",
        "Bluebird Stores sent a 997 (0001) that is no sound X12: nothing it says was taken.",
    )
    assert all(finding.ack is None for finding in findings_from_json(case.findings_json))
    assert (said := instead(exchange, case)) is not None
    assert "No acknowledgment is ever answered" in said


@pytest.mark.fault("E11")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("AK1*PR*{0}", "AK1*PR*{0}*004010VICS"),  # 004010 has no AK103, but later versions do
        ("AK2*855*0001", "AK2*855*0001*X"),
        ("*8~AK4", "*8*9*9*9*9*9~AK4"),
        ("*353*7*", "*abc*7*"),
    ],
)
def test_a_refusal_counts_though_elements_of_it_are_wrong(exchange: Exchange, old: str, new: str) -> None:
    traded(exchange)
    mine = one(exchange)
    sent = fa(says(mine, "R", "AK3*BAK*2**8", "AK4*1*353*7*00")).decode()
    old, new = old.format(mine.group_control), new.format(mine.group_control)
    assert old in sent
    arrives(exchange, sent.replace(old, new).encode())
    assert one(exchange).state == "REJECTED"
    assert exchange.kinds() == ["ack.rejected"]


# --- TA1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.fault("E8")
@pytest.mark.parametrize(("counts", "code", "state"), [("1*1*2", "A", "ACCEPTED"), ("1*2*0", "R", "REJECTED")])
def test_impossible_counts_are_a_case_and_the_verdict_on_our_set_counts(
    exchange: Exchange, counts: str, code: str, state: str
) -> None:
    traded(exchange)
    named = [f"AK1*PR*{one(exchange).group_control}", "AK2*855*0001", f"AK5*{code}", f"AK9*{code}*{counts}"]
    arrives(exchange, fa(named))
    assert one(exchange).state == state
    assert sorted(exchange.kinds()) == ["ack.invalid"] + ["ack.rejected"] * (code == "R")
    assert exchange.sound()


@pytest.mark.fault("E8")
@pytest.mark.parametrize("counts", ["1*1*2", "1*2*1"])
def test_impossible_counts_of_a_group_judged_as_a_whole_are_a_case_alone(exchange: Exchange, counts: str) -> None:
    traded(exchange)
    arrives(exchange, fa([f"AK1*PR*{one(exchange).group_control}", f"AK9*A*{counts}"]))
    assert one(exchange).state == "CONFIRMED"
    assert exchange.kinds() == ["ack.invalid"]
    assert exchange.sound()


def ta1(document: DocumentRecord, code: str, note: str) -> str:
    return f"TA1*{document.interchange_control}*261122*1230*{code}*{note}"


@pytest.mark.fault("E8")
def test_a_ta1_that_refuses_ends_the_exchange(either: Exchange) -> None:
    traded(either)
    before = len(either.documents())
    arrives(either, interchange(ta1(one(either), "R", "025")))
    assert one(either).state == "REJECTED"
    (case,) = either.cases()
    assert case.kind == "ack.rejected"
    assert "refused the whole interchange" in case.title
    assert "TA1, code 025: the control number was used before" in case.title
    assert len(either.documents()) == before
    either.clock.move(2 * DAY)
    fire_timers(either.office())
    assert [kind for kind in either.kinds() if kind == "ack.overdue"] == ["ack.overdue"] * 2  # the 856 and the 810
    assert either.sound()


@pytest.mark.parametrize("code", ["A", "E"])
def test_a_ta1_that_accepts_leaves_the_answer_to_the_997(exchange: Exchange, code: str) -> None:
    traded(exchange)
    arrives(exchange, interchange(ta1(one(exchange), code, "000")))
    assert one(exchange).state == "CONFIRMED"
    assert exchange.kinds() == []
    arrives(exchange, fa(says(one(exchange), "A")))
    assert one(exchange).state == "ACCEPTED"


def test_a_ta1_after_the_997_is_noted(exchange: Exchange) -> None:
    traded(exchange)
    arrives(exchange, fa(says(one(exchange), "A")))
    arrives(exchange, interchange(ta1(one(exchange), "R", "025")))
    assert one(exchange).state == "ACCEPTED"
    assert exchange.kinds() == []


@pytest.mark.parametrize(
    ("segment", "kind"), [("TA1*000000777*261122*1230*R*025", "ack.unmatched"), ("TA1*X*Y*Z*Q*1", "ack.invalid")]
)
def test_a_ta1_for_nothing_or_without_sense_is_a_case(exchange: Exchange, segment: str, kind: str) -> None:
    traded(exchange)
    arrives(exchange, interchange(segment))
    assert exchange.kinds() == [kind]


# --- nothing comes ----------------------------------------------------------------------------------------------------


@pytest.mark.fault("E12")
def test_silence_becomes_one_case_for_each_document_once(either: Exchange) -> None:
    traded(either)
    either.clock.move(DAY - timedelta(seconds=1))
    assert fire_timers(either.office()) == 0
    either.clock.move(timedelta(seconds=1))
    assert fire_timers(either.office(), dry=True) == 3
    assert either.kinds() == []
    assert fire_timers(either.office()) == 3
    assert either.kinds() == ["ack.overdue"] * 3
    assert fire_timers(either.office()) == 0
    either.clock.move(30 * DAY)
    assert fire_timers(either.office()) == 0
    assert len(either.documents(kind=KINDS)) == 3  # nothing is sent by a timer
    assert either.sound()


@pytest.mark.fault("E12")
@pytest.mark.parametrize("connection", ["out", "out:1"])
def test_what_stands_in_a_folder_of_edi_process_is_passed_on_and_not_resent(
    exchange: Exchange, connection: str
) -> None:
    traded(exchange)
    mailed, handed = one(exchange, "856"), one(exchange)
    with exchange.office().ledger.unit("given") as unit:
        unit.documents.change(handed, connection=connection)
    exchange.clock.move(DAY)
    fire_timers(exchange.office())
    advice = {case.subject: findings_from_json(case.findings_json)[0].fix or "" for case in exchange.cases()}
    assert f"`edi outbox resend {mailed.id}`" in advice[f"document:{mailed.id}"]
    assert "outbox resend" not in advice[f"document:{handed.id}"]
    assert f"pass {handed.name} on" in advice[f"document:{handed.id}"]
    assert {"outbox resend" in (instead(exchange, case) or "") for case in exchange.cases()} == {False}


@pytest.mark.fault("E12")
def test_what_was_answered_in_time_is_not_overdue(exchange: Exchange) -> None:
    traded(exchange)
    for kind in KINDS:
        arrives(exchange, fa(says(one(exchange, kind), "A" if kind != "810" else "R")))
    exchange.clock.move(2 * DAY)
    assert fire_timers(exchange.office()) == 0
    assert exchange.kinds() == ["ack.rejected"]


def test_an_answer_after_the_limit_closes_the_case(exchange: Exchange) -> None:
    traded(exchange)
    exchange.clock.move(2 * DAY)
    fire_timers(exchange.office())
    for kind in KINDS:
        arrives(exchange, fa(says(one(exchange, kind), "A")))
    assert exchange.kinds() == []


@pytest.mark.fault("E12")
def test_an_answer_while_the_timers_fire_is_not_overtaken(either: Exchange) -> None:
    traded(either)
    either.clock.move(2 * DAY)
    office = either.office()
    units = office.ledger.unit

    def unit_after_the_answer(name: str):
        if name == "clock.fired" and one(either).state == "CONFIRMED":
            arrives(either, fa(says(one(either), "A")))
        return units(name)

    office.ledger.unit = unit_after_the_answer
    assert fire_timers(office) == 2
    assert one(either).state == "ACCEPTED"
    assert either.kinds() == ["ack.overdue"] * 2
