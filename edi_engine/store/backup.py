"""Backups of a SQLite store, and whether a store is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import text

from edi_engine.errors import TransportError, UsageError
from edi_engine.finding import Finding, Severity
from edi_engine.store.copies import copy_file, damage_in
from edi_engine.store.faults import StoreUnusable, told_plainly
from edi_engine.store.migrate import version
from edi_engine.store.place import Place, find
from edi_engine.store.schema import VERSION

_GO_BACK: Final = "stop the program, keep the file, and go back to the last backup"
_LOOK: Final = "do what the sentence names, then call `edi db check` again"
_REMEDIES: Final = {
    "system.disk": "make room on the disk that is named, or mend it; nothing that is stored is lost by it",
    "system.store.busy": "try again; see whether another program holds the store, or its server is down",
}


def backup(url: str, path: Path) -> None:
    """Copy a SQLite store to the new file `path` while others use it, and check the copy.

    Raises UsageError for PostgreSQL, for a `path` that is there already and for one without a folder; StoreUnusable
    where there is no store, or a damaged one.
    """
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
        own = damage_in(place.file)
        message = (
            f"the store {place.file} is damaged ({own[0]}), and so is the copy {path}: {_GO_BACK}"
            if own
            else f"the copy {path} is damaged ({damage[0]}), the store {place.file} is not: remove the copy, and "
            "name a file on another disk"
        )
        raise StoreUnusable(message, code="system.store.damaged")


def check(url: str) -> tuple[Finding, ...]:
    """Say whether the store at `url` can be reached, is whole, and has the tables of this program. Changes nothing."""
    try:
        place = find(url, make=False)
        with told_plainly(place.file):
            try:
                found = version(place)
                return (*_whole(place), *_up_to_date(found))
            finally:
                place.engine.dispose()
    except TransportError as error:
        return (_finding(error.code, str(error), _REMEDIES.get(error.code, _LOOK)),)


def _whole(place: Place) -> tuple[Finding, ...]:
    if place.file is not None:
        damage = damage_in(place.file)
        return tuple(_finding("system.store.damaged", f"{place.file}: {line}", _GO_BACK) for line in damage)
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
