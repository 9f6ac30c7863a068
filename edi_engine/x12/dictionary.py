"""The dictionary: versions, sets, segments, elements and codes, read lazily from the compact texts of `mappings/x12/`.

Nothing is parsed before it is asked for, and everything only once. The format of each text is told in its first lines,
and `dictionary_text` holds it to that. The reading of files is the caller's: a Dictionary is given a function from a
name such as `004010/850.txt` to the text (None where there is no such text), so that an operator's own folder can stand
in front of the shipped one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, KeysView
from functools import cached_property
from typing import Any

from edi_engine.x12.dictionary_text import (
    AREAS,
    Child,
    DictionaryError,
    Line,
    Numbered,
    SegmentText,
    by_id,
    lines,
    lists,
    read_codes,
    read_element,
    read_group,
    read_segment,
    read_set,
    read_version,
)
from edi_engine.x12.grammar import UNBOUNDED, ElementDef, ElementUse, LoopUse, SegmentDef, SegmentUse, SetDef

__all__ = ["Dictionary", "DictionaryError", "Read"]

Read = Callable[[str], str | None]


class Dictionary:
    """All versions that `read` can give. Safe to share between threads: what two build at once is equal."""

    def __init__(self, read: Read) -> None:
        """Keep `read`; nothing is read yet."""
        self._read = read
        self._versions: dict[str, _Version] = {}
        self.kept: dict[type, Any] = {}
        """What others made of this standard, by the class of it, for as long as the standard is held."""

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

    def group(self, version: str, set_id: str) -> str | None:
        """Give the GS01 of the groups that a set goes into, None where we do not hold it. Cheaper than the set."""
        return self._version(version).group(set_id) if set_id in self.sets(version) else None

    def segment(self, version: str, segment_id: str) -> SegmentDef | None:
        """Give a segment that our sets or the envelope use, None where none does."""
        return self._version(version).segment(segment_id) if version in self._index else None

    def element(self, version: str, element_id: str) -> ElementDef | None:
        """Give an element or composite by its X12 number, None where our segments do not use it."""
        return self._version(version).element(element_id) if version in self._index else None

    def known(self, version: str, segment_id: str) -> bool:
        """Say whether we hold such a segment in `version`, whatever set it belongs to."""
        return version in self._index and segment_id in self._version(version).segments()

    def label(self, identity: str) -> str:
        """Give our own words for a segment, element or composite; its id where there are none."""
        return self._labels.get(identity, identity)

    def meaning(self, element_id: str, code: str) -> str | None:
        """Say in short words what `code` means in an element, None where we have no words for it."""
        return self._meanings.get(element_id, {}).get(code)

    def set_name(self, set_id: str) -> str:
        """Give our own words for a set; its id where there are none."""
        return self._set_names.get(set_id, set_id)

    def segments(self, version: str) -> tuple[str, ...]:
        """Give the ids of the segments that our sets or the envelope use, none where the version is unknown."""
        return tuple(self._version(version).segments()) if version in self._index else ()

    def elements(self, version: str) -> tuple[str, ...]:
        """Give the ids of the elements and composites that they use, none where the version is unknown."""
        return tuple(self._version(version).elements()) if version in self._index else ()

    def edition(self, version: str, set_id: str) -> str:
        """Give a SHA-256, in hexadecimal, of the texts that a set is made of: it names what is compiled from them.

        They are the set's own text and the segments, elements and codes of its version.
        """
        return self._version(version).edition(set_id)

    @cached_property
    def _index(self) -> dict[str, tuple[str, ...]]:
        place = "versions.txt"
        found = by_id(place, lines(self._read(place) or ""))
        return dict(read_version(Line(place, *line)) for line in found.values())

    @cached_property
    def _labels(self) -> dict[str, str]:
        return self._words("segments") | self._words("elements")

    @cached_property
    def _set_names(self) -> dict[str, str]:
        return self._words("sets")  # apart from the rest: 810 is an invoice, and also the element "inner packs"

    def _words(self, kind: str) -> dict[str, str]:
        parts = (line.partition(" ") for _, line in lines(self._read(f"labels/{kind}.txt") or ""))
        return {identity: words for identity, _, words in parts}

    @cached_property
    def _meanings(self) -> dict[str, dict[str, str]]:
        meanings: dict[str, dict[str, str]] = {}
        for _, line in lines(self._read("labels/codes.txt") or ""):
            element_id, _, rest = line.partition(" ")
            code, _, words = rest.partition(" ")
            meanings.setdefault(element_id, {})[code] = words
        return meanings

    def _version(self, version: str) -> _Version:
        found = self._versions.get(version)
        if found is None:
            built = _Version(version, self._read, self.label, self.set_name)
            found = self._versions.setdefault(version, built)
        return found


class _Version:
    """One version: its texts split into lines by id, and what was built of them so far."""

    def __init__(self, version: str, read: Read, label: Callable[[str], str], set_name: Callable[[str], str]) -> None:
        self._version = version
        self._read = read
        self._label = label
        self._set_name = set_name
        self._digests: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._set_defs: dict[str, SetDef] = {}
        self._segment_defs: dict[str, SegmentDef] = {}
        self._element_defs: dict[str, ElementDef] = {}

    def set(self, set_id: str) -> SetDef:
        found = self._set_defs.get(set_id)
        if found is None:
            found = self._set_defs.setdefault(set_id, self._build_set(set_id))
        return found

    def group(self, set_id: str) -> str:
        found = self._groups.get(set_id)
        return self._open(set_id)[0] if found is None else found

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

    def segments(self) -> KeysView[str]:
        return self._segment_lines.keys()

    def elements(self) -> KeysView[str]:
        return self._element_lines.keys()

    def edition(self, set_id: str) -> str:
        digest = hashlib.sha256()
        for name in (set_id, "segments", "elements", "codes"):
            digest.update(f"{name} {self._digests.get(name) or self._digest(name)}\n".encode())
        return digest.hexdigest()

    def _digest(self, name: str) -> str:
        self._text(name)
        return self._digests[name]

    def _place(self, name: str) -> str:
        return f"{self._version}/{name}.txt"

    def _line(self, name: str, line: Numbered) -> Line:
        return Line(self._place(name), *line)

    def _lines(self, name: str) -> list[Numbered]:
        return lines(self._text(name))

    def _text(self, name: str) -> str:
        place = self._place(name)
        text = self._read(place)
        if text is None:
            raise DictionaryError(place, None, f"{place} is missing, though versions.txt tells of it")
        self._digests[name] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return text

    @cached_property
    def _segment_lines(self) -> dict[str, Numbered]:
        return by_id(self._place("segments"), self._lines("segments"))

    @cached_property
    def _element_lines(self) -> dict[str, Numbered]:
        return by_id(self._place("elements"), self._lines("elements"))

    @cached_property
    def _code_lines(self) -> dict[str, tuple[int, list[str]]]:
        return lists(self._place("codes"), self._text("codes"))

    def _build_element(self, element_id: str) -> ElementDef:
        text = read_element(self._line("elements", self._element_lines[element_id]))
        if text.whole is not None:
            composites = (use.element for use in text.whole.uses if self._is_composite(use.element))
            inner = next(composites, None)
            if inner is not None:
                text.line.refuse(f"a composite cannot hold the composite {inner}")
            uses, conditions = self._uses(text.whole), text.whole.conditions
            return ElementDef(element_id, self._label(element_id), "C", 1, UNBOUNDED, None, uses, conditions)
        codes = None
        if text.coded:
            codes = read_codes(self._place("codes"), self._code_lines.get(element_id, (1, [])))
            if not codes:
                text.line.refuse(f"codes.txt has no list for {element_id}")
        return ElementDef(element_id, self._label(element_id), text.kind, text.minimum, text.maximum, codes)

    def _is_composite(self, element_id: str) -> bool:
        line = self._element_lines.get(element_id)
        return line is not None and line[1].startswith(f"{element_id} C")

    def _build_segment(self, segment_id: str) -> SegmentDef:
        text = read_segment(self._line("segments", self._segment_lines[segment_id]))
        return SegmentDef(segment_id, self._label(segment_id), self._uses(text), text.conditions, text.pairs)

    def _uses(self, text: SegmentText) -> tuple[ElementUse, ...]:
        return tuple(
            ElementUse(self._used(use.element, text), use.required, use.conditional, use.repeats) for use in text.uses
        )

    def _used(self, element_id: str, text: SegmentText) -> ElementDef:
        element = self.element(element_id)
        if element is None:
            text.line.refuse(f"the element {element_id} is not in elements.txt")
        return element

    def _open(self, set_id: str) -> tuple[str, Line, list[Numbered]]:
        """Read the first line of a set; give the rest."""
        first, *rest = self._lines(set_id) or [(1, "")]
        head = self._line(set_id, first)
        group = self._groups[set_id] = read_group(set_id, head)
        return group, head, rest

    def _build_set(self, set_id: str) -> SetDef:
        group, head, rest = self._open(set_id)
        areas = read_set(head, rest)
        heading, detail, summary = (tuple(map(self._child, areas.get(name, ()))) for name in AREAS)
        return SetDef(set_id, self._version, self._set_name(set_id), group, heading, detail, summary)

    def _child(self, child: Child) -> SegmentUse | LoopUse:
        segment = self.segment(child.segment)
        if segment is None:
            child.line.refuse(f"the segment {child.segment} is not in segments.txt")
        if child.children is None:
            return SegmentUse(segment, child.required, child.maximum)
        head = SegmentUse(segment, required=True, maximum=1)
        inside = map(self._child, child.children)
        return LoopUse(child.segment, child.required, child.maximum, (head, *inside))
