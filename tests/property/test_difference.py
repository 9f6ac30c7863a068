"""Any two writings of one set are the same; what differs is told from both sides; one change is found at its place."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edi_engine.resources import shipped
from edi_engine.x12.difference import Difference, Side, differences, pairs
from edi_engine.x12.reader import outline, split
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters
from tests.fixtures.standard import DICTIONARY

pytestmark = pytest.mark.property

OLD = Delimiters()
MARKS = st.lists(st.sampled_from("*|^+~'!\\\n\r\x15\x1c\x1d\x1f"), min_size=3, max_size=3, unique=True).map(
    lambda marks: Delimiters(marks[0], marks[1], marks[2])
)
Body = list[list[str]]


@cache
def bodies() -> tuple[tuple[str, str, Body], ...]:
    """Every set of the shipped samples: its version, its id and its segments, ST and SE among them."""
    found = []
    for path in sorted(shipped("samples").rglob("*.edi")):
        data = path.read_bytes()
        for interchange in outline(data).interchanges:
            for group in interchange.groups:
                version = DICTIONARY.resolve(group.version)
                for one in group.sets:
                    text = data[one.start : one.end].decode("latin-1")
                    plain = not set(text) & set("^+~'!\\\x15\x1c|") - set(interchange.delimiters.segment)
                    if version is not None and interchange.delimiters == OLD and plain:
                        found.append((version, one.set_id, split(text, interchange.delimiters)))
    return tuple(found)


SETS = st.deferred(lambda: st.sampled_from(bodies()))


def side(version: str, set_id: str, body: Body, marks: Delimiters = OLD) -> Side:
    text = "".join(marks.element.join(segment) + marks.segment for segment in body)
    grammar = DICTIONARY.set(version, set_id)
    assert grammar is not None
    return Side(parse(text, marks, grammar), marks, lambda name: DICTIONARY.segment(version, name))


def respelt(text: str, position: int, segment: list[str], version: str) -> str:
    """Write a number in another way; anything else as it is."""
    known = DICTIONARY.segment(version, segment[0])
    if known is None or position > len(known.elements) or not text.replace(".", "", 1).isdigit():
        return text
    kind = known.elements[position - 1].element.kind
    return f"0{text}" if kind[0] == "N" else f"{text}0" if kind == "R" and "." in text else text


@given(SETS, MARKS, st.integers(0, 3))
def test_another_writing_of_a_set_is_no_difference(
    given_set: tuple[str, str, Body], marks: Delimiters, tail: int
) -> None:
    version, set_id, body = given_set
    other = [
        [segment[0], *(respelt(text, at, segment, version) for at, text in enumerate(segment[1:], 1)), *[""] * tail]
        for segment in body
    ]
    assert differences(side(version, set_id, body), side(version, set_id, other, marks)) == ()


@given(SETS, SETS)
def test_both_sides_tell_the_same(one: tuple[str, str, Body], two: tuple[str, str, Body]) -> None:
    assume(one[1] == two[1])
    there = differences(side(*one), side(*two))
    back = differences(side(*two), side(*one))

    def facts(found: tuple[Difference, ...], *, turned: bool) -> list[str]:
        both = [((d.before, d.before_at), (d.after, d.after_at), d.segments) for d in found]
        return sorted(repr((b, a, n) if turned else (a, b, n)) for a, b, n in both)

    assert facts(there, turned=False) == facts(back, turned=True)


@given(SETS, st.data())
def test_one_change_is_found_at_its_place(given_set: tuple[str, str, Body], data: st.DataObject) -> None:
    version, set_id, body = given_set
    index = data.draw(st.integers(1, len(body) - 2))
    segment = body[index]
    assume(segment[0] != "HL" and len(segment) > 1)
    known = DICTIONARY.segment(version, segment[0])
    assert known is not None
    at = data.draw(st.integers(1, len(segment) - 1))
    qualifiers = {pair.qualifier for pair in known.pairs}
    assume(
        segment[at] and at not in qualifiers and at <= len(known.elements) and not known.elements[at - 1].element.parts
    )
    changed = [list(one) for one in body]
    changed[index][at] = data.draw(st.sampled_from(["ZQ", "90909090", "ZQ-1"]))
    found = differences(side(version, set_id, body), side(version, set_id, changed))
    here = [one for one in found if one.before_at == index + 1 and one.path.endswith(f"{segment[0]}{at:02d}")]
    if here:
        assert [(one.before, one.after) for one in here] == [(segment[at], changed[index][at])]
        assert len(found) == 1
    else:  # it stands in a segment with a qualifier in its path, or is what tells its line from others
        assert found
        assert all(one.before_at == index + 1 or one.after_at == index + 1 or one.segments for one in found) or any(
            one.path.endswith(f"{at:02d}") for one in found
        )


@given(st.lists(SETS, max_size=4), st.randoms(use_true_random=False))
def test_sets_in_another_order_meet_all(given_sets: list[tuple[str, str, Body]], chance: object) -> None:
    here = [side(*one) for one in given_sets]
    there = list(here)
    chance.shuffle(there)
    met = pairs(here, there)
    assert sorted(old for old, _ in met if old is not None) == list(range(len(here)))
    assert sorted(new for _, new in met if new is not None) == list(range(len(there)))
    assert all(old is not None and new is not None for old, new in met)
