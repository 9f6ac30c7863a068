"""Routes: their routing instructions (TD5) as carriers of ours."""

from __future__ import annotations

from datetime import date

import pytest

from edi_engine.finding import Finding, Severity
from edi_engine.orders.order import PurchaseOrder, Route
from edi_engine.partners.facts import gather
from edi_engine.partners.routes import carrier_for

FILE = "partners/acme/partner.yaml"
TABLE = "partners/acme/tables/routes.csv"
ROWS = """\
theirs,service,carrier,remark
UPSN,,UPSN,parcels
UPSN,ND,UPNA,parcels by air
GROUND ADVANTAGE,,USPS,
,SD,FDEN,any carrier on the same day
"""


@pytest.fixture
def acme(load, files):
    def made(on_missing="hold", rows=ROWS):
        line = f"  routes: {{columns: [theirs, service, carrier], on_missing: {on_missing}}}\n"
        return load(files | {FILE: files[FILE] + line, TABLE: rows}).partners["acme"]

    return made


def order(*routes):
    return PurchaseOrder("1", routes=routes)


@pytest.mark.parametrize(
    ("routes", "carrier"),
    [
        ([Route(carrier="UPSN")], "UPSN"),
        ([Route(carrier="UPSN", service="ND")], "UPNA"),
        ([Route(carrier="UPSN", service="G2")], "UPSN"),
        ([Route(text="GROUND ADVANTAGE")], "USPS"),
        ([Route(carrier="ODFL", text="GROUND ADVANTAGE")], "USPS"),
        ([Route(service="SD")], "FDEN"),
        ([Route(carrier="ODFL", service="SD")], "FDEN"),
        ([Route(carrier="UPSN", service="SD")], "UPSN"),
        ([Route(carrier="ODFL"), Route(order="D", carrier="UPSN")], "UPSN"),
        ([Route(mode="M")], None),
        ([], None),
    ],
)
def test_the_row_that_says_most_of_a_route_counts(acme, routes, carrier):
    assert carrier_for(order(*routes), acme()) == carrier


@pytest.mark.parametrize(("on_missing", "carrier"), [("pass", "ODFL"), ("omit", None)])
def test_what_no_row_has(acme, on_missing, carrier):
    assert carrier_for(order(Route(carrier="ODFL", text="FAST")), acme(on_missing)) == carrier
    assert carrier_for(order(Route(text="FAST")), acme(on_missing)) is None


def test_what_no_row_has_is_held_when_the_order_comes(acme):
    partner = acme()
    strange = order(Route(carrier="ODFL", service="XX"), Route(text="FAST"))
    found = carrier_for(strange, partner)
    assert isinstance(found, Finding)
    assert (found.code, found.severity, found.source) == ("order.route.unknown", Severity.HOLD, TABLE)
    assert found.seen == "TD503 ODFL, TD512 XX; TD505 FAST"
    facts = gather(strange, partner, date(2026, 11, 22))
    assert facts.unrouted == found
    assert gather(order(Route(carrier="UPSN")), partner, date(2026, 11, 22)).unrouted is None


def test_without_a_table_any_route_will_do(load, files):
    assert carrier_for(order(Route(carrier="ODFL")), load(files).partners["acme"]) is None


@pytest.mark.parametrize(
    ("rows", "place", "code", "says"),
    [
        ("theirs,carrier\nUPSN,Ups\n", "2:2", "partner.table.value", "2 to 4 capitals, not Ups"),
        ("theirs,carrier\nUPSN,\n", "2:2", "partner.table.value", "not nothing"),
        ("theirs,carrier\n,UPSN\n", "2:1", "partner.table.key", "by theirs, service or both"),
        ("theirs,service,carrier\nA,ND,UPSN\nA,ND,ODFL\n", "3:1", "partner.table.duplicate", "A with service ND"),
        ("theirs,scac\nUPSN,UPSN\n", "1:1", "partner.table.column", "the table routes needs a column carrier"),
    ],
)
def test_a_wrong_row(refused, files, rows, place, code, says):
    told = refused(files | {FILE: files[FILE] + "  routes: {columns: [theirs]}\n", TABLE: rows})
    assert [(where, found) for where, found, _ in told] == [(f"{TABLE}:{place}", code)]
    assert says in told[0][2]
