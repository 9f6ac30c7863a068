"""A disk that fails while a store is asked whether it was taken back from a copy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from edi_engine.store.faults import StoreBusy
from edi_engine.store.ledger import open_store


def test_a_disk_that_fails_is_told_as_one(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'orders.db'}")

    def refuse(action: int, name: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if (action, name) == (sqlite3.SQLITE_PRAGMA, "user_version") else sqlite3.SQLITE_OK

    @event.listens_for(store.place.engine, "checkout")
    def forbid(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_authorizer(refuse)

    with pytest.raises(Exception, match="not authorized") as told:
        store.restored()
    assert not isinstance(told.value, sqlite3.Error), "what the driver says is told as SQLAlchemy or we say it"
    assert not isinstance(told.value, StoreBusy)
    store.close()
