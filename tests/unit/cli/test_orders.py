"""`edi orders` at the terminal: what was ordered and what was decided, each under its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.cli import main
from tests.fixtures.trading import DEAR_SHEARS, HOSE, interchange, order

DEAR_CANS = "PO1*3*12*EA*9.99*PE*IN*100103"
CASES_OF_CANS = "PO1*4*2*CA*7.9*PE*IN*100103"


def edi(home: Path, *words: object) -> str:
    at = ("--home", str(home), "--db", f"sqlite:///{home / 'edi.db'}")
    done = CliRunner().invoke(main, [*at, *(str(word) for word in words)])
    assert done.exit_code in {0, 1}, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("choice", "decided"),
    [
        (("accept-theirs",), None),
        (("keep-ours",), "646.80"),
        (("reject-line",), "148.80"),
        (("--line", "2=keep-ours", "--line", "3=reject-line", "--line", "4=accept-theirs"), "577.20"),
    ],
)
def test_the_decided_total_stands_beside_the_ordered_one(
    tmp_path: Path, choice: tuple[str, ...], decided: str | None
) -> None:
    """12 hoses at 12.40, 24 shears at 10.50 (ours 9.95), 12 cans at 9.99 and 2 cases of 12 at 7.90 (ours 7.20)."""
    file = tmp_path / "in.edi"
    file.write_bytes(interchange(order("1", HOSE, DEAR_SHEARS, DEAR_CANS, CASES_OF_CANS)))
    edi(tmp_path, "process", file, "--out", tmp_path / "out")
    assert " 710.28 USD\n" in edi(tmp_path, "orders", "show", "1")
    edi(tmp_path, "exceptions", "resolve", 1, *choice, "--commit")
    shown, listed = edi(tmp_path, "orders", "show", "1"), edi(tmp_path, "orders", "list")
    view = json.loads(edi(tmp_path, "orders", "show", "1", "--json"))["order"]
    (row,) = json.loads(edi(tmp_path, "orders", "list", "--json"))["orders"]
    assert {(one["ordered_total"], one["decided_total"]) for one in (view, row)} == {("710.28", decided or "710.28")}
    assert (f", 710.28 USD ordered, {decided} USD decided\n" if decided else ", 710.28 USD\n") in shown
    assert ("decided" in listed.splitlines()[0]) == (decided is not None)
    assert decided is None or f"  710.28 USD  {decided} USD  " in listed


def test_an_order_that_was_rejected_whole_comes_to_nothing(tmp_path: Path) -> None:
    file = tmp_path / "in.edi"
    file.write_bytes(interchange(order("1", HOSE, ship_to="0999")))
    edi(tmp_path, "process", file, "--out", tmp_path / "out")
    assert json.loads(edi(tmp_path, "orders", "show", "1", "--json"))["order"]["decided_total"] is None
    edi(tmp_path, "exceptions", "resolve", 1, "reject-line", "--commit")
    assert ": rejected, 148.80 USD ordered, 0.00 USD decided\n" in edi(tmp_path, "orders", "show", "1")
