"""Which interchange numbers of a sender are missing. Nobody refuses a file for it: many count across all receivers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that did not come although later ones did, from `first` to `last`."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """Give how many they are."""
        return self.last - self.first + 1


def gaps(numbers: Iterable[int]) -> tuple[Gap, ...]:
    """Give the gaps between numbers, which stand as they came, in rising order.

    One that comes late fills its gap. One below the first begins a new count, as after the highest number.
    """
    found: list[Gap] = []
    seen: set[int] = set()
    first = top = None
    for number in numbers:
        seen.add(number)
        if first is None or top is None or number < first:
            first = top = number
        elif number > top:
            if number > top + 1:
                found.append(Gap(top + 1, number - 1))
            top = number
    return tuple(_without(sorted(found, key=lambda gap: (gap.first, gap.last)), sorted(seen)))


def _without(found: Iterable[Gap], seen: list[int]) -> Iterable[Gap]:
    """Take out of the gaps what came at some other time, and what stands in an earlier one already."""
    behind = None
    for gap in found:
        begin = gap.first if behind is None else max(gap.first, behind)
        place = bisect_right(seen, begin - 1)
        while place < len(seen) and seen[place] <= gap.last:
            if seen[place] > begin:
                yield Gap(begin, seen[place] - 1)
            begin = seen[place] + 1
            place += 1
        if begin <= gap.last:
            yield Gap(begin, gap.last)
        behind = gap.last + 1 if behind is None else max(behind, gap.last + 1)
