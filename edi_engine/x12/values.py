"""What was actually said: delimiters, segments, loops, and the outline of a file's envelopes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edi_engine.finding import Finding
from edi_engine.x12.grammar import LoopUse


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters that cut a file into pieces. `repetition` is None before 00402 or where the sender set none.

    `suffix` follows each segment terminator (such as CR LF) and carries no meaning.
    """

    element: str = "*"
    component: str = ">"
    segment: str = "~"
    repetition: str | None = None
    suffix: str = ""


class Spoken(NamedTuple):
    """One segment as it stands in a file: `elements[0]` is its id, `elements[n]` the text of element n.

    Composites and repetitions are kept unsplit. `number` counts segments in the file from 1, `in_set` in the set
    (ST is 1), `byte` is the file offset of its first character.
    """

    elements: list[str]
    in_set: int
    number: int = 0
    byte: int = 0

    @property
    def id(self) -> str:
        """The segment's id."""
        return self.elements[0]

    def get(self, position: int) -> str:
        """Give the text of the element at `position` (from 1), "" where it is absent."""
        return self.elements[position] if position < len(self.elements) else ""


@dataclass(slots=True)
class Loop:
    """One occurrence of a loop: its segments and the loops inside it, in file order. The whole set is a Loop too.

    `use` is None for the whole set. `area` is heading, detail or summary ("" for the whole set).
    """

    id: str
    use: LoopUse | None
    area: str = ""
    children: list[Spoken | Loop] = field(default_factory=list)

    @property
    def head(self) -> Spoken:
        """The segment that opened the loop."""
        first = self.children[0]
        return first if isinstance(first, Spoken) else first.head

    def segments(self) -> Iterator[Spoken]:
        """Walk all segments of the loop and of the loops inside it, in file order."""
        stack: list[Iterator[Spoken | Loop]] = [iter(self.children)]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, Loop):
                stack.append(iter(item.children))
            else:
                yield item


@dataclass(frozen=True, slots=True)
class SetOutline:
    """One ST..SE of a group, found by the first pass. Bytes `start:end` of the file hold it, SE's terminator included.

    `number` is the file-wide count of its ST. `segments` counts ST through SE as found. `findings` are its envelope
    faults (counts, control numbers, missing SE), each with its AK5 code. `implementation` is ST03, the guide it names.
    """

    ordinal: int
    set_id: str
    control: str
    start: int
    end: int
    number: int
    segments: int
    findings: tuple[Finding, ...] = ()
    implementation: str = ""


@dataclass(frozen=True, slots=True)
class GroupOutline:
    """One GS..GE. `stated_sets` is GE01 as received ("" where GE is missing). `findings` carry AK9 codes."""

    ordinal: int
    kind: str
    sender: str
    receiver: str
    date: str
    time: str
    control: str
    agency: str
    version: str
    stated_sets: str
    start: int
    end: int
    number: int
    sets: Sequence[SetOutline]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class InterchangeOutline:
    """One ISA..IEA. Qualifiers and ids are stripped of padding. `findings` carry TA1 codes; one that refuses stops all.

    `whole` is False when the IEA is missing: the file may still be growing. `acknowledgments` are its TA1 segments.
    """

    ordinal: int
    delimiters: Delimiters
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    date: str
    time: str
    version: str
    control: str
    wants_ta1: bool
    usage: str
    start: int
    end: int
    number: int
    groups: tuple[GroupOutline, ...]
    acknowledgments: tuple[tuple[str, ...], ...] = ()
    whole: bool = True
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """All interchanges of a file, and what is wrong with the file itself (not X12, bytes after the last IEA)."""

    interchanges: tuple[InterchangeOutline, ...]
    findings: tuple[Finding, ...] = ()
