"""Names of places for people: which of its kind something is, also among tens of thousands."""

import pytest

from edi_engine.mapping.here import Here
from edi_engine.x12.values import Delimiters, Loop, Spoken


def line(number: int) -> Loop:
    return Loop("PO1", None, "detail", [Spoken(["PO1", str(number)], number)])


def test_what_stands_in_a_loop_is_counted_by_its_name():
    stray = Spoken(["PO1"], 9)
    first, second = Spoken(["REF"], 1), Spoken(["REF"], 2)
    here = Here(Loop("", None, "", [first, line(1), stray, second, line(2)]), Delimiters())
    loops = [item for item in here.items("PO1") if isinstance(item, Loop)]
    assert [here.within(one).path for one in loops] == ["PO1[1]", "PO1[3]"]
    assert [here.name_of(one) for one in (first, second, stray)] == ["REF", "REF[2]", "PO1"]
    assert here.within(loops[1]).name_of(loops[1].head) == "PO1[3]/PO1"


@pytest.mark.timeout(20)
def test_each_of_many_lines_is_named_in_good_time():
    """Counting up to each of them again would take minutes."""
    segments = [Spoken(["REF"], number) for number in range(30_000)]
    here = Here(Loop("", None, "", [line(number) for number in range(30_000)] + segments), Delimiters())
    loops = [item for item in here.items("PO1") if isinstance(item, Loop)]
    assert [here.within(one).path for one in loops][-1] == "PO1[30000]"
    assert [here.name_of(one) for one in segments][-1] == "REF[30000]"
