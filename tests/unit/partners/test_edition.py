"""Editions: named by their content, stored and loaded again, asked who sent an interchange."""

from __future__ import annotations

import pytest

from edi_engine.partners.edition import pack, unpack


def test_a_small_partner_loads_with_what_is_usual(load, files):
    edition = load(files)
    partner = edition.partners["acme"]
    assert (partner.title, partner.status, partner.live) == ("Acme Stores", "test", False)
    assert partner.envelope.interchange_version == "00401"
    assert {set_id: (one.group, one.version) for set_id, one in partner.envelope.sets.items()} == {
        "997": ("FA", "004010VICS"),
        "855": ("PR", "004010VICS"),
        "856": ("SH", "004010VICS"),
        "810": ("IN", "004010VICS"),
    }
    assert partner.fulfilment.mode == "none"
    assert edition.findings == ()


def test_the_sender_is_known_by_any_of_its_addresses(load, files):
    edition = load(files)
    acme = edition.partners["acme"]
    assert edition.partner_for("08", "5550001", "01", "5559999") == (acme, False)
    assert edition.partner_for("ZZ", "ACME", "01", "5559999") == (acme, False)
    assert edition.partner_for("ZZ", "ACMETEST", "01", "5559999") == (acme, True)


@pytest.mark.parametrize(
    "addresses",
    [
        ("08", "5550002", "01", "5559999"),
        ("01", "5550001", "01", "5559999"),
        ("08", "5550001", "01", "5559998"),
        ("08", "5550001", "ZZ", "5559999"),
        ("01", "5559999", "08", "5550001"),
    ],
)
def test_a_stranger_and_a_message_for_somebody_else_have_no_partner(load, files, addresses):
    assert load(files).partner_for(*addresses) is None


def test_a_sender_is_known_even_if_the_message_is_for_somebody_else(load, files):
    edition = load(files)
    assert edition.sender("08", "5550001") == (edition.partners["acme"], False)
    assert edition.sender("08", "4440001") is None


def test_an_edition_packed_and_unpacked_is_the_same_edition(load, files):
    edition = load(files | {"partners/acme/examples/odd.edi": b"ISA\xff\xfe"})
    files_again = unpack(edition.pack())
    assert files_again == dict(edition.files)
    again = load(files_again)
    assert again.name == edition.name
    assert again.pack() == edition.pack()
    assert again.partners["acme"].identity == edition.partners["acme"].identity


def test_the_name_hangs_on_paths_and_contents_and_not_on_order(load, files):
    name = load(files).name
    assert len(name) == 64
    assert load(dict(reversed(files.items()))).name == name
    assert load({path: text.encode() for path, text in files.items()}).name == name
    assert load(files | {"partners/acme/partner.yaml": files["partners/acme/partner.yaml"] + "\n"}).name != name
    assert load(files | {"README.md": ""}).name != name


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"base64": "?"}}', b"\xff"])
def test_damaged_bytes_are_no_edition(damaged):
    with pytest.raises(ValueError, match=r"."):
        unpack(damaged)


def test_equal_files_pack_to_equal_bytes():
    assert pack({"b": b"2", "a": b"1"}) == pack({"a": b"1", "b": b"2"}) == b'{"a":"1","b":"2"}'


def test_no_files_are_an_edition_without_partners(load):
    edition = load({})
    assert (edition.partners, edition.connections, edition.findings) == ({}, {}, ())


def test_a_table_that_nothing_reads_is_pointed_out(load, files):
    edition = load(files | {"partners/acme/tables/old.csv": "a,b\n"})
    (finding,) = edition.findings
    assert (finding.code, finding.where.file) == ("partner.table.unlisted", "partners/acme/tables/old.csv")


def test_shipping_live_orders_by_itself_needs_a_sentence(load, files):
    live = files["partners/acme/partner.yaml"].replace("status: test", "status: live")
    auto = "policy: {fulfilment: {mode: auto, sscc_prefix: 0614141}}\n"
    (finding,) = load(files | {"partners/acme/partner.yaml": live + auto}).findings
    assert (finding.code, finding.where.line_no, finding.where.column) == ("partner.fulfilment.live", 14, 9)
    allowed = auto.replace("0614141", "0614141, live: we ship what we promise")
    edition = load(files | {"partners/acme/partner.yaml": live + allowed})
    assert edition.findings == ()
    assert edition.partners["acme"].fulfilment.auto_live == "we ship what we promise"
