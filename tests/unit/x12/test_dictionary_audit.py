"""The audit of the shipped dictionary: nothing is missing, orphaned, of two minds without a rule, or out of step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from edi_engine.finding import Severity
from edi_engine.resources import shipped
from edi_engine.x12.check_element import ElementCheck
from edi_engine.x12.grammar import Condition, ElementDef, LoopUse, SegmentDef
from edi_engine.x12.tree_states import Step, states
from edi_engine.x12.values import Delimiters
from tests.fixtures.standard import DICTIONARY

ROOT = shipped("mappings") / "x12"
VERSIONS = DICTIONARY.versions()
ALL_SETS = [(version, set_id) for version in VERSIONS for set_id in DICTIONARY.sets(version)]
ENVELOPE = {"ISA", "GS", "GE", "IEA", "TA1"}


def test_thirteen_versions_and_thirty_sets():
    assert " ".join(VERSIONS) == (
        "003040 003060 003070 004010 004020 004030 004050 004060 005010 005030 005040 006020 006030"
    )
    assert len({set_id for _, set_id in ALL_SETS}) == 30
    assert len(ALL_SETS) == 372


def test_each_text_is_told_of_and_each_told_of_is_there():
    texts = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()}
    wanted = {"versions.txt", *(f"labels/{kind}.txt" for kind in ("codes", "elements", "segments", "sets"))}
    for version in VERSIONS:
        wanted |= {f"{version}/{name}.txt" for name in (*DICTIONARY.sets(version), "segments", "elements", "codes")}
    assert texts == wanted


def segment_ids(version: str) -> set[str]:
    return {node.id for set_id in DICTIONARY.sets(version) for node in states(DICTIONARY.set(version, set_id)).nodes}


def uses(version: str) -> Iterator[tuple[str, ElementDef]]:
    """Give every element in its place, such as PO103, and every part of a composite."""
    for segment_id in DICTIONARY.segments(version):
        for at, use in enumerate(DICTIONARY.segment(version, segment_id).elements, 1):
            yield f"{segment_id}{at:02d}", use.element
            yield from (
                (f"{segment_id}{at:02d}-{part}", inner.element) for part, inner in enumerate(use.element.parts, 1)
            )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_def_is_used_and_every_use_has_its_def(version):
    assert set(DICTIONARY.segments(version)) == segment_ids(version) | ENVELOPE
    assert set(DICTIONARY.elements(version)) == {element.id for _, element in uses(version)}


def listed(version: str) -> dict[str, list[str]]:
    """Read codes.txt without the dictionary: it must come to the same."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / version / "codes.txt").read_text("utf-8").splitlines():
        if line[0] == " ":
            found[name] += line.split()
        elif line[0] != "#":
            name = line
            found[name] = []
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_list_belongs_to_an_element_and_names_each_code_once(version):
    elements = {element.id: element for _, element in uses(version)}
    closed = {name: element.codes for name, element in elements.items() if element.codes is not None}
    lists = listed(version)
    assert lists.keys() == closed.keys()
    for name, codes in lists.items():
        assert sorted(codes) == sorted(closed[name])
        assert elements[name].kind == "ID"


UNFIT = {("003040", "335", "1N")}
"""Codes that their own element is too long or too short for: no source says which of the two is wrong."""


@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_fits_its_element(version):
    elements = {element.id: element for _, element in uses(version)}
    unfit = {
        (version, element.id, code)
        for element in elements.values()
        for code in element.codes or ()
        if not element.minimum <= len(code) <= element.maximum
    }
    assert unfit == {each for each in UNFIT if each[0] == version}


