"""Statements made ready once and then given straight to the driver: their SQL as text, values in, rows out.

SQLAlchemy writes each statement and knows how values go in and come out. Only its way of running one is left out, which
costs several times what SQLite takes to answer. All of it happens in the transaction that SQLAlchemy has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Statement = Any
"""A Select, Insert, Update or text of SQLAlchemy, or of one of its dialects: they share no class that says enough."""
Values = Mapping[str, object]
Row = Sequence[Any]
_Turn = Callable[[Any], Any]

_READY: Final[dict[tuple[str, Statement, tuple[str, ...]], Ready]] = {}


@dataclass(slots=True)
class Ready:
    """A statement in the words of one database.

    `bound` are the values that it wants and how each is turned into the driver's; `fixed` those that stand in it.
    `open` is a question whose words hang on its values, so that SQLAlchemy has to ask it. `read` says how columns of
    its rows are turned into ours, None until there was a row.
    """

    sql: str
    bound: tuple[tuple[str, _Turn | None], ...]
    fixed: dict[str, object]
    by_name: bool
    open: bool
    types: tuple[TypeEngine[Any], ...]
    read: tuple[tuple[int, _Turn], ...] | None = None

    def fill(self, values: Values) -> Any:  # noqa: ANN401 - what the driver wants: a list, or values by name
        """Give the values as the driver takes them."""
        given = {**self.fixed, **values} if self.fixed else values
        if self.by_name:
            return {name: given[name] if turn is None else turn(given[name]) for name, turn in self.bound}
        return [given[name] if turn is None else turn(given[name]) for name, turn in self.bound]


def rows(connection: Connection, statement: Statement, values: Values) -> Sequence[Row]:
    """Give all rows that a statement answers with. It must be one that is kept, as those of `statements` are.

    Raises DBAPIError, as SQLAlchemy does.
    """
    prepared = _ready(connection.dialect, statement, ())
    if prepared.open:
        return connection.execute(statement, values).all()
    driver = driver_of(connection)
    try:
        cursor = driver.execute(prepared.sql, prepared.fill(values))
        found: list[Row] = cursor.fetchall()
    except dbapi_error(connection) as error:
        raise said(connection, error, prepared.sql) from error
    if not found:
        return found
    if prepared.read is None:
        prepared.read = tuple(_readers(connection.dialect, prepared.types, cursor.description))
    return [_turned(row, prepared.read) for row in found] if prepared.read else found


def run(connection: Connection, statement: Statement, values: Values) -> int:
    """Run a statement that answers with no rows; gives how many rows it changed. Raises DBAPIError."""
    prepared = _ready(connection.dialect, statement, ())
    driver = driver_of(connection)
    try:
        return int(driver.execute(prepared.sql, prepared.fill(values)).rowcount)
    except dbapi_error(connection) as error:
        raise said(connection, error, prepared.sql) from error


def run_text(connection: Connection, sql: str, values: Values) -> int:
    """Run a statement in the driver's own words, as `run` does."""
    driver = driver_of(connection)
    try:
        return int(driver.execute(sql, values).rowcount)
    except dbapi_error(connection) as error:
        raise said(connection, error, sql) from error


def run_all(connection: Connection, statement: Statement, many: Sequence[Values]) -> int:
    """Run a statement once for each of `many`, which name the same values; gives how many rows changed in all.

    The first of them names the columns of an INSERT that does not say them. Raises DBAPIError.

    psycopg sends many in one pipeline. Behind some of those, PostgreSQL was seen not to end a session that is idle in
    its transaction, so that a frozen host would hold its rows for ever; behind a plain statement it always does.
    """
    prepared = _ready(connection.dialect, statement, tuple(many[0]) if isinstance(statement, Insert) else ())
    driver = driver_of(connection)
    cursor = driver.cursor()
    try:
        if len(many) == 1:
            return int(cursor.execute(prepared.sql, prepared.fill(many[0])).rowcount)
        cursor.executemany(prepared.sql, [prepared.fill(values) for values in many])
        changed = int(cursor.rowcount)
        if connection.dialect.name == "postgresql":
            driver.execute("SELECT 1")
        return changed
    except dbapi_error(connection) as error:
        raise said(connection, error, prepared.sql) from error
    finally:
        cursor.close()


def run_laid_out(connection: Connection, statement: Insert, names: tuple[str, ...], many: Iterable[Row]) -> None:
    """Insert rows whose values, in the order of `names`, are the driver's already. For SQLite. Raises DBAPIError."""
    prepared = _ready(connection.dialect, statement, names)
    if tuple(name for name, _ in prepared.bound) != names:
        message = f"the statement wants its values in another order than {names}"
        raise ValueError(message)
    try:
        driver_of(connection).executemany(prepared.sql, many)
    except dbapi_error(connection) as error:
        raise said(connection, error, prepared.sql) from error


def driver_of(connection: Connection) -> Any:  # noqa: ANN401 - a driver's connection
    """Give the driver's own connection."""
    return connection.connection.driver_connection


def dbapi_error(connection: Connection) -> type[Exception]:
    """Give the class of all errors of the driver."""
    return connection.dialect.loaded_dbapi.Error


def said(connection: Connection, error: Any, sql: str) -> Exception:  # noqa: ANN401 - a driver's error
    """Give what the driver says of the world as SQLAlchemy says it. A connection that is gone is not used again."""
    gone = connection.dialect.is_disconnect(error, driver_of(connection), None)
    told: Exception = DBAPIError.instance(
        sql, None, error, dbapi_error(connection), connection_invalidated=gone, dialect=connection.dialect
    )
    if gone:
        connection.invalidate(error)  # what took this one may have taken idle ones: the pool asks each before its use
    return told


def _ready(dialect: Dialect, statement: Statement, names: tuple[str, ...]) -> Ready:
    key = dialect.name, statement, names
    found = _READY.get(key)
    if found is None:
        found = _READY[key] = _made(dialect, statement, names)
    return found


def _made(dialect: Dialect, statement: Statement, names: tuple[str, ...]) -> Ready:
    compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
    turns = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return Ready(
        sql=str(compiled),
        bound=tuple((name, turns[name]) for name in compiled.positiontup or compiled.binds),
        fixed={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
        by_name=not dialect.positional,
        open=bool(compiled.post_compile_params),
        types=tuple(column.type for column in getattr(statement, "exported_columns", ())),
    )


def _readers(dialect: Dialect, types: Sequence[TypeEngine[Any]], description: Any) -> Iterator[tuple[int, _Turn]]:  # noqa: ANN401 - a driver's
    for at, (kind, column) in enumerate(zip(types, description, strict=False)):  # a text knows no types
        turn = kind.dialect_impl(dialect).result_processor(dialect, column[1])
        if turn is not None:
            yield at, turn


def _turned(row: Row, turns: Sequence[tuple[int, _Turn]]) -> Row:
    made = list(row)
    for at, turn in turns:
        if made[at] is not None:
            made[at] = turn(made[at])
    return made
