"""What ties the levels (HL) of a set to each other: each has a number, and names the one above it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from edi_engine.finding import Severity
from edi_engine.x12.check_fault import Fault
from edi_engine.x12.check_tell import Place
from edi_engine.x12.tree_forks import MOST_HEARD
from edi_engine.x12.tree_states import Node
from edi_engine.x12.values import Spoken
from edi_engine.x12.wording import quoted

LEVEL: Final = "HL"
_KEPT: Final = 4 * MOST_HEARD
"""Changes that can be taken back: more than come by two for each segment since a fork."""


class Levels:
    """The levels of one set so far."""

    def __init__(self) -> None:
        """Know none yet."""
        self._says: dict[str, str] = {}  # HL04 by HL01
        self._changes: deque[tuple[str, str | None]] = deque(maxlen=_KEPT)  # what it was before each change
        self._changed = 0
        self._promised: dict[
            str, tuple[Node, Place]
        ] = {}  # levels below which there should be others, and are none yet

    def faults(self, spoken: Spoken, node: Node, place: Callable[[], Place]) -> Iterator[Fault]:
        """Take in the next level, and give what is wrong with its numbers; `place` gives where it stands."""
        number, parent = spoken.get(1), spoken.get(2)
        if parent and parent not in self._says:
            message = f"HL02 {quoted(parent)} names no level that came before level {quoted(number)}."
            yield Fault("x12.level.parent", "7", message, 2, "734", seen=parent, wanted="an HL01 from further up")
        elif parent and self._says[parent] == "0":
            self._change(parent, "")  # once is enough
            message = f"HL02 {quoted(parent)} names a level that says by its HL04 0 that it has no others below it."
            yield Fault("x12.level.children", None, message, 2, "734", seen=parent, severity=Severity.WARNING)
        self._promised.pop(parent, None)
        if number and number in self._says:
            message = f"HL01 {quoted(number)} is the number of an earlier level already."
            yield Fault("x12.level.repeated", "7", message, 1, "628", seen=number)
        self._change(number, spoken.get(4))
        if spoken.get(4) == "1":
            self._promised[number] = node, place()

    def mark(self) -> int:
        """Give what is known so far, for `rewind`."""
        return self._changed

    def rewind(self, mark: int) -> None:
        """Go back to what was known at the mark, no more than some segments ago."""
        while self._changed > mark and self._changes:
            self._changed -= 1
            number, before = self._changes.pop()
            if before is None:
                del self._says[number]
            else:
                self._says[number] = before

    def _change(self, number: str, says: str) -> None:
        self._changes.append((number, self._says.get(number)))
        self._changed += 1
        self._says[number] = says

    def barren(self) -> Iterator[tuple[Fault, Node, Place]]:
        """Give the levels below which there should be others, and are none."""
        for number, (node, place) in self._promised.items():
            message = f"HL04 1 says that others hang below level {quoted(number)}, but none does."
            yield (
                Fault("x12.level.children", None, message, 4, "736", seen="1", severity=Severity.WARNING),
                node,
                place,
            )
