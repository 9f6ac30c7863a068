from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_engine.resources import shipped
from edi_engine.x12.compile_set import compile_set
from edi_engine.x12.dictionary import Dictionary, DictionaryError
from edi_engine.x12.grammar import UNBOUNDED, Condition, LoopUse, Pair, SegmentUse

ROOT = shipped("mappings") / "x12"


def read(name):
    path = ROOT / name
    return path.read_text("utf-8") if path.is_file() else None


DICTIONARY = Dictionary(read)
ALL_SETS = [(version, set_id) for version in DICTIONARY.versions() for set_id in DICTIONARY.sets(version)]


def walk(children, loops=()):
    for child in children:
        yield loops, child
        if isinstance(child, LoopUse):
            yield from walk(child.children, (*loops, child.id))


def whole(set_def):
    return [item for _, area in set_def.areas() for item in walk(area)]


def test_versions_and_sets():
    assert len(DICTIONARY.versions()) == 13
    assert set(DICTIONARY.sets("004010")) >= {"850", "855", "856", "810", "860", "865", "997"}
    assert set(DICTIONARY.sets("005010")) - set(DICTIONARY.sets("004010")) == {"753", "754", "999"}


@pytest.mark.parametrize(
    ("gs08", "version"), [("004010", "004010"), ("004010VICS", "004010"), ("005010X231A1", "005010"), ("007010", None)]
)
def test_gs08_picks_the_version(gs08, version):
    assert DICTIONARY.resolve(gs08) == version


def test_what_is_not_held_is_none():
    assert DICTIONARY.set("004010", "999") is None
    assert DICTIONARY.set("007010", "850") is None
    assert DICTIONARY.segment("004010", "CLM") is None
    assert DICTIONARY.element("004010", "9999999") is None
    assert DICTIONARY.segment("007010", "BEG") is None
    assert DICTIONARY.element("007010", "355") is None


def test_segments_of_other_sets_are_known():
    assert DICTIONARY.known("004010", "W05")
    assert DICTIONARY.known("004010", "BEG")
    assert not DICTIONARY.known("004010", "ZZZ")
    assert not DICTIONARY.known("007010", "BEG")


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_every_set_loads_and_each_loop_begins_with_its_own_segment(version, set_id):
    set_def = DICTIONARY.set(version, set_id)
    assert (set_def.id, set_def.version) == (set_id, version)
    assert set_def.name != set_id
    items = [item for _, item in whole(set_def)]
    assert items[0].id == "ST"
    assert items[-1].id == "SE"
    for item in items:
        assert item.maximum >= 1
        if isinstance(item, LoopUse):
            head = item.children[0]
            assert isinstance(head, SegmentUse)
            assert (head.id, head.required, head.maximum) == (item.id, True, 1)
            assert item.head is head.segment


@pytest.mark.parametrize(("version", "set_id"), ALL_SETS)
def test_segments_make_sense(version, set_id):
    for _, item in whole(DICTIONARY.set(version, set_id)):
        if isinstance(item, LoopUse):
            continue
        segment = item.segment
        assert segment is DICTIONARY.segment(version, segment.id)
        assert segment.name != segment.id
        for condition in segment.conditions:
            assert condition.kind in "PRECL"
            assert len(condition.positions) >= 2
            assert max(condition.positions) <= len(segment.elements)
        for pair in segment.pairs:
            assert segment.elements[pair.qualifier - 1].element.kind in {"ID", "AN"}
            assert pair.value <= len(segment.elements)


@pytest.mark.parametrize("version", DICTIONARY.versions())
def test_elements_make_sense(version):
    lines = [line.split() for line in read(f"{version}/elements.txt").splitlines() if not line.startswith("#")]
    for words in lines:
        element = DICTIONARY.element(version, words[0])
        assert element.name != element.id
        assert element.kind in {"AN", "ID", "DT", "TM", "R", "C", "N0", "N2", "N4", "N6"}
        assert 1 <= element.minimum <= element.maximum
        assert (element.kind == "C") == bool(element.parts)
        if element.codes is not None:
            assert element.codes


def test_a_segment_with_all_its_marks():
    n1 = DICTIONARY.segment("004010", "N1")
    assert [use.element.id for use in n1.elements] == ["98", "93", "66", "67", "706", "98"]
    assert [use.required for use in n1.elements] == [True, False, False, False, False, False]
    assert [use.conditional for use in n1.elements] == [False, True, True, True, False, False]
    assert n1.conditions == (Condition("R", (2, 3)), Condition("P", (3, 4)))
    assert n1.pairs == (Pair(1, 0),)


