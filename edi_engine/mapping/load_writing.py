"""Loads a writing map: every place is settled against the set's tree, every name against the document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from edi_engine.mapping.extend import OMIT, is_row
from edi_engine.mapping.fields import DOCUMENTS, LEVELS, Level
from edi_engine.mapping.heads import Head, read_head
from edi_engine.mapping.language import LevelPlan, Name, Target, Test, WriteBlock, WriteItem, WriteRow, WritingMap
from edi_engine.mapping.levels import COMPONENT
from edi_engine.mapping.load_reading import pairs_from
from edi_engine.mapping.load_rows import Loading, settle_row, settle_tests
from edi_engine.mapping.names import NameProblem, Scope, Scopes, settle_name
from edi_engine.mapping.places import Ground, PlaceError, Use, check_qualifier, ground_of, not_here, segment_of
from edi_engine.mapping.problems import HEAD, NAME, PLACE, SHAPE, WORD, Problems
from edi_engine.mapping.rows import raw_tests, texts, transforms
from edi_engine.orders.shipment import Content, Shipment
from edi_engine.text.nearest import nearest, nearest_or_all
from edi_engine.text.yaml import Entry, Mapping, Node, Text
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import LoopUse, SetDef
from edi_engine.x12.path import PathError, Step, parse, split_label

_MAKES: Final = {"855": "answer", "856": "shipment", "810": "invoice"}
_AREAS: Final = ("heading", "detail", "summary")
_KEPT: Final = "850"
_NATURAL: Final = {"order": "po_number", "tare": "tare", "pack": "pack", "subpack": "subpack", "item": "line"}
"""What makes a new level where its block has no each."""
_SKIPPED: Final = ("tare", "pack", "subpack", "component")
"""The levels that `where` may leave out: without the others nobody could tell what was shipped on which order."""

Grounds = dict[str, Ground]


def load_writing(name: str, nodes: Mapping, dictionary: Dictionary, problems: Problems) -> WritingMap | None:
    """Settle a merged writing map. None where it has problems; they go into `problems`."""
    head = read_head(nodes, "makes", dictionary, problems)
    if head is None:
        return None
    document = _MAKES.get(head.set_id)
    makes = nodes.get("makes")
    if document is None:
        problems.later((makes or nodes).mark, f"a map that makes {head.set_id}", "855, 856 and 810 are made")
        return None
    _check_words(nodes, head, problems)
    loading = Loading(problems, head.set_id, partial(_kept, head, dictionary), dict(_first(head).areas()))
    scopes: Scopes = (Scope(DOCUMENTS[document]),)
    areas: dict[str, tuple[WriteItem, ...]] = {}
    drops: dict[str, tuple[Step, ...]] = {}
    for area in _AREAS:
        node = nodes.get(area)
        if node is None:
            continue
        if not isinstance(node, Mapping):
            problems.add(SHAPE, node.mark, f"{area} is a block of rows")
            continue
        grounds = {version: ground_of(grammar, area) for version, grammar in head.grammars.items()}
        areas[area], drops[area] = _items(node, grounds, scopes, loading)
    levels = _levels(nodes, head, loading) if head.set_id == "856" else ()
    whole = transforms(nodes.get("as"), problems)
    for transform in whole:
        if transform.word not in {"upper", "no-spaces"}:
            problems.add(
                SHAPE, (nodes.get("as") or nodes).mark, f"{transform.word} cannot be done to all texts at once"
            )
    if problems.found:
        return None
    versions = tuple(head.grammars)
    return WritingMap(name, document, head.set_id, versions, areas, drops, levels, whole, tuple(loading.tables))


def _first(head: Head) -> SetDef:
    return next(iter(head.grammars.values()))


def _kept(head: Head, dictionary: Dictionary) -> Iterator[SetDef]:
    """Give the grammar of the orders that echoes are looked for in: of the map's versions first, then of all.

    They are read one by one, as far as somebody looks: most echoes are found in the first.
    """
    versions = dict.fromkeys((*head.grammars, *dictionary.versions()))
    found = (dictionary.set(version, _KEPT) for version in versions)
    return (grammar for grammar in found if grammar is not None)


def _check_words(nodes: Mapping, head: Head, problems: Problems) -> None:
    wrong = ("order", "change", *(("detail",) if head.set_id == "856" else ("levels", "structure")))
    for word in wrong:
        stray = next((entry.key for entry in nodes.entries if entry.key.value == word), None)
        if stray is not None:
            instead = (
                "a ship notice has levels" if word == "detail" else f"the {head.set_id} has heading, detail, summary"
            )
            problems.add(HEAD, stray.mark, f"{word} does not belong here: {instead}")


def _items(
    node: Mapping, grounds: Grounds, scopes: Scopes, loading: Loading
) -> tuple[tuple[WriteItem, ...], tuple[Step, ...]]:
    """Settle the rows and blocks inside a block; `omit` with a qualifier comes back as a pair to drop."""
    items: list[WriteItem] = []
    drops: list[Step] = []
    for entry in node.entries:
        if entry.key.value in {"each", "where"}:
            continue
        step, label = _key(entry.key, loading)
        if step is None:
            continue
        uses = _uses(entry.key, step, grounds, loading)
        if not uses:
            continue
        if isinstance(entry.value, Text) and entry.value.value == OMIT:
            drops.append(step)
            continue
        target = Target(step, label, entry.key.mark)
        item = (
            settle_row(entry, target, list(uses.values()), scopes, loading)
            if is_row(entry.value)
            else _block(entry, target, uses, grounds, scopes, loading)
        )
        if item is not None:
            items.append(item)
    return tuple(items), tuple(drops)


def _key(key: Text, loading: Loading) -> tuple[Step | None, str | None]:
    place, label = split_label(key.value)
    try:
        path = parse(place)
    except PathError as error:
        word = nearest(key.value, ("each", "where"))
        if key.value.islower():
            hint = f"; nearest: {word}" if word is not None else ""
            message = f"{key.value} is neither a place in X12 (capitals) nor a word of a block{hint}"
            loading.problems.add(WORD, key.mark, message)
        else:
            loading.problems.add(PLACE, key.mark, str(error))
        return None, None
    if len(path.steps) > 1 or path.from_top:
        message = f"{place} is a path: on the left stands one step, inside the block of its loop"
        loading.problems.add(PLACE, key.mark, message)
        return None, None
    if path.last.repetition is not None:
        loading.problems.later(key.mark, "writing a repetition of an element")
        return None, None
    return path.last, label


def _uses(key: Text, step: Step, grounds: Grounds, loading: Loading) -> dict[str, Use]:
    """Find what a key names, in each version; it must be there in one of them."""
    found: dict[str, Use] = {}
    for version, ground in grounds.items():
        if ground.segment is not None:
            if ground.segment.id == step.segment:
                found[version] = next(use for use in ground.children if segment_of(use) == ground.segment)
        else:
            uses = ground.uses(step.segment)
            if uses:
                found[version] = uses[0]
    if not found:
        ground = next(iter(grounds.values()))
        here = ground.segment.id if ground.segment is not None else ground.name
        loading.problems.add(PLACE, key.mark, not_here(step.segment, here, loading.parts))
    return found


def _block(
    entry: Entry, target: Target, uses: dict[str, Use], grounds: Grounds, scopes: Scopes, loading: Loading
) -> WriteBlock | None:
    node, problems = entry.value, loading.problems
    if not isinstance(node, Mapping):
        return None
    if not node.entries:
        problems.add(SHAPE, entry.key.mark, f"the block {entry.key.value} is empty")
        return None
    each, inner = _each(node.get("each"), scopes, loading)
    if each is None:
        return None
    tests = settle_tests(raw_tests(node.get("where"), problems), inner, loading)
    inside: Grounds = {}
    failure: str | None = None
    for version, use in uses.items():
        try:
            inside[version] = _inside(target.step, use, grounds[version])
        except PlaceError as error:
            failure = failure or str(error)
    if not inside:
        problems.add(PLACE, entry.key.mark, failure or f"{target.text} holds nothing")
        return None
    items, drops = _items(node, inside, inner, loading)
    if target.step.element is not None and any(not isinstance(item, WriteRow) for item in items):
        problems.add(SHAPE, entry.key.mark, f"{target.text} fills pairs: only rows for single elements stand in it")
    elif target.step.element is not None and any(_splits(item) for item in items):
        problems.add(SHAPE, entry.key.mark, f"{target.text} fills pairs: split has no segment of its own to go on in")
    return WriteBlock(target, each, tests, items, drops)


def _splits(item: WriteItem) -> bool:
    return isinstance(item, WriteRow) and item.shape.find("split") is not None


def _inside(step: Step, use: Use, ground: Ground) -> Ground:
    """Give where the rows of a block stand: in a loop, on a segment, or on the pairs of a segment."""
    segment = segment_of(use)
    if step.element is not None:
        pairs = tuple((pair.qualifier, pair.value) for pair in segment.pairs if pair.many)
        if not pairs_from(pairs, step.element):
            message = f"{step} does not come in pairs, so it cannot be a block"
            raise PlaceError(message)
        inner = ground.within(use) if isinstance(use, LoopUse) else ground
        return inner.on(segment)
    if step.qualifier is not None:
        check_qualifier(segment, step.qualifier)
    return ground.within(use) if isinstance(use, LoopUse) else ground.on(segment)


def _each(node: Node | None, scopes: Scopes, loading: Loading) -> tuple[tuple[Name, ...] | None, Scopes]:
    """Settle each of a block: the lists it walks through, and what is in hand inside. None where it is wrong."""
    if node is None:
        return (), scopes
    names: list[Name] = []
    for text in texts(node, loading.problems):
        try:
            name = settle_name(text, scopes, whole=True)
        except NameProblem as problem:
            loading.problems.add(NAME, text.mark, str(problem))
            continue
        if not name.field.many:
            loading.problems.add(SHAPE, text.mark, f"{text.value} is no list: each walks through lists")
        else:
            names.append(name)
    kinds = {name.field.of for name in names}
    if len(kinds) > 1:
        loading.problems.add(SHAPE, node.mark, "one each walks through lists of one kind")
    of = names[0].field.of if names else None
    if of is None:
        return None, scopes
    return tuple(names), (*scopes, Scope(of))


def _levels(nodes: Mapping, head: Head, loading: Loading) -> tuple[LevelPlan, ...]:
    problems = loading.problems
    structure = nodes.get("structure")
    node = nodes.get("levels")
    if structure is None or not isinstance(node, Mapping):
        problems.add(
            HEAD, nodes.mark, "a ship notice has a structure, such as [shipment, order, pack, item], and levels"
        )
        return ()
    order = _structure(structure, problems)
    for entry in node.entries:
        if entry.key.value not in LEVELS:
            word = nearest_or_all(entry.key.value, LEVELS)
            problems.add(NAME, entry.key.mark, f"there is no level {entry.key.value}; {word}")
    grounds: Grounds = {}
    for version, grammar in head.grammars.items():
        detail = ground_of(grammar, "detail")
        grounds[version] = next(detail.within(use) for use in detail.children if isinstance(use, LoopUse))
    plans: list[LevelPlan] = []
    scopes: Scopes = (Scope(Shipment),)
    for level in order:
        block = node.get(level)
        if not isinstance(block, Mapping):
            problems.add(
                HEAD, (block or structure).mark, f"the structure names {level}, and levels does not describe it"
            )
            continue
        scopes = (*scopes, Scope(Level, level))
        plans.append(_level(level, block, grounds, scopes, loading))
    for level in (level for level in LEVELS if level not in order):
        block = node.get(level)
        if isinstance(block, Mapping):  # not used by this structure, and still checked
            around = (Scope(Level, one) for one in LEVELS if one != level)
            _level(level, block, grounds, (Scope(Shipment), *around, Scope(Level, level)), loading)
    return tuple(plans)


def _structure(node: Node, problems: Problems) -> list[str]:
    order: list[str] = []
    for text in texts(node, problems):
        if text.value not in LEVELS:
            problems.add(NAME, text.mark, f"there is no level {text.value}; {nearest_or_all(text.value, LEVELS)}")
        elif text.value in order:
            problems.add(SHAPE, text.mark, f"the level {text.value} stands twice")
        else:
            order.append(text.value)
    if COMPONENT in order and (order[-1] != COMPONENT or "item" not in order):
        message = "component is the innermost level, and stands below item: it tells the parts of one line"
        problems.add(SHAPE, node.mark, message)
    return order


def _level(level: str, node: Mapping, grounds: Grounds, scopes: Scopes, loading: Loading) -> LevelPlan:
    where = _level_tests(level, node, scopes, loading)
    each: list[Name] = []
    given = texts(node.get("each"), loading.problems)
    if level == COMPONENT and given:
        message = "each does not belong to the level component: the parts of its line make it"
        loading.problems.add(SHAPE, given[0].mark, message)
        given = ()
    natural = _NATURAL.get(level)
    if not given and natural is not None:
        given = (Text(natural, node.mark),)
    for text in given:
        try:
            name = settle_name(text, (Scope(Shipment), Scope(Content)), whole=True)
        except NameProblem as problem:
            loading.problems.add(NAME, text.mark, str(problem))
            continue
        if name.field.many:
            loading.problems.add(SHAPE, text.mark, f"{text.value} is a list: a level is made by single values")
        else:
            each.append(name)
    items, drops = _items(node, grounds, scopes, loading)
    return LevelPlan(level, tuple(each), items, drops, where)


def _level_tests(level: str, node: Mapping, scopes: Scopes, loading: Loading) -> tuple[Test, ...]:
    """Settle where of a level, which leaves the level out: what lies in it stands directly in the level around."""
    where = node.get("where")
    if where is not None and level not in _SKIPPED:
        message = f"where cannot leave out the level {level}, only {', '.join(_SKIPPED)}"
        loading.problems.add(SHAPE, where.mark, message)
        return ()
    return settle_tests(raw_tests(where, loading.problems), scopes, loading)
