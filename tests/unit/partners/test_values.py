"""The whole language of a partner file, read into values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from edi_engine.mapping.language import ReadingMap, WritingMap
from edi_engine.orders.order import Terms
from edi_engine.orders.policy import BOOK, COMPARE, HALF_UP_TOTAL, HOLD, LINK, PURPOSES
from edi_engine.partners.connection import Delivery
from edi_engine.partners.partner import Address, SetEnvelope

FILE = "partners/acme/partner.yaml"
MORE = """\
rules:
  - {rule: price_tolerance, over: 2 %, under: 5 %, amount: 0.05}
  - {rule: quantity_multiple, of: case_pack}
  - {rule: hold, when: order.total > 50000, reason: large order}
  - {rule: hold, when: order.type == "rush", reason: rush order}
policy:
  currency: CAD
  units: [EA, CA, DZ]
  short_stock: backorder
  totals: note
  quantity_limit: 2500
  lead_days: 2
  rounding: half_up total
  810: {charges: [D240]}
  duplicate: {06: link, 07: hold, 15: file_only, 22: hold, same_number: hold}
  change: {01: hold, 04: hold, 05: hold}
  no_charge: hold
  prices: [WS/NET, CON]
  pack: hold
  pack_from_order: yes
  terms: {type: 02, basis: 2, discount_percent: 1.5 %, discount_days: 10, net_days: 60, text: 1.5 10 NET 60}
  discountable: goods
  fulfilment: {mode: auto, sscc_prefix: 0614141, carrier: FDEG, transit_days: 3, live: we ship what we acknowledge}
clocks: {zone: America/New_York, 997: {they_send: 12 h}, 855: 2 d}
parties:
  ship_from: {name: Us, id_type: 92, id: W1, city: Dayton}
  remit_to: {name: Us and Partners}
examples:
  - {in: examples/one.edi, 855: examples/one.855.edi}
  - {in: examples/one.edi, today: 2026-11-22, order: examples/one.order.json}
"""
ENVELOPE = """\
  version: 004010VICS
  isa: {version: 00501, want_ta1: yes}
  delimiters: {element: "|", component: ":", segment: 0x1D, repetition: "^", after_segment: cr lf}
  charset: latin-1
  sets: {855: {group: AD}, 810: {version: 005010}}
  file: {sets: one, name: "US_{set}_{po}_{date}{time}-{number}.x12"}
