"""A later acknowledgment that says otherwise than the first: that one stands, and a person hears of it (E10)."""

from __future__ import annotations

import pytest

from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.resend import Way, preview, resend
from edi_engine.desk.resolve import resolve
from edi_engine.flow.records import CaseRecord
from edi_engine.flow.wording import findings_from_json
from tests.fixtures.exchange import Exchange
from tests.unit.flow.test_respond import arrives, fa, interchange, one, says, ta1, traded

FAULTS = ("AK3*PO1*5**8", "AK4*6*235*7*IX")


def number_of(data: bytes) -> str:
    return data.split(b"*")[13].decode()


def contradicted(exchange: Exchange, **equal: object) -> CaseRecord:
    (case,) = exchange.cases(kind="ack.contradicted", **equal)
    return case


@pytest.mark.fault("E10")
@pytest.mark.parametrize("first", ["A", "E"])
def test_a_refusal_after_an_acceptance_is_a_case(either: Exchange, first: str) -> None:
    document = one(traded(either))
    accepting, refusing = fa(says(document, first)), fa(says(document, "R", *FAULTS))
    arrives(either, accepting)
    settled = one(either)
    arrives(either, refusing)
    assert one(either) == settled
    case = contradicted(either)
    assert (case.subject, case.order_id, case.po_number) == (
        f"document:{document.id}",
        document.order_id,
        document.po_number,
    )
    for data in (accepting, refusing):
        assert f"interchange {number_of(data)}" in case.title
    assert f"our 855 {document.interchange_control}" in case.title
    assert f"order {document.po_number}" in case.title
    head, element = findings_from_json(case.findings_json)
    assert "ask the partner" in (head.fix or "")
    assert f"`edi outbox resend {document.id} --new-number`" in (head.fix or "")
    assert element.message.startswith("They refuse PO106 in segment 5 of our 855")
    assert either.sound()


@pytest.mark.fault("E10")
def test_the_same_refusal_read_again_changes_nothing(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "A")))
    refusing = fa(says(document, "R"))
    arrives(exchange, refusing)
    case = contradicted(exchange)
    resolve(exchange.office(), case.id, "dismiss")
    closed = exchange.cases(state="RESOLVED") + exchange.cases(state="DISMISSED")
    arrives(exchange, refusing)
    assert exchange.cases() == []
    assert exchange.cases(state="RESOLVED") + exchange.cases(state="DISMISSED") == closed


@pytest.mark.fault("E10")
def test_two_refusals_after_an_acceptance_are_one_case(exchange: Exchange) -> None:
    document = one(traded(exchange))
    for code in "ARR":
        arrives(exchange, last := fa(says(document, code)))
    assert f"interchange {number_of(last)}" in contradicted(exchange).title


@pytest.mark.fault("E10")
def test_an_acceptance_that_an_older_version_kept_is_named_by_its_time(exchange: Exchange) -> None:
    """A store of an older version knows when it was accepted, and not by which interchange."""
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "A")))
    with exchange.office().ledger.unit("test") as unit:
        unit.documents.change(one(exchange), response_json='{"code": "A", "verdict": "A", "set": null}')
    when = f"{exchange.clock.now():%Y-%m-%d %H:%M}"
    arrives(exchange, fa(says(document, "R")))
    assert f"accepted our 855 {document.interchange_control}" in contradicted(exchange).title
    assert f"({when} UTC)" in contradicted(exchange).title


@pytest.mark.fault("E10")
def test_an_acceptance_after_a_refusal_says_so_in_the_open_case(either: Exchange) -> None:
    document = one(traded(either))
    arrives(either, fa(says(document, "R", *FAULTS)))
    settled = one(either)
    arrives(either, accepting := fa(says(document, "A")))
    assert one(either) == settled
    (case,) = either.cases()
    assert case.kind == "ack.rejected"
    head, *rest = findings_from_json(case.findings_json)
    assert (
        f"they accepted the very bytes (997 0001 at segment 3 in interchange {number_of(accepting)} of " in case.title
    )
    assert "nothing to resend" in case.title
    assert "dismiss the case" in (head.fix or "")
    assert "--rewrite" not in (head.fix or "")
    assert [finding.code for finding in rest] == ["ack.rejected.element"]
    assert any("accepted the very bytes" in each for each in preview(either.office(), document.id, Way.SAME).warnings)
    assert either.sound()


