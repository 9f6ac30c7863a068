"""The tree of loops of one transaction set, built tolerantly: every segment finds a place, right or wrong.

A segment that cannot stand where it stands stays in the loop that was open; if it opens a loop of its own, that loop
hangs there too and takes its segments, and the set goes on afterwards as if it had not been there. So one stray
segment is one fault and not many. `Builder` calls its hooks for each fault; here they do nothing, the check fills them.
"""

from __future__ import annotations

from typing import NamedTuple

from edi_engine.x12.grammar import SetDef
from edi_engine.x12.tree_forks import MOST_HEARD, leads
from edi_engine.x12.tree_lost import MOST_BEHIND, Stranger, is_like, may_open, may_stand, meant
from edi_engine.x12.tree_states import Node, Ring, States, Step, states
from edi_engine.x12.unpack import Segments
from edi_engine.x12.values import Delimiters, Loop, SetOutline, Spoken


def parse(text: str, delimiters: Delimiters, set_def: SetDef, outline: SetOutline | None = None) -> Loop:
    """Build the loops of a set from its text, ST through SE (Latin-1, one character a byte).

    `outline` says where in its file the text stands; without one, bytes and segments count from the ST.
    """
    builder = Builder(states(set_def), delimiters)
    builder.build(text, outline.start if outline else 0, outline.number if outline else 1)
    return builder.frames[0].loop


class Frame:
    """A loop that is open: its place in the grammar, what it holds so far, how often each child stood in it.

    `number` says the how-manieth of its place it is. `back` is where the set goes on after a stray loop.
    """

    __slots__ = ("back", "counts", "loop", "number", "ring")

    def __init__(self, ring: Ring, loop: Loop, number: int, back: Node | None = None) -> None:
        """Open the loop."""
        self.ring = ring
        self.loop = loop
        self.number = number
        self.back = back
        self.counts = [0] * len(ring.children)


class _Stood(NamedTuple):
    """How things stood at some point: the last segment's place, the open loops with their counts, and what was told."""

    node: Node
    frames: list[tuple[Frame, list[int], int]]
    told: object


class _Fork(NamedTuple):
    """A segment that could be meant in several ways: how things stood before it, and what came from it on."""

    rivals: tuple[Step, ...]
    before: _Stood
    heard: list[Spoken]
    strays: set[int]  # which of those heard fit nowhere


class _Trace(NamedTuple):
    """A segment that the set does not have: where it stands, how things stood behind it, and what came since."""

    stranger: Stranger
    node: Node
    behind: list[_Stood]  # one, or none while nothing came
    heard: list[Spoken]


