"""What holds for every set: the check never fails, the fast pass never hides a fault, one mutation is one finding."""

import string
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from edi_engine.finding import Position
from edi_engine.x12.check import Judge, checker
from edi_engine.x12.check_element import ElementCheck
from edi_engine.x12.check_period import PICTURES
from edi_engine.x12.compile import compile_segments
from edi_engine.x12.grammar import LoopUse
from edi_engine.x12.tree import parse
from edi_engine.x12.tree_states import states
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

pytestmark = pytest.mark.property

ALL_SETS = [(version, set_id) for version in DICTIONARY.versions() for set_id in DICTIONARY.sets(version)]
CACHE = {}
DELIMITERS = Delimiters(repetition="^")
PATIENT = settings(suppress_health_check=list(HealthCheck), deadline=None)
"""Drawing a whole set takes hypothesis a while; the check itself does not."""

GOOD = (
    "ST*850*0001~BEG*00*SA*4500*1*20261122~REF*DP*038~DTM*002*20261130~N1*ST*ACME*92*0001~N3*1 MAIN ST~"
    "PO1*1*12*EA*41.88**UP*012345678905~PID*F****THING~SCH*12*EA***002*20261130~CTT*1~SE*11*0001~"
)


def outline_of(text, set_id):
    return SetOutline(1, set_id, "0001", 0, len(text), 1, text.count("~"))


def check(text, version="004010", set_id="850"):
    judge = checker(DICTIONARY, version, set_id, None, None, CACHE)
    return judge.check(text, outline_of(text, set_id), DELIMITERS, Position())


def slowly(text, version, set_id):
    judge = checker(DICTIONARY, version, set_id, None, None, CACHE)
    outline = outline_of(text, set_id)
    return Judge(judge._compiled, judge._rules, DELIMITERS, outline, Position()).judge(text)


def codes(findings):
    return [finding.code.removeprefix("x12.") for finding in findings]


# Values, segments and sets that are right

LETTERS = string.ascii_uppercase + string.digits + ".-/"


@cache
def fitting(element):
    return tuple(sorted(code for code in element.codes if element.minimum <= len(code) <= element.maximum))[:40]


@st.composite
def values(draw, use, delimiters=DELIMITERS):
    element = use.element
    least, most = element.minimum, min(element.maximum, element.minimum + 12)
    if element.kind == "C":
        parts = draw(filled(element.parts, element.conditions))
        return delimiters.component.join(parts).rstrip(delimiters.component)
    if element.codes is not None:
        return draw(st.sampled_from(fitting(element)))
    if element.kind == "DT":
        return draw(st.sampled_from(["20261122", "20280229", "19991231"]))[-element.maximum :]
    if element.kind == "TM":
        return draw(st.sampled_from(["0000", "2359", "123456", "12345678"]))
    if element.kind[0] == "N" or element.kind == "R":
        digits = draw(st.text("0123456789", min_size=least, max_size=most))
        point = draw(st.sampled_from(["", "."])) if element.kind == "R" else ""
        sign = draw(st.sampled_from(["", "-"]))
        return f"{sign}{digits[:1]}{point}{digits[1:]}"
    return draw(st.text(LETTERS, min_size=least, max_size=most))


def settled(present, uses, conditions):
    """Repair a choice of positions until all conditions hold; None where that does not come to an end."""
    for _ in range(20):
        steady = True
        for condition in conditions:
            before = set(present)
            there = [at for at in condition.positions if at in present]
            first, *others = condition.positions
            if condition.kind == "P" and there:
                present |= set(condition.positions)
            elif condition.kind == "R" and not there:
                present.add(first)
            elif condition.kind == "C" and first in present:
                present |= set(others)
            elif condition.kind == "L" and there == [first]:
                present.add(others[0])
            elif condition.kind == "E" and len(there) > 1:
                present -= set(there[1:])
            steady = steady and present == before
        if steady:
            return present
    return None


@st.composite
def filled(draw, uses, conditions):
    wished = draw(st.sets(st.integers(1, max(1, len(uses))), max_size=4))
    present = {at for at, use in enumerate(uses, 1) if use.required or at in wished}
    present = settled(present, uses, conditions)
    assume(present is not None)
    if not present:
        present = settled({1}, uses, conditions)
    elements = [draw(values(use)) if at in present else "" for at, use in enumerate(uses, 1)]
    for at, use in enumerate(uses):
        if use.element.id == "1251" and elements[at]:
            elements[at] = period(elements[at - 1]) or elements[at]
    while elements and not elements[-1]:
        elements.pop()
    return elements


