"""Each word of the language, read: what it does and what it never does."""

from datetime import date
from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.mapping.tables import check_tables
from edi_engine.orders.order import Destination, ProductId, Reference
from edi_engine.x12.values import Delimiters
from tests.fixtures.maps import SMALL, codes, order_of, read_set, reading, table

HEAD = "reads: 850 004010\norder:\n  po_number: BEG03\n"
BEG = "BEG*00*SA*PO-1**20261101\n"


def field(rows: str, body: str, name: str = "department", **options) -> object:
    return getattr(order_of(BEG + body, HEAD + rows, **options), name)


def test_the_base_map_reads_an_order():
    order = order_of(SMALL)
    assert (order.po_number, order.order_date, order.purpose, order.type) == (
        "PO-1",
        date(2026, 11, 1),
        "original",
        "standard",
    )
    assert (order.department, order.deliver_by, order.currency) == ("045", date(2026, 12, 1), "USD")
    ship_to = order.party("ship_to")
    assert ship_to is not None
    assert (ship_to.name, ship_to.id_type, ship_to.id, ship_to.city) == ("Northwind DC 7", "92", "0007", "Tulsa")
    first, second = order.lines
    assert (first.position, first.number, first.quantity, first.unit) == (1, "1", Decimal(12), "CA")
    assert (first.unit_price, first.description) == (Decimal("41.88"), "Widget")
    assert first.ids == (ProductId("UP", "036000291452"), ProductId("VN", "AC-4410"))
    assert (first.gtin, first.vendor_item, first.deliver_by) == ("036000291452", "AC-4410", None)
    assert (second.position, second.vendor_item, second.gtin) == (2, "AC-9", None)


def test_what_was_read_is_kept_with_the_places_of_lines_and_parties():
    order = order_of(SMALL)
    kept = order.kept
    assert kept is not None
    assert (kept.set_id, kept.version) == ("850", "004010")
    assert kept.segments[3] == ("REF", "MR", "0037")
    spans = [line.span for line in order.lines] + [party.span for party in order.parties]
    assert [kept.segments[start:end] for start, end in spans] == [
        (kept.segments[8], kept.segments[9]),
        (kept.segments[10],),
        kept.segments[5:8],
    ]
    assert [line.in_set for line in order.lines] == [9, 11]


def test_a_list_takes_the_first_that_has_a_value():
    assert field("  department: [REF(DP), REF(IA), BEG02]\n", "REF*IA*77\n") == "77"


def test_else_is_for_nothing_and_never_for_an_unknown_code():
    rows = "  department: {from: REF(DP), codes: {A: one}, else: none}\n"
    assert field(rows, "") == "none"
    assert field(rows, "REF*DP*A\n") == "one"
    found = read_set(BEG + "REF*DP*B\n", HEAD + rows)
    assert found.order is not None
    assert found.order.department is None
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.seen, finding.wanted) == (
        "mapping.code.unknown",
        Severity.HOLD,
        "B",
        "A",
    )


@pytest.mark.parametrize(("on_missing", "becomes"), [("pass", "B"), ("omit", None), ("else", "none")])
def test_on_missing_says_what_an_unknown_code_does(on_missing, becomes):
    rows = f"  department: {{from: REF(DP), codes: {{A: one}}, else: none, on_missing: {on_missing}}}\n"
    assert field(rows, "REF*DP*B\n") == becomes


def test_always_is_a_constant():
    assert field("  department: {always: 99}\n", "") == "99"
    assert field("  cancel_after: {always: 20261231}\n", "", "cancel_after") == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("words", "came", "becomes"),
    [
        ("upper", "ab-c", "AB-C"),
        ("no-spaces", "a_b_c", "abc"),
        ("left 2", "abc", "ab"),
        ("right 2", "abc", "bc"),
        ("pad 5", "45", "00045"),
        ("trim zeros", "00450", "450"),
        ("trim zeros", "000", "0"),
        ("[right 3, pad 5]", "12345", "00345"),
    ],
)
def test_as_changes_text(words, came, becomes):
    assert field(f"  department: {{from: REF(DP), as: {words}}}\n", f"REF*DP*{came}\n") == becomes


def test_as_reads_dates_and_numbers_that_hide_in_text():
    assert field("  cancel_after: {from: REF(ZZ), as: date DD.MM.YY}\n", "REF*ZZ*31.12.26\n", "cancel_after") == date(
        2026, 12, 31
    )
    assert field("  stated_total: {from: REF(ZZ), as: implied 2}\n", "REF*ZZ*2350\n", "stated_total") == Decimal(
        "23.50"
    )


