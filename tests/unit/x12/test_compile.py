"""Compiled code comes from a cache that may lie."""

import hashlib

import pytest

from edi_engine.x12.compile import GENERATOR, Remembered, compile_segments, source_of
from tests.fixtures.standard import DICTIONARY

BEG = DICTIONARY.segment("004010", "BEG")
GOOD = ["BEG", "00", "SA", "4500", "", "20261122"]
BAD = ["BEG", "00", "SA", "", "", "20261122"]


def compiled(cache, edition="1"):
    return compile_segments([BEG], edition, "004010 850", cache)["BEG"]


def test_a_function_says_whether_to_look_again():
    doubt = compiled({})
    assert not doubt(GOOD)
    assert doubt(BAD)
    assert doubt(["BEG"])


def test_code_is_taken_from_the_cache():
    cache = {}
    compiled(cache)
    (key,) = cache
    kept = cache[key]
    assert not compiled(cache)(GOOD)
    assert cache == {key: kept}


def test_another_edition_has_another_key():
    cache = {}
    compiled(cache, "1")
    compiled(cache, "2")
    assert len(cache) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: b"",
        lambda entry: entry[:10],
        lambda entry: entry[:-1],
        lambda entry: entry[:40] + b"\xff" + entry[41:],
        lambda entry: b"x" * len(entry),
    ],
)
def test_a_damaged_entry_counts_as_absent(damage):
    cache = {}
    compiled(cache)
    (key,) = cache
    whole = cache[key]
    cache[key] = damage(whole)
    doubt = compiled(cache)
    assert not doubt(GOOD)
    assert doubt(BAD)
    assert cache[key] == whole


def test_what_is_remembered_is_bounded():
    asked = []
    memory = Remembered(lambda text: bool(asked.append(text)))
    for number in range(5000):
        assert not memory.refuse(str(number))
    assert len(memory) < 4097
    assert Remembered(lambda _text: True).refuse("x")


def test_the_source_is_plain_to_read():
    lines = list(source_of(DICTIONARY.segment("004010", "N1")))
    assert lines[0] == "def doubt_N1(e):"
    assert "    if not 2 <= n <= 7: return True" in lines
    assert lines[-1] == "    return not a"


GENERATED = "5 9c0cca597ade9ea6"
"""What GENERATOR is the name of: where this must change, that must change too, or an old cache is taken for the new."""


def test_the_name_of_the_generator_changes_with_what_it_generates():
    digest = hashlib.sha256()
    for version in DICTIONARY.versions():
        for segment_id in DICTIONARY.segments(version):
            segment = DICTIONARY.segment(version, segment_id)
            digest.update("\n".join([segment_id, *source_of(segment)]).encode())
    assert f"{GENERATOR} {digest.hexdigest()[:16]}" == GENERATED
