"""What partners' programs do to files (FAILURES C1, C4, C5, D10), through `validate` and `process` alike."""

from __future__ import annotations

import pytest

from edi_engine.app.processing import Processed
from edi_engine.app.validating import Validation, validate
from edi_engine.finding import Severity
from tests.fixtures.trading import Desk, group, interchange, order
from tests.property.test_intake import BOM, Dirt

PLAIN = interchange(order("4500090001"))


def both(trade: Desk, data: bytes) -> tuple[Validation, Processed]:
    return validate(trade.shop.place.settings, data, "a.edi"), trade.walk(data)


def booked(trade: Desk) -> list[str]:
    return sorted(one.po_number for one in trade.orders())


def by(data: bytes, element: str, segment: str, suffix: str = "") -> bytes:
    """Write an interchange in other delimiters."""
    return data.replace(b"*", element.encode()).replace(b"~", (segment + suffix).encode())


@pytest.mark.fault("C1", "C4", "C5")
@pytest.mark.parametrize(
    ("data", "codes"),
    [
        pytest.param(BOM + PLAIN, ["envelope.padding"], id="byte order mark"),
        pytest.param(b"  \r\n" + PLAIN, ["envelope.padding"], id="blanks before"),
        pytest.param(PLAIN + b"\x1a", ["envelope.padding"], id="end-of-file mark"),
        pytest.param(PLAIN.replace(b"~", b"~\r\n"), [], id="lines of CR LF"),
        pytest.param(PLAIN.replace(b"~", b"~\n"), [], id="lines of LF"),
        pytest.param(PLAIN.replace(b"~", b"~\r"), [], id="lines of CR"),
        pytest.param(PLAIN.replace(b"~", b"~\n   "), [], id="blanks before segment ids"),
        pytest.param(PLAIN.replace(b"~", b"~\r\n\t "), [], id="lines and blanks before segment ids"),
        pytest.param(by(PLAIN, "|", "~"), [], id="bars"),
        pytest.param(by(PLAIN, "^", "~"), [], id="carets"),
        pytest.param(by(PLAIN, "|", "\n"), [], id="bars and LF"),
        pytest.param(by(PLAIN, "|", "\r"), [], id="bars and CR"),
        pytest.param(by(PLAIN, "|", "\r", "\n"), [], id="bars and CR LF"),
        pytest.param(PLAIN.replace(b"~", b"\\").replace(b"*", b"~"), [], id="tildes between elements"),
        pytest.param(by(PLAIN, "*", "\x15"), [], id="0x15"),
        pytest.param(by(PLAIN, "*", "\x15", "\r\n"), [], id="0x15 and CR LF"),
        pytest.param(by(PLAIN, "*", "\x1c"), [], id="0x1C"),
        pytest.param(by(PLAIN, "^", "\\", "\n  "), [], id="carets, backslashes, lines and blanks"),
        pytest.param(PLAIN + b"TRAILER 0001", ["envelope.trailing"], id="a trailer"),
        pytest.param(
            BOM + by(PLAIN, "|", "\x1c", "\r\n ") + b"EOF\x1a",
            ["envelope.padding", "envelope.trailing"],
            id="all of it",
        ),
    ],
)
def test_dirt_is_passed_over_and_told(trade: Desk, data: bytes, codes: list[str]) -> None:
    seen, done = both(trade, data)
    assert sorted(one.code for one in seen.findings) == codes
    assert all(one.severity is Severity.WARNING for one in seen.findings)
    assert [one.verdict for one in seen.sets] == ["A"]
    assert done.cases == ()
    assert booked(trade) == ["4500090001"]
    assert [one.kind for one in trade.documents("997", "855")] == ["997", "855"]
    (ak9,) = [segment for body in trade.bodies("997") for segment in body if segment[0] == "AK9"]
    assert ak9 == ["AK9", "A", "1", "1", "1"]
    trade.sound()


@pytest.mark.fault("D10")
def test_several_interchanges_groups_and_sets_in_one_file(trade: Desk) -> None:
    first = interchange(groups=(group(order("1"), order("2"), control=1), group(order("3"), control=2)), control=1)
    second = by(interchange(order("4"), order("5"), control=2), "|", "\x15", "\r\n")
    third = interchange(order("6"), control=3).replace(b"~", b"~\n")
    seen, done = both(trade, BOM + first + b"\r\n" + second + b"noise" + third + b"\x1a")
    assert sorted({one.code for one in seen.findings}) == ["envelope.padding", "envelope.trailing"]
    assert [one.verdict for one in seen.sets] == ["A"] * 6
    assert done.cases == ()
    assert booked(trade) == ["1", "2", "3", "4", "5", "6"]
    assert len(trade.documents("997")) == 4  # one for each group
    trade.sound()


@pytest.mark.fault("D10")
def test_what_is_bad_in_one_interchange_stays_there(trade: Desk) -> None:
    broken = interchange(order("1"), control=1).replace(b"IEA*1*", b"IEA*7*")
    sound = by(interchange(order("2"), control=2), "^", "\x1c")
    stranger = interchange(order("3"), control=3, sender="ZZ/NOBODY")
    half = interchange(order("4"), control=4)[:-40]
    _, done = both(trade, broken + b"\n" + sound + stranger + half)
    assert booked(trade) == ["2"]
    assert sorted(case.kind for case in done.cases) == [
        "envelope.count",
        "envelope.truncated",
        "envelope.unknown-partner",
    ]
    assert len(trade.documents("997")) == 1
    trade.sound()


def test_a_wrong_terminator_in_one_place_is_no_dirt(trade: Desk) -> None:
    """A line end where the terminator should be is a fault of that segment, and stays one."""
    seen, done = both(trade, PLAIN.replace(b"~DTM", b"\nDTM"))
    assert [one.verdict for one in seen.sets] == ["R"]
    assert booked(trade) == []
    assert {case.kind for case in done.cases} >= {"envelope.count"}


@pytest.mark.parametrize("how", [Dirt(), Dirt("|", ":", "\n"), Dirt("^", "&", "\\", "\r\n", "  ", BOM, b"\x1a")])
def test_places_are_bytes_of_the_file_whatever_its_delimiters(trade: Desk, how: Dirt) -> None:
    data = how.write().replace(b"12.4" + how.element.encode(), b"19.4" + how.element.encode())
    seen, done = both(trade, data)
    (price,) = [one for one in seen.findings if one.code == "order.price.over-tolerance"]
    assert price.where.byte is not None
    assert data[price.where.byte :].startswith(b"19.4" + how.element.encode())
    assert "order.price" in {case.kind for case in done.cases}


@pytest.mark.fault("D10", "D11")
@pytest.mark.parametrize("first", [True, False], ids=["ours first", "a stranger first"])
def test_beside_one_of_ours_a_stranger_is_shown_no_answer_as_it_gets_none(trade: Desk, first: bool) -> None:
    ours, theirs = interchange(order("1"), control=1), interchange(order("2"), control=2, sender="ZZ/NOBODY")
    seen, _ = both(trade, ours + theirs if first else theirs + ours)
    (sent,) = trade.bodies("997")
    assert [one.rstrip("~\n").split("*") for one in seen.acknowledgments] == [
        segment for segment in sent if segment[0].startswith("AK")
    ]
    assert seen.silence == ("nobody is answered whom no partner file claims (interchange 000000002)",)
    alone = validate(trade.shop.place.settings, theirs, "a.edi")
    assert [one[:3] for one in alone.acknowledgments] == ["AK1", "AK2", "AK5", "AK9"]  # what one of ours would get
