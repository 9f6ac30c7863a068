"""Finding: the one value in which every room says what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final


class Severity(IntEnum):
    """How far a finding reaches; higher stops more."""

    NOTE = 1
    """Worth knowing; nothing waits."""
    WARNING = 2
    """Probably wrong; nothing waits."""
    HOLD = 3
    """A person must decide; the order, document or file waits in a case."""
    REFUSE = 4
    """The transaction set, group or interchange is refused by its acknowledgment."""


@dataclass(frozen=True, slots=True)
class AckCode:
    """The code with which X12 itself reports the fault.

    `level` is the segment that carries it: TA1, AK3, AK4, AK5 or AK9 (a 999 writes IK3, IK4, IK5 in their place).
    `code` is the value of TA105, AK304, AK403, AK502 or AK905.
    """

    level: str
    code: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a file something stands. All fields are optional: a finding says what it knows.

    `byte` is the 0-based offset in the file of the faulty place (the element where one is named, else the segment).
    `segment` counts segments in the file from 1 (its ISA is 1); `in_set` counts within the set (its ST is 1).
    `path` is for people, such as `PO1[2]/PO103`. `element`, `component`, `repetition` count from 1.
    `element_id` is X12's data element number, such as 355. `line` is our position of the order line, from 1.
    `line_no` and `column` (from 1) are for text files such as partner files and tables.
    """

    file: str | None = None
    byte: int | None = None
    interchange: str | None = None
    group: str | None = None
    set_control: str | None = None
    set_id: str | None = None
    segment: int | None = None
    in_set: int | None = None
    segment_id: str | None = None
    loop: str | None = None
    path: str | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    element_id: str | None = None
    line: int | None = None
    line_no: int | None = None
    column: int | None = None


NOWHERE: Final = Position()


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or remark, found anywhere between a partner's folder and our answer.

    `code` is ours and stable, dotted, in one of the families transport, envelope, x12, mapping, order, ack, document,
    partner, system. `message` is one plain sentence with the numbers in it. `seen` is the offending value as it
    stands in the file, `wanted` what would have been right, `ack` the X12 code where X12 has one, `fix` what the
    reader can do now, `source` the rule or table row that judged (`file:line`).
    """

    code: str
    severity: Severity
    message: str
    where: Position = NOWHERE
    seen: str | None = None
    wanted: str | None = None
    ack: AckCode | None = None
    fix: str | None = None
    source: str | None = None

    @property
    def kind(self) -> str:
        """The first two words of the code: the kind of case that this finding opens."""
        return ".".join(self.code.split(".")[:2])

    def at(self, **position: str | int | None) -> Finding:
        """Give the same finding with parts of its position filled in."""
        return replace(self, where=replace(self.where, **position))  # type: ignore[arg-type]


def worst(findings: tuple[Finding, ...] | list[Finding]) -> Severity | None:
    """Give the highest severity among `findings`, None where there are none."""
    return max((finding.severity for finding in findings), default=None)


def stops(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Say whether any finding keeps the work from going on."""
    return any(finding.severity >= Severity.HOLD for finding in findings)
