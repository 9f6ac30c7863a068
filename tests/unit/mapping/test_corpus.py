"""Orders that others wrote: every 850 is read without an exception, and every answer, notice and invoice is clean
but for the sample's own faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from decimal import Decimal
from fractions import Fraction

import pytest

from edi_engine.finding import Position
from edi_engine.mapping.read import Reading, read
from edi_engine.orders.invoice import Invoice, InvoiceLine
from edi_engine.orders.money import half_up
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.shipment import Content, Pack, Shipment
from edi_engine.x12.reader import outline
from edi_engine.x12.tree import parse
from tests.fixtures.corpus import CORPUS, files, index
from tests.fixtures.maps import DICTIONARY, TODAY, answer_to, codes, faults, reading, written

pytestmark = pytest.mark.corpus

VERSIONS = ("004010", "005010")

# Faults of the samples that go on into what is written: no date, no unit, unit INVALID, an id without its kind ...
THEIRS = {"x12-sender.edi", "x12.850.issue135.edi", "PurchaseOrderInvalid.edi", "PurchaseOrders.edi"}
THEIRS |= {"EDI-4010-850-NTO-to-Mythical.edi"}


def orders() -> Iterator[tuple[str, Reading]]:
    for name in files():
        data = (CORPUS / name).read_bytes()
        for interchange in outline(data).interchanges:
            for group in interchange.groups:
                version = DICTIONARY.resolve(group.version)
                for found in group.sets:
                    if found.set_id != "850" or version not in VERSIONS:
                        continue
                    grammar = DICTIONARY.set(version, "850")
                    assert grammar is not None
                    text = data[found.start : found.end].decode("latin-1")
                    tree = parse(text, interchange.delimiters, grammar, found)
                    where = Position(file=name)
                    result = read(reading(), tree, interchange.delimiters, version, {}, where)
                    for finding in result.findings:
                        at = finding.where.byte
                        if finding.seen is not None and finding.where.repetition is None and at is not None:
                            assert data[at:].lstrip().startswith(finding.seen.encode("latin-1"))
                    yield name.rpartition("/")[2], result


@pytest.fixture(scope="module")
def readings() -> list[tuple[str, Reading]]:
    index()  # skips, or fails where the corpus must be here
    return list(orders())


def test_every_order_is_read_and_every_finding_points_at_its_bytes(readings):
    assert len(readings) > 60
    known = {"mapping.value.second", "mapping.part.incomplete", "mapping.date.invalid", "mapping.number.invalid"}
    for _, result in readings:
        missing = "mapping.field.missing" in codes(result.findings)
        assert missing == (result.order is None)
        assert set(codes(result.findings)) <= known | {"mapping.field.missing"}


def test_spans_hold_the_segments_of_lines_and_parties(readings):
    for _, result in readings:
        order = result.order
        if order is None or order.kept is None:
            continue
        heads = [order.kept.segments[line.span[0]][0] for line in order.lines if line.span]
        assert heads == ["PO1"] * len(order.lines)
        assert all(order.kept.segments[party.span[0]][0] == "N1" for party in order.parties if party.span)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_we_write_for_them_is_clean(readings, version):
    count = 0
    for name, result in readings:
        order = result.order
        if order is None or not order.lines or name in THEIRS:
            continue
        count += 1
        for document, text in (
            (answer_to(order), "extends: order-to-855\n"),
            (shipment(order), "extends: shipment-to-856\n"),
            (invoice(order), "extends: invoice-to-810\n"),
        ):
            made = written(document, text, version=version)
            assert made.findings == (), name
            assert faults(made, version) == [], name
    assert count > 30


def shipment(order: PurchaseOrder) -> Shipment:
    packs = (Pack("003600000000000017"), Pack("003600000000000024"))
    contents = tuple(
        Content(order, line, line.quantity or Decimal(1), line.unit or "EA", packs[number % 2])
        for number, line in enumerate(order.lines)
    )
    return Shipment("S-1", TODAY, time(9, 5), contents, carrier="ABCD", parties=order.parties)


def invoice(order: PurchaseOrder) -> Invoice:
    lines = []
    for line in order.lines:
        quantity, price = line.quantity or Decimal(1), line.unit_price or Decimal(1)
        unit = line.unit or "EA"
        amount = half_up(Fraction(quantity) * Fraction(price))
        lines.append(InvoiceLine(line, line.position, quantity, unit, price, amount, line.price_basis))
    total = sum((line.amount for line in lines), Decimal(0))
    return replace(Invoice(order, "I-1", TODAY, tuple(lines), total), currency=order.currency, parties=order.parties)
