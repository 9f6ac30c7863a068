"""Validating says what the walk would do: the same findings and exit, and no verdict where nothing would answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_engine.app.surveying import survey
from edi_engine.app.validating import Validation, checked_sets, validate
from edi_engine.cli.exits import exit_code
from edi_engine.finding import Severity
from tests.fixtures.trading import Desk, desk, group, interchange, order

MESSAGE = ["BMG*00", "MIT*1*Dock closed", "MSG*Closed"]
CHANGE = ["BCH*04*SA*1***20261120", "POC*1*QD*6*6*EA*12.4*PE*IN*100101", "CTT*1"]
ORDERS = interchange(order("1"), order("2"))


@pytest.fixture
def trade(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as opened:
        yield opened


def checked(trade: Desk, data: bytes) -> Validation:
    return validate(trade.shop.place.settings, data, "x.edi")


@pytest.mark.parametrize(
    ("data", "codes", "code"),
    [
        (interchange(MESSAGE, kind="TX", set_id="864"), ["mapping.missing.set"], 4),
        (interchange(CHANGE, kind="PC", set_id="860"), ["mapping.missing.set"], 4),
        (interchange(["AK1*PR*77", "AK9*A*1*1*1"], kind="FA", set_id="997"), [], 0),
        (interchange(order("1"), sender="ZZ/6119290001"), ["envelope.unknown-partner"], 4),
        (interchange(order("1"), receiver="ZZ/SOMEBODY"), ["envelope.unknown-partner"], 4),
        (interchange(order("1"), sender="ZZ/NOBODY"), ["envelope.stranger"], 4),
        (interchange(MESSAGE, kind="TX", set_id="864", sender="ZZ/NOBODY"), ["envelope.stranger"], 4),
        (interchange(order("1"), version="007040"), ["x12.unsupported.version"], 3),
    ],
)
def test_it_finds_what_would_stop_the_file(trade: Desk, data: bytes, codes: list[str], code: int) -> None:
    found = checked(trade, data)
    assert [one.code for one in found.findings] == codes
    assert exit_code(found.findings) == code
    if b"AK1" not in data:
        assert exit_code(trade.walk(data).findings) == code


@pytest.mark.parametrize(
    ("data", "verdicts"),
    [
        (ORDERS, ["A", "A"]),
        (ORDERS.replace(b"004010VICS", b"007040    "), ["R", "R"]),
        (ORDERS.replace(b"GE*2", b"GE*3"), ["R", "R"]),
        (ORDERS.replace(b"*EA*12.4*PE", b"*E?*12.4*PE"), ["R", "R"]),
        (interchange([*CHANGE[:1], "REF*QQQ*1", *CHANGE[1:]], kind="PC", set_id="860"), ["E"]),  # no map reads it
        (ORDERS.replace(b"IEA*1", b"IEA*2"), [None, None]),
        (ORDERS.replace(b"*08*6119290001 ", b"*ZZ*6119290001 "), [None, None]),
        (ORDERS[: ORDERS.index(b"SE*")] + b"CT", [None]),
    ],
)
def test_a_verdict_is_what_the_acknowledgment_would_say(trade: Desk, data: bytes, verdicts: list[str | None]) -> None:
    found = checked(trade, data)
    assert [one.verdict for one in found.sets] == verdicts
    assert bool(found.acknowledgments) == (None not in verdicts)


def test_a_cut_file_is_one_fault_of_the_interchange(trade: Desk) -> None:
    found = checked(trade, ORDERS[: ORDERS.index(b"SE*")] + b"CT")
    assert [one.code for one in found.findings] == ["envelope.truncated"]


def test_a_terminator_that_never_comes_is_one_fault_of_the_interchange(trade: Desk) -> None:
    cut = ORDERS[: ORDERS.index(b"SE*")]
    assert [one.code for one in checked(trade, cut + b"X" * 70_000).findings] == ["envelope.delimiter"]


@pytest.mark.parametrize(("separator", "note"), [("A", "026"), ("8", "026")])
def test_a_ta1_is_not_shown_with_delimiters_that_cannot_be_any(trade: Desk, separator: str, note: str) -> None:
    data = ORDERS.replace(b"*0*P*>~", b"*1*P*>~", 1).replace(b"*", separator.encode())
    (line,) = checked(trade, data).acknowledgments
    assert re.fullmatch(rf"TA1\*[0-9]{{9}}\*[0-9]{{6}}\*[0-9]{{4}}\*R\*{note}~", line)
    assert line.split("*")[2] == ORDERS.split(b"*")[9].decode()


def test_what_is_put_aside_is_still_checked_but_no_acknowledgment_is_named(trade: Desk) -> None:
    bad = group(order("1", "PO1*1*12*CASE*12.4*PE*IN*100101")).replace("GE*1", "GE*2")
    found = checked(trade, interchange(groups=[bad]).replace(b"IEA*1", b"IEA*5"))
    assert {one.code: one.ack and one.ack.level for one in found.findings} == {
        "envelope.count.groups": "TA1",
        "envelope.count.sets": None,
        "x12.element.length": None,
    }
    found = checked(trade, interchange(groups=[bad.replace("GE*2", "GE*1")]).replace(b"IEA*1", b"IEA*5"))
    assert {one.code: one.ack and one.ack.level for one in found.findings} == {
        "envelope.count.groups": "TA1",
        "x12.element.length": None,
    }


def test_a_refused_group_does_not_hide_what_else_is_wrong_in_its_sets(trade: Desk) -> None:
    bad = group(order("1", "PO1*1*12*CASE*12.4*PE*IN*100101"), order("2")).replace("GE*2", "GE*3")
    found = checked(trade, interchange(groups=[bad]))
    assert [one.code for one in found.findings] == ["envelope.count.sets", "x12.element.length"]
    assert [one.verdict for one in found.sets] == ["R", "R"]
    said = [line.split("*")[0] for line in found.acknowledgments]
    assert [name for name in said if name.startswith("AK")] == ["AK1", "AK2", "AK3", "AK4", "AK5", "AK9"]
    assert [one.code for one in trade.walk(interchange(groups=[bad])).findings[:2]] == [
        "envelope.count.sets",
        "x12.element.length",
    ]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"ST*850*", b"ST**", "envelope.set-id"),
        (b"ST*850*0001", b"ST*850", "envelope.control.invalid"),
        (b"*0001~", b"*0001234567890~", "envelope.control.invalid"),
        (b"SE*", b"SE**", "envelope.count.segments"),
    ],
)
def test_what_is_wrong_with_an_st_or_se_is_told_once(trade: Desk, before: bytes, after: bytes, code: str) -> None:
    data = interchange(order("1"))
    assert before in data
    data = re.sub(rb"SE\*[0-9]+", b"SE*", data) if code == "envelope.count.segments" else data.replace(before, after)
    if code == "envelope.control.invalid" and b"~SE*" in data:
        control = re.search(rb"ST\*850\*?([0-9]*)~", data)
        assert control is not None
        data = re.sub(rb"(SE\*[0-9]+)\*[0-9]*~", rb"\1" + (b"*" + control[1] if control[1] else b"") + b"~", data)
    assert [one.code for one in checked(trade, data).findings] == [code]


@pytest.mark.parametrize(
    ("version", "day", "told"),
    [
        ("004010VICS", b"261120", True),
        ("004010VICS", b"20261120", False),
        ("003060", b"261120", False),
        ("003060", b"20261120", True),
    ],
)
def test_the_date_of_a_group_has_its_century_where_its_version_wants_it(
    trade: Desk, version: str, day: bytes, told: bool
) -> None:
    data = re.sub(rb"(~\s*GS\*PO\*[^*]*\*[^*]*\*)[0-9]*", rb"\g<1>" + day, interchange(order("1"), version=version))
    dates = [one for one in checked(trade, data).findings if one.code == "envelope.date"]
    assert [one.severity for one in dates] == [Severity.WARNING] * told


def test_an_interchange_that_stands_twice_is_one_and_a_note(trade: Desk) -> None:
    once = checked(trade, ORDERS)
    found = checked(trade, ORDERS + ORDERS)
    (told,) = found.findings
    assert (told.code, told.severity, told.where.byte) == ("envelope.repeated", Severity.NOTE, len(ORDERS))
    assert "as the one at byte 0 of this file; nothing of it is done twice." in told.message
    assert (found.sets, found.acknowledgments) == (once.sets, once.acknowledgments)
    done = trade.walk(ORDERS + ORDERS)
    (noted,) = done.repeats
    assert (noted.code, noted.where.byte, exit_code(done.findings)) == ("envelope.repeated", len(ORDERS), 0)
    again = trade.walk(interchange(order("3"), control=9) + ORDERS, "later.edi")
    assert "as the one at byte 0 of 1.edi (interchange 1)" in again.repeats[0].message
    assert again.repeats[0].where.file == "later.edi"


def test_an_interchange_that_stands_twice_with_other_line_ends_is_one_too(trade: Desk) -> None:
    plain = ORDERS.replace(b"~\n", b"~")
    both = plain + plain.replace(b"~", b"~\r\n")
    assert both.count(b"\r\n") > 10
    (told,) = checked(trade, both).findings
    assert (told.code, told.where.byte) == ("envelope.repeated", len(plain))
    assert "the same, but for its line ends, as the one at byte 0" in told.message
    (noted,) = trade.walk(both).repeats
    assert (noted.code, noted.message.split(", as")[0]) == (told.code, told.message.split(", as")[0])


def test_other_content_under_the_same_number_is_put_aside(trade: Desk) -> None:
    both = ORDERS + interchange(order("3"))
    found = checked(trade, both)
    assert [(one.code, one.where.byte) for one in found.findings] == [("envelope.conflict", len(ORDERS))]
    assert [one.verdict for one in found.sets] == ["A", "A", None]
    assert exit_code(found.findings) == exit_code(trade.walk(both).findings)


def test_sets_that_are_found_again_and_shared_out_are_checked_alike(
    trade: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edi_engine.x12.sets.STRIDE", 2)
    spoiled = order("2")
    spoiled[0] = spoiled[0].replace("BEG*00", "BEG*XX")
    data = interchange(order("1"), spoiled, order("3"), order("4"), order("5")).replace(b"SE*", b"SE*0", 1)
    settings = trade.shop.place.settings
    once = validate(settings, data, "x.edi")
    assert {one.code for one in once.findings} >= {"x12.element.code"}
    assert len(once.sets) == 5
    many = validate(settings, data, "x.edi", jobs=2)
    assert (many.sets, many.findings, many.acknowledgments) == (once.sets, once.findings, once.acknowledgments)
    again = survey(settings, data, "x.edi")
    assert tuple(checked_sets(again)) == once.sets
    assert again.size == 5


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        (b"*EA*12.4*PE", b"*E?*12.4*PE", "45-1"),
        (b"004010VICS", b"007040    ", "45-1"),
        (b"GE*1*", b"GE*2*", "45-1"),
        (b"*SA*45-1*", b"*SA**", None),
        (b"~BEG*", b"~BEX*", None),
    ],
)
def test_a_refused_order_tells_its_number(trade: Desk, before: bytes, after: bytes, number: str | None) -> None:
    data = interchange(order("1")).replace(b"\n", b"")
    data = re.sub(rb"(~BEG\*[^*]*\*[^*]*\*)[^*]*", rb"\g<1>45-1", data)
    assert before in data
    (one,) = checked(trade, data.replace(before, after)).sets
    assert (one.verdict, one.po_number) == ("R", number)


@pytest.mark.fault("E6")
def test_of_a_tiny_set_in_a_large_file_the_first_fault_is_told_and_the_answer_is_the_same(trade: Desk) -> None:
    head = "BEG*00*SA*1**20260101"
    data = interchange([], [head, "ZZ"], [head, "PO1*1*x"], order("1")) + b"\r\n" * 400_000
    found = checked(trade, data)
    assert [one.verdict for one in found.sets] == ["R", "R", "R", "A"]
    assert [one.code for one in found.findings] == ["x12.set.unread"] * 3
    assert [one.message.partition(":")[0] for one in found.findings] == [
        '"SE" cannot stand here after ST',
        '"ZZ" cannot stand here after BEG',
        'PO102 "x" is not a decimal number',
    ]
    assert [(one.where.in_set, one.where.segment_id) for one in found.findings] == [(2, "SE"), (3, "ZZ"), (3, "PO1")]
    alone = checked(trade, data.rstrip())
    assert [one.verdict for one in alone.sets] == ["R", "R", "R", "A"]
    assert "x12.set.unread" not in {one.code for one in alone.findings}
    walked = trade.walk(data, "x.edi").findings[:3]
    assert walked == found.findings
    (answer,) = trade.bodies("997")
    said = [line.rstrip("~").split("*") for line in found.acknowledgments]
    assert [one for one in answer if one[0] != "ST" and one[0] != "SE"] == said
    assert [one for one in said if one[0] == "AK5"] == [["AK5", "R", "5"]] * 3 + [["AK5", "A"]]
    assert said[-1] == ["AK9", "P", "4", "4", "1"]


def test_an_acknowledgment_is_told_all_in_a_large_file_too(trade: Desk) -> None:
    data = interchange(["AK1*PR*77", "AK9*A*1*1*x"], kind="FA", set_id="997") + b"\r\n" * 400_000
    assert "x12.set.unread" not in {one.code for one in checked(trade, data).findings}
