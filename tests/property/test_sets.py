"""Sets that are found again are the sets that were found, and a few bytes know every control number that was used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.x12 import sets as room
from edi_engine.x12.reader import outline
from edi_engine.x12.sets import Rising
from edi_engine.x12.values import InterchangeOutline

pytestmark = pytest.mark.property

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"
GS = "GS*PO*A*B*20260314*0915*7*X*004010~"
PIECES = st.sampled_from(
    [
        *(
            "ST*850*0001~",
            "BEG*00~",
            "SE*3*0001~",
            "SE*2*0002~",
            "TA1*1~",
            "GE*1*7~",
            "IEA*1*000000042~",
            "~",
            " ",
            "\r\n",
        ),
        *(f"ST*850*{n:04d}~BEG*00~SE*3*{n:04d}~" for n in (1, 2, 3, 4)),
        *("ST*850*0005*004010UCS~SE*2*0005~", "ST*850*0006~\r\nSE*2*0006 ~", "ST*850*0007~SE*9*0007~", GS, ISA),
    ]
)


def whole(interchange: InterchangeOutline) -> InterchangeOutline:
    """Give the same outline with its sets as a tuple."""
    return replace(interchange, groups=tuple(replace(one, sets=tuple(one.sets)) for one in interchange.groups))


@pytest.fixture(params=[1, 2, room.STRIDE], autouse=True)
def stride(request, monkeypatch):
    monkeypatch.setattr(room, "STRIDE", request.param)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_sets_are_found_again(text: str) -> None:
    data = (ISA + GS + text).encode("ascii")
    kept, passed = outline(data), outline(data, keep=False)
    assert tuple(map(whole, passed.interchanges)) == kept.interchanges
    for one, other in zip(kept.interchanges, passed.interchanges, strict=True):
        for group, again in zip(one.groups, other.groups, strict=True):
            assert len(again.sets) == len(group.sets)
            assert [again.sets[at] for at in range(len(group.sets))] == list(group.sets)
            assert tuple(again.sets[1:3]) == tuple(group.sets[1:3])
            assert not group.sets or again.sets[-1] == group.sets[-1]


NUMBERS = st.sampled_from(
    ["0001", "0002", "0003", "1", "2", "9", "10", "0010", "A1", "", "0" * 12, "9" * 5_000, "\xb2"]
)


@given(st.lists(st.tuples(NUMBERS, st.booleans()), max_size=30))
def test_numbers_in_few_bytes(steps: list[tuple[str, bool]]) -> None:
    plain: dict[str, int] = {}
    rising = Rising()
    for segment, (number, back) in enumerate(steps):
        assert (number in rising) == (number in plain)
        if back and number in plain:
            assert rising[number] == plain[number]
            del rising[number], plain[number]
        else:
            assert rising.setdefault(number, segment) == plain.setdefault(number, segment)
        assert dict(rising) == plain
        assert len(rising) == len(plain)
