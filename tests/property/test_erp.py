"""Any value of ours comes back from JSON as it was, and any text goes to XML whole or as a finding."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from edi_engine.erp.instruction import read_invoice_instruction, read_ship_instruction
from edi_engine.erp.json import erp_order, from_json, indented, to_json
from edi_engine.erp.xml import order_xml
from edi_engine.finding import Finding
from edi_engine.orders.decision import Answer, AnswerLine, Decision, LineAnswer
from edi_engine.orders.facts import Facts
from edi_engine.orders.invoice import Invoice
from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.policy import Policy
from edi_engine.orders.shipment import Shipment

pytestmark = pytest.mark.property

st.register_type_strategy(
    Decimal, st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
)
st.register_type_strategy(date, st.dates())
st.register_type_strategy(time, st.times().map(lambda at: at.replace(fold=0)))
# Few of each inner thing, so that a shipment of orders of lines stays small.
st.register_type_strategy(
    OrderLine, st.builds(OrderLine, position=st.integers(1, 9), ids=st.just(()), quantity=st.from_type(Decimal))
)
DOCUMENTS = (PurchaseOrder, Answer, Shipment, Invoice, Decision, Facts, Policy)


def digits(value):
    """Spell a value with all its digits: 1.0 and 1.00 are equal, but not the same."""
    if isinstance(value, tuple):
        return [digits(one) for one in value]
    if is_dataclass(value):
        return [digits(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return sorted(value.items()) if all(isinstance(one, str) for one in value.values()) else repr(dict(value))
    return repr(value)


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=15)  # each draws whole trees of values
@given(data=st.data())
def test_any_document_comes_back_as_it_was(kind, data):
    value = data.draw(st.from_type(kind))
    again = from_json(kind, to_json(value))
    assert again == value
    assert digits(again) == digits(value)


@given(st.text(), st.text(min_size=1))
def test_any_text_reaches_the_erp_whole_or_as_a_finding(text, number):
    line = OrderLine(1, description=text, unit="EA", quantity=Decimal(1))
    order = PurchaseOrder(number, lines=(line,))
    answer = Answer(order, "accepted", (AnswerLine(line, "accepted", (LineAnswer("accepted", Decimal(1)),)),))
    written = order_xml(erp_order(order, answer, partner="acme", live=True))
    if isinstance(written, tuple):
        assert written
        assert all(isinstance(one, Finding) for one in written)
        return
    root = etree.fromstring(written)
    assert root.findtext("po_number") == number
    assert (root.findtext("lines/line/description") or "") == text


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lines", "line", "quantity", "number", "date", "sscc", "weight", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(plain)
def test_any_instruction_is_read_or_refused(value):
    for read in (read_ship_instruction, read_invoice_instruction):
        instruction, findings = read(value)
        assert (instruction is None) == bool(findings)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(PLAIN)
def test_what_the_erp_gets_is_laid_out_as_json_lays_it_out(plain):
    assert indented(plain) == json.dumps(plain, ensure_ascii=False, indent=2)
