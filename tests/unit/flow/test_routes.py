"""A route that the order names: our carrier on the ship notice, or a case before anything ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.desk.resolve import resolve
from edi_engine.flow.fulfil import ship_order
from edi_engine.orders.ship import ShipInstruction
from tests.fixtures.trading import BY_HAND, HOSE, Desk, desk, interchange, order, pick

ROUTES = "  routes: {columns: [theirs, carrier], on_missing: hold}\n"


@pytest.fixture
def routed(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, BY_HAND) as opened:
        table = opened.folder / "tables/routes.csv"
        table.write_text("theirs,carrier\nTHEIR PARCEL,UPSN\n", encoding="utf-8")
        opened.edit("partner.yaml", "\nrules: ", f"{ROUTES}\nrules: ")
        yield opened


def shipped(trade: Desk) -> str:
    with trade.office().ledger.reading() as unit:
        record = unit.orders.get(1)
    assert ship_order(trade.office(), record, ShipInstruction(), by_hand=True).findings == ()
    (notice,) = trade.bodies("856")
    return pick(notice, "TD5")[0][3]


def with_route(text: str) -> list[str]:
    """Put a TD5 behind the dates of an order."""
    body = order("1", HOSE)
    at = next(at for at, segment in enumerate(body) if segment.startswith("N1*"))
    return [*body[:at], f"TD5*****{text}", *body[at:]]


def test_the_carrier_of_the_table_is_on_the_ship_notice(routed: Desk) -> None:
    routed.walk(interchange(with_route("THEIR PARCEL")))
    assert shipped(routed) == "UPSN"


def test_an_order_without_a_route_goes_by_the_usual_carrier(routed: Desk) -> None:
    routed.walk(interchange(order("1", HOSE)))
    assert shipped(routed) == "FDEG"


def test_an_unknown_route_waits_and_then_goes_by_the_usual_carrier(routed: Desk) -> None:
    routed.walk(interchange(with_route("BY SLED")))
    case = routed.case()
    assert (case.kind, routed.documents("855")) == ("order.route", [])
    assert "TD505 BY SLED" in case.title
    resolve(routed.office(), case.id, "accept-theirs")
    assert shipped(routed) == "FDEG"