def period(code):
    """Write a period in a format, None where the format is open."""
    return PICTURES.get(code, "").translate(str.maketrans("CYMDHS", "211111")) or None


@st.composite
def segments(draw, segment):
    return [segment.id, *draw(filled(segment.elements, segment.conditions))]


@st.composite
def bodies(draw, children):
    out = []
    extra = draw(st.sets(st.integers(0, max(0, len(children) - 1)), max_size=4))
    for at, child in enumerate(children):
        often = 1 if child.required else 0
        if at in extra:
            often = min(child.maximum, often + draw(st.integers(1, 2)))
        for _ in range(often):
            if isinstance(child, LoopUse):
                out += draw(bodies(child.children))
            else:
                out.append(draw(segments(child.segment)))
    return out


@st.composite
def sets(draw, version, set_id):
    out = []
    for _, children in DICTIONARY.set(version, set_id).areas():
        out += draw(bodies(children))
    return bounded(out)


def bounded(out):
    """Number the levels of a set, and close its bounded loops by their names."""
    levels, opened = 0, ""
    most = sum(elements[0] == "HL" for elements in out)
    for elements in out:
        if elements[0] == "HL":
            levels += 1
            elements[1], elements[2] = str(levels), str(levels // 2) if levels > 1 else ""
            if len(elements) > 4:
                elements[4] = str(int(2 * levels <= most))
        elif elements[0] == "LS":
            opened = elements[1]
        elif elements[0] == "LE":
            elements[1] = opened
    return out


def written(out):
    return "".join("*".join(elements) + "~" for elements in out)


# Properties


@PATIENT
@given(st.sampled_from(ALL_SETS), st.data())
def test_a_right_set_has_no_findings(kind, data):
    out = data.draw(sets(*kind))
    text = written(out)
    assert codes(check(text, *kind)) == []
    assert codes(slowly(text, *kind)) == []
    tree = parse(text, DELIMITERS, DICTIONARY.set(*kind))
    assert [spoken.elements for spoken in tree.segments()] == out


TWO_WAYS = [(version, "832") for version in DICTIONARY.versions() if version >= "005010"]
"""Where N1, CTP or LS can be meant in two ways."""
PRICED = ["N1", "N2", "N4", "REF", "LS", "LE", "LM", "LQ", "CTP", "G39", "DTM", "CUR", "LIN", "ZZZ"]


@PATIENT
@given(st.sampled_from(TWO_WAYS), st.data())
def test_prices_in_which_segments_can_be_meant_two_ways_have_no_findings(kind, data):
    line = next(child for child in DICTIONARY.set(*kind).detail if child.id == "LIN")
    price = next(child for child in line.children if child.id == "CTP")
    out = [["ST", "832", "0001"], ["BCT", "PC"], ["LIN", "", "UP", "012345678905"]]
    for _ in range(data.draw(st.integers(1, 2))):
        out += data.draw(bodies(price.children))
    out = bounded([*out, ["SE", "5", "0001"]])
    text = written(out)
    assert codes(check(text, *kind)) == []
    assert codes(slowly(text, *kind)) == []
    tree = parse(text, DELIMITERS, DICTIONARY.set(*kind))
    assert [spoken.elements for spoken in tree.segments()] == out


@PATIENT
@given(st.sampled_from(TWO_WAYS), st.lists(st.sampled_from(PRICED)))
def test_forks_in_any_order_give_the_same_both_ways_and_lose_no_segment(kind, names):
    text = "ST*832*0001~BCT*PC~LIN~CTP~" + "".join(f"{name}*1~" for name in names) + "SE*5*0001~"
    assert check(text, *kind) == slowly(text, *kind)
    tree = parse(text, DELIMITERS, DICTIONARY.set(*kind))
    assert "".join("*".join(spoken.elements) + "~" for spoken in tree.segments()) == text


@pytest.mark.fault("E14")
@PATIENT
@given(st.text("*~>^ \n\x00AB1." + string.ascii_uppercase, max_size=200))
def test_any_text_gives_findings_and_never_an_exception(text):
    for finding in check(text):
        assert finding.message
        assert 0 <= finding.where.byte <= len(text)


@PATIENT
@given(data=st.data())
def test_a_damaged_set_gives_findings_and_never_an_exception(data):
    text = list(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 30))] = data.draw(st.text("*~>^ AZ0.-\r\n\xe9", max_size=4))
    damaged = "".join(text)
    assert check(damaged) == slowly(damaged, "004010", "850")
    tree = parse(damaged, DELIMITERS, DICTIONARY.set("004010", "850"))
    found = [spoken.elements for spoken in tree.segments()]
    assert found == [piece.lstrip("\r\n ").split("*") for piece in damaged.split("~") if piece.strip("\r\n ")]


