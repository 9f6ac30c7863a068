"""Ship notices: one table of contents, any structure of levels, numbered and counted by the engine."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from edi_engine.orders.order import Component, Destination, ProductId
from edi_engine.orders.shipment import Content, Pack, Shipment, Subpack, Tare
from tests.fixtures.maps import SMALL, TODAY, clean, codes, lines_of, order_of, table, written

BASE = "extends: shipment-to-856\n"
ORDER = order_of(SMALL)
OTHER = order_of(SMALL.replace("PO-1", "PO-2").replace("AC-", "BC-"))
ONE, TWO = Pack("003600000000000017", "1Z1"), Pack("003600000000000024")
PALLET = Tare("003600000000000994")


def content(order, number, quantity, pack=None, **more) -> Content:
    line = order.lines[number - 1]
    return Content(order, line, Decimal(quantity), line.unit or "EA", pack, **more)


CONTENTS = (content(ORDER, 1, 5, ONE), content(ORDER, 2, 5, ONE), content(ORDER, 1, 7, TWO))
SHIPMENT = Shipment(
    number="S-1",
    date=TODAY,
    time=time(9, 5),
    contents=CONTENTS,
    shipped_on=TODAY,
    bill_of_lading="BOL 1",
    carrier="ABCD",
    mode="M",
    package_count=Decimal(2),
    packaging="CTN25",
    weight=Decimal("12.50"),
    weight_unit="LB",
    parties=ORDER.parties,
)


def test_the_base_map_writes_shipment_order_pack_item():
    assert clean(SHIPMENT, BASE) == [
        "BSN*00*S-1*20261122*0905*0001",
        "HL*1**S*1",
        "TD1*CTN25*2****G*12.5*LB",
        "TD5*B*2*ABCD*M",
        "REF*BM*BOL 1",
        "DTM*011*20261122",
        "N1*ST*Northwind DC 7*92*0007",
        "N3*1 Dock Road",
        "N4*Tulsa*OK*74101",
        "HL*2*1*O*1",
        "PRF*PO-1***20261101",
        "REF*DP*045",
        "HL*3*2*P*1",
        "MAN*GM*00003600000000000017",
        "MAN*CP*1Z1",
        "HL*4*3*I*0",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*5*CA",
        "HL*5*3*I*0",
        "LIN*2*VN*AC-9",
        "SN1*2*5*EA",
        "HL*6*2*P*1",
        "MAN*GM*00003600000000000024",
        "HL*7*6*I*0",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*7*CA",
        "CTT*7*17",
    ]


@pytest.mark.parametrize(
    ("words", "bsn05", "found"),
    [
        ("shipment, order, item, pack", "0002", "S1 O2/1 I3/2 P4/3 P5/3 I6/2 P7/6"),
        ("shipment, order, item", "0004", "S1 O2/1 I3/2 I4/2"),
        ("shipment, pack, order, item", "0003", "S1 P2/1 O3/2 I4/3 I5/3 P6/1 O7/6 I8/7"),
        ("order, item, pack", None, "O1 I2/1 P3/2 P4/2 I5/1 P6/5"),
        ("shipment, item", None, "S1 I2/1 I3/1"),
    ],
)
def test_the_structure_nests_the_levels(words, bsn05, found):
    lines = clean(SHIPMENT, f"{BASE}structure: [{words}]\n")
    hls = [line.split("*") for line in lines if line.startswith("HL*")]
    assert " ".join(f"{hl[3]}{hl[1]}" + (f"/{hl[2]}" if hl[2] else "") for hl in hls) == found
    bsn = lines[0].split("*")
    assert (bsn[5] if len(bsn) > 5 else None) == bsn05


def test_an_items_quantity_is_the_sum_of_what_its_level_holds():
    lines = clean(SHIPMENT, f"{BASE}structure: [shipment, order, item]\n")
    assert [line for line in lines if line.startswith("SN1")] == ["SN1*1*12*CA", "SN1*2*5*EA"]


def test_contents_without_a_tare_skip_that_level():
    mixed = replace(SHIPMENT, contents=(replace(CONTENTS[0], tare=PALLET), CONTENTS[1], CONTENTS[2]))
    lines = clean(mixed, f"{BASE}structure: [shipment, order, tare, pack, item]\n")
    hls = [line for line in lines if line.startswith(("HL", "MAN*GM"))]
    assert hls[2:6] == ["HL*3*2*T*1", "MAN*GM*00003600000000000994", "HL*4*3*P*1", "MAN*GM*00003600000000000017"]
    assert hls[7:9] == ["HL*6*2*P*1", "MAN*GM*00003600000000000017"]


def test_two_orders_in_one_pack():
    both = replace(SHIPMENT, contents=(content(ORDER, 1, 5, ONE), content(OTHER, 1, 5, ONE)))
    for words, orders in (("shipment, order, pack, item", 2), ("shipment, pack, order, item", 2)):
        lines = clean(both, f"{BASE}structure: [{words}]\n")
        assert [line for line in lines if line.startswith("PRF")] == ["PRF*PO-1***20261101", "PRF*PO-2***20261101"][
            :orders
        ]
        assert [line for line in lines if line.startswith("LIN")] == [
            "LIN*1*UP*036000291452*VN*AC-4410",
            "LIN*1*UP*036000291452*VN*BC-4410",
        ]


def test_different_units_in_one_level_are_never_added():
    mixed = replace(SHIPMENT, contents=(CONTENTS[0], replace(CONTENTS[2], unit="EA")))
    result = written(mixed, f"{BASE}structure: [shipment, order, item]\n")
    assert codes(result.findings) == ["mapping.unit.mixed"]
    assert result.findings[0].where.line == 1


def test_an_empty_shipment_is_written_as_it_is():
    lines = lines_of(written(replace(SHIPMENT, contents=()), BASE))
    assert [line for line in lines if line.startswith(("HL", "CTT"))] == ["HL*1**S*0", "CTT*1"]


MACYS = """\
extends: shipment-to-856
as: upper
levels:
  shipment:
    REF(BM): {from: [bill_of_lading, tracking], as: no-spaces}
    REF(MB): {from: master_bill, as: no-spaces}
    N1: {N104: {table: dcs},
         N401: {where: {role: ship_from}}, N402: {where: {role: ship_from}}, N403: {where: {role: ship_from}},
         N404: {where: {role: ship_from}}}
  order:
    each: [po_number, store]
    REF(IA): omit
    PID01: {always: S}
    PID03: {always: VI}
    PID04: {always: FL}
    N1(BY): {N103: {always: 92}, N104: store}
