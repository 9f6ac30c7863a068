"""A live partner that gets one document only as a test."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.trading import desk, interchange, order


def test_only_the_invoices_go_as_tests(tmp_path: Path) -> None:
    with desk(tmp_path, ("\nstatus: live ", "\nstatus: {all: live, 810: test} ")) as trade:
        trade.walk(interchange(order("1")))
        trade.work()
        (booked,) = trade.orders()
        assert (booked.live, booked.state) == (True, "INVOICED")
        assert {one.kind: one.live for one in trade.documents("997", "855", "856", "810")} == {
            "997": True,
            "855": True,
            "856": True,
            "810": False,
        }
        with trade.office().ledger.reading() as unit:
            usages = {
                unit.documents.get(one.document_id or 0).kind: one.usage
                for one in unit.interchanges.select(direction="out")
            }
            assert usages == {"997": "P", "855": "P", "856": "P", "810": "T"}
        trade.sound()
