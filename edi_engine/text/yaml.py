"""YAML as three frozen kinds of node that know their file, line and column. Every scalar is text, as written.

`00401` stays "00401", `no` stays "no", a bare `~` stays "~"; an empty value (or the word null) is "". What makes YAML
surprising is refused: anchors, aliases, tags, several documents, a key that stands twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml
from yaml.reader import ReaderError

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.text.mark import Mark, problem

__all__ = [
    "DEEPEST",
    "MOST_CHARACTERS",
    "MOST_PROBLEMS",
    "Entry",
    "Listing",
    "Mapping",
    "Mark",
    "Node",
    "Text",
    "more_problems",
    "problem",
    "read_yaml",
]

MOST_CHARACTERS: Final = 500_000
DEEPEST: Final = 40
MOST_PROBLEMS: Final = 200
"""Problems that are told at once; looking for the word that was meant takes its time for each."""
_BLANKS: Final = "replace tabs by blanks, two for each level"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar."""

    value: str
    mark: Mark = field(compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, in block or flow style."""

    items: tuple[Node, ...]
    mark: Mark = field(compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: Text
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file; no key stands twice."""

    entries: tuple[Entry, ...]
    mark: Mark = field(compare=False)

    def get(self, key: str) -> Node | None:
        """Give the value of `key`, None where the key is absent."""
        return next((entry.value for entry in self.entries if entry.key.value == key), None)

    def keys(self) -> tuple[str, ...]:
        """Give the keys, in the order of the file."""
        return tuple(entry.key.value for entry in self.entries)


Node: TypeAlias = Text | Listing | Mapping


def more_problems(mark: Mark) -> Finding:
    """Say that there may be more problems than are told."""
    message = f"{MOST_PROBLEMS} problems are told at once, and there may be more; mend these first"
    return problem("partner.file.problems", mark, message)


def read_yaml(text: str, file: str) -> Node:
    """Read one YAML document; `file` is the name used in messages. An empty file is an empty Mapping.

    Raises ConfigurationError with every problem found (`partner.file.*`).
    """
    start = Mark(file, 1, 1)
    if len(text) > MOST_CHARACTERS:
        message = f"the file has {len(text)} characters; a partner file or map has at most {MOST_CHARACTERS}"
        raise ConfigurationError((problem("partner.file.size", start, message),))
    builder = _Builder(file)
    text = text.removeprefix("\ufeff")
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
            if builder.full:
                break
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error, start, text, builder.quote))
    except UnicodeError:
        builder.problems.append(problem("partner.file.syntax", start, "the file is not readable as UTF-8 text"))
    if builder.problems:
        raise ConfigurationError(tuple(builder.problems))
    return builder.root if builder.root is not None else Mapping((), start)


def _syntax(error: yaml.YAMLError, start: Mark, text: str, quote: tuple[Mark, int] | None) -> Finding:
    """Say what is wrong. `quote` is the last quoted value over several lines, with the line in which it ends."""
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    context, opened = getattr(error, "context", None) or "", getattr(error, "context_mark", None)
    if opened is not None and "quoted scalar" in context and "unexpected" in said:
        quote = Mark(start.file, opened.line + 1, opened.column + 1), at.line + 1 if at is not None else 1
    if quote is not None and at is not None and at.line + 1 == quote[1]:
        message = f"this is not YAML: the quote that is opened here is not closed where it should be ({said})"
        return problem("partner.file.syntax", quote[0], message, fix="close the quote, or take it out")
    tab = _tab(text, at.line) if at is not None else None
    if at is not None and tab is not None:
        message = "this is not YAML: a tab stands here; use blanks"
        return problem("partner.file.syntax", Mark(start.file, at.line + 1, tab + 1), message, fix=_BLANKS)
    if at is not None:
        mark = Mark(start.file, at.line + 1, at.column + 1)
    elif isinstance(error, ReaderError):  # a character that YAML does not allow; it knows the byte alone
        before = text.encode(errors="replace")[: error.position].decode(errors="ignore")
        mark = Mark(start.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    else:
        mark = start
    return problem(
        "partner.file.syntax", mark, f"this is not YAML: {said}", fix="check brackets, quotes, colons and indentation"
    )


def _tab(text: str, line: int) -> int | None:
    """Give the place of the first tab of a line, None where it has none."""
    lines = text.split("\n")
    place = lines[line].find("\t") if line < len(lines) else -1
    return place if place >= 0 else None


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read."""

    mark: Mark
    listing: bool
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    key: Node | None = None


class _Builder:
    """Builds nodes from the parser's events without recursion, so that no nesting of brackets can overflow it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Finding] = []
        self.full = False
        self.quote: tuple[Mark, int] | None = None
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        at = event.start_mark
        mark = Mark(self.file, at.line + 1, at.column + 1) if at is not None else Mark(self.file, 1, 1)
        if isinstance(event, yaml.ScalarEvent):  # first, as most events are
            self._look(event, mark)
            end = event.end_mark
            if event.style in {'"', "'"} and end is not None and end.line + 1 > mark.line:
                self.quote = mark, end.line + 1
            empty = not event.style and event.value == "null"
            self._add(Text("" if empty else event.value, mark))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._complain("partner.file.documents", mark, "one file holds one document; remove what follows ---")
                self.full = True
        elif isinstance(event, yaml.AliasEvent):
            message = f"*{event.anchor} repeats another place; write it out, or use extends"
            self._complain("partner.file.anchor", mark, message)
            self._add(Text("", mark))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._look(event, mark)
            if len(self._open) >= DEEPEST:
                self._complain("partner.file.depth", mark, f"this stands more than {DEEPEST} levels deep")
                self.full = True
                return
            self._open.append(_Open(mark, isinstance(event, yaml.SequenceStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._add(
                Listing(tuple(done.items), done.mark) if done.listing else Mapping(tuple(done.entries), done.mark)
            )

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if parent.listing:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            key, parent.key = parent.key, None
            self._enter(parent, key, node)

    def _enter(self, parent: _Open, key: Node, value: Node) -> None:
        if not isinstance(key, Text):
            self._complain("partner.file.key", key.mark, "a list or mapping cannot be a key")
        elif key.value in parent.seen:
            message = (
                f"{key.value} stands twice here; keep one of them (or tell rows apart by a label: {key.value} two)"
            )
            self._complain("partner.file.duplicate-key", key.mark, message)
        else:
            parent.seen.add(key.value)
            parent.entries.append(Entry(key, value))

    def _look(self, event: yaml.NodeEvent, mark: Mark) -> None:
        if event.anchor is not None:
            message = f"&{event.anchor} names this place for reuse; that is not used here: write it out, or use extends"
            self._complain("partner.file.anchor", mark, message)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._complain(
                "partner.file.tag", mark, f"{tag} is a YAML tag; everything here is plain text, so leave it out"
            )

    def _complain(self, code: str, mark: Mark, message: str) -> None:
        self.problems.append(problem(code, mark, message))
        if len(self.problems) == MOST_PROBLEMS:
            self.problems.append(more_problems(mark))
            self.full = True