"""


def test_a_level_for_each_order_and_store():
    stores = tuple(replace(one, store=store) for one, store in zip(CONTENTS, ("0012", "0012", "0013"), strict=True))
    dcs = table("dcs", "theirs,ours\nD2S,0007\n")
    lines = clean(replace(SHIPMENT, contents=stores), MACYS, dcs)
    assert "REF*BM*BOL1" in lines
    assert lines[lines.index("N1*ST*NORTHWIND DC 7*92*D2S") + 1 :][:2] == ["N3*1 DOCK ROAD", "HL*2*1*O*1"]
    assert [line for line in lines if line.startswith("N1*BY")] == ["N1*BY**92*0012", "N1*BY**92*0013"]
    assert lines.count("PID*S**VI*FL") == 2
    assert not any(letter.islower() for line in lines for letter in line)


def test_a_store_keeps_the_kind_of_number_that_the_order_gave_it():
    line = replace(CONTENTS[0].line, destinations=(Destination("UL", "0614141000012", CONTENTS[0].quantity),))
    stores = (replace(CONTENTS[0], line=line, store="0614141000012"), replace(CONTENTS[1], store="0013"))
    lines = clean(replace(SHIPMENT, contents=stores), "extends: shipment-to-856\n")
    assert [one for one in lines if one.startswith("N1*BY")] == ["N1*BY**UL*0614141000012", "N1*BY**92*0013"]


AMAZON = """\
extends: shipment-to-856
structure: [order, item, pack]
levels:
  order: {REF(IA): omit}
  item:
    SLN: {each: components, SLN01: number, SLN03: {always: I}, SLN04: quantity, SLN05-1: unit,
          SLN09: {each: ids, SLN09: type, SLN10: id}}
  pack:
    TD101: packaging
    TD102: {count: packs}
    TD106: {always: G}
    TD107: weight
    TD108: weight_unit
    TD505: service
    MAN(GM): omit
    DTM(011): shipped_on
    DTM(017): deliver_on
