"""The outbox as people use it: looking, holding back, sending again; and the promises of the store after each of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.desk.holding import hold, release
from edi_engine.desk.outbox import STANDINGS, DocumentEntry, DocumentsWanted, Story, list_documents, story
from edi_engine.desk.resend import Way, preview, resend
from edi_engine.errors import TransportError, UsageError
from edi_engine.finding import Severity
from edi_engine.flow.deliver import due
from edi_engine.flow.handover import confirm
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.records import DocumentRecord
from edi_engine.x12.reader import outline
from tests.fixtures.exchange import Exchange, order
from tests.unit.flow.test_respond import DAY, arrives, fa, interchange, one, says, segments_of, traded

WHY = "the buyer wants to look at it first"
EVERY = DocumentsWanted(every=True)


def written(exchange: Exchange, *numbers: int) -> Exchange:
    """Take orders and write all that comes of them, without delivering it."""
    for number in numbers or (1,):
        exchange.drop(f"order-{number}.edi", order(number))
    exchange.take()
    exchange.work()
    return exchange


def listed(exchange: Exchange, wanted: DocumentsWanted = EVERY) -> dict[int, DocumentEntry]:
    with exchange.office().ledger.reading() as unit:
        return {each.record.id: each for each in list_documents(unit, wanted, exchange.clock.now())}


def told(exchange: Exchange, document: DocumentRecord) -> Story:
    office = exchange.office()
    with office.ledger.reading() as unit:
        return story(office, unit, document.id)


def standing(exchange: Exchange, document: DocumentRecord) -> str:
    return listed(exchange)[document.id].standing


def sent_kinds(exchange: Exchange) -> list[str]:
    """The kinds of what was handed over, in its order."""
    kinds = {f"{one.name}.part".encode(): one.kind for one in exchange.documents()}
    return [kinds[name] for method, folder, name in exchange.box.calls if method == "rename" and name in kinds]


def data_of(exchange: Exchange, document: DocumentRecord) -> bytes:
    with exchange.office().ledger.reading() as unit:
        return unit.blobs.get(document.sha256)


def numbers(data: bytes) -> tuple[str, str]:
    found = outline(data).interchanges[0]
    return found.control, found.groups[0].control


# --- holding ---------------------------------------------------------------------------------------------------------


def test_a_held_document_stays_and_the_queue_goes_on(either: Exchange) -> None:
    written(either, 1, 2)
    first, second = either.documents(kind="855")
    hold(either.office(), [first.id], WHY)
    either.send()
    gone = {each.po_number for each in either.documents(state="CONFIRMED") if not each.kind.startswith("erp")}
    assert second.po_number in gone
    assert next(each.kind for each in either.documents(state="READY", order_id=first.order_id)) == "855"
    assert either.sound()


def test_what_follows_a_held_document_of_its_order_waits_with_it(exchange: Exchange) -> None:
    answer = one(written(exchange))
    held, *behind = hold(exchange.office(), [answer.id], WHY)
    assert (held.standing, held.why) == ("held", f"held by {held.record.held_by}: {WHY}")
    assert [each.record.kind for each in behind] == ["856", "810"]
    assert {each.standing for each in behind} == {"behind"}
    exchange.send()
    assert {each.kind: each.state for each in exchange.documents(connection="bluebird-sftp")} == {
        "997": "CONFIRMED",
        "855": "READY",
        "856": "READY",
        "810": "READY",
    }


def test_a_released_document_goes_and_all_behind_it_in_order(either: Exchange) -> None:
    answer = one(written(either))
    hold(either.office(), [answer.id], WHY)
    either.send()
    (free,) = release(either.office(), [answer.id])
    assert (free.standing, free.record.held_at, free.record.held_by) == ("waiting", None, None)
    either.send()
    assert sent_kinds(either) == ["997", "855", "856", "810"]
    assert either.sound()


def test_a_notice_may_be_held_while_its_answer_goes(exchange: Exchange) -> None:
    written(exchange)
    hold(exchange.office(), [one(exchange, "856").id], WHY)
    exchange.send()
    states = {each.kind: each.state for each in exchange.documents(connection="bluebird-sftp")}
    assert states == {"997": "CONFIRMED", "855": "CONFIRMED", "856": "READY", "810": "READY"}


def test_more_held_documents_than_a_batch_hide_nothing(exchange: Exchange) -> None:
    written(exchange, *range(1, 4))
    held = [each.id for each in exchange.documents(connection="bluebird-sftp") if each.kind != "997"]
    hold(exchange.office(), held, WHY)
    ready = due(exchange.office(), "bluebird-sftp", exchange.clock.now(), limit=2)
    assert [each.kind for each in ready] == ["997", "997"]
    exchange.send()
    assert len(exchange.delivered()) == 3


@pytest.mark.parametrize("state", ["UPLOADING", "UPLOADED", "SENT", "PARKED", "VOID"])
def test_what_has_begun_to_go_cannot_be_held(exchange: Exchange, state: str) -> None:
    document = one(written(exchange))
    way = {"PARKED": ("PARKED",), "VOID": ("VOID",)}.get(state, ("UPLOADING", "UPLOADED", "SENT"))
    with exchange.office().ledger.unit("test") as unit:
        for step in way[: way.index(state) + 1]:
            document = unit.documents.change(document, state=step, sent_at=exchange.clock.now())
    with pytest.raises(UsageError, match=f"document {document.id} cannot be held: it "):
        hold(exchange.office(), [document.id], WHY)


def test_holding_is_all_or_nothing_and_each_once(exchange: Exchange) -> None:
    answer = one(written(exchange))
    with pytest.raises(UsageError, match="there is no document 999"):
        hold(exchange.office(), [answer.id, 999], WHY)
    assert one(exchange).held_at is None
    hold(exchange.office(), [answer.id], WHY)
    with pytest.raises(UsageError, match=f"held already, by .*: {WHY}"):
        hold(exchange.office(), [answer.id], WHY)
    release(exchange.office(), [answer.id])
    with pytest.raises(UsageError, match="is not held; it is waiting"):
        release(exchange.office(), [answer.id])


# --- looking ---------------------------------------------------------------------------------------------------------


def test_each_standing_is_told(exchange: Exchange) -> None:
    written(exchange)
    answer, notice, invoice = (one(exchange, kind) for kind in ("855", "856", "810"))
    assert standing(exchange, answer) == "waiting"
    exchange.box.fail("put", TransportError("connection refused", code="transport.connect"))
    exchange.send()
    first = one(exchange, "997")
    resting = listed(exchange)[first.id]
    assert (resting.standing, resting.why) == ("resting", "connection refused")
    assert resting.next_at == first.next_at
    exchange.clock.move(timedelta(minutes=1))
    exchange.send()
    assert standing(exchange, one(exchange, "997")) == "delivered"
    assert standing(exchange, answer) == "unanswered"
    arrives(exchange, fa(says(one(exchange), "A")))
    arrives(exchange, fa(says(one(exchange, "856"), "R")))
    exchange.clock.move(2 * DAY)
    assert [standing(exchange, each) for each in (answer, notice, invoice)] == ["accepted", "rejected", "overdue"]
    assert {each.standing for each in listed(exchange).values()} <= set(STANDINGS)


def test_the_list_leaves_out_what_is_settled(exchange: Exchange) -> None:
    traded(exchange)
    assert {
        each.record.kind for each in listed(exchange, DocumentsWanted()).values() if each.record.connection != "erp"
    } == {
        "855",
        "856",
        "810",
    }
    for kind in ("855", "856", "810"):
        arrives(exchange, fa(says(one(exchange, kind), "A")))
    unsettled = listed(exchange, DocumentsWanted(connection="bluebird-sftp"))
    assert unsettled == {}
    assert len(listed(exchange, DocumentsWanted(connection="bluebird-sftp", every=True))) == 4


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        (DocumentsWanted(kind="856"), ["856"]),
        (DocumentsWanted(kind="997"), []),
        (DocumentsWanted(partner="nobody"), []),
        (DocumentsWanted(standing="delivered", connection="bluebird-sftp"), ["997"]),
        (DocumentsWanted(standing="unanswered"), ["855", "856", "810"]),
        (DocumentsWanted(standing="held"), []),
    ],
)
def test_the_list_is_narrowed(exchange: Exchange, wanted: DocumentsWanted, kinds: list[str]) -> None:
    traded(exchange)
    assert [each.record.kind for each in listed(exchange, wanted).values()] == kinds


@pytest.mark.fault("E11")
def test_a_rejected_document_is_led_back_to_our_line(exchange: Exchange) -> None:
    document = one(traded(exchange))
    ours = segments_of(exchange, document)
    lines = [index for index, segment in enumerate(ours, 1) if segment[0] == "PO1"]
    arrives(exchange, fa(says(document, "R", f"AK3*ACK*{lines[1] + 1}**8", "AK4*1*668*7*IX")))
    view = told(exchange, document)
    assert view.answer.startswith("R")
    assert view.cause == f"the answer to order {document.po_number} (ours: {document.order_id})"
    (fault,) = view.faults
    assert f"line {ours[lines[1] - 1][1]}, code 7" in fault.message
    assert "*".join(ours[lines[1]]) in fault.message
    assert (fault.where.path, fault.seen) == ("PO1[2]/ACK01", "IX")


def test_what_they_noted_and_took_all_the_same_is_no_refusal(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "E", "AK3*PO1*5**8", "AK4*6*235*7*IX")))
    view = told(exchange, document)
    assert view.answer.startswith("E")
    (fault,) = view.faults
    assert fault.message.startswith("They noted a fault in PO106 in segment 5")
    assert fault.severity is Severity.NOTE


def test_a_story_tells_cause_and_history(exchange: Exchange) -> None:
    traded(exchange)
    causes = [told(exchange, one(exchange, kind)).cause for kind in ("997", "856", "810")]
    assert causes[0].startswith("group 101 (PO) of interchange 000000101 in file 1 ")
    assert causes[1].startswith("shipment S0000001 of order ")
    assert causes[2].startswith("shipment S0000001, invoice I0000001 of order ")
    history = [event.what for event in told(exchange, one(exchange, "856")).history]
    assert history == ["856 written", "856 delivered"]
    with pytest.raises(UsageError, match="there is no document 99"):
        told(exchange, DocumentRecord("855", "x", "", 0, "", "", exchange.clock.now(), id=99))


# --- sending again ---------------------------------------------------------------------------------------------------


@pytest.mark.fault("G9")
def test_the_same_bytes_go_under_a_name_of_their_own(either: Exchange) -> None:
    first = one(traded(either))
    shown = preview(either.office(), first.id, Way.SAME)
    assert (shown.record, shown.before == shown.after, len(either.documents(kind="855"))) == (None, True, 1)
    again = resend(either.office(), first.id, Way.SAME).record
    assert again is not None
    assert (again.sha256, again.interchange_control, again.group_control) == (
        first.sha256,
        first.interchange_control,
        first.group_control,
    )
    assert (again.again, again.resend_of, again.state) == (1, first.id, "READY")
    assert either.sound()
    either.send()
    delivered = either.delivered()
    assert delivered[first.name] == delivered[again.name] == data_of(either, first)
    assert first.name != again.name
    assert either.sound()


def test_the_answer_belongs_to_the_copy_that_waits_for_it(exchange: Exchange) -> None:
    first = one(traded(exchange))
    arrives(exchange, fa(says(first, "R")))
    copy = resend(exchange.office(), first.id, Way.SAME).record
    assert exchange.kinds() == []
    exchange.send()
    arrives(exchange, fa(says(first, "A")))
    assert [each.state for each in exchange.documents(kind="855")] == ["REJECTED", "ACCEPTED"]
    assert told(exchange, first).again == (exchange.documents(id=copy.id)[0],)
    assert exchange.sound()


def test_a_late_answer_before_the_copy_has_gone_calls_it_back(either: Exchange) -> None:
    first = one(traded(either))
    resend(either.office(), first.id, Way.SAME)
    arrives(either, fa(says(first, "A")))
    assert [each.state for each in either.documents(kind="855")] == ["ACCEPTED", "VOID"]
    either.send()
    assert sent_kinds(either).count("855") == 1
    assert either.sound()


def test_a_rejection_before_it_has_gone_leaves_the_repaired_one(exchange: Exchange) -> None:
    first = one(traded(exchange))
    again = resend(exchange.office(), first.id, Way.REWRITTEN).record
    arrives(exchange, fa(says(first, "R")))
    assert [each.state for each in exchange.documents(kind="855")] == ["REJECTED", "READY"]
    exchange.send()
    arrives(exchange, fa(says(again, "A")))
    assert [each.state for each in exchange.documents(kind="855")] == ["REJECTED", "ACCEPTED"]
    assert exchange.sound()


@pytest.mark.parametrize("kind", ["997", "855", "856", "810"])
@pytest.mark.parametrize("way", [Way.RENUMBERED, Way.REWRITTEN])
@pytest.mark.fault("G9")
def test_new_numbers_carry_the_same_text(exchange: Exchange, kind: str, way: Way) -> None:
    first = one(traded(exchange), kind)
    if way is Way.REWRITTEN and kind == "997":
        with pytest.raises(UsageError, match="comes from no order"):
            preview(exchange.office(), first.id, way)
        return
    again = resend(exchange.office(), first.id, way).record
    assert again is not None
    assert segments_of(exchange, again)[1:-1] == segments_of(exchange, first)[1:-1]
    old, new = numbers(data_of(exchange, first)), numbers(data_of(exchange, again))
    assert new[0] > old[0]
    assert int(new[1]) > int(old[1])
    assert (again.again, again.resend_of, again.po_number) == (1, first.id, first.po_number)
    exchange.send()
    assert exchange.sound()


def test_each_answer_under_new_numbers_finds_its_own_document(either: Exchange) -> None:
    first = one(traded(either), "810")
    arrives(either, fa(says(first, "R")))
    again = resend(either.office(), first.id, Way.RENUMBERED).record
    either.send()
    arrives(either, fa(says(first, "R")))
    assert [each.state for each in either.documents(kind="810")] == ["REJECTED", "CONFIRMED"]
    arrives(either, fa(says(again, "A")))
    assert [each.state for each in either.documents(kind="810")] == ["REJECTED", "ACCEPTED"]
    assert either.kinds() == []
    assert either.sound()


def test_a_refused_interchange_is_matched_with_its_copy(exchange: Exchange) -> None:
    first = one(traded(exchange))
    copy = resend(exchange.office(), first.id, Way.SAME).record
    exchange.send()
    arrives(exchange, interchange(f"TA1*{first.interchange_control}*261122*1230*R*025"))
    assert [each.state for each in exchange.documents(kind="855")] == ["CONFIRMED", "REJECTED"]
    (case,) = exchange.cases()
    assert case.subject == f"document:{copy.id}"
    assert f"edi outbox resend {copy.id} --new-number" in case.findings_json


def test_nothing_more_is_expected_of_what_was_sent_again(exchange: Exchange) -> None:
    first = one(traded(exchange))
    exchange.clock.move(2 * DAY)
    fire_timers(exchange.office())
    (overdue,) = exchange.cases(subject=f"document:{first.id}")
    assert overdue.kind == "ack.overdue"
    again = resend(exchange.office(), first.id, Way.RENUMBERED).record
    (settled,) = exchange.cases(state="RESOLVED", id=overdue.id)
    assert settled.resolution == f"sent again as document {again.id}"
    entry = listed(exchange)[first.id]
    assert (entry.standing, entry.why) == ("delivered", f"sent again as document {again.id}")
    exchange.send()
    exchange.clock.move(2 * DAY)
    fire_timers(exchange.office())
    assert [case.subject for case in exchange.cases(kind="ack.overdue") if "855" in case.title] == [
        f"document:{again.id}"
    ]


@pytest.mark.fault("G9")
def test_it_is_not_sent_twice_by_pressing_twice(exchange: Exchange) -> None:  # G9
    first = one(traded(exchange))
    again = resend(exchange.office(), first.id, Way.SAME).record
    for number in (first.id, again.id):
        with pytest.raises(UsageError, match="document"):
            resend(exchange.office(), number, Way.SAME)
    assert len(exchange.documents(kind="855")) == 2


def test_a_copy_may_be_copied_and_every_name_is_its_own(exchange: Exchange) -> None:
    first = one(traded(exchange))
    copy = resend(exchange.office(), first.id, Way.SAME).record
    exchange.send()
    second = resend(exchange.office(), copy.id, Way.SAME).record
    exchange.send()
    third = resend(exchange.office(), second.id, Way.RENUMBERED).record
    exchange.send()
    assert (second.resend_of, second.again, third.resend_of, third.again) == (first.id, 2, second.id, 3)
    assert len({each.name for each in exchange.documents(kind="855")}) == 4
    assert exchange.sound()


def test_what_never_left_is_not_sent_again(exchange: Exchange) -> None:
    answer = one(written(exchange))
    with pytest.raises(UsageError, match="has not left yet; it goes by itself"):
        preview(exchange.office(), answer.id, Way.SAME)
    with pytest.raises(UsageError, match="there is no document 99"):
        preview(exchange.office(), 99, Way.SAME)


def test_a_file_for_the_erp_has_no_numbers(exchange: Exchange) -> None:
    traded(exchange)
    erp = one(exchange, "erp-json")
    office = exchange.office()
    with office.ledger.unit("test") as unit:
        for state in ("UPLOADING", "UPLOADED", "SENT"):
            erp = unit.documents.change(erp, state=state, sent_at=exchange.clock.now())
        erp = confirm(office, unit, erp, "into the folder of the ERP")
    with pytest.raises(UsageError, match="no X12 and has no numbers"):
        preview(exchange.office(), erp.id, Way.RENUMBERED)
    again = resend(exchange.office(), erp.id, Way.SAME).record
    assert again.name == erp.name.replace(".json", "-2.json")
    assert again.connection == "erp"
    assert exchange.sound()
