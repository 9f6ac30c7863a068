"""The segments of a set are cut at once; where each stands is worked out when somebody asks."""

import pytest

from edi_engine.x12.unpack import Segments
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
