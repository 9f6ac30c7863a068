"""Second thoughts about a segment that could be meant in two ways, once what follows it fits only the other way.

Where an id stands at two places in a row, as N1 does twice in the prices of an 832, only the segments behind it tell
which is meant. A fork keeps how things stood in front of such a segment, so that it can be placed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edi_engine.x12.tree_states import Ring, Step
from edi_engine.x12.values import Spoken

MOST_HEARD: Final = 64
"""So many segments may come before a fork is settled as it was taken; it bounds what is done twice."""

Open = tuple[Ring, list[int]]
"""A loop that is open, and how often each of its children stood in it."""


def fits(step: Step, opened: list[Open]) -> bool:
    """Say whether a step can be taken without a fault: there is room for it, and nothing is missing before it."""
    if opened[-1 - step.up][1][step.at] >= step.limit:
        return False
    return all(opened[-1 - up][1][at] for up, at in step.skipped)


def leads(rival: Step, heard: Sequence[Spoken], opened: list[Open]) -> bool:
    """Say whether all that was `heard`, from the segment of the fork on, stands without a fault if `rival` is taken.

    `opened` are the loops that were open before it; they are changed. Strays are no part of `heard`.
    """
    if not fits(rival, opened):
        return False
    take(rival, opened)
    node = rival.node
    for spoken in heard[1:]:
        steps = node.follow(spoken.id)
        step = next((step for step in steps if opened[-1 - step.up][1][step.at] < step.limit), None)
        if step is None or not fits(step, opened):
            return False
        take(step, opened)
        node = step.node
    return True


def take(step: Step, opened: list[Open]) -> None:
    """Go a step: close and open loops, and count its child."""
    if step.up:
        del opened[-step.up :]
    opened[-1][1][step.at] += 1
    if step.ring is not None:
        opened.append((step.ring, [1, *[0] * (len(step.ring.children) - 1)]))
