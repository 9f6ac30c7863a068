# ruff: noqa: INP001, T201 - a script run by path, and loaded by path in a test; it prints
"""Join docs/reference/findings/*.yaml into docs/reference/findings.md, and name the kinds of cases in
edi_engine/desk/kinds.py: `python tools/build_findings.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference" / "findings"
PAGE = ROOT / "docs" / "reference" / "findings.md"
KINDS = ROOT / "edi_engine" / "desk" / "kinds.py"

FAMILIES = {
    "transport": "Reaching a partner's server and folders.",
    "envelope": "The envelopes of a file: ISA to IEA, GS to GE, ST to SE, and files that are no X12 at all.",
    "x12": "What stands in a set, against the standard. A fault of an element that our map of the set does not read is "
    "only a warning:\nthe acknowledgment tells it, and the set is accepted with errors (AK5 E).",
    "mapping": "Making an order of a set, or a document of an order; and the maps themselves.",
    "order": "What the order rules, shipping and billing say.",
    "ack": "What partners say about our documents.",
    "document": "Our own documents on their way out.",
    "partner": "Partner files, connections and tables; and a partner's guide.",
    "system": "This machine, the store, and ourselves.",
}
SEVERITIES = {
    "NOTE": "note: worth knowing, nothing waits",
    "WARNING": "warning: probably wrong, nothing waits",
    "HOLD": "hold: a person must decide, what it is about waits in a case",
    "REFUSE": "error: refused, the acknowledgment says so",
}
PARTS = frozenset({"code", "severity", "cause", "example", "fix"})

HEAD = """\
<!-- Made by tools/build_findings.py from docs/reference/findings/*.yaml: change it there. -->

# Findings

Everything that the engine can find wrong or worth saying, by its code. The code never changes its meaning; its first
two words are the kind of case that it opens. Each entry says what causes it, shows an example, and says what to do.

A finding is one of these:

"""


KINDS_HEAD = '''\
"""The kinds of cases: the first two words of each finding's code. Made by tools/build_findings.py."""

from __future__ import annotations

from typing import Final

KINDS: Final = (
'''


@dataclass(frozen=True, slots=True)
class Entry:
    """What the docs say about one code; `severities` may be several, where it depends."""

    code: str
    severities: tuple[str, ...]
    cause: str
    example: str
    fix: str
    file: str


def read(folder: Path) -> list[Entry]:
    """Read all entries, sorted by code. Raises ValueError for one that is incomplete or stands twice."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            entry = _entry(row, path.name)
            if entry.code in entries:
                message = f"{entry.code} stands in {entries[entry.code].file} and in {path.name}"
                raise ValueError(message)
            entries[entry.code] = entry
    return sorted(entries.values(), key=lambda entry: entry.code)


def _entry(row: dict[str, object], file: str) -> Entry:
    code = str(row.get("code"))
    if set(row) != PARTS:
        message = f"{file}: {code} has {', '.join(sorted(row))} instead of {', '.join(sorted(PARTS))}"
        raise ValueError(message)
    severity = row["severity"]
    named = [str(each) for each in severity] if isinstance(severity, list) else str(severity).replace(",", " ").split()
    severities = tuple(each for each in named if each not in {"or", "/"})
    if code.partition(".")[0] not in FAMILIES or not severities or set(severities) - set(SEVERITIES):
        message = f"{file}: {code} is in no family, or its severity is none: {severity}"
        raise ValueError(message)
    cause, example, fix = (" ".join(str(row[part]).split()) for part in ("cause", "example", "fix"))
    return Entry(code, severities, cause, example, fix, file)


def page(entries: Iterable[Entry]) -> str:
    """Write the page."""
    parts = [HEAD, *(f"- **{name}**: {words.partition(': ')[2]}\n" for name, words in _severities())]
    for family, found in groupby(sorted(entries, key=_order), key=lambda entry: entry.code.split(".")[0]):
        parts.append(f"\n## {family}\n\n{FAMILIES[family]}\n")
        parts.extend(_section(entry) for entry in found)
    return "".join(parts)


def kinds(entries: Iterable[Entry]) -> str:
    """Write the module that names all kinds: the first two words of every code."""
    found = sorted({".".join(entry.code.split(".")[:2]) for entry in entries})
    return KINDS_HEAD + "".join(f'    "{kind}",\n' for kind in found) + ")\n"


def _severities() -> Iterable[tuple[str, str]]:
    return ((words.partition(":")[0], words) for words in SEVERITIES.values())


def _order(entry: Entry) -> tuple[int, str]:
    return list(FAMILIES).index(entry.code.split(".")[0]), entry.code


def _section(entry: Entry) -> str:
    named = " or ".join(SEVERITIES[severity].partition(":")[0] for severity in entry.severities)
    return f"\n### `{entry.code}`\n\n{named}. {entry.cause}\n\n> {entry.example}\n\nWhat to do: {entry.fix}\n"


def main() -> int:
    """Write the page and the kinds anew."""
    entries = read(FOLDER)
    PAGE.write_text(page(entries), encoding="utf-8")
    KINDS.write_text(kinds(entries), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(entries)} findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
