"""Copies of a SQLite file, and what is wrong with one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from edi_engine.store.faults import StoreBusy
from edi_engine.store.restored import COPY


def copy_file(source: Path, target: Path) -> None:
    """Copy the committed state of a SQLite file while others use it, whole or not at all: a new file, then a rename.

    Raises StoreBusy (system.disk) where the copy cannot be written.
    """
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(source)) as standing, closing(sqlite3.connect(unfinished)) as copy:
            standing.backup(copy)
            copy.execute(f"PRAGMA user_version = {COPY}")  # who goes back to it is told that numbers may be missing
        _sync(unfinished)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)  # half a copy helps nobody, and a full disk least
        message = f"the copy {target} could not be written: {error}"
        raise StoreBusy(message, code="system.disk") from error
    unfinished.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damage_in(path: Path) -> list[str]:
    """Give what SQLite finds wrong with a file, one line for each fault."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            orphans = [
                f"row {row} of {table} points to a missing row of {parent}"
                for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [line for line in lines if line != "ok"] + orphans
