"""Shipping and billing from a small YAML or JSON file, as a person does at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.app.acts import invoice, ship
from edi_engine.app.settings import Settings
from edi_engine.app.views import order as show_order
from edi_engine.cli.order_story import story
from edi_engine.errors import ConfigurationError, UsageError
from tests.fixtures.trading import BY_HAND, CANS, HOSE, Desk, desk, interchange, order


@pytest.fixture
def trade(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, BY_HAND, db=f"sqlite:///{tmp_path / 'edi.db'}") as opened:
        opened.walk(interchange(order("1", HOSE, CANS)))
        yield opened


@pytest.fixture
def home(trade: Desk) -> Settings:
    return trade.shop.place.settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "instruction.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_by_file_and_without(trade: Desk, home: Settings, tmp_path: Path) -> None:
    some = written(tmp_path, "number: S-7\ncarrier: UPSN\nlines:\n  - {line: 2, quantity: 1, unit: CA}\n")
    assert [one.kind for one in ship(home, "1", some).documents] == ["856"]
    assert [one.kind for one in ship(home, "1", None).documents] == ["856"]
    plain = json.dumps({"shipment": "S-7", "number": "INV-1", "date": "2026-11-23"})
    assert [one.kind for one in invoice(home, "1", written(tmp_path, plain)).documents] == ["810"]
    assert [one.kind for one in invoice(home, "1", None).documents] == ["810"]
    assert [one.state for one in trade.orders()] == ["INVOICED"]
    trade.sound()


WRONG = {
    "key": ("lines:\n  - {line: 1, quantty: 3}\n", "document.instruction.key"),
    "value": ("lines:\n  - {line: 1, quantity: 1e3}\n", "document.instruction.value"),
    "missing": ("lines:\n  - {line: 1}\n", "document.instruction.missing"),
    "over": ("lines:\n  - {line: 1, quantity: 99}\n", "order.shipment.over"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_and_nothing_is_done(trade: Desk, home: Settings, tmp_path: Path, name: str) -> None:
    text, code = WRONG[name]
    before = trade.counts()
    done = ship(home, "1", written(tmp_path, text))
    assert done.documents == ()
    assert code in {finding.code for finding in done.findings}
    assert trade.counts() == before
    assert trade.cases() == []


def test_a_file_that_is_no_yaml(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"instruction.yaml:2"):
        ship(home, "1", written(tmp_path, "number: S-7\nnumber: S-8\n"))
    (tmp_path / "instruction.yaml").write_bytes(b"number: \xff\n")
    with pytest.raises(UsageError, match="no UTF-8"):
        ship(home, "1", tmp_path / "instruction.yaml")


def test_what_there_is_to_bill(trade: Desk, home: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no shipment to bill"):
        invoice(home, "1", None)
    for number in ("S-1", "S-2"):
        ship(home, "1", written(tmp_path, f"number: {number}\nlines:\n  - {{line: 1, quantity: 6}}\n"))
    with pytest.raises(UsageError, match="these wait: S-1, S-2"):
        invoice(home, "1", written(tmp_path, "number: INV-1\n"))
    with pytest.raises(UsageError, match="no shipment S-3"):
        invoice(home, "1", written(tmp_path, "shipment: S-3\n"))
    assert len(invoice(home, "1", None).documents) == 2
    with pytest.raises(UsageError, match="invoiced already as I0000001"):
        invoice(home, "1", written(tmp_path, "shipment: S-1\n"))
    with pytest.raises(UsageError, match="there is no order 9"):
        ship(home, "9", None)
    assert len(trade.documents("810")) == 2
    trade.sound()


def test_a_number_that_was_used_is_told_in_a_sentence(trade: Desk, home: Settings, tmp_path: Path) -> None:
    some = written(tmp_path, "number: S-7\nlines:\n  - {line: 2, quantity: 12}\n")
    ship(home, "1", some)
    before = trade.counts()
    with pytest.raises(UsageError, match="shipment number S-7 was used before"):
        ship(home, "1", some)
    assert trade.counts() == before


def test_cartons_without_a_prefix_are_told_in_a_sentence(trade: Desk, home: Settings, tmp_path: Path) -> None:
    """`fulfilment: none` ships by hand once the file gives the prefix, and before that with cartons of one's own."""
    file = home.home / "partners" / "bluebird" / "partner.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("sscc_prefix", "# sscc_prefix"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"partner.yaml does not say policy.fulfilment.sscc_prefix"):
        ship(home, "1", None)
    own = "lines:\n  - {line: 1, quantity: 6, sscc: 006141410000000012}\n"
    assert ship(home, "1", written(tmp_path, own)).findings == ()
    file.write_text(text, encoding="utf-8")
    assert [one.kind for one in ship(home, "1", None).documents] == ["856"]


def test_what_leaves_later_is_told_and_what_is_owed_ships_by_a_file(tmp_path: Path) -> None:
    cut = ("short_stock: cut ", "short_stock: backorder ")
    with desk(tmp_path, cut, db=f"sqlite:///{tmp_path / 'edi.db'}") as auto:
        parts = ["PO1*1*24*EA*12.4*PE*IN*100101", "SCH*12*EA***010*20261122", "SCH*12*EA***010*20261215"]
        done = auto.walk(interchange(order("1", *parts, "PO1*2*20*EA*11.6*PE*IN*100107")))
        later = (
            "12 EA of line 1 on 2026-12-15",
            "backordered: 8 EA of line 2; it leaves when a shipping instruction names the line",
        )
        assert done.to_come == tuple(("1", one) for one in later)
        home = auto.shop.place.settings
        assert set(story(show_order(home, "1"))) >= {f"still to come: {one}" for one in later[:1]}
        (told,) = ship(home, "1", written(tmp_path, "lines:\n  - {line: 2, quantity: 9}\n")).findings
        assert told.code == "order.shipment.over"
        assert ship(home, "1", written(tmp_path, "lines:\n  - {line: 2, quantity: 8}\n")).documents
        assert [one.shipped for one in show_order(home, "1").lines] == [12, 20]
