"""Looking up a code that is named alone, such as EA: the lists of codes that have it."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.app.lookup import CodeTopic, versions_to_try
from edi_engine.x12.dictionary import Dictionary


@dataclass(frozen=True, slots=True)
class ListedTopic:
    """A code, once for each element whose list has it: those first that we have words for, then by number."""

    code: str
    lists: tuple[CodeTopic, ...]


def listed(dictionary: Dictionary, code: str, version: str | None = None) -> ListedTopic | None:
    """Find the lists that have a code, in one version or in any; None where no list has it.

    A list is shown in the first version that has the code, the usual one before others.
    """
    tried = versions_to_try(dictionary, version)
    for same in dict.fromkeys((code, code.upper())):
        first: dict[str, str] = {}
        for each in tried:
            for element_id in dictionary.elements(each):
                if element_id not in first and _has(dictionary, each, element_id, same):
                    first[element_id] = each
        if first:
            found = [_topic(dictionary, element_id, each, same) for element_id, each in first.items()]
            return ListedTopic(same, tuple(sorted(found, key=_rank)))
    return None


def _has(dictionary: Dictionary, version: str, element_id: str, code: str) -> bool:
    element = dictionary.element(version, element_id)
    return element is not None and element.codes is not None and code in element.codes


def _topic(dictionary: Dictionary, element_id: str, version: str, code: str) -> CodeTopic:
    element = dictionary.element(version, element_id)
    assert element is not None  # noqa: S101 (its list was just looked into)
    has = tuple(each for each in dictionary.versions() if _has(dictionary, each, element_id, code))
    return CodeTopic(version, element_id, element, code, dictionary.meaning(element_id, code), has)


def _rank(found: CodeTopic) -> tuple[bool, int, str]:
    return found.meaning is None, len(found.element.id), found.element.id
