"""A partner whose orders are read by several maps: the first whose own reading fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.erp.json import from_json
from edi_engine.orders.order import PurchaseOrder
from tests.fixtures.trading import CANS, DEAR_SHEARS, Desk, desk, interchange, order

DIRECT = "\n  850:\n    - {map: {extends: 850-to-order, order: {customer_order: REF(MR)}}, where: {type: drop_ship}}\n"
SECOND = "    - {map: 850-to-order, where: {type: [standard, release]}}\n"


@pytest.fixture
def chosen(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, ("\n  850: 850-to-order\n", DIRECT + SECOND)) as opened:
        yield opened


def sent(kind: str, *lines: str) -> bytes:
    body = order("1", *lines, head=["REF*MR*THEIRS"])
    return interchange([body[0].replace("*SA*", f"*{kind}*"), *body[1:]])


@pytest.mark.parametrize(("kind", "customer_order"), [("DS", "THEIRS"), ("SA", None)])
def test_the_first_map_whose_order_fits_reads_it(chosen: Desk, kind: str, customer_order: str | None) -> None:
    chosen.walk(sent(kind, CANS))
    (booked,) = chosen.orders()
    assert from_json(PurchaseOrder, booked.body_json).customer_order == customer_order


def test_findings_point_into_the_file_by_the_chosen_map(chosen: Desk) -> None:
    chosen.walk(sent("SA", DEAR_SHEARS))
    assert '"PO1[1]/PO104"' in chosen.case().findings_json.replace(" ", "")


def test_an_order_that_fits_no_map_waits(chosen: Desk) -> None:
    chosen.edit("partner.yaml", "type: [standard, release]", "type: release")
    chosen.walk(sent("SA", CANS))
    assert (chosen.case().kind, chosen.orders()) == ("mapping.missing", [])
