"""Records that wait for the end of their commit, so that many are written at once, and the ids that they get before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from sqlalchemy import Connection, Select, Table, func, select, text

from edi_engine.store import ready
from edi_engine.store.statements import MEMBERS
from edi_engine.store.types import is_storable, storable

_FEW_IDS: Final = 4
_MOST_IDS: Final = 64
Names = tuple[str, ...]


class Later:
    """The rows of one table that wait, in their order. All that wait at one time have the same columns."""

    __slots__ = ("_names", "_rows", "last_id", "without_ids")

    def __init__(self) -> None:
        """Begin with none."""
        self._names: Names = ()
        self._rows: list[tuple[object, ...]] = []
        self.last_id: int | None = None
        self.without_ids = False

    def __bool__(self) -> bool:
        """Say whether anything waits."""
        return bool(self._rows)

    def put(self, names: Names, row: tuple[object, ...], identity: int | None = None) -> None:
        """Let a row wait: its columns, their values, and its id, the last of them, if it has one already."""
        self._names = names
        self._rows.append(row)
        self.last_id = identity
        self.without_ids = identity is None

    def take(self) -> tuple[Names, list[tuple[object, ...]]]:
        """Give the columns and rows of what waits; nothing does any more."""
        rows, self._rows, self.last_id, self.without_ids = self._rows, [], None, False
        return self._names, rows

    def has(self, identity: int) -> bool:
        """Say whether the row with this id waits."""
        return self.last_id is not None and any(row[-1] == identity for row in self._rows)

    def may_fit(self, equal: Mapping[str, object]) -> bool:
        """Say whether something that waits may be what is asked for."""
        if not self._rows:
            return False
        places = {name: at for at, name in enumerate(self._names)}
        wanted = [(places.get(name), _members(value)) for name, value in equal.items()]
        for row in self._rows:
            for at, members in wanted:
                if not _is_one_of(None if at is None else row[at], members):
                    break
            else:
                return True
        return False


def _members(value: object) -> frozenset[object]:
    """Give what a condition asks for, text also as both databases hold it."""
    members = value if isinstance(value, MEMBERS) else (value,)
    return frozenset(members) | {storable(member) for member in members if isinstance(member, str)}


def _is_one_of(field: object, members: frozenset[object]) -> bool:
    if field in members:
        return True
    return isinstance(field, str) and not is_storable(field) and storable(field) in members


_RESERVED: Final = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


@cache
def _highest(table: Table) -> Select[int]:
    return select(func.max(table.c.id))


class Ids:
    """The ids that records of one kind get before they are written."""

    __slots__ = ("_connection", "_count", "_reserved", "_table")

    def __init__(self, connection: Connection, table: Table) -> None:
        """Give ids of `table` in the commit of `connection`."""
        self._connection = connection
        self._table = table
        self._reserved: list[int] = []
        self._count = _FEW_IDS

    @property
    def reserved(self) -> bool:
        """Say whether some are reserved that come before those that the database would give."""
        return bool(self._reserved)

    def next(self, last: int | None) -> int:
        """Give the next id; `last` is the one that waits already, None where nothing does.

        SQLite has one writer, so the highest id stands still. PostgreSQL gives some of its sequence: few at first, as a
        commit of one thing needs no more, and then many at once.
        """
        if self._connection.dialect.name == "sqlite":
            highest = last if last is not None else ready.rows(self._connection, _highest(self._table), {})[0][0]
            return int(highest or 0) + 1
        if not self._reserved:
            wanted = {"table": self._table.name, "count": self._count}
            self._reserved = [number for (number,) in reversed(ready.rows(self._connection, _RESERVED, wanted))]
            self._count = _MOST_IDS
        return self._reserved.pop()
