"""Invoices: methods of charges as billing set them, and a total that is recounted from what was written."""

from dataclasses import replace
from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.invoice import Invoice, InvoiceLine
from edi_engine.orders.order import Charge
from tests.fixtures.maps import SMALL, TODAY, clean, codes, order_of, written

BASE = "extends: invoice-to-810\n"
ORDER = order_of(SMALL.replace("DTM*002", "ITD*01*3*2**30\nDTM*002"))
ALLOWANCE = Charge("allowance", "C310", Decimal("5.00"), method="02", text="promotion")
FREIGHT = Charge("charge", "D240", Decimal("12.30"), method="06")


def lines(*amounts: str) -> tuple[InvoiceLine, ...]:
    return tuple(
        InvoiceLine(line, line.position, line.quantity or Decimal(0), line.unit or "EA", line.unit_price or Decimal(0),
                    Decimal(amount))
        for line, amount in zip(ORDER.lines, amounts, strict=True)
    )  # fmt: skip


INVOICE = Invoice(
    order=ORDER,
    number="I-1",
    date=TODAY,
    lines=lines("502.56", "10.00"),
    total=Decimal("519.86"),
    currency="USD",
    terms=ORDER.terms,
    charges=(ALLOWANCE, FREIGHT),
    parties=ORDER.parties,
    shipped_on=TODAY,
    bill_of_lading="BOL1",
    carrier="ABCD",
    mode="M",
    freight_terms="prepaid",
)


def test_the_base_map_writes_an_invoice():
    assert clean(INVOICE, BASE) == [
        "BIG*20261122*I-1*20261101*PO-1***DI",
        "CUR*SE*USD",
        "REF*DP*045",
        "N1*ST*Northwind DC 7*92*0007",
        "N3*1 Dock Road",
        "N4*Tulsa*OK*74101",
        "ITD*01*3*2**30",
        "DTM*011*20261122",
        "FOB*PP",
        "IT1*1*12*CA*41.88**UP*036000291452*VN*AC-4410",
        "PID*F****Widget",
        "IT1*2*5*EA*2**VN*AC-9",
        "TDS*51986",
        "CAD*M***ABCD***BM*BOL1",
        "SAC*A*C310***500*******02***promotion",
        "SAC*C*D240***1230*******06",
        "CTT*2*17",
    ]


def test_an_allowance_never_turns_into_a_charge_and_a_method_is_never_guessed():
    bare = replace(INVOICE, charges=(replace(ALLOWANCE, method=None), replace(FREIGHT, method="CA")))
    assert [line for line in clean(bare, BASE) if line.startswith("SAC")] == [
        "SAC*A*C310***500**********promotion",
        "SAC*C*D240***1230*******CA",
    ]


def test_charges_of_lines():
    first, second = INVOICE.lines
    charged = replace(
        INVOICE, lines=(replace(first, charges=(ALLOWANCE,)), second), charges=(), total=Decimal("507.56")
    )
    found = clean(charged, BASE)
    assert found[found.index("PID*F****Widget") + 1].startswith("SAC*A*C310***500*")


@pytest.mark.fault("F6")
def test_a_map_that_drops_a_charge_cannot_send_a_wrong_total():
    result = written(INVOICE, BASE + "summary: {SAC: {where: {code: not D240}}}\n")
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.seen, finding.wanted) == (
        "mapping.total.differs",
        Severity.HOLD,
        "519.86",
        "507.56",
    )
    assert finding.where.path == "TDS01"


def test_a_map_that_drops_a_line_or_a_price_cannot_either():
    for rows in ("detail: {IT1: {where: {number: not 2}}}\n", "detail: {IT1: {IT104: omit}}\n"):
        assert codes(written(INVOICE, BASE + rows).findings) == ["mapping.total.differs"]


def test_lines_may_be_rounded_one_by_one_or_as_a_sum():
    third = tuple(replace(line, quantity=Decimal(1), unit_price=Decimal("0.333"), amount=Decimal("0.333"))
                  for line in INVOICE.lines)  # fmt: skip
    for total in ("0.66", "0.67"):
        assert codes(written(replace(INVOICE, lines=third, charges=(), total=Decimal(total)), BASE).findings) == []
    wrong = written(replace(INVOICE, lines=third, charges=(), total=Decimal("0.68")), BASE)
    assert codes(wrong.findings) == ["mapping.total.differs"]
    assert "0.66 (or 0.67, rounded once)" in wrong.findings[0].message


def test_a_price_per_piece_on_a_line_in_cases_counts_as_billing_counted_it():
    first, second = INVOICE.lines
    pieces = replace(first, quantity=Decimal(3), unit_price=Decimal("7.20"), price_basis="PE", amount=Decimal("259.20"))
    line = replace(pieces.line, price_basis="PE")
    invoice = replace(INVOICE, lines=(replace(pieces, line=line), second), charges=(), total=Decimal("269.20"))
    assert "IT1*1*3*CA*7.2*PE*UP*036000291452*VN*AC-4410" in clean(invoice, BASE)


@pytest.mark.fault("F5")
def test_cents_that_x12_cannot_hold_are_held():
    result = written(replace(INVOICE, total=Decimal("519.865")), BASE)
    assert codes(result.findings)[0] == "mapping.number.inexact"


LOWES = """\
extends: invoice-to-810
heading:
  REF(DP)03: /REF(DP)03
  FOB01: {else: CC}
  N1: {where: {role: ship_to}}
  ITD: ITD
detail:
  IT1: {SAC: omit}
summary:
  CAD01: {else: M}
  SAC: {SAC02: {codes: {D240: D240}}}
"""


def test_one_agreed_charge_and_any_other_holds_the_invoice():
    order = order_of(SMALL.replace("REF*DP*045", "REF*DP*045*TOOLS\nITD*01*3*2**30"))
    bare = replace(INVOICE, order=order, charges=(FREIGHT,), total=Decimal("524.86"), freight_terms=None, mode=None)
    found = clean(bare, LOWES)
    assert {"REF*DP*045*TOOLS", "ITD*01*3*2**30", "FOB*CC", "CAD*M***ABCD***BM*BOL1"} <= set(found)
    assert sum(1 for line in found if line.startswith("ITD")) == 1
    assert codes(written(INVOICE, LOWES).findings)[0] == "mapping.code.unknown"
    first, second = INVOICE.lines
    charged = replace(bare, lines=(replace(first, charges=(ALLOWANCE,)), second), total=Decimal("519.86"))
    assert codes(written(charged, LOWES).findings) == ["mapping.total.differs"]


def test_a_partys_second_name_stands_in_its_n2():
    (first, *others) = INVOICE.parties
    named = replace(INVOICE, parties=(replace(first, name_2="Dock 4"), *others))
    at = clean(named, BASE).index("N2*Dock 4")
    assert clean(named, BASE)[at - 1] == "N1*ST*Northwind DC 7*92*0007"
