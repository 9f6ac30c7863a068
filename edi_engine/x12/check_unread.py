"""Very small sets of a large file that cannot be right: each is refused at the first fault that is certain.

There is no room to tell more of them (see `check_room`), so that their loops need not be built either. A set is refused
so only where the whole check would refuse it as well; of any other this says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.check_reads import matters
from edi_engine.x12.check_tell import Rules
from edi_engine.x12.compile_set import Doubted
from edi_engine.x12.tree_states import Node, States, Step
from edi_engine.x12.values import Delimiters, SetOutline
from edi_engine.x12.wording import quoted

_BOUNDS: Final = frozenset({"LS", "LE"})
"""What one of these lacks may come later, and is then taken back."""


class Misfits:
    """Finds where sets of one kind are wrong for certain."""

    def __init__(self, built: States, rules: Rules) -> None:
        """Know the grammar, and the faults that a guide allows somewhere."""
        self._states = built
        self._rules = rules
        self._allowed = {(word, rule.path.steps[-1].segment) for rule in rules.allows for word in rule.allow}
        self._ways: dict[tuple[Node, str], Step | bool] = {}

    def unread(self, segments: Iterable[str], element: str, outline: SetOutline, where: Position) -> Finding | None:
        """Refuse a set at the first of its segments that fits nowhere; None where that is not certain."""
        node, before = self._states.start, ""
        for at, segment in enumerate(segments):
            segment_id = segment.partition(element)[0]
            if segment_id[:1] <= " ":
                return None  # no segment, or blanks before one
            way = self._ways.get((node, segment_id))
            if way is None:
                way = self._way(node, segment_id)
            if way is True:
                said = f"{quoted(segment_id)} cannot stand here after {before or 'nothing'}"
                return _refused(said, segment_id, at, outline, where)
            if way is False or (way.again and way.limit <= at):
                return None  # the second: it may be one too many, which leads elsewhere
            node, before = way.node, segment_id
        return None

    def wrong(
        self, doubted: Sequence[Doubted], delimiters: Delimiters, outline: SetOutline, where: Position
    ) -> Finding | None:
        """Refuse a set whose segments stand in their places for the first element that is wrong for certain."""
        for at, node, elements, _ in doubted:
            for fault in self._rules.elements.faults(node.segment, elements, delimiters):
                refuses = fault.severity is Severity.REFUSE and matters(self._rules.reads, node, fault)
                if refuses and not self._may(fault.code.rsplit(".", 1)[1], node.id):
                    return _refused(fault.message[:-1], node.id, at, outline, where, fault.element)
        return None

    def _way(self, node: Node, segment_id: str) -> Step | bool:
        """Say where a segment leads after another; True where it cannot stand there, False where that is not certain.

        Ids of no segment of the set are not kept, as a hostile file could name any number.
        """
        if segment_id not in self._states.vocabulary:
            return not self._may("unknown", segment_id) and not self._may("foreign", segment_id)
        found = self._ways[node, segment_id] = self._looked_up(node, segment_id)
        return found

    def _looked_up(self, node: Node, segment_id: str) -> Step | bool:
        if segment_id in _BOUNDS:
            return False
        step = next((step for step in node.follow(segment_id) if not (step.again and step.limit == 1)), None)
        if step is None:
            return not self._may("misplaced", segment_id) and not self._may("repeated", segment_id)
        if not step.skipped:
            return False if step.rivals else step  # at a fork either way may prove right
        missing = {self._id_of(node, up, at) for up, at in step.skipped} - _BOUNDS
        return any(not self._may("missing", one) and not self._may("misplaced", one) for one in missing)

    def _id_of(self, node: Node, up: int, at: int) -> str:
        """Name the `at`-th child of the ring that is open after `up` loops are closed."""
        ring = node.ring
        for _ in range(up):
            ring = ring.parent or ring
        return ring.children[at].id

    def _may(self, word: str, segment_id: str) -> bool:
        return bool(self._allowed) and (word, segment_id) in self._allowed


def _refused(
    said: str, segment_id: str, at: int, outline: SetOutline, where: Position, element: int | None = None
) -> Finding:
    message = (
        f"{said}: the set is refused, and was looked at no further. So large a file has no room for all that is wrong "
        "with so small a set."
    )
    here = Position(
        where.file,
        None,
        where.interchange,
        where.group,
        where.set_control or outline.control,
        where.set_id or outline.set_id,
        outline.number + at,
        at + 1,
        segment_id,
        element=element,
    )
    return Finding("x12.set.unread", Severity.REFUSE, message, here, ack=_WRONG, fix=_FIX)


_WRONG: Final = AckCode("AK5", "5")
_FIX: Final = "Check a file with some of these sets alone: then all is told."