def test_join_makes_one_text_of_all_that_came():
    body = BEG + "PO1*1*1*EA*1\nPID*F****One\nPID*F****Two\n"
    rows = "  lines: {each: PO1, description: {from: PID05, as: join}}\n"
    assert order_of(body, HEAD + rows).lines[0].description == "One Two"


def test_a_second_value_that_differs_is_noted_and_an_equal_one_is_not():
    rows = "  department: REF(DP)\n"
    assert read_set(BEG + "REF*DP*1\nREF*DP*1\n", HEAD + rows).findings == ()
    found = read_set(BEG + "REF*DP*1\nREF*DP*2\n", HEAD + rows)
    (note,) = found.findings
    assert (note.code, note.severity, note.seen, note.where.path) == (
        "mapping.value.second",
        Severity.NOTE,
        "2",
        "REF[2]02",
    )
    assert found.order is not None
    assert found.order.department == "1"


def test_a_second_pair_with_the_same_qualifier_is_noted():
    found = read_set(BEG + "PO1*1*1*EA*1**VN*a*VN*b\n")
    assert found.order is not None
    assert found.order.lines[0].vendor_item == "a"
    (note,) = found.findings
    assert (note.code, note.seen, note.where.path) == ("mapping.value.second", "b", "PO1[1]/PO109")


@pytest.mark.parametrize(
    ("place", "becomes"),
    [
        ("REF(ZZ)[2]", "second"),
        ("REF(DP)03", "words"),
        ("REF[2]02", "first"),
        ("N1(ST)/N104", "0007"),
        ("N1(ST)/REF(2I)", "inside"),
        ("N1(BY)/REF(2I)", None),
        ("PO1[2]/PO101", "B"),
        ("PO1/PO1(VN)", "V-1"),
        ("PER(TE)", "555"),
        ("PER(TE)02", None),
        ("CTT/AMT(TT)", "100"),
    ],
)
def test_places_say_which_by_code_and_by_number(place, becomes):
    body = """
    REF*DP*1*words
    REF*ZZ*first
    REF*ZZ*second
    PER*BD*Ann*FX*444*TE*555
    N1*ST*DC*92*0007
    REF*2I*inside
    PO1*A*1*EA*1**UP*1*VN*V-1
    PO1*B*2*EA*1
    CTT*2
    AMT*TT*100
    """
    found = read_set(BEG + body, HEAD + f"  department: {place}\n")
    if becomes is None and place == "PER(TE)02":
        assert found.order is not None
        assert found.order.department == "Ann"
    else:
        assert found.order is not None
        assert found.order.department == becomes


def test_a_line_does_not_borrow_from_the_heading_unless_it_says_so():
    rows = "  lines: {each: PO1, deliver_by: DTM(002), cancel_after: [DTM(001), /DTM(001)], ship_by: /DTM(002)}\n"
    body = BEG + "DTM*002*20261201\nDTM*001*20261224\nPO1*1*1*EA*1\n"
    line = order_of(body, HEAD + rows).lines[0]
    assert (line.deliver_by, line.cancel_after, line.ship_by) == (None, date(2026, 12, 24), date(2026, 12, 1))


def test_from_within_a_segment_the_first_segments_of_the_loops_around_are_in_reach():
    rows = (
        "  lines: {each: PO1, destinations: {each: SDQ03, unit: PO103, id: SDQ03, quantity: SDQ04}}\n"
        "  notes: {each: N9/MSG, kind: N901, text: MSG01}\n"
    )
    body = BEG + "N9*L1*x\nMSG*one\nMSG*two\nPO1*1*7*CA*1\nSDQ*EA*92*0001*3*0002*4\n"
    order = order_of(body, HEAD + rows)
    assert [(note.kind, note.text) for note in order.notes] == [("L1", "one"), ("L1", "two")]
    assert order.lines[0].destinations == (
        Destination(None, "0001", Decimal(3), "CA"),
        Destination(None, "0002", Decimal(4), "CA"),
    )


def test_each_over_pairs_takes_every_pair_of_every_segment():
    body = BEG + "PO1*1*9*EA*1\nSDQ*EA*92*1*1*2*2*3*3*4*4*5*5*6*6*7*7*8*8*9*9*10*10\nSDQ*CA*92*11*11\n"
    order = order_of(body)
    found = order.lines[0].destinations
    assert [int(destination.id or 0) for destination in found] == list(range(1, 12))
    assert [destination.unit for destination in found] == ["EA"] * 10 + ["CA"]


def test_each_over_several_places_keeps_the_order_of_the_file():
    body = BEG + "PO1*1*9*EA*1\nMSG*early\nN9*L1*x\nMSG*late\n"
    assert [note.text for note in order_of(body).lines[0].notes] == ["early", "late"]


