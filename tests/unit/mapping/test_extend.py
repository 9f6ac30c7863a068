"""`extends`: a partner's map is differences, and each of them does what it says."""

import pytest

from edi_engine.mapping.language import WritingMap
from edi_engine.mapping.write import write
from edi_engine.orders.decision import LineAnswer
from tests.fixtures.maps import (
    DICTIONARY,
    SMALL,
    answer_to,
    clean,
    codes,
    complaints,
    faults,
    lines_of,
    load_text,
    order_of,
    written,
)

BASE = """\
makes: 855 004010
heading:
  BAK01: {always: 00}
  BAK02: {from: answer, codes: {accepted: AD, changed: AC}}
  BAK03: po_number
  BAK04: order_date
  REF(DP): department
  REF(IA): vendor_number
  FOB01: freight_terms
  FOB02: {always: OR}
detail:
  PO1:
    each: lines
    PO101: number
    PO106: {each: ids, PO106: type, PO107: id}
"""


def differ(rows: str, order: str = SMALL) -> list[str]:
    text = "extends: base\n" + rows
    mapping = load_text(text, files={"base": BASE})
    assert isinstance(mapping, WritingMap)
    result = write(mapping, answer_to(order_of(order)), {}, DICTIONARY, "004010")
    assert result.findings == ()
    return lines_of(result)


def test_without_differences_it_is_the_base():
    assert differ("") == [
        "BAK*00*AD*PO-1*20261101",
        "REF*DP*045",
        "PO1*1*****UP*036000291452*VN*AC-4410",
        "PO1*2*****VN*AC-9",
    ]


def test_a_row_is_replaced_in_the_bases_place_and_new_rows_come_last():
    found = differ("heading:\n  REF(VR): {always: 7}\n  REF(DP): po_number\n")
    assert found[1:3] == ["REF*DP*PO-1", "REF*VR*7"]


def test_options_alone_change_the_bases_row():
    assert differ("heading: {REF(IA): {else: none}}\n")[1:3] == ["REF*DP*045", "REF*IA*none"]
    assert differ("heading: {BAK03: {as: [right 1, pad 4]}}\n")[0] == "BAK*00*AD*0001*20261101"
    assert differ("heading: {REF(DP): {where: {type: drop_ship}}}\n")[1][:3] == "PO1"


def test_codes_merge_and_omit_takes_one_away():
    assert differ("heading: {BAK02: {codes: {accepted: AT}}}\n")[0].startswith("BAK*00*AT*")
    assert differ("heading: {BAK02: {codes: {changed: omit}}}\n")[0].startswith("BAK*00*AD*")
    assert complaints("extends: base\nheading: {BAK02: {codes: {acepted: omit}}}\n", files={"base": BASE}) == [
        "acme/map.yaml:2:27: nothing to omit: the base has no code acepted; nearest: accepted"
    ]


def test_a_new_source_replaces_the_row_with_its_codes():
    assert differ("heading: {BAK02: {from: answer, codes: {accepted: AK}}}\n")[0].startswith("BAK*00*AK*")
    assert differ("heading: {BAK02: {always: AE}}\n")[0].startswith("BAK*00*AE*")


def test_omit_takes_away_a_row_a_segment_or_a_pair():
    assert differ("heading: {BAK04: omit}\n")[0] == "BAK*00*AD*PO-1"
    assert differ("heading: {REF: omit}\n")[1].startswith("PO1")
    assert differ("detail: {PO1: {PO1(VN): omit}}\n")[2:] == ["PO1*1*****UP*036000291452", "PO1*2"]
    assert differ("detail: {PO1: omit}\n") == ["BAK*00*AD*PO-1*20261101", "REF*DP*045"]


def test_omit_of_a_segment_takes_its_constants_too():
    order = SMALL.replace("DTM*002", "FOB*PP\nDTM*002")
    assert "FOB*prepaid*OR" in differ("", order)
    assert not [line for line in differ("heading: {FOB: omit}\n", order) if line.startswith("FOB")]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("heading: {REF(MR): omit}\n", "2:11: nothing to omit: the base has no REF(MR) here; nearest: REF(IA)"),
        (
            "heading: {N1: omit}\n",
            (
                "2:11: nothing to omit: the base has no N1 here; one of: BAK01, BAK02, BAK03, BAK04, "
                "REF(DP), REF(IA), FOB01, FOB02"
            ),
        ),
        ("summary: {CTT01: omit}\n", "2:11: nothing to omit: no base has a CTT01 here"),
    ],
)
def test_there_must_be_something_to_omit(rows, line):
    assert complaints("extends: base\n" + rows, files={"base": BASE}) == [f"acme/map.yaml:{line}"]


