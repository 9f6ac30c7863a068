"""One interchange from its ISA to its IEA: what it holds, and whether its segments stand in their places."""

from __future__ import annotations

import re
from dataclasses import replace
from mmap import mmap
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.envelope import LENGTH, PLAUSIBLE, WIDTHS, Header
from edi_engine.x12.open_group import OpenGroup, same_number
from edi_engine.x12.open_set import COUNT, OpenSet
from edi_engine.x12.scan import Mark, PlainSet, marks, overlong, segments_in
from edi_engine.x12.sets import Kept, Placed
from edi_engine.x12.unpack import padding
from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline
from edi_engine.x12.wording import counted, named, quoted

_NO_GE: Final = "envelope.missing.ge"
_MOST: Final = 100
"""Segments out of place that are told one by one; the rest of an interchange's are counted."""
_HEAD: Final = 64
"""Bytes at the beginning of a segment without end in which its id is looked for."""
_HOPELESS: Final = 5_000
"""Faults after which an interchange is not read on: no sender means such a file, and each fault costs time and room."""


class Walk:
    """The walk over one interchange. After `run`, `end` and `number` say where it stopped.

    `number` counts the segments of the file so far. No bytes make it raise.
    """

    def __init__(
        self, data: bytes | mmap, header: Header, file: str | None, *, keep: bool = True, stop: int | None = None
    ) -> None:
        """Stand at the ISA `header`. Without `keep` the sets are found again in `data` when they are asked for.

        `stop` is the byte where another ISA begins, beyond which nothing is looked at.
        """
        self._size = len(data) if stop is None else stop
        self._ends = "the end of the file" if stop is None else "where another ISA begins"
        self.end = self._size
        self.number = header.number
        self._data = data
        self._keep = keep
        self._header = header
        self._delimiters = header.delimiters
        self._within = Position(file=file, interchange=header.control)
        self._last: Mark | PlainSet = Mark(("ISA",), header.start, header.start + LENGTH, header.number)
        self._findings = list(header.findings)
        self._groups: list[GroupOutline] = []
        self._taken: dict[tuple[str, ...], int] = {}
        self._acknowledgments: list[tuple[str, ...]] = []
        self._group: OpenGroup | None = None
        self._set: OpenSet | None = None
        self._homeless = False  # inside a set that stands outside any group: its segments are no further fault
        self._no_gs = False  # such a set was seen: neither the sets after it nor their GE are further faults
        self._strays = False  # what stands right before this segment was told already: it explains what is missing here
        self._lost_groups = 0  # groups whose GS is lost, which is told already
        self._unclosed: set[str] = set()  # control numbers of groups that were given up: their GE is no further fault
        self._unsaid = 0
        self._faults = 0

    def run(self, ordinal: int, max_segment: int) -> InterchangeOutline:
        """Walk to the IEA, to the next ISA or to the end of the file: the `ordinal`th interchange."""
        start = self._header.start + LENGTH
        closed = False
        for found in marks(self._data, start - 1, self.number, self._delimiters, max_segment, self._size):
            if (
                isinstance(found, PlainSet)  # a set that is right in itself, and around which nothing may be wrong
                and (group := self._group) is not None
                and self._set is None
                and found.first == self._last.number + 1
                and group.sets.take(found)
            ):
                self._last = found
                continue
            closed = any(self._step(mark) for mark in found.marks())
            if closed:
                break
        long = overlong(self._data, start, self.end, self._delimiters, max_segment)
        if long is not None:
            self._overlong(long, max_segment)
        if not closed:
            self._cut(told=long is not None)
        if self._unsaid:
            message = f"{counted(self._unsaid, 'more segment')} out of place in this interchange are not listed."
            self._reject("envelope.outside", "022", message, self._within)
        return replace(
            self._header.opens(ordinal, self.end),
            groups=tuple(self._groups),
            acknowledgments=tuple(self._acknowledgments),
            whole=closed,
            findings=tuple(self._findings),
        )

    def _step(self, mark: Mark) -> bool:
        """Go on to an envelope segment; say whether the interchange ends with it."""
        if not mark.terminated and not self._is_whole(mark):
            return False
        self._strays = self._set is None and not self._homeless and self._gap(mark)
        if self._take(mark) or self._hopeless(mark):
            return True
        self._last = mark
        return False

    def _is_whole(self, mark: Mark) -> bool:
        """Say whether a last segment without terminator is a whole IEA: nothing of its control number is missing."""
        control = mark.get(2)
        return mark.id == "IEA" and (len(control) >= WIDTHS[12] or same_number(control, self._header.control))

    def _take(self, mark: Mark) -> bool:
        """Take one envelope segment; say whether the interchange ends with it."""
        match mark.id:
            case "ST":
                self._st(mark)
            case "SE":
                self._se(mark)
            case "GS":
                self._close(mark)
                self._homeless = self._no_gs = False
                self._group = OpenGroup(mark, self._within, self._taken, self._holder())
            case "GE":
                self._ge(mark)
            case "TA1":
                self._ta1(mark)
            case "IEA":
                self._iea(mark)
                return True
            case _:
                self._no_iea(mark)
                return True
        return False

    def _holder(self) -> Kept | Placed:
        """Give what takes the sets of a new group."""
        return Kept(self._delimiters) if self._keep else Placed(self._data, self._delimiters)

    def _st(self, mark: Mark) -> None:
        self._close_set(mark)
        if self._group is not None:
            self._set = OpenSet(mark, self._group.within, self._group.sets.used)
        elif not self._no_gs:
            name = f"{mark.get(1)} {mark.get(2)}"
            if not self._strays:
                self._outside(mark, f"Set {name} stands outside any functional group: no GS opens one.")
            self._lost_groups += 1
        self._homeless = self._no_gs = self._group is None

    def _se(self, mark: Mark) -> None:
        if self._set is not None and self._group is not None:
            self._add(self._set.end(mark, len(self._group.sets) + 1))
            self._set = None
        elif self._strays:  # the segments before it were told: they are a set whose ST is damaged
            if self._group is not None:
                self._group.lost += 1
        elif not self._homeless:
            self._outside(mark, "An SE stands here without an ST before it.")
        self._homeless = False

    def _ge(self, mark: Mark) -> None:
        self._close_set(mark)
        if self._group is not None:
            self._add(self._group.end(mark, len(self._groups) + 1))
            self._group = None
        elif not self._no_gs and mark.get(2) not in self._unclosed:
            self._outside(mark, "A GE stands here without a GS before it.")
        self._homeless = self._no_gs = False

    def _ta1(self, mark: Mark) -> None:
        if self._homeless or self._set is not None:
            return  # a segment of that set, for the check to judge
        if self._group is None:
            self._acknowledgments.append(mark.elements)
        else:
            self._outside(mark, "A TA1 stands inside a functional group, where it answers nothing.")

    def _iea(self, mark: Mark) -> None:
        self._close(mark)
        self.end, self.number = mark.end, mark.number
        stated, real, control = mark.get(1), len(self._groups), self._header.control
        if not COUNT.fullmatch(stated) or int(stated) not in {real, self._told_groups()}:
            message = f"IEA01 says {quoted(stated)} functional groups, but the interchange has {real:,}."
            self._reject("envelope.count.groups", "021", message, mark.place(self._within, 1), stated, str(real))
        if control.isdecimal() and not same_number(mark.get(2), control):  # what is no number was told at the ISA
            message = f"IEA02 {quoted(mark.get(2))} does not match ISA13 {quoted(control)}."
            place = mark.place(self._within, 2)
            self._reject("envelope.control.mismatch", "001", message, place, mark.get(2), control)
        if not mark.terminated:
            message = f"The last segment, IEA, ends with the file instead of {named(self._delimiters.segment)}."
            self._findings.append(Finding("envelope.terminator", Severity.WARNING, message, mark.place(self._within)))

    def _no_iea(self, mark: Mark) -> None:
        """End the interchange where another one begins instead of its IEA."""
        self._close(mark)
        self.end, self.number = mark.start, mark.number - 1
        message = f"Interchange {self._header.control} has no IEA: the next ISA begins at byte {mark.start:,}."
        self._reject("envelope.missing.iea", "022", message, replace(mark.place(self._within), segment_id="IEA"))

    def _add(self, done: SetOutline | GroupOutline) -> None:
        """Keep a set in its group, or a group in the interchange."""
        self._faults += len(done.findings)
        if isinstance(done, GroupOutline):
            self._groups.append(done)
        elif self._group is not None:
            self._group.sets.append(done)

    def _hopeless(self, mark: Mark) -> bool:
        """Give up on an interchange with too many faults; it ends where the next ISA can be seen."""
        if self._faults + self._unsaid < _HOPELESS:
            return False
        self._close(mark)
        following = PLAUSIBLE.search(self._data, mark.end, self._size)
        self.end, self.number = following.start() if following else self._size, mark.number
        message = f"After {_HOPELESS:,} faults the rest of the interchange, from byte {mark.end:,}, was not read."
        self._reject("envelope.hopeless", "022", message, mark.place(self._within))
        return True

    def _told_groups(self) -> int:
        """Count the groups as the sender does: with those whose GS is lost, without a GS that nothing follows."""
        idle = sum(1 for one in self._groups if not one.sets and any(x.code == _NO_GE for x in one.findings))
        return len(self._groups) + self._lost_groups - idle

    def _close_set(self, here: Mark) -> None:
        """End the open set, if there is one, without its SE."""
        if self._set is not None and self._group is not None:
            self._add(self._set.give_up(here, len(self._group.sets) + 1))
        self._set = None

    def _close(self, here: Mark) -> None:
        """End the open set and the open group, if there are any, without their trailers."""
        self._close_set(here)
        if self._group is not None:
            self._unclosed.add(self._group.within.group or "")
            self._add(self._group.give_up(here, len(self._groups) + 1))
        self._group = None

    def _cut(self, *, told: bool) -> None:
        """End the interchange at the end of the file; `told` when a finding says already why its IEA was not found."""
        size, terminator = self._size, self._delimiters.segment.encode("latin-1")
        blank = (padding(self._delimiters) + "\x00\x1a").encode("latin-1")
        stop = self._data.rfind(terminator, self._last.end - 1, size)
        self.number = self._last.number + segments_in(self._data, self._last.end, stop + 1, self._delimiters)
        rest = bytes(self._data[stop + 1 : min(stop + 65, size)]).strip(blank).decode("latin-1")
        end = Mark((self._ends,), size if rest else stop + 1, size, self.number + 1 + bool(rest))
        self._close(end)
        if not told:
            middle = f", in the middle of segment {self.number + 1:,} ({quoted(rest)})" if rest else ""
            message = f"Interchange {self._header.control} is cut off at byte {size:,}, {self._ends}{middle}: no IEA."
            place = replace(end.place(self._within), byte=size, segment=self.number + 1, segment_id="IEA")
            fix = "Wait for the rest, or ask the partner to send the file again."
            self._reject("envelope.truncated", "023", message, place, fix=fix)
        self.number += bool(rest)

    def _overlong(self, start: int, max_segment: int) -> None:
        """Refuse the interchange for a segment without end; what else is wrong in it is no fault of its own."""
        blank = padding(self._delimiters).encode("latin-1")
        head = bytes(self._data[start : start + _HEAD])
        start += len(head) - len(head.lstrip(blank))
        stop = self._data.find(self._delimiters.segment.encode("latin-1"), start, self._size)
        length = (stop if stop >= 0 else self._size) - start
        before = segments_in(self._data, self._header.start + LENGTH, start, self._delimiters)
        name = head.lstrip(blank).decode("latin-1").partition(self._delimiters.element)[0]
        place = Mark((name[:3],), start, start, self._header.number + before + 1).place(self._within)
        self._findings[:] = [one for one in self._findings if one.where.segment != place.segment]
        message = (
            f"The segment at byte {start:,} runs on for {length:,} bytes, more than the {max_segment:,} allowed: its "
            f"terminator {named(self._delimiters.segment)} is missing or wrong."
        )
        self._reject("envelope.delimiter", "004", message, place)

    def _gap(self, mark: Mark) -> bool:
        """Report segments between the last envelope segment and `mark` that stand outside any set; say if there are."""
        segments = mark.number - self._last.number - 1
        if segments <= 0:
            return False
        cut = re.escape(self._delimiters.element + self._delimiters.segment)
        blank = re.escape(padding(self._delimiters) + self._delimiters.segment)
        found = re.compile(f"[{blank}]*([^{cut}]{{0,40}})".encode("latin-1")).match(self._data, self._last.end)
        start, name = (found.start(1), found[1].decode("latin-1")) if found else (self._last.end, "")
        what = f"{counted(segments, 'segment')} after {self._last.id} (the first is {quoted(name)})"
        stray = Mark((name[:3],), start, start, self._last.number + 1)
        self._outside(stray, f"{what} {'stands' if segments == 1 else 'stand'} outside any transaction set.")
        return True

    def _outside(self, stray: Mark, message: str) -> None:
        """Report something out of place: to its group if one is open, else to the interchange.

        What stands outside any set was one to its sender, or part of one: X12 has no nearer word than a wrong count.
        """
        group = self._group
        target = self._findings if group is None else group.findings
        if len(target) >= _MOST:
            self._unsaid += 1
            return
        ack = AckCode("TA1", "022") if group is None else AckCode("AK9", "5")
        where = stray.place(self._within if group is None else group.within)
        target.append(Finding("envelope.outside", Severity.REFUSE, message, where, ack=ack))

    def _reject(
        self,
        code: str,
        ack: str,
        message: str,
        place: Position,
        seen: str | None = None,
        wanted: str | None = None,
        fix: str | None = None,
    ) -> None:
        """Refuse the interchange."""
        self._findings.append(Finding(code, Severity.REFUSE, message, place, seen, wanted, AckCode("TA1", ack), fix))