def test_where_on_rows_and_blocks():
    rows = (
        "  parties: {each: N1, where: {N101: [ST, BT]}, role: N101, name: N102}\n"
        "  department: {from: REF(DP), where: {BEG02: not DS}}\n"
        "  promotion: {from: REF(PD), where: {REF(DP): none}}\n"
        "  contract: {from: REF(PD), where: {REF(DP): any}}\n"
    )
    order = order_of(BEG + "REF*DP*1\nREF*PD*p\nN1*ST*a\nN1*SU*b\nN1*BT*c\n", HEAD + rows)
    assert [party.role for party in order.parties] == ["ST", "BT"]
    assert (order.department, order.promotion, order.contract) == ("1", None, "p")


def test_components_and_repetitions():
    rows = "  lines: {each: PO1, prices: {each: CTP, unit: CTP05-1, class: CTP05-2}}\n"
    body = BEG + "PO1*1*1*EA*1\nCTP**NET*5**EA:2\n"
    price = order_of(body, HEAD + rows, delimiters=Delimiters(component=":")).lines[0].prices[0]
    assert (price.unit, price.class_) == ("EA", "2")


@pytest.mark.parametrize(
    ("place", "becomes"), [("REF(ZZ)02", "a"), ("REF(ZZ)02[2]", "b"), ("REF(ZZ)02[3]", None)], ids=str
)
def test_a_repetition_of_an_element(place, becomes):
    signs = Delimiters(repetition="^")
    rows = f"  department: {place}\n"
    found = read_set(BEG + "REF*ZZ*a^b\n", HEAD.replace("004010", "005010") + rows, version="005010", delimiters=signs)
    assert found.order is not None
    assert found.order.department == becomes
    assert set(codes(found.findings)) <= {"mapping.value.second"}


@pytest.mark.fault("F5")
def test_numbers_of_x12_with_implied_decimals():
    body = BEG + "SAC*C*D240***2350\n"
    (charge,) = order_of(body).charges
    assert (charge.kind, charge.code, charge.amount) == ("charge", "D240", Decimal("23.50"))


@pytest.mark.fault("F7", "F11")
@pytest.mark.parametrize(
    ("segment", "code"),
    [
        ("DTM*002*20261399", "mapping.date.invalid"),
        ("DTM*002*12", "mapping.date.invalid"),
        ("CTT*1e5", "mapping.number.invalid"),
        ("CTT*٣", "mapping.number.invalid"),
        ("CTT*nan", "mapping.number.invalid"),
        ("CTT*1.5", "mapping.number.invalid"),
    ],
)
def test_bad_dates_and_numbers_hold_and_are_never_guessed(segment, code):
    found = read_set(BEG + segment + "\n")
    assert codes(found.findings) == [code]
    assert found.findings[0].severity is Severity.HOLD
    assert found.order is not None
    assert (found.order.deliver_by, found.order.stated_lines) == (None, None)


def test_findings_say_where_in_the_file():
    found = read_set(BEG + "PO1*1*1*EA*1\nPO1*2*1*EA*1\nDTM*010*20261201\nDTM*002*2026XX01\n")
    (finding,) = found.findings
    where = finding.where
    assert (where.file, where.segment_id, where.in_set, where.path, where.element) == (
        "in.edi",
        "DTM",
        6,
        "PO1[2]/DTM[2]02",
        2,
    )
    assert (where.line, where.loop, where.element_id) == (2, "PO1", "373")
    assert where.byte == len("ST*850*0001~BEG*00*SA*PO-1**20261101~PO1*1*1*EA*1~PO1*2*1*EA*1~DTM*010*20261201~DTM*002*")
    assert finding.source == f"mappings/850-to-order.yaml:{finding.source.split(':')[1]}:5"
    assert finding.message == 'PO1[2]/DTM[2]02 "2026XX01" is no date, and deliver_by must be one.'


def test_without_a_po_number_there_is_no_order():
    found = read_set("BEG*00*SA***20261101\n")
    assert found.order is None
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.where.path) == ("mapping.field.missing", Severity.HOLD, "BEG03")


def test_half_a_product_id_is_left_out_and_told():
    found = read_set(BEG + "PO1*1*1*EA*1**VN**UP*1\n")
    assert found.order is not None
    assert found.order.lines[0].ids == (ProductId("UP", "1"),)
    assert codes(found.findings) == ["mapping.part.incomplete"]
    assert found.findings[0].where.line == 1


def test_a_line_without_any_value_is_still_a_line():
    assert [line.position for line in order_of(BEG + "PO1*\nPO1*2\n").lines] == [1, 2]