def test_each_and_where_of_a_block_are_replaced():
    assert differ("detail: {PO1: {where: {status: not accepted}}}\n") == ["BAK*00*AD*PO-1*20261101", "REF*DP*045"]
    found = differ("detail: {PO1: {PO106: {where: {type: [UP, EN]}}}}\n")
    assert found[2:] == ["PO1*1*****UP*036000291452", "PO1*2"]


def test_any_depth_and_no_circles():
    files = {"base": BASE, "middle": "extends: base\nheading: {BAK04: omit}\n"}
    mapping = load_text("extends: middle\nheading: {REF(DP): omit}\n", files=files)
    assert mapping.set_id == "855"
    circle = {"one": "extends: two\n", "two": "extends: one\n"}
    assert complaints("extends: one\n", files=circle) == [
        "acme/two.yaml:1:10: these maps extend each other in a circle: map > one > two > one"
    ]


def test_reading_maps_extend_in_the_same_way():
    text = (
        "extends: 850-to-order\norder:\n  contract: omit\n  department: [REF(19), REF(DP)]\n  lines: {gtin: PO1(UP)}\n"
    )
    order = order_of(SMALL.replace("BEG*00*SA*PO-1**20261101", "BEG*00*SA*PO-1**20261101*C-9"), text)
    assert (order.contract, order.department, order.lines[0].gtin) == (None, "045", "036000291452")
    assert order.lines[0].vendor_item == "AC-4410"


def test_the_shipped_maps_write_clean_documents_after_overrides():
    lines = clean(answer_to(order_of(SMALL)), "extends: order-to-855\nas: upper\nheading: {REF(MR): /REF(MR)}\n")
    assert "REF*MR*0037" in lines


WALMART = """\
extends: order-to-855
detail:
  PO1:
    ACK: {ACK01: {from: [reason, status],
                  codes: {accepted: IA, cancelled: ID, discontinued: R4, not_contract_item: R1, unknown_item: R2}}}
"""


def test_a_reason_is_more_exact_than_the_status_and_a_back_order_without_a_code_is_held():
    order = order_of(SMALL)
    known = LineAnswer("rejected", reason="discontinued")
    assert clean(answer_to(order, known), WALMART)[2] == "ACK*R4"
    held = written(answer_to(order, LineAnswer("backordered")), WALMART)
    assert codes(held.findings) == ["mapping.code.unknown", "mapping.code.unknown"]


def test_a_date_where_the_partner_wants_it_against_the_standard():
    text = "extends: order-to-855\nheading:\n  BAK04: omit\n  BAK05: order_date\n"
    result = written(answer_to(order_of(SMALL)), text)
    assert lines_of(result)[0] == "BAK*00*AD*PO-1**20261101***A-1*20261122"
    assert faults(result) == ["BAK04 is missing: the date is mandatory."]


def test_a_row_with_a_label_is_a_row_of_its_own():
    label = "extends: order-to-855\ndetail:\n  PO1:\n    ACK:\n      ACK01: {where: {status: accepted}}\n"
    label += "      ACK01 reason: {from: reason, where: {status: rejected}, codes: {price: R1}}\n"
    refused = answer_to(order_of(SMALL), LineAnswer("rejected", reason="price"), answer="rejected")

    def said(rows: str) -> list[str]:
        text = f"extends: base\ndetail: {{PO1: {{ACK: {{{rows}}}}}}}\n"
        mapping = load_text(text, files={"base": label})
        found = write(mapping, refused, {}, DICTIONARY, "004010")
        return sorted({segment[1] for segment in found.segments if segment[0] == "ACK"})

    assert said("ACK02: quantity") == ["R1"]
    assert said("ACK01 reason: {codes: {price: R9}}") == ["R9"]
    assert said("ACK01 reason: omit") == []
    line = "acme/map.yaml:2:23: nothing to omit: the base has no ACK01 resaon here; nearest: ACK01 reason"
    assert complaints("extends: base\ndetail: {PO1: {ACK: { ACK01 resaon: omit}}}\n", files={"base": label}) == [line]
