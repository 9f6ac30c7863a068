"""The 850s that others wrote, from a customer whose items and prices are those of the order itself: each goes all the
way to 855, 856 and 810, or orders.yaml says what holds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from edi_engine.app.processing import walk
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.finding import Position, stops
from edi_engine.flow.wording import findings_from_json
from edi_engine.mapping.read import read
from edi_engine.orders.order import PurchaseOrder
from edi_engine.store.audit import audit
from edi_engine.x12.check import checker
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline, split
from edi_engine.x12.tree import parse
from tests.fixtures.corpus import CORPUS, Item, customer, files, index, mended
from tests.fixtures.maps import DICTIONARY, reading
from tests.fixtures.walks import noon

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(20)]

HERE = Path(__file__).parent
GENEROUS = """\
rules: [{{rule: price_tolerance, over: 5 %, under: 5 %}}]
policy:
  units: [{units}]
  totals: note
  fulfilment: {{mode: auto, live: This customer is made up for a test., sscc_prefix: 0614141, carrier: FDEG}}
"""
AS_THEY_CAME = {"accepted", "noted", "partly"}


@cache
def expected() -> dict[str, dict[str, Any]]:
    """What becomes of the orders of each file: all billed, or the codes of what holds the others."""
    rows: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "orders.yaml").read_text(encoding="utf-8"))
    return rows


def with_orders() -> dict[str, bytes]:
    """Give the files with an 850 that X12 lets in, as they came or after their envelopes are set right."""
    verdicts = yaml.safe_load((HERE / "verdicts.yaml").read_text(encoding="utf-8"))
    sound = {name for verdict in AS_THEY_CAME for name in verdicts[verdict]}
    found = {}
    for name in files():
        data = (CORPUS / name).read_bytes()
        if name in expected():
            found[name] = data if name in sound else mended(data)
        elif name in sound and any(True for _ in orders(name, data)):
            found[name] = data
    return found


def orders(name: str, data: bytes) -> Iterator[tuple[str, PurchaseOrder]]:
    """Read the orders of a file by the base map, each with its version."""
    for interchange in outline(data).interchanges:
        for group in interchange.groups:
            version = DICTIONARY.resolve(group.version) or ""
            grammar = DICTIONARY.set(version, "850")
            for found in group.sets if grammar is not None else ():
                if found.set_id == "850" and grammar is not None:
                    text = data[found.start : found.end].decode("latin-1")
                    tree = parse(text, interchange.delimiters, grammar, found)
                    result = read(reading(), tree, interchange.delimiters, version, {}, Position(file=name))
                    if result.order is not None:
                        yield version, result.order


def items(found: list[PurchaseOrder]) -> list[Item]:
    """Make an item of each line: by the numbers that it has, at its own price."""
    made: dict[str, Item] = {}
    for number, line in enumerate(line for order in found for line in order.lines):
        theirs = line.buyer_item or f"THEIRS-{number}"
        ours = line.vendor_item or f"OURS-{number}"
        known = {one.theirs for one in made.values()} | set(made)
        if theirs not in known and ours not in known:
            price = "1" if line.unit_price is None else f"{line.unit_price:f}"
            made[ours] = Item(theirs, ours, price, line.unit or "EA", stock="")
    return list(made.values())


@pytest.mark.parametrize("name", sorted(with_orders()))
def test_an_order_goes_all_the_way_or_says_why_not(name: str, tmp_path: Path) -> None:
    data = with_orders()[name]
    found = list(orders(name, data))
    version = found[0][0]
    today = max((order.order_date for _, order in found if order.order_date), default=date(2026, 11, 22))
    units = sorted({line.unit for _, order in found for line in order.lines if line.unit} | {"EA"})
    customer(tmp_path, data, items([order for _, order in found]), version, GENEROUS.format(units=", ".join(units)))
    with opened(Settings(tmp_path, "sqlite://"), clock=noon(today)) as here:
        here.out = tmp_path / "out"
        walk(here, data, name)
        with here.office().ledger.reading() as unit:
            held = {
                one.code
                for case in unit.cases.select()
                for one in findings_from_json(case.findings_json)
                if stops([one])
            }
            states = [order.state for order in unit.orders.select()]
            documents = [(one.kind, unit.blobs.get(one.sha256)) for one in unit.documents.select()]
        assert audit(here.store) == ()
    row = expected()[name]
    assert sorted(held) == sorted(row.get("held", []))
    billed = states.count("INVOICED")
    assert billed == row["billed"]
    kinds = [kind for kind, _ in documents]
    assert [kinds.count(kind) for kind in ("855", "856", "810")] == [billed] * 3
    for kind, body in documents:
        if kind.isdigit():
            assert_sound(kind, body, version)
        if kind == "810":
            assert_adds_up(body)


def assert_sound(kind: str, data: bytes, version: str) -> None:
    """See that our own reader and check accept a document, and pyx12 as well."""
    assert judge(data) == ()
    found = outline(data)
    (interchange,) = found.interchanges
    ((one,),) = (group.sets for group in interchange.groups)
    assert not [*found.findings, *interchange.findings, *interchange.groups[0].findings, *one.findings]
    check = checker(DICTIONARY, version, kind, None, None, {})
    assert check is not None
    told = check.check(data[one.start : one.end].decode("latin-1"), one, interchange.delimiters, Position())
    assert [finding.message for finding in told] == []


def assert_adds_up(data: bytes) -> None:
    """See that an invoice asks for what its lines come to, in cents; no order here has a case at a price per piece."""
    interchange = outline(data).interchanges[0]
    one = interchange.groups[0].sets[0]
    body = split(data[one.start : one.end].decode("latin-1"), interchange.delimiters)
    lines = [Decimal(line[2]) * Decimal(line[4]) for line in body if line[0] == "IT1"]
    (total,) = (Decimal(line[1]) for line in body if line[0] == "TDS")
    cents = sum((line.quantize(Decimal("0.01"), ROUND_HALF_UP) for line in lines), Decimal(0)) * 100
    assert (total, len(lines) > 0) == (cents, True)


def test_the_table_tells_of_every_file_with_an_order() -> None:
    index()  # skips, or fails where the corpus must be here
    assert set(with_orders()) == set(expected())
