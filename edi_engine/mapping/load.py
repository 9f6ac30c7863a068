"""Loads maps: text in, a settled map out, or every problem at once with file, line, column and the nearest word."""

from __future__ import annotations

from edi_engine.errors import ConfigurationError
from edi_engine.mapping.extend import Source, gather
from edi_engine.mapping.language import ReadingMap, WritingMap
from edi_engine.mapping.load_reading import load_reading
from edi_engine.mapping.load_writing import load_writing
from edi_engine.mapping.problems import HEAD, Problems
from edi_engine.text.yaml import Node
from edi_engine.x12.dictionary import Dictionary


def load(
    name_or_nodes: str | Node, source: Source, dictionary: Dictionary, known: tuple[str, ...] = ()
) -> ReadingMap | WritingMap:
    """Load a map by its name, or from nodes that stand in a partner file (differences with `extends`).

    `source` gives the text of a map by name and the name of its file; it is asked for the map and for all it extends.
    `known` are the names that it has, to offer the nearest one.
    Raises ConfigurationError with every problem (`mapping.map.*`, `partner.file.*`).
    """
    problems = Problems()
    name, nodes = gather(name_or_nodes, source, problems, known)
    loaded: ReadingMap | WritingMap | None = None
    if nodes.get("reads") is not None:
        loaded = load_reading(name, nodes, dictionary, problems)
    elif nodes.get("makes") is not None:
        loaded = load_writing(name, nodes, dictionary, problems)
    elif not problems.found:
        problems.add(
            HEAD, nodes.mark, "a map says what it reads (reads: 850 004010), makes (makes: 855 004010) or extends"
        )
    if loaded is None or problems.found:
        raise ConfigurationError(problems.in_order())
    return loaded
