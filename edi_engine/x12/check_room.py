"""How many faults of one set are told, and how many more are looked for.

A set that came alone is told of more than anybody reads. In a large file its room is a share of what the file has, by
its length, so that a file of nothing but faults costs no more than its size allows. It follows from sizes alone: a set
is told the same whatever came before it, and in whichever process it is checked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MOST_FINDINGS: Final = 500
"""Findings of one set that are listed; the rest is counted."""
MOST_COUNTED: Final = 10_000
"""Faults beyond those listed after which a refused set is read no further."""

_OF_A_FILE: Final = 5_000
"""Findings that are listed of a file, however small it is; of those beyond, `MOST_COUNTED` are counted."""
A_FINDING: Final = 96
"""Bytes of a set for which one more is listed."""
_A_COUNT: Final = 256
"""Bytes of a set for which one more is counted."""


class Room(NamedTuple):
    """How many faults of a set are `listed`; one that is refused is read no further once so many more are `counted`.

    Where none is listed, one is told nevertheless: the first that is found.
    """

    listed: int
    counted: int


ALONE: Final = Room(MOST_FINDINGS, MOST_COUNTED)
"""The room of a set that came alone."""
_NONE: Final = Room(0, 0)


def room_of(size: int, whole: int) -> Room:
    """Give the room of a set of `size` bytes in a file of `whole` bytes; none is listed of the very small ones."""
    listed = size // A_FINDING + size * _OF_A_FILE // max(whole, 1)
    counted = size // _A_COUNT + size * MOST_COUNTED // max(whole, 1)
    return Room(min(listed, MOST_FINDINGS), min(counted, MOST_COUNTED)) if listed else _NONE
