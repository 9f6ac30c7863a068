"""Segments in wrong places that lack only what one before them lacked: the head of their loop, or its LS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from edi_engine.x12.tree import Frame
from edi_engine.x12.tree_states import Node
from edi_engine.x12.values import Spoken

LS: Final = "LS"


class Known(NamedTuple):
    """What `Orphans` knew at some point."""

    last: tuple[int, dict[int, int]]
    unbounded: dict[str, Frame | None]


class Orphans:
    """The segments of one set that stood in wrong places so far."""

    def __init__(self) -> None:
        """Know none yet."""
        self._last: tuple[int, dict[int, int]] = (0, {})  # one whose loop nothing opens: where it could stand
        self._unbounded: dict[
            str, Frame | None
        ] = {}  # since the last LS, by id, with the loop that may have lacked one

    def mark(self) -> Known:
        """Give what is known so far, for `rewind`."""
        return Known(self._last, self._unbounded.copy())

    def rewind(self, known: Known) -> None:
        """Go back to what was known."""
        self._last, self._unbounded = known

    def bounded(self) -> None:
        """Hear that an LS came."""
        self._unbounded.clear()

    def ends_lost(self, spoken: Spoken, frames: Sequence[Frame]) -> bool:
        """Say whether an LE ends a loop whose LS is lost, which is told already; that LS leaves no other LE over."""
        name = spoken.get(1)
        if name not in self._unbounded:
            return False
        return self._unbounded.pop(name) is _bounding(frames)

    def follows(self, spoken: Spoken, homes: Sequence[Node], frames: Sequence[Frame]) -> bool:
        """Say whether a segment stands right behind one that lacked the same head; `homes` are where it could stand."""
        self._unbounded[spoken.id] = _bounding(frames)
        before, places = self._last
        at = {id(one.ring): one.at for one in homes if not one.opens}
        fits = {ring: place for ring, place in at.items() if places.get(ring, place) < place}
        follows = bool(fits) and before == spoken.in_set - 1
        self._last = spoken.in_set, fits if follows else at
        return follows


def _bounding(frames: Sequence[Frame]) -> Frame | None:
    """Give the innermost open loop that may hold an LS; an LE of another one is no LE of this."""
    return next((frame for frame in reversed(frames) if LS in frame.ring.inside), None)
