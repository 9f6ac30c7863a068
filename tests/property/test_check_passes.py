"""The quick passes of the check and the slow one say the same of every set, whatever its signs and its guide."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_engine.finding import Position, Severity
from edi_engine.x12.check import Judge, checker
from edi_engine.x12.check_room import Room, room_of
from edi_engine.x12.cut import cut
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

pytestmark = pytest.mark.property

CACHE = {}

GOOD = (
    *("ST*850*0001", "BEG*00*SA*4500*1*20261122", "REF*DP*038", "REF*IA*0042", "DTM*002*20261130"),
    *("N1*ST*ACME*92*0001", "N3*1 MAIN ST", "N4*TACOMA*WA*98402", "N1*BT*ACME*92*0002", "N3*2 MAIN ST"),
    *("PO1*1*12*EA*41.88**UP*012345678905", "PID*F****THING", "SCH*12*EA***002*20261130", "PID*F****LARGE"),
    *("PO1*2*5*CA*7", "PID*F****OTHER THING", "PID*F****SMALL", "SCH*5*CA***002*20261130", "CTT*2", "SE*20*0001"),
)
STRAYS = (
    *("ZZZ*1", "REF*DP", "SE*3*0001", "CTT*1", "N9*L1*X", "MSG*HI", "LS*A", "LE*B", "DTM*002", "", "ST*850*0001"),
    *("\xe9\xa0*1", "\x85REF*DP*1", "\xa0", "SLN*1", "AMT*1*2", "BEG*00*SA*1**20261122", "N4", "HL*1**S", "W05*N"),
)
VALUES = (
    *(
        "",
        "XX",
        " A",
        "A ",
        "   ",
        "\xe9",
        "\xa0",
        "\x85",
        "\xb2",
        "\x01",
        "9,5",
        "1.2",
        "-3",
        "A^B",
        "A>B",
        "2026",
        "20261232",
        "N1",
        "\t",
    ),
    *("X" * 90, "1" * 40, "CASE", "038~", "A*"),
)

NARROW = (
    GuideRule(parse("BEG07"), not_used=True),
    GuideRule(parse("REF(DP)"), required=True),
    GuideRule(parse("N1(ST)/N104"), minimum=5, maximum=5),
    GuideRule(parse("PO103"), codes=frozenset({"EA"})),
    GuideRule(parse("PO1/PID05"), maximum=8),
)
WIDE = (GuideRule(parse("PO1/PO103"), allow=frozenset({"code", "length"})),)
STRUCTURE = frozenset({"missing", "misplaced", "repeated", "unknown", "foreign"})
LOOSE = tuple(GuideRule(parse(one), allow=STRUCTURE) for one in ("ZZZ", "W05", "BEG", "CTT", "PO1/PID", "PO1", "REF"))
GUIDES = (None, Guide("850", NARROW), Guide("850", WIDE), Guide("850", NARROW + WIDE), Guide("850", LOOSE))
READS = (None, frozenset({"PO1/PO103"}))
CHECKERS = [checker(DICTIONARY, "004010", "850", guide, reads, CACHE) for guide in GUIDES for reads in READS]

SIGNS = st.builds(
    Delimiters,
    element=st.sampled_from("**|\x1d"),
    segment=st.sampled_from("~~\n\x1e"),
    repetition=st.sampled_from([None, "^"]),
    suffix=st.sampled_from(["", "", "\n", "\r\n"]),
)


@st.composite
def segments(draw):
    found = [segment.split("*") for segment in GOOD]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(found) - 1))
        match draw(st.sampled_from(["spoil", "spoil", "stray", "copy", "drop", "end"])):
            case "spoil":
                found[at][draw(st.integers(0, len(found[at]) - 1))] = draw(st.sampled_from(VALUES))
            case "stray":
                found.insert(at, draw(st.sampled_from(STRAYS)).split("*"))
            case "copy":
                found.insert(at, [*draw(st.sampled_from(found))])
            case "drop" if len(found) > 1:
                del found[at]
            case _:
                found[at].append("")
    return found


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=300)
@given(
    segments(),
    SIGNS,
    st.sampled_from(CHECKERS),
    st.sampled_from(["", "", "", "\r\n", " ", "\n", "again"]),
    st.integers(0, 20),
)
def test_all_passes_agree(found, signs, check, noise, somewhere):
    ending = signs.segment + signs.suffix
    pieces = [signs.element.join(elements) for elements in found]
    if noise:
        more = signs.segment if noise == "again" else noise
        pieces[somewhere % len(pieces)] += signs.segment + more
    text = ending.join(pieces) + signs.segment
    outline = SetOutline(1, "850", "0001", 100, 100 + len(text), 3, len(found))
    quick = check.check(text, outline, signs, Position(file="a.edi"))
    slow = Judge(check._compiled, check._rules, signs, outline, Position(file="a.edi")).judge(text)
    assert quick == slow
    refused = is_refused(slow)
    for room in (Room(0, 0), Room(1, 0), Room(2, 1)):
        little = Judge(check._compiled, check._rules, signs, outline, Position(), room).judge(text)
        assert is_refused(little) == refused
        stopping = [one for one in little if one.severity is Severity.REFUSE and one.code != "x12.set.more"]
        assert refused <= len(stopping) <= max(room.listed, 1)
    assert is_refused(check.check(text, outline, signs, Position(), 10**9)) == refused
    pieces = cut(text, signs)
    if pieces is not None and check._misfits.unread(pieces.segments, signs.element, outline, Position()) is not None:
        assert refused
    if pieces is not None:
        doubted, stop = check._compiled.passes(pieces, signs, None)
        if stop is None and check._misfits.wrong(doubted, signs, outline, Position()) is not None:
            assert refused


TINY = (
    "ZZ",
    "BEG*00*SA*1**20261122",
    "BEG",
    "PO1*1*1*EA*1",
    "PO1*x",
    "CTT*1",
    "",
    " BEG",
    "BEG\r",
    "LE*1",
    "LS*1",
    "PO1**1*?",
)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(TINY), max_size=4),
    SIGNS,
    st.sampled_from(CHECKERS),
    st.sampled_from(["", "\r\n", "\n", " "]),
    st.integers(0, 5),
)
def test_a_tiny_set_of_a_large_file_is_refused_where_it_would_be_alone(inside, signs, check, noise, somewhere):
    pieces = [one.replace("*", signs.element) for one in ("ST*850*1", *inside, "SE*2*1")]
    if noise:
        pieces[somewhere % len(pieces)] += signs.segment + noise
    text = (signs.segment + signs.suffix).join(pieces) + signs.segment
    outline = SetOutline(1, "850", "1", 100, 100 + len(text), 3, len(pieces))
    large = check.check(text, outline, signs, Position(), 10**9)
    assert is_refused(large) == is_refused(check.check(text, outline, signs, Position()))


def is_refused(findings):
    return any(one.severity is Severity.REFUSE for one in findings)


@pytest.mark.parametrize("size", [1, 25, 95, 96, 500, 24_000, 10**6])
@pytest.mark.parametrize("whole", [1, 25, 10**4, 10**6, 10**9])
def test_the_room_of_a_file_grows_with_its_size_and_is_shared(size, whole):
    room = room_of(size, whole)
    if size >= whole and size >= 25:
        assert room == Room(500, 10_000)
    assert room.listed * (whole // size) <= 10_000 + whole // 96
    assert room.counted * (whole // size) <= 10_000 + whole // 256
