"""Control numbers: one row per scope, raised in the commit of the document that carries the number.

The first number of a scope that a commit takes locks the scope's row; those that follow are counted on in memory. What
was given out, and to which document, is written at the end of the commit, all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import Connection, Executable, Update, and_, bindparam, case, func, select, update

from edi_engine.flow.records import NumberRecord
from edi_engine.store import ready
from edi_engine.store.restored import HIGHEST, floor_unless_restored
from edi_engine.store.rows import NUMBERS, Rows
from edi_engine.store.schema import NUMBER_SCOPE, NUMBER_USE
from edi_engine.store.statements import upsert

WINDOW: Final = timedelta(days=365)
"""For how long a partner may remember a number: within it, none that came round is given out again."""


@dataclass(slots=True)
class _Taken:
    """What a commit has taken of one scope: where the scope stands, and what of that its row does not say yet."""

    number: int
    cycle: int
    behind: bool = False


class Numbers:
    """The numbers that one commit gives out. A rolled-back commit gives none, so there are no gaps.

    Nothing is given out while the store is one that was taken back from a copy: `take` raises StoreUnusable. `flush`
    must be called before the commit.
    """

    __slots__ = ("_connection", "_first", "_flush_all", "_now", "_rows", "_taken", "_unwritten", "_writable")

    def __init__(
        self, connection: Connection, now: Callable[[], datetime], flush_all: Callable[[], None], *, writable: bool
    ) -> None:
        """Work on `connection`, whose commit belongs to the caller. `flush_all` writes what waits of all kinds."""
        self._connection = connection
        self._flush_all = flush_all
        self._now = now
        self._writable = writable
        self._first: int | None = None
        self._rows = Rows(connection, NUMBERS, writable=writable)
        self._taken: dict[str, _Taken] = {}
        self._unwritten: dict[tuple[str, int], NumberRecord] = {}

    def take(self, scope: str) -> int:
        """Give the next number of `scope`. Others who want one of this scope wait until this commit is over."""
        self._must_be_writable()
        if self._first is None:
            self._first = floor_unless_restored(self._connection) + 1
        number, cycle = self._next(scope, self._first)
        while cycle and self._used_lately(scope, number, cycle):
            self._note(NumberRecord(scope, number, self._now(), cycle, void_reason="used less than a year ago"))
            number, cycle = self._next(scope, self._first)
        self._note(NumberRecord(scope, number, self._now(), cycle))
        return number

    def _next(self, scope: str, first: int) -> tuple[int, int]:
        taken = self._taken.get(scope)
        if taken is None:
            values = {"scope": scope, "first": first}
            ((number, cycle),) = ready.rows(self._connection, _raising(self._connection.dialect.name), values)
            self._taken[scope] = taken = _Taken(int(number), int(cycle))
        elif taken.number >= HIGHEST:
            taken.number, taken.cycle, taken.behind = 1, taken.cycle + 1, True
        else:
            taken.number, taken.behind = taken.number + 1, True
        return taken.number, taken.cycle

    def _note(self, record: NumberRecord) -> None:
        if (record.scope, record.number) in self._unwritten:  # a whole cycle within one commit
            self._flush_all()
        self._unwritten[record.scope, record.number] = record

    def flush(self) -> None:
        """Write down what was given out since the last time, and to which documents: those are written before."""
        behind = {scope: taken for scope, taken in self._taken.items() if taken.behind}
        if behind:
            rows = [{"of": scope, "to": taken.number, "in": taken.cycle} for scope, taken in behind.items()]
            ready.run_all(self._connection, _COUNTED, rows)
            for taken in behind.values():
                taken.behind = False
        if self._unwritten:
            records = tuple(self._unwritten.values())
            self._unwritten.clear()
            self._rows.add_all(records)
            self._rows.flush()

    def _used_lately(self, scope: str, number: int, cycle: int) -> bool:
        """Say whether an earlier cycle gave out this number within the window."""
        self._flush_all()
        earlier = and_(NUMBER_USE.c.scope == scope, NUMBER_USE.c.number == number, NUMBER_USE.c.cycle < cycle)
        last = self._connection.execute(select(func.max(NUMBER_USE.c.at)).where(earlier)).scalar()
        return last is not None and self._now() - last < WINDOW

    def used(self, scope: str) -> Sequence[NumberRecord]:
        """Give all numbers of `scope` given out so far, in the order of their giving."""
        self._flush_all()
        return self._rows.select(scope=scope)

    def link(self, scope: str, number: int, document_id: int) -> None:
        """Say which document carries `number` (of the scope's newest cycle).

        Raises ValueError if the number was never given out or belongs to another document: a bug of ours.
        """
        self._must_be_writable()
        fresh = self._unwritten.get((scope, number))
        if fresh is None:
            self._flush_all()
            values = {"of": scope, "no": number, "document": document_id}
            linked = ready.run(self._connection, _LINKED, values) == 1
        else:
            linked = fresh.void_reason is None and fresh.document_id in {None, document_id}
            if linked:
                self._unwritten[scope, number] = replace(fresh, document_id=document_id)
        if not linked:
            message = f"number {number} of {scope} was never given out, or another document carries it"
            raise ValueError(message)

    def _must_be_writable(self) -> None:
        if not self._writable:
            message = "this is a view for reading; open a unit to write"
            raise RuntimeError(message)


@cache
def _raising(dialect: str) -> Executable:
    """Raise a scope by one, or begin it, and give where it stands. Values: `scope` and, where it begins, `first`."""
    at_the_end = NUMBER_SCOPE.c.number >= HIGHEST
    raised = {
        "number": case((at_the_end, 1), else_=NUMBER_SCOPE.c.number + 1),
        "cycle": case((at_the_end, NUMBER_SCOPE.c.cycle + 1), else_=NUMBER_SCOPE.c.cycle),
    }
    return (  # type: ignore[no-any-return]
        upsert(dialect, NUMBER_SCOPE)
        .values(scope=bindparam("scope"), number=bindparam("first"), cycle=0)
        .on_conflict_do_update(index_elements=[NUMBER_SCOPE.c.scope], set_=raised)
        .returning(NUMBER_SCOPE.c.number, NUMBER_SCOPE.c.cycle)
    )


_COUNTED: Final = (
    update(NUMBER_SCOPE)
    .where(NUMBER_SCOPE.c.scope == bindparam("of"))
    .values(number=bindparam("to"), cycle=bindparam("in"))
)
"""Write where a scope stands that this commit holds."""


def _linking() -> Update:
    this = and_(NUMBER_USE.c.scope == bindparam("of"), NUMBER_USE.c.number == bindparam("no"))
    newest = select(func.max(NUMBER_USE.c.cycle)).where(this).scalar_subquery()
    document = bindparam("document", type_=NUMBER_USE.c.document_id.type)
    free = (NUMBER_USE.c.document_id.is_(None) & NUMBER_USE.c.void_reason.is_(None)) | (
        NUMBER_USE.c.document_id == document
    )
    return update(NUMBER_USE).where(this, NUMBER_USE.c.cycle == newest, free).values(document_id=document)


_LINKED: Final = _linking()
