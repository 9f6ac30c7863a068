"""Settles single rows of a writing map: where they write, and what from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from edi_engine.mapping.fields import DATE, DECIMAL
from edi_engine.mapping.language import (
    CopyRow,
    Count,
    Echo,
    Name,
    Source,
    Structure,
    TableUse,
    Target,
    Test,
    WriteRow,
)
from edi_engine.mapping.names import NameProblem, Scopes, keeper, kept_of, settle_name
from edi_engine.mapping.places import (
    Ground,
    PlaceError,
    Use,
    check_qualifier,
    element_kind,
    ground_of,
    segment_of,
    settle,
    value_pairs,
)
from edi_engine.mapping.problems import NAME, PLACE, SHAPE, Problems
from edi_engine.mapping.rows import Direction, RawRow, RawTest, raw_row
from edi_engine.orders.order import OrderLine, Party
from edi_engine.text.yaml import Entry, Text
from edi_engine.x12.grammar import LoopUse, SegmentDef, SetDef
from edi_engine.x12.path import PathError, Step, parse

_DIRECTION: Final = Direction("ours", "theirs")
_LINE_LOOP: Final = "PO1"
_PARTY_LOOP: Final = "N1"


@dataclass(slots=True)
class Loading:
    """What is known while a writing map loads. `kept` gives the grammars of the orders that echoes may come from."""

    problems: Problems
    set_id: str
    kept: Callable[[], Iterable[SetDef]]
    parts: dict[str, tuple[Use, ...]]
    tables: list[TableUse] = field(default_factory=list)


def settle_row(
    entry: Entry, target: Target, uses: list[Use], scopes: Scopes, loading: Loading
) -> WriteRow | CopyRow | None:
    """Settle one row. `uses` are the segment or loop that its key names, in each version that has it."""
    problems = loading.problems
    raw = raw_row(entry.key, entry.value, _DIRECTION, problems)
    if raw is None:
        return None
    tests = settle_tests(raw.where, scopes, loading)
    segments = [segment_of(use) for use in uses]
    failure = _wrong(target.step, segments)
    if failure is not None:
        problems.add(PLACE, entry.key.mark, failure)
        return None
    if names_no_value(target.step, segments):
        return _copy(target, raw, tests, scopes, loading)
    sources = tuple(source for text in raw.sources for source in _source(text, scopes, loading))
    count = _count(raw.count, scopes, loading)
    total = _sum(raw.total, loading)
    if raw.sources and len(sources) < len(raw.sources):
        return None
    if (raw.count is not None and count is None) or (raw.total is not None and total is None):
        return None
    _check_transforms(raw, sources, loading)
    _check_split(raw, target, uses, loading)
    if raw.shape.table is not None:
        loading.tables.append(raw.shape.table)
    constant = raw.always.value if raw.always is not None else None
    return WriteRow(target, sources, constant, count, total, raw.shape, tests)


def names_no_value(step: Step, segments: list[SegmentDef]) -> bool:
    """Say whether a step means a whole segment or loop: no element, and no qualifier that has a value."""
    if step.element is not None:
        return False
    return step.qualifier is None or not any(value_pairs(segment, step.qualifier) for segment in segments)


def settle_tests(raw: tuple[RawTest, ...], scopes: Scopes, loading: Loading) -> tuple[Test, ...]:
    """Settle the conditions of `where`."""
    tests: list[Test] = []
    for test in raw:
        try:
            tests.append(Test(settle_name(test.what, scopes, whole=not test.values), test.kind, test.values))
        except NameProblem as problem:
            loading.problems.add(NAME, test.what.mark, str(problem))
    return tuple(tests)


def _wrong(step: Step, segments: list[SegmentDef]) -> str | None:
    """Say what is wrong with an element or qualifier; it must be right in one of the versions."""
    failure: str | None = None
    for segment in segments:
        try:
            if step.qualifier is not None:
                check_qualifier(segment, step.qualifier)
            if step.element is not None:
                element_kind(segment, step.element, step.component)
        except PlaceError as error:
            failure = failure or str(error)
            continue
        return None
    return failure


def _source(text: Text, scopes: Scopes, loading: Loading) -> list[Source]:
    first = text.value[0]
    if text.value == "structure" and loading.set_id == "856":
        return [Structure(text.mark)]
    if first == "/" or first.isupper():
        echo = _echo(text, scopes, loading, whole=False)
        return [echo] if echo is not None else []
    try:
        return [settle_name(text, scopes)]
    except NameProblem as problem:
        loading.problems.add(NAME, text.mark, str(problem))
        return []


def _echo(text: Text, scopes: Scopes, loading: Loading, *, whole: bool) -> Echo | None:
    """Settle a place in the order that came, starting at the nearest line, party or order."""
    where = keeper(scopes)
    if where is None:
        loading.problems.add(PLACE, text.mark, f"no order is in reach here, so {text.value} cannot be sent back")
        return None
    of = kept_of(scopes, where)
    try:
        path = parse(text.value)
    except PathError as error:
        loading.problems.add(PLACE, text.mark, str(error))
        return None
    failure: str | None = None
    for grammar in loading.kept():
        try:
            place, _, _ = settle(path, _kept_ground(grammar, of), text.mark, whole=whole)
        except PlaceError as error:
            failure = failure or str(error)
            continue
        return Echo(place, *where)
    loading.problems.add(PLACE, text.mark, f"in the order (850), {failure}")
    return None


def _kept_ground(grammar: SetDef, of: type) -> Ground:
    top = ground_of(grammar)
    name = {OrderLine: _LINE_LOOP, Party: _PARTY_LOOP}.get(of)
    loop = next((use for use in top.children if use.id == name and isinstance(use, LoopUse)), None)
    return top.within(loop) if loop is not None else top


def _copy(target: Target, raw: RawRow, tests: tuple[Test, ...], scopes: Scopes, loading: Loading) -> CopyRow | None:
    source = raw.sources[0] if len(raw.sources) == 1 else None
    shaped = raw.shape.codes is not None or raw.shape.table is not None or raw.shape.fallback or raw.shape.transforms
    if source is None or shaped or not (source.value[0] == "/" or source.value[0].isupper()):
        example = f"{target.step.segment}01"
        message = (
            f"{target.text} is a whole segment: name one of its elements, such as {example}, or copy one that came"
        )
        loading.problems.add(PLACE, target.mark, message)
        return None
    echo = _echo(source, scopes, loading, whole=True)
    if echo is None:
        return None
    if echo.place.step.element is not None or echo.place.step.segment != target.step.segment:
        loading.problems.add(SHAPE, source.mark, f"{target.text} can only be copied from another {target.step.segment}")
        return None
    return CopyRow(target, echo, tests)


def _count(text: Text | None, scopes: Scopes, loading: Loading) -> Count | None:
    if text is None:
        return None
    if text.value[0].isupper():
        known = {one for uses in loading.parts.values() for one in _all_ids(uses)}
        if text.value not in known:
            loading.problems.add(PLACE, text.mark, f"{text.value} is no segment of the {loading.set_id}")
            return None
        return Count(segment=text.value)
    try:
        name = settle_name(text, scopes, whole=True)
    except NameProblem as problem:
        loading.problems.add(NAME, text.mark, str(problem))
        return None
    if not name.field.many:
        loading.problems.add(SHAPE, text.mark, f"{text.value} is no list, so there is nothing to count")
        return None
    return Count(name=name)


def _all_ids(uses: tuple[Use, ...]) -> list[str]:
    ids: list[str] = []
    for use in uses:
        ids.append(use.id)
        if isinstance(use, LoopUse):
            ids.extend(_all_ids(use.children))
    return ids


def _sum(text: Text | None, loading: Loading) -> Step | None:
    if text is None:
        return None
    try:
        path = parse(text.value)
    except PathError as error:
        loading.problems.add(PLACE, text.mark, str(error))
        return None
    step = path.last
    if len(path.steps) != 1 or path.from_top or step.element is None or step.qualifier is not None:
        loading.problems.add(PLACE, text.mark, "sum adds up one element of what was written, such as SN102")
        return None
    return step


def _check_transforms(raw: RawRow, sources: tuple[Source, ...], loading: Loading) -> None:
    for word, text in (("count", raw.count), ("sum", raw.total)):
        if text is not None and raw.shape.transforms:
            loading.problems.add(SHAPE, raw.mark, f"{word} and as do not go together: a number is written as it is")
    for word, kind in (("date", DATE), ("implied", DECIMAL)):
        if raw.shape.find(word) is None:
            continue
        given = "always" if raw.always is not None else "codes" if raw.shape.codes is not None else "table"
        if raw.always is not None or raw.shape.codes is not None or raw.shape.table is not None:
            message = f"as: {word} is for a {kind}, and what {given} gives is text"
            loading.problems.add(SHAPE, raw.mark, message)
        for source in sources:
            if isinstance(source, Name) and source.field.kind != kind:
                message = f"as: {word} is for a {kind}, and {source.text} is {source.field.kind}"
                loading.problems.add(SHAPE, source.mark, message)
    if raw.shape.find("join") is not None and not any(isinstance(source, Echo) for source in sources):
        loading.problems.add(SHAPE, raw.mark, "join makes one text of several that came; this row has none of those")


def _check_split(raw: RawRow, target: Target, uses: list[Use], loading: Loading) -> None:
    """Refuse a split where there can be no further segment, or where something would come after the cut."""
    if raw.shape.find("split") is None:
        return
    if raw.shape.transforms[-1].word != "split":
        loading.problems.add(SHAPE, raw.mark, "split is the last word of as")
    if target.step.component is not None or not any(use.maximum > 1 for use in uses):
        what = "a part of an element" if target.step.component is not None else "a segment that stands once"
        loading.problems.add(SHAPE, raw.mark, f"{target.text} is in {what}, so its text cannot go on in another")
