"""What can go wrong with a database, in the two words that callers act on: try again, or tell a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

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
UNKEPT = "system.disk.sync"
"""The code of a disk that said it could not keep what was written. To ask it again may be answered with a lie."""

_NOT_KEPT = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})
_SQLITE_UNUSABLE = ("not a database", "malformed", "unable to open", "readonly database")
_POSTGRES_BUSY = frozenset({"40001", "40P01", "55P03", "25P03", "57014", "53300"})  # and classes 08 and 57P
_POSTGRES_UNUSABLE = ("28", "3D", "42501")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what a driver says of the world into StoreBusy and StoreUnusable; bugs of ours stay what they are."""
    try:
        yield
    except PoolTimeout as error:
        message = "all connections to the store are in use; try again"
        raise StoreBusy(message) from error
    except (DBAPIError, sqlite3.Error) as error:  # the second where SQLite is asked past SQLAlchemy
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: DBAPIError | sqlite3.Error) -> TransportError | None:
    of_driver = error.orig if isinstance(error, DBAPIError) else error
    said = str(of_driver).strip()
    state: str | None = getattr(of_driver, "sqlstate", None)
    low = said.lower()
    first = said.partition("\n")[0]
    if getattr(of_driver, "sqlite_errorname", None) in _NOT_KEPT:
        return StoreUnusable(f"the disk of the store could not keep what was written: {first}", code=UNKEPT)
    if state == "53100" or (state is None and any(words in low for words in _DISK)):
        return StoreBusy(f"the store cannot write to its disk: {first}", code="system.disk")
    if state is not None:
        if state in _POSTGRES_BUSY or state.startswith(("08", "57P")):
            return StoreBusy(f"the store did not take this commit: {first}")
        if state.startswith(_POSTGRES_UNUSABLE):
            return StoreUnusable(f"the store refuses: {first}")
        return None
    if any(words in low for words in _SQLITE_BUSY):
        return StoreBusy(f"somebody else holds the store: {first}")
    if any(words in low for words in _SQLITE_UNUSABLE):
        return StoreUnusable(f"the store cannot be used: {first}")
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or "connect" in low:
        return StoreBusy(f"the connection to the store is gone: {first}")
    return None
