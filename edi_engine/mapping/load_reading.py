"""Loads a reading map: every field and every place is settled here, so that reading only follows them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from edi_engine.finding import Finding
from edi_engine.mapping.convert import read_date, read_decimal
from edi_engine.mapping.extend import is_row
from edi_engine.mapping.fields import COUNT, DATE, DECIMAL, DOCUMENTS, PART, POINTER, FieldDef, fields_of, kind_of
from edi_engine.mapping.heads import read_head
from edi_engine.mapping.language import EachPlace, Place, ReadBlock, ReadingMap, ReadRow, TableUse, Test
from edi_engine.mapping.places import Ground, PlaceError, ground_of, segment_of, settle
from edi_engine.mapping.problems import HEAD, NAME, PLACE, SHAPE, Problems
from edi_engine.mapping.rows import Direction, RawTest, raw_row, raw_tests, texts
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Entry, Mapping, Text
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import LoopUse
from edi_engine.x12.path import Path, PathError, parse

_DIRECTION: Final = Direction("theirs", "ours")
_ROOTS: Final = ("order",)
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the rows of a block start, in each version; `pairs` while the block walks through pairs of a segment."""

    grounds: dict[str, Ground]
    pairs: Pairs = ()


@dataclass(slots=True)
class _Loading:
    problems: Problems
    read: dict[str, set[str]]
    tables: list[TableUse] = field(default_factory=list)


def load_reading(name: str, nodes: Mapping, dictionary: Dictionary, problems: Problems) -> ReadingMap | None:
    """Settle a merged reading map. None where it has problems; they go into `problems`."""
    for word in ("makes", "as", "structure", "heading", "detail", "summary", "levels"):
        stray = nodes.get(word)
        if stray is not None:
            problems.add(HEAD, stray.mark, f"{word} belongs to a map that writes; this one reads")
    change = nodes.get("change")
    if change is not None:
        problems.later(change.mark, "a map that makes a change (860)")
        return None
    head = read_head(nodes, "reads", dictionary, problems)
    root = next((nodes.get(word) for word in _ROOTS if nodes.get(word) is not None), None)
    if not isinstance(root, Mapping):
        problems.add(HEAD, nodes.mark, "a map that reads has one block named for what it makes: order")
        return None
    if head is None:
        return None
    loading = _Loading(problems, {version: set() for version in head.grammars})
    here = _Here({version: ground_of(grammar) for version, grammar in head.grammars.items()})
    if root.get("each") is not None:
        problems.add(SHAPE, root.mark, "one transaction set makes one order: each does not belong here")
    block = _block(None, DOCUMENTS["order"], root, None, here, loading)
    if problems.found:
        return None
    places = {version: frozenset(found) for version, found in loading.read.items()}
    return ReadingMap(name, "order", head.set_id, tuple(head.grammars), block, places, tuple(loading.tables))


def _blocks(target: FieldDef | None, of: type, node: Mapping, here: _Here, loading: _Loading) -> list[ReadBlock]:
    """Settle a block: one, or one for each of the places in its `each`."""
    places = texts(node.get("each"), loading.problems)
    if not places:
        return [_block(target, of, node, None, here, loading)]
    found = [_each(place, here, loading) for place in places]
    starts = [start for start in found if start is not None]
    if len(starts) == 1:
        return [_block(target, of, node, *starts[0], loading)]
    # A row need not be there in every one of several places, but it must be there in one of them.
    trials = [_Loading(Problems(), {version: set() for version in loading.read}) for _ in starts]
    blocks = [_block(target, of, node, *start, trial) for start, trial in zip(starts, trials, strict=True)]
    everywhere = [{_spot(problem) for problem in trial.problems.found if problem.code == PLACE} for trial in trials]
    for number, trial in enumerate(trials):
        for problem in trial.problems.found:
            soft = problem.code == PLACE and not all(_spot(problem) in spots for spots in everywhere)
            if number == 0 and not soft:
                loading.problems.found.append(problem)
        loading.tables.extend(use for use in trial.tables if use not in loading.tables)
        for version, names in trial.read.items():
            loading.read[version] |= names
    return blocks


def _spot(problem: Finding) -> tuple[str | None, int | None, int | None]:
    return problem.where.file, problem.where.line_no, problem.where.column


def _block(
    target: FieldDef | None, of: type, node: Mapping, each: EachPlace | None, here: _Here, loading: _Loading
) -> ReadBlock:
    where = _tests(raw_tests(node.get("where"), loading.problems), here, loading)
    rows: list[ReadRow] = []
    blocks: list[ReadBlock] = []
    for entry in node.entries:
        if entry.key.value in {"each", "where"}:
            continue
        found = _field(entry.key, of, loading)
        if found is None:
            continue
        if found.kind == PART and found.of is not None:
            blocks.extend(_part(entry, found, found.of, here, loading))
            continue
        row = _row(entry, found, here, loading)
        if row is not None:
            rows.append(row)
    return ReadBlock(target, of, each, where, tuple(rows), tuple(blocks), node.mark)


def _part(entry: Entry, target: FieldDef, of: type, here: _Here, loading: _Loading) -> list[ReadBlock]:
    node, problems = entry.value, loading.problems
    if not isinstance(node, Mapping) or is_row(node):
        what = "is a list: use each" if target.many else "has parts: give it a block with a row for each"
        problems.add(SHAPE, node.mark, f"{target.name} {what}")
        return []
    if target.many and node.get("each") is None:
        problems.add(SHAPE, entry.key.mark, f"{target.name} is a list: say with each what makes one of them")
        return []
    if not target.many and node.get("each") is not None:
        problems.add(SHAPE, entry.key.mark, f"{target.name} is one thing: each makes lists")
        return []
    return _blocks(target, of, node, here, loading)


