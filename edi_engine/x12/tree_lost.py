"""A segment that the set does not have, where one that opens a loop was meant: what follows it tells which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from edi_engine.x12.tree_states import Node, Ring, States, Step, blurs
from edi_engine.x12.values import Spoken

_LONGEST: Final = 4
"""Letters of an id that may be one of X12, which has three at most, misspelt."""

Counted = Callable[[Step], int]
"""Says how often a loop stands already where a step opens it."""


class Stranger(NamedTuple):
    """A segment that the set does not have; `known` if other sets have it."""

    spoken: Spoken
    known: bool


class Lost(NamedTuple):
    """A loop that a segment was meant to open, and the step by which the set would have gone on to it."""

    ring: Ring
    step: Step


def meant(stranger: Stranger, follower: Spoken, node: Node, built: States, counted: Counted) -> Lost | None:
    """Give the loop that `stranger` was meant to open, as `follower` stands right in it; None if there is none.

    `node` is the place of the last segment before both. The stranger is like the id of the loop; or it is one of
    other sets, and the loop is mandatory and not there yet. To guess any further would hide second faults.
    """
    lacking: Lost | None = None
    for segment_id in built.heads:
        like = is_like(stranger.spoken.id, segment_id)
        for step in node.follow(segment_id) if like or (stranger.known and lacking is None) else ():
            ring = step.ring
            if ring is None or counted(step) >= step.limit:
                continue
            if not any(not inner.up and not inner.skipped for inner in ring.head.follow(follower.id)):
                continue
            if like:
                return Lost(ring, step)
            if ring.required and not counted(step):
                lacking = Lost(ring, step)
                break
    return lacking


def nearest(segment_id: str, built: States) -> str | None:
    """Give a segment of the set that an id may be misspelt for."""
    for blur in sorted(blurs(segment_id.upper())) if len(segment_id) <= _LONGEST else ():
        for one in built.blurred.get(blur, ()):
            if is_like(segment_id, one):
                return one
    return None


def is_like(seen: str, wanted: str) -> bool:
    """Say whether a segment id may be another one misspelt: in small letters, or with one too many or wrong."""
    seen, wanted = seen.strip().upper(), wanted.upper()
    if len(seen) == len(wanted):
        return sum(one != other for one, other in zip(seen, wanted, strict=True)) == 1 or sorted(seen) == sorted(wanted)
    longer, shorter = (seen, wanted) if len(seen) > len(wanted) else (wanted, seen)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
