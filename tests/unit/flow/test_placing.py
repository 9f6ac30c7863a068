"""What a rule says of a field of ours points at the element of the file that the map read it from."""

from __future__ import annotations

import pytest

from edi_engine.desk.queue import entry
from edi_engine.finding import Position
from tests.fixtures.trading import DEAR_SHEARS, HOSE, Desk, interchange, order


def placed(trade: Desk, data: bytes, code: str) -> tuple[Position, str]:
    """Give where the first finding of `code` in the queue points, and the text that stands there."""
    trade.walk(data)
    where = next(one.where for case in trade.cases() for one in entry(case).findings if one.code == code)
    assert where.byte is not None
    text = data[where.byte :].decode()
    return where, text[: min(text.find(mark) for mark in "*~" if mark in text)]


LINE_FAULTS = {
    "order.price.over-tolerance": (DEAR_SHEARS, "PO1[2]/PO104", "10.5"),
    "order.price.missing": ("PO1*2*24*EA***IN*100105", "PO1[2]/PO104", ""),
    "order.quantity.multiple": ("PO1*2*13*EA*9.95*PE*IN*100105", "PO1[2]/PO102", "13"),
    "order.quantity.zero": ("PO1*2*0*EA*9.95*PE*IN*100105", "PO1[2]/PO102", "0"),
    "order.unit.unknown": ("PO1*2*2*DZ*9.95*PE*IN*100105", "PO1[2]/PO103", "DZ"),
    "order.item.unknown": ("PO1*2*24*EA*9.95*PE*IN*100999", "PO1[2]/PO107", "100999"),
    "order.item.missing": ("PO1*2*24*EA*9.95*PE", "PO1[2]", "PO1"),
    "order.item.duplicate-line": ("PO1*1*24*EA*9.95*PE*IN*100105", "PO1[2]/PO101", "1"),
    "order.price.basis": ("PO1*2*24*EA*9.95*TB*IN*100105", "PO1[2]/PO105", "TB"),
}


@pytest.mark.parametrize("code", LINE_FAULTS)
@pytest.mark.parametrize("end", ["~", "~\r\n"])
def test_a_fault_of_a_line(trade: Desk, code: str, end: str) -> None:
    line, path, text = LINE_FAULTS[code]
    where, found = placed(trade, interchange(order("7"), order("1", HOSE, line), end=end), code)
    assert (where.path, found) == (path, text)
    assert (where.line, where.in_set, where.segment, where.set_control) == (2, 8, 19, "0002")
    assert (where.file, where.interchange, where.group, where.set_id) == ("1.edi", "000000900", "900", "850")


HEAD_FAULTS = {
    "order.currency.differs": ({"head": ["CUR*BY*CAD"]}, "CUR02", "CAD"),
    "order.ship-to.unknown": ({"ship_to": "0999"}, "N1[1]/N104", "0999"),
    "order.ship-to.missing": ({"ship_to": None}, "BEG", "BEG"),
    "order.total.lines": ({"stated": 9}, "CTT/CTT01", "9"),
    "order.date.past": ({"ship": "DTM*010*20261101"}, "DTM02", "20261101"),
}


@pytest.mark.parametrize("code", HEAD_FAULTS)
def test_a_fault_of_the_heading(trade: Desk, code: str) -> None:
    words, path, text = HEAD_FAULTS[code]
    where, found = placed(trade, interchange(order("1", **words)), code)
    assert (where.path, found, where.line) == (path, text, None)


def test_the_party_that_is_meant_is_pointed_at(trade: Desk) -> None:
    data = interchange(order("1", "N1*BY*BUYER*92*0999", "N1*ST*DC*92*0998", HOSE, ship_to=None))
    where, found = placed(trade, data, "order.ship-to.unknown")
    assert (where.path, found) == ("N1[2]/N104", "0998")


def test_a_rule_of_the_partner_points_at_the_order(trade: Desk) -> None:
    data = interchange(order("1", HOSE.replace("*12*EA", "*4800*EA")))
    where, found = placed(trade, data, "order.hold.rule")
    assert (where.path, found) == ("BEG03", "1")


def test_a_copy_points_at_its_number(trade: Desk) -> None:
    trade.walk(interchange(order("1"), control=1))
    where, found = placed(trade, interchange(order("1", DEAR_SHEARS), control=2), "order.duplicate.differs")
    assert (where.path, found, where.file) == ("BEG03", "1", "2.edi")


def test_it_follows_a_map_of_the_partner(trade: Desk) -> None:
    trade.edit(
        "partner.yaml",
        "  850: 850-to-order\n",
        "  850: {extends: 850-to-order, order: {lines: {unit_price: CTP03}}}\n",
    )
    lines = (HOSE, "CTP**UCP*12.4", DEAR_SHEARS.replace("*10.5*", "*1*"), "CTP**UCP*10.5")
    where, found = placed(trade, interchange(order("1", *lines)), "order.price.over-tolerance")
    assert (where.path, found, where.line) == ("PO1[2]/CTP[1]/CTP03", "10.5", 2)


def test_a_fault_of_our_own_855_points_at_no_file_of_theirs(trade: Desk) -> None:
    """The segment of ours is told; at its place in the order stands something else."""
    theirs = interchange(order("1", head=["REF*MR*CAF>E"])).replace(b"*P*>~", b"*P*:~")  # to them it is any letter
    trade.walk(theirs)
    (finding,) = entry(trade.case()).findings
    assert finding.code == "document.character"
    assert finding.message.endswith("It stands in REF*MR*CAF>E.")
    assert finding.where == Position(file="our 855", set_id="855", segment_id="REF", path="REF02", element=2)


def test_a_rule_that_our_own_855_breaks(trade: Desk) -> None:
    trade.edit("partner.yaml", "      REF(DP): department ", "      REF(DP): {from: department, as: pad 40} ")
    trade.walk(interchange(order("1")))
    (finding,) = entry(trade.case()).findings
    assert finding.code == "document.invalid"
    assert finding.message.endswith(f"It stands in REF*DP*{'042':0>40}.")
    assert (finding.where.file, finding.where.byte, finding.where.in_set) == ("our 855", None, None)
