"""Numbers, names and envelopes of what we send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edi_engine.flow.documents import Destination, Draft, Source, file_name, post
from edi_engine.flow.proof import proof
from edi_engine.flow.records import DocumentRecord
from edi_engine.partners.partner import Address, Partner
from edi_engine.x12.reader import outline
from tests.fixtures.exchange import PARTNER, Exchange

BODY = (("AK1", "PO", "1"), ("AK9", "A", "1", "1", "1"))


def bluebird(exchange: Exchange, **envelope: Any) -> Partner:
    partner = exchange.place.edition.partners[PARTNER]
    return replace(partner, envelope=replace(partner.envelope, **envelope))


def robin(exchange: Exchange, **envelope: Any) -> Partner:
    """Another partner in the same mailbox."""
    partner = bluebird(exchange, **envelope)
    return replace(partner, name="robin", identity=replace(partner.identity, theirs=(Address("ZZ", "ROBIN"),)))


def send(exchange: Exchange, partner: Partner, source: str, *, live: bool = True) -> DocumentRecord:
    address = partner.identity.theirs[0] if live else partner.identity.test[0]
    draft = Draft("997", BODY, Destination(partner, address, live=live), "PO 1/2")
    office = exchange.office()
    assert proof(office, draft) == ()
    with office.ledger.unit("test") as unit:
        return post(office, unit, draft, Source(source))


def test_partners_who_share_a_mailbox_never_share_a_name(either: Exchange) -> None:
    template = {"file_name": "{set}_{number}.edi"}
    names = [
        send(either, partner, f"group:{number}").name
        for number, partner in enumerate([bluebird(either, **template), robin(either, **template)] * 2)
    ]
    assert names == ["997_000000001.edi", "997_000000001-2.edi", "997_000000002.edi", "997_000000002-2.edi"]


def test_each_pair_of_addresses_has_one_sequence_for_live_and_test(exchange: Exchange) -> None:
    partner = bluebird(exchange, file_name="{set}_{number}.edi")
    only = replace(partner, identity=replace(partner.identity, test=partner.identity.theirs))
    shared = [send(exchange, only, f"group:{number}", live=number % 2 == 0) for number in range(4)]
    assert [document.interchange_control for document in shared] == [f"{number:09d}" for number in range(1, 5)]
    assert [document.live for document in shared] == [True, False, True, False]
    other = send(exchange, partner, "group:9", live=False)
    assert (other.interchange_control, other.group_control, other.name) == ("000000001", "1", "997_000000001-2.edi")


@pytest.mark.parametrize("live", [True, False])
def test_the_envelope_says_to_whom_and_whether_it_counts(exchange: Exchange, live: bool) -> None:
    document = send(exchange, bluebird(exchange), "group:1", live=live)
    with exchange.office().ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
        (sent,) = unit.interchanges.select(direction="out")
    (found,) = outline(data).interchanges
    assert found.usage == ("P" if live else "T")
    assert (found.receiver_qualifier, found.receiver) == (("08", "6119290001") if live else ("ZZ", "BLUEBIRDTEST"))
    assert (sent.control, sent.receiver, sent.document_id) == (found.control, found.receiver, document.id)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{set}_{date}_{time}_{number}.edi", "997_20261122_123000_000000007.edi"),
        ("{po}-{number}", "PO_1_2-000000007"),
    ],
)
def test_names_are_made_of_what_every_folder_can_hold(exchange: Exchange, template: str, name: str) -> None:
    partner = bluebird(exchange, file_name=template)
    draft = Draft("997", BODY, Destination(partner, partner.identity.theirs[0], live=True), "PO 1/2")
    from zoneinfo import ZoneInfo

    assert file_name(draft.to, draft, exchange.clock.now().astimezone(ZoneInfo(partner.clocks.zone)), 7) == name


@pytest.mark.fault("G6")
def test_a_document_that_breaks_a_rule_is_named_and_takes_no_number(exchange: Exchange) -> None:  # G6
    partner = bluebird(exchange)
    draft = Draft("997", (("AK1", "PO"),), Destination(partner, partner.identity.theirs[0], live=True))
    found = proof(exchange.office(), draft)
    assert {finding.code for finding in found} == {"document.invalid"}
    assert all(finding.message.startswith("Our 997 would break a rule: ") for finding in found)
    with exchange.office().ledger.reading() as unit:
        assert unit.documents.count() == 0


@pytest.mark.fault("C14")
def test_a_delimiter_in_our_data_never_leaves_the_house(exchange: Exchange) -> None:  # C14
    partner = bluebird(exchange)
    body = (("AK1", "PO", "1"), ("AK2", "8~0", "0*01"), ("AK5", "A"), ("AK9", "A", "1", "1", "1"))
    draft = Draft("997", body, Destination(partner, partner.identity.theirs[0], live=True))
    assert {finding.code.split(".")[0] for finding in proof(exchange.office(), draft)} == {"document"}


@pytest.mark.fault("G6")
def test_a_version_that_nobody_knows_cannot_be_proven(exchange: Exchange) -> None:
    partner = bluebird(exchange)
    address = partner.identity.theirs[0]
    draft = Draft("997", BODY, Destination(partner, address, live=True, version="007040"))
    assert "document.invalid.version" in {finding.code for finding in proof(exchange.office(), draft)}