@pytest.mark.fault("E10")
def test_an_acceptance_after_a_ta1_that_refused_is_said_in_its_case(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, interchange(ta1(document, "R", "024")))
    arrives(exchange, fa(says(document, "A")))
    (case,) = exchange.cases()
    assert "they accepted the very bytes" in case.title


@pytest.mark.fault("E10")
def test_an_acceptance_of_what_was_sent_again_meanwhile_is_a_case(exchange: Exchange) -> None:
    """They have both now: nobody else will tell them that one of them does not count."""
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "R")))
    again = resend(exchange.office(), document.id, Way.RENUMBERED).record
    exchange.send()
    arrives(exchange, accepting := fa(says(document, "A")))
    case = contradicted(exchange)
    assert f"interchange {number_of(accepting)}" in case.title
    assert f"document {again.id} (confirmed)" in case.title


@pytest.mark.fault("E10")
def test_an_acceptance_after_a_refusal_calls_back_what_has_not_gone_again_yet(either: Exchange) -> None:
    document = one(traded(either))
    arrives(either, fa(says(document, "R")))
    resend(either.office(), document.id, Way.RENUMBERED)
    arrives(either, fa(says(document, "A")))
    assert [each.state for each in either.documents(kind="855")] == ["REJECTED", "VOID"]
    assert either.cases() == []
    assert either.sound()


@pytest.mark.fault("E10")
def test_nothing_can_be_retried_about_a_contradiction(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "A")))
    arrives(exchange, fa(says(document, "R")))
    with exchange.office().ledger.reading() as unit:
        assert "Ask the partner" in (instead_of_retry(unit, contradicted(exchange)) or "")


@pytest.mark.fault("E10")
def test_sending_it_again_settles_the_contradiction(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "A")))
    arrives(exchange, fa(says(document, "R")))
    again = resend(exchange.office(), document.id, Way.RENUMBERED).record
    assert exchange.cases() == []
    exchange.send()
    arrives(exchange, fa(says(again, "A")))
    assert exchange.cases() == []
    assert exchange.sound()


@pytest.mark.fault("E10")
def test_a_refusal_of_the_same_number_in_another_group_is_another_one(exchange: Exchange) -> None:
    """ST02 counts anew in each group, so that it does not tell one set of an interchange from another."""
    document = one(traded(exchange))
    first, second = (says(document, "A"), says(document, "R", *FAULTS))
    groups = []
    for number, said in (("1", first), ("2", second)):
        groups += [f"GS*FA*6119290001*004455667*20261122*1230*{number}*X*004010VICS", "ST*997*0001", *said]
        groups += [f"SE*{len(said) + 2}*0001", f"GE*1*{number}"]
    arrives(exchange, interchange(*groups))
    case = contradicted(exchange)
    assert "997 0001 at segment 3" in case.title
    assert "997 0001 at segment 11" in case.title
    assert one(exchange).state == "ACCEPTED"


@pytest.mark.fault("E10")
def test_before_it_is_sent_again_it_is_said_that_they_have_it(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, accepting := fa(says(document, "A")))
    by = f"997 0001 at segment 3 in interchange {number_of(accepting)}"
    (same,) = preview(exchange.office(), document.id, Way.SAME).warnings
    (other,) = preview(exchange.office(), document.id, Way.RENUMBERED).warnings
    assert same.startswith(f"They have it: they accepted it ({by} ")
    assert other.endswith("With other numbers it may count twice.")
    arrives(exchange, fa(says(document, "R")))
    (case,) = exchange.cases(kind="ack.contradicted")
    (both,) = preview(exchange.office(), document.id, Way.RENUMBERED).warnings
    assert both.endswith(f"ask them first which of the two counts (case {case.id}).")
