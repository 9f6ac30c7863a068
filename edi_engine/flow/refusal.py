"""What a partner's answer finds wrong with a document of ours: each fault led back to our own segment and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edi_engine.errors import Purged
from edi_engine.finding import Finding, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord
from edi_engine.flow.wording import counted
from edi_engine.x12.reader import outline, spoken
from edi_engine.x12.response import Context, Fault, SetResponse
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Loop, Spoken

MOST_FAULTS = 20
"""Faults of one document that are told; the rest are counted."""

_MOST_IN_SHORT = 3
"""Faults that are named in short."""

_LINES = {"PO1": 1, "IT1": 1, "LIN": 1}
"""The segments that number a line, and in which element."""
_LEVEL = "HL"
_TRIGGER = "SITUATIONAL TRIGGER"
_OF_SET, _OF_SEGMENT, _OF_ELEMENT = ("718", "618"), ("720", "620"), ("723", "621")
"""The data elements of the codes in a 997 and, with what a guide adds to them, in a 999."""
_OF_INTERCHANGE = ("I18",)
"""The data element of TA105."""
_TAKEN = frozenset({"A", "E"})
"""The verdicts on a set that take it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a partner said of a document: AK501 (or AK901), or TA104 with its note; the codes and faults of its set.

    `of_text` says that they judged what it says, by its set, and not only an envelope of it.
    """

    code: str
    note: str | None = None
    codes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    of_text: bool = False

    @property
    def took(self) -> bool:
        """Say whether they took it: its faults were only noted."""
        return self.code in _TAKEN


@dataclass(frozen=True, slots=True)
class _Place:
    """A segment of ours: its text, the loop that it stands in (`PO1[2]`, "" for none), the line it belongs to."""

    text: str
    loop: str
    line: str


def said_of(mine: SetResponse | None, code: str) -> Said:
    """Take what a 997 says of a set; None where only its group is judged."""
    return Said(code, None, mine.codes, mine.faults, of_text=True) if mine is not None else Said(code)


def said_again(document: DocumentRecord) -> Said | None:
    """Read what was said of a document from its record; None where nothing was said yet."""
    if document.response_json is None:
        return None
    plain = json.loads(document.response_json)
    of_set = plain.get("set") or {}
    faults = tuple(_fault(*fault) for fault in of_set.get("faults", ()))
    return Said(plain["code"], plain.get("note"), tuple(of_set.get("codes", ())), faults, of_text=bool(of_set))


def with_errors(document: DocumentRecord) -> bool:
    """Say whether the partner took a document and noted errors in it (AK501 or AK901 E)."""
    said = said_again(document) if document.state == "ACCEPTED" else None
    return said is not None and said.code == "E"


def noted_in_short(document: DocumentRecord) -> str:
    """Name what they noted in a document, by its segments and elements alone: `PO106 in segment 5`."""
    said = said_again(document)
    faults = said.faults if said is not None else ()
    named = [f"{_what(one)} in segment {one.in_set}" if one.in_set else _what(one) for one in faults[:_MOST_IN_SHORT]]
    more = [f"{len(faults) - _MOST_IN_SHORT:,} more"] if len(faults) > _MOST_IN_SHORT else []
    return f"they noted {', '.join([*named, *more])}" if named else "they noted errors and named none"


def _what(fault: Fault) -> str:
    return f"{fault.segment_id}{fault.element:02d}" if fault.element else fault.segment_id


def _fault(
    segment_id: str, in_set: int, element: int, code: str, value: str, contexts: Sequence[Sequence[Any]] = ()
) -> Fault:
    return Fault(segment_id, in_set, element, code, value, tuple(Context(*each) for each in contexts))


def in_words(books: Books, said: Said) -> str:
    """Say a verdict with what its codes mean: `R, code 5: one or more segments in error`."""
    if said.note is not None:
        return f"TA1{meaning(books, _OF_INTERCHANGE, said.note)}"
    return said.code + "".join(meaning(books, _OF_SET, each) for each in said.codes)


def explain(books: Books, document: DocumentRecord, data: bytes, said: Said) -> list[Finding]:
    """Lead each AK3 and AK4 back to the segment of ours (`data`) that it is about: notes, where they took it."""
    if not said.faults:
        return []
    places = _places(books, data)
    details = [_explained(books, document, places, fault, took=said.took) for fault in said.faults[:MOST_FAULTS]]
    more = len(said.faults) - len(details)
    if more > 0:
        message = f"{counted(more, 'more fault')} {'is' if more == 1 else 'are'} not listed."
        details.append(Finding("ack.rejected.segment", Severity.NOTE if said.took else Severity.HOLD, message))
    return details


def noted_in(books: Books, unit: Unit, document: DocumentRecord) -> list[Finding]:
    """Give what the partner noted in a document that they took all the same."""
    said = said_again(document)
    if said is None or not with_errors(document):
        return []
    try:
        return explain(books, document, unit.blobs.get(document.sha256), said)
    except Purged:  # it was settled long ago
        return []


def _explained(
    books: Books, document: DocumentRecord, places: Sequence[_Place], fault: Fault, *, took: bool
) -> Finding:
    what = _what(fault)
    here = places[fault.in_set - 1] if 0 < fault.in_set <= len(places) else _Place("(not in our document)", "", "")
    if fault.element:
        code, told_in = "ack.rejected.element", _OF_ELEMENT
    else:
        code, told_in = "ack.rejected.segment", _OF_SEGMENT
    line = f", line {here.line}" if here.line else ""
    return Finding(
        code,
        Severity.NOTE if took else Severity.HOLD,
        f"They {'noted a fault in' if took else 'refuse'} {what} in segment {fault.in_set} of our {document.kind}{line}"
        f"{meaning(books, told_in, fault.code)}: {here.text}{_because(places, fault)}",
        seen=fault.value or None,
    ).at(
        in_set=fault.in_set or None,
        segment_id=fault.segment_id,
        element=fault.element or None,
        path=f"{here.loop}/{what}" if here.loop else what,
    )


def _because(places: Sequence[_Place], fault: Fault) -> str:
    """Say what a 999 adds to a fault: which element of ours makes it one, and what they know the place by."""
    said = []
    for one in fault.contexts:
        if one.name == _TRIGGER and one.segment_id:
            what = f"{one.segment_id}{one.element:02d}" if one.element else one.segment_id
            known = 0 < one.in_set <= len(places)
            elsewhere = f" in segment {one.in_set}" if one.in_set not in {0, fault.in_set} else ""
            text = f": {places[one.in_set - 1].text}" if known and elsewhere else ""
            said.append(f"because of {what}{elsewhere}{text}")
        elif one.name:
            said.append(f"they name it {one.name}")
    return f" ({'; '.join(said)})" if said else ""


def _places(books: Books, data: bytes) -> list[_Place]:
    """Give the segments of our document in their order, ST first, each with its loop and its line."""
    interchange = outline(data).interchanges[0]
    group = interchange.groups[0]
    found = group.sets[0]
    version = books.dictionary.resolve(group.version)
    grammar = books.dictionary.set(version, found.set_id) if version is not None else None
    mark = interchange.delimiters.element
    if grammar is None:
        return [_Place(mark.join(one.elements), "", "") for one in spoken(data, found, interchange.delimiters)]
    tree = parse(data[found.start : found.end].decode("latin-1"), interchange.delimiters, grammar, found)
    return [_Place(mark.join(one.elements), loop, line) for one, loop, line in _in_loops(tree)]


def _in_loops(tree: Loop) -> Iterator[tuple[Spoken, str, str]]:
    """Give each segment with the outermost loop around it and the number of its line."""
    turns: dict[str, int] = {}
    for child in tree.children:
        if isinstance(child, Spoken):
            yield child, "", ""
            continue
        turns[child.id] = turns.get(child.id, 0) + 1
        segments = list(child.segments())
        numbered = next((one for one in segments if one.id in _LINES), None)
        mine = numbered is not None and (child.id in _LINES or child.id == _LEVEL)
        line = numbered.get(_LINES[numbered.id]) if numbered is not None and mine else ""
        yield from ((one, f"{child.id}[{turns[child.id]}]", line) for one in segments)


def meaning(books: Books, elements: Sequence[str], code: str) -> str:
    """Give a code with what X12 means by it in the first of `elements` that has it, as the end of a clause."""
    known = (books.dictionary.meaning(element, code) for element in elements)
    said = next((one for one in known if one is not None), None)
    return f", code {code}" + (f": {said}" if said else "")
