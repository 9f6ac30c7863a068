"""Trees of levels and bounded loops: faults of what ties segments together, in sets small and huge."""

import pytest

from edi_engine.finding import Position, Severity
from edi_engine.x12.check import checker
from edi_engine.x12.grammar import LoopUse
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters, SetOutline
from tests.fixtures.standard import DICTIONARY

IN_EACH_ERA = pytest.mark.parametrize("version", ["003040", "005010", "006030"])


def judge(text, version, set_id):
    outline = SetOutline(1, set_id, "0001", 0, len(text), 1, text.count("~"))
    return checker(DICTIONARY, version, set_id, None, None, {}).check(text, outline, Delimiters(), Position())


def notice(levels, version):
    date = "261122" if version < "004010" else "20261122"
    return f"ST*856*0001~BSN*00*S1*{date}*1200*0001~{levels}CTT*1~SE*9*0001~"


def check(levels, version):
    found = judge(notice(levels, version), version, "856")
    return [
        (one.code.removeprefix("x12."), one.ack and one.ack.code, one.where.in_set, one.where.element) for one in found
    ]


@pytest.mark.fault("E7")
@IN_EACH_ERA
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("HL*1**S*1~HL*2*1*O*1~HL*3*2*I*0~", []),
        ("HL*1**S~HL*2*1*O~HL*3*2*I~HL*4*1*O~", []),
        ("HL*1*1*S~", [("level.parent", "7", 3, 2)]),
        ("HL*1*2*S~HL*2*1*O~", [("level.parent", "7", 3, 2)]),  # each other's parent
        ("HL*1**S~HL*2*9*O~HL*3*2*I~", [("level.parent", "7", 4, 2)]),
        ("HL*1**S~HL*1*1*O~", [("level.repeated", "7", 4, 1)]),
        ("HL*1**S~HL*2*1*O~HL*2*1*O~", [("level.repeated", "7", 5, 1)]),
        ("HL*1**S*0~HL*2*1*O*0~HL*3*1*O*0~", [("level.children", None, 4, 2)]),
        ("HL*1**S*1~HL*2*1*O*1~", [("level.children", None, 4, 4)]),
        ("HL*1**S*1~HL*2**O*0~", [("level.children", None, 3, 4)]),
    ],
)
def test_levels(version, levels, expected):
    assert check(levels, version) == expected


@IN_EACH_ERA
def test_a_wrong_word_about_children_refuses_nothing(version):
    found = judge(notice("HL*1**S*0~HL*2*1*O*1~", version), version, "856")
    assert [finding.severity for finding in found] == [Severity.WARNING] * 2


CHAIN = "HL*1**S~" + "".join(f"HL*{at}*{at - 1}*I~" for at in range(2, 100_001))


@pytest.mark.fault("E7", "E6")
@IN_EACH_ERA
def test_a_hundred_thousand_levels_each_below_the_one_before(version):
    assert judge(notice(CHAIN, version), version, "856") == ()


@pytest.mark.fault("E7")
def test_a_fault_behind_a_hundred_thousand_levels():
    assert check(CHAIN + "HL*100001*X*I~", "005010") == [("level.parent", "7", 100_003, 2)]
    tree = parse(notice(CHAIN, "005010"), Delimiters(), DICTIONARY.set("005010", "856"))
    assert sum(1 for _ in tree.segments()) == 100_004


@pytest.mark.fault("E6")
@IN_EACH_ERA
def test_a_hundred_thousand_segments_of_a_loop(version):
    date = "261122" if version < "004010" else "20261122"
    lines = "PO1*1*1*EA~" * 100_000
    found = judge(f"ST*850*0001~BEG*00*SA*1**{date}~{lines}CTT*1~SE*9*0001~", version, "850")
    assert found == ()


def bounded(children, loops=()):
    """Give each loop of a set that LS opens, with the loops around it."""
    for child in children:
        if isinstance(child, LoopUse):
            if child.id == "LS":
                yield loops, child
            yield from bounded(child.children, (*loops, child))


BOUNDED = [
    (version, set_id, at)
    for version in DICTIONARY.versions()
    for set_id in DICTIONARY.sets(version)
    for at, _ in enumerate(found for _, area in DICTIONARY.set(version, set_id).areas() for found in bounded(area))
]


def shortest(children):
    """Write the mandatory segments of a loop or area with no more than their ids."""
    for child in children:
        if child.required:
            yield from shortest(child.children) if isinstance(child, LoopUse) else (child.id,)


@pytest.mark.fault("E7")
@pytest.mark.parametrize(("version", "set_id", "at"), BOUNDED)
def test_every_bounded_loop_of_every_set_opens_and_ends_by_its_name(version, set_id, at):
    set_def = DICTIONARY.set(version, set_id)
    around, loop = [found for _, area in set_def.areas() for found in bounded(area)][at]
    inner = next(child for child in loop.children if isinstance(child, LoopUse))

    def structure(closing):
        ids = []
        placed = False
        for _, area in set_def.areas():
            for child in area:
                if around and child is around[0]:
                    for each in around:
                        ids += [each.id]
                        for other in each.children[1:]:
                            if other is loop or other in around:
                                break
                            ids += list(shortest([other]))
                    ids += ["LS*X", *shortest(inner.children), *closing]
                    for each in reversed(around):
                        passed = False
                        for other in each.children[1:]:
                            if passed:
                                ids += list(shortest([other]))
                            passed = passed or other is loop or other in around
                    placed = True
                elif child.required:
                    ids += list(shortest([child]))
        assert placed
        text = "".join(f"{name}~" for name in ids)
        return [
            (finding.code.removeprefix("x12."), finding.where.segment_id)
            for finding in judge(text, version, set_id)
            if not finding.code.startswith("x12.element") and finding.code != "x12.segment.empty"
        ]

    assert structure(["LE*X"]) == []
    assert structure(["LE*Y"]) == [("loop.bounds", "LE")]
    assert structure([]) == [("segment.missing", "LE")]
