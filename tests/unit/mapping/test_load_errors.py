"""Whatever is wrong with a map is told when it loads: all at once, with file, line, column and the nearest word."""

import pytest

from edi_engine.errors import ConfigurationError
from edi_engine.mapping.load import load
from edi_engine.text.yaml import Mapping, read_yaml
from tests.fixtures.maps import DICTIONARY, complaints, load_text, source

READ = "reads: 850 004010\norder:\n  po_number: BEG03\n"
WRITE = "makes: 855 004010\nheading:\n  BAK03: po_number\n"
ASN = """\
makes: 856 004010
structure: [shipment, order, item]
levels:
  shipment: {TD101: packaging}
  item: {SN102: quantity}
"""
ORDER = "  order: {PRF01: po_number}\n"


def test_the_four_samples_of_the_specification():
    assert complaints("extends: 850-to-order\norder:\n  po_nubmer: BEG03\n", "850-to-order-acme") == [
        "acme/850-to-order-acme.yaml:3:3: order has no po_nubmer; nearest: po_number"
    ]
    assert complaints("extends: order-to-855\nheading:\n  BAK11: omit\n", "order-to-855-acme") == [
        "acme/order-to-855-acme.yaml:3:3: nothing to omit: the base has no BAK11 here; nearest: BAK01"
    ]
    assert complaints("makes: 855 004010\nheading:\n  REF01: lines\n", "order-to-855") == [
        "acme/order-to-855.yaml:3:10: lines is a list: use each, or name one, such as parties(ship_to)"
    ]
    assert complaints("makes: 855 004010\ndetail:\n  PO1:\n    N401: release\n", "order-to-855") == [
        "acme/order-to-855.yaml:4:5: N4 does not stand in PO1 (it stands in N1)"
    ]


