"""What can go wrong with a database, in the two words that callers act on: try again, or tell a person."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from edi_engine.errors import TransportError


class StoreBusy(TransportError):
    """The commit did not happen, or its answer was lost: run the whole unit again from a fresh read of its rows.

    Compare-and-set makes that safe in both cases. Never repeat a part of it.
    """

    def __init__(self, message: str, *, code: str = "system.store.busy") -> None:
        """Carry a code that a later attempt may clear."""
        super().__init__(message, code=code, retry=True)


class StoreUnusable(TransportError):
    """The store cannot be used as it is, and trying again will not help."""

    def __init__(self, message: str, *, code: str = "system.store.unusable") -> None:
        """Carry a code that a person must look at."""
        super().__init__(message, code=code, retry=False)


_SQLITE_BUSY = ("database is locked", "database table is locked", "database schema has changed")
_DISK = ("database or disk is full", "disk i/o error")
_FULL: Final = 1 << 20
"""Free bytes below which a disk that refuses is full: SQLite calls that an I/O error now and then."""
UNKEPT = "system.disk.sync"
"""The code of a disk that said it could not keep what was written. To ask it again may be answered with a lie."""

_NOT_KEPT = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})
_NOT_READ: Final = frozenset({"SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS"})
_SQLITE_UNUSABLE = ("not a database", "malformed", "unable to open", "readonly database")
_POSTGRES_BUSY = frozenset({"40001", "40P01", "55P03", "25P03", "57014", "53300"})  # and classes 08 and 57P
_POSTGRES_UNUSABLE = ("28", "3D", "42501")


def is_unread(error: BaseException | None) -> bool:
    """Say whether SQLite could not read a file that is there."""
    return getattr(error, "sqlite_errorname", None) in _NOT_READ


@contextmanager
def told_plainly(file: Path | None = None) -> Iterator[None]:
    """Turn what a driver says of the world into StoreBusy and StoreUnusable; bugs of ours stay what they are.

    `file` is the store, so that its disk can be named; None for one on a server.
    """
    try:
        yield
    except PoolTimeout as error:
        message = "all connections to the store are in use; try again"
        raise StoreBusy(message) from error
    except (DBAPIError, sqlite3.Error) as error:  # SQLAlchemy does not wrap what a raw connection raises
        told = _told(error, file)
        if told is None:
            raise
        raise told from error


def remedy_of(folder: Path, said: str = "") -> str:
    """Say what to do about a disk that refused to write, by what it said and how much of it is free."""
    try:
        full = shutil.disk_usage(folder).free < _FULL
    except OSError:
        full = False
    if "permission denied" in said.lower():
        return f"this user must have the right to write to {folder}"
    if full or "full" in said.lower() or "no space" in said.lower():
        return f"make room on the disk of {folder}"
    return f"see whether the disk of {folder} is full, read-only or failing"


def _told(error: DBAPIError | sqlite3.Error, file: Path | None) -> TransportError | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    said = str(original).strip()
    state: str | None = getattr(original, "sqlstate", None)
    low = said.lower()
    first = said.partition("\n")[0]
    where = f" {file}" if file is not None else ""
    if getattr(original, "sqlite_errorname", None) in _NOT_KEPT:
        return StoreUnusable(f"the disk of the store{where} could not keep what was written: {first}", code=UNKEPT)
    if file is not None and is_unread(original):
        remedy = f"see whether the disk of {file.parent} is failing"
        return StoreBusy(f"the store{where} cannot be read from its disk: {first}; {remedy}", code="system.disk")
    if state == "53100" or (state is None and any(words in low for words in _DISK)):
        remedy = remedy_of(file.parent, first) if file is not None else "make room on the disk of its server"
        return StoreBusy(f"the store{where} cannot write to its disk: {first}; {remedy}", code="system.disk")
    if state is not None:
        if state in _POSTGRES_BUSY or state.startswith(("08", "57P")):
            return StoreBusy(f"the store did not take this commit: {first}")
        if state.startswith(_POSTGRES_UNUSABLE):
            return StoreUnusable(f"the store refuses: {first}")
        return None
    if any(words in low for words in _SQLITE_BUSY):
        return StoreBusy(f"somebody else holds the store: {first}")
    if any(words in low for words in _SQLITE_UNUSABLE):
        return StoreUnusable(f"the store{where} cannot be used: {first}{_closed(low, file)}")
    if getattr(error, "connection_invalidated", False) or "connect" in low:
        return StoreBusy(f"the connection to the store is gone: {first}")
    return None


def _closed(said: str, file: Path | None) -> str:
    if file is None or not any(words in said for words in ("unable to open", "readonly database")):
        return ""
    return f"; SQLite writes beside it, so the folder {file.parent} must be writable, and its disk not read-only"
