"""The slow check of a set: walks it once, loops and all, and tells of every fault at its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple, cast

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.check_fault import Fault
from edi_engine.x12.check_levels import LEVEL, Levels
from edi_engine.x12.check_orphans import LS, Known, Orphans
from edi_engine.x12.check_plain import Trail, tell_doubted
from edi_engine.x12.check_room import ALONE, Room
from edi_engine.x12.check_tell import Mark, Opened, Place, Rules, Teller, ack_code, path_of
from edi_engine.x12.check_words import ordinal
from edi_engine.x12.compile_set import CompiledSet, Doubted, Since
from edi_engine.x12.cut import Cut, is_odd
from edi_engine.x12.tree import Builder, Frame
from edi_engine.x12.tree_lost import TELLING, Stranger, is_like, nearest
from edi_engine.x12.tree_states import Node, Ring
from edi_engine.x12.values import Delimiters, SetOutline, Spoken
from edi_engine.x12.wording import counted, quoted


class _Told(NamedTuple):
    """What was told of a set at some point, and what may bear on what comes."""

    mark: Mark
    missed: dict[tuple[int, int], tuple[Frame, Finding]]
    spots: int
    levels: int
    orphans: Known


class Judge(Builder):
    """Judges one set; made anew for each."""

    def __init__(
        self,
        compiled: CompiledSet,
        rules: Rules,
        delimiters: Delimiters,
        outline: SetOutline,
        where: Position,
        room: Room = ALONE,
    ) -> None:
        """Stand before the ST."""
        super().__init__(compiled.states, delimiters, whole=False)
        self._compiled = compiled
        self._functions = compiled.functions
        self._rules = rules
        self._outline = outline
        self._teller = Teller(rules, delimiters, outline, where, room)
        self._elements = rules.elements
        self._spots: list[tuple[Spoken, Node, tuple[Opened, ...], int]] = []  # what a guide may look at
        self._top, self._opened = self.frames[0], tuple[Opened, ...]()
        self._last: Spoken | None = None
        self._levels = Levels()
        self._missed: dict[tuple[int, int], tuple[Frame, Finding]] = {}  # frames are held, so that no id comes twice
        self._wrong_end: Frame | None = None  # the loop whose LE named another
        self._orphans = Orphans()
        self._doubled = _NONE  # an LS right behind another
        self._plain = True

    def judge(self, text: str) -> tuple[Finding, ...]:
        """Give all findings of the set, in file order."""
        mark, blank = self.delimiters.repetition, self.delimiters.element + " "
        printable = "".join(text.split(self.delimiters.segment + self.delimiters.suffix)).isprintable()
        self._plain = printable and text.isascii() and blank not in text and (mark is None or mark not in text)
        self.build(text, self._outline.start, self._outline.number)
        return self._finish()

    def judge_from(self, stop: int, text: str, pieces: Cut, doubted: Sequence[Doubted]) -> tuple[Finding, ...]:
        """Give all findings of a set whose segments before the `stop`-th stand in their places; of these only the
        `doubted` ones are looked at again. Not for a set that has levels, nor for one that a guide is to judge.
        """
        outline = self._outline
        trail = Trail(self._compiled, self._rules, self.delimiters, outline, pieces.segments)
        tell_doubted(doubted, self._teller, trail)
        if self._teller.enough():
            return self._teller.told()
        self.frames, self.node = trail.frames(stop)
        self._last = trail.spoken(stop - 1)
        self._plain = pieces.plain
        rest = pieces.segments[stop:]
        if self._rules.allows or not rest or min(rest) < "!":  # the last: empty ones, or blanks
            byte = trail.start_of(stop)
            self.build(text[byte - outline.start :], byte, outline.number + stop, stop + 1)
        elif self._passes_again(stop, pieces, trail):
            return self._teller.told()
        return self._finish()

    def _passes_again(self, stop: int, pieces: Cut, trail: Trail) -> bool:
        """Place the segments from the `stop`-th on until the rest passes or need not be looked at; say if it does."""
        for at in range(stop, len(pieces.segments)):
            self._place(trail.spoken(at))
            if self.enough():
                return True
            if at < stop:
                continue  # the fast pass has been here, and came no further
            since = self._since(at + 1)
            if since is not None:
                doubted, end = self._compiled.passes(pieces, self.delimiters, None, since)
                if end is None:
                    tell_doubted(doubted, self._teller, trail)
                    return True
                stop = end or len(pieces.segments)
        return False

    def _since(self, at: int) -> Since | None:
        """Give where the fast pass can go on, before the `at`-th segment; None while something is still open."""
        frames, node = self.frames, self.node
        if self._fork is not None or self._trace is not None or self._astray or node.ring is not frames[-1].ring:
            return None
        numbers: list[int] = []
        for outer, frame in pairwise(frames):
            if outer.counts[frame.ring.at] != frame.number or any(outer.counts[frame.ring.at + 1 :]):
                return None
            numbers.append(frame.number)
        if any(frames[-1].counts[node.at + 1 :]):
            return None
        numbers.append(1 if node.opens or node.at < 0 else frames[-1].counts[node.at])
        return self._compiled.since(at, node, numbers)

    def _finish(self) -> tuple[Finding, ...]:
        """Close the set, let the guide judge it, and give what was found."""
        self.end()
        for barren, node, place in self._levels.barren():
            self._teller.element(barren, node, partial(_same, place))
        plan = self._rules.plan
        if plan is not None:
            items = ((node, spoken.elements) for spoken, node, _, _ in self._spots)
            faults = plan.faults(items, self.delimiters.component)
            self._teller.of_guide(
                faults, lambda item: self._spots[item][0].in_set if self._spots else 1, self._place_of
            )
        return self._teller.told()

    # What the builder tells

    def enough(self) -> bool:
        """Say whether the rest of the set may stay unread: it is refused, and so much is wrong."""
        fork = self._fork
        return self._teller.enough() if fork is None else self._teller.enough(cast("_Told", fork.before.told).mark)

    def placed(self, spoken: Spoken, node: Node, frame: Frame) -> None:
        """Check the elements of a segment in its place."""
        self._last = spoken
        number = 1 if node.opens else frame.counts[node.at]
        if node.id == LS:
            self._orphans.bounded()
        plan = self._rules.plan
        if plan is not None and (plan.watches(node) or not self._spots):
            self._spots.append((spoken, node, self._around(), number))
        if number > node.maximum:
            return  # it is one too many, which is told: what it holds is no fault of its own
        if node.id in _TIES:
            for fault in self._of_structure(spoken, node, frame):
                self._teller.element(fault, node, partial(self._place_at, spoken, number))
        if self._doubtful(spoken):
            for fault in self._elements.faults(node.segment, spoken.elements, self.delimiters):
                self._teller.element(fault, node, partial(self._place_at, spoken, number))

    def astray(self, spoken: Spoken, node: Node) -> None:
        """Check the elements of a segment in a wrong place."""
        self._last = spoken
        for fault in self._elements.faults(node.segment, spoken.elements, self.delimiters):
            self._teller.element(fault, None, partial(self._place_at, spoken, 1))

    def missing(self, child: Node | Ring, frame: Frame, spoken: Spoken | None) -> None:
        """Tell of a mandatory segment or loop that is not there, at the place where it was noticed."""
        if child.id == "SE" and spoken is None:
            return  # a set without SE is a fault of its envelope, and told there
        if spoken is self._doubled:
            return
        if self._teller.full():
            return
        here = self._missing_at(child, frame, spoken)
        label = self._rules.dictionary.label(child.id)
        what = f"the loop {child.id} ({label})" if isinstance(child, Ring) else f"{child.id} ({label})"
        inside = f" in {frame.ring.id}" if frame.ring.parent is not None else ""
        before = f" before {spoken.id}" if spoken is not None else ""
        message = f"{what[0].upper()}{what[1:]} is missing{inside}{before}: it is mandatory."
        finding = Finding("x12.segment.missing", Severity.REFUSE, message, here, ack=ack_code("AK3", "3"))
        told = self._teller.allow(finding, [], 0, self._heads(frame))
        self._missed[id(frame), id(child)] = frame, told
        self._teller.tell(told)

    def repeated(self, child: Node | Ring, frame: Frame, spoken: Spoken) -> None:
        """Tell of a segment or loop that stands once too often."""
        if self._teller.full():
            return
        if self._closes_at_last(child, frame, spoken):
            return
        loop = isinstance(child, Ring)
        if spoken.id == LS and self.node.id == LS:
            self._doubled = spoken  # then the one before it was never meant to hold anything, or to end
        most = counted(child.maximum, "time") if child.maximum > 1 else "once"
        inside = frame.ring.id if frame.ring.parent is not None else f"the {self.states.set_def.id}"
        what = f"The loop {child.id}" if loop else child.id
        message = f"{what} stands here for the {ordinal(child.maximum + 1)} time; {inside} may hold it {most}."
        code, ack = ("x12.loop.repeated", "4") if loop else ("x12.segment.repeated", "5")
        here = self._at(spoken, child.maximum + 1)
        finding = Finding(code, Severity.REFUSE, message, here, spoken.id, f"at most {most}", ack_code("AK3", ack))
        self._teller.tell(self._teller.allow(finding, spoken.elements, 0, self._heads(self.frames[-1])))

    def _closes_at_last(self, child: Node | Ring, frame: Frame, spoken: Spoken) -> bool:
        """Say whether a second LE names the loop that the one before it did not: that one is told already."""
        wrong, self._wrong_end = self._wrong_end, None
        return child.id == "LE" and wrong is frame and spoken.get(1) == frame.loop.head.get(1)

    def misplaced(self, spoken: Spoken, child: Node | Ring | None) -> None:
        """Tell of a segment of the set in a wrong place; one that was missed before is not missing, but late."""
        self._found_late(spoken, child)
        if self._is_told_already(spoken, child):
            return
        if self._teller.full():
            return
        after = f" after {self.node.id}" if self.node.id else ""
        if child is not None:
            message = f"{spoken.id} comes too late{after}: its place is further up."
            ack, fix = ack_code("AK3", "7"), "Ask the partner to keep the order of segments."
        else:
            loops = self._belongs(spoken.id)
            message = f"{spoken.id} cannot stand here{after}: it belongs in {loops}."
            ack, fix = ack_code("AK3", "2"), "See whether the segment that opens the loop is missing."
        here = self._at(spoken, 1)
        finding = Finding("x12.segment.misplaced", Severity.REFUSE, message, here, spoken.id, None, ack, fix)
        self._teller.tell(self._teller.allow(finding, spoken.elements, 0, self._heads(self.frames[-1])))

    def _is_told_already(self, spoken: Spoken, child: Node | Ring | None) -> bool:
        """Say whether a misplaced segment only lacks what the one before it lacked: the head of its loop, or its LS.

        What a guide allows of one segment it need not allow of the next, so that there both are told.
        """
        if self._rules.allows:
            return False
        if spoken.id == "LE":
            return self._orphans.ends_lost(spoken, self.frames)
        homes = () if child is not None else tuple(self._likes(spoken.id))
        return self._orphans.follows(spoken, homes, self.frames)

    def told(self) -> object:
        """Give all that is told so far, and what may bear on what comes."""
        missed, levels, orphans = self._missed.copy(), self._levels.mark(), self._orphans.mark()
        return _Told(self._teller.mark(), missed, len(self._spots), levels, orphans)

    def rewound(self, told: object) -> None:
        """Forget what was told since."""
        mark, self._missed, size, levels, orphans = cast("_Told", told)
        self._teller.rewind(mark)
        self._levels.rewind(levels)
        self._orphans.rewind(orphans)
        self._doubled = _NONE
        del self._spots[size:]

    def _found_late(self, spoken: Spoken, child: Node | Ring | None) -> None:
        """Take back that a segment or loop is missing, or the LE of a bounded loop that is closed by now."""
        keys = [(id(frame), id(child)) for frame in self.frames]
        if child is None and spoken.id == "LE":
            keys = [key for key, (_, finding) in self._missed.items() if finding.where.segment_id == "LE"][-1:]
        missed = next((found for key in keys if (found := self._missed.pop(key, None)) is not None), None)
        if missed is not None:
            self._teller.take_back(missed[1])

    def foreign(self, spoken: Spoken) -> None:
        """Tell of a segment that the set does not have."""
        self._last = spoken
        level = self.states.vocabulary.get(LEVEL)
        if level is not None and (is_like(spoken.id, LEVEL) or self.resembles(spoken, level)):
            list(self._levels.faults(spoken, level, partial(self._place_at, spoken, 1)))  # others may name it
        if self._teller.full():
            return
        set_id, version = self.states.set_def.id, self._rules.version
        known = self._rules.dictionary.known(version, spoken.id)
        if not self._rules.allows:  # who may be as they are stand for nobody else
            self.stranger = Stranger(spoken, known)
        if known:
            message = f"{spoken.id} is a segment of X12, but not of the {set_id}."
            code, ack, like = "x12.segment.foreign", "6", None
        else:
            message = f"{quoted(spoken.id)} is no segment of X12 {version}."
            code, ack, like = "x12.segment.unknown", "1", nearest(spoken.id, self.states)
        fix = f"It looks like {like}: ask the partner to send that." if like else None
        here, told = self._at(spoken, 1), ack_code("AK3", ack)
        finding = Finding(code, Severity.REFUSE, message, here, spoken.id, like, told, fix)
        self._teller.tell(self._teller.allow(finding, spoken.elements, 0, self._heads(self.frames[-1])))

    def resembles(self, spoken: Spoken, node: Node) -> bool:
        """Say whether what a segment holds would be right at the place of another; one value alone tells nothing."""
        enough = sum(map(bool, spoken.elements)) > TELLING
        return enough and not self._elements.faults(node.segment, spoken.elements, self.delimiters)

    def stands_for(self, stranger: Spoken, child: Node | Ring, follower: str | None = None) -> None:
        """Say in the finding on a stranger what it was meant to be."""
        findings = self._teller.findings
        for at in range(len(findings) - 1, -1, -1):
            told = findings[at]
            if told.where.in_set == stranger.in_set and told.code in _STRANGE:
                what = f"{child.id} ({self._rules.dictionary.label(child.id)})"
                since = f", as {follower} follows," if follower else ""
                likely = f"It seems to stand for {what}{since} and is taken for it."
                fix = f"Ask the partner to send {child.id} there."
                findings[at] = replace(told, message=f"{told.message} {likely}", wanted=child.id, fix=fix)
                return

    # Faults into findings

    def _of_structure(self, spoken: Spoken, node: Node, frame: Frame) -> Iterator[Fault]:
        """Check what ties segments to each other: HL numbers, and LE to its LS."""
        if node.id == LEVEL:
            yield from self._levels.faults(spoken, node, partial(self._place_at, spoken, 1))
        elif node.id == "LE" and spoken.get(1) != frame.loop.head.get(1):
            wanted, self._wrong_end = frame.loop.head.get(1), frame
            message = f"LE01 {quoted(spoken.get(1))} does not close the loop that LS01 {quoted(wanted)} opened."
            yield Fault("x12.loop.bounds", "7", message, 1, "447", seen=spoken.get(1), wanted=wanted)

    def _doubtful(self, spoken: Spoken) -> bool:
        """Say whether the elements of a segment need the slow check: the compiled functions take plain ones only."""
        elements = spoken[0]
        if self._functions[elements[0]](elements):
            return True
        return not self._plain and is_odd(self.delimiters.element.join(elements), self.delimiters)

    def _likes(self, segment_id: str) -> Iterator[Node]:
        """Give all places of the set where a segment of this id may stand."""
        return (node for node in self.states.nodes if node.id == segment_id)

    def _belongs(self, segment_id: str) -> str:
        """Say in which loops of the set a segment may stand."""
        places = sorted({"/".join(node.ring.loops()) for node in self._likes(segment_id)})
        return " or ".join(place or "no loop" for place in places)

    # Places

    def _heads(self, frame: Frame) -> list[tuple[Ring, list[str]]]:
        if not self._rules.allows:
            return []  # nobody else asks for them
        depth = self.frames.index(frame) if frame in self.frames else len(self.frames) - 1
        return [(each.ring, each.loop.head.elements) for each in self.frames[1 : depth + 1]]

    def _around(self) -> tuple[Opened, ...]:
        """Give the loops that are open now, from outside, in few bytes: they are kept for each segment."""
        top = self.frames[-1]
        if self._top is not top:
            self._top, self._opened = top, tuple([Opened(frame.ring, frame.number) for frame in self.frames[1:]])
        return self._opened

    def _loops(self) -> str:
        return "/".join(frame.ring.id for frame in self.frames[1:])

    def _place_at(self, spoken: Spoken, number: int) -> Place:
        """Give the place of a segment in the loop that is open now."""
        path = path_of(self.frames[1:], spoken.id, number)
        return Place(spoken, self._loops(), path, self._heads(self.frames[-1]))

    def _place_of(self, item: int) -> Place:
        """Give the place of one of the segments that found theirs."""
        if not self._spots:
            return Place(Spoken(["ST"], 1), "", "ST", ())
        spoken, _, frames, number = self._spots[item]
        loops = "/".join(frame.ring.id for frame in frames)
        return Place(spoken, loops, path_of(frames, spoken.id, number), ())

    def _at(self, spoken: Spoken, number: int) -> Position:
        path = path_of(self.frames[1:], spoken.id, number)
        return self._teller.position(spoken, self._loops(), path)

    def _missing_at(self, child: Node | Ring, frame: Frame, spoken: Spoken | None) -> Position:
        depth = self.frames.index(frame) if frame in self.frames else len(self.frames)
        frames = self.frames[1 : depth + 1] if frame in self.frames else [*self.frames[1:], frame]
        loops = "/".join(each.ring.id for each in frames)
        place = spoken or self._last or Spoken([""], 1, self._outline.number, self._outline.start)
        return self._teller.position(place, loops, path_of(frames, child.id, 1), child.id)


def _same(place: Place) -> Place:
    return place


_NONE: Final = Spoken([""], 0)
"""No segment of any set."""

_STRANGE: Final = frozenset({"x12.segment.foreign", "x12.segment.unknown"})
_TIES: Final = frozenset({LEVEL, "LE"})
"""Segments that refer to others of their set."""
