"""Many new rows of one table in one go: COPY on PostgreSQL, one statement run many times on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.types import TypeEngine

from edi_engine.store import ready
from edi_engine.store.statements import inserting
from edi_engine.store.types import Words, is_storable, storable

FEW: Final = 3
"""Rows up to which PostgreSQL takes them sooner one by one than by COPY."""


def insert(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows of the columns `names`. Raises IntegrityError if one of them cannot be."""
    if connection.dialect.name != "postgresql":
        ready.run_laid_out(connection, inserting(table), names, _laid_out(connection.dialect, table, names, rows))
    elif len(rows) > FEW:
        _copy(connection, table, names, rows)
    else:
        ready.run_all(connection, inserting(table), [dict(zip(names, row, strict=True)) for row in rows])


def _copy(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    try:
        with ready.driver_of(connection).cursor() as cursor, cursor.copy(statement) as copy:
            for row in _laid_out(connection.dialect, table, names, rows):
                copy.write_row(row)
    except ready.dbapi_error(connection) as error:
        raise ready.said(connection, error, statement) from error


def _laid_out(
    dialect: Dialect, table: Table, names: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> Iterator[tuple[object, ...]]:
    """Give rows as the driver takes them: worked out column by column, since most columns stay as they are."""
    columns = zip(*rows, strict=True)
    kept = [_as_kept(table.c[name].type, dialect, column) for name, column in zip(names, columns, strict=True)]
    return zip(*kept, strict=True)


def _as_kept(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """Give the values of one column as the driver takes them."""
    if isinstance(kind, Words):
        if is_storable("".join([value for value in values if value is not None])):
            return values
        return [value if value is None else storable(value) for value in values]
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else [process(value) for value in values]
