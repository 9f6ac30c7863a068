"""A segment that the set does not have, where one that opens a loop was meant: what follows it tells which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from edi_engine.x12.tree_forks import fits, take
from edi_engine.x12.tree_states import Node, Ring, States, Step, blurs
from edi_engine.x12.values import Spoken

_LONGEST: Final = 4
"""Letters of an id that may be one of X12, which has three at most, misspelt."""
MOST_BEHIND: Final = 8
"""So many segments that stand right behind a stranger may come before one tells what it was meant to be."""

TELLING: Final = 2
"""So many parts of a segment, its id among them, are too few to tell what it was meant to be."""

Resembles = Callable[[Spoken, Node], bool]
"""Says whether what a segment holds would be right at a place."""


class Stranger(NamedTuple):
    """A segment that the set does not have; `known` if other sets have it."""

    spoken: Spoken
    known: bool


def meant(
    stranger: Stranger,
    followers: Sequence[Spoken],
    node: Node,
    built: States,
    counts: Sequence[Sequence[int]],
    resembles: Resembles,
) -> tuple[Step, Ring] | None:
    """Give the loop that `stranger` was meant to open, and the step into it, as all `followers` stand right there.

    `node` is the place of the last segment before it, and `counts` says how often each child of the loops open there
    has stood. The stranger is like the id of the loop; or it is one of other sets, and the loop is mandatory and not
    there yet; or all that it holds would be right in the head of the loop. To guess further would hide second faults.
    """
    lacking: tuple[Step, Ring] | None = None
    alike: tuple[Step, Ring] | None = None
    for step, ring in _openings(node, followers[0].id, built):
        often = counts[-1 - step.up][step.at]
        if often >= step.limit or not _holds(ring, followers):
            continue
        if is_like(stranger.spoken.id, ring.head.id):
            return step, ring
        if lacking is None and stranger.known and ring.required and not often:
            lacking = step, ring
        elif alike is None and all(counts[-1 - up][at] for up, at in step.skipped):
            alike = (step, ring) if resembles(stranger.spoken, ring.head) else None
    return lacking or alike


def _openings(node: Node, follower: str, built: States) -> tuple[tuple[Step, Ring], ...]:
    """Give the steps that open a loop behind `node` in which a segment of this id may stand right behind the head."""
    found = node.openings.get(follower)
    if found is None:
        found = node.openings[follower] = tuple(
            (step, step.ring)
            for head in built.heads
            for step in node.follow(head)
            if step.ring is not None
            if any(not inner.up and not inner.skipped for inner in step.ring.head.follow(follower))
        )
    return found


def _holds(ring: Ring, followers: Sequence[Spoken]) -> bool:
    """Say whether all followers stand without a fault in a loop that its head has just opened."""
    opened = [(ring, [1, *[0] * (len(ring.children) - 1)])]
    node = ring.head
    for spoken in followers:
        steps = [step for step in node.follow(spoken.id) if step.up < len(opened)]
        step = next((step for step in steps if fits(step, opened)), None)
        if step is None:
            return False
        take(step, opened)
        node = step.node
    return True


def may_stand(stranger: Stranger, built: States) -> bool:
    """Say whether `meant` could ever name a loop for a stranger; for others nothing need be kept."""
    spoken = stranger.spoken
    return stranger.known or len(spoken.elements) > TELLING or nearest(spoken.id, built) is not None


def may_open(segment_id: str, built: States) -> bool:
    """Say whether an id may be meant for one that opens a loop: it is not like one that opens none."""
    like = nearest(segment_id, built)
    return like is None or like in built.heads


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