BEHIND = "The other place lies behind a mandatory segment: in a set without a fault only the first can be meant."
NEAREST = "Both can be meant: the first in the nearest loop, or else the one that what follows fits without a fault."
TWO_MINDS = {
    ("753", "N1", "N1/N1", "N1/N1"): BEHIND,
    ("810", "CAD", "IT1/CAD", "CAD"): BEHIND,
    ("810", "SAC", "IT1/SAC/SAC", "SAC/SAC"): BEHIND,
    ("810", "SAC", "IT1/SLN/SAC", "SAC/SAC"): BEHIND,
    ("810", "TXI", "IT1/SAC/TXI", "TXI"): BEHIND,
    ("810", "TXI", "IT1/SAC/TXI/TXI", "TXI"): BEHIND,
    ("810", "TXI", "IT1/SLN/TXI", "TXI"): BEHIND,
    ("810", "TXI", "IT1/TXI", "TXI"): BEHIND,
    ("832", "CTP", "LIN/CTP/G39/CTP", "LIN/CTP/CTP"): NEAREST,  # from 005040: a price of the pack, or the next price
    ("832", "CTP", "LIN/CTP/PKL/CTP", "LIN/CTP/CTP"): NEAREST,
    ("832", "LM", "LIN/CTP/LS/LM/LM", "LIN/LM/LM"): BEHIND,
    ("832", "LS", "LIN/CTP/LS/LS", "LIN/CTP/LS/LS"): NEAREST,  # two bounded loops of different content
    ("832", "N1", "LIN/CTP/LS/N1/N1", "LIN/N1/N1"): BEHIND,
    (
        "832",
        "N1",
        "LIN/CTP/N1/N1",
        "LIN/CTP/N1/N1",
    ): NEAREST,  # from 005040: the second holds REF, PER, DTM, MTX as well
    ("846", "N1", "LIN/QTY/LS/REF/N1", "LIN/N1/N1"): BEHIND,
    ("846", "N1", "LIN/QTY/LS/REF/N1", "LIN/QTY/N1/N1"): BEHIND,
    ("850", "AMT", "PO1/AMT", "AMT"): BEHIND,
    ("850", "LM", "PO1/LS/LDT/LM/LM", "PO1/LM/LM"): BEHIND,
    ("855", "AMT", "PO1/AMT", "AMT"): BEHIND,
    ("860", "AMT", "POC/AMT", "AMT"): BEHIND,
    ("860", "LM", "POC/LS/LDT/LM/LM", "POC/LM/LM"): BEHIND,
    ("865", "AMT", "POC/AMT", "AMT"): BEHIND,
    ("940", "LX", "LX/W01/LS/LX/LX", "LX/LX"): BEHIND,
    ("945", "LX", "LX/W12/LS/LX/LX", "LX/LX"): BEHIND,
}
"""All places where a segment can lead two ways: set, segment, the place that wins, the one it hides; and which rule."""


Fork = tuple[tuple[str, str, str, str], bool]


@cache
def forks(version: str, set_id: str) -> frozenset[Fork]:
    """Give the forks of a set, each with whether the place that is hidden lies behind a mandatory segment."""
    found = _forks(version, set_id)
    return frozenset((fork, bool(set(other.skipped) - set(first.skipped))) for fork, first, other in found)


def _forks(version: str, set_id: str) -> Iterator[tuple[tuple[str, str, str, str], Step, Step]]:
    """Give each state and segment that lead to two places. A segment that stands once cannot stand there again."""
    built = states(DICTIONARY.set(version, set_id))
    for node in built.nodes:
        for segment_id in built.vocabulary:
            first, *others = [step for step in node.follow(segment_id) if not (step.again and step.limit == 1)] or [
                None
            ]
            for other in others:
                if other.node is not first.node:
                    yield (set_id, segment_id, first.node.place, other.node.place), first, other


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_each_segment_leads_to_one_place_or_by_a_named_rule(version, set_id):
    for fork, is_behind in forks(version, set_id):
        assert TWO_MINDS[fork] is (BEHIND if is_behind else NEAREST)


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_the_places_that_both_can_be_meant_are_rivals_and_no_others(version, set_id):
    built = states(DICTIONARY.set(version, set_id))
    steps = [(node.follow(segment_id)) for node in built.nodes for segment_id in built.vocabulary]
    rivals = {
        (set_id, first.node.id, first.node.place, rival.node.place)
        for first, *_ in filter(None, steps)
        for rival in first.rivals
        if not (first.again and first.limit == 1)
    }
    assert rivals == {fork for fork, is_behind in forks(version, set_id) if not is_behind}


