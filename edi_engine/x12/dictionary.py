"""The dictionary: versions, sets, segments, elements and codes, read lazily from the compact texts of `mappings/x12/`.

Nothing is parsed before it is asked for, and everything only once. The format of each text is told in its first lines.
The reading of files is the caller's: a Dictionary is given a function from a name such as `004010/850.txt` to the text
(None where there is no such text), so that an operator's own folder can stand in front of the shipped one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from edi_engine.x12.grammar import (
    UNBOUNDED,
    Condition,
    ElementDef,
    ElementUse,
    LoopUse,
    Pair,
    SegmentDef,
    SegmentUse,
    SetDef,
)

Read = Callable[[str], str | None]

_AREAS: Final = ("heading", "detail", "summary")


class DictionaryError(ValueError):
    """A text of the dictionary is not written as its first lines say; the message names the text and the line."""


class Dictionary:
    """All versions that `read` can give. Safe to share between threads: what two build at once is equal."""

    def __init__(self, read: Read) -> None:
        """Keep `read`; nothing is read yet."""
        self._read = read
        self._versions: dict[str, _Version] = {}

    def versions(self) -> tuple[str, ...]:
        """Give the versions, such as `004010`, oldest first."""
        return tuple(self._index)

    def sets(self, version: str) -> tuple[str, ...]:
        """Give the ids of the sets of `version`, none where the version is unknown."""
        return self._index.get(version, ())

    def resolve(self, gs08: str) -> str | None:
        """Give the version that a GS08 means (`004010VICS` means `004010`), None where we hold no such version."""
        version = gs08[:6]
        return version if version in self._index else None

    def set(self, version: str, set_id: str) -> SetDef | None:
        """Give the grammar of a transaction set, None where we do not hold it."""
        if set_id not in self.sets(version):
            return None
        return self._version(version).set(set_id)

    def segment(self, version: str, segment_id: str) -> SegmentDef | None:
        """Give a segment that our sets or the envelope use, None where none does."""
        return self._version(version).segment(segment_id) if version in self._index else None

    def element(self, version: str, element_id: str) -> ElementDef | None:
        """Give an element or composite by its X12 number, None where our segments do not use it."""
        return self._version(version).element(element_id) if version in self._index else None

    def known(self, version: str, segment_id: str) -> bool:
        """Say whether the standard has such a segment in `version`, used by one of our sets or not."""
        return version in self._index and self._version(version).known(segment_id)

    def label(self, identity: str) -> str:
        """Give our own words for a segment, element or composite; its id where there are none."""
        return self._labels.get(identity, identity)

    def meaning(self, element_id: str, code: str) -> str | None:
        """Say in short words what `code` means in an element, None where we have no words for it."""
        return self._meanings.get(element_id, {}).get(code)

    def edition(self, version: str) -> str:
        """Give the SHA-256 of all texts that make up `version`, in hexadecimal: it names what is compiled from them."""
        return self._version(version).edition

    @cached_property
    def _index(self) -> dict[str, tuple[str, ...]]:
        lines = (line.split() for line in _lines(self._read("versions.txt") or ""))
        return {words[0]: tuple(words[1:]) for words in lines}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return self._words("segments") | self._words("elements")

    @cached_property
    def _set_names(self) -> dict[str, str]:
        return self._words("sets")  # apart from the rest: 810 is an invoice, and also the element "inner packs"

    def _words(self, kind: str) -> dict[str, str]:
        lines = (line.partition(" ") for line in _lines(self._read(f"labels/{kind}.txt") or ""))
        return {identity: words for identity, _, words in lines}

    @cached_property
    def _meanings(self) -> dict[str, dict[str, str]]:
        meanings: dict[str, dict[str, str]] = {}
        for line in _lines(self._read("labels/codes.txt") or ""):
            element_id, _, rest = line.partition(" ")
            code, _, words = rest.partition(" ")
            meanings.setdefault(element_id, {})[code] = words
        return meanings

    def _version(self, version: str) -> _Version:
        found = self._versions.get(version)
        if found is None:
            names = self._set_names
            built = _Version(version, self._index[version], self._read, self.label, lambda name: names.get(name, name))
            found = self._versions.setdefault(version, built)
        return found


class _Version:
    """One version: its texts split into lines by id, and what was built of them so far."""

    def __init__(
        self, version: str, sets: tuple[str, ...], read: Read, label: Callable[[str], str], name: Callable[[str], str]
    ) -> None:
        self._version = version
        self._sets = sets
        self._read = read
        self._label = label
        self._name = name
        self._set_defs: dict[str, SetDef] = {}
        self._segment_defs: dict[str, SegmentDef] = {}
        self._element_defs: dict[str, ElementDef] = {}

    def set(self, set_id: str) -> SetDef:
        found = self._set_defs.get(set_id)
        if found is None:
            found = self._set_defs.setdefault(set_id, self._build_set(set_id))
        return found

    def segment(self, segment_id: str) -> SegmentDef | None:
        found = self._segment_defs.get(segment_id)
        if found is None and segment_id in self._segment_lines:
            found = self._segment_defs.setdefault(segment_id, self._build_segment(segment_id))
        return found

    def element(self, element_id: str) -> ElementDef | None:
        found = self._element_defs.get(element_id)
        if found is None and element_id in self._element_lines:
            found = self._element_defs.setdefault(element_id, self._build_element(element_id))
        return found

    def known(self, segment_id: str) -> bool:
        return segment_id in self._segment_lines or segment_id in self._others

    @cached_property
    def edition(self) -> str:
        names = ("segments", "elements", "codes", *self._sets)
        digest = hashlib.sha256()
        for name in names:
            text = self._text(name).encode()
            digest.update(f"{name} {len(text)}\n".encode() + text)
        return digest.hexdigest()

    def _text(self, name: str) -> str:
        place = f"{self._version}/{name}.txt"
        text = self._read(place)
        if text is None:
            message = f"{place} is missing from the dictionary, though versions.txt tells of it"
            raise DictionaryError(message)
        return text

    @cached_property
    def _segment_lines(self) -> dict[str, str]:
        return _by_id(line for line in _lines(self._text("segments")) if not line.startswith("known "))

    @cached_property
    def _others(self) -> frozenset[str]:
        lines = [line for line in _lines(self._text("segments")) if line.startswith("known ")]
        return frozenset(word for line in lines for word in line.split()[1:])

    @cached_property
    def _element_lines(self) -> dict[str, str]:
        return _by_id(_lines(self._text("elements")))

    @cached_property
    def _code_lines(self) -> dict[str, list[str]]:
        blocks: dict[str, list[str]] = {}
        block: list[str] = []
        for line in _lines(self._text("codes")):
            if line[0] == " ":
                block.append(line)
            else:
                block = blocks.setdefault(line, [])
        return blocks

    def _build_element(self, element_id: str) -> ElementDef:
        words = self._element_lines[element_id].split()
        kind = words[0]
        if kind == "C":
            parts, conditions, _ = self._uses(words[1:], f"elements.txt, {element_id}")
            return ElementDef(element_id, self._label(element_id), kind, 1, UNBOUNDED, None, parts, conditions)
        codes = None
        if words[3:] == ["*"]:
            codes = frozenset(" ".join(self._code_lines[element_id]).split())
        return ElementDef(element_id, self._label(element_id), kind, int(words[1]), int(words[2]), codes)

    def _build_segment(self, segment_id: str) -> SegmentDef:
        words = self._segment_lines[segment_id].split()
        elements, conditions, pairs = self._uses(words, f"segments.txt, {segment_id}")
        return SegmentDef(segment_id, self._label(segment_id), elements, conditions, pairs)

    def _uses(
        self, words: list[str], where: str
    ) -> tuple[tuple[ElementUse, ...], tuple[Condition, ...], tuple[Pair, ...]]:
        bar = words.index("|") if "|" in words else len(words)
        uses = tuple(self._use(word, where) for word in words[:bar])
        rest = words[bar + 1 :]
        pairs = tuple(_pair(word) for word in rest if ">" in word)
        conditions = tuple(_condition(word) for word in rest if ">" not in word)
        return uses, conditions, pairs

    def _use(self, word: str, where: str) -> ElementUse:
        element_id = word.rstrip("!?+")
        marks = word[len(element_id) :]
        element = self.element(element_id)
        if element is None:
            message = f"{self._version}/{where}: element {element_id} is not in elements.txt"
            raise DictionaryError(message)
        return ElementUse(element, required="!" in marks, conditional="?" in marks, repeats="+" in marks)

    def _build_set(self, set_id: str) -> SetDef:
        lines = _lines(self._text(set_id))
        group = next(lines).split()[1]
        areas: dict[str, list[tuple[int, str]]] = {}
        area: list[tuple[int, str]] = []
        for line in lines:
            if line in _AREAS:
                area = areas.setdefault(line, [])
            else:
                stripped = line.lstrip(" ")
                area.append(((len(line) - len(stripped)) // 2, stripped))
        heading, detail, summary = (
            self._children(areas.get(name, []), f"{self._version}/{set_id}.txt") for name in _AREAS
        )
        return SetDef(set_id, self._version, self._name(set_id), group, heading, detail, summary)

    def _children(self, lines: list[tuple[int, str]], where: str) -> tuple[SegmentUse | LoopUse, ...]:
        children: list[SegmentUse | LoopUse] = []
        at = 0
        while at < len(lines):
            depth, line = lines[at]
            end = at + 1
            while end < len(lines) and lines[end][0] > depth:
                end += 1
            name, _, most = line.partition(" ")
            identity = name.rstrip("!")
            segment = self.segment(identity)
            if segment is None or (end > at + 1 and not most.endswith(":")):
                message = f'{where}: "{line}" names no segment, or opens a loop without a colon'
                raise DictionaryError(message)
            maximum = UNBOUNDED if most.rstrip(":") == "*" else int(most.rstrip(":"))
            required = name != identity
            if most.endswith(":"):
                inside = self._children(lines[at + 1 : end], where)
                head = SegmentUse(segment, required=True, maximum=1)
                children.append(LoopUse(identity, required, maximum, (head, *inside)))
            else:
                children.append(SegmentUse(segment, required, maximum))
            at = end
        return tuple(children)


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line and line[0] != "#")


def _by_id(lines: Iterator[str]) -> dict[str, str]:
    parts = (line.partition(" ") for line in lines)
    return {identity: rest for identity, _, rest in parts}


def _condition(word: str) -> Condition:
    note = word.lstrip("~")
    positions = tuple(int(note[at : at + 2]) for at in range(1, len(note), 2))
    return Condition(note[0], positions, inferred=note != word)


def _pair(word: str) -> Pair:
    qualifier, _, value = word.rstrip("+").partition(">")
    return Pair(int(qualifier), int(value or 0), many=word.endswith("+"))