def test_pairs_are_those_of_the_mapping_language():
    def pairs(segment_id):
        return [(pair.qualifier, pair.value, pair.many) for pair in DICTIONARY.segment("004010", segment_id).pairs]

    assert pairs("REF") == [(1, 2, False)]
    assert pairs("SAC") == [(2, 5, False)]
    assert pairs("PO1") == [(at, at + 1, True) for at in range(6, 25, 2)]
    assert pairs("LIN") == [(at, at + 1, True) for at in range(2, 31, 2)]
    assert pairs("ACK") == [(4, 5, True)] + [(at, at + 1, True) for at in range(7, 26, 2)]
    assert pairs("SCH") == [(5, 6, True), (8, 9, True)]
    assert pairs("MAN") == [(1, 2, False), (4, 5, True)]
    assert pairs("PER") == [(1, 0, False), (3, 4, True), (5, 6, True), (7, 8, True)]
    assert pairs("HL") == [(3, 0, False)]


def test_inferred_conditions_are_marked():
    poc = DICTIONARY.segment("005010", "POC")
    assert Condition("P", (3, 5), inferred=True) in poc.conditions


def test_composites_and_repetition():
    measure = DICTIONARY.element("004010", "C001")
    assert measure.kind == "C"
    assert [use.element.id for use in measure.parts[:3]] == ["355", "1018", "649"]
    assert DICTIONARY.segment("005010", "CTX").elements[0].repeats


def test_maximum_without_limit():
    ref = next(item for _, item in whole(DICTIONARY.set("004010", "850")) if item.id == "REF")
    assert ref.maximum == UNBOUNDED


def test_words():
    assert DICTIONARY.label("355") == "unit of measure code"
    assert DICTIONARY.label("212") == "unit price"
    assert DICTIONARY.label("PO1") == "order line"
    assert DICTIONARY.label("810") == "inner packs"
    assert DICTIONARY.label("nonsense") == "nonsense"
    assert DICTIONARY.set("004010", "810").name == "invoice"
    assert DICTIONARY.meaning("355", "CA") == "case"
    assert DICTIONARY.meaning("723", "7") == "invalid code value"
    assert DICTIONARY.meaning("355", "??") is None


def test_dates_have_eight_digits_from_004010():
    date = DICTIONARY.element("004010", "373")
    assert (date.kind, date.minimum, date.maximum) == ("DT", 8, 8)


@pytest.mark.parametrize("text", ["850", "segments", "elements", "codes"])
def test_an_edition_changes_with_the_texts_that_a_set_is_made_of(text):
    def changed(name):
        return f"{read(name)}# another word\n" if name == f"004010/{text}.txt" else read(name)

    other = Dictionary(changed)
    assert other.edition("004010", "850") != DICTIONARY.edition("004010", "850")
    assert (other.edition("004010", "855") == DICTIONARY.edition("004010", "855")) == (text == "850")
    assert other.edition("005010", "850") == DICTIONARY.edition("005010", "850")


def test_an_edition_reads_the_four_texts_of_a_set_once():
    asked = []

    def watched(name):
        asked.append(name)
        return read(name)

    dictionary = Dictionary(watched)
    dictionary.set("004010", "850")
    dictionary.edition("004010", "850")
    told = sorted(name for name in asked if name.startswith("004010"))
    assert told == [f"004010/{name}.txt" for name in ("850", "codes", "elements", "segments")]


def with_text(name, old, new):
    """Give a dictionary one of whose texts an operator has changed."""
    assert old in read(name)
    return Dictionary(lambda asked: read(asked).replace(old, new, 1) if asked == name else read(asked))


def test_a_missing_text_is_named():
    with pytest.raises(DictionaryError, match=r"004010/segments\.txt is missing"):
        Dictionary(lambda name: read(name) if name == "versions.txt" else None).segment("004010", "BEG")


