"""What a person does after a restore: raise all numbers, by some or to the highest that an archive knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edi_engine.app.restoring import remember_bump, seen_floor
from edi_engine.app.workplace import Workplace
from edi_engine.errors import UsageError
from edi_engine.store.restored import told
from edi_engine.x12.reader import outline

MOST_BYTES: Final = 50 * 1024 * 1024
"""Larger files of an archive are left out."""


@dataclass(frozen=True, slots=True)
class Bumped:
    """What was done: how many sequences were raised, which documents are held, how many sequences the archive knew.

    They were raised by `by`, which is more than was asked for where the copy lacks a former bump. `floor` is the number
    behind which new sequences begin.
    """

    sequences: int
    held: tuple[int, ...]
    archived: int
    why: str | None
    by: int
    floor: int


def bump(place: Workplace, by: int, archive: Path | None) -> Bumped:
    """Raise all numbers, hold what may have gone out already, and let the store work again. Raises UsageError."""
    highest = numbers_in(place, archive) if archive is not None else Counter[str]()
    why = place.store.restored()
    reason = "raised by a person" if why is None else told(why)
    office = place.office()
    held: list[int] = []
    if why is not None:
        with office.ledger.unit("restored.held") as unit:
            for one in unit.documents.select(state="READY", held_at=None):
                if one.interchange_control is not None:
                    unit.documents.change(one, held_at=office.clock.now(), held_by="edi db bump")
                    held.append(one.id)
    before = place.store.floor()
    sequences = place.store.bump(by, highest, reason, seen_floor=seen_floor(place.settings))
    floor = place.store.floor()
    by = floor - before
    with office.ledger.unit("restored.noted") as unit:
        detail = f"{sequences} sequences by {by}, {len(held)} documents held: {reason}"
        office.note(unit, "numbers raised", "store:numbers", detail)
    remember_bump(place.settings, place.store)
    return Bumped(sequences, tuple(held), len(highest), why, by, floor)


def numbers_in(place: Workplace, archive: Path) -> Counter[str]:
    """Give the highest number of each sequence of ours that stands in the X12 files of a folder."""
    ours = {(one.identity.ours.qualifier, one.identity.ours.id) for one in place.edition.partners.values()}
    highest: Counter[str] = Counter()
    for path in _files(archive):
        for sent in outline(path.read_bytes(), file=path.name).interchanges:
            if (sent.sender_qualifier, sent.sender) not in ours:
                continue
            pair = f"{sent.sender_qualifier}/{sent.sender}>{sent.receiver_qualifier}/{sent.receiver}"
            controls = [("ISA", sent.control), *(("GS", group.control) for group in sent.groups)]
            for level, control in controls:
                if control.isascii() and control.isdigit():
                    highest[f"{pair} {level}"] = max(highest[f"{pair} {level}"], int(control))
    return highest


def _files(archive: Path) -> Iterator[Path]:
    if not archive.is_dir():
        message = f"{archive} is no folder; name the folder that holds copies of what we sent"
        raise UsageError(message)
    for path in sorted(archive.rglob("*")):
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            yield path
