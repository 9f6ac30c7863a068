"""Bring the tables of a store up to this program's version, with Alembic and the scripts in `migrations/versions`.

Two programs may start at once: one migrates, the other waits and finds it done. A SQLite file that is not new is copied
beside itself first. All scripts run in one transaction, on both databases, so that a kill leaves the old tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from edi_engine.store.copies import copy_file
from edi_engine.store.crash import crashpoint
from edi_engine.store.faults import StoreUnusable, told_plainly
from edi_engine.store.place import Place, find
from edi_engine.store.schema import VERSION, VERSION_TABLE, metadata

SCRIPTS: Final = Path(__file__).parent / "migrations"

_POSTGRES_LOCK: Final = 0x65646931
"""The advisory lock of whoever migrates: "edi1"."""


def version(place: Place) -> str | None:
    """Give the version of the tables, None where there are none yet."""
    with place.readers(), place.reading() as connection, connection.begin():
        return _version(connection)


def upgrade(url: str) -> None:
    """Bring the store at `url` up to date, and make it where it is not there. Raises as `open_store` does."""
    place = find(url)
    with told_plainly(place.file):
        try:
            bring_up(place)
        finally:
            place.engine.dispose()


def bring_up(place: Place) -> None:
    """Make or change the tables where they are not up to date. Raises StoreUnusable if a newer program made them."""
    if place.in_memory:
        with place.writers(), place.writing() as connection, connection.begin():
            metadata.create_all(connection)
        return
    found = version(place)
    if found is not None:
        _refuse_newer(found)
    if found == VERSION:
        return
    with place.writers():
        _prepare(place)
        with place.writing() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
            found = _version(connection)
            if found == VERSION:
                return
            if found is not None:
                _refuse_newer(found)
                _copy_first(place, found)
            _run_scripts(connection)
            crashpoint("migrate:before")
        crashpoint("migrate:after")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT max(version_num) FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our constant


def _refuse_newer(found: str) -> None:
    if found > VERSION:
        message = (
            f"a newer version of this program has written the store (tables {found}; this one knows {VERSION}): "
            "install that version again, or go back to a backup"
        )
        raise StoreUnusable(message, code="system.store.newer")


def _prepare(place: Place) -> None:
    """Switch a SQLite file to write-ahead logging, once for ever: the file remembers it."""
    if place.file is not None:
        connection = place.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()


def _copy_first(place: Place, found: str) -> None:
    if place.file is not None:
        copy_file(place.file, place.file.with_name(f"{place.file.name}.before-{VERSION}-was-{found}"))


def _run_scripts(connection: Connection) -> None:
    from alembic.config import Config  # noqa: PLC0415 - heavy, and needed once in the life of a store
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, scripts, fn=lambda rev, _context: scripts._upgrade_revs("head", rev)) as running:  # noqa: SLF001
        running.configure(
            connection=connection, target_metadata=metadata, version_table=VERSION_TABLE, transactional_ddl=True
        )
        running.run_migrations()
