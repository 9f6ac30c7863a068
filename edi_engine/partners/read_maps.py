"""The maps of a partner: maps: in partner.yaml, one for each set, or a list of which the first that fits is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.mapping.fields import TEXT, fields_of
from edi_engine.mapping.language import ReadingMap, WritingMap
from edi_engine.mapping.load import load
from edi_engine.mapping.tables import Table, check_tables
from edi_engine.mapping.vocabulary import Vocabulary
from edi_engine.orders.order import PurchaseOrder
from edi_engine.partners.form import Form
from edi_engine.partners.partner import ChosenMap, EnvelopePolicy
from edi_engine.partners.shelf import Shelf
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Listing, Node, Text
from edi_engine.text.yaml import Mapping as Block
from edi_engine.x12.dictionary import Dictionary

READ: Final = ("850",)
WRITTEN: Final = ("855", "856", "810")
_TO_COME: Final = ("860", "865", "870", "846", "830", "862", "852", "820", "940", "945", "864", "824")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
Wanted: TypeAlias = tuple[ReadingMap | WritingMap, str, Text]
"""A map, and the name and value of a field under which it is taken."""

CHOOSERS: Final = tuple(name for name, field in fields_of(PurchaseOrder).items() if field.kind == TEXT)
"""The fields of an order by which a map may be chosen: its texts."""


def read_maps(
    file: Form,
    partner: str,
    envelope: EnvelopePolicy | None,
    shelf: Shelf,
    tables: Mapping[str, Table],
    dictionary: Dictionary,
) -> Mapping[str, tuple[ChosenMap, ...]]:
    """Read `maps:` and every map it names or holds; what we write must be checked in the version that we send."""
    form = file.form("maps", needed=True)
    if form is None:
        return {}
    form.only((*READ, *WRITTEN), unbuilt=_TO_COME)
    reader = _Maps(partner, shelf, tables, dictionary)
    found: dict[str, tuple[ChosenMap, ...]] = {}
    for set_id in (*READ, *WRITTEN):
        node = form.node(set_id)
        if node is not None:
            found[set_id] = reader.choices(form, set_id, node)
            _check_versions(form, set_id, found[set_id], envelope)
    _check_words(form, found, reader.wanted)
    return found


def _check_words(form: Form, found: Mapping[str, tuple[ChosenMap, ...]], wanted: Sequence[Wanted]) -> None:
    """Warn of words that our maps ask the order for, and that no map which reads it ever writes."""
    reading = [choice for set_id in READ for choice in found.get(set_id, ())]
    known = [Vocabulary(choice.map) for choice in reading if isinstance(choice.map, ReadingMap)]
    fields = fields_of(PurchaseOrder)
    for chosen, name, text in wanted:
        maps = [Vocabulary(chosen)] if isinstance(chosen, ReadingMap) else known
        form.problems.extend(_fewest(words.unknown(fields[name], [text.value], text.mark) for words in maps))
    for choice in (choice for choices in found.values() for choice in choices):
        if isinstance(choice.map, WritingMap):
            form.problems.extend(_fewest(words.unknown_in(choice.map) for words in known))


def _fewest(told: Iterable[Iterable[Finding]]) -> Sequence[Finding]:
    """Give what the reading map that knows most words does not know."""
    return min((tuple(found) for found in told), key=len, default=())


def _check_versions(form: Form, set_id: str, chosen: tuple[ChosenMap, ...], envelope: EnvelopePolicy | None) -> None:
    sent = envelope.sets.get(set_id) if envelope is not None else None
    if sent is None:
        return
    for choice in chosen:
        if isinstance(choice.map, WritingMap) and sent.version[:6] not in choice.map.versions:
            checked = ", ".join(choice.map.versions)
            message = f"{form.named(set_id)}: we send {sent.version}, and the map is checked against {checked}"
            fix = f"add {sent.version[:6]} to its makes: line, here or in a map of your own"
            form.complain("partner.value.version", form.mark_of(set_id), message, fix=fix)


def _before(earlier: ChosenMap, later: ChosenMap) -> bool:
    """Say whether `earlier` is taken for every order that `later` fits. What two maps read may differ, in any field."""
    maps = [choice.map.root for choice in (earlier, later) if isinstance(choice.map, ReadingMap)]
    if earlier.where and maps and maps[0] != maps[-1]:
        return False
    return all(name in later.where and later.where[name] <= values for name, values in earlier.where.items())


class _Maps:
    """Reads the maps of one partner: a name stands for a file beside the partner file, else for one of mappings/."""

    def __init__(self, partner: str, shelf: Shelf, tables: Mapping[str, Table], dictionary: Dictionary) -> None:
        self.partner = partner
        self.shelf = shelf
        self.tables = tables
        self.dictionary = dictionary
        self.wanted: list[Wanted] = []

    def choices(self, form: Form, set_id: str, node: Node) -> tuple[ChosenMap, ...]:
        if not isinstance(node, Listing):
            chosen = self.load(form, set_id, node)
            return () if chosen is None else (ChosenMap(chosen),)
        found: list[ChosenMap] = []
        for item in node.items:
            if isinstance(item, Text) and item.value:
                wanted = f"blocks such as {{map: {item.value}}}, one for each map of the list"
                form.wrong_kind(item, form.named(set_id), wanted)
                continue
            choice = form.inside(item, form.named(set_id))
            taken = None if choice is None else self.choice(choice, set_id)
            if choice is None or taken is None:
                continue
            if any(_before(earlier, taken) for earlier in found):
                message = f"{form.named(set_id)}: this map is never taken; one above it fits every order that it would"
                fix = "put the map with the narrower `where` first, or take this one out"
                form.complain("partner.value.unreached", choice.mark, message, fix=fix)
            found.append(taken)
        if not node.items:
            form.complain("partner.value.missing", node.mark, f"{form.named(set_id)} names no map")
        return tuple(found)

    def choice(self, choice: Form, set_id: str) -> ChosenMap | None:
        """Read one map of a list; None where it, or when it is taken, is not told."""
        choice.only(("map", "where"))
        named = choice.node("map")
        if named is None:
            choice.missing("map")
            return None
        where = self.where(choice)
        chosen = self.load(choice, set_id, named)
        if chosen is None or where is None:
            return None
        self.wanted.extend((chosen, word, text) for word, text in where)
        words = {word: frozenset(text.value for name, text in where if name == word) for word, _ in where}
        return ChosenMap(chosen, words)

    def where(self, choice: Form) -> Sequence[tuple[str, Text]] | None:
        """Read the field values of the order under which a map is taken; None where they are wrong."""
        before = len(choice.problems)
        form = choice.form("where")
        if form is None:
            return () if len(choice.problems) == before else None
        form.only(CHOOSERS)
        words = [entry.key.value for entry in form.entries() if entry.key.value in CHOOSERS]
        found = [(word, text) for word in words for text in form.texts(word)]
        for text in (text for _, text in found):
            if text.value in {"any", "none"} or text.value.startswith("not "):
                form.unbuilt(text.mark, f"{form.place}: {text.value}")
        return found if len(choice.problems) == before else None

    def load(self, form: Form, set_id: str, node: Node) -> ReadingMap | WritingMap | None:
        """Load a map by its name or from the differences that stand in the partner file."""
        problems = form.problems
        if isinstance(node, Text) and self.source(node.value) is None:
            message = f"there is no map {node.value}; {nearest_or_all(node.value, self.names())}"
            form.complain("partner.value.map", node.mark, message)
            return None
        if not isinstance(node, Text | Block):
            form.wrong_kind(node, form.named(set_id), "the name of a map, or what differs from one (extends: ...)")
            return None
        try:
            loaded = load(node.value if isinstance(node, Text) else node, self.source, self.dictionary, self.names())
        except ConfigurationError as error:
            problems.extend(error.findings)
            return None
        if loaded.set_id != set_id or isinstance(loaded, ReadingMap) != (set_id in READ):
            does = "reads" if isinstance(loaded, ReadingMap) else "makes"
            message = f"this map {does} {loaded.set_id}; here stands the one for {set_id}"
            form.complain("partner.value.map", node.mark, message)
            return None
        problems.extend(check_tables(loaded, self.tables))
        return loaded

    def source(self, name: str) -> tuple[str, str] | None:
        """Give a map's text and its file by its name; None where there is none."""
        if not _NAME.fullmatch(name):
            return None
        for path in (self.shelf.beside(self.partner, f"{name}.yaml"), f"mappings/{name}.yaml"):
            if path in self.shelf.files:
                return self.shelf.text(path) or "", path
        return None

    def names(self) -> tuple[str, ...]:
        """Give the names of the maps that this partner can use."""
        beside = self.shelf.beside(self.partner, "")
        found = (
            path.removeprefix(folder).removesuffix(".yaml")
            for path in self.shelf.files
            for folder in (beside, "mappings/")
            if path.startswith(folder) and path.endswith(".yaml")
        )
        return tuple(name for name in found if "/" not in name and name != "partner")
