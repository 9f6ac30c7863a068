"""What holds for every ship notice: no structure of levels loses or invents a piece, and parents come first."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.orders.order import OrderLine, ProductId, PurchaseOrder
from edi_engine.orders.shipment import Content, Pack, Shipment, Subpack, Tare
from tests.fixtures.maps import faults, lines_of, written

pytestmark = pytest.mark.property

LINES = tuple(OrderLine(n, str(n), Decimal(99), "EA", ids=(ProductId("VN", f"V-{n}"),)) for n in range(1, 4))
ORDERS = tuple(PurchaseOrder(f"PO-{n}", order_date=date(2026, 11, 1), lines=LINES) for n in (1, 2))
PACKS = (Pack("003600000000000017"), Pack("003600000000000024"), Pack(tracking="1Z"), Pack())
TARES = (None, Tare("003600000000000994"), Tare())
SUBPACKS = (None, Subpack("003600000000000111"), Subpack())
CONTENTS = st.lists(
    st.builds(
        Content,
        st.sampled_from(ORDERS),
        st.sampled_from(LINES),
        st.integers(1, 50).map(Decimal),
        st.just("EA"),
        st.sampled_from(PACKS),
        st.sampled_from(TARES),
        st.sampled_from((None, "0001", "0002")),
        subpack=st.sampled_from(SUBPACKS),
    ),
    min_size=1,
    max_size=8,
).map(tuple)
ABOVE = st.lists(st.sampled_from(("order", "tare", "pack", "subpack")), unique=True).map(tuple)
WHERES = st.fixed_dictionaries(
    {},
    optional={
        "tare": st.sampled_from(("sscc: any", "sscc: none", "store: any")),
        "pack": st.sampled_from(("tracking: any", "sscc: not 003600000000000017", "quantity: 7")),
        "subpack": st.sampled_from(("sscc: any", "store: [0001, 0002]")),
    },
)


@given(CONTENTS, st.booleans(), ABOVE, st.booleans(), WHERES)
def test_every_structure_ships_every_piece_once(contents, with_shipment, above, by_store, wheres):
    levels = (*(("shipment",) if with_shipment else ()), *above, "item")
    text = f"extends: shipment-to-856\nstructure: [{', '.join(levels)}]\n"
    blocks = [f"{level}: {{where: {{{where}}}}}" for level, where in wheres.items()]
    if by_store:
        blocks.append("order: {each: [po_number, store]}")
    if blocks:
        text += f"levels: {{{', '.join(blocks)}}}\n"
    shipment = Shipment("S-1", date(2026, 11, 22), time(9, 5), contents, bill_of_lading="B")
    result = written(shipment, text)
    assert result.findings == ()
    assert faults(result) == []
    lines = [line.split("*") for line in lines_of(result)]
    shipped = sum(Decimal(line[2]) for line in lines if line[0] == "SN1")
    assert shipped == sum(content.quantity for content in contents)
    hls = [line for line in lines if line[0] == "HL"]
    assert [int(hl[1]) for hl in hls] == list(range(1, len(hls) + 1))
    assert all(not hl[2] or int(hl[2]) < int(hl[1]) for hl in hls)
    assert {hl[1] for hl in hls if hl[4] == "1"} == {hl[2] for hl in hls if hl[2]}
    assert lines[-1][:2] == ["CTT", str(len(hls))]
