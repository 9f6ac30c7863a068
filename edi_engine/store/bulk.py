"""Many new rows of one table in one go: COPY on PostgreSQL, one statement run many times on SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table
from sqlalchemy import insert as inserting
from sqlalchemy.exc import DBAPIError

FEW: Final = 3
"""Rows up to which PostgreSQL takes them sooner one by one than by COPY."""


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all name the same columns. Raises IntegrityError if one of them cannot be."""
    if connection.dialect.name == "postgresql" and len(rows) > FEW:
        _copy(connection, table, rows)
    else:
        connection.execute(inserting(table), rows)


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    dialect = connection.dialect
    names = tuple(rows[0])
    kept = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    quote = dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    dbapi: Any = dialect.dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(
                    [
                        row[name] if process is None else process(row[name])
                        for name, process in zip(names, kept, strict=True)
                    ]
                )
    except dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, None)
        raise DBAPIError.instance(
            statement, None, error, dbapi.Error, connection_invalidated=gone, dialect=dialect
        ) from error
