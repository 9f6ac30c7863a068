"""A store that was taken back from a copy, and the numbers that it may have given out since.

A copy that we make says so in its own header (SQLite's user_version). For any other copy, `app` keeps the number of the
last event in a file beside the store, and marks the store where that went back. Either way no number is given out until
a person raises all of them: a partner would take a new document under a used number for an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, select, text

from edi_engine.flow.records import NumberRecord
from edi_engine.store import ready
from edi_engine.store.faults import StoreUnusable
from edi_engine.store.rows import NUMBERS, Rows
from edi_engine.store.schema import EVENT, MARK, NUMBER_SCOPE
from edi_engine.store.statements import upsert

COPY: Final = 1
"""The user_version of a copy."""
_BACK: Final = "the store was taken back from a copy"
RESTORED: Final = "restored"
"""The mark of a store that went back; its value says how that was seen."""
FLOOR: Final = "floor"
"""The mark under which no new sequence begins: the restored store may have forgotten one. All bumps add up in it."""

NEW: Final = "it is new"
"""How the reason begins where nothing is in the store: another one stood here, and was removed."""

HIGHEST: Final = 999_999_999
"""Nine digits hold no more (ISA13, GS06, ST02). After it comes 1, in a new cycle."""


def why_restored(connection: Connection) -> str | None:
    """Say how it is seen that the store was taken back from a copy; None where it was not."""
    return _why(connection, _marks(connection).get(RESTORED))


def _why(connection: Connection, marked: str | None) -> str | None:
    if marked is None and connection.dialect.name == "sqlite":
        copied = ready.rows(connection, _COPIED, {})[0][0]
        return "it is a copy that was made by `edi db backup`, or before an upgrade" if copied == COPY else None
    return marked


def must_not_be_restored(connection: Connection) -> None:
    """Raise StoreUnusable where numbers may be given out that were given out already."""
    _must_not_be(why_restored(connection))


def floor_unless_restored(connection: Connection) -> int:
    """Give what `floor` gives, and raise what `must_not_be_restored` raises, in one question."""
    marks = _marks(connection)
    _must_not_be(_why(connection, marks.get(RESTORED)))
    return int(marks.get(FLOOR) or 0)


def _must_not_be(why: str | None) -> None:
    if why is not None:
        message = f"{told(why)}, so control numbers that were given out are not in it. {remedy(why)}"
        raise StoreUnusable(message, code="system.store.restored")


def told(why: str) -> str:
    """Say what happened to the store."""
    return f"the store is not the one that was here last ({why})" if why.startswith(NEW) else f"{_BACK} ({why})"


def remedy(why: str) -> str:
    """Say what a person has to do."""
    if why.startswith(NEW):
        return (
            "`edi db bump --by N` with an N above all numbers that partners got from here, or `--archive DIR` with "
            "copies of what was sent; where no partner got any, `edi db bump --by 0`"
        )
    return "`edi db bump` raises all control numbers"


def floor(connection: Connection) -> int:
    """Give the number behind which a new sequence begins."""
    return int(_marks(connection).get(FLOOR) or 0)


def _marks(connection: Connection) -> dict[str, str]:
    """Give all marks; there are never more than a few."""
    return {str(row[0]): str(row[1]) for row in ready.rows(connection, _MARKS, {})}


_MARKS: Final = select(MARK.c.name, MARK.c.value)
_COPIED: Final = text("PRAGMA user_version")


def set_mark(connection: Connection, name: str, value: str) -> None:
    """Write a mark, over an earlier one."""
    statement = upsert(connection.dialect.name, MARK).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=[MARK.c.name], set_={"value": value}))


def raise_numbers(
    connection: Connection, by: int, highest: Mapping[str, int], record: NumberRecord, *, seen_floor: int = 0
) -> int:
    """Raise every sequence by `by`, and at least to `highest`; forget that the store was restored. Gives how many.

    `seen_floor` is the floor that was seen here last. A copy from before a bump lacks it, and what was given out since:
    every sequence is raised by that, too.
    Each gap gets a row that says why: a copy of `record` with the scope, the number and how many were skipped.
    """
    before = floor(connection)
    by += max(0, seen_floor - before)
    rows = Rows(connection, NUMBERS, writable=True)
    known = {
        scope: (number, cycle)
        for scope, number, cycle in connection.execute(
            select(NUMBER_SCOPE.c.scope, NUMBER_SCOPE.c.number, NUMBER_SCOPE.c.cycle)
        )
    }
    raised = 0
    for scope in sorted(known.keys() | highest.keys()):
        was, cycle = known.get(scope, (before, 0))
        number = min(max(was + by, highest.get(scope, 0)), HIGHEST)
        if number <= was:
            continue
        statement = upsert(connection.dialect.name, NUMBER_SCOPE).values(scope=scope, number=number, cycle=cycle)
        connection.execute(
            statement.on_conflict_do_update(index_elements=[NUMBER_SCOPE.c.scope], set_={"number": number})
        )
        skipped = number - was - 1 if scope in known else 0
        rows.add(NumberRecord(scope, number, record.at, cycle, void_reason=record.void_reason, skipped=skipped))
        raised += 1
    set_mark(connection, FLOOR, str(before + by))
    connection.execute(delete(MARK).where(MARK.c.name == RESTORED))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA user_version = 0")
    return raised


def last_event(connection: Connection) -> int:
    """Give the number of the last event, 0 where nothing ever happened."""
    return int(connection.execute(select(func.max(EVENT.c.id))).scalar() or 0)
