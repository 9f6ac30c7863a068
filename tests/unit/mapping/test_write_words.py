"""Each word of the language, written: what it does and what it never does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.decision import Allotment, Answer, AnswerLine, LineAnswer
from edi_engine.orders.order import Destination, Kept, Note, OrderLine, ProductId
from tests.fixtures.maps import SMALL, TODAY, answer_to, clean, codes, lines_of, order_of, table, written

ORDER = order_of(SMALL)
ANSWER = answer_to(ORDER)
HEAD = "makes: 855 004010\nheading:\n"
LINES = "makes: 855 004010\ndetail:\n  PO1:\n    each: lines\n"


def heading(rows: str, document=ANSWER, **options) -> list[str]:
    result = written(document, HEAD + rows, **options)
    assert result.findings == ()
    return lines_of(result)


def detail(rows: str, document=ANSWER) -> list[str]:
    result = written(document, LINES + rows)
    assert result.findings == ()
    return lines_of(result)


def with_lines(*lines: OrderLine):
    return answer_to(replace(ORDER, lines=lines))


def test_the_base_map_answers_an_order():
    assert clean(ANSWER, "extends: order-to-855\n") == [
        "BAK*00*AD*PO-1*20261101****A-1*20261122",
        "PO1*1*12*CA*41.88**UP*036000291452*VN*AC-4410",
        "ACK*IA*12*CA*068*20261122",
        "PO1*2*5*EA*2**VN*AC-9",
        "ACK*IA*5*EA*068*20261122",
        "CTT*2",
    ]


def test_a_day_of_arrival_stands_where_a_day_of_shipping_would():
    there = LineAnswer("accepted", Decimal(12), "CA", deliver_on=date(2026, 12, 1))
    assert clean(answer_to(ORDER, there), "extends: order-to-855\n")[2] == "ACK*IA*12*CA*067*20261201"


STORES = AnswerLine(
    ORDER.lines[0],
    "changed",
    (LineAnswer("accepted", Decimal(8), "CA"), LineAnswer("backordered", Decimal(4), "CA", reason="out_of_stock")),
    allotments=(Allotment("92", "0101", Decimal(6)), Allotment("92", "0102", Decimal(2))),
    backorders=(Allotment("92", "0102", Decimal(4)),),
)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("", []),  # the base map says nothing of stores
        ("    SDQ03: {each: allotments, SDQ01: line.unit, SDQ02: id_type, SDQ03: id, SDQ04: quantity}\n",
         ["SDQ*CA*92*0101*6*0102*2"]),
        (("    ACK: omit\n    ACK here: {each: allotments, ACK01: {always: IA}, ACK02: quantity, ACK03: line.unit,"
         " ACK07: {always: ZZ}, ACK08: id}\n    ACK later: {each: backorders, ACK01: {always: IB}, ACK02: quantity,"
         " ACK03: line.unit, ACK07: {always: ZZ}, ACK08: id}\n"),
         ["ACK*IA*6*CA****ZZ*0101", "ACK*IA*2*CA****ZZ*0102", "ACK*IB*4*CA****ZZ*0102"]),
    ],
    ids=["base", "SDQ", "ACK"],
)  # fmt: skip
def test_an_answer_may_say_what_each_store_gets(rows, wanted):
    answer = Answer(ORDER, "changed", (STORES,), "A-1", TODAY)
    lines = clean(answer, "extends: order-to-855\n" + ("detail:\n  PO1:\n" + rows if rows else ""))
    by_store = [line for line in lines if line.startswith("SDQ") or "*010" in line]
    assert by_store == wanted


def test_several_answers_to_one_line_with_a_substitute():
    answers = (
        LineAnswer("quantity_changed", Decimal(3), "CA", TODAY),
        LineAnswer("backordered", Decimal(9), "CA", date(2026, 12, 24)),
        LineAnswer("substituted", Decimal(1), "CA", substitute=(ProductId("VN", "AC-5"), ProductId("UP", "1"))),
    )
    lines = clean(answer_to(ORDER, *answers, answer="changed"), "extends: order-to-855\n")
    assert lines[2:5] == ["ACK*IQ*3*CA*068*20261122", "ACK*IB*9*CA*068*20261224", "ACK*IS*1*CA****VN*AC-5*UP*1"]


def test_nothing_in_nothing_out():
    assert heading("  BAK01: {always: 00}\n  BAK03: release\n  REF(CO): customer_order\n") == []


def test_constants_alone_make_a_segment_and_keep_none_alive_beside_a_source():
    assert heading("  BAK01: {always: 00}\n  BAK02: {always: AD}\n") == ["BAK*00*AD"]
    assert heading("  REF(ZZ): {always: HELLO}\n") == ["REF*ZZ*HELLO"]
    assert heading("  CUR01: {always: SE}\n  CUR02: currency\n") == ["CUR*SE*USD"]
    assert heading("  CUR01: {always: SE}\n  CUR02: contract\n") == []


def test_constants_go_with_the_value_that_x12_ties_them_to():
    rows = "  N1:\n    each: parties\n    N101: {always: ST}\n    N102: name\n    N103: {always: 92}\n    N104: id\n"
    assert heading(rows) == ["N1*ST*Northwind DC 7*92*0007"]
    nameless = answer_to(replace(ORDER, parties=(replace(ORDER.parties[0], id=None),)))
    assert heading(rows, nameless) == ["N1*ST*Northwind DC 7"]
    carrier = "  TD501: {always: B}\n  TD502: {always: 2}\n  TD503: %s\n  TD505: department\n"
    assert heading(carrier % "department") == ["TD5*B*2*045**045"]
    assert heading(carrier % "release") == ["TD5*B****045"]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("po_number", "PO-1"),
        ("order.po_number", "PO-1"),
        ("date", "20261122"),
        ("answer.date", "20261122"),
        ("order_date", "20261101"),
        ("parties(ship_to).id", "0007"),
        ("parties(bill_to).id", None),
        ("[release, contract, department]", "045"),
        ("REF(MR)", "0037"),
        ("/REF(MR)", "0037"),
        ("[REF(IA), REF(MR)]", "0037"),
        ("N1(ST)/N402", "OK"),
        ("PO1[2]/PO1(VN)", "AC-9"),
        ("{from: department, else: none}", "045"),
        ("{from: release, else: none}", "none"),
        ("{from: department, where: {type: standard}}", "045"),
        ("{from: department, where: {type: [rush, drop_ship]}}", None),
        ("{from: department, where: {type: not standard}}", None),
        ("{from: department, where: {release: none, vendor_number: none, order_date: any}}", "045"),
        ("{from: department, where: {release: any}}", None),
        ("{count: lines}", "2"),
        ("{count: order.charges}", None),
        ("{from: order_date, as: date DD/MM/YY}", "01/11/26"),
        ("{from: order_date, as: [date YYMMDD, right 4, pad 6]}", "001101"),
        ("{from: department, as: trim zeros}", "45"),
        ("{from: po_number, as: [no-spaces, left 2]}", "PO"),
        ("{from: type, codes: {standard: S1}}", "S1"),
        ("{from: type, codes: {rush: R1}, on_missing: pass}", "standard"),
        ("{from: type, codes: {rush: R1}, on_missing: omit, else: x}", None),
        ("{from: type, codes: {rush: R1}, on_missing: else, else: x}", "x"),
    ],
)
def test_sources(source, becomes):
    found = heading(f"  REF01: {{always: ZZ}}\n  REF02: {source}\n")
    assert found == ([f"REF*ZZ*{becomes}"] if becomes is not None else [])


def test_an_unknown_code_holds_with_its_row():
    result = written(ANSWER, HEAD + "  REF(ZZ): {from: type, codes: {rush: R1}, else: x}\n")
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.seen, finding.wanted) == (
        "mapping.code.unknown",
        Severity.HOLD,
        "standard",
        "rush",
    )
    assert finding.source == "acme/map.yaml:3:3"
    assert finding.where.path == "REF02"
    assert result.segments == ()


def test_findings_of_a_line_name_the_line():
    result = written(ANSWER, LINES + "    PO101: {from: unit, codes: {CA: C}}\n")
    (finding,) = result.findings
    assert (finding.where.line, finding.where.path, finding.where.element_id) == (2, "PO1[2]/PO101", "350")


def test_tables_turn_ours_into_theirs():
    dcs = table("dcs", "theirs,ours,name\nDC07,0007,Tulsa\nDC08,0008,\n")
    rows = "  REF(ZZ): {from: parties(ship_to).id, table: dcs}\n"
    assert heading(rows, tables=dcs) == ["REF*ZZ*DC07"]
    named = "  REF(ZZ): {from: parties(ship_to).id, table: {name: dcs, find: ours, give: name}, as: upper}\n"
    assert heading(named, tables=dcs) == ["REF*ZZ*TULSA"]
    assert codes(written(ANSWER, HEAD + rows, table("dcs", "theirs,ours\nDC07,7\n")).findings) == [
        "mapping.table.missing"
    ]
    both = table("dcs", "theirs,ours\nDC07,0007\nDC99,0007\n")
    assert codes(written(ANSWER, HEAD + rows, both).findings) == ["mapping.table.conflict"]
    assert codes(written(ANSWER, HEAD + rows, {}).findings) == ["mapping.table.absent"]


def test_labels_tell_two_rows_of_a_place_apart():
    assert heading("  REF(ZZ): po_number\n  REF(ZZ) dc: department\n") == ["REF*ZZ*PO-1", "REF*ZZ*045"]
    assert heading("  REF(ZZ): po_number\n  REF(ZZ)[2]: department\n") == ["REF*ZZ*PO-1", "REF*ZZ*045"]


def test_segments_stand_where_the_tree_puts_them_and_keep_the_order_of_rows():
    rows = "  DTM(002): order_date\n  REF(ZZ): po_number\n  BAK03: po_number\n  REF(DP): department\n"
    assert heading(rows) == ["BAK***PO-1", "REF*ZZ*PO-1", "REF*DP*045", "DTM*002*20261101"]


def test_an_element_of_the_segment_that_carries_a_qualifier():
    rows = "  REF(DP)02: department\n  REF(DP)03: po_number\n"
    assert heading(rows) == ["REF*DP*045*PO-1"]


def test_a_row_for_the_first_segment_of_a_loop_makes_that_loop():
    assert detail("    PO101: number\n    PID01: {always: F}\n    PID05: line.description\n") == [
        "PO1*1",
        "PID*F****Widget",
        "PO1*2",
    ]


def test_a_loop_without_its_first_segment_is_held():
    result = written(ANSWER, LINES + "    PID05: line.description\n")
    assert codes(result.findings) == ["mapping.loop.headless"]
    assert result.findings[0].where.path == "PO1[1]"


def test_pairs_are_filled_from_the_first_free_one():
    ids = "    PO106: {each: ids, PO106: type, PO107: id}\n"
    rows = "    PO101: number\n    PO1(CB): {always: X}\n" + ids + "    PO1(PI): {always: Y}\n"
    assert detail(rows)[0] == "PO1*1*****CB*X*UP*036000291452*VN*AC-4410*PI*Y"


def test_a_qualifier_goes_to_the_pair_whose_codes_know_it():
    ack = "{each: answers, ACK01: {always: IA}, ACK(068): ship_on, ACK(VN): {always: V}}"
    rows = f"    PO101: number\n    ACK: {ack}\n"
    assert detail(rows)[1] == "ACK*IA***068*20261122**VN*V"
    assert heading("  PER01: {always: BD}\n  PER02: po_number\n  PER(TE): {always: 5}\n  PER(EM): {always: a}\n") == [
        "PER*BD*PO-1*TE*5*EM*a"
    ]


def test_more_pairs_than_a_segment_has_are_held():
    ids = tuple(ProductId("VN", str(n)) for n in range(11))
    document = with_lines(OrderLine(1, "1", ids=ids))
    result = written(document, LINES + "    PO101: number\n    PO106: {each: ids, PO106: type, PO107: id}\n")
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.where.path) == ("mapping.pairs.full", Severity.HOLD, "PO1[1]/PO1")


def test_pairs_open_a_new_segment_when_full_or_when_another_row_changes():
    stores = tuple(Destination("92", f"{n:04d}", Decimal(n), "EA" if n < 12 else "CA") for n in range(1, 14))
    document = with_lines(OrderLine(1, "1", Decimal(91), "EA", destinations=stores))
    rows = (
        "    PO101: number\n    SDQ03: {each: destinations, SDQ01: unit, SDQ02: id_type, SDQ03: id, SDQ04: quantity}\n"
    )
    found = detail(rows, document)
    assert found[1].startswith("SDQ*EA*92*0001*1*0002*2*")
    assert found[1].endswith("*0010*10")
    assert found[2:] == ["SDQ*EA*92*0011*11", "SDQ*CA*92*0012*12*0013*13"]


def test_where_on_pairs_and_blocks():
    rows = "    PO101: number\n    PO106: {each: ids, where: {type: [UP, EN]}, PO106: type, PO107: id}\n"
    assert detail(rows) == ["PO1*1*****UP*036000291452", "PO1*2"]
    exceptions = "    where: {status: not accepted}\n    PO101: number\n"
    assert detail(exceptions) == []
    assert detail(exceptions, answer_to(ORDER, LineAnswer("rejected"))) == ["PO1*1", "PO1*2"]


def test_counts_and_sums_are_of_what_was_written():
    rows = (
        LINES + "    PO101: number\n    PO102: line.quantity\nsummary:\n  CTT01: {count: PO1}\n  CTT02: {sum: PO102}\n"
    )
    assert lines_of(written(ANSWER, rows))[-1] == "CTT*2*17"
    assert lines_of(written(with_lines(), rows)) == ["CTT*0"]


def test_numbers_and_dates_are_written_as_the_element_wants_them():
    line = OrderLine(1, "1", Decimal("12.500"), "CA", Decimal("1E+3"))
    assert detail("    PO102: line.quantity\n    PO104: line.unit_price\n", with_lines(line)) == ["PO1**12.5**1000"]
    money = "    SAC01: {always: A}\n    SAC05: line.unit_price\n    PO101: number\n"
    assert detail(money, with_lines(replace(line, unit_price=Decimal("23.5"))))[1] == "SAC*A****2350"
    result = written(with_lines(replace(line, unit_price=Decimal("23.505"))), LINES + money)
    assert codes(result.findings) == ["mapping.number.inexact"]
    assert result.findings[0].seen == "23.505"
    assert detail(
        "    PO101: {from: line.unit_price, as: implied 4}\n", with_lines(replace(line, unit_price=Decimal("1.5")))
    ) == ["PO1*15000"]


def test_composites_are_written_part_by_part():
    rows = "    PO101: number\n    CTP03: line.unit_price\n    CTP04: line.quantity\n"
    rows += "    CTP05-1: line.unit\n    CTP05-3: {always: 2}\n"
    assert detail(rows)[1] == "CTP***41.88*12*CA>>2"


def test_whole_segments_and_loops_are_copied_as_they_came():
    body = SMALL.replace("N4*Tulsa", "N2*more\nREF*2I*x\nN4*Tulsa").replace("DTM*002", "ITD*01*3*2**30\nDTM*002")
    document = answer_to(order_of(body))
    assert heading("  ITD: ITD\n  N1(ST): N1(ST)\n  N1(BT): N1(BT)\n", document) == [
        "ITD*01*3*2**30",
        "N1*ST*Northwind DC 7*92*0007",
        "N2*more",
        "N3*1 Dock Road",
        "N4*Tulsa*OK*74101",
        "REF*2I*x",
    ]


def test_what_came_is_found_from_the_thing_in_hand():
    body = SMALL.replace("PID*F", "REF*ZZ*line-one\nPID*F").replace("N3*1", "REF*ZZ*party\nN3*1")
    document = answer_to(order_of(body.replace("REF*MR", "REF*ZZ*top\nREF*MR")))
    assert detail("    PO101: number\n    REF(ZZ): REF(ZZ)\n    REF(CO): /REF(ZZ)\n", document) == [
        "PO1*1",
        "REF*ZZ*line-one",
        "REF*CO*top",
        "PO1*2",
        "REF*CO*top",
    ]
    rows = "  N1:\n    each: parties\n    N101: N101\n    N102: name\n    REF(ZZ): REF(ZZ)\n"
    assert heading(rows, document) == ["N1*ST*Northwind DC 7", "REF*ZZ*party"]


def test_an_order_that_came_without_an_850_echoes_nothing():
    document = answer_to(replace(ORDER, kept=None))
    assert heading("  BAK03: po_number\n  REF(MR): /REF(MR)\n  ITD: ITD\n", document) == ["BAK***PO-1"]
    strange = Kept("850", "009999", ORDER.kept.segments if ORDER.kept else ())
    assert heading("  REF(MR): /REF(MR)\n", answer_to(replace(ORDER, kept=strange))) == []


def test_as_at_the_head_is_over_all_texts():
    text = "makes: 855 004010\nas: upper\nheading: {REF(ZZ): parties(ship_to).name, N101: {always: st}}\n"
    assert lines_of(written(ANSWER, text)) == ["REF*ZZ*NORTHWIND DC 7", "N1*ST"]


def test_another_version_chooses_its_own_grammar():
    assert clean(ANSWER, "extends: order-to-855\n", version="005010")[0].startswith("BAK*00*AD*PO-1")
    assert lines_of(written(ANSWER, HEAD + "  BAK03: po_number\n", version="004010VICS")) == ["BAK***PO-1"]
    unknown = written(ANSWER, HEAD + "  BAK03: po_number\n", version="009999")
    assert (codes(unknown.findings), unknown.segments) == (["mapping.version.unknown"], ())


@pytest.mark.parametrize("rows", ["N9: {MTX02: department}", "N1: {N401: department, N407: department}"])
def test_what_the_version_to_be_written_lacks_is_held(rows):
    text = f"makes: 855 004010 005010\nheading: {{BAK03: po_number, {rows}}}\n"
    result = written(ANSWER, text)
    assert "mapping.place.absent" in codes(result.findings)
    assert "mapping.place.absent" not in codes(written(ANSWER, text, version="005010").findings)


@pytest.mark.parametrize("rows", ["N9: {MTX02: release}", "N1: {N407: release}"])
def test_what_the_version_lacks_does_no_harm_while_it_has_no_value(rows):
    text = f"makes: 855 004010 005010\nheading: {{BAK03: po_number, {rows}}}\n"
    assert written(ANSWER, text).findings == ()


def test_values_are_text_without_blanks_around():
    document = answer_to(replace(ORDER, department="  A B ", release="   "))
    assert heading("  REF(DP): department\n  REF(CO): release\n", document) == ["REF*DP*A B"]


TEXT = "a long text that goes on in as many segments as it needs and no word is cut"


@pytest.mark.parametrize(
    ("width", "pieces"),
    [
        (100, [TEXT]),
        (40, ["a long text that goes on in as many", "segments as it needs and no word is cut"]),
        (30, ["a long text that goes on in as", "many segments as it needs and", "no word is cut"]),
    ],
)
def test_a_text_goes_on_in_further_segments(width, pieces):
    document = answer_to(replace(ORDER, department=TEXT))
    rows = f"  N9: {{N901: {{always: L1}}, N902: po_number, MSG01: {{from: department, as: split {width}}}}}\n"
    assert heading(rows, document) == ["N9*L1*PO-1", *(f"MSG*{piece}" for piece in pieces)]


def test_what_goes_on_is_like_what_it_began_with_and_stands_behind_it():
    document = with_lines(replace(ORDER.lines[0], description="one two six"), ORDER.lines[1])
    rows = "    PO101: number\n    PID01: {always: F}\n    PID05: {from: line.description, as: [upper, split 4]}\n"
    assert detail(rows, document) == ["PO1*1", "PID*F****ONE", "PID*F****TWO", "PID*F****SIX", "PO1*2"]
    notes = "  N9: {each: notes, N901: kind, MSG: {MSG01: {from: text, as: split 3}}}\n"
    two = answer_to(replace(ORDER, notes=(Note("A1", text="abcdef"), Note("B2", text="gh ij"))))
    assert heading(notes, two) == ["N9*A1", "MSG*abc", "MSG*def", "N9*B2", "MSG*gh", "MSG*ij"]
    refs = "  REF(ZZ): {from: department, as: split 2}\n  REF(DP): po_number\n"
    assert heading(refs, answer_to(replace(ORDER, department="12 3"))) == ["REF*ZZ*12", "REF*ZZ*3", "REF*DP*PO-1"]


@pytest.mark.parametrize(
    ("place", "words", "becomes"),
    [
        ("/DTM(002)", "date DD/MM/YY", "01/12/26"),
        ("/DTM(002)", "[date YYMMDD, right 4]", "1201"),
        ("PO1/PO104", "implied 2", "4188"),
        ("PO1/PO104", "[implied 3, pad 8]", "00041880"),
        ("/REF(MR)", "trim zeros", "37"),
        ("/N1(ST)/N102", "[no-spaces, upper, left 6]", "NORTHW"),
        ("PO1/PO1(VN)", "join", "AC-4410 AC-9"),
    ],
)
def test_as_works_on_what_came_too(place, words, becomes):
    assert heading(f"  REF(ZZ): {{from: {place}, as: {words}}}\n") == [f"REF*ZZ*{becomes}"]


@pytest.mark.parametrize(("place", "word"), [("/REF(MR)", "date YYMMDD"), ("/N1(ST)/N102", "implied 2")])
def test_what_came_and_is_no_date_or_number_is_held(place, word):
    (finding,) = written(ANSWER, HEAD + f"  REF(ZZ): {{from: {place}, as: {word}}}\n").findings
    assert (finding.code, finding.severity) == ("mapping.number.invalid", Severity.HOLD)


def test_as_at_the_head_is_over_what_is_copied_too():
    text = "makes: 855 004010\nas: upper\nheading: {N1(ST): N1(ST)}\n"
    assert lines_of(written(ANSWER, text)) == ["N1*ST*NORTHWIND DC 7*92*0007", "N3*1 DOCK ROAD", "N4*TULSA*OK*74101"]


def test_every_detail_of_a_party_goes_back():
    body = SMALL.replace("N4*Tulsa", "REF*2I*x\nREF*19*y\nPER*IC*Ann*TE*555\nPER*RE*Bob\nN4*Tulsa")
    body = body.replace("N1*ST", "N1*BT*Northwind\nREF*2I*z\nN1*ST")
    document = answer_to(order_of(body))
    rows = "  N1:\n    each: parties\n    N101: N101\n    N102: name\n    REF: REF\n    PER: PER\n"
    echoed = ["N1*BT*Northwind", "REF*2I*z", "N1*ST*Northwind DC 7", "REF*2I*x", "REF*19*y", "PER*IC*Ann*TE*555"]
    assert heading(rows, document) == [*echoed, "PER*RE*Bob"]
    assert heading("  N1: N1\n", document)[:3] == ["N1*BT*Northwind", "REF*2I*z", "N1*ST*Northwind DC 7*92*0007"]
    assert heading("  N1: {each: parties, where: {role: ship_to}, N101: N101, REF(19): REF(19)}\n", document) == [
        "N1*ST",
        "REF*19*y",
    ]


def test_a_label_on_an_element_gives_it_another_source():
    ack = (
        "    PO101: number\n    ACK:\n      each: answers\n"
        "      ACK01: {from: status, where: {status: not rejected}, codes: {accepted: IA}}\n"
        "      ACK01 reason: {from: reason, where: {status: rejected}, codes: {price: R1, unit: R3}}\n"
    )
    assert [line for line in detail(ack) if line.startswith("ACK")] == ["ACK*IA", "ACK*IA"]
    for reason, code in (("price", "R1"), ("unit", "R3")):
        rejected = answer_to(ORDER, LineAnswer("rejected", reason=reason), answer="rejected")
        assert detail(ack, rejected)[1] == f"ACK*{code}"
    for status, reason in (("backordered", "out_of_stock"), ("rejected", "charge")):
        said = answer_to(ORDER, LineAnswer(status, reason=reason), answer="changed")
        found = written(said, LINES + ack)
        assert set(codes(found.findings)) == {"mapping.code.unknown"}
        assert all(finding.severity is Severity.HOLD for finding in found.findings)