HOSTILE = [
    ("850.txt", "  BEG! 1", "  BEGG! 1", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "  B(E! 1", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "  QQQ! 1", "the segment QQQ is not in segments.txt"),
    ("850.txt", "  BEG! 1", "   BEG! 1", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "    BEG! 1", "a loop ends with a colon"),
    ("850.txt", "  BEG! 1", "  BEG! 0", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "  BEG! \u0661", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "  BEG! 9999999999", "no segment with its greatest number"),
    ("850.txt", "  BEG! 1", "".join(f"{'  ' * at}LX 1:\n" for at in range(1, 40)), "at most 12 deep"),
    ("850.txt", "850 PO", "850 PO\n  BEG! 1", "stands in no area"),
    ("850.txt", "850 PO", "855 PO", "the first line is 850"),
    ("850.txt", "heading\n  ST! 1", "heading", "begins with ST"),
    ("850.txt", "  SE! 1", "  SE! 1\n  BEG 1", "ends with SE"),
    ("850.txt", "summary\n", "summary\nsummary\n", "this area stands here again"),
    ("segments.txt", "BEG 353!", "BEG() 353!", "the segment BEG is not in segments.txt"),
    ("segments.txt", "BEG 353!", "BEG 353!\nBEG 353!", "BEG stands here again"),
    ("segments.txt", "BEG 353!", "BEG 353!) or x(", "no segment or composite"),
    ("segments.txt", "BEG 353!", "BEG  353!", "no segment or composite"),
    ("segments.txt", "BEG 353!", "BEG 353!!", "no segment or composite"),
    ("segments.txt", "BEG 353!", "BEG 99999!", "no segment or composite"),
    ("segments.txt", "BEG 353!", "BEG 8888!", "the element 8888 is not in elements.txt"),
    ("segments.txt", "R0203 P0304 01>", "R0203 P0309 01>", "P0309 names an element that is not there"),
    ("segments.txt", "R0203 P0304 01>", "R0203 P0303 01>", "no condition and no pair"),
    ("segments.txt", "R0203 P0304 01>", "R0203 P0003 01>", "no condition and no pair"),
    ("segments.txt", "R0203 P0304 01>", "R0203 Q0304 01>", "no condition and no pair"),
    ("segments.txt", "R0203 P0304 01>", "R0203 P0304 01>77", "01>77 names an element that is not there"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 ID 2 2 *\n353 ID 2 2 *", "353 stands here again"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 ID 3 2 *", "least length is above"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 ID 2 1e9 *", "no element"),
    ("elements.txt", "\n353 ID 2 2 *", f"\n353 ID 2 {'9' * 5000} *", "no element"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 N9x 2 2 *", "no element"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 C 353", "cannot hold the composite 353"),
    ("elements.txt", "\n353 ID 2 2 *", "\n353 C 19 | 01>02+", "no pairs|not there"),
    ("elements.txt", "\n373 DT 8 8", "\n373 DT 7 7", "a date has 6 or 8 digits"),
    ("codes.txt", "\n353\n", "\n353)\n", "no element id"),
    ("codes.txt", "\n353\n", "\n", "codes.txt has no list for 353|stands here again"),
    ("codes.txt", "\n353\n", "\n353\n  \x1b[2J\n", "plain printable characters"),
    ("codes.txt", "\n353\n", "\n353\n  \u202e\n", "plain printable characters"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), HOSTILE)
def test_a_text_that_is_not_written_right_is_refused_by_its_line(name, old, new, said):
    name = f"004010/{name}"
    whole = read(name).replace(old, new, 1)
    with pytest.raises(DictionaryError, match=said) as caught:
        with_text(name, old, new).set("004010", "850")
    where = caught.value.findings[0].where
    assert where.file.startswith("mappings/x12/004010/")
    if where.file.endswith(name):
        assert 1 <= where.line_no <= len(whole.splitlines())


@pytest.mark.parametrize("line", ["../../etc 850", "00401O 850", "004010 8500", "004010 850 ../x", "004010\t850"])
def test_versions_and_sets_never_name_another_file(line):
    asked = []

    def hostile(name):
        asked.append(name)
        return line if name == "versions.txt" else None

    with pytest.raises(DictionaryError, match="no version"):
        Dictionary(hostile).versions()
    assert asked == ["versions.txt"]


@settings(max_examples=150)
@given(st.sampled_from(["850", "segments", "elements", "codes"]), st.data())
def test_any_text_of_an_operator_compiles_or_is_refused(name, data):
    place = f"004010/{name}.txt"
    text = read(place)
    at = data.draw(st.integers(0, len(text)))
    new = text[:at] + data.draw(st.text(max_size=12)) + text[at + data.draw(st.integers(0, 12)) :]
    dictionary = Dictionary(lambda asked: new if asked == place else read(asked))
    try:
        set_def = dictionary.set("004010", "850")
    except DictionaryError:
        return
    compile_set(dictionary, set_def, {})


def test_nothing_is_read_before_it_is_asked_for():
    asked = []

    def watched(name):
        asked.append(name)
        return read(name)

    dictionary = Dictionary(watched)
    dictionary.set("004010", "997")
    assert "004010/850.txt" not in asked
    assert not any(name.startswith("005010") for name in asked)
    assert "labels/codes.txt" not in asked


def test_the_shipped_folder_holds_what_versions_says():
    for version, set_id in ALL_SETS:
        assert Path(ROOT, version, f"{set_id}.txt").is_file()
