"""Copies of a SQLite file, and what is wrong with one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from edi_engine.errors import UsageError
from edi_engine.store.faults import StoreBusy, is_unread, remedy_of, told_plainly
from edi_engine.store.restored import COPY


def copy_file(source: Path, target: Path) -> None:
    """Copy the committed state of a SQLite file while others use it, whole or not at all: a new file, then a rename.

    Raises UsageError where there is no folder for the copy, what `told_plainly` says where the store cannot be read,
    and StoreBusy (system.disk) where the copy cannot be written.
    """
    if not target.parent.is_dir():
        message = f"there is no folder {target.parent} for the copy; make it first, or name a file elsewhere"
        raise UsageError(message)
    with told_plainly(source), closing(sqlite3.connect(source)) as standing:
        standing.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _write_copy(standing, target)


def _write_copy(standing: sqlite3.Connection, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(unfinished)) as copy:
            standing.backup(copy)
            copy.execute(f"PRAGMA user_version = {COPY}")  # who goes back to it is told that numbers may be missing
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)  # half a copy helps nobody, and a full disk least
        if is_unread(error):  # of the two only the store is read
            raise
        said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        remedy = f"{remedy_of(target.parent, said)}, or name a file on another disk"
        message = f"the copy {target} could not be written: {said}; {remedy}. The store itself is as it was"
        raise StoreBusy(message, code="system.disk") from error


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
