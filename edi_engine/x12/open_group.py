"""A functional group while the first pass is inside it: judges its GS and its GE."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.check_value import bad_time
from edi_engine.x12.envelope import is_date
from edi_engine.x12.open_set import COUNT
from edi_engine.x12.scan import Mark
from edi_engine.x12.sets import Kept, Placed
from edi_engine.x12.values import GroupOutline
from edi_engine.x12.wording import quoted

_CONTROL: Final = re.compile(r"[0-9]{1,9}")
_PARTY: Final = re.compile(r".{2,15}")
_NUMBER: Final = re.compile(r"[0-9]+")
_VERSION: Final = re.compile(r"00[0-9]{4}")
_OLDEST: Final = "003040"
"""The version from which on we know how dates are written."""
_WITH_CENTURY: Final = "004010"
"""The version from which on dates are written CCYYMMDD, no longer YYMMDD."""


def same_number(one: str, other: str) -> bool:
    """Say whether two control numbers are equal; zeros in front are padding."""
    if one == other:
        return True
    numeric = _NUMBER.fullmatch(one) is not None and _NUMBER.fullmatch(other) is not None
    return numeric and one.lstrip("0") == other.lstrip("0")


def _date_digits(version: str) -> int | None:
    """Give the digits of GS04 in a version, as GS08 names it; None where we do not know."""
    if _VERSION.match(version) is None or version < _OLDEST:
        return None
    return 8 if version >= _WITH_CENTURY else 6


class OpenGroup:
    """A group whose GE has not come yet.

    `lost` counts sets whose ST is damaged: their segments were told, so that the count in GE01 is no further fault.

    `taken` gives the segment of the interchange in which a kind, sender, receiver and control number came first.
    """

    def __init__(self, head: Mark, within: Position, taken: dict[tuple[str, ...], int], sets: Kept | Placed) -> None:
        """Open the group at its GS, inside the interchange of `within`; `sets` takes what is found in it."""
        self.sets = sets
        self.findings: list[Finding] = []
        self.lost = 0
        self._head = head
        self.within = replace(within, group=head.get(6))
        control, key = head.get(6), (head.get(1), head.get(2), head.get(3), head.get(6))
        if not _CONTROL.fullmatch(control):
            message = f"GS06 {quoted(control)} is not a control number of 1 to 9 digits."
            self._blame("envelope.control.invalid", "6", message, head.place(self.within, 6), control)
        elif key in taken:
            message = (
                f"GS06 {quoted(control)} was already used in this interchange by a group of the same kind, sender and "
                f"receiver (segment {taken[key]:,})."
            )
            self._blame("envelope.control.repeated", "19", message, head.place(self.within, 6), control)
        taken.setdefault(key, head.number)
        if not is_date(head.get(4)):
            message = f"GS04 {quoted(head.get(4))} is not a date."
            self._blame("envelope.date", "30", message, head.place(self.within, 4), head.get(4), warn=True)
        elif (digits := _date_digits(head.get(8))) not in {None, len(head.get(4))}:
            message = (
                f"GS04 {quoted(head.get(4))} has {len(head.get(4))} digits; in version {head.get(8)} it has {digits}."
            )
            self._blame("envelope.date", "30", message, head.place(self.within, 4), head.get(4), warn=True)
        if bad_time(head.get(5)):
            message = f"GS05 {quoted(head.get(5))} is not a time of day."
            self._blame("envelope.time", "31", message, head.place(self.within, 5), head.get(5), warn=True)

        for n, ack in ((2, "7"), (3, "8")):
            if not _PARTY.fullmatch(head.get(n)):
                message = f"GS{n:02d} {quoted(head.get(n))} is not an id of 2 to 15 characters."
                self._blame("envelope.party", ack, message, head.place(self.within, n), head.get(n), warn=True)
        if head.get(7) not in {"T", "X"}:
            message = f"GS07 {quoted(head.get(7))} is neither X nor T."
            self._blame("envelope.agency", "9", message, head.place(self.within, 7), head.get(7), "X", warn=True)

    def end(self, trailer: Mark, ordinal: int) -> GroupOutline:
        """Close the group with its GE."""
        stated, real = trailer.get(1), len(self.sets)
        if not COUNT.fullmatch(stated) or int(stated) not in {real, real + self.lost - self.sets.empty}:
            message = f"GE01 says {quoted(stated)} transaction sets, but the group has {real:,}."
            self._blame("envelope.count.sets", "5", message, trailer.place(self.within, 1), stated, str(real))
        control, wanted = trailer.get(2), self._head.get(6)
        if _CONTROL.fullmatch(wanted) and not same_number(control, wanted):  # what is no number was told at the GS
            message = f"GE02 {quoted(control)} does not match GS06 {quoted(wanted)}."
            self._blame("envelope.control.mismatch", "4", message, trailer.place(self.within, 2), control, wanted)
        return self._outline(ordinal, stated, trailer.end)

    def give_up(self, here: Mark, ordinal: int) -> GroupOutline:
        """Close the group without its GE, where `here` comes instead."""
        message = f"Group {self._head.get(6)} has no GE: {here.id} follows at byte {here.start:,}."
        self._blame("envelope.missing.ge", "3", message, replace(here.place(self.within), segment_id="GE"))
        return self._outline(ordinal, "", here.start)

    def _outline(self, ordinal: int, stated: str, end: int) -> GroupOutline:
        head = self._head
        return GroupOutline(
            ordinal=ordinal,
            kind=head.get(1).strip(),
            sender=head.get(2).strip(),
            receiver=head.get(3).strip(),
            date=head.get(4),
            time=head.get(5),
            control=head.get(6),
            agency=head.get(7).strip(),
            version=head.get(8).strip(),
            stated_sets=stated,
            start=head.start,
            end=end,
            number=head.number,
            sets=self.sets.done(),
            findings=tuple(self.findings),
        )

    def _blame(
        self,
        code: str,
        ack: str,
        message: str,
        place: Position,
        seen: str | None = None,
        wanted: str | None = None,
        *,
        warn: bool = False,
    ) -> None:
        severity = Severity.WARNING if warn else Severity.REFUSE
        self.findings.append(Finding(code, severity, message, place, seen, wanted, AckCode("AK9", ack)))
