"""The head of a map: which set it reads or makes, and the versions that it is checked against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edi_engine.mapping.extend import HEADS
from edi_engine.mapping.problems import HEAD, WORD, Problems
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mapping, Text
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import SetDef

_SET: Final = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Head:
    """The set, and its grammar in each version that the map is checked against."""

    set_id: str
    grammars: dict[str, SetDef]


def read_head(nodes: Mapping, word: str, dictionary: Dictionary, problems: Problems) -> Head | None:
    """Read `reads: 850 004010 005010` or `makes: 855 004010`. None where nothing can be checked against it."""
    for entry in nodes.entries:
        if entry.key.value not in HEADS:
            key = entry.key.value
            problems.add(WORD, entry.key.mark, f"{key} is no word of a map's head; {nearest_or_all(key, HEADS)}")
    node = nodes.get(word)
    if not isinstance(node, Text):
        problems.add(
            HEAD, nodes.mark if node is None else node.mark, f"{word} names a set and its versions, such as 004010"
        )
        return None
    set_id, *versions = node.value.split() or [""]
    if not _SET.fullmatch(set_id) or not versions:
        problems.add(HEAD, node.mark, f"{word}: {node.value} does not name a set and its versions, such as 850 004010")
        return None
    grammars: dict[str, SetDef] = {}
    for version in versions:
        grammar = dictionary.set(version, set_id)
        if grammar is None:
            known = [known for known in dictionary.versions() if set_id in dictionary.sets(known)]
            where = f"it has {set_id} in {', '.join(known)}" if known else f"it has no {set_id} at all"
            problems.add(HEAD, node.mark, f"the dictionary has no {set_id} in version {version}; {where}")
        else:
            grammars[version] = grammar
    return Head(set_id, grammars) if grammars else None
