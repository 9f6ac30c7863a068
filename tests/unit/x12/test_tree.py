"""The tree of loops, for sets right and wrong."""

import pytest

from edi_engine.x12.tree import parse
from edi_engine.x12.tree_states import states
from edi_engine.x12.values import Delimiters, Loop, SetOutline
from tests.fixtures.standard import DICTIONARY

ALL_SETS = [(version, set_id) for version in DICTIONARY.versions() for set_id in DICTIONARY.sets(version)]

GOOD = (
    "ST*850*0001~BEG*00*SA*1**20261122~REF*DP*038~N1*ST*ACME~N3*1 MAIN~N1*BT*ACME~"
    "PO1*1*1*EA~PID*F****A~PID*F****B~N1*ST*X~N4*TOWN~PO1*2*1*EA~CTT*2~AMT*TT*5~SE*15*0001~"
)


def tree(text, set_id="850", outline=None):
    return parse(text, Delimiters(), DICTIONARY.set("004010", set_id), outline)


def shape(loop):
    return [(child.id, shape(child)) if isinstance(child, Loop) else child.id for child in loop.children]


def test_loops_hang_in_loops():
    root = tree(GOOD)
    assert (root.id, root.use, root.area) == ("850", None, "")
    assert shape(root) == [
        "ST",
        "BEG",
        "REF",
        ("N1", ["N1", "N3"]),
        ("N1", ["N1"]),
        ("PO1", ["PO1", ("PID", ["PID"]), ("PID", ["PID"]), ("N1", ["N1", "N4"])]),
        ("PO1", ["PO1"]),
        ("CTT", ["CTT", "AMT"]),
        "SE",
    ]
    loops = [child for child in root.children if isinstance(child, Loop)]
    assert [loop.area for loop in loops] == ["heading", "heading", "detail", "detail", "summary"]
    assert loops[2].use.id == "PO1"
    assert loops[2].head.get(1) == "1"
    assert loops[0].use is not loops[2].children[3].use


def test_segments_know_where_they_stand():
    text = "\n".join(GOOD.split("~"))
    outline = SetOutline(1, "850", "0001", 700, 700 + len(text), 30, 15)
    root = parse(text, Delimiters(segment="\n"), DICTIONARY.set("004010", "850"), outline)
    for at, spoken in enumerate(root.segments()):
        assert (spoken.number, spoken.in_set) == (30 + at, 1 + at)
        assert text[spoken.byte - 700 :].startswith("*".join(spoken.elements))


def test_without_an_outline_it_counts_from_the_st():
    spoken = list(tree(GOOD).segments())[1]
    assert (spoken.number, spoken.in_set, spoken.byte) == (2, 2, len("ST*850*0001~"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ST~BEG~QQQ~N1~REF~QQQ~SE~", ["ST", "BEG", "QQQ", ("N1", ["N1", "REF", "QQQ"]), "SE"]),
        ("ST~BEG~N1~SCH~N3~PO1~SE~", ["ST", "BEG", ("N1", ["N1", ("SCH", ["SCH"]), "N3"]), ("PO1", ["PO1"]), "SE"]),
        ("ST~BEG~N1~N9~MSG~N3~SE~", ["ST", "BEG", ("N1", ["N1", ("N9", ["N9", "MSG"]), "N3"]), "SE"]),
        ("ST~N1~N9~MSG~N9~N3~SE~", ["ST", ("N1", ["N1", ("N9", ["N9", "MSG"]), ("N9", ["N9"]), "N3"]), "SE"]),
        ("ST~BEG~BEG~BEG~SE~", ["ST", "BEG", "BEG", "BEG", "SE"]),
        ("SE~ST~BEG~", ["SE", "ST", "BEG"]),
        ("PO1~PO1~ST~", [("PO1", ["PO1"]), ("PO1", ["PO1", "ST"])]),
        ("", []),
    ],
)  # fmt: skip
def test_strays_stay_where_they_stand(text, expected):
    assert shape(tree(text)) == expected


def test_many_strays_make_no_deep_tree():
    root = tree("ST~BEG~CTT~" + "N9~FA1~AMT~SCH~LM~" * 2000)

    def depth(loop):
        return 1 + max((depth(child) for child in loop.children if isinstance(child, Loop)), default=0)

    assert depth(root) < 8
    assert sum(1 for _ in root.segments()) == 3 + 5 * 2000


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_each_segment_of_each_set_has_one_state(version, set_id):
    built = states(DICTIONARY.set(version, set_id))
    assert states(DICTIONARY.set(version, set_id)) is built
    assert built.nodes[0].id == "ST"
    assert built.vocabulary.keys() == {node.id for node in built.nodes}
    assert len({(node.ring, node.at) for node in built.nodes}) == len(built.nodes)