def test_tables_turn_theirs_into_ours():
    rows = "  lines: {each: PO1, item: {from: PO1(VN), as: trim zeros, table: items}}\n"
    items = table("items", "theirs,ours\n12,G-12\n13,\n")
    body = BEG + "PO1*1*1*EA*1**VN*0012\nPO1*2*1*EA*1**VN*13\n"
    assert [line.item for line in order_of(body, HEAD + rows, tables=items).lines] == ["G-12", None]
    found = read_set(BEG + "PO1*1*1*EA*1**VN*99\n", HEAD + rows, items)
    (finding,) = found.findings
    assert (finding.code, finding.seen, finding.where.path) == ("mapping.table.missing", "99", "PO1[1]/PO107")
    assert finding.fix == "add a row for it to acme/tables/items.csv"


def test_the_row_says_more_than_the_table_about_missing_rows():
    items = table("items", "theirs,ours,dc\n12,G-12,D\n", on_missing="omit")
    assert field("  department: {from: REF(DP), table: items}\n", "REF*DP*x\n", tables=items) is None
    rows = "  department: {from: REF(DP), table: {name: items, find: ours, give: dc}, on_missing: pass}\n"
    assert field(rows, "REF*DP*G-12\n", tables=items) == "D"
    assert field(rows, "REF*DP*x\n", tables=items) == "x"


def test_tables_are_checked_before_a_document_comes():
    rows = "  department: {from: REF(DP), table: items}\n"
    mapping = reading(HEAD + rows)
    assert check_tables(mapping, table("items", "theirs,ours\n1,a\n1,a\n2,a\n")) == ()
    (absent,) = check_tables(mapping, table("item", "theirs,ours\n"))
    assert (absent.code, absent.message) == ("mapping.map.table", "there is no table items; nearest: item")
    (column,) = check_tables(mapping, table("items", "their,ours\n"))
    assert column.message == "the table items has no column theirs; nearest: their"
    (conflict,) = check_tables(mapping, table("items", "theirs,ours\n1,a\n2,b\n1,c\n"))
    assert (conflict.code, conflict.where.line_no) == ("mapping.table.conflict", 4)


def test_places_name_the_elements_that_are_read_and_not_the_qualifiers():
    places = reading().places("004010VICS")
    assert {"BEG03", "REF02", "N1/N104", "N1/PER04", "PO1/PO103", "PO1/PO106", "PO1/PO125", "PO1/SDQ22"} <= places
    assert {"PO1/N1/N104", "PO1/CTP/CTP03", "CTT/AMT02", "PO1/SLN/SLN05"} <= places
    assert places.isdisjoint({"REF01", "DTM01", "REF03", "CTT02"})
    assert reading(HEAD + "  department: PO1/PO1(VN)\n").places("004010") >= {"PO1/PO107", "PO1/PO109"}
    assert "PO1/PO106" not in reading(HEAD + "  department: PO1/PO1(VN)\n").places("004010")


@pytest.mark.parametrize(
    ("version", "segment"), [("004010", "MSG*"), ("005010", "MTX**")], ids=["MSG in 004010", "MTX in 005010"]
)
def test_notes_arrive_in_either_version(version, segment):
    body = f"N9*L1*t\n{segment}ring_at\n{segment}gate_2\nPO1*1*1*EA*1\n{segment}blue_ones\nN9*L1*u\n{segment}soft\n"
    order = order_of(BEG + body, version=version)
    assert [(note.kind, note.title, note.text) for note in order.notes] == [("L1", "t", "ring at gate 2")]
    assert [(note.kind, note.text) for note in order.lines[0].notes] == [(None, "blue ones"), ("L1", "soft")]


def test_a_place_on_a_line_says_what_kind_of_note_it_is():
    order = order_of(BEG + "PO1*1*1*EA*1\nMTX*GEN*hello\n", version="005010")
    assert [(note.kind, note.text) for note in order.lines[0].notes] == [("GEN", "hello")]


def test_what_a_party_is_known_by_comes_with_it():
    body = SMALL.replace("N4*Tulsa*OK*74101\n", "N4*Tulsa*OK*74101\nREF*ST*S-0417*Store\nPER*RE*Ada*TE*555-0100\n")
    (party,) = order_of(body).parties
    assert party.references == (Reference("ST", "S-0417", "Store"),)
    assert [(one.name, one.phone) for one in party.contacts] == [("Ada", "555-0100")]
    line = "PO1*2*5*EA*2**VN*AC-9\nN1*Z7*Ada*92*1\nREF*DP*42\n"
    (of_line,) = order_of(SMALL.replace("PO1*2*5*EA*2**VN*AC-9\n", line)).lines[1].parties
    assert (of_line.role, of_line.references) == ("mark_for", (Reference("DP", "42"),))
