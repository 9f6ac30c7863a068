"""The segments of a set are cut at once; where each stands is worked out when somebody asks."""

import pytest

from edi_engine.x12.reader import outline
from edi_engine.x12.unpack import Segments, spoken
from edi_engine.x12.values import Delimiters

TEXTS = {
    "in one line": ("ST*850~BEG*00~SE*3~", Delimiters()),
    "in lines": ("ST*850~\r\nBEG*00~\r\nSE*3~", Delimiters(suffix="\r\n")),
    "with noise": ("ST*850~\n  BEG*00~~ SE*3~\n", Delimiters()),
    "with CR LF for LF": ("ST*850\r\nBEG*00\r\nSE*3\r\n", Delimiters(segment="\n")),
    "cut off": ("ST*850~BEG*00~SE*3", Delimiters()),
}


@pytest.mark.parametrize(("text", "signs"), TEXTS.values(), ids=TEXTS)
def test_each_stands_where_its_id_is(text, signs):
    segments = Segments(text, 1000, 7, signs)
    assert [one.elements for one in segments] == [["ST", "850"], ["BEG", "00"], ["SE", "3"]]
    assert [text[one.byte - 1000 :][: len(one.id)] for one in segments] == ["ST", "BEG", "SE"]
    assert [(one.number, one.in_set) for one in segments] == [(7, 1), (8, 2), (9, 3)]


@pytest.mark.parametrize(("text", "signs"), TEXTS.values(), ids=TEXTS)
def test_one_alone_is_as_it_is_among_all(text, signs):
    segments = Segments(text, 1000, 7, signs, 5)
    assert len(segments) == 3
    assert [segments[at] for at in range(3)] == list(segments)
    assert segments[-1] == segments[2]
    assert segments[1:] == list(segments)[1:]
    with pytest.raises(IndexError):
        segments[3]


@pytest.mark.parametrize(("text", "signs"), TEXTS.values(), ids=TEXTS)
def test_where_one_begins_is_told_without_cutting_it_out(text, signs):
    segments = Segments(text, 1000, 7, signs)
    assert [segments.start(at) for at in range(3)] == segments.starts == [one.byte for one in segments]


_ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*0900*U*00401*000000001*0*P*>~"
_ORDER = "ST*850*0001~BEG*00*SA*1**20260101~PO1*1~SE*4*0001~"


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize(
    ("order", "tidy"),
    [
        (_ORDER, True),
        (" " + _ORDER, True),  # what stands before the set is not in it
        (_ORDER.replace("~BEG", "~ BEG"), False),
        (_ORDER.replace("~BEG", "~~BEG"), False),
        (_ORDER.replace("~BEG", "~ ~BEG"), False),
        (_ORDER.replace("~PO1", "~\nPO1"), False),
        (_ORDER.replace("~SE", "~\tSE"), False),
        (_ORDER.replace("~SE", "~~SE"), False),
        (_ORDER.replace("~SE", "~\r\n~SE"), False),
    ],
)
def test_a_set_with_noise_between_its_segments_is_known(order, tidy, keep):
    data = (_ISA + "GS*PO*A*B*20260101*0900*1*X*004010~" + order + order.replace("0001", "0002") + "GE*2*1~").encode()
    data += b"IEA*1*000000001~"
    found = outline(data, keep=keep)
    (group,) = found.interchanges[0].groups
    assert [(one.tidy, one.segments, one.findings) for one in group.sets] == [(tidy, 4, ())] * 2
    for one in group.sets:
        segments = spoken(data, one, found.interchanges[0].delimiters)
        assert [each.id for each in segments] == ["ST", "BEG", "PO1", "SE"]
        assert all(data[each.byte :].startswith(each.id.encode()) for each in segments)


def test_lines_with_a_usual_end_are_not_tidy():
    data = (_ISA + "GS*PO*A*B*20260101*0900*1*X*004010~" + _ORDER + "GE*1*1~IEA*1*000000001~").replace("~", "~\r\n")
    found = outline(data.encode())
    assert [one.tidy for one in found.interchanges[0].groups[0].sets] == [False]
