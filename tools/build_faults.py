# ruff: noqa: INP001, T201 - a script run by path, and loaded by path in a test; it prints
"""Write docs/reference/faults.md from docs/reference/faults/*.yaml and the `fault` markers of the tests:
`python tools/build_faults.py`. With reports of pytest (`--junitxml`), say what became of each row's tests, and keep
that for the page: `python tools/build_faults.py REPORT ...`; it fails where a test of a row failed, or where none ran.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference" / "faults"
PAGE = ROOT / "docs" / "reference" / "faults.md"
RESULTS = FOLDER / "results.json"
"""What became of each row's tests in the last run that was kept: `{"ran": day, "rows": {row: {result: tests}}}`."""
TESTS = ROOT / "tests"

FAMILIES = {
    "A": "Picking files up",
    "B": "Names and sizes",
    "C": "Bytes and delimiters",
    "D": "Envelopes, control numbers, partners",
    "E": "Content and acknowledgments",
    "F": "Orders, money and dates",
    "G": "Documents on their way out",
    "H": "Crashes, the store, the disk, the clock, the files of the operator",
    "S": "Hostile use",
}
WORDS = frozenset({"fault", "do", "left", "without"})

HEAD = """\
<!-- Made by tools/build_faults.py from docs/reference/faults/*.yaml and the tests: change it there. -->

# Faults

What may go wrong, what the engine does then, and the tests that bring the fault about. A row's name never changes
its meaning; a test that proves a row carries it: `@pytest.mark.fault("A3")`. Every change runs all but those that take
long: `make crash` and `make faultslong`. `.ci/run` runs all but the latter, and tells at its end what became of each
row. The results here are those of its run of {ran}.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `left` is what of it is not proven yet although it has tests; `without` is why it has none."""

    name: str
    fault: str
    do: str
    left: str = ""
    without: str = ""


def read(folder: Path) -> list[Row]:
    """Read all rows in their order. Raises ValueError for one that is incomplete or stands twice."""
    rows: dict[str, Row] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, words in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if name in rows or not {"fault", "do"} <= set(words) <= WORDS or name[0].lower() != path.stem:
                message = f"{path.name}: {name} is incomplete, stands twice or in the wrong file"
                raise ValueError(message)
            rows[name] = Row(name, **{word: " ".join(str(text).split()) for word, text in words.items()})
    return sorted(rows.values(), key=lambda row: (row.name[0], int(row.name[1:])))


def marked(tests: Path) -> dict[str, tuple[str, ...]]:
    """Ask pytest which tests carry which rows: row -> `path::name`, without the cases of a parametrised test."""
    files = sorted(str(path) for path in tests.rglob("test_*.py") if "mark.fault(" in path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "marked.json"
        asked = ["-m", "pytest", "-q", "-m", "", "--collect-only", "-p", "no:cacheprovider", *files]
        known = os.environ | {"EDI_MARKED_FAULTS": str(said), "PYTEST_ADDOPTS": ""}
        known = {name: text for name, text in known.items() if not name.startswith("PYTEST_XDIST")}
        done = subprocess.run(  # noqa: S603 - our own pytest on our own tests
            [sys.executable, *asked], cwd=ROOT, env=known, capture_output=True, text=True, check=False
        )
        if not said.is_file():
            message = f"pytest could not collect the tests:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            raise RuntimeError(message)
        found: dict[str, list[str]] = json.loads(said.read_text(encoding="utf-8"))
    return {row: tuple(names) for row, names in found.items()}


Results = Mapping[str, Mapping[str, int]]


def kept() -> tuple[str, Results]:
    """Give the day of the last run that was kept, and what became of each row's tests in it."""
    last = json.loads(RESULTS.read_text(encoding="utf-8"))
    return last["ran"], last["rows"]


def page(rows: Iterable[Row], tests: Mapping[str, tuple[str, ...]], ran: str, became: Results) -> str:
    """Write the page."""
    rows = list(rows)
    proven = sum(1 for row in rows if tests.get(row.name))
    parts = [HEAD.format(ran=ran), f"Of {len(rows)} rows, {proven} have tests. Without one:\n\n"]
    parts.extend(f"- {row.name}: {row.without}\n" for row in rows if not tests.get(row.name))
    parts.append("\nWith tests, and not whole:\n\n")
    parts.extend(f"- {row.name}: {row.left}\n" for row in rows if row.left)
    for letter, found in groupby(rows, key=lambda row: row.name[0]):
        parts.append(f"\n## {letter}: {FAMILIES[letter]}\n")
        parts.extend(_section(row, tests.get(row.name, ()), became.get(row.name)) for row in found)
    return "".join(parts)


def _section(row: Row, tests: tuple[str, ...], became: Mapping[str, int] | None) -> str:
    """Write one row: its fault, what we do, its tests by file, and what became of them, each of their cases counted."""
    text = f"\n**{row.name}** {row.fault} *{row.do}*"
    text += "".join(f" {words}" for words in (row.left, row.without) if words) + "\n"
    for file, found in groupby(tests, key=lambda one: one.partition("::")[0]):
        names = ", ".join(f"`{one.partition('::')[2]}`" for one in found)
        text += f"- `{file}`: {names}\n"
    if tests:
        counts = [f"{count} {result}" for result, count in (became or {}).items() if count]
        text += f"\nResult: {', '.join(counts) or 'not run yet'}\n"
    return text


def results(*reports: Path) -> dict[str, dict[str, int]]:
    """Count what became of each row's tests by reports of pytest: row -> passed, failed, skipped."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"passed": 0, "failed": 0, "skipped": 0})
    cases = (case for report in reports for case in ET.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it a moment ago
    for case in cases:
        became = {child.tag for child in case}
        result = "failed" if became & {"failure", "error"} else "skipped" if "skipped" in became else "passed"
        for one in case.iter("property"):
            if one.get("name") == "fault":
                found[one.get("value", "")][result] += 1
    return dict(found)


def _tell(*reports: Path) -> int:
    rows, became = read(FOLDER), results(*reports)
    kept = {
        "ran": f"{datetime.now(UTC):%Y-%m-%d}",
        "rows": {row.name: became[row.name] for row in rows if row.name in became},
    }
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    failed = [row.name for row in rows if became.get(row.name, {}).get("failed")]
    silent = [row.name for row in rows if not row.without and not became.get(row.name, {}).get("passed")]
    for letter, found in groupby(rows, key=lambda row: row.name[0]):
        told = " ".join(f"{row.name} {became.get(row.name, {}).get('passed', 0)}" for row in found)
        print(f"{letter} (tests passed): {told}")
    proven = sum(1 for row in rows if became.get(row.name, {}).get("passed")) - len(failed)
    print(f"faults: {proven} of {len(rows)} rows proven, {len(failed)} failed {failed}, {len(silent)} silent {silent}")
    return 1 if failed or silent else 0


def main(arguments: list[str]) -> int:
    """Write the page anew, or tell what a report says."""
    verdict = _tell(*map(Path, arguments)) if arguments else 0
    rows, tests = read(FOLDER), marked(TESTS)
    PAGE.write_text(page(rows, tests, *kept()), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(rows)} rows, {sum(1 for row in rows if tests.get(row.name))} with tests")
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
