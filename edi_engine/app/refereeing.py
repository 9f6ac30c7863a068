"""Asking pyx12 for a second opinion on a file: maps of ours in a folder of their own, its log caught, its verdict told.

The bridge to pyx12 below touches neither files nor logs; here is what it needs of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edi_engine.app.settings import Settings
from edi_engine.app.shelf import dictionary
from edi_engine.app.validating import Validation
from edi_engine.errors import UsageError
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.pyx12.compare import Comparison, compare
from edi_engine.x12.pyx12.export import MAP_SCHEMA, SCHEMAS, export, faults
from edi_engine.x12.pyx12.verdict import KNOWN, Complaint, heard, unread, validate
from edi_engine.x12.values import Outline

MOST: Final = 500
"""Complaints of pyx12 that are kept; a file that it does not understand has one for each segment."""


def export_maps(settings: Settings, version: str, set_ids: tuple[str, ...], out: Path) -> tuple[Path, ...]:
    """Write the pyx12 maps of some sets into the folder `out`; give the files.

    `version` is a GS08, with or without an industry's suffix. Raises UsageError for what the dictionary does not hold.
    """
    standard = dictionary(settings.home)
    base = standard.resolve(version)
    if base is None:
        message = f"there is no version {version}; known: {', '.join(standard.versions())}"
        raise UsageError(message)
    for set_id in set_ids:
        if set_id not in standard.sets(base):
            message = f"there is no {set_id} in {base}; known: {', '.join(standard.sets(base))}"
            raise UsageError(message)
    made = sound(standard, {(version, set_id) for set_id in set_ids})
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (out / name).write_bytes(content)
    return tuple(out / name for name in sorted(made))


def sound(standard: Dictionary, wanted: set[tuple[str, str]]) -> Mapping[str, bytes]:
    """Export maps, and see that pyx12's own schemas take them. Raises ValueError where they do not: a bug of ours."""
    made = export(standard, sorted(wanted))
    wrong = faults(made, schemas())
    if wrong:
        message = f"pyx12's schema refuses our map: {wrong[0]}"
        raise ValueError(message)
    return made


@cache
def schemas() -> Mapping[str, bytes]:
    """Give pyx12's schemas, which lie in its package, by file name."""
    folder = files("pyx12") / "map"
    return {name: (folder / name).read_bytes() for name in (MAP_SCHEMA, *SCHEMAS.values())}


def referee(settings: Settings, found: Validation) -> Comparison:
    """Have pyx12 validate the same file by our grammar, and hold both verdicts beside each other."""
    return second_opinion(dictionary(settings.home), found)


def second_opinion(standard: Dictionary, found: Validation) -> Comparison:
    """Do the same with a dictionary at hand.

    pyx12 gets the bytes from the first ISA on: what stands before it, such as a byte order mark, would end its reading.
    """
    interchanges = found.outline.interchanges
    data = found.data[interchanges[0].start :] if interchanges else found.data
    version = unread(data)
    if version is not None:
        known = " and ".join(KNOWN)
        reason = f"pyx12 has no opinion: it reads only the interchange versions {known}, and ISA12 is {version}"
        return compare(found.outline, found.findings, (), None, reason)
    with TemporaryDirectory(prefix="edi-referee-") as folder, _listening() as complaints:
        for name, content in sound(standard, _kinds(standard, found.outline)).items():
            (Path(folder) / name).write_bytes(content)
        valid, stopped = validate(data, folder, found.name)
    return compare(found.outline, found.findings, tuple(complaints), valid, stopped)


def _kinds(standard: Dictionary, outline: Outline) -> set[tuple[str, str]]:
    """Give version and id of all sets that the groups of a file may hold."""
    wanted: set[tuple[str, str]] = set()
    for group in (group for interchange in outline.interchanges for group in interchange.groups):
        version = standard.resolve(group.version)
        if version is None:
            continue
        for set_id in standard.sets(version):
            grammar = standard.set(version, set_id)
            if grammar is not None and grammar.group == group.kind:
                wanted.add((group.version, set_id))
    return wanted


class _Ear(logging.Handler):
    """Takes down what pyx12 logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.complaints: list[Complaint] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.complaints) < MOST:
            self.complaints.append(heard(record.getMessage()))


@contextmanager
def _listening() -> Iterator[list[Complaint]]:
    """Listen to pyx12's log, and let nobody else hear it."""
    log = logging.getLogger("pyx12")
    ear, loud = _Ear(), log.propagate
    log.addHandler(ear)
    log.propagate = False
    try:
        yield ear.complaints
    finally:
        log.removeHandler(ear)
        log.propagate = loud
