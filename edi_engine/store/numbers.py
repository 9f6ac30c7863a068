"""Control numbers: one row per scope, raised in the commit of the document that carries the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, case, func, select, update

from edi_engine.flow.records import NumberRecord
from edi_engine.store.restored import HIGHEST, floor, must_not_be_restored
from edi_engine.store.rows import NUMBERS, Rows
from edi_engine.store.schema import NUMBER_SCOPE, NUMBER_USE
from edi_engine.store.statements import upsert

WINDOW: Final = timedelta(days=365)
"""For how long a partner may remember a number: within it, none that came round is given out again."""


class Numbers:
    """The numbers that one commit gives out. A rolled-back commit gives none, so there are no gaps.

    Nothing is given out while the store is one that was taken back from a copy: `take` raises StoreUnusable.
    """

    __slots__ = ("_connection", "_first", "_now", "_rows", "_writable")

    def __init__(self, connection: Connection, now: Callable[[], datetime], *, writable: bool) -> None:
        """Work on `connection`, whose commit belongs to the caller."""
        self._connection = connection
        self._now = now
        self._writable = writable
        self._first: int | None = None
        self._rows = Rows(connection, NUMBERS, writable=writable)

    def take(self, scope: str) -> int:
        """Give the next number of `scope`. Others who want one of this scope wait until this commit is over."""
        self._must_be_writable()
        if self._first is None:
            must_not_be_restored(self._connection)
            self._first = floor(self._connection) + 1
        number, cycle = self._next(scope, self._first)
        while cycle and self._used_lately(scope, number, cycle):
            self._rows.add(NumberRecord(scope, number, self._now(), cycle, void_reason="used less than a year ago"))
            number, cycle = self._next(scope, self._first)
        self._rows.add(NumberRecord(scope, number, self._now(), cycle))
        return number

    def _next(self, scope: str, first: int) -> tuple[int, int]:
        at_the_end = NUMBER_SCOPE.c.number >= HIGHEST
        raised = {
            "number": case((at_the_end, 1), else_=NUMBER_SCOPE.c.number + 1),
            "cycle": case((at_the_end, NUMBER_SCOPE.c.cycle + 1), else_=NUMBER_SCOPE.c.cycle),
        }
        statement = (
            upsert(self._connection.dialect.name, NUMBER_SCOPE)
            .values(scope=scope, number=first, cycle=0)
            .on_conflict_do_update(index_elements=[NUMBER_SCOPE.c.scope], set_=raised)
            .returning(NUMBER_SCOPE.c.number, NUMBER_SCOPE.c.cycle)
        )
        number, cycle = self._connection.execute(statement).one()
        return int(number), int(cycle)

    def _used_lately(self, scope: str, number: int, cycle: int) -> bool:
        """Say whether an earlier cycle gave out this number within the window."""
        earlier = and_(NUMBER_USE.c.scope == scope, NUMBER_USE.c.number == number, NUMBER_USE.c.cycle < cycle)
        last = self._connection.execute(select(func.max(NUMBER_USE.c.at)).where(earlier)).scalar()
        return last is not None and self._now() - last < WINDOW

    def used(self, scope: str) -> Sequence[NumberRecord]:
        """Give all numbers of `scope` given out so far, in the order of their giving."""
        return self._rows.select(scope=scope)

    def link(self, scope: str, number: int, document_id: int) -> None:
        """Say which document carries `number` (of the scope's newest cycle).

        Raises ValueError if the number was never given out or belongs to another document: a bug of ours.
        """
        self._must_be_writable()
        this = and_(NUMBER_USE.c.scope == scope, NUMBER_USE.c.number == number)
        newest = select(func.max(NUMBER_USE.c.cycle)).where(this).scalar_subquery()
        free = (NUMBER_USE.c.document_id.is_(None) & NUMBER_USE.c.void_reason.is_(None)) | (
            NUMBER_USE.c.document_id == document_id
        )
        statement = update(NUMBER_USE).where(this, NUMBER_USE.c.cycle == newest, free).values(document_id=document_id)
        if self._connection.execute(statement).rowcount != 1:
            message = f"number {number} of {scope} was never given out, or another document carries it"
            raise ValueError(message)

    def _must_be_writable(self) -> None:
        if not self._writable:
            message = "this is a view for reading; open a unit to write"
            raise RuntimeError(message)
