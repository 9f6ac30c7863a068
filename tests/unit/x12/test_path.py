import pytest

from edi_engine.x12.path import Path, PathError, Step, parse, split_label


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("BEG03", (Step("BEG", element=3),)),
        ("N104", (Step("N1", element=4),)),
        ("N10", (Step("N10"),)),
        ("DTM(002)", (Step("DTM", "002"),)),
        ("REF(DP)03", (Step("REF", "DP", element=3),)),
        ("REF(ZZ)[2]", (Step("REF", "ZZ", 2),)),
        ("REF(ZZ)[2]03", (Step("REF", "ZZ", 2, 3),)),
        ("PO1[2]", (Step("PO1", number=2),)),
        ("N1(ST)/REF(2I)", (Step("N1", "ST"), Step("REF", "2I"))),
        ("CTT/AMT(TT)", (Step("CTT"), Step("AMT", "TT"))),
        ("SLN05-1", (Step("SLN", element=5, component=1),)),
        ("PO1(VN)", (Step("PO1", "VN"),)),
        ("DMG05[2]", (Step("DMG", element=5, repetition=2),)),
        ("DMG05[2]-1", (Step("DMG", element=5, repetition=2, component=1),)),
        ("PO1[2]/PO103", (Step("PO1", number=2), Step("PO1", element=3))),
    ],
)
def test_a_place_is_read_and_written_back(text, steps):
    path = parse(text)
    assert path == Path(steps, False, text)
    assert "/".join(str(step) for step in path.steps) == text


def test_a_slash_in_front_starts_at_the_top():
    assert parse("/REF(MR)") == Path((Step("REF", "MR"),), True, "/REF(MR)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("/", "empty"),
        ("BEG03/", "slash"),
        ("PO1//REF", "slash"),
        ("beg03", "BEG03"),
        ("REF dc", "blank"),
        ("REF(DP", "round bracket"),
        ("PO1[2", "square bracket"),
        ("BEG00", "count from 1"),
        ("PO1[0]", "count from 1"),
        ("BEG03/REF", "only the last step"),
        ("BEG3", "no place"),
        ("BEG03x", "no place"),
        ("SEGMENT", "no place"),
        ("1N1", "no place"),
        ("BEG\u0660\u0663", "no place"),
        ("REF()", "no place"),
    ],
)
def test_what_is_no_place_is_refused_in_plain_words(text, said):
    with pytest.raises(PathError, match=said):
        parse(text)


def test_a_label_is_cut_off():
    assert split_label("REF dc") == ("REF", "dc")
    assert split_label("REF(DP)") == ("REF(DP)", None)
