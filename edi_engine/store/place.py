"""Where a store is: from its URL to an engine, with the settings that its promises rest on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool, StaticPool

from edi_engine.store.faults import StoreUnusable
from edi_engine.store.lock import LockFile
from edi_engine.store.safety import make_private, must_be_safe

CONNECTIONS: Final = 32
"""Connections that one process holds at most: more than it has lanes."""

_STATEMENTS: Final = 512
"""Statements that a connection to SQLite keeps made. All that the lanes and the desk do asks for some 160."""

_BUSY_MILLISECONDS: Final = 30_000
_READING: Final = "BEGIN"
_WRITING: Final = "BEGIN IMMEDIATE"

_SQLITE: Final = (
    "PRAGMA synchronous=FULL",  # a commit that was answered survives a power cut
    f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
)

_POSTGRES: Final = {
    "TimeZone": "UTC",
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "10000",  # a frozen host cannot hold a lane's row for longer
    "lock_timeout": "30000",
}

_LIGHTER: Final = """
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""
"""Long values are compressed by LZ4 where the server can: its older way takes a fifth of what an order costs."""

Gate = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """An opened database. `file` is None unless it is SQLite on a disk.

    Whoever writes passes `writers`, whoever reads passes `readers`.
    """

    engine: Engine
    writers: Gate
    readers: Gate
    file: Path | None = None

    @property
    def in_memory(self) -> bool:
        """Say whether the store ends with its process."""
        return self.engine.dialect.name == "sqlite" and self.file is None

    def writing(self) -> Connection:
        """Give a connection whose transaction will write."""
        return self.engine.connect()

    def reading(self) -> Connection:
        """Give a connection whose transaction sees one moment and writes nothing."""
        if self.engine.dialect.name == "sqlite":
            return self.engine.connect().execution_options(edi_begin=_READING)
        return self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def find(url: str, *, owner: bool = True, make: bool = True) -> Place:
    """Make the engine for `url`: sqlite:///FILE, sqlite:// (in memory) or postgresql://USER@HOST/DATABASE.

    With `owner` false, commits leave the checkpoint to another process; with `make` false, the file must be there.
    Raises StoreUnusable for any other URL and for a file that is no safe place for a store.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        given = "the address that was given" if "@" in url or "=" in url else repr(url)  # it may hold a password
        message = f"{given} is no address of a store; write sqlite:///orders.db or postgresql://host/database"
        raise StoreUnusable(message) from None
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, owner=owner, make=make)
    if address.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return _postgresql(address.set(drivername="postgresql+psycopg"))
    message = f"a store is kept in SQLite or PostgreSQL, not in {address.drivername}"
    raise StoreUnusable(message)


def _postgresql(address: URL) -> Place:
    settings = " ".join(f"-c {name}={value}" for name, value in _POSTGRES.items())
    asked = address.query.get("options", "")
    options = f"{settings} {asked if isinstance(asked, str) else ' '.join(asked)}".strip()
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        settle(connection)

    return Place(engine, nullcontext, nullcontext)


def settle(connection: Any) -> None:  # noqa: ANN401 - the driver's own connection
    """Set up a session of PostgreSQL beyond what its address can say."""
    connection.execute(_LIGHTER)
    connection.commit()


def _sqlite(address: URL, *, owner: bool, make: bool) -> Place:
    name = address.database
    if not name or name == ":memory:":
        one_at_a_time = threading.Lock()

        def alone() -> AbstractContextManager[None]:
            return _Held(one_at_a_time)

        engine = create_engine(
            address, poolclass=StaticPool, connect_args={"check_same_thread": False, "cached_statements": _STATEMENTS}
        )
        _set_up_sqlite(engine, owner=True)
        return Place(engine, alone, alone)
    path = Path(name).resolve()
    lock = LockFile(path.with_name(path.name + ".lock"))
    if make and path.parent.is_dir():
        with lock.held():
            make_private(path)
    must_be_safe(path)
    engine = create_engine(
        address.set(database=str(path)),
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={
            "check_same_thread": False,
            "timeout": _BUSY_MILLISECONDS / 1000,
            "cached_statements": _STATEMENTS,
        },
    )
    _set_up_sqlite(engine, owner=owner)
    return Place(engine, lock.held, nullcontext, path)


class _Held:
    """A lock as a context manager that gives nothing."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _set_up_sqlite(engine: Engine, *, owner: bool) -> None:
    pragmas = _SQLITE if owner else (*_SQLITE, "PRAGMA wal_autocheckpoint=0")

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = None  # the driver begins nothing by itself; `begun` below does
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("edi_begin", _WRITING))
