"""`extends`: a map as differences from another. Works on the text with its positions, before any name is settled.

Blocks merge by key. A row is replaced whole, in the base's place; options alone change the base's row; `omit` takes
away. So each row of the result still knows the file and line of the value that won.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.mapping.language import ROW_WORDS
from edi_engine.mapping.problems import BASE, HEAD, SHAPE, Problems, describe
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Entry, Listing, Mapping, Mark, Node, Text, read_yaml
from edi_engine.x12.path import PathError, Step, parse, split_label

Source = Callable[[str], tuple[str, str] | None]
"""Gives the text of a map by its name, with the name of its file for messages; None where there is no such map."""

OMIT: Final = "omit"
ROOTS: Final = ("order", "change", "heading", "detail", "summary", "levels")
HEADS: Final = ("reads", "makes", "extends", "as", "structure", *ROOTS)
_SOURCES: Final = frozenset({"from", "always", "count", "sum"})
_ONLY_IN_ROWS: Final = frozenset(ROW_WORDS) - {"where"}
_BLOCK_WORDS: Final = frozenset({"each", "where"})


def gather(
    name_or_nodes: str | Node, source: Source, problems: Problems, known: tuple[str, ...] = ()
) -> tuple[str, Mapping]:
    """Give the name of a map and its nodes, merged over everything it extends. What is wrong goes into `problems`.

    `known` are the names of the maps that `source` has, to offer the nearest one.
    """
    shelf = _Maps(source, known)
    if isinstance(name_or_nodes, str):
        return name_or_nodes, _open(name_or_nodes, shelf, problems, Mark(name_or_nodes, 1, 1), ())
    return name_or_nodes.mark.file, _extend(name_or_nodes, shelf, problems, ())


@dataclass(frozen=True, slots=True)
class _Maps:
    """Where maps come from, and the names that are known there."""

    source: Source
    known: tuple[str, ...]


def _open(name: str, maps: _Maps, problems: Problems, mark: Mark, above: tuple[str, ...]) -> Mapping:
    if name in above:
        problems.add(BASE, mark, f"these maps extend each other in a circle: {' > '.join((*above, name))}")
        return Mapping((), mark)
    found = maps.source(name)
    if found is None:
        hint = f"; {nearest_or_all(name, maps.known)}" if maps.known else ""
        message = f"there is no map {name}{hint}"
        problems.add(BASE, mark, message, fix="name a file beside this one, or one of mappings/")
        return Mapping((), mark)
    text, file = found
    try:
        node = read_yaml(text, file)
    except ConfigurationError as error:
        problems.found.extend(error.findings)
        return Mapping((), mark)
    return _extend(node, maps, problems, (*above, name))


def _extend(node: Node, maps: _Maps, problems: Problems, above: tuple[str, ...]) -> Mapping:
    if not isinstance(node, Mapping):
        problems.add(SHAPE, node.mark, f"a map is a block of rows, and this is {describe(node)}")
        return Mapping((), node.mark)
    extends = node.get("extends")
    own = Mapping(tuple(entry for entry in node.entries if entry.key.value != "extends"), node.mark)
    if extends is None:
        _no_omit(own, problems)
        return own
    if not isinstance(extends, Text) or not extends.value:
        problems.add(HEAD, extends.mark, "extends names one other map")
        return own
    base = _open(extends.value, maps, problems, extends.mark, above)
    if not base.entries:
        return Mapping((), node.mark)
    return _heads(_renamed(base, own), own, problems)


def _renamed(base: Mapping, own: Mapping) -> Mapping:
    """Call the root of an order map `change` where a change map extends it."""
    if own.get("change") is None:
        return base
    return Mapping(
        tuple(
            Entry(Text("change", entry.key.mark), entry.value) if entry.key.value == "order" else entry
            for entry in base.entries
        ),
        base.mark,
    )


def _heads(base: Mapping, own: Mapping, problems: Problems) -> Mapping:
    """Merge two whole maps: the words of the head are replaced, the blocks merged."""
    entries = {entry.key.value: entry for entry in base.entries}
    for entry in own.entries:
        key = entry.key.value
        below = entries.get(key)
        if below is not None and key in ROOTS and isinstance(below.value, Mapping) and isinstance(entry.value, Mapping):
            entries[key] = Entry(below.key, _blocks(below.value, entry.value, problems))
        else:
            entries[key] = entry
            if isinstance(entry.value, Mapping):
                _no_omit(entry.value, problems)
    return Mapping(tuple(entries.values()), own.mark)


def _blocks(base: Mapping, own: Mapping, problems: Problems) -> Mapping:
    entries = {entry.key.value: entry for entry in base.entries}
    for entry in own.entries:
        key, value = entry.key.value, entry.value
        if isinstance(value, Text) and value.value == OMIT:
            _omit(entry, entries, problems)
            continue
        below = entries.get(key)
        if below is None:
            entries[key] = entry
            if isinstance(value, Mapping):
                _no_omit(value, problems)
        elif key in _BLOCK_WORDS:
            entries[key] = entry
        else:
            entries[key] = Entry(entry.key, _over(below.value, value, problems))
    return Mapping(tuple(entries.values()), base.mark)


def _over(base: Node, own: Node, problems: Problems) -> Node:
    """Lay the value of one key over the base's."""
    if not isinstance(own, Mapping):
        return own
    below_is_block = isinstance(base, Mapping) and not is_row(base)
    if below_is_block and isinstance(base, Mapping) and (not is_row(own) or _only_where(own)):
        return _blocks(base, own, problems)
    if is_row(own) and not below_is_block and not _SOURCES.intersection(own.keys()):
        return _options(base, own, problems)
    _no_omit(own, problems)
    return own


