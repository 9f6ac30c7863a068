"""The standard as values: Def is the word, Use is the word in its place.

Everything here is read from the dictionary files and never changes afterwards. Positions of elements count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

UNBOUNDED = 10**9
"""Maximum of a segment or loop that may repeat without limit (`>1` in X12's tables)."""


@dataclass(frozen=True, slots=True)
class ElementDef:
    """One data element or composite. `kind` is X12's type: AN ID DT TM R B, Nn (n implied decimals) or C (composite).

    `codes` is the closed list of an ID element, None where any value is allowed. `parts` are the components of a
    composite, with `conditions` among them.
    """

    id: str
    name: str
    kind: str
    minimum: int
    maximum: int
    codes: frozenset[str] | None = None
    parts: tuple[ElementUse, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementUse:
    """An element in its place in a segment. `conditional` ones are governed by the segment's conditions."""

    element: ElementDef
    required: bool
    conditional: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A relational condition: P all or none, R at least one, E at most one, C if first then all, L if first then any.

    An `inferred` one is stated by no source: breaking it is a warning.
    """

    kind: str
    positions: tuple[int, ...]
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """The element at `qualifier` says what the element at `value` is. `many`: one of several pairs in the segment.

    `value` 0 means that the qualifier names the segment or loop itself, as N101 and HL03 do.
    """

    qualifier: int
    value: int
    many: bool = False


@dataclass(frozen=True, slots=True)
class SegmentDef:
    """A segment: its elements in order, the conditions among them, its pairs of qualifier and value."""

    id: str
    name: str
    elements: tuple[ElementUse, ...]
    conditions: tuple[Condition, ...] = ()
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """A segment in its place in a set."""

    segment: SegmentDef
    required: bool
    maximum: int

    @property
    def id(self) -> str:
        """The segment's id."""
        return self.segment.id


@dataclass(frozen=True, slots=True)
class LoopUse:
    """A loop in its place: named for its first segment, which stands exactly once in each occurrence."""

    id: str
    required: bool
    maximum: int
    children: tuple[SegmentUse | LoopUse, ...]

    @property
    def head(self) -> SegmentDef:
        """The segment that opens the loop."""
        first = self.children[0]
        if isinstance(first, LoopUse):  # the dictionary audit refuses such a loop; this keeps the type honest
            return first.head
        return first.segment


@dataclass(frozen=True, slots=True)
class SetDef:
    """A transaction set in one version: ST heads `heading`, SE ends `summary` (or `heading`, in a set of one area)."""

    id: str
    version: str
    name: str
    group: str
    heading: tuple[SegmentUse | LoopUse, ...]
    detail: tuple[SegmentUse | LoopUse, ...]
    summary: tuple[SegmentUse | LoopUse, ...]

    def areas(self) -> Iterator[tuple[str, tuple[SegmentUse | LoopUse, ...]]]:
        """Give heading, detail and summary with their contents, in the order they are written."""
        yield "heading", self.heading
        yield "detail", self.detail
        yield "summary", self.summary
