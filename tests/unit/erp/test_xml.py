from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from edi_engine.erp.json import erp_order
from edi_engine.erp.xml import order_xml
from edi_engine.orders.decision import Answer, AnswerLine, LineAnswer
from edi_engine.orders.order import OrderLine, Party, ProductId, PurchaseOrder

LINE = OrderLine(1, quantity=Decimal(3), unit="CA", ids=(ProductId("VN", "AC-1"), ProductId("UP", "012345678905")))
ORDER = PurchaseOrder("4500", parties=(Party("ship_to", "Dock"),), lines=(LINE,))


def written(order=ORDER):
    answer = Answer(order, "accepted", (AnswerLine(LINE, "accepted", (LineAnswer("accepted", Decimal(3), "CA"),)),))
    return order_xml(erp_order(order, answer, partner="acme", live=True))


def test_content_and_names_are_those_of_the_json():
    root = etree.fromstring(written())
    assert (root.tag, dict(root.attrib)) == ("order", {"schema": "edi-engine.order/1"})
    assert root.findtext("test") == "false"
    assert root.findtext("po_number") == "4500"
    assert root.findtext("parties/party/name") == "Dock"
    assert [one.findtext("id") for one in root.iterfind("lines/line/ids/product")] == ["AC-1", "012345678905"]
    assert root.findtext("lines/line/answers/answer/status") == "accepted"
    assert root.findtext("lines/line/accepted/quantity") == "3"


def test_no_list_falls_back_to_a_nameless_entry():
    assert b"<entry>" not in written()


@pytest.mark.parametrize(
    "text",
    ["<script>&amp;</script>", "]]>", "Zoë 東京 \U0001f69a", "tab\there", "line\nbreak", "cr\rhere", "'\"", " edge "],
)
def test_any_text_comes_back_as_it_was(text):
    root = etree.fromstring(written(replace(ORDER, department=text)))
    assert root.findtext("department") == text


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_a_finding(bad):
    (finding,) = written(replace(ORDER, parties=(Party("ship_to", f"a{bad}b"),)))
    assert finding.code == "order.text.control"
    assert finding.where.path == "order/parties[1]/name"
    assert f"U+{ord(bad):04X}" in finding.message
    finding.message.encode("ascii")
