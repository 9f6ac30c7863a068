"""The texts of the dictionary, which an operator may write: read, asked for everything, compiled, and checked by.

An input is all texts in one: a line `== 004010/850.txt` begins each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Position
from edi_engine.x12.check import checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.reader import outline
from fuzz.inputs import standard_text
from fuzz.mutate_text import text_changes
from fuzz.shapes_x12 import interchange
from fuzz.target import Shape, Target

_HEAD: Final = re.compile(r"^== (.*)$", re.MULTILINE)
_FEW: Final = 4
"""Sets of an input that are compiled."""
_SHORT: Final = 20_000
"""Bytes of an input whose sets are compiled; a longer one is only read."""


def run(data: bytes) -> None:
    """Read all texts of an input; refusing them is fine."""
    pieces = _HEAD.split(data.decode("utf-8", "backslashreplace"))
    texts = dict(zip(pieces[1::2], (text.removeprefix("\n") for text in pieces[2::2]), strict=True))
    dictionary = Dictionary(texts.get)
    try:
        versions = dictionary.versions()
    except ConfigurationError:
        return
    compiled = 0
    for version in versions[:20]:
        for ask, names in ((dictionary.segment, dictionary.segments), (dictionary.element, dictionary.elements)):
            try:
                known = names(version)
            except ConfigurationError:
                continue
            for name in known:
                try:
                    ask(version, name)
                except ConfigurationError:
                    continue
        for set_id in dictionary.sets(version)[:_FEW]:
            try:
                dictionary.group(version, set_id)
                dictionary.edition(version, set_id)
                dictionary.set(version, set_id)
                if compiled < _FEW and len(data) <= _SHORT:
                    compiled += 1
                    _check(dictionary, version, set_id)
            except ConfigurationError:
                continue
    for word in ("AK1", "850", "353"):
        dictionary.label(word), dictionary.set_name(word), dictionary.meaning(word, "00")


def _check(dictionary: Dictionary, version: str, set_id: str) -> None:
    """Check a small set by a grammar that others wrote."""
    found = checker(dictionary, version, set_id, None, None, {})
    body = b"AK1*PO*1~AK2*850*1~AK3*PO1*1**8~AK4*1>1*330*7*A~AK5*A~AK9*A*1*1*1~PO1*1*1*EA*1**VN*A~"
    file = interchange(b"ST*%b*0001~%bSE*9*0001~" % (set_id.encode("ascii", "replace"), body))
    for one in outline(file).interchanges:
        for each in one.groups[0].sets:
            if found is not None:
                found.check(file[each.start : each.end].decode("latin-1"), each, one.delimiters, Position())


def _bundle(version: str, set_ids: Sequence[str]) -> bytes:
    """Give what ships of a few sets, with no more segments, elements and codes than they need."""
    sets = {set_id: standard_text(f"{version}/{set_id}.txt") or "" for set_id in set_ids}
    used = {word.rstrip("!") for text in sets.values() for word in re.findall(r"^ +([A-Z0-9]+!?)", text, re.MULTILINE)}
    segments = _chosen(standard_text(f"{version}/segments.txt") or "", used)
    inside = set(re.findall(r"\b[A-Z]?[0-9]{1,4}\b", " ".join(line.partition(" | ")[0] for line in segments)))
    elements = _chosen(standard_text(f"{version}/elements.txt") or "", inside)
    inside |= set(re.findall(r"\b[0-9]{1,4}\b", " ".join(line for line in elements if line[:1] == "C")))
    elements = _chosen(standard_text(f"{version}/elements.txt") or "", inside)
    codes: list[str] = []
    on = False
    for line in (standard_text(f"{version}/codes.txt") or "").splitlines():
        on = line in inside if line[:1].isalnum() else on
        if on:
            codes.append(line)
    texts = {"versions.txt": f"{version} {' '.join(set_ids)}\n"}
    texts |= {f"{version}/{set_id}.txt": text for set_id, text in sets.items()}
    parts = (("segments", segments), ("elements", elements), ("codes", codes))
    texts |= {f"{version}/{name}.txt": "\n".join(found) + "\n" for name, found in parts}
    texts["labels/codes.txt"] = "353 00 original\n"
    return "".join(f"== {name}\n{text}" for name, text in texts.items()).encode()


def _chosen(text: str, names: set[str]) -> list[str]:
    return [line for line in text.splitlines() if line.partition(" ")[0] in names]


def seeds() -> Iterator[bytes]:
    """Give small bundles of what ships."""
    yield _bundle("004010", ["997"])
    yield _bundle("005010", ["999", "997"])
    yield _bundle("004010", ["864"])
    yield b"== versions.txt\n004010 997\n"


def _one(name: str, head: str, unit: str, *, rest: str = "") -> Shape:
    """Give a shape that is one large text among small ones; `%d` in `unit` is a number."""

    def make(size: int) -> bytes:
        lines = "".join(unit % n if "%d" in unit else unit for n in range(1, size // len(unit) + 1))
        texts = {
            "versions.txt": "004010 997\n",
            "004010/997.txt": "997 FA\nheading\n  ST! 1\n  SE! 1\n",
            "004010/segments.txt": "ST 143!\nSE 96!\n",
            "004010/elements.txt": "143 ID 3 3\n96 N0 1 10\n",
            "004010/codes.txt": "",
        }
        texts[name] = head + lines + rest
        return "".join(f"== {each}\n{text}" for each, text in texts.items()).encode()

    return make


SHAPES: Final = {
    "versions": _one("versions.txt", "004010 997\n", "%06d 850 810\n"),
    "one-version-of-many-sets": _one("versions.txt", "004010 997", " 850"),
    "lines-of-rubbish": _one("004010/segments.txt", "", "??? %d\n"),
    "segments": _one("004010/segments.txt", "ST 143!\nSE 96!\n", "A%d 143\n"),
    "one-segment-of-many-elements": _one("004010/segments.txt", "SE 96!\nST", " 143"),
    "one-segment-of-many-conditions": _one("004010/segments.txt", "SE 96!\nST 143! 96 |", " P0102"),
    "one-long-condition": _one("004010/segments.txt", "SE 96!\nST 143! 96 | P", "0102"),
    "elements": _one("004010/elements.txt", "143 ID 3 3\n96 N0 1 10\n", "%d AN 1 9\n"),
    "one-composite-of-many-elements": _one("004010/elements.txt", "96 N0 1 10\n143 C", " 96"),
    "composites-in-composites": _one("004010/elements.txt", "96 N0 1 10\n", "C%d C 143\n"),
    "codes": _one("004010/codes.txt", "143\n", "  A%d\n"),
    "lists-of-codes": _one("004010/codes.txt", "143\n", "%d\n  A\n"),
    "one-line-of-codes": _one("004010/codes.txt", "143\n ", " A%d"),
    "a-set-of-many-segments": _one("004010/997.txt", "997 FA\nheading\n  ST! 1\n", "  SE 1\n"),
    "a-set-of-many-loops": _one(
        "004010/997.txt", "997 FA\nheading\n  ST! 1\n", "  SE 1:\n    ST 1:\n", rest="  SE! 1\n"
    ),
    "a-deep-set": _one("004010/997.txt", "997 FA\nheading\n  ST! 1\n", "                        SE 1:\n"),
    "areas": _one("004010/997.txt", "997 FA\n", "heading\ndetail\n"),
    "blanks": _one("004010/997.txt", "997 FA\nheading\n", " "),
    "comments": _one("004010/997.txt", "997 FA\n", "#\n"),
    "labels": _one("labels/segments.txt", "", "A%d word\n"),
    "meanings": _one("labels/codes.txt", "", "353 A%d word\n"),
}

_WORDS: Final = (
    (
        b"!",
        b"?",
        b"+",
        b"*",
        b":",
        b"|",
        b"~P0102",
        b"P0101",
        b"P0001",
        b"L010203",
        b"R0102",
        b"E0102",
        b"01>02",
        b"01>",
    )
    + (
        b"01>02+",
        b"ST",
        b"SE",
        b"HL",
        b"LS",
        b"LE",
        b"C040",
        b"C999",
        b"999999999",
        b"9999999999",
        b"0",
        b"00",
        b"-1",
        b"1",
    )
    + (
        b"heading",
        b"detail",
        b"summary",
        b"AN",
        b"ID",
        b"DT",
        b"TM",
        b"R",
        b"B",
        b"N0",
        b"N9",
        b"C",
        b"DT 8 8",
        b"ID 1 1 *",
    )
    + (
        "\u0663".encode(),
        b"A'",
        b'A"',
        b"\\",
        b"{x}",
        b"A%d",
        b"A\x00",
        b"A\xff",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\x0c",
        b"\r",
    )
    + (
        b"== 004010/997.txt",
        b"== versions.txt",
        b"4294967296",
        b"997",
        b"850",
        b"lambda",
        b"def",
        b"None",
        b"  ",
        b"    ",
    )
)

TARGET: Final = Target("dictionary", run, seeds, text_changes(_WORDS), SHAPES)
