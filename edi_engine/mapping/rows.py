"""Reads the words of a row: its sources, its options, its conditions. Names and places are settled by the caller."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edi_engine.mapping.convert import is_date_pattern
from edi_engine.mapping.language import (
    ANY,
    ELSE,
    IS,
    NONE,
    NOT,
    ON_MISSING,
    ROW_WORDS,
    TRANSFORMS,
    Shape,
    TableUse,
    Transform,
)
from edi_engine.mapping.problems import SHAPE, WORD, Problems, describe
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Listing, Mapping, Mark, Node, Text

_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_TABLE_WORDS: Final = ("name", "find", "give")


@dataclass(frozen=True, slots=True)
class RawTest:
    """One condition of `where` before its name is settled; `kind` is IS, NOT, ANY or NONE."""

    what: Text
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as written: at most one of sources, always, count and total says where the value comes from."""

    sources: tuple[Text, ...]
    always: Text | None
    count: Text | None
    total: Text | None
    shape: Shape
    where: tuple[RawTest, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way a map reads its tables: `find` and `give` are the columns used where a row names none."""

    find: str
    give: str


def raw_row(key: Text, node: Node, direction: Direction, problems: Problems) -> RawRow | None:
    """Read the value of a row. None where it says nothing usable; what is wrong goes into `problems`."""
    if isinstance(node, Text) and node.value == "omit":
        return None  # told already: there was nothing to omit
    if not isinstance(node, Mapping):
        sources = texts(node, problems)
        if not sources:
            return None
        return RawRow(sources, None, None, None, Shape(), (), key.mark)
    for entry in node.entries:
        if entry.key.value not in ROW_WORDS:
            word = entry.key.value
            problems.add(WORD, entry.key.mark, f"{word} is no word of a row; {nearest_or_all(word, ROW_WORDS)}")
            return None
    given = [word for word in ("from", "always", "count", "sum") if node.get(word) is not None]
    if len(given) != 1:
        what = f"says both {given[0]} and {given[1]}" if given else "says no source: from, always, count or sum"
        problems.add(SHAPE, key.mark, f"{key.value} {what}")
        return None
    shape = _shape(node, direction, problems)
    if given[0] in {"always", "count", "sum"}:
        loose = [word for word in ("else", "codes", "table", "on_missing") if node.get(word) is not None]
        if loose:
            problems.add(SHAPE, key.mark, f"{given[0]} and {loose[0]} do not go together")
            return None
    sources = texts(node.get("from"), problems) if given[0] == "from" else ()
    if given[0] == "from" and not sources:
        return None
    single = {word: _text(node.get(word), problems) for word in ("always", "count", "sum")}
    if given[0] != "from" and single[given[0]] is None:
        return None
    where = raw_tests(node.get("where"), problems)
    return RawRow(sources, single["always"], single["count"], single["sum"], shape, where, key.mark)


def texts(node: Node | None, problems: Problems) -> tuple[Text, ...]:
    """Read one text or a list of texts; an empty one is a problem."""
    if node is None:
        return ()
    items = node.items if isinstance(node, Listing) else (node,)
    if not items:
        problems.add(SHAPE, node.mark, "an empty list says nothing")
        return ()
    found = [_text(item, problems) for item in items]
    return tuple(text for text in found if text is not None)


def _text(node: Node | None, problems: Problems) -> Text | None:
    if node is None:
        return None
    if not isinstance(node, Text):
        problems.add(SHAPE, node.mark, f"a text belongs here, and this is {describe(node)}")
        return None
    if not node.value:
        problems.add(SHAPE, node.mark, "nothing stands behind the colon here")
        return None
    return node


def _shape(node: Mapping, direction: Direction, problems: Problems) -> Shape:
    fallback = node.get("else")
    codes = _codes(node.get("codes"), problems)
    table = _table(node.get("table"), direction, problems)
    on_missing = _text(node.get("on_missing"), problems)
    if codes is not None and table is not None:
        problems.add(SHAPE, node.mark, "a row looks up in codes or in a table, not in both")
    if on_missing is not None:
        if on_missing.value not in ON_MISSING:
            word = nearest_or_all(on_missing.value, ON_MISSING)
            problems.add(WORD, on_missing.mark, f"{on_missing.value} is no on_missing; {word}")
        elif codes is None and table is None:
            problems.add(SHAPE, on_missing.mark, "on_missing belongs to codes or a table, and this row has neither")
        elif on_missing.value == ELSE and fallback is None:
            problems.add(SHAPE, on_missing.mark, "on_missing: else needs an else")
    otherwise = _text(fallback, problems)
    return Shape(
        codes,
        table,
        on_missing.value if on_missing is not None else None,
        otherwise.value if otherwise is not None else None,
        transforms(node.get("as"), problems),
    )


def _codes(node: Node | None, problems: Problems) -> dict[str, str] | None:
    if node is None:
        return None
    if not isinstance(node, Mapping) or not node.entries:
        problems.add(SHAPE, node.mark, "codes is a block of `what comes: what goes`")
        return None
    codes: dict[str, str] = {}
    for entry in node.entries:
        text = _text(entry.value, problems)
        if text is not None:
            codes[entry.key.value] = text.value
    return codes


def _table(node: Node | None, direction: Direction, problems: Problems) -> TableUse | None:
    if node is None:
        return None
    if isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key.value not in _TABLE_WORDS:
                word = nearest_or_all(entry.key.value, _TABLE_WORDS)
                problems.add(WORD, entry.key.mark, f"{entry.key.value} is no word of a table; {word}")
        name = _text(node.get("name"), problems)
        if name is None:
            problems.add(SHAPE, node.mark, "a table is called by its name: {name: stores, find: theirs, give: dc}")
            return None
        find, give = (_text(node.get(word), problems) for word in ("find", "give"))
        return TableUse(
            name.value, find.value if find else direction.find, give.value if give else direction.give, node.mark
        )
    text = _text(node, problems)
    return TableUse(text.value, direction.find, direction.give, text.mark) if text is not None else None


def transforms(node: Node | None, problems: Problems) -> tuple[Transform, ...]:
    """Read `as`: one transform or a list of them."""
    found = (_transform(text, problems) for text in texts(node, problems))
    return tuple(transform for transform in found if transform is not None)


def _transform(text: Text, problems: Problems) -> Transform | None:
    word, _, rest = text.value.partition(" ")
    if text.value in {"upper", "no-spaces", "trim zeros", "join"}:
        return Transform(text.value)
    if word in {"left", "right", "pad", "implied", "split"}:
        if not _NUMBER.fullmatch(rest) or (word != "implied" and int(rest) == 0):
            problems.add(WORD, text.mark, f"{word} wants a number, such as {word} 2")
            return None
        return Transform(word, int(rest))
    if word == "date":
        if not is_date_pattern(rest):
            problems.add(WORD, text.mark, "date wants a pattern of YYYY or YY, MM and DD, such as date YYMMDD")
            return None
        return Transform("date", 0, rest)
    problems.add(WORD, text.mark, f"{text.value} is no transform; {nearest_or_all(word, TRANSFORMS)}")
    return None


def raw_tests(node: Node | None, problems: Problems) -> tuple[RawTest, ...]:
    """Read `where`: each entry is one condition, all of them must fit."""
    if node is None:
        return ()
    if not isinstance(node, Mapping) or not node.entries:
        problems.add(SHAPE, node.mark, "where is a block such as {role: ship_to}")
        return ()
    found: list[RawTest] = []
    for entry in node.entries:
        values = texts(entry.value, problems)
        if not values:
            continue
        first = values[0].value
        if len(values) == 1 and first in {ANY, NONE}:
            found.append(RawTest(entry.key, first, ()))
        elif len(values) == 1 and first.startswith("not "):
            found.append(RawTest(entry.key, NOT, (first[4:].strip(),)))
        else:
            wrong = next((v for v in values if v.value in {ANY, NONE} or v.value.startswith("not ")), None)
            if wrong is not None:
                problems.add(SHAPE, wrong.mark, f"{wrong.value} stands alone, not in a list")
            found.append(RawTest(entry.key, IS, tuple(value.value for value in values)))
    return tuple(found)