def test_no_rule_is_named_for_nothing():
    assert {fork for version, set_id in ALL_SETS for fork, _ in forks(version, set_id)} == TWO_MINDS.keys()


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_the_first_segment_of_a_loop_is_mandatory_and_the_set_ends(version, set_id):
    set_def = DICTIONARY.set(version, set_id)
    assert set_def.heading
    built = states(set_def)
    assert [node.id for node in built.nodes if node.id in {"ST", "SE"}] == ["ST", "SE"]
    loops = [each for _, area in set_def.areas() for each in area if isinstance(each, LoopUse)]
    while loops:
        loop = loops.pop()
        inside = [child.id for child in loop.children[1:]]
        assert ("LE" in inside) == (loop.id == "LS")  # a bounded loop ends by its own LE
        loops += [child for child in loop.children if isinstance(child, LoopUse)]


def breaking(condition: Condition, size: int) -> list[str]:
    """Give elements that break one condition: as few as can be, but not none, which is a fault of its own."""
    others = tuple(at for at in range(1, size + 1) if at not in condition.positions)
    there = {"P": condition.positions[:1], "E": condition.positions[:2], "R": others[:1]}.get(
        condition.kind, condition.positions[:1]
    )
    return ["1" if at in there else "" for at in range(1, size + 1)]


def inferred() -> list[tuple[str, SegmentDef, Condition]]:
    segments = [
        (version, DICTIONARY.segment(version, name)) for version in VERSIONS for name in DICTIONARY.segments(version)
    ]
    return [(version, one, each) for version, one in segments for each in one.conditions if each.inferred]


def test_a_condition_that_is_inferred_is_a_warning_and_says_so():
    assert len(inferred()) > 100
    for version, segment, condition in inferred():
        elements = [segment.id, *breaking(condition, len(segment.elements))]
        faults = ElementCheck(DICTIONARY, version).faults(segment, elements, Delimiters())
        told = [each for each in faults if "a rule we infer" in each.message]
        assert told, (version, segment.id, condition)
        assert {(each.severity, each.ack, each.code) for each in told} == {
            (Severity.WARNING, None, "x12.element.condition")
        }


def related(segment: SegmentDef, one: int, other: int) -> bool:
    """Say whether a condition has two elements come together: both or none, or one where the other is."""
    for condition in segment.conditions:
        first, *rest = condition.positions
        together = {one, other} <= set(condition.positions)
        if together and (condition.kind == "P" or (condition.kind == "C" and first in {one, other} and rest)):
            return True
        if condition.kind in {"L", "R"} and together:
            return True
    return False


LOOSE = {
    **dict.fromkeys(["CTP 02>03", "NTE 01>02"], "the qualifier may say all by itself"),
    **dict.fromkeys(["ITA 03>07", "SAC 02>05"], "the amount may be a rate or percentage instead"),
    **dict.fromkeys(["MEA 02>03"], "the measurement may be a range or a code instead"),
    **dict.fromkeys(["PID 02>05", "PKG 02>05"], "the description may be a code instead"),
    **dict.fromkeys(
        ["MAN 04>05", "W01 10>11", "W04 10>11"], "a pair in every version but 003040, which has no condition"
    ),
    **dict.fromkeys(["TRT 04>05"], "both are plainly optional from 006020"),
}
"""The pairs that no condition of their segment has come together, and why they are pairs all the same."""


def pairs_without_a_condition() -> Iterator[str]:
    for version in VERSIONS:
        for name in DICTIONARY.segments(version):
            segment = DICTIONARY.segment(version, name)
            for pair in segment.pairs:
                bound = segment.elements[pair.qualifier - 1].required or related(segment, pair.qualifier, pair.value)
                if pair.value and not bound:
                    yield f"{name} {pair.qualifier:02d}>{pair.value:02d}"


def test_every_pair_agrees_with_a_condition_or_says_why_not():
    assert set(pairs_without_a_condition()) == LOOSE.keys()


