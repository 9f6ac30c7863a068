"""The mapping language as values: what a map is once it has been loaded and every name in it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as slot
from typing import Final, TypeAlias

from edi_engine.mapping.fields import FieldDef
from edi_engine.text.mark import Mark
from edi_engine.x12.path import Step

ROW_WORDS: Final = ("from", "else", "codes", "table", "on_missing", "always", "as", "count", "sum", "where")
"""The words that may stand in a row."""
ON_MISSING: Final = ("hold", "pass", "omit", "else")
HOLD, PASS, OMIT, ELSE = ON_MISSING
TRANSFORMS: Final = ("upper", "no-spaces", "left", "right", "pad", "trim zeros", "date", "implied", "join", "split")

FROM_TOP: Final = -2
FROM_SELF: Final = -1
FROM_LOOP: Final = 0


@dataclass(frozen=True, slots=True)
class Transform:
    """One step of `as`: its word, with its number (left 30) or pattern (date YYMMDD)."""

    word: str
    number: int = 0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class TableUse:
    """A look-up in a table: `find` the row by one column, `give` another."""

    name: str
    find: str
    give: str
    mark: Mark = slot(compare=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """What happens to a value on its way: look-up by codes or table, what to use when nothing came, and transforms.

    `on_missing` says what a value does that the codes or the table do not know; None: as the table says, else hold.
    """

    codes: dict[str, str] | None = None
    table: TableUse | None = None
    on_missing: str | None = None
    fallback: str | None = None
    transforms: tuple[Transform, ...] = ()

    def find(self, word: str) -> Transform | None:
        """Give the transform with this word, None where there is none."""
        if not self.transforms:
            return None
        return next((transform for transform in self.transforms if transform.word == word), None)


@dataclass(frozen=True, slots=True)
class Place:
    """A path of X12, settled against the grammar.

    `start` says where it begins: FROM_TOP, FROM_SELF (the segment in hand), FROM_LOOP (inside the loop in hand), or k
    (the first segment of the k-th loop around). `loops` are the steps down to the loop of the last segment, each with
    the positions of its qualifier. `pairs` are the pairs in which `step`'s qualifier is looked for; `qualifiers` its
    positions where the place names an element, too. `kind` is X12's type of the value ("" where it names none).
    """

    text: str
    mark: Mark = slot(compare=False)
    start: int
    loops: tuple[tuple[Step, tuple[int, ...]], ...]
    step: Step
    qualifiers: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    kind: str = ""
    element_id: str = ""
    loop: bool = False
    """Whether the place is a whole loop."""


@dataclass(frozen=True, slots=True)
class NameStep:
    """One step of a name of ours: a field, and with a key the one of its list whose `key_attribute` is `key`."""

    attribute: str
    key: str | None = None
    key_attribute: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A field of ours, settled: `depth` counts the things in hand from outside, `steps` lead from that thing on."""

    text: str
    mark: Mark = slot(compare=False)
    depth: int
    steps: tuple[NameStep, ...]
    field: FieldDef
    on_level: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """What came, sent back: a place in the kept segments of the order, line or party found at `depth` by `steps`."""

    place: Place
    depth: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """The word `structure` as a source: the levels of this ship notice, with blanks between."""

    mark: Mark = slot(compare=False)


Source: TypeAlias = Name | Echo | Structure


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of `where`: `what` IS one of `values`, is NOT any of them, has ANY value, or NONE."""

    what: Name | Place
    kind: str
    values: tuple[str, ...] = ()


IS: Final = "is"
NOT: Final = "not"
ANY: Final = "any"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """Fills one field: from the first place that has a value, or with a constant."""

    field: FieldDef
    places: tuple[Place, ...]
    constant: str | None
    shape: Shape
    where: tuple[Test, ...]
    mark: Mark = slot(compare=False)

    @property
    def join(self) -> bool:
        """Whether all values of a place make one text."""
        return self.shape.find("join") is not None


@dataclass(frozen=True, slots=True)
class EachPlace:
    """What a block is repeated for: loops, segments, or (with `pairs`) the pairs inside segments."""

    place: Place
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """Makes one thing, or one for each of `each`. An each of several places is settled as a block for every one."""

    field: FieldDef | None
    of: type
    each: EachPlace | None
    where: tuple[Test, ...]
    rows: tuple[ReadRow, ...]
    blocks: tuple[ReadBlock, ...]
    mark: Mark = slot(compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class ReadingMap:
    """A map from a transaction set to a document. `makes` is order; `versions` are those it was checked against."""

    name: str
    makes: str
    set_id: str
    versions: tuple[str, ...]
    root: ReadBlock
    read_places: dict[str, frozenset[str]]
    tables: tuple[TableUse, ...]

    def places(self, version: str) -> frozenset[str]:
        """Give the elements that the map reads, as paths without qualifiers: `BEG03`, `PO1/PO103`, `N1/N104`.

        An element that only selects by its qualifier is not counted. A version that the map was not checked against
        answers like the first it was.
        """
        found = self.read_places.get(version[:6])
        return found if found is not None else self.read_places[self.versions[0]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a row writes: its step, its label, and the loop (of one segment's name) or segment that this means."""

    step: Step
    label: str | None
    mark: Mark = slot(compare=False)

    @property
    def text(self) -> str:
        """The key as people write it."""
        return f"{self.step} {self.label}" if self.label else str(self.step)


@dataclass(frozen=True, slots=True)
class Count:
    """How many: segments written (`segment`), or things in a list of ours (`name`)."""

    segment: str | None = None
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class WriteRow:
    """Writes one element: from the first source that has a value, a constant, a count or a sum."""

    target: Target
    sources: tuple[Source, ...]
    constant: str | None
    count: Count | None
    total: Step | None
    shape: Shape
    where: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class CopyRow:
    """Copies whole segments or loops as they came."""

    target: Target
    source: Echo
    where: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteBlock:
    """Makes a loop, a segment or a pair: once, or with `each` for each thing. `drops` are pairs that are not wanted."""

    target: Target
    each: tuple[Name, ...]
    where: tuple[Test, ...]
    items: tuple[WriteItem, ...]
    drops: tuple[Step, ...] = ()


WriteItem: TypeAlias = WriteRow | CopyRow | WriteBlock


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """One level of a ship notice: what makes a new one, when it is left out, and what is written in it."""

    level: str
    each: tuple[Name, ...]
    items: tuple[WriteItem, ...]
    drops: tuple[Step, ...] = ()
    where: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WritingMap:
    """A map from a document to a transaction set. `document` is answer, shipment or invoice.

    `areas` holds heading, detail and summary; a ship notice has `levels` instead of a detail, in the order of its
    structure.
    """

    name: str
    document: str
    set_id: str
    versions: tuple[str, ...]
    areas: dict[str, tuple[WriteItem, ...]]
    drops: dict[str, tuple[Step, ...]]
    levels: tuple[LevelPlan, ...]
    transforms: tuple[Transform, ...]
    tables: tuple[TableUse, ...]

    @property
    def makes(self) -> str:
        """The set that it makes, such as 855."""
        return self.set_id