def test_all_problems_come_at_once():
    text = WRITE + "  BAK04: order_dat\n  ZZZ01: release\n  BAK02: {from: answer, kodes: {a: b}}\nsumary: {}\n"
    assert complaints(text) == [
        "acme/map.yaml:4:10: answer has no order_dat; nearest: order_date",
        (
            "acme/map.yaml:5:3: ZZZ does not stand in heading; "
            "one of: ST, BAK, CUR, REF, PER, TAX, FOB, CTP, PAM, CSH, SAC, "
            "ITD, ..."
        ),
        "acme/map.yaml:6:25: kodes is no word of a row; nearest: codes",
        "acme/map.yaml:7:1: sumary is no word of a map's head; nearest: summary",
    ]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("  department: REF(QQQ)\n", "4:15: QQQ is no qualifier of REF; nearest: QQ"),
        ("  department: REF\n", "4:15: REF is a whole segment: name one of its elements, such as REF01"),
        ("  department: BEG99\n", "4:15: BEG has 12 elements, so there is no BEG99"),
        ("  department: N401\n", "4:15: N4 does not stand in the set itself (it stands in N1)"),
        ("  department: BEG(00)\n", "4:15: BEG has no qualifier, so BEG(00) means nothing"),
        ("  department: beg03\n", '4:15: "beg03" is in small letters; X12 is written in capitals: BEG03'),
        ("  department: BEG/N104\n", "4:15: BEG opens no loop in the set itself, so nothing stands inside it"),
        ("  department: {else: x}\n", "4:3: department says no source: from, always, count or sum"),
        ("  department: {from: BEG04, always: x}\n", "4:3: department says both from and always"),
        ("  department: {always: x, codes: {a: b}}\n", "4:3: always and codes do not go together"),
        ("  department: {count: PO1}\n", "4:23: count belongs to a map that writes"),
        (
            "  department: {from: BEG04, on_missing: hold}\n",
            ("4:41: on_missing belongs to codes or a table, and this row has neither"),
        ),
        ("  department: {from: BEG04, table: t, on_missing: else}\n", "4:51: on_missing: else needs an else"),
        (
            "  department: {from: BEG04, table: t, on_missing: keep}\n",
            ("4:51: keep is no on_missing; one of: hold, pass, omit, else"),
        ),
        (
            "  department: {from: BEG04, table: t, codes: {a: b}}\n",
            ("4:15: a row looks up in codes or in a table, not in both"),
        ),
        (
            "  department: {from: BEG04, as: lower}\n",
            (
                "4:33: lower is no transform; one of: upper, no-spaces, left, "
                "right, pad, trim zeros, date, implied, join, split"
            ),
        ),
        ("  department: {from: BEG04, as: left}\n", "4:33: left wants a number, such as left 2"),
        ("  department: {from: BEG04, as: date YYMMDD}\n", "4:3: as: date makes a date, and department is text"),
        (
            "  cancel_after: {from: BEG04, as: date YYWW}\n",
            ("4:35: date wants a pattern of YYYY or YY, MM and DD, such as date YYMMDD"),
        ),
        ("  cancel_after: {from: DTM(001), else: soon}\n", '4:3: cancel_after is a date, and "soon" is none'),
        ("  department: \n", "4:14: nothing stands behind the colon here"),
        ("  department: []\n", "4:15: an empty list says nothing"),
        ("  department: {each: REF, from: REF02}\n", "4:3: department is one value: each makes lists"),
        ("  lines: PO1\n", "4:10: lines is a list: use each"),
        ("  lines: {number: PO101}\n", "4:3: lines is a list: say with each what makes one of them"),
        ("  lines: {each: PO1, position: PO101}\n", "4:22: position is filled by the engine, not by a map"),
        ("  lines: {each: PO1, pack: {each: PO4, inner: PO401}}\n", "4:22: pack is one thing: each makes lists"),
        (
            "  lines: {each: PO1, ids: {each: PO103, type: PO106, id: PO107}}\n",
            ("4:34: PO103 does not come in pairs, so each has nothing to walk through"),
        ),
        (
            "  lines: {each: PO1, prices: {each: CTP, unit: CTP05}}\n",
            ("4:48: CTP05 is made of parts: name one, such as CTP05-1"),
        ),
        (
            "  notes: {each: [N9, SPI], kind: [N901, ITD01]}\n",
            ("4:41: ITD does not stand in N9 (it stands in the set itself, PO1)"),
        ),
        (
            "  notes: {each: [N9, SPI], kind: XX01}\n",
            ("4:34: XX does not stand in N9; one of: ST, BEG, CUR, REF, PER, TAX, FOB, CTP, PAM, CSH, TC2, SAC, ..."),
        ),
        ("  department: {from: BEG04, where: {REF(DP): [any, x]}}\n", "4:47: any stands alone, not in a list"),
        (
            "  department: {from: REF(DP), as: split 9}\n",
            "4:3: split belongs to a map that writes; join makes one text of several",
        ),
        ("  department: omit\n", "4:3: nothing to omit: no base has a department here"),
    ],
)
def test_problems_of_reading_maps(rows, line):
    assert complaints(READ + rows) == [f"acme/map.yaml:{line}"]


