"""Facts: the row of the items table that a line means, and the places that are known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.partners.facts import gather

TODAY = date(2026, 11, 22)


def fact(partner, **names):
    return gather(PurchaseOrder("1", lines=(OrderLine(1, **names),)), partner, TODAY).items.get(1)


@pytest.fixture
def acme(load, files):
    return load(files).partners["acme"]


def test_a_row_in_full(acme):
    found = fact(acme, buyer_item="A1")
    assert found.item == "G-1"
    assert (found.price, found.price_unit) == (Decimal("12.40"), "EA")
    assert (found.case_pack, found.stock, found.discontinued) == (Decimal(6), Decimal(4800), False)
    assert found.source == "partners/acme/tables/items.csv:2"


def test_empty_cells_are_not_known_and_zero_is_zero(acme):
    found = fact(acme, buyer_item="A2")
    assert (found.gtin, found.price_unit, found.stock, found.discontinued) == (None, "EA", Decimal(0), True)


@pytest.mark.parametrize("gtin", ["036000291452", "0036000291452", "00036000291452"])
def test_a_gtin_is_the_same_item_at_any_length(acme, gtin):
    assert fact(acme, gtin=gtin).item == "G-1"


def test_the_buyers_number_comes_first_then_ours_then_the_gtin(acme):
    assert fact(acme, buyer_item="A1", vendor_item="G-2", gtin="036000291452").item == "G-1"
    assert fact(acme, buyer_item="unknown", vendor_item="G-2", gtin="036000291452").item == "G-2"
    assert fact(acme, buyer_item="unknown", vendor_item="unknown", gtin="036000291452").item == "G-1"


@pytest.mark.parametrize("names", [{}, {"buyer_item": "G-1"}, {"vendor_item": "A1"}, {"gtin": "1"}, {"buyer_item": ""}])
def test_an_item_that_no_row_names_has_no_fact(acme, names):
    assert fact(acme, **names) is None


def test_what_the_tables_let_pass(load, files):
    path = "partners/acme/partner.yaml"
    places = "".join(f"  {name}: {{columns: [theirs], on_missing: pass}}\n" for name in ("ship_tos", "stores"))
    passing = files[path].replace("on_missing: hold", "on_missing: pass") + places
    tables = {f"partners/acme/tables/{name}.csv": "theirs\n0417\n" for name in ("ship_tos", "stores")}
    facts = gather(PurchaseOrder("1"), load(files | {path: passing} | tables).partners["acme"], TODAY)
    assert (facts.unlisted, facts.ship_tos, facts.stores) == ("pass", None, None)
    assert gather(PurchaseOrder("1"), load(files).partners["acme"], TODAY).unlisted == "hold"


def test_what_else_the_rules_may_know(acme):
    facts = gather(PurchaseOrder("1"), acme, TODAY)
    assert facts.today == TODAY
    assert (facts.ship_tos, facts.ship_to_source) == (None, None)
    assert (facts.stores, facts.store_source) == (None, None)


def test_ship_tos_are_known_where_there_is_a_table(load, files):
    path = "partners/acme/tables/ship_tos.csv"
    text = files["partners/acme/partner.yaml"] + "  ship_tos: {columns: [theirs, name]}\n"
    partner = load(files | {"partners/acme/partner.yaml": text, path: "theirs,name\n0417,North\n0533,South\n"}).partners
    facts = gather(PurchaseOrder("1"), partner["acme"], TODAY)
    assert facts.ship_tos == {"0417", "0533"}
    assert facts.ship_to_source == path


def test_stores_are_known_where_there_is_a_table(load, files):
    path = "partners/acme/tables/stores.csv"
    text = files["partners/acme/partner.yaml"] + "  stores: {columns: [theirs, name], on_missing: hold}\n"
    partner = load(files | {"partners/acme/partner.yaml": text, path: "theirs,name\n0101,North\n0102,South\n"}).partners
    facts = gather(PurchaseOrder("1"), partner["acme"], TODAY)
    assert (facts.stores, facts.store_source) == ({"0101", "0102"}, path)
    assert (facts.ship_tos, facts.ship_to_source) == (None, None)
