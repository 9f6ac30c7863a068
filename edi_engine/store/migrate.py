"""Bring the tables of a store up to this program's version."""

from __future__ import annotations

from edi_engine.store.place import Place
from edi_engine.store.schema import metadata


def upgrade(place: Place) -> None:
    """Make what is missing."""
    with place.writers(), place.writing() as connection:
        if place.file is not None:  # once for ever: the file remembers it
            connection.connection.cursor().execute("PRAGMA journal_mode=WAL")
        with connection.begin():
            metadata.create_all(connection)