def test_a_row_need_not_be_there_in_every_place_of_an_each():
    load_text(READ + "  notes: {each: [N9, SPI], kind: [N901, SPI01], title: SPI02}\n")


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("  REF(DP): departmnt\n", "4:12: answer has no departmnt; nearest: department"),
        (
            "  REF: department\n",
            ("4:3: REF is a whole segment: name one of its elements, such as REF01, or copy one that came"),
        ),
        (
            "  REF(DP): order\n",
            ("4:12: order is not one value: name one of its fields, such as po_number, release, order_date, purpose"),
        ),
        ("  REF(DP): department.x\n", "4:12: department is one value, so it has no x"),
        (
            "  REF(DP): parties(ship_to)\n",
            ("4:12: parties(ship_to) is not one value: name one of its fields, such as role, name, name_2, id_type"),
        ),
        ("  REF(DP): department(x)\n", "4:12: department is no list, so (x) chooses nothing"),
        (
            "  REF(DP): Department\n",
            (
                '4:12: "Department" is no place in X12; write it like BEG03, REF(DP), REF(ZZ)[2], '
                "PO1/N1(ST)/N104 or SLN05-1"
            ),
        ),
        ("  REF(DP): /BEG99\n", "4:12: in the order (850), BEG has 12 elements, so there is no BEG99"),
        ("  REF(DP): 9\n", '4:12: "9" is neither a name of ours (small letters) nor a place in X12 (capitals)'),
        ("  BAK(00): release\n", "4:3: BAK has no qualifier, so BAK(00) means nothing"),
        (
            "  BAK0: release\n",
            ('4:3: "BAK0" is no place in X12; write it like BEG03, REF(DP), REF(ZZ)[2], PO1/N1(ST)/N104 or SLN05-1'),
        ),
        ("  bak03: release\n", "4:3: bak03 is neither a place in X12 (capitals) nor a word of a block"),
        ("  PO1: {each: lines, PO101: number}\n", "4:3: PO1 does not stand in heading (it stands in detail)"),
        ("  N1/N104: release\n", "4:3: N1/N104 is a path: on the left stands one step, inside the block of its loop"),
        ("  N1: {each: release, N101: role}\n", "4:14: release is no list: each walks through lists"),
        ("  N1: {each: [parties, terms], N101: role}\n", "4:14: one each walks through lists of one kind"),
        ("  N1: {}\n", "4:3: the block N1 is empty"),
        ("  N1(QQQ): {N102: release}\n", "4:3: QQQ is no qualifier of N1; nearest: QQ"),
        ("  BAK09: {each: parties, BAK09: name}\n", "4:3: BAK09 does not come in pairs, so it cannot be a block"),
        ("  BAK03[2]: release\n", "4:3: writing a repetition of an element is not built yet"),
        ("  REF02: {count: release}\n", "4:18: release is no list, so there is nothing to count"),
        ("  REF02: {count: XYZ}\n", "4:18: XYZ is no segment of the 855"),
        ("  REF02: {sum: PO1}\n", "4:16: sum adds up one element of what was written, such as SN102"),
        ("  BAK04: {from: release, as: date YYMMDD}\n", "4:17: as: date is for a date, and release is text"),
        (
            "  REF(DP): {from: release, as: join}\n",
            ("4:3: join makes one text of several that came; this row has none of those"),
        ),
        (
            "  REF(DP): {from: release, as: [split 9, upper]}\n",
            "4:3: split is the last word of as",
        ),
        (
            "  BAK08: {from: release, as: split 9}\n",
            "4:3: BAK08 is in a segment that stands once, so its text cannot go on in another",
        ),
        ("  CUR02: {count: lines, as: pad 3}\n", "4:3: count and as do not go together: a number is written as it is"),
        (
            "  BAK04: {always: 20261122, as: date YYMMDD}\n",
            "4:3: as: date is for a date, and what always gives is text",
        ),
        (
            "  BAK04: {from: order_date, codes: {20261122: x}, as: date YYMMDD}\n",
            "4:3: as: date is for a date, and what codes gives is text",
        ),
        ("  N1: REF(DP)\n", "4:7: N1 can only be copied from another N1"),
        ("  REF(IA): omit\n", "4:3: nothing to omit: no base has a REF(IA) here"),
    ],
)
def test_problems_of_writing_maps(rows, line):
    assert complaints(WRITE + rows) == [f"acme/map.yaml:{line}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("heading: {}\n", "1:1: a map says what it reads (reads: 850 004010), makes (makes: 855 004010) or extends"),
        ("- a\n", "1:1: a map is a block of rows, and this is a list"),
        (
            "reads: 850\norder: {po_number: BEG03}\n",
            ("1:8: reads: 850 does not name a set and its versions, such as 850 004010"),
        ),
        (
            "reads: 850 007040\norder: {po_number: BEG03}\n",
            (
                "1:8: the dictionary has no 850 in version 007040; it has 850 in 003040, 003060, 003070, 004010, "
                "004020, 004030, 004050, 004060, 005010, 005030, 005040, 006020, 006030"
            ),
        ),
        (
            "reads: 850 004010\nheading: {}\norder: {po_number: BEG03}\n",
            ("2:10: heading belongs to a map that writes; this one reads"),
        ),
        ("reads: 850 004010\n", "1:1: a map that reads has one block named for what it makes: order"),
        ("extends: nowhere\n", "1:10: there is no map nowhere"),
        ("extends: [a]\n", "1:10: extends names one other map"),
        ("extends: map\n", "1:10: these maps extend each other in a circle: map > map"),
        (WRITE + "levels: {}\n", "4:1: levels does not belong here: the 855 has heading, detail, summary"),
        (WRITE + "detail: x\n", "4:9: detail is a block of rows"),
        (WRITE + "as: left 3\n", "4:5: left cannot be done to all texts at once"),
        (ASN + ORDER + "detail: {}\n", "7:1: detail does not belong here: a ship notice has levels"),
        (ASN.replace("[shipment, order, item]", "[shipment, item, item]"), "2:29: the level item stands twice"),
        (ASN.replace("[shipment, order, item]", "[shipment, itm]"), "2:23: there is no level itm; nearest: item"),
        (ASN, "2:12: the structure names order, and levels does not describe it"),
        (ASN + "  order: {PRF01: po_numbr}\n", "6:18: order has no po_numbr; nearest: po_number"),
        (
            ASN + "  order: {each: line.destinations, PRF01: po_number}\n",
            ("6:17: line.destinations is a list: a level is made by single values"),
        ),
        (
            ASN + ORDER.replace("{", "{where: {store: any}, "),
            "6:18: where cannot leave out the level order, only tare, pack, subpack, component",
        ),
        (
            ASN.replace("order, item", "component, item") + ORDER + "  component: {SN102: quantity}\n",
            "2:12: component is the innermost level, and stands below item: it tells the parts of one line",
        ),
        (
            ASN + ORDER + "  component: {each: line, SN102: quantity}\n",
            "7:21: each does not belong to the level component: the parts of its line make it",
        ),
        (
            ASN + ORDER + "  pack: {where: {parts: any}, MAN(GM): sscc}\n",
            "7:18: pack has no parts; nearest: parties",
        ),
    ],
)
def test_problems_of_heads_and_levels(text, line):
    assert complaints(text) == [f"acme/map.yaml:{line}"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("reads: 860 004010\nchange: {po_number: BCH03}\n", "a map that makes a change (860)"),
        ("makes: 865 004010\nheading: {BCA01: {always: 00}}\n", "a map that makes 865"),
        (WRITE + "  REF02[2]: release\n", "writing a repetition of an element"),
    ],
)
def test_what_is_not_built_is_refused_by_name(text, what):
    assert any(line.endswith(f": {what} is not built yet") for line in complaints(text))


def test_a_partner_file_may_hold_the_differences_itself():
    node = read_yaml(
        "maps:\n  855:\n    extends: order-to-855\n    heading:\n      BAK03: po_nmber\n", "acme/partner.yaml"
    )
    assert isinstance(node, Mapping)
    maps = node.get("maps")
    assert isinstance(maps, Mapping)
    differences = maps.get("855")
    assert differences is not None
    with pytest.raises(ConfigurationError) as caught:
        load(differences, source, DICTIONARY)
    assert str(caught.value) == "acme/partner.yaml:5:14: answer has no po_nmber; nearest: po_number"


def test_problems_of_the_text_itself_are_told_with_the_others():
    assert complaints(
        "extends: base\nheading: {BAK03: po_nmber}\n", files={"base": "makes: 855 004010\nheading: &a {}\n"}
    ) == ["acme/base.yaml:2:10: &a names this place for reuse; that is not used here: write it out, or use extends"]