@PATIENT
@given(data=st.data())
def test_segments_in_any_order_find_a_place(data):
    pieces = GOOD.removesuffix("~").split("~")
    moved = "".join(piece + "~" for piece in data.draw(st.permutations(pieces)))
    assert check(moved) == slowly(moved, "004010", "850")
    assert bool(check(moved)) == (moved != GOOD)


@st.composite
def anything(draw, use):
    return draw(
        st.one_of(values(use), st.just(""), st.text(LETTERS + ">", max_size=6), st.text("0123456789.-", max_size=20))
    )


@settings(PATIENT, max_examples=300)
@given(data=st.data())
def test_a_compiled_function_never_calls_a_bad_segment_good(data):
    version, set_id = data.draw(st.sampled_from(ALL_SETS))
    nodes = states(DICTIONARY.set(version, set_id)).nodes
    functions = compile_segments([node.segment for node in nodes], DICTIONARY.edition(version, set_id), set_id, CACHE)
    segment = data.draw(st.sampled_from(nodes)).segment
    elements = [segment.id, *(data.draw(anything(use)) for use in segment.elements)]
    del elements[data.draw(st.integers(1, len(elements))) :]
    faults = ElementCheck(DICTIONARY, version).faults(segment, elements, DELIMITERS)
    plain = all(">" not in value for value in elements)
    if faults:
        assert functions[segment.id](elements)
    elif plain:
        assert not functions[segment.id](elements) or any(use.element.kind == "C" for use in segment.elements)


def spoil(use):
    """Give a wrong value for an element and the finding that it must give."""
    element = use.element
    if element.kind == "C":
        return None
    if element.codes is not None:
        return "!" * element.minimum, "element.code"
    if element.kind == "DT":
        return "20261301", "element.date"
    if element.kind == "TM":
        return "2460", "element.time"
    if element.kind[0] == "N" or element.kind == "R":
        return "1E3", "element.character"
    return "A" * (element.maximum + 1), "element.length"


@pytest.mark.fault("E2")
@PATIENT
@given(st.sampled_from(ALL_SETS), st.data())
def test_one_wrong_value_is_exactly_one_finding(kind, data):
    out = data.draw(sets(*kind))
    segment_at = data.draw(st.integers(0, len(out) - 1))
    elements = out[segment_at]
    assume(elements[0] not in {"HL", "LS", "LE"})
    segment = DICTIONARY.segment(kind[0], elements[0])
    there = [at for at in range(1, len(elements)) if elements[at] and segment.elements[at - 1].element.kind != "C"]
    assume(there)
    at = data.draw(st.sampled_from(there))
    elements[at], expected = spoil(segment.elements[at - 1])
    (finding,) = check(written(out), *kind)
    assert finding.code == f"x12.{expected}"
    assert (finding.where.in_set, finding.where.element) == (segment_at + 1, at)
    assert finding.where.byte == len(written(out[:segment_at])) + sum(len(text) + 1 for text in elements[:at])


@pytest.mark.fault("E1")
@PATIENT
@given(st.sampled_from(ALL_SETS), st.data())
def test_an_inserted_segment_is_exactly_one_finding(kind, data):
    out = data.draw(sets(*kind))
    at = data.draw(st.integers(1, len(out) - 1))
    other = "W05" if kind[1] != "940" else "BEG"
    name, expected = data.draw(st.sampled_from([("QQQ", "segment.unknown"), (other, "segment.foreign")]))
    out.insert(at, [name, "1"])
    (finding,) = check(written(out), *kind)
    assert (finding.code, finding.where.in_set) == (f"x12.{expected}", at + 1)


@pytest.mark.fault("E1")
@PATIENT
@given(st.sampled_from(ALL_SETS), st.data())
def test_a_missing_second_segment_is_exactly_one_finding(kind, data):
    """The second segment of each of our sets is mandatory and stands in no loop."""
    out = data.draw(sets(*kind))
    gone = out.pop(1)[0]
    (finding,) = check(written(out), *kind)
    assert (finding.code, finding.where.segment_id, finding.where.in_set) == ("x12.segment.missing", gone, 2)
