"""Explaining any code that the engine or a partner uses: a finding, an acknowledgment's code, anything of X12."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from edi_engine.app.listed import ListedTopic, listed
from edi_engine.app.lookup import CodeTopic, Topic, look_up
from edi_engine.errors import UsageError
from edi_engine.resources import shipped
from edi_engine.text.nearest import nearest
from edi_engine.text.yaml import Listing, Node, Text, read_yaml
from edi_engine.text.yaml import Mapping as Block
from edi_engine.x12.dictionary import Dictionary

FOLDER: Final = "docs/reference/findings"
"""The findings as the reference documents them; they ship with the engine."""

_CUT: Final = re.compile(r"[=*\s]+")
_LAST: Final = re.compile(
    r"^(?:[A-Za-z0-9]{2,3}(?:\[\d+\])?/)+(?=[A-Za-z])|(?<=[A-Za-z0-9])\[\d+\](?=\d\d$|$)", re.ASCII
)
"""What stands before the last step of a place in a set, such as PO1[2]/PID[1]05, and the numbers in it."""
_SAID: Final = re.compile(r"(AK[3459]|TA1) ([0-9][^).;]*)")
_NUMBER: Final = re.compile(r"\b[0-9]{1,3}\b")


@dataclass(frozen=True, slots=True)
class FindingTopic:
    """What the reference says about a finding code."""

    code: str
    severities: tuple[str, ...]
    cause: str
    example: str
    fix: str


@dataclass(frozen=True, slots=True)
class FamilyTopic:
    """All findings whose code begins with some words."""

    begin: str
    findings: tuple[FindingTopic, ...]


@dataclass(frozen=True, slots=True)
class AckTopic:
    """A code of a 997, 999 or TA1: what it says, what its place is for, and the findings of ours that it stands for."""

    code: CodeTopic
    place: str
    findings: tuple[FindingTopic, ...]

    @property
    def taken(self) -> bool:
        """Say whether it is a verdict that takes all of it, so that nobody has to do anything."""
        return self.code.element.id in {"715", "717", "I17"} and self.code.code in {"A", "E"}


Explained = Topic | ListedTopic | FindingTopic | FamilyTopic | AckTopic


_SEGMENT: Final = (
    "It says what is wrong with one segment: the id is in AK301 (IK301), its number in the set in AK302 (IK302)."
)
_ELEMENT: Final = (
    "It says what is wrong with one element of the segment that the AK3 (IK3) above it names: "
    "AK401 (IK401) counts the elements of that segment, and AK404 (IK404) repeats what was there."
)
_SET: Final = "It says why a whole set is refused; AK201 and AK202 above it name the set."
_GROUP: Final = "It says why a whole group is refused; AK102 is the number of the group (GS06)."
_VERDICT: Final = "It is the verdict: what is rejected counts as never sent."
_VERDICTS: Final[Mapping[str, str]] = {
    "A": "It is the verdict: all of it was taken, and nothing is left to do.",
    "E": "It is the verdict: it was taken, so nothing is sent again; what the rest names should be right next time.",
    "P": "It is the verdict on a group: the sets that say A or E were taken; those that say R count as never sent.",
}
_INTERCHANGE: Final = "It is about a whole interchange; its number (ISA13) is in TA101."
_PLACES: Final[Mapping[str, str]] = {
    **dict.fromkeys(["720", "620"], _SEGMENT),
    **dict.fromkeys(["723", "621"], _ELEMENT),
    **dict.fromkeys(["718", "618"], _SET),
    **dict.fromkeys(["715", "717"], _VERDICT),
    **dict.fromkeys(["I17", "I18"], _INTERCHANGE),
    "716": _GROUP,
}
"""The elements of acknowledgments that say why, each with what it is about."""

_LEVELS: Final = {
    "720": "AK3", "620": "AK3", "723": "AK4", "621": "AK4", "718": "AK5", "618": "AK5", "716": "AK9", "I18": "TA1",
}  # fmt: skip


def explain(dictionary: Dictionary, words: Sequence[str], version: str | None = None) -> Explained:
    """Explain `x12.element.code`, `PO1`, `PO106`, `355 CA`, `AK403=7`, and `EA` by the lists that have it.

    Raises UsageError with the nearest name.
    """
    what, *rest = [part for word in words for part in _CUT.split(word) if part] or [""]
    what = _LAST.sub("", what)
    if "." in what and not rest:
        return _finding(what.lower())
    if len(rest) > 1:
        message = f"one thing at a time: {what}, or {what}={rest[0]}"
        raise UsageError(message)
    try:
        found = look_up(dictionary, what, rest[0] if rest else None, version)
    except UsageError:
        if not rest and what.lower() in _families():
            return _finding(what.lower())
        lists = None if rest else listed(dictionary, what, version)
        if lists is None:
            raise
        return lists
    if isinstance(found, CodeTopic) and found.element.id in _PLACES:
        place = _PLACES[found.element.id]
        return AckTopic(found, _VERDICTS.get(found.code, place) if place == _VERDICT else place, tuple(_meant(found)))
    return found


def _meant(found: CodeTopic) -> Iterator[FindingTopic]:
    """Give the findings that an acknowledgment tells by a code: their cause names it, as in (AK4 7)."""
    level = _LEVELS.get(found.element.id)
    for finding in findings().values():
        said = [_NUMBER.findall(rest) for place, rest in _SAID.findall(finding.cause) if place == level]
        if any(found.code in numbers for numbers in said):
            yield finding


def _finding(code: str) -> FindingTopic | FamilyTopic:
    known = findings()
    found = known.get(code)
    if found is not None:
        return found
    begun = tuple(each for name, each in known.items() if name.startswith(f"{code.rstrip('.')}."))
    if begun:
        return FamilyTopic(code.rstrip("."), begun)
    near = nearest(code, known)
    end = f"nearest: {near}" if near else f"the families are {', '.join(_families())}"
    message = f"there is no finding {code}; {end}"
    raise UsageError(message)


def _families() -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.partition(".")[0] for code in findings()))


@cache
def findings() -> Mapping[str, FindingTopic]:
    """Give all findings of the reference by code, in the order of the codes."""
    found = [
        topic for path in sorted(shipped(FOLDER).glob("*.yaml")) for topic in _read(path.read_text("utf-8"), path.name)
    ]
    return {topic.code: topic for topic in sorted(found, key=lambda topic: topic.code)}


def _read(text: str, file: str) -> Iterator[FindingTopic]:
    node = read_yaml(text, file)
    for block in node.items if isinstance(node, Listing) else ():
        if isinstance(block, Block):
            values = {word: _text(block.get(word)) for word in ("code", "severity", "cause", "example", "fix")}
            severities = tuple(re.findall(r"[A-Z]+", values.pop("severity")))
            yield FindingTopic(severities=severities, **values)


def _text(node: Node | None) -> str:
    if isinstance(node, Listing):
        return " ".join(_text(item) for item in node.items)
    return " ".join(node.value.split()) if isinstance(node, Text) else ""
