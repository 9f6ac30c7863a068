"""The demo's report as one readable table."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from edi_engine.app.demonstration import DemoCases, DemoDocuments, DemoReport
from edi_engine.cli.service import _verdict
from edi_engine.cli.trade import told
from edi_engine.sandbox.retailer import Report

REPORT = DemoReport(
    folder=Path("edi-demo"),
    files=27,
    orders=22,
    orders_by_state=(("HELD", 6), ("INVOICED", 16)),
    documents=(DemoDocuments("997", 24, 24, 0, 0, False), DemoDocuments("855", 16, 16, 15, 1, True)),
    cases=(
        DemoCases("order.price", 2, "Unit price 8.76 is below 9.95.", Decimal("1946.08")),
        DemoCases("mapping.missing", 1, "A 860 came.", Decimal(0)),
    ),
    retailers=(Report("Bluebird Stores", 25, 22, {}, {"AD": 14, "AC": 2}, 16, 16, 2, (), (), ()),),
    problems=(),
    audit=(),
    seconds=13.4,
    finished=True,
    next_commands=(),
    order_files=25,
    acknowledgment_files=2,
    new_files=25,
    new_orders=22,
)


def test_it_tells_counts_cases_with_money_and_verdicts() -> None:
    assert "\n".join(told(REPORT, 0)).splitlines() == [
        "",
        "                       count  delivered  accepted  rejected",
        f"files with orders         25{' ' * 33}of 25 that the retailers sent",
        f"997s of the retailers      2{' ' * 33}of 2",
        "850 orders booked         22                                 6 held, 16 invoiced",
        "997 acknowledgments       24         24",
        "855 order answers         16         16        15         1",
        "",
        "what each retailer saw  orders sent  accepted  changed  ship notices  invoices  problems",
        "Bluebird Stores                  22        14        2            16        16         0",
        "",
        "3 cases wait for a person, 1,946.08 held:",
        "count  money held  kind             why (the first of them)",
        "    2    1,946.08  order.price      Unit price 8.76 is below 9.95.",
        "    1              mapping.missing  A 860 came.",
        "",
        "The retailers checked every document that they received and found nothing wrong.",
        "The audit of the store found every promise kept.",
        "It took 13 s; everything is in edi-demo.",
    ]


def test_a_second_run_tells_what_is_new() -> None:
    again = replace(REPORT, orders=44, order_files=50, again=True)
    text = "\n".join(told(again, 0))
    assert text.startswith("\nThis run brought 22 orders in 25 files; the table counts all runs in this folder.\n\n")


def test_what_is_wrong_is_told_and_ends_the_demo_with_its_code() -> None:
    wrong = replace(REPORT, problems=("855 1: no BAK",), audit=("gap",), finished=False, cases=())
    text = "\n".join(told(wrong, 80))
    for said in ("Nothing waits for a person.", "  855 1: no BAK", "  gap", "Time ran out"):
        assert said in text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"problems": ("x",)}, 1),
        ({"problems": ("x",), "finished": False}, 5),
        ({"audit": ("x",), "finished": False}, 70),
    ],
)
def test_the_exit_code_of_a_demo(changes: dict[str, object], code: int) -> None:
    assert _verdict(replace(REPORT, **changes)) == code