"""


@pytest.fixture
def acme(load, files):
    text = files[FILE].replace("  version: 004010VICS\n", ENVELOPE) + MORE
    examples = {f"partners/acme/examples/{name}": b"ISA" for name in ("one.edi", "one.855.edi", "one.order.json")}
    return load(files | {FILE: text} | examples).partners["acme"]


def test_identity(acme):
    assert acme.identity.theirs == (Address("08", "5550001"), Address("ZZ", "ACME"))
    assert (acme.identity.ours, acme.identity.ours_gs) == (Address("01", "5559999"), "US")
    assert acme.identity.test == (Address("ZZ", "ACMETEST"),)
    assert acme.identity.theirs_gs == ("ACME",)


def test_envelope(acme):
    envelope = acme.envelope
    assert (envelope.version, envelope.interchange_version, envelope.wants_ta1) == ("004010VICS", "00501", True)
    signs = envelope.delimiters
    assert (signs.element, signs.component, signs.segment, signs.repetition) == ("|", ":", "\x1d", "^")
    assert signs.suffix == "\r\n"
    assert envelope.charset == "latin-1"
    assert envelope.sets["855"] == SetEnvelope("AD", "004010VICS")
    assert envelope.sets["810"] == SetEnvelope("IN", "005010")
    assert set(envelope.sets) == {"997", "855", "856", "810"}
    assert envelope.file_name == "US_{set}_{po}_{date}{time}-{number}.x12"


def test_rules_and_policy(acme):
    policy = acme.policy
    assert (policy.price.over, policy.price.under) == (Decimal(2), Decimal(5))
    assert (policy.price.amount, policy.price.source) == (Decimal("0.05"), f"{FILE}:20")
    assert (policy.quantity_multiple, policy.quantity_multiple_source) == ("case_pack", f"{FILE}:21")
    assert [(rule.when, rule.reason) for rule in policy.holds] == [
        ("order.total > 50000", "large order"),
        ('order.type == "rush"', "rush order"),
    ]
    assert (policy.currency, policy.units, policy.short_stock) == ("CAD", {"EA", "CA", "DZ"}, "backorder")
    assert (policy.totals, policy.lead_days, policy.rounding) == ("note", 2, HALF_UP_TOTAL)
    assert policy.allowed_charges == {"D240"}
    assert policy.quantity_limit == Decimal(2500)


def test_prices_packs_and_terms(acme, load, files):
    policy = acme.policy
    assert (policy.prices, policy.pack, policy.pack_from_order) == (("WS/NET", "CON"), "hold", True)
    assert policy.discountable == "goods"
    stated = Terms("02", "2", Decimal("1.5"), None, Decimal(10), None, Decimal(60), None, "1.5 10 NET 60")
    assert policy.terms == (stated,)
    several = files[FILE] + "policy:\n  terms:\n    - {net_days: 30}\n    - {net_days: 0, text: CASH}\n"
    assert load(files | {FILE: several}).partners["acme"].policy.terms == (
        Terms("01", "3", net_days=Decimal(30)),
        Terms("01", "3", net_days=Decimal(0), text="CASH"),
    )
    usual = load(files).partners["acme"].policy
    assert (usual.prices, usual.pack, usual.pack_from_order, usual.terms) == (("NET", "UCP"), "note", False, ())
    assert usual.discountable == "total"
    assert load(files | {FILE: files[FILE] + "policy: {prices: []}\n"}).partners["acme"].policy.prices == ()


def test_what_repeats_and_changes_come_to(acme, load, files):
    assert acme.policy.purposes == {
        "original": BOOK,
        "confirm": LINK,
        "duplicate": HOLD,
        "resubmission": "file",
        "reissue": COMPARE,
        "information": HOLD,
        "cancel": HOLD,
        "change": HOLD,
        "replace": HOLD,
        "no_charge": HOLD,
    }
    spelled = (
        "duplicate: {07: link, 18: compare, 22: file_only}, change: {01: cancel, 05: replace}, no_charge: unbilled"
    )
    usual = load(files | {FILE: files[FILE] + f"policy: {{{spelled}}}\n"}).partners["acme"].policy
    assert usual.purposes == load(files).partners["acme"].policy.purposes == PURPOSES


def test_clocks_fulfilment_parties_and_examples(acme):
    clocks = acme.clocks
    assert (clocks.zone, clocks.acknowledge_ours, clocks.answer) == (
        "America/New_York",
        timedelta(hours=12),
        timedelta(days=2),
    )
    fulfilment = acme.fulfilment
    assert (fulfilment.mode, fulfilment.sscc_prefix, fulfilment.carrier) == ("auto", "0614141", "FDEG")
    assert fulfilment.transit_days == 3
    assert fulfilment.auto_live == "we ship what we acknowledge"
    assert acme.parties == {
        "ship_from": {"name": "Us", "id_type": "92", "id": "W1", "city": "Dayton"},
        "remit_to": {"name": "Us and Partners"},
    }
    folder = "partners/acme/examples"
    assert [(one.message, one.wants, one.today) for one in acme.examples] == [
        (f"{folder}/one.edi", {"855": f"{folder}/one.855.edi"}, None),
        (f"{folder}/one.edi", {"order": f"{folder}/one.order.json"}, date(2026, 11, 22)),
    ]
    assert acme.examples[1].where.line_no == acme.examples[0].where.line_no + 1


def test_the_status_of_a_document(load, files):
    def partner(status):
        return load(files | {FILE: files[FILE].replace("status: test", f"status: {status}")}).partners["acme"]

    mixed = partner("{all: live, 856: live, 810: test}")
    assert (mixed.status, mixed.live, mixed.standing) == ("live", True, "live, 810 test")
    assert [mixed.sends_live(set_id) for set_id in ("855", "856", "810")] == [True, True, False]
    assert partner("{all: live}").sends_live("810")
    assert (partner("test").standing, partner("test").sends_live("855")) == ("test", False)


def test_an_empty_list_of_charges_allows_none(load, files):
    text = files[FILE] + "policy: {810: {charges: []}}\n"
    assert load(files | {FILE: text}).partners["acme"].policy.allowed_charges == frozenset()
    assert load(files).partners["acme"].policy.allowed_charges is None


def test_maps_by_name_inline_and_by_choice(load, files):
    choice = """\
850: {extends: 850-small, order: {release: BEG04}}
  855:
    - map: {extends: special, heading: {BAK04: date}}
      where: {type: [rush, release], department: 042}
    - map: special
