"""The sets of a group while they are found, kept as they are or in few bytes.

In few bytes means that only where every so many begin is kept; the others are found again when they are asked for. So
an interchange of any size can be walked, and each of its sets be had, without all of them being held at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Final, overload

from edi_engine.x12.scan import PlainSet, forget, marks
from edi_engine.x12.values import Delimiters, SetOutline

STRIDE: Final = 250
"""Sets in a slice."""
_LONGEST: Final = 9
"""Digits of a control number."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some sets in a row: `count` of them, the first with the ordinal `first` in its group.

    `start` is the byte where the first begins, `number` the number of its ST in the file. `odd` are those of them that
    cannot be found again as they were, because something about their envelopes is wrong or unusual.
    """

    first: int
    count: int
    start: int
    number: int
    odd: tuple[SetOutline, ...]


def found_again(part: Slice, data: bytes | mmap, delimiters: Delimiters, max_segment: int) -> Iterator[SetOutline]:
    """Give the sets of a slice, each when it is asked for."""
    forget(data, part.start)
    odd = {one.ordinal: one for one in part.odd}
    at = data.rfind(delimiters.segment.encode("latin-1"), 0, part.start)
    rest = marks(data, at, part.number - 1, delimiters, max_segment)
    passed = part.start
    for ordinal in range(part.first, part.first + part.count):
        known = odd.get(ordinal)
        if known is not None:
            passed = known.end
            yield known
            continue
        plain = next(one for one in rest if isinstance(one, PlainSet) and one.start >= passed)
        yield outline_of(plain, ordinal)


def outline_of(found: PlainSet, ordinal: int) -> SetOutline:
    """Give a set with a right envelope as the `ordinal`-th of its group."""
    set_id, control, guide, _, start, end, number, first = found
    named = "" if guide is None else guide.decode()
    return SetOutline(ordinal, set_id, control, start, end, first, number - first + 1, (), named)


class Sets(Sequence[SetOutline]):
    """The sets of a group, found again in `data` as often as they are asked for; `data` must stay as it was."""

    def __init__(self, slices: tuple[Slice, ...], data: bytes | mmap, delimiters: Delimiters, max_segment: int) -> None:
        """Keep only where the slices are."""
        self.slices = slices
        self._data = data
        self._delimiters = delimiters
        self._max_segment = max_segment
        self._size = sum(part.count for part in slices)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[SetOutline]:
        for part in self.slices:
            yield from self.of(part)

    @overload
    def __getitem__(self, at: int) -> SetOutline: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[SetOutline, ...]: ...
    def __getitem__(self, at: int | slice) -> SetOutline | tuple[SetOutline, ...]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(self._size)))
        if not -self._size <= at < self._size:
            raise IndexError(at)
        which, inside = divmod(at % self._size, STRIDE)
        return next(one for n, one in enumerate(self.of(self.slices[which])) if n == inside)

    def of(self, part: Slice) -> Iterator[SetOutline]:
        """Give the sets of one slice."""
        return found_again(part, self._data, self._delimiters, self._max_segment)


class Kept:
    """The sets of a group that is being walked, all of them. `used` says where control numbers were used first."""

    def __init__(self) -> None:
        """Hold none yet."""
        self.empty = 0
        self.used: MutableMapping[str, int] = {}
        self._sets: list[SetOutline] = []

    def __len__(self) -> int:
        return len(self._sets)

    def add(self, found: PlainSet) -> None:
        """Keep a set with a right envelope."""
        self._sets.append(outline_of(found, len(self._sets) + 1))

    def append(self, found: SetOutline) -> None:
        """Keep a set about whose envelope there is something to tell."""
        self.empty += _is_empty(found)
        self._sets.append(found)

    def done(self) -> Sequence[SetOutline]:
        """Give all that were kept."""
        return tuple(self._sets)


class Passed:
    """The same in few bytes: the sets are found again in `data`."""

    def __init__(self, data: bytes | mmap, delimiters: Delimiters, max_segment: int) -> None:
        """Hold none yet."""
        self.empty = 0
        self.used: MutableMapping[str, int] = Rising()
        self._where = data, delimiters, max_segment
        self._slices: list[tuple[int, int]] = []
        self._odd: dict[int, list[SetOutline]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, found: PlainSet) -> None:
        """Count a set with a right envelope."""
        if self._size % STRIDE == 0:
            self._begin(found.start, found.first)
        self._size += 1

    def append(self, found: SetOutline) -> None:
        """Keep a set about whose envelope there is something to tell."""
        if self._size % STRIDE == 0:
            self._begin(found.start, found.number)
        self._odd.setdefault(self._size // STRIDE, []).append(found)
        self.empty += _is_empty(found)
        self._size += 1

    def _begin(self, start: int, number: int) -> None:
        """Begin a slice."""
        self._slices.append((start, number))
        forget(self._where[0], start)

    def done(self) -> Sequence[SetOutline]:
        """Give all, to be found again."""
        slices = (
            Slice(n * STRIDE + 1, min(STRIDE, self._size - n * STRIDE), start, number, tuple(self._odd.get(n, ())))
            for n, (start, number) in enumerate(self._slices)
        )
        return Sets(tuple(slices), *self._where)


class Rising(MutableMapping[str, int]):
    """The segments in which control numbers were used first; in few bytes where the numbers rise by one."""

    def __init__(self) -> None:
        """Know no number yet."""
        self._first = ""
        self._segments = array("q")  # of the numbers that rise from the first one on; -1: taken back
        self._others: dict[str, int] = {}

    def setdefault(self, control: str, segment: int = 0) -> int:
        """Give the segment that used a number first: `segment` if none did before."""
        if self._at(control) == len(self._segments) and control not in self._others:
            self._segments.append(segment)
            return segment
        found = self.get(control)
        if found is None:
            self[control] = found = segment
        return found

    def _at(self, control: str) -> int:
        """Say which of the rising numbers this is; the next one of them is none yet. -1: it is not of their kind."""
        if len(control) > _LONGEST or not (control.isascii() and control.isdecimal()):
            return -1
        if not self._segments:
            self._first = control
        at = int(control) - int(self._first)
        return at if 0 <= at <= len(self._segments) and control == control.lstrip("0").zfill(len(self._first)) else -1

    def __getitem__(self, control: str) -> int:
        at = self._at(control)
        segment = self._segments[at] if 0 <= at < len(self._segments) else -1
        return segment if segment >= 0 else self._others[control]

    def __setitem__(self, control: str, segment: int) -> None:
        self._others[control] = segment

    def __delitem__(self, control: str) -> None:
        at = self._at(control)
        if 0 <= at < len(self._segments) and self._segments[at] >= 0:
            self._segments[at] = -1
        else:
            del self._others[control]

    def __iter__(self) -> Iterator[str]:
        size, first = len(self._first), int(self._first or "0")
        yield from (str(first + at).zfill(size) for at, segment in enumerate(self._segments) if segment >= 0)
        yield from self._others

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_empty(found: SetOutline) -> bool:
    """Say whether a set is nothing but an ST that another ST or the GE follows: the count in GE01 may leave it out."""
    return found.segments == 1 and any(one.code == "envelope.missing.se" for one in found.findings)