class Builder:
    """Builds one tree. `frames` are the open loops, the set itself first; `node` is the place of the last segment."""

    def __init__(self, built: States, delimiters: Delimiters, *, whole: bool = True) -> None:
        """Stand before the ST. Without `whole` a loop holds its first segment only, and none is held once it ends."""
        self._whole = whole
        self.states = built
        self.delimiters = delimiters
        self.node: Node = built.start
        self.frames = [Frame(built.root, Loop(built.set_def.id, None), 1)]
        self._astray = 0  # stray loops that are open
        self.stranger: Stranger | None = None  # set by `foreign`, where the segment may be taken for another
        self._trace: _Trace | None = None  # such a one, while what follows may still tell which loop it was to open
        self._fork: _Fork | None = None  # the last one, while no more than MOST_HEARD segments came since

    def build(self, text: str, byte: int, number: int, in_set: int = 1) -> None:
        """Place all segments of `text`: its first character is byte `byte`, its first segment is number `number` of the
        file and `in_set` of the set.
        """
        for spoken in Segments(text, byte, number, self.delimiters, in_set):
            if self.enough():
                return
            self._place(spoken)

    def enough(self) -> bool:
        """Say whether the rest of the set may stay unread."""
        return False

    def end(self) -> None:
        """Close all loops; only the check needs it, to find what is missing at the very end."""
        self._missing_after(self.frames[0], self._close(0, None), None)

    def placed(self, spoken: Spoken, node: Node, frame: Frame) -> None:
        """Hear of a segment that found its place in the loop of `frame`."""

    def missing(self, child: Node | Ring, frame: Frame, spoken: Spoken | None) -> None:
        """Hear that `frame` lacks a mandatory child, noticed when `spoken` came."""

    def repeated(self, child: Node | Ring, frame: Frame, spoken: Spoken) -> None:
        """Hear that a segment or loop stands once too often."""

    def misplaced(self, spoken: Spoken, child: Node | Ring | None) -> None:
        """Hear of a segment of this set in a wrong place. `child`: an open loop holds it, but had to earlier."""

    def astray(self, spoken: Spoken, node: Node) -> None:
        """Hear of a segment left where it stands, one too many or misplaced; `node` is the like of it elsewhere."""

    def foreign(self, spoken: Spoken) -> None:
        """Hear of a segment that is no part of this set."""

    def resembles(self, spoken: Spoken, node: Node) -> bool:  # noqa: ARG002 - for the check to say
        """Say whether what a segment holds would be right at the place of another."""
        return False

    def stands_for(self, stranger: Spoken, child: Node | Ring, follower: str | None = None) -> None:
        """Hear what a segment that is no part of this set was meant to be, as the id of a `follower` tells."""

    def told(self) -> object:
        """Give what was heard so far, for `rewound`: what comes now may be taken back."""
        return None

    def rewound(self, told: object) -> None:
        """Hear that all is taken back since `told` was given, and will be placed again."""

    def _place(self, spoken: Spoken) -> None:
        frames = self.frames
        segment_id = spoken[0][0]
        steps = self.node.steps.get(segment_id)
        if steps is None:
            if segment_id not in self.states.vocabulary:
                self._hear(spoken, stray=True)
                if self._whole:
                    frames[-1].loop.children.append(spoken)
                self._hear_behind(spoken)
                self.foreign(spoken)
                self._trace_from(spoken)
                return
            steps = self.node.follow(segment_id)
        for step in steps:
            if (not self._astray or self._inside(step)) and frames[-1 - step.up].counts[step.at] < step.limit:
                if step.rivals or self._fork is not None:
                    if step.skipped and self._thinks_again(step, spoken):
                        return
                    self._remember(step, spoken)
                self._hear_behind(spoken)
                self._go(step, spoken)
                return
        if self._thinks_again(None, spoken):
            return
        if self._regains(spoken):
            return
        if self._leave_stray(spoken):
            self._place(spoken)
            return
        full = next((step for step in steps if self._inside(step)), None)
        if full is None:
            self._stray(spoken)
            return
        self._fork = None
        frame = frames[-1 - full.up]
        if frame.counts[full.at] == full.limit:
            self.repeated(frame.ring.children[full.at], frame, spoken)
        self._go(full, spoken)

    def _remember(self, step: Step, spoken: Spoken) -> None:
        """Keep how things stand before a fork, or what comes after it."""
        if step.rivals and not self._astray:
            self._fork = _Fork(step.rivals, self._stood(), [spoken], set())
        else:
            self._hear(spoken)

    def _stood(self) -> _Stood:
        frames = [(frame, frame.counts.copy(), len(frame.loop.children)) for frame in self.frames]
        return _Stood(self.node, frames, self.told())

    def _rewind(self, stood: _Stood) -> None:
        """Take back all that came since things stood so."""
        for frame, counts, size in stood.frames:
            frame.counts[:] = counts
            del frame.loop.children[size:]
        self.frames[:] = [frame for frame, _, _ in stood.frames]
        self.node = stood.node
        self._fork = self._trace = None
        self.rewound(stood.told)

    def _hear(self, spoken: Spoken, *, stray: bool = False) -> None:
        """Keep what comes after a fork, for a while."""
        fork = self._fork
        if fork is None:
            return
        if stray:
            fork.strays.add(len(fork.heard))
        fork.heard.append(spoken)
        if len(fork.heard) > MOST_HEARD:
            self._fork = None

    def _thinks_again(self, step: Step | None, spoken: Spoken) -> bool:
        """Go back to the last fork if the segments since it, and `spoken`, stand without a fault another way.

        `step` is where `spoken` would go as things stand, None where it would be misplaced.
        """
        fork = self._fork
        if fork is None or (step is not None and all(self.frames[-1 - up].counts[at] for up, at in step.skipped)):
            return False
        sound = [*(one for at, one in enumerate(fork.heard) if at not in fork.strays), spoken]
        for rival in fork.rivals:
            if leads(rival, sound, [(frame.ring, counts.copy()) for frame, counts, _ in fork.before.frames]):
                self._rewind(fork.before)
                self._go(rival, sound[0])
                for each in (*fork.heard[1:], spoken):
                    self._place(each)
                return True
        return False

    def _trace_from(self, spoken: Spoken) -> None:
        """Begin to listen for what a stranger was meant to be, unless an earlier one is the likelier head of a loop."""
        stranger = self.stranger
        if stranger is None or stranger.spoken is not spoken or self._astray:
            return
        if not may_stand(stranger, self.states):
            return
        if self._trace is None or may_open(spoken.id, self.states):
            self._trace = _Trace(stranger, self.node, [], [])

    def _hear_behind(self, spoken: Spoken) -> None:
        """Keep what comes behind a stranger, for a while."""
        trace = self._trace
        if trace is None:
            return
        if not trace.behind:
            trace.behind.append(self._stood())
        trace.heard.append(spoken)
        if len(trace.heard) > MOST_BEHIND:
            self._trace = None

    def _regains(self, spoken: Spoken) -> bool:
        """Open the loop that the last stranger was meant to open, if all behind it, and `spoken`, stand right in it.

        So a wrong id is one fault, and not one more for each segment of its loop. It is tried once for each stranger.
        """
        trace, self._trace = self._trace, None
        if trace is None:
            return False
        stranger = trace.stranger
        sound = [*(one for one in trace.heard if one.id in self.states.vocabulary), spoken]
        counts = (
            [counts for _, counts, _ in trace.behind[0].frames] if trace.behind else [f.counts for f in self.frames]
        )
        found = meant(stranger, sound, trace.node, self.states, counts, self.resembles)
        if found is None:
            return False
        step, ring = found
        self._fork = self.stranger = None
        if trace.behind:
            self._rewind(trace.behind[0])
        frame = self._go_up(step, stranger.spoken)
        opened = self._open(ring, frame, frame.counts[step.at])
        opened.counts[0] = 1
        opened.loop.children.append(stranger.spoken)
        self.node = step.node
        self.stands_for(stranger.spoken, ring, spoken.id)
        for each in (*trace.heard, spoken):
            self._place(each)
        return True

    def _inside(self, step: Step) -> bool:
        """Say whether a step stays inside the stray loop that is open; outside of one every step does."""
        return not step.up or all(frame.back is None for frame in self.frames[-step.up :])

    def _go_up(self, step: Step, spoken: Spoken) -> Frame:
        """Close the loops that a step leaves, tell what it passes over, and count its child in the loop then on top."""
        frames = self.frames
        if step.skipped:
            for up, at in step.skipped:
                frame = frames[-1 - up]
                if not frame.counts[at]:
                    child = frame.ring.children[at]
                    if not self._was_meant(child, spoken):
                        self.missing(child, frame, spoken)
        if step.up:
            del frames[-step.up :]
        frame = frames[-1]
        frame.counts[step.at] += 1
        return frame

    def _was_meant(self, child: Node | Ring, spoken: Spoken) -> bool:
        """Say whether the stranger right before a segment is a mandatory child, misspelt."""
        stranger = self.stranger
        if stranger is None or stranger.spoken.in_set != spoken.in_set - 1:
            return False
        looks = isinstance(child, Ring) and self.resembles(stranger.spoken, child.head)
        if not looks and not is_like(stranger.spoken.id, child.id):
            return False
        self.stranger = None
        self.stands_for(stranger.spoken, child)
        return True

    def _go(self, step: Step, spoken: Spoken) -> None:
        frame = self._go_up(step, spoken)
        if step.ring is not None:
            frame = self._open(step.ring, frame, frame.counts[step.at])
            frame.counts[0] = 1
        self.node = step.node
        if self._whole or step.ring is not None:
            frame.loop.children.append(spoken)
        self.placed(spoken, step.node, frame)

    def _open(self, ring: Ring, parent: Frame, number: int, back: Node | None = None) -> Frame:
        loop = Loop(ring.id, ring.use, ring.area, [])
        if self._whole:
            parent.loop.children.append(loop)
        frame = Frame(ring, loop, number, back)
        self._astray += back is not None
        self.frames.append(frame)
        return frame

    def _stray(self, spoken: Spoken) -> None:
        """Leave a segment where it stands; if it opens a loop, open that here, outside of the set's order."""
        top = self.frames[-1]
        number, child = self._count_stray(spoken)
        if child is None:
            like = self.states.vocabulary[spoken.elements[0]]
            child = like.ring if like.opens else like
        if isinstance(child, Node):
            self._hear(spoken, stray=True)
            if self._whole:
                top.loop.children.append(spoken)
            self.astray(spoken, child)
            return
        self._fork = None
        for base, frame in enumerate(self.frames):
            if frame.back is not None:  # one stray loop at a time, so that no file can make a tree too deep to walk
                self._close(base, spoken)
                self.node = frame.back
                break
        opened = self._open(child, self.frames[-1], number, self.node)
        opened.counts[0] = 1
        self.node = child.head
        opened.loop.children.append(spoken)
        self.placed(spoken, child.head, opened)

    def _count_stray(self, spoken: Spoken) -> tuple[int, Node | Ring | None]:
        """Say what is wrong with a stray; give its number and its place in the nearest open loop that may hold it."""
        for frame in reversed(self.frames):
            child = frame.ring.inside.get(spoken.id)
            if child is not None:
                frame.counts[child.at] += 1
                number = frame.counts[child.at]
                if number == child.maximum + 1:
                    self.repeated(child, frame, spoken)
                elif number <= child.maximum:
                    self.misplaced(spoken, child)
                return number, child
        self.misplaced(spoken, None)
        return 1, None

    def _leave_stray(self, spoken: Spoken) -> bool:
        """Leave the stray loops that are open, if `spoken` can stand after what came before one of them."""
        for base in range(len(self.frames) - 1, 0, -1):
            back = self.frames[base].back
            if back is not None and back.follow(spoken.id):
                self._close(base, spoken)
                self.node = back
                return True
        return False

    def _close(self, base: int, spoken: Spoken | None) -> int:
        """Close the loops from `base` (at least the first) up; give the place reached in the loop that is then open."""
        at = self.node.at
        while len(self.frames) > max(base, 1):
            frame = self.frames.pop()
            self._astray -= frame.back is not None
            self._missing_after(frame, at, spoken)
            at = frame.ring.at if frame.back is None else frame.back.at
        return at

    def _missing_after(self, frame: Frame, at: int, spoken: Spoken | None) -> None:
        for child in frame.ring.children[at + 1 :]:
            if child.required and not frame.counts[child.at]:
                self.missing(child, frame, spoken)
