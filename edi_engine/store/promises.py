"""The promises that an audit asks about: those of `promises.sql`, and that each thing is in a state that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edi_engine.orders.lifecycle import MOVES
from edi_engine.store import schema

_QUESTIONS: Final = Path(__file__).with_name("promises.sql")
_QUESTION: Final = re.compile(r"^-- V(?P<number>\d): (?P<sentence>.+)\n(?P<broken>[^;]+);$", re.MULTILINE)

_TABLES: Final = {
    "file": schema.FILE,
    "interchange": schema.INTERCHANGE,
    "group": schema.GROUP,
    "set": schema.SET,
    "order": schema.ORDER,
    "line": schema.LINE,
    "document": schema.DOCUMENT,
    "case": schema.CASE,
    "timer": schema.TIMER,
}


@dataclass(frozen=True, slots=True)
class Promise:
    """One question. `broken` is SQL that finds the rows which break it; `sentence` says what such a row means."""

    number: int
    sentence: str
    broken: str


def promises() -> Iterator[Promise]:
    """Give all questions."""
    for kind, table in _TABLES.items():
        states = ", ".join(f"'{state}'" for state in MOVES[kind])
        broken = f"SELECT id, state FROM {table.name} WHERE state NOT IN ({states})"  # noqa: S608 - all words are ours
        yield Promise(1, f"{kind} {{id}} is in the state {{state}}, which is none", broken)
    for found in _QUESTION.finditer(_QUESTIONS.read_text(encoding="utf-8")):
        yield Promise(int(found["number"]), found["sentence"], found["broken"])
