"""A version that the dictionary lacks is read in another one only where the partner file says so, and it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from edi_engine.app.validating import validate
from tests.fixtures.trading import BY_HAND, Desk, desk, interchange, order

INSTEAD = (
    "  isa: {version: 00401, want_ta1: no}",
    "  versions: {007040: 006030}\n  isa: {version: 00401, want_ta1: no}",
)
NEW = interchange(order("1"), order("2"), version="007040VICS")


def test_an_order_in_a_version_that_we_lack_is_read_in_the_one_that_the_partner_file_names(tmp_path: Path) -> None:
    with desk(tmp_path, BY_HAND, INSTEAD) as trade:
        trade.walk(NEW)
        assert [one.po_number for one in trade.orders()] == ["1", "2"]
        (ack,) = trade.bodies("997")
        assert ack[-2] == ["AK9", "A", "2", "2", "2"]
        (document,) = trade.documents("997")
        with trade.office().ledger.reading() as unit:
            assert b"*X*006030~" in unit.blobs.get(document.sha256)
            notes = [one.findings_json for one in unit.sets.select()]
        assert all(note.count("x12.version.instead") == 1 for note in notes)
        trade.sound()


def test_validate_tells_it(tmp_path: Path) -> None:
    with desk(tmp_path, INSTEAD) as trade:
        found = validate(trade.shop.place.settings, NEW, "x.edi")
    assert [one.code for one in found.findings] == ["x12.version.instead"] * 2
    assert "read in 006030" in found.findings[0].message
    assert [one.verdict for one in found.sets] == ["A", "A"]
    assert any(segment.startswith("AK9*A*2*2*2") for segment in found.acknowledgments)


@pytest.mark.fault("D14")
@pytest.mark.parametrize("version", ["007010", "008010", "004012", "999999"])
def test_another_version_is_refused_as_before(tmp_path: Path, version: str) -> None:
    with desk(tmp_path, INSTEAD) as trade:
        found = validate(trade.shop.place.settings, NEW.replace(b"007040VICS", version.encode()), "x.edi")
    assert {one.code for one in found.findings} == {"x12.unsupported.version"}


def test_no_other_partner_reads_it_so(trade: Desk) -> None:
    trade.walk(NEW)
    assert trade.orders() == []
    assert {case.kind for case in trade.cases()} == {"x12.unsupported"}


def test_a_set_is_read_in_its_own_version_with_any_suffix(trade: Desk) -> None:
    for version in ("004010", "004010VICS", "004030VICS", "005010X"):
        found = validate(trade.shop.place.settings, NEW.replace(b"007040VICS", version.encode()), "x.edi")
        assert found.findings == ()
