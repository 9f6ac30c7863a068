"""The sets of a group while they are found, kept as they are or in few bytes.

In few bytes means that only where each set stands is kept; what else is known of it is read again when it is asked for.
So an interchange of any size can be walked, and each of its sets be had, without all of them being held at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from mmap import mmap
from typing import Final, overload

from edi_engine.x12.rising import Rising
from edi_engine.x12.scan import ROOM, PlainSet, forget
from edi_engine.x12.values import Delimiters, SetOutline

STRIDE: Final = 250
"""Sets in a slice."""
_WITHOUT_GUIDE: Final = 3
"""Pieces of an ST that names no guide."""
_ODD: Final = -1
"""The place of a set that is kept as it is."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some sets in a row: `count` of them, the first with the ordinal `first` in its group, from byte `start` on.

    `odd` are those of them that cannot be found again as they were, because something about their envelopes is wrong or
    unusual.
    """

    first: int
    count: int
    start: int
    odd: tuple[SetOutline, ...]


_outline: Final = partial(tuple.__new__, SetOutline)
"""Makes a SetOutline of its parts in half the time that the class itself takes."""


class Sets(Sequence[SetOutline]):
    """The sets of a group, found again in `data` as often as they are asked for; `data` must stay as it was."""

    def __init__(
        self, slices: tuple[Slice, ...], places: array[int], data: bytes | mmap, delimiters: Delimiters
    ) -> None:
        """Keep only where the sets are: four `places` for each, as Placed writes them."""
        self.slices = slices
        self._places = places
        self._data = data
        self._delimiters = delimiters
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
        part = self.slices[which]
        return next(self._again(part, part.first + inside, part.first + inside + 1))

    def of(self, part: Slice) -> Iterator[SetOutline]:
        """Give the sets of one slice, each when it is asked for."""
        forget(self._data, part.start)
        return self._again(part, part.first, part.first + part.count)

    def _again(self, part: Slice, first: int, end: int) -> Iterator[SetOutline]:
        """Give the sets of a slice from one ordinal to before another."""
        data, element, terminator = self._data, self._delimiters.element, self._delimiters.segment
        odd = {one.ordinal: one for one in part.odd}
        tidy = not self._delimiters.suffix
        where = iter(self._places[first * 4 - 4 : end * 4 - 4])
        for ordinal, (start, stop, number, segments) in enumerate(zip(where, where, where, where, strict=True), first):
            if start == _ODD:
                yield odd[ordinal]
                continue
            head = data[start : start + ROOM].decode("latin-1").partition(terminator)[0].split(element)
            guide = head[3] if len(head) > _WITHOUT_GUIDE else ""
            yield _outline((ordinal, head[1], head[2], start, stop, number, segments, (), guide, tidy))


class Kept:
    """The sets of a group that is being walked, all of them. `used` says where control numbers were used first."""

    def __init__(self, delimiters: Delimiters) -> None:
        """Hold none yet."""
        self.empty = 0
        self._tidy = not delimiters.suffix
        self.used: MutableMapping[str, int] = {}
        self._sets: list[SetOutline] = []

    def __len__(self) -> int:
        return len(self._sets)

    def take(self, found: PlainSet) -> bool:
        """Keep a set with a right envelope; False where its control number was used before."""
        set_id, control, guide, _, start, end, number, first = found
        if self.used.setdefault(control, first) != first:
            return False
        sets, named = self._sets, "" if guide is None else guide.decode()
        size = number - first + 1
        sets.append(_outline((len(sets) + 1, set_id, control, start, end, first, size, (), named, self._tidy)))
        return True

    def append(self, found: SetOutline) -> None:
        """Keep a set about whose envelope there is something to tell."""
        self.empty += _is_empty(found)
        self._sets.append(found)

    def done(self) -> Sequence[SetOutline]:
        """Give all that were kept."""
        return tuple(self._sets)


class Placed:
    """The same in few bytes: the sets are found again in `data`."""

    def __init__(self, data: bytes | mmap, delimiters: Delimiters) -> None:
        """Hold none yet."""
        self.empty = 0
        self.used: MutableMapping[str, int] = Rising()
        self._where = data, delimiters
        self._slices: list[int] = []
        self._places = array("q")  # of each set its first byte, the byte after it, its number and its segments
        self._odd: dict[int, list[SetOutline]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def take(self, found: PlainSet) -> bool:
        """Count a set with a right envelope; False where its control number was used before."""
        _, control, _, _, start, end, number, first = found
        if self.used.setdefault(control, first) != first:
            return False
        if self._size % STRIDE == 0:
            self._begin(start)
        self._places.extend((start, end, first, number - first + 1))
        self._size += 1
        return True

    def append(self, found: SetOutline) -> None:
        """Keep a set about whose envelope there is something to tell."""
        if self._size % STRIDE == 0:
            self._begin(found.start)
        self._places.extend((_ODD, 0, 0, 0))
        self._odd.setdefault(self._size // STRIDE, []).append(found)
        self.empty += _is_empty(found)
        self._size += 1

    def _begin(self, start: int) -> None:
        """Begin a slice."""
        self._slices.append(start)
        forget(self._where[0], start)

    def done(self) -> Sequence[SetOutline]:
        """Give all, to be found again."""
        slices = (
            Slice(n * STRIDE + 1, min(STRIDE, self._size - n * STRIDE), start, tuple(self._odd.get(n, ())))
            for n, start in enumerate(self._slices)
        )
        return Sets(tuple(slices), self._places, *self._where)


def _is_empty(found: SetOutline) -> bool:
    """Say whether a set is nothing but an ST that another ST or the GE follows: the count in GE01 may leave it out."""
    return found.segments == 1 and any(one.code == "envelope.missing.se" for one in found.findings)
