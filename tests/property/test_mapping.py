"""What holds for every order and every map: writing loses nothing, and no text makes a loader or reader fail."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Position
from edi_engine.mapping.convert import plain, read_date, read_decimal, write_date, write_decimal
from edi_engine.mapping.read import read
from edi_engine.mapping.shape import pieces
from edi_engine.orders.order import OrderLine, PackSize, Party, ProductId, PurchaseOrder
from edi_engine.x12.tree import parse
from tests.fixtures.maps import (
    DELIMITERS,
    DICTIONARY,
    answer_to,
    faults,
    load_text,
    read_set,
    reading,
    source,
    writing,
    written,
)

pytestmark = pytest.mark.property

TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./ ", min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
NUMBERS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999.99"), places=2)
DATES = st.dates(min_value=date(2000, 1, 1), max_value=date(2069, 12, 31))
IDS = st.lists(
    st.builds(ProductId, st.sampled_from(("UP", "VN", "IN", "EN", "CB")), TEXT),
    max_size=10,
    unique_by=lambda one: one.type,
).map(tuple)
LINES = st.lists(
    st.builds(
        OrderLine,
        position=st.just(1),
        number=st.integers(1, 9999).map(str),
        quantity=NUMBERS,
        unit=st.sampled_from(("EA", "CA", "DZ")),
        unit_price=NUMBERS,
        price_basis=st.sampled_from((None, "PE", "HP")),
        ids=IDS,
    ),
    min_size=1,
    max_size=5,
).map(tuple)
ORDERS = st.builds(PurchaseOrder, po_number=TEXT, order_date=DATES, release=st.none() | TEXT, lines=LINES)

BACK = """\
reads: 855 004010
order:
  po_number: BAK03
  order_date: BAK04
  release: BAK05
  stated_lines: CTT01
  lines:
    each: PO1
    number: PO101
    quantity: PO102
    unit: PO103
    unit_price: PO104
    price_basis: PO105
    ids: {each: PO106, type: PO106, id: PO107}
"""


@given(ORDERS)
def test_an_answer_read_back_is_the_order_that_was_answered(order):
    result = written(answer_to(order), "extends: order-to-855\n")
    assert result.findings == ()
    assert faults(result) == []
    body = "\n".join("*".join(segment).replace(" ", "_") for segment in result.segments)
    found = read_back(body)
    assert (found.po_number, found.order_date, found.release) == (order.po_number, order.order_date, order.release)
    assert found.stated_lines == len(order.lines)
    for came, went in zip(found.lines, order.lines, strict=True):
        assert (came.number, came.quantity, came.unit, came.unit_price, came.price_basis, came.ids) == (
            went.number,
            went.quantity,
            went.unit,
            went.unit_price,
            went.price_basis,
            went.ids,
        )


def read_back(body: str) -> PurchaseOrder:
    grammar = DICTIONARY.set("004010", "855")
    assert grammar is not None
    text = "~".join(("ST*855*0001", *body.replace("_", " ").split("\n"), "SE*1*0001")) + "~"
    result = read(reading(BACK), parse(text, DELIMITERS, grammar), DELIMITERS, "004010", {}, Position())
    assert result.findings == ()
    assert result.order is not None
    return result.order


SEGMENTS = st.lists(
    st.builds(
        lambda name, elements: "*".join((name, *elements)),
        st.sampled_from(
            ("BEG", "REF", "DTM", "N1", "N4", "PO1", "PID", "SDQ", "CTP", "SLN", "SAC", "PO4", "CTT", "XYZ")
        ),
        st.lists(st.text("AZ09.-*:>^ é٣", max_size=6), max_size=12),
    ),
    max_size=12,
)


@given(SEGMENTS, st.sampled_from(("004010", "005010")))
def test_any_segments_are_read_without_an_exception(segments, version):
    body = "\n".join(segment.replace(" ", "_") for segment in segments)
    result = read_set(body, version=version)
    assert (result.order is None) == any(finding.code == "mapping.field.missing" for finding in result.findings)
    for finding in result.findings:
        assert finding.where.in_set is not None
        assert finding.message.endswith(".")
    if result.order is not None:
        assert [line.position for line in result.order.lines] == list(range(1, len(result.order.lines) + 1))


KEYS = ("order", "heading", "  po_number", "  lines", "    each", "reads", "makes", "extends", "  BAK03", "  N1(ST)")
VALUES = (
    "BEG03",
    "850 004010",
    "855 004010",
    "omit",
    "[a, b]",
    "{from: x, else: y}",
    "{each: lines, PO101: number}",
    "{where: {a: b}}",
    "",
    "order-to-855",
    "{always: 1}",
    "/REF(MR)",
    "{count: PO1, as: left}",
)


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=8))
def test_any_map_loads_or_says_what_is_wrong(rows):
    text = "".join(f"{key}: {value}\n" for key, value in rows)
    problems = None
    try:
        load_text(text)
    except ConfigurationError as error:
        problems = error.findings
    assert problems is None or (problems and all(problem.where.file for problem in problems))


NAMES = ("850-to-order", "order-to-855", "shipment-to-856", "invoice-to-810")
EDITS = st.tuples(
    st.sampled_from(NAMES),
    st.integers(0, 10**6),
    st.sampled_from(
        ("", "x", ":", "{", "[", "each: lines", "omit", "PO1", "from: a", " ", "(", "))", "/", "always: 1", "-")
    ),
    st.integers(0, 40),
)


@given(EDITS)
def test_an_edited_base_map_loads_or_says_what_is_wrong(edit):
    name, at, piece, cut = edit
    text = (source(name) or ("", ""))[0]
    at %= len(text)
    problems = None
    try:
        load_text(text[:at] + piece + text[at + cut :])
    except ConfigurationError as error:
        problems = error.findings
    assert problems is None or (problems and all(problem.where.line_no for problem in problems))


@pytest.mark.fault("F5")
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_numbers_survive_both_ways(number):
    assert read_decimal(plain(number), "R") == number
    text = write_decimal(number, "N2")
    assert text is not None
    assert read_decimal(text, "N2") == number


@given(DATES, st.sampled_from(("YYYYMMDD", "YYMMDD", "DD.MM.YY", "MM/DD/YYYY")))
def test_dates_survive_both_ways(day, pattern):
    assert read_date(write_date(day, pattern), pattern) == day


@pytest.mark.fault("F7")
@given(st.text(max_size=12), st.sampled_from(("R", "N0", "N2", "AN", "N")))
def test_any_text_is_a_number_or_none(text, kind):
    number = read_decimal(text, kind)
    assert number is None or number.is_finite()
    assert read_date(text) is None or text.isdecimal()


def test_the_shipped_maps_load():
    assert all(source(name) for name in ("850-to-order", "order-to-855", "shipment-to-856", "invoice-to-810"))
    assert writing("extends: shipment-to-856\n").document == "shipment"
    assert {PackSize, Party} <= {block.of for block in _all(reading().root)}


def _all(block):
    yield block
    for inner in block.blocks:
        yield from _all(inner)


@given(st.text(st.characters(codec="latin-1", exclude_categories=("C",)), min_size=1), st.integers(1, 40))
def test_a_text_that_goes_on_loses_nothing_but_blanks(text, width):
    text = text.strip()
    found = pieces(text, width)
    assert all(len(piece) <= width for piece in found)
    assert all(found) or not text
    assert "".join("".join(found).split()) == "".join(text.split())
    assert len(found) == 1 or len(text) > width
