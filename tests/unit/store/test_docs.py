"""The pages about the store say what its code says."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from edi_engine.orders.lifecycle import MOVES

ROOT = Path(__file__).parents[3]
EDGE = re.compile(r"^    (?P<source>[A-Z_]+) --> (?P<target>[A-Z_]+): (?P<letter>[a-z])$", re.MULTILINE)
ROW = re.compile(
    r"^\| (?P<letter>[a-z]) \| (?P<source>[A-Z_]+) \| (?P<target>[A-Z_]+) \| (?P<when>.+) \|$", re.MULTILINE
)
KINDS = {
    "Received file": "file",
    "Interchange": "interchange",
    "Functional group": "group",
    "Transaction set": "set",
    "Order line": "line",
    "Order": "order",
    "Document": "document",
    "Case": "case",
    "Timer": "timer",
}


def test_the_drawn_states_are_those_of_the_lifecycle() -> None:
    page = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    sections = dict(section.split("\n", 1) for section in page.split("\n## ")[1:])
    assert {KINDS[title] for title in sections} == set(MOVES)
    for title, section in sections.items():
        drawn = {(edge["letter"], edge["source"], edge["target"]) for edge in EDGE.finditer(section)}
        told = {(row["letter"], row["source"], row["target"]) for row in ROW.finditer(section)}
        known = {(state, target) for state, targets in MOVES[KINDS[title]].items() for target in targets}
        assert drawn == told, title
        assert {(source, target) for _, source, target in drawn} == known, title
        assert len({letter for letter, _, _ in drawn}) == len(drawn), title


def test_each_finding_of_the_store_is_explained() -> None:
    codes = {
        code
        for path in (ROOT / "edi_engine" / "store").glob("*.py")
        for code in re.findall(r'"(system\.[a-z.-]+[a-z])"', path.read_text(encoding="utf-8"))
    }
    codes |= {f"system.audit.v{number}" for number in range(1, 10)}
    page = yaml.safe_load((ROOT / "docs/reference/findings/store.yaml").read_text(encoding="utf-8"))
    assert sorted(entry["code"] for entry in page) == sorted(codes)
    assert all(entry.keys() == {"code", "severity", "cause", "example", "fix"} for entry in page)