"""
    text = files[FILE].replace("850: 850-small\n", choice)
    special = {"partners/acme/special.yaml": "makes: 855 004010\nheading: {BAK03: po_number}\n"}
    maps = load(files | {FILE: text} | special).partners["acme"].maps
    (small,), (first, second) = maps["850"], maps["855"]
    assert isinstance(small.map, ReadingMap)
    assert {row.field.name for row in small.map.root.rows} == {"po_number", "department", "type", "release"}
    assert first.where == {"type": {"rush", "release"}, "department": {"042"}}
    assert isinstance(first.map, WritingMap)
    assert [str(row.target.step) for row in first.map.areas["heading"]] == ["BAK03", "BAK04"]
    assert (second.where, second.map.name) == ({}, "special")


def test_an_empty_list_of_ignored_names_ignores_none(load, files):
    text = files["partners/connections.yaml"].replace("after: delete", "after: delete, ignore: []")
    assert load(files | {"partners/connections.yaml": text}).connections["acme"].intake.ignore == ()


def test_a_file_beside_the_partner_comes_before_mappings(load, files):
    own = {"partners/acme/850-small.yaml": "reads: 850 005010\norder: {po_number: BEG03}\n"}
    (chosen,) = load(files | own).partners["acme"].maps["850"]
    assert chosen.map.versions == ("005010",)


CONNECTIONS = """\
acme:
  sftp:
    host: sftp.acme.example
    port: 2222
    user: us
    key: acme-2026
    host_key:
      - SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
      - SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB=
  in:
    folder: /out
    match: "*.edi"
    settle: 20 s
    after: move /out/done
    claim: none
    ignore: ["*.tmp"]
    wait_incomplete: 5 min
    wait_empty: 1 h
    max_size: 2 MB
  out: {folder: /in, deliver: rename, temporary: .tmp}
  every: 30 s
  sessions: 1
erp:
  folder: /srv/erp
  out: {folder: orders}
"""


@pytest.mark.parametrize(("said", "folders"), [("/a", ("/a",)), ("[/a]", ("/a",)), ("[/a, /b/c]", ("/a", "/b/c"))])
def test_one_folder_or_several(load, files, said, folders):
    text = files["partners/connections.yaml"].replace("in: {folder: /out", "in: {folder: " + said)
    assert load(files | {"partners/connections.yaml": text}).connections["acme"].intake.folders == folders


@pytest.mark.parametrize(
    ("words", "delivery"),
    [
        ("", Delivery("/in")),
        (", deliver: rename, temporary: .tmp", Delivery("/in", "rename", ".tmp")),
        (", deliver: direct", Delivery("/in", "direct")),
        (", deliver: done-file", Delivery("/in", "done-file", done=".done")),
        (", deliver: done-file, done: .ok", Delivery("/in", "done-file", done=".ok")),
    ],
)
def test_the_manners_of_handing_over(load, files, words, delivery):
    text = files["partners/connections.yaml"].replace("out: {folder: /in", "out: {folder: /in" + words)
    assert load(files | {"partners/connections.yaml": text}).connections["acme"].delivery == delivery


def test_connections(load, files):
    edition = load(files | {"partners/connections.yaml": CONNECTIONS})
    acme, erp = edition.connections["acme"], edition.connections["erp"]
    assert acme.sftp is not None
    assert (acme.sftp.host, acme.sftp.port, acme.sftp.user, acme.sftp.key) == (
        "sftp.acme.example",
        2222,
        "us",
        "acme-2026",
    )
    assert acme.sftp.host_keys == ("SHA256:" + "A" * 43, "SHA256:" + "B" * 43)
    intake = acme.intake
    assert (intake.folder, intake.match, intake.after, intake.done_folder) == ("/out", "*.edi", "move", "/out/done")
    assert (intake.settle, intake.wait_incomplete) == (timedelta(seconds=20), timedelta(minutes=5))
    assert (intake.wait_empty, intake.ignore, intake.max_bytes) == (timedelta(hours=1), ("*.tmp",), 2 * 1024 * 1024)
    assert (acme.delivery.folder, acme.delivery.deliver, acme.delivery.temporary) == ("/in", "rename", ".tmp")
    assert (acme.every, acme.source) == (timedelta(seconds=30), "partners/connections.yaml:1")
    assert (erp.sftp, erp.folder, erp.delivery.folder, erp.intake.folder) == (None, "/srv/erp", "orders", "")
