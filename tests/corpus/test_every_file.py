"""Every X12 file that others wrote, through `edi validate` and `edi process`: no traceback, no hang, and the verdict
that verdicts.yaml gives, which is what a reader of the file would say.

`make corpus` prints file, verdict and first finding.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from edi_engine.app.processing import walk
from edi_engine.app.settings import Settings
from edi_engine.app.validating import Validation, validate
from edi_engine.app.workplace import opened
from edi_engine.finding import Finding, Severity
from tests.fixtures.corpus import BOM, CORPUS, customer, files, index
from tests.fixtures.homes import PROGRAM
from tests.fixtures.walks import noon

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(20)]

TODAY = date(2026, 11, 22)
TABLE = Path(__file__).with_name("verdicts.yaml")
ALSO_TOLD = {"envelope.stranger", "envelope.padding", "envelope.terminator"}
"""What is judged apart: that no partner file claims the sender, and what the bytes at both ends show."""
UNKNOWN = {"x12.unsupported.version", "x12.unsupported.kind", "x12.unsupported.set"}
NAMES = files()


@cache
def table() -> dict[str, dict[str, Any]]:
    """The expected verdicts by file name."""
    sections: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    listed = [(name, {"verdict": verdict, **row}) for verdict, rows in sections.items() for name, row in rows.items()]
    found = dict(listed)
    assert len(found) == len(listed), "a file stands twice in verdicts.yaml"
    return found


def test_the_table_judges_every_file() -> None:
    assert set(table()) == {row["file"] for row in index()} == set(NAMES)


def place(finding: Finding) -> str:
    """Write a finding as the table does: `7 TD512 x12.element.code`."""
    where = finding.where
    if where.segment is None:
        return f"file {finding.code}"
    element = "" if where.element is None else f"{where.element:02d}"
    component = "" if where.component is None else f"-{where.component}"
    return f"{where.segment} {where.segment_id}{element}{component} {finding.code}"


def judged(name: str, data: bytes, settings: Settings, out: Path) -> tuple[str, list[str], list[str]]:
    """Process a file as its sender's; give the verdict, that of each set, and what became of each interchange."""
    customer(settings.home, data)
    with opened(settings, clock=noon(TODAY)) as here:
        here.out = out
        done = walk(here, data, name)
        with here.office().ledger.reading() as unit:
            sets = [one.verdict or "?" for one in unit.sets.select()]
            states = [one.state for one in unit.interchanges.select(direction="in")]
    assert not [case.title for case in done.cases if case.cause == "system.bug"]
    codes = {finding.code for finding in done.findings}
    if done.file.state == "UNREADABLE":
        return "unreadable", sets, states
    if "QUARANTINED" in states:
        return "put aside", sets, states
    if codes & UNKNOWN:
        return "unknown", sets, states
    if not sets:
        return ("refused" if any(code.startswith("envelope.") for code in codes) else "empty"), sets, states
    words = {"A": "accepted", "E": "noted", "R": "refused"}
    return (words.get(max(sets), "?") if "R" not in sets or set(sets) == {"R"} else "partly"), sets, states


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home without partners: every file comes from a stranger."""
    home = tmp_path_factory.mktemp("nobody")
    (home / "partners").mkdir()
    return Settings(home, "sqlite://")


@pytest.fixture(scope="module")
def somebody(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose partner is made anew for each file."""
    return Settings(tmp_path_factory.mktemp("somebody"), "sqlite://")


@pytest.mark.parametrize("name", NAMES)
def test_its_verdict_is_what_a_reader_would_say(
    name: str, nobody: Settings, somebody: Settings, tmp_path: Path, report: Any
) -> None:
    data, expected = (CORPUS / name).read_bytes(), table()[name]
    found = validate(nobody, data, name)
    verdict, sets, states = judged(name, data, somebody, tmp_path)
    report(name, verdict, *_first(found))
    told = sorted(place(one) for one in found.findings if one.code not in ALSO_TOLD)
    rest = Counter(told) - Counter(expected.get("faults", []))
    assert rest.total() == expected.get("more", 0), dict(rest)
    assert not Counter(expected.get("faults", [])) - Counter(told)
    assert verdict == expected["verdict"], expected["why"]
    if "sets" in expected:
        assert sets == expected["sets"].split()
    assert [one for one in states if one != "DONE"] == [
        one for one in expected.get("interchanges", ["QUARANTINED"] * (verdict == "put aside")) if one != "DONE"
    ]
    assert not sets or {one.verdict for one in found.sets} - {None} <= set(sets)
    assert_the_ends(found, data, verdict)


def _first(found: Validation) -> Iterator[str]:
    """Give the worst of a file's findings, the first of those."""
    known = [one for one in found.findings if one.code != "envelope.stranger"]
    worst = max((one.severity for one in known), default=Severity.NOTE)
    first = next((one for one in known if one.severity is worst), None)
    yield "" if first is None else f"{place(first)}: {first.message}"


def assert_the_ends(found: Validation, data: bytes, verdict: str) -> None:
    """See that a byte order mark and an IEA without terminator are told, and only where they are."""
    codes = [one.code for one in found.findings]
    if verdict == "unreadable":
        return
    assert codes.count("envelope.padding") == data.startswith(BOM)
    start = data.index(b"ISA")
    terminator = data[start + 105 : start + 106]
    last = data[data.rindex(b"IEA") :] if b"IEA" in data else b""
    if verdict != "put aside":
        assert codes.count("envelope.terminator") == (terminator not in last)


@pytest.mark.parametrize("name", NAMES)
def test_from_a_stranger_it_is_kept_and_put_aside(name: str, nobody: Settings, tmp_path: Path) -> None:
    data = (CORPUS / name).read_bytes()
    with opened(nobody, clock=noon(TODAY)) as here:
        here.out = tmp_path
        done = walk(here, data, name)
        with here.office().ledger.reading() as unit:
            assert unit.blobs.get(done.file.sha256 or "") == data
            assert {one.state for one in unit.interchanges.select()} <= {"QUARANTINED", "DUPLICATE"}
            assert not unit.orders.select()
    assert done.cases
    assert not done.documents
    assert not [case.title for case in done.cases if case.cause == "system.bug"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("node-x12/850.edi", 4),
        ("node-x12/855.edi", 4),
        ("oopfactory-x12parser/_856-Example3.edi", 4),
        ("vscode-edi-support/850-comments.edi", 3),
    ],
)
def test_the_commands_say_it_too(name: str, code: int, tmp_path: Path) -> None:
    if not NAMES:
        index()  # skips, or fails where the corpus must be here
    for command in ("validate", "process"):
        words = (*PROGRAM, "--home", str(tmp_path), command, str(CORPUS / name))
        words += ("--out", str(tmp_path / "out")) if command == "process" else ()
        ended = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        assert "Traceback" not in ended.stderr
        assert ended.returncode == code, ended.stdout + ended.stderr
