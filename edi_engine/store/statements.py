"""The few statements of the store, made once for each shape of question and then only filled with values.

Making a statement costs more than running it, and a drain asks the same ones thousands of times.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from edi_engine.store.schema import LANE
from edi_engine.store.types import Exact

_UPSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
MEMBERS: Final = (tuple, list, set, frozenset)
"""What a condition on several values is given in."""


class Fit(Enum):
    """How a condition fits a column."""

    IS = "is"
    EMPTY = "empty"
    ANY = "any"
    ANY_OR_EMPTY = "any or empty"
    NEVER = "never"
    SPOKEN = "spoken"


Fits = tuple[tuple[str, Fit, int | tuple[str, ...]], ...]
"""Columns by name, how their conditions fit, and for how many members there are places, 0 where that is left open; or
the very words that it may be."""

_COUNTED: Final = 64
"""Members up to which a statement has a place for each: it need not be written anew each time."""


_WORD: Final = re.compile("[A-Z_]+")


@cache
def _spoken(table: Table) -> bool:
    """Say whether an index of a table holds only rows of one state.

    Such a state stands in a statement as the word that it is: of a value that is given later, SQLite would see only
    then whether that index helps, and make the whole statement anew each time.
    """
    return any("state = " in str(index.dialect_options["sqlite"]["where"]) for index in table.indexes)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions by field name, taken apart: their kinds, which make the statement, and their values, which fill it."""

    fits: Fits
    values: dict[str, object] = field(hash=False)


def take_apart(table: Table, equal: Mapping[str, object]) -> Conditions:
    """Read conditions as the port words them. Raises TypeError for an unknown field and for an amount."""
    fits: list[tuple[str, Fit, int | tuple[str, ...]]] = []
    values: dict[str, object] = {}
    for name, value in equal.items():
        if name not in table.c:
            message = f"{table.name} has no field {name}"
            raise TypeError(message)
        if value is not None and isinstance(table.c[name].type, Exact):
            message = f"{name} is an amount; the two databases compare those differently"
            raise TypeError(message)
        count: int | tuple[str, ...] = 0
        words = _words(value) if name == "state" and _spoken(table) else ()
        if words:
            fit, count = Fit.SPOKEN, words
        elif value is None:
            fit = Fit.EMPTY
        elif not isinstance(value, MEMBERS):
            fit = Fit.IS
            values[f"is_{name}"] = value
        else:
            members = [member for member in value if member is not None]
            has_empty = len(members) < len(value)
            if members:
                fit = Fit.ANY_OR_EMPTY if has_empty else Fit.ANY
                count = _places(len(members))
                filled = members + members[-1:] * (count - len(members))
                values |= (
                    {f"is_{name}_{at}": member for at, member in enumerate(filled)}
                    if count
                    else {f"is_{name}": members}
                )
            else:
                fit = Fit.EMPTY if has_empty else Fit.NEVER
        fits.append((name, fit, count))
    return Conditions(tuple(fits), values)


def _places(members: int) -> int:
    """Give for how many members a statement is made, 0 where that is left open.

    That is 1, 2, 4 and so on: a place that is over repeats the last member. One statement for each number would fill
    what SQLite keeps of them, and push out those that are asked all the time.
    """
    return 1 << (members - 1).bit_length() if members <= _COUNTED else 0


def _words(value: object) -> tuple[str, ...]:
    """Give the states that a value names, none where it is anything else."""
    members = value if isinstance(value, (tuple, list)) else (value,)
    words = tuple(member for member in members if isinstance(member, str) and _WORD.fullmatch(member))
    return words if len(words) == len(members) else ()


def _condition(table: Table, fits: Fits) -> ColumnElement[bool]:
    return and_(true(), *(_one(table, name, fit, count) for name, fit, count in fits))


def _one(table: Table, name: str, fit: Fit, count: int | tuple[str, ...]) -> ColumnElement[bool]:
    column = table.c[name]
    if isinstance(count, tuple):
        words: list[ColumnElement[Any]] = [literal_column(f"'{word}'") for word in count]
        return column.in_(words) if len(words) > 1 else column == words[0]
    if fit is Fit.NEVER:
        return false()
    if fit is Fit.EMPTY:
        return column.is_(None)
    if fit is Fit.IS:
        return column == bindparam(f"is_{name}", type_=column.type)
    if count:
        within = column.in_([bindparam(f"is_{name}_{at}", type_=column.type) for at in range(count)])
    else:
        within = column.in_(bindparam(f"is_{name}", type_=column.type, expanding=True))
    return or_(within, column.is_(None)) if fit is Fit.ANY_OR_EMPTY else within


@cache
def selecting(table: Table, fits: Fits, *, after: bool, limited: bool, descending: bool) -> Select[Any]:
    """Select whole rows in the order of their ids. Values: those of the conditions, `after` and `limit`."""
    statement = select(table).where(_condition(table, fits))
    if after:
        statement = statement.where(table.c.id > bindparam("after"))
    statement = statement.order_by(table.c.id.desc() if descending else table.c.id)
    return statement.limit(bindparam("limit")) if limited else statement


@cache
def counting(table: Table, fits: Fits) -> Select[int]:
    """Count rows."""
    return select(func.count()).select_from(table).where(_condition(table, fits))


@cache
def adding(dialect: str, table: Table, names: tuple[str, ...]) -> Executable:
    """Insert one row of the columns `names` and give its id; nothing if a unique identity exists already."""
    values = {name: bindparam(name, type_=table.c[name].type) for name in names}
    return upsert(dialect, table).values(values).on_conflict_do_nothing().returning(table.c.id)  # type: ignore[no-any-return]


@cache
def inserting(table: Table) -> Insert:
    """Insert rows by their column names, and give nothing back."""
    return insert(table).inline()


@cache
def changing(table: Table, names: tuple[str, ...]) -> Update:
    """Set the columns `names` of one row, if id, state and epoch (where it has them) are still as given.

    Values: `to_NAME` for each column, and `was_id`, `was_state`, `was_epoch`.
    """
    same = [table.c[name] == bindparam(f"was_{name}") for name in ("id", "state", "epoch") if name in table.c]
    new = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(*same).values(new)


@cache
def raising_fence(dialect: str) -> Executable:
    """Raise the fence of a lane, or begin it, and give it. Values: `lane`, `at`."""
    begun = upsert(dialect, LANE).values(name=bindparam("lane"), fence=1, seen=bindparam("at", type_=LANE.c.seen.type))
    raised = {"fence": LANE.c.fence + 1, "seen": begun.excluded.seen}
    return begun.on_conflict_do_update(index_elements=[LANE.c.name], set_=raised).returning(LANE.c.fence)  # type: ignore[no-any-return]


PROVING: Final = (
    update(LANE)
    .where((LANE.c.name == bindparam("lane")) & (LANE.c.fence == bindparam("mine")))
    .values(seen=bindparam("at", type_=LANE.c.seen.type))
)
"""Note a sign of life of a lane that still has this fence. Values: `lane`, `mine`, `at`."""


def upsert(dialect: str, table: Table) -> Any:  # noqa: ANN401 - both dialects' Insert, which share no class
    """Start an INSERT that can say ON CONFLICT, in the words of a database."""
    return _UPSERT[dialect](table)