def _field(key: Text, of: type, loading: _Loading) -> FieldDef | None:
    known = fields_of(of)
    found = known.get(key.value)
    if found is None:
        usable = [name for name, one in known.items() if one.kind not in {COUNT, POINTER}]
        word = nearest_or_all(key.value, usable)
        loading.problems.add(NAME, key.mark, f"{kind_of(of)} has no {key.value}; {word}")
        return None
    if found.kind in {COUNT, POINTER}:
        loading.problems.add(NAME, key.mark, f"{key.value} is filled by the engine, not by a map")
        return None
    return found


def _row(entry: Entry, target: FieldDef, here: _Here, loading: _Loading) -> ReadRow | None:
    problems, node = loading.problems, entry.value
    if isinstance(node, Mapping) and node.get("each") is not None:
        problems.add(SHAPE, entry.key.mark, f"{target.name} is one value: each makes lists")
        return None
    raw = raw_row(entry.key, node, _DIRECTION, problems)
    if raw is None:
        return None
    for word, text in (("count", raw.count), ("sum", raw.total)):
        if text is not None:
            problems.add(SHAPE, text.mark, f"{word} belongs to a map that writes")
            return None
    if raw.shape.find("split") is not None:
        problems.add(SHAPE, raw.mark, "split belongs to a map that writes; join makes one text of several")
    for word, kind in (("date", DATE), ("implied", DECIMAL)):
        if raw.shape.find(word) is not None and target.kind != kind:
            problems.add(SHAPE, raw.mark, f"as: {word} makes a {kind}, and {target.name} is {target.kind}")
    for constant in (raw.always.value if raw.always is not None else None, raw.shape.fallback):
        if constant is not None and not _fits(constant, target):
            problems.add(SHAPE, raw.mark, f'{target.name} is a {target.kind}, and "{constant}" is none')
    places = [place for source in raw.sources for place in _place(source, here, loading)]
    if raw.sources and not places:
        return None
    if raw.shape.table is not None:
        loading.tables.append(raw.shape.table)
    where = _tests(raw.where, here, loading)
    constant = raw.always.value if raw.always is not None else None
    return ReadRow(target, tuple(places), constant, raw.shape, where, raw.mark)


def _fits(text: str, target: FieldDef) -> bool:
    if target.kind == DECIMAL:
        return read_decimal(text, "R") is not None
    if target.kind == DATE:
        return read_date(text) is not None
    return True


def _tests(raw: tuple[RawTest, ...], here: _Here, loading: _Loading) -> tuple[Test, ...]:
    tests: list[Test] = []
    for test in raw:
        places = _place(test.what, here, loading)
        if places:
            tests.append(Test(places[0], test.kind, test.values))
    return tuple(tests)


def _place(text: Text, here: _Here, loading: _Loading) -> list[Place]:
    """Settle one place in every version; it must be there in one of them, and the first tells its type."""
    path = _path(text, loading)
    if path is None:
        return []
    found: list[Place] = []
    failure: str | None = None
    for version, ground in here.grounds.items():
        try:
            place, at, use = settle(path, ground, text.mark)
        except PlaceError as error:
            failure = failure or str(error)
            continue
        found.append(place)
        around = (*at.around, use.id) if isinstance(use, LoopUse) else at.around
        loading.read[version].update("/".join((*around, name)) for name in _elements(place, here.pairs))
    if not found:
        loading.problems.add(PLACE, text.mark, failure or f"{text.value} is nowhere")
    return found[:1]


def _elements(place: Place, pairs: Pairs) -> list[str]:
    """Name the elements that a place reads; inside pairs, the same element of each pair."""
    segment, element = place.step.segment, place.step.element
    if element is None:
        return [f"{segment}{value:02d}" for _, value in place.pairs]
    if pairs and element in pairs[0]:
        side = pairs[0].index(element)
        return [f"{segment}{pair[side]:02d}" for pair in pairs]
    return [f"{segment}{element:02d}"]


def _path(text: Text, loading: _Loading) -> Path | None:
    try:
        return parse(text.value)
    except PathError as error:
        loading.problems.add(PLACE, text.mark, str(error))
        return None


def _each(text: Text, here: _Here, loading: _Loading) -> tuple[EachPlace, _Here] | None:
    """Settle what a block is repeated for, and where its rows start then."""
    path = _path(text, loading)
    if path is None:
        return None
    grounds: dict[str, Ground] = {}
    first: EachPlace | None = None
    pairs: Pairs = ()
    failure: str | None = None
    for version, ground in here.grounds.items():
        try:
            place, at, use = settle(path, ground, text.mark, whole=True)
        except PlaceError as error:
            failure = failure or str(error)
            continue
        element = path.last.element
        if element is not None:
            segment = segment_of(use)
            pairs = pairs_from(tuple((p.qualifier, p.value) for p in segment.pairs if p.many), element)
            if not pairs:
                failure = failure or f"{text.value} does not come in pairs, so each has nothing to walk through"
                continue
            inner = at.within(use) if isinstance(use, LoopUse) else at
            grounds[version] = inner.on(segment)
        elif isinstance(use, LoopUse):
            grounds[version] = at.within(use)
        else:
            grounds[version] = at.on(segment_of(use))
        first = first or EachPlace(place, pairs)
    if first is None:
        loading.problems.add(PLACE, text.mark, failure or f"{text.value} is nowhere")
        return None
    return first, replace(here, grounds=grounds, pairs=pairs)


def pairs_from(pairs: Pairs, element: int) -> Pairs:
    """Give the pairs of a segment from the one that holds `element` on; none where no pair holds it."""
    start = next((at for at, pair in enumerate(pairs) if element in pair), None)
    return pairs[start:] if start is not None else ()
