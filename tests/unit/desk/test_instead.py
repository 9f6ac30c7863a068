"""Where no retry can help, none is offered; and cases name the files and folders that they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.retry import retry
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case
from edi_engine.flow.wording import findings_from_json
from tests.fixtures.exchange import Exchange, order
from tests.unit.flow.test_respond import arrives, fa, one, traded


def instead(exchange: Exchange) -> str | None:
    (case,) = exchange.cases()
    with exchange.office().ledger.reading() as unit:
        return instead_of_retry(unit, case)


@pytest.mark.fault("E10")
def test_an_acknowledgment_of_nothing_is_tried_again_once_something_fits_it(exchange: Exchange) -> None:
    arrives(exchange, fa(["AK1*PR*2", "AK2*855*0001", "AK5*A", "AK9*A*1*1*1"]))
    (case,) = exchange.cases()
    assert case.kind == "ack.unmatched"
    name = exchange.files()[0].name
    assert f" of {exchange.connection.intake.folder}/{name}" in case.title
    assert "it would match nothing" in (instead(exchange) or "")
    traded(exchange)
    assert instead(exchange) is None
    assert retry(exchange.office(), case.id).case.state == "RESOLVED"
    assert one(exchange).state == "ACCEPTED"


@pytest.mark.fault("D7")
def test_a_conflict_names_the_first_file_and_how_to_compare(exchange: Exchange) -> None:
    for name in ("first.edi", "second.edi"):
        exchange.drop(name, order(1) if name == "first.edi" else order(1).replace(b"*24*EA", b"*48*EA"))
        exchange.take()
        exchange.work()
    (case,) = exchange.cases(kind="envelope.conflict")
    first, second = exchange.files()
    assert f"file {first.id}, first.edi" in case.title
    (finding,) = findings_from_json(case.findings_json)
    assert f"`edi diff file:{first.id} file:{second.id}`" in (finding.fix or "")
    with exchange.office().ledger.reading() as unit:
        assert "no retry changes that" in (instead_of_retry(unit, case) or "")


@pytest.mark.parametrize("torn", [order(1).replace(b"IEA*1*", b"IEA*2*"), order(1).rpartition(b"IEA")[0]])
def test_what_came_torn_is_sent_again_and_not_retried(exchange: Exchange, torn: bytes) -> None:
    exchange.drop("torn.edi", torn)
    exchange.take()
    exchange.poll(timedelta(days=1))  # it may still have been growing
    exchange.poll()
    exchange.work()
    assert exchange.kinds()[0] in {"envelope.count", "envelope.truncated"}
    assert "No retry changes the bytes" in (instead(exchange) or "")


def test_a_silent_partner_is_asked_and_not_retried(exchange: Exchange) -> None:
    with exchange.office().ledger.unit("test") as unit:
        waiting = Waiting("expected:partner/bluebird/orders", "receive", exchange.clock.now())
        open_case(exchange.office(), unit, waiting, [Finding("partner.silent", Severity.HOLD, "Nothing came.")])
    said = instead(exchange) or ""
    assert "ask the partner" in said
    assert "tried again by itself" not in said