NO_QUALIFIERS = {
    **dict.fromkeys(["184", "188", "355"], "a unit tells how the value is measured, not what it is"),
    **dict.fromkeys(["1250"], "the format of the period; what the period is for is told in front of it"),
    **dict.fromkeys(
        ["211", "412", "272", "368", "426", "625"], "a code of its own: the value is a figure or text for it"
    ),
    **dict.fromkeys(["559"], "whose list the code is from, not what it is"),
    **dict.fromkeys(["378", "648"], "how to reckon with the value, not what it is"),
    **dict.fromkeys(["1570"], "a way of encoding and its edition"),
}
"""Elements that come with a value and are no qualifiers of it, and why."""

LEFT_OUT = {
    **dict.fromkeys(["MEA 11>12", "N1 03>04", "TXI 04>05"], "the mapping language has it so"),
    **dict.fromkeys(["CSH 10>09", "EMS 08>07", "INC 06>05"], "the value stands in front, and nobody asks for it"),
    **dict.fromkeys(["FST 06>07"], "the time is of the day in FST04"),
}
"""Qualifiers with a value that are not stated as a pair, and why."""


def conditions_without_a_pair() -> Iterator[tuple[str, str]]:
    """Give each P of a code and a value that is not stated as a pair: the element of the code, and the place."""
    for version in VERSIONS:
        for name in DICTIONARY.segments(version):
            segment = DICTIONARY.segment(version, name)
            stated = {(pair.qualifier, pair.value) for pair in segment.pairs}
            for one, other in (
                each.positions for each in segment.conditions if each.kind == "P" and len(each.positions) == 2
            ):
                for at, value in ((one, other), (other, one)):
                    code, said = segment.elements[at - 1].element, segment.elements[value - 1].element
                    if code.codes is not None and said.kind != "ID" and (at, value) not in stated:
                        yield code.id, f"{name} {at:02d}>{value:02d}"


def test_every_condition_of_a_qualifier_and_a_value_is_a_pair_or_says_why_not():
    found = list(conditions_without_a_pair())
    assert {place for element, place in found if element not in NO_QUALIFIERS} == LEFT_OUT.keys()
    assert NO_QUALIFIERS.keys() == {element for element, _ in found if element in NO_QUALIFIERS}


@cache
def labels(kind: str) -> dict[str, str]:
    lines = (ROOT / "labels" / f"{kind}.txt").read_text("utf-8").splitlines()
    parts = [line.partition(" ") for line in lines if not line.startswith("#")]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name: words for name, _, words in parts}


def test_every_set_segment_and_element_has_a_label_and_no_label_is_left_over():
    assert labels("sets").keys() == {set_id for _, set_id in ALL_SETS}
    assert labels("segments").keys() == {name for version in VERSIONS for name in DICTIONARY.segments(version)}
    assert labels("elements").keys() == {name for version in VERSIONS for name in DICTIONARY.elements(version)}


SLUGS = {"info", "num", "nums", "qual", "qty", "desc", "chars", "app", "comp", "misc", "func", "ack", "amt", "pct"}


@pytest.mark.parametrize("kind", ["sets", "segments", "elements"])
def test_a_label_is_a_few_words_of_plain_english(kind):
    for name, words in labels(kind).items():
        assert 0 < len(words) <= 46, name
        assert words == words.strip()
        assert not set(words.split()) & SLUGS, words


def meanings() -> Iterator[tuple[str, str, str]]:
    for line in (ROOT / "labels" / "codes.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            element, _, rest = line.partition(" ")
            code, _, words = rest.partition(" ")
            yield element, code, words


def test_every_meaning_is_of_an_element_that_we_hold_and_a_code_that_some_version_has():
    closed: dict[str, set[str]] = {}
    for version in VERSIONS:
        for _, element in uses(version):
            if element.codes is not None:
                closed.setdefault(element.id, set()).update(element.codes)
    found = list(meanings())
    assert len({(element, code) for element, code, _ in found}) == len(found)
    assert {element for element, _, _ in found} <= labels("elements").keys()
    assert all(words for _, _, words in found)
    assert {(element, code) for element, code, _ in found if element in closed and code not in closed[element]} == set()