def _options(base: Node, own: Mapping, problems: Problems) -> Mapping:
    """Change single options of a base row."""
    row = base if isinstance(base, Mapping) else Mapping((Entry(Text("from", base.mark), base),), base.mark)
    entries = {entry.key.value: entry for entry in row.entries}
    for entry in own.entries:
        below = entries.get(entry.key.value)
        value = entry.value
        if entry.key.value == "codes" and isinstance(value, Mapping):
            under = below.value if below is not None and isinstance(below.value, Mapping) else Mapping((), value.mark)
            entries["codes"] = Entry(entry.key, _codes(under, value, problems))
        else:
            entries[entry.key.value] = entry
    return Mapping(tuple(entries.values()), own.mark)


def _codes(base: Mapping, own: Mapping, problems: Problems) -> Mapping:
    codes = {entry.key.value: entry for entry in base.entries}
    for entry in own.entries:
        if isinstance(entry.value, Text) and entry.value.value == OMIT:
            if codes.pop(entry.key.value, None) is None:
                word = entry.key.value
                problems.add(
                    BASE, entry.key.mark, f"nothing to omit: the base has no code {word}; {nearest_or_all(word, codes)}"
                )
        else:
            codes[entry.key.value] = entry
    return Mapping(tuple(codes.values()), base.mark)


def _omit(entry: Entry, entries: dict[str, Entry], problems: Problems) -> None:
    """Take a row, the rows of a segment, or (by its qualifier) one of the pairs that a block makes out of the base."""
    key = entry.key.value
    there = key in entries
    entries.pop(key, None)
    step = step_of(key)
    if step is not None and step.qualifier is None and step.element is None and split_label(key)[1] is None:
        for other in [other for other in entries if _same_segment(other, step)]:
            del entries[other]
            there = True
    if step is not None and step.qualifier is not None and any(_makes_pairs(other, step) for other in entries.values()):
        entries[key] = entry  # the block that makes the pairs leaves this one out
        there = True
    if not there:
        word = nearest_or_all(key, entries)
        problems.add(BASE, entry.key.mark, f"nothing to omit: the base has no {key} here; {word}")


def _same_segment(key: str, step: Step) -> bool:
    other = step_of(key)
    return other is not None and other.segment == step.segment


def _makes_pairs(entry: Entry, step: Step) -> bool:
    other = step_of(entry.key.value)
    pairs = other is not None and other.segment == step.segment and other.element is not None
    return pairs and isinstance(entry.value, Mapping) and entry.value.get("each") is not None


def step_of(key: str) -> Step | None:
    """Read the key of a row as one step of X12, None where it is none (a field of ours, a word)."""
    try:
        path = parse(split_label(key)[0])
    except PathError:
        return None
    return path.last if len(path.steps) == 1 and not path.from_top else None


def is_row(node: Node) -> bool:
    """Say whether a value is a row (a source or its options) and not a block of rows: words of rows are in no block."""
    if not isinstance(node, Mapping):
        return True
    return _only_where(node) or any(key in _ONLY_IN_ROWS for key in node.keys())  # noqa: SIM118 not a dict


def _only_where(node: Mapping) -> bool:
    return node.keys() == ("where",)


def _no_omit(node: Mapping, problems: Problems) -> None:
    """Refuse `omit` where no base has anything that could be taken away."""
    stack: list[Node] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, Listing):
            stack.extend(top.items)
        if not isinstance(top, Mapping) or (top is not node and is_row(top)):
            continue
        for entry in top.entries:
            if isinstance(entry.value, Text) and entry.value.value == OMIT:
                problems.add(BASE, entry.key.mark, f"nothing to omit: no base has a {entry.key.value} here")
            else:
                stack.append(entry.value)
