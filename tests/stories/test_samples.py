"""The samples themselves: what a story tells agrees with the files beside it, read apart from the engine."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from itertools import pairwise

from tests.stories.story import Story, stories

ACKNOWLEDGED = {"A", "E", "P", "R", "none"}
ANSWERS = {"AD", "AC", "RD", "none"}
LINES = {
    "accepted", "backordered", "cancelled", "changed", "held", "price_changed", "quantity_changed", "refused",
    "rejected", "rescheduled", "substituted",
}  # fmt: skip
KIND = re.compile(r"[a-z0-9]+\.[a-z-]+")


def segments(data: bytes) -> list[list[str]]:
    """Cut a file into segments, each interchange by the delimiters of its own ISA, by hand."""
    text = data.decode("latin-1")
    starts = [found.start() for found in re.finditer(r"ISA(?=[^A-Za-z0-9])", text)]
    found: list[list[str]] = []
    for part in (text[start:end] for start, end in pairwise([*starts, len(text)])):
        element, terminator = part[3], part[105]
        found += [one.strip().split(element) for one in part.split(terminator) if one.strip()]
    return found


def all_segments(story: Story) -> list[list[str]]:
    return [segment for file in story.files for segment in segments(file.data)]


def orders(story: Story) -> list[tuple[str, int]]:
    """Give the name of the order of each set ("" without a BEG), /release behind its number, and its count of lines."""
    found: list[tuple[str, int]] = []
    for segment in all_segments(story):
        if segment[:2] == ["ST", "850"]:
            found.append(("", 0))
        elif segment[0] == "BEG":
            release = segment[4] if len(segment) > 4 else ""
            found[-1] = (segment[3] + (f"/{release}" if release else ""), 0)
        elif segment[0] == "PO1":
            found[-1] = (found[-1][0], found[-1][1] + 1)
    return found


def test_it_is_told_in_words(story: Story) -> None:
    assert story.title
    assert len(story.text.split()) > 20
    assert all(len(line) <= 120 for line in story.text.splitlines())


def test_decisions_come_after_a_file(story: Story) -> None:
    numbers = {file.number for file in story.files}
    assert {one.after for one in story.decided} <= numbers
    assert all(KIND.fullmatch(one.case) and one.choice for one in story.decided)
    days = [file.day for file in story.files]
    assert days == sorted(days)


def test_what_it_expects_fits_the_files(story: Story) -> None:
    groups = [segment for segment in all_segments(story) if segment[0] == "GS"]
    found = orders(story)
    assert len(story.acknowledged) == len(groups)
    assert set(story.acknowledged) <= ACKNOWLEDGED
    assert len(story.answered) >= len(found)
    assert set(story.answered) <= ANSWERS
    for name, lines in story.lines.items():
        assert (name.removesuffix(" test"), len(lines)) in found
    assert {status for lines in story.lines.values() for status in lines} <= LINES
    assert all(KIND.fullmatch(kind) for kind in story.cases)


def test_one_answered_order_says_what_it_is_billed(story: Story) -> None:
    answered = [answer for answer in story.answered if answer in {"AD", "AC"}]
    assert len(answered) != 1 or story.total is not None


def test_the_price_per_piece_of_a_case_is_multiplied_out(story: Story) -> None:
    """The total of a plain order is what its lines come to, worked out here from the file, apart from the engine."""
    found = all_segments(story)
    lines = [segment for segment in found if segment[0] == "PO1"]
    plain = story.partner == "bluebird" and story.answered == ("AD",) and not story.decided
    if (
        not plain
        or any(one[0] in {"SAC", "SCH", "SLN", "CTP"} for one in found)
        or ["BEG", "00"] not in [one[:2] for one in found]
    ):
        return
    packs = {"100101": 6, "100103": 12}
    total = Decimal(0)
    for line in lines:
        if line[3] not in {"EA", "CA"} or line[5] not in {"", "PE"}:
            return
        pieces = packs[line[7]] if line[3] == "CA" else 1
        total += Decimal(line[2]) * pieces * Decimal(line[4])
    assert total == story.total


def test_no_two_stories_tell_of_the_same_order() -> None:
    """Whoever walks several stories into one store gets what each of them tells."""
    told = Counter((story.partner, name) for story in stories() for name in {name for name, _ in orders(story)})
    assert [order for order, times in told.items() if times > 1] == []