"""


def test_a_structure_without_a_shipment_level_still_reaches_its_fields():
    parts = (Component("1", "I", Decimal(2), "EA", ids=(ProductId("VN", "P-1"), ProductId("UP", "1"))),)
    line = replace(ORDER.lines[0], components=parts)
    pack = replace(ONE, weight=Decimal(3), weight_unit="LB", packaging="CTN25")
    one = Content(replace(ORDER, lines=(line,), vendor_number="77"), line, Decimal(5), "CA", pack)
    lines = clean(replace(SHIPMENT, contents=(one,), service="UPS_2ND"), AMAZON)
    assert lines[1:] == [
        "HL*1**O*1",
        "PRF*PO-1***20261101",
        "REF*DP*045",
        "HL*2*1*I*1",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*5*CA",
        "SLN*1**I*2*EA****VN*P-1*UP*1",
        "HL*3*2*P*0",
        "TD1*CTN25*1****G*3*LB",
        "TD5*****UPS_2ND",
        "MAN*CP*1Z1",
        "DTM*011*20261122",
        "CTT*3*5",
    ]


KIT = replace(
    ORDER.lines[0],
    components=(
        Component("1", "I", Decimal(2), "EA", ids=(ProductId("VN", "P-1"),)),
        Component("2", "D", Decimal(1), "EA", ids=(ProductId("VN", "P-2"),)),
        Component("3", "I", None, None, ids=(ProductId("VN", "P-3"),)),
    ),
)


def kits(*packs: Pack) -> Shipment:
    order = replace(ORDER, lines=(KIT, ORDER.lines[1]))
    kit = tuple(Content(order, KIT, Decimal(3), "CA", pack) for pack in packs)
    return replace(SHIPMENT, contents=(*kit, Content(order, order.lines[1], Decimal(5), "EA", packs[0])))


def test_the_parts_of_a_kit_are_levels_below_its_item():
    levels = "levels: {component: {where: {relation: not D}}}\n"
    asn = f"{BASE}structure: [shipment, order, item, component]\n{levels}"
    lines = lines_of(written(kits(ONE, TWO), asn))
    assert lines[lines.index("HL*3*2*I*1") :] == [
        "HL*3*2*I*1",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*6*CA",
        "HL*4*3*F*0",
        "LIN*1*VN*P-1",
        "SN1*1*12*EA",
        "HL*5*3*F*0",
        "LIN*3*VN*P-3",
        "SN1*3",
        "HL*6*2*I*0",
        "LIN*2*VN*AC-9",
        "SN1*2*5*EA",
        "CTT*6*23",
    ]


def test_the_parts_of_a_line_that_lies_in_two_packs_are_told_in_each():
    asn = f"{BASE}structure: [shipment, order, pack, item, component]\n"
    lines = lines_of(written(kits(ONE, TWO), asn))
    hls = [line.split("*") for line in lines if line.startswith("HL*")]
    assert "".join(hl[3] for hl in hls) == "SOPIFFFIPIFFF"
    assert [line for line in lines if line.endswith("*6*EA")] == ["SN1*1*6*EA"] * 2


def test_inner_packs_stand_in_their_carton():
    inner = (Subpack("003600000000000111"), Subpack("003600000000000128"))
    contents = (
        replace(CONTENTS[0], quantity=Decimal(2), subpack=inner[0]),
        replace(CONTENTS[0], quantity=Decimal(3), subpack=inner[1]),
        CONTENTS[2],
    )
    lines = clean(replace(SHIPMENT, contents=contents), f"{BASE}structure: [shipment, order, pack, subpack, item]\n")
    assert lines[lines.index("HL*3*2*P*1") :] == [
        "HL*3*2*P*1",
        "MAN*GM*00003600000000000017",
        "MAN*CP*1Z1",
        "HL*4*3*Q*1",
        "MAN*GM*00003600000000000111",
        "HL*5*4*I*0",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*2*CA",
        "HL*6*3*Q*1",
        "MAN*GM*00003600000000000128",
        "HL*7*6*I*0",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*3*CA",
        "HL*8*2*P*1",
        "MAN*GM*00003600000000000024",
        "HL*9*8*I*0",
        "LIN*1*UP*036000291452*VN*AC-4410",
        "SN1*1*7*CA",
        "CTT*9*12",
    ]


def test_where_leaves_a_level_out_and_never_what_was_shipped():
    loose = replace(SHIPMENT, contents=(*CONTENTS, content(ORDER, 2, 1, TWO)))
    asn = f"{BASE}levels: {{pack: {{where: {{tracking: any}}}}}}\n"
    lines = clean(loose, asn)
    hls = [line for line in lines if line.startswith(("HL", "SN1"))]
    assert hls[2:] == [
        *("HL*3*2*P*1", "HL*4*3*I*0", "SN1*1*5*CA", "HL*5*3*I*0", "SN1*2*5*EA"),
        *("HL*6*2*I*0", "SN1*1*7*CA", "HL*7*2*I*0", "SN1*2*1*EA"),
    ]
    assert lines[-1] == "CTT*7*18"


def test_what_leaves_a_level_out_may_ask_for_what_is_around_it():
    asn = f"{BASE}structure: [shipment, order, item, pack]\nlevels: {{pack: {{where: {{unit: not EA}}}}}}\n"
    lines = clean(SHIPMENT, asn)
    assert [line for line in lines if line.startswith(("LIN", "MAN*GM"))] == [
        "LIN*1*UP*036000291452*VN*AC-4410",
        "MAN*GM*00003600000000000017",
        "MAN*GM*00003600000000000024",
        "LIN*2*VN*AC-9",
    ]
