"""A transaction set while the first pass is inside it: judges its ST and its SE."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.scan import Mark
from edi_engine.x12.values import SetOutline
from edi_engine.x12.wording import quoted

COUNT: Final = re.compile(r"[0-9]{1,10}")
"""A count as X12 writes it; int() alone takes signs, underscores and the digits of other scripts."""
_ID: Final = re.compile(r"[0-9A-Z]{3}")
_CONTROL: Final = re.compile(r"\S.{0,8}")


class OpenSet:
    """A set whose SE has not come yet. `used` gives the segment in which its group used a control number first."""

    def __init__(self, head: Mark, within: Position, used: MutableMapping[str, int]) -> None:
        """Open the set at its ST, inside the interchange and group of `within`."""
        self._used = used
        self._head = head
        self._group = within
        self._findings: list[Finding] = []
        set_id, control = head.get(1), head.get(2)
        if not _ID.fullmatch(set_id):
            message = f"ST01 {quoted(set_id)} is not a set id of 3 characters, such as 850."
            self._blame("envelope.set-id", "6", message, head.place(self._within, 1, in_set=1), set_id)
        if not _CONTROL.fullmatch(control):
            message = f"ST02 {quoted(control)} is not a control number of 4 to 9 characters."
            self._blame("envelope.control.invalid", "7", message, head.place(self._within, 2, in_set=1), control)
        elif control in used:
            message = f"ST02 {quoted(control)} was already used in this group (segment {used[control]:,})."
            self._blame("envelope.control.repeated", "23", message, head.place(self._within, 2, in_set=1), control)
        used.setdefault(control, head.number)

    @property
    def _within(self) -> Position:
        return replace(self._group, set_control=self._head.get(2), set_id=self._head.get(1))

    def end(self, trailer: Mark, ordinal: int) -> SetOutline:
        """Close the set with its SE. Its SE02 must be the text of ST02, blanks around it aside: `1` is not `0001`."""
        real, stated, control = trailer.number - self._head.number + 1, trailer.get(1), trailer.get(2)
        if not COUNT.fullmatch(stated) or int(stated) != real:
            message = f"SE01 says {quoted(stated)} segments, but ST through SE are {real:,}."
            place = trailer.place(self._within, 1, in_set=real)
            self._blame("envelope.count.segments", "4", message, place, stated, str(real))
        wanted = self._head.get(2)
        if control != wanted and _CONTROL.fullmatch(wanted):  # what is no number was told at the ST
            message = f"SE02 {quoted(control)} does not match ST02 {quoted(wanted)}."
            place = trailer.place(self._within, 2, in_set=real)
            self._blame("envelope.control.mismatch", "3", message, place, control, wanted)
        return self._outline(ordinal, trailer.end, real)

    def give_up(self, here: Mark, ordinal: int) -> SetOutline:
        """Close the set without its SE, where `here` comes instead."""
        real = here.number - self._head.number
        name = f"Set {self._head.get(1)} {self._head.get(2)}"
        message = f"{name} has no SE: {here.id} follows at byte {here.start:,}."
        place = replace(here.place(self._within, in_set=real + 1), segment_id="SE")
        self._blame("envelope.missing.se", "2", message, place)
        if real == 1 and self._used.get(self._head.get(2)) == self._head.number:
            del self._used[self._head.get(2)]  # an ST that stands twice in a row: the second one opens the set
        return self._outline(ordinal, here.start, real)

    def _outline(self, ordinal: int, end: int, segments: int) -> SetOutline:
        return SetOutline(
            ordinal=ordinal,
            set_id=self._head.get(1),
            control=self._head.get(2),
            start=self._head.start,
            end=end,
            number=self._head.number,
            segments=segments,
            findings=tuple(self._findings),
            implementation=self._head.get(3),
        )

    def _blame(
        self, code: str, ack: str, message: str, place: Position, seen: str | None = None, wanted: str | None = None
    ) -> None:
        self._findings.append(Finding(code, Severity.REFUSE, message, place, seen, wanted, AckCode("AK5", ack)))
