"""Backups of a SQLite store, and whether a store is sound."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from edi_engine.errors import TransportError, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.store.copies import copy_file, damage_in
from edi_engine.store.faults import told_plainly
from edi_engine.store.migrate import version
from edi_engine.store.place import Place, find
from edi_engine.store.schema import VERSION


def backup(url: str, path: Path) -> None:
    """Copy a SQLite store to the new file `path` while others use it, and check the copy.

    Raises UsageError for PostgreSQL and for a `path` that is there already, StoreUnusable where there is no store.
    """
    with told_plainly():
        place = find(url, make=False)
        place.engine.dispose()
        if place.file is None:
            message = "only a SQLite file is copied here; for PostgreSQL use pg_dump"
            raise UsageError(message)
        if path.exists():
            message = f"{path} is there already; name a new file for the copy"
            raise UsageError(message)
        copy_file(place.file, path)
    damage = damage_in(path)
    if damage:
        message = f"the copy {path} is damaged, and so is the store: {damage[0]}"
        raise UsageError(message)


def check(url: str) -> tuple[Finding, ...]:
    """Say whether the store at `url` can be reached, is whole, and has the tables of this program. Changes nothing."""
    try:
        with told_plainly():
            place = find(url, make=False)
            try:
                found = version(place)
                return (*_whole(place), *_up_to_date(found))
            finally:
                place.engine.dispose()
    except TransportError as error:
        return (_finding(error.code, str(error), "see the message; `edi doctor` looks at the rest"),)


def _whole(place: Place) -> tuple[Finding, ...]:
    if place.file is not None:
        damage = damage_in(place.file)
        fix = "stop the program, keep the file, and go back to the last backup"
        return tuple(_finding("system.store.damaged", f"{place.file}: {line}", fix) for line in damage)
    with place.reading() as connection, connection.begin():
        connection.execute(text("SELECT 1"))
    return ()


def _up_to_date(found: str | None) -> tuple[Finding, ...]:
    if found == VERSION:
        return ()
    if found is not None and found > VERSION:
        message = f"a newer program has written the store: its tables are {found}, this program knows {VERSION}"
        return (_finding("system.store.newer", message, "install the newer version again, or go back to a backup"),)
    message = f"the tables are {found or 'not there yet'}, this program needs {VERSION}"
    return (
        Finding(
            "system.store.behind", Severity.WARNING, message, fix="nothing: the next start brings the tables up to date"
        ),
    )


def _finding(code: str, message: str, fix: str) -> Finding:
    return Finding(code, Severity.HOLD, message, fix=fix)
