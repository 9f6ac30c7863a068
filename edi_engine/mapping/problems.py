"""Problems of a map, gathered so that all of them are told at once."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.text.yaml import MOST_PROBLEMS, Mark, Node, more_problems, problem

WORD = "mapping.map.word"
NAME = "mapping.map.name"
PLACE = "mapping.map.place"
BASE = "mapping.map.base"
HEAD = "mapping.map.head"
SHAPE = "mapping.map.shape"
LATER = "mapping.map.later"
VALUE = "mapping.map.value"


@dataclass(slots=True)
class Problems:
    """The problems found so far, in the order they were met."""

    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, mark: Mark, message: str, *, fix: str | None = None) -> None:
        """Note a problem at a place of a file. Raises ConfigurationError where they are too many to go on."""
        self.found.append(problem(code, mark, message, fix=fix))
        if len(self.found) >= MOST_PROBLEMS:
            raise ConfigurationError((*self.in_order(), more_problems(mark)))

    def later(self, mark: Mark, what: str, instead: str | None = None) -> None:
        """Refuse by name something that the language has and this engine does not do yet."""
        self.add(LATER, mark, f"{what} is not built yet", fix=instead)

    def in_order(self) -> tuple[Finding, ...]:
        """Give the problems file by file, from the top of each."""
        files: Map[str | None, int] = {
            file: number for number, file in enumerate(dict.fromkeys(finding.where.file for finding in self.found))
        }
        return tuple(sorted(self.found, key=lambda f: (files[f.where.file], f.where.line_no or 0, f.where.column or 0)))


def describe(node: Node) -> str:
    """Name a node for a complaint."""
    return {"Text": "a text", "Listing": "a list", "Mapping": "a block"}[type(node).__name__]
