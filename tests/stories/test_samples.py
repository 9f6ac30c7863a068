"""The samples themselves: what a story tells agrees with the file beside it."""

from __future__ import annotations

import re
from decimal import Decimal

ANSWERS = {"AD", "AC", "RD", "none"}
LINES = {"accepted", "quantity_changed", "held", "refused"}
KIND = re.compile(r"[a-z0-9]+\.[a-z-]+")


def segments(data):
    text = data.decode("ascii")
    assert text[:3] == "ISA"
    assert text[105] == "~"
    return [segment.strip().split("*") for segment in text.split("~") if segment.strip()]


def orders(data):
    """Give the number and the number of lines of each set."""
    found = []
    for segment in segments(data):
        if segment[0] == "BEG":
            found.append([segment[3], 0])
        elif segment[0] == "PO1":
            found[-1][1] += 1
    return found


def test_it_is_told_in_words(story):
    assert story.title
    assert len(story.text.split()) > 20
    assert all(len(line) <= 120 for line in story.text.splitlines())


def test_every_envelope_is_whole(story):
    opened = 0
    for segment in segments(story.received):
        opened += 1
        match segment[0]:
            case "ISA":
                interchange, groups = segment[13], 0
            case "GS":
                group, sets, groups = segment[6], 0, groups + 1
            case "ST":
                control, sets, opened = segment[2], sets + 1, 1
            case "SE":
                assert segment == ["SE", str(opened), control]
            case "GE":
                assert segment == ["GE", str(sets), group]
            case "IEA":
                assert segment == ["IEA", str(groups), interchange]


def test_what_it_expects_fits_the_file(story):
    found = orders(story.received)
    groups = [segment for segment in segments(story.received) if segment[0] == "GS"]
    assert len(story.acknowledged) == len(groups)
    assert set(story.acknowledged) <= {"A", "E", "P", "R"}
    assert len(story.answered) == len(found)
    assert set(story.answered) <= ANSWERS
    assert {number: len(lines) for number, lines in story.lines.items()} == dict(found)
    assert {status for lines in story.lines.values() for status in lines} <= LINES
    assert all(KIND.fullmatch(kind) for kind in story.cases)


def test_an_order_without_an_answer_has_a_case(story):
    assert story.answered.count("none") == len(story.cases)


def test_one_answered_order_says_what_it_is_billed(story):
    assert (story.total is not None) == (len(set(story.lines)) == 1 and story.answered[0] != "none")


def test_the_price_per_piece_of_a_case_is_multiplied_out(story):
    """A story's total is what its accepted lines come to, worked out here from the file, apart from the engine."""
    if story.total is None or story.name in {"short-stock", "percent-allowance"}:
        return
    packs = {"100101": 6, "100103": 12}
    total = Decimal(0)
    for segment in segments(story.received):
        if segment[0] == "SE":
            break
        if segment[0] == "PO1":
            pieces = packs[segment[7]] if segment[3] == "CA" else 1
            total += Decimal(segment[2]) * pieces * Decimal(segment[4])
    assert total == story.total
