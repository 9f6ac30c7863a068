"""Findings as a SARIF 2.1.0 log, the form in which code hosts and editors take the findings of any checker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from edi_engine import __version__
from edi_engine.app.explaining import FindingTopic
from edi_engine.app.explaining import findings as reference
from edi_engine.cli.excerpt import span
from edi_engine.cli.locate import delimiters_at
from edi_engine.cli.shape import JsonValue
from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.values import Outline

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {
    Severity.NOTE: "note",
    Severity.WARNING: "warning",
    Severity.HOLD: "error",
    Severity.REFUSE: "error",
}
"""SARIF has three levels: what stops an order is an error, be it for a person to decide or refused."""
REPLACED: Final = frozenset(
    {"envelope.control.mismatch", "envelope.count.groups", "envelope.count.segments", "envelope.count.sets"}
)
"""Findings that want one value and no other, so that it can be put in the place of what was seen.

What others want is a kind of value, a guess, or a price: their `fix` is said in words.
"""

Json = dict[str, JsonValue]


def sarif(findings: Sequence[Finding], name: str, data: bytes, outline: Outline, code: int) -> str:
    """Write what was found in the file `name` as a SARIF log; the command ends with the exit code `code`.

    A byte of the file is a character of it there (ISO-8859-1), so that places are the same however they are counted.
    """
    codes = {finding.code: at for at, finding in enumerate({one.code: one for one in findings}.values())}
    lines = _Lines(data)
    results: list[JsonValue] = [_result(one, codes[one.code], name, data, outline, lines) for one in findings]
    run: Json = {
        "tool": {"driver": {"name": "edi", "version": __version__, "rules": [_rule(one) for one in codes]}},
        "invocations": [{"executionSuccessful": True, "exitCode": code}],
        "artifacts": [{"location": {"uri": _uri(name)}, "length": len(data)}],
        "defaultEncoding": "ISO-8859-1",
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2)


def _rule(code: str) -> Json:
    """Give a finding's code with what the reference says of it."""
    topic = reference().get(code)
    if topic is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": topic.cause.partition(". ")[0].rstrip(".") + "."},
        "fullDescription": {"text": topic.cause},
        "help": {"text": _help(topic)},
        "defaultConfiguration": {"level": LEVELS[max(Severity[one] for one in topic.severities)]},
    }


def _help(topic: FindingTopic) -> str:
    return f"{topic.cause}\n\nExample: {topic.example}\n\nWhat to do: {topic.fix}"


def _result(finding: Finding, rule: int, name: str, data: bytes, outline: Outline, lines: _Lines) -> Json:
    physical: Json = {"artifactLocation": {"uri": _uri(finding.where.file or name)}}
    found = span(data, delimiters_at(outline, finding.where.byte or 0), finding)
    if found is not None and finding.where.file in {None, name}:
        physical["region"] = {**_region(*found, lines), "snippet": {"text": _text(*found, data)}}
    location: Json = {"physicalLocation": physical}
    logical = list(_logical(finding.where))
    if logical:
        location["logicalLocations"] = [*logical]
    about: Json = {
        "severity": finding.severity.name,
        "seen": finding.seen,
        "wanted": finding.wanted,
        "source": finding.source,
        "acknowledgment": None if finding.ack is None else f"{finding.ack.level} {finding.ack.code}",
    }
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _said(finding)},
        "locations": [location],
        "properties": {key: value for key, value in about.items() if value is not None},
    }
    text = _text(*found, data) if found is not None and "region" in physical else None
    if found is not None and finding.wanted and finding.code in REPLACED and text == finding.seen:
        replacement: Json = {"deletedRegion": _region(*found, lines), "insertedContent": {"text": finding.wanted}}
        change: Json = {"artifactLocation": physical["artifactLocation"], "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": f"Write {finding.wanted}."}, "artifactChanges": [change]}]
    return result


def _said(finding: Finding) -> str:
    """Say what is wrong and, where that is known, what to do: viewers show the message of a result before all else."""
    return finding.message if finding.fix is None else f"{finding.message}\nWhat to do: {finding.fix}"


def _text(start: int, end: int, data: bytes) -> str:
    return data[start:end].decode("latin-1")


def _region(start: int, end: int, lines: _Lines) -> Json:
    line, column = lines.at(start)
    return {
        "startLine": line,
        "startColumn": column,
        "charOffset": start,
        "charLength": end - start,
        "byteOffset": start,
        "byteLength": end - start,
    }


def _logical(where: Position) -> Iterator[JsonValue]:
    """Name the segment or element that is meant by where it stands: `interchange 101/group 7/850 0001/PO1[2]/PO103`."""
    outer = [
        f"{what} {number}" for what, number in (("interchange", where.interchange), ("group", where.group)) if number
    ]
    if where.set_control or where.set_id:
        outer.append(f"{where.set_id or 'set'} {where.set_control or ''}".rstrip())
    place = where.path or where.segment_id
    if not outer and place is None:
        return
    kind = "element" if where.element is not None else "segment" if place is not None else "envelope"
    full = "/".join([*outer, *([place] if place is not None else [])])
    yield {"name": full.rpartition("/")[2], "fullyQualifiedName": full, "kind": kind}


def _uri(name: str) -> str:
    """Give the name of a file as an address: a relative one stays relative."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(name)


class _Lines:
    """Tells in which line and column, from 1, a byte stands; quickly where the bytes asked for rise."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._byte, self._line = 0, 1

    def at(self, byte: int) -> tuple[int, int]:
        if byte < self._byte:
            self._byte, self._line = 0, 1
        self._line += self._data.count(b"\n", self._byte, byte)
        self._byte = byte
        return self._line, byte - self._data.rfind(b"\n", 0, byte)
