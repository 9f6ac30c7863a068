"""The records of one kind as rows of one table: `flow.ports.Rows` for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Executable, Table, Update
from sqlalchemy.exc import IntegrityError

from edi_engine.errors import Outrun, Taken
from edi_engine.flow import records
from edi_engine.orders.lifecycle import MOVES
from edi_engine.store import ready, schema, statements
from edi_engine.store.bulk import insert
from edi_engine.store.later import Ids, Later

if TYPE_CHECKING:
    from dataclasses import Field


class Kept(Protocol):
    """What all records share."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> int:
        """Give its number, 0 before it is stored."""
        ...


Record = TypeVar("Record", bound=Kept)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Record]):
    """How the records of one kind lie in their table. `moves` is None for what has no life of its own."""

    record: type[Record]
    table: Table
    names: tuple[str, ...]
    moves: Mapping[str, frozenset[str]] | None
    unique: frozenset[str]
    """Columns whose change may give a unique identity twice."""
    refers: frozenset[str]
    """Columns that point to rows which may still wait for the end of the commit."""
    new_names: tuple[str, ...]
    new_values: Callable[[Record], tuple[object, ...]]
    """The columns of a new row, all but the id, and what gives their values."""
    made: Callable[..., Record]
    """Makes a record of the values of all columns, in their order; the id is the last."""

    @property
    def has_epoch(self) -> bool:
        """Say whether records of this kind are changed by compare-and-set."""
        return "epoch" in self.names


_LATE: Final = (schema.BLOB, schema.SHIPMENT, schema.DOCUMENT)
"""Tables whose rows have their keys before they are written."""


def _shape(record: type[Record], table: Table, kind: str = "") -> Shape[Record]:
    indexes = [index for index in table.indexes if index.unique]
    unique = {column.name for index in indexes for column in index.columns}
    if any("state" in str(index.dialect_options["sqlite"]["where"]) for index in indexes):
        unique.add("state")
    names = tuple(field.name for field in fields(record))
    if names[-1] != "id":
        message = f"the id must be the last field of {record.__name__}"
        raise TypeError(message)
    refers = {name for name in names for key in table.c[name].foreign_keys if key.column.table in _LATE}
    new = tuple(name for name in names if name != "id")
    return Shape(
        record, table, names, MOVES.get(kind), frozenset(unique), frozenset(refers), new, attrgetter(*new), record
    )


FILES: Final = _shape(records.FileRecord, schema.FILE, "file")
INTERCHANGES: Final = _shape(records.InterchangeRecord, schema.INTERCHANGE, "interchange")
GROUPS: Final = _shape(records.GroupRecord, schema.GROUP, "group")
SETS: Final = _shape(records.SetRecord, schema.SET, "set")
ORDERS: Final = _shape(records.OrderRecord, schema.ORDER, "order")
LINES: Final = _shape(records.LineRecord, schema.LINE, "line")
SHIPMENTS: Final = _shape(records.ShipmentRecord, schema.SHIPMENT)
CARTONS: Final = _shape(records.CartonRecord, schema.CARTON)
DOCUMENTS: Final = _shape(records.DocumentRecord, schema.DOCUMENT, "document")
CASES: Final = _shape(records.CaseRecord, schema.CASE, "case")
TIMERS: Final = _shape(records.TimerRecord, schema.TIMER, "timer")
EVENTS: Final = _shape(records.EventRecord, schema.EVENT)
EDITIONS: Final = _shape(records.EditionRecord, schema.EDITION)
NUMBERS: Final = _shape(records.NumberRecord, schema.NUMBER_USE)


class Rows(Generic[Record]):
    """The rows of one kind in one commit, or in one view for reading."""

    __slots__ = ("_connection", "_flush_all", "_ids", "_later", "_shape", "_writable")

    def __init__(
        self,
        connection: Connection,
        shape: Shape[Record],
        *,
        writable: bool,
        flush_all: Callable[[], None] | None = None,
    ) -> None:
        """Work on `connection`, whose commit belongs to the caller. `flush_all` stores what waits of all kinds."""
        self._connection = connection
        self._shape = shape
        self._writable = writable
        self._flush_all = flush_all or self.flush
        self._later = Later()
        self._ids = Ids(connection, shape.table)

    def add(self, record: Record) -> Record:
        """Store a new record and give it back with its id. Raises Taken if a unique identity exists already."""
        self._must_be_writable()
        shape = self._shape
        known = self._known(record)
        values = dict(zip(shape.new_names, known, strict=True))
        refers = any(values[name] is not None for name in shape.refers)
        if self._later or refers:  # ids rise as things happen
            self._flush_all()
        names = shape.new_names
        if self._ids.reserved:
            names, values["id"] = shape.names, self._ids.next(None)
        statement = statements.adding(self._connection.dialect.name, shape.table, names)
        found = ready.rows(self._connection, statement, values)
        if not found:
            raise Taken(self._taken(values))
        return shape.made(*known, found[0][0])

    def _known(self, record: Record) -> tuple[object, ...]:
        """Give the values of a new record, all but its id."""
        shape = self._shape
        if record.id:
            message = f"{shape.table.name} {record.id} is stored already; change it instead"
            raise ValueError(message)
        if shape.moves is not None and record.state not in shape.moves:  # type: ignore[attr-defined]
            message = f"{shape.table.name} has no state {record.state}"  # type: ignore[attr-defined]
            raise ValueError(message)
        return shape.new_values(record)

    def add_all(self, records: Iterable[Record]) -> None:
        """Store new records whose ids nobody asks for, before this commit or the next question about their kind.

        Raises Taken, then or now, if a unique identity exists already: the commit is spoilt by that.
        """
        self._must_be_writable()
        if self._later.last_id is not None:
            self._flush_all()
        names, put = self._shape.new_names, self._later.put
        for record in records:
            put(names, self._known(record))

    def add_later(self, record: Record) -> Record:
        """Store a new record as `add_all` does, and give it back with the id that it will have."""
        self._must_be_writable()
        known = self._known(record)
        if self._later.without_ids:
            self._flush_all()
        identity = self._ids.next(self._later.last_id)
        values = (*known, identity)
        self._later.put(self._shape.names, values, identity)
        return self._shape.made(*values)

    def flush(self) -> None:
        """Store what waits for it, all at once. Raises Taken."""
        names, rows = self._later.take()
        if not rows:
            return
        try:
            insert(self._connection, self._shape.table, names, rows)
        except IntegrityError as error:
            if not _is_unique(error):
                raise
            message = f"{self._shape.table.name} exists already: {error.orig}"
            raise Taken(message) from error

    def get(self, id: int) -> Record:  # noqa: A002 - the port names it so
        """Give the record with this id. Raises KeyError."""
        found = self.one(id=id)
        if found is None:
            message = f"there is no {self._shape.table.name} {id}"
            raise KeyError(message)
        return found

    def one(self, **equal: object) -> Record | None:
        """Give the first record that fits, None if there is none."""
        return next(iter(self._select(equal, limit=1)), None)

    def select(
        self, *, limit: int | None = None, after: int = 0, descending: bool = False, **equal: object
    ) -> Sequence[Record]:
        """Give the records that fit, in the order of their ids, with ids above `after`, at most `limit`."""
        return self._select(equal, limit=limit, after=after, descending=descending)

    def _select(
        self, equal: Mapping[str, object], *, limit: int | None = None, after: int = 0, descending: bool = False
    ) -> tuple[Record, ...]:
        if self._later.may_fit(equal):
            self._flush_all()
        table = self._shape.table
        conditions = statements.take_apart(table, equal)
        statement = statements.selecting(
            table, conditions.fits, after=bool(after), limited=limit is not None, descending=descending
        )
        values = conditions.values
        if after:
            values["after"] = after
        if limit is not None:
            values["limit"] = limit
        return tuple([self._shape.record(*row) for row in ready.rows(self._connection, statement, values)])

    def count(self, **equal: object) -> int:
        """Count the records that fit."""
        if self._later.may_fit(equal):
            self._flush_all()
        conditions = statements.take_apart(self._shape.table, equal)
        statement = statements.counting(self._shape.table, conditions.fits)
        return int(ready.rows(self._connection, statement, conditions.values)[0][0])

    def change(self, record: Record, **changes: object) -> Record:
        """Compare-and-set: write `changes` if the row still has this record's id, state and epoch, and raise its epoch.

        Raises Outrun if the row has moved on, Taken if the change would give a unique identity twice, and ValueError
        for a move between states that `orders.lifecycle.MOVES` does not know: that is a bug of ours.
        """
        self._must_be_writable()
        changed, values = self._changed(record, changes)
        written = self._update(self._changing(changes), values, changes)
        if written != 1:
            message = f"{self._shape.table.name} {record.id} was changed by somebody else meanwhile"
            raise Outrun(message)
        return changed

    def change_all(self, changes: Sequence[tuple[Record, Mapping[str, object]]]) -> tuple[Record, ...]:
        """Change many records as `change` does, each in its own way but all in the same fields, in one go.

        Raises Outrun if one of them has moved on.
        """
        self._must_be_writable()
        if not changes:
            return ()
        first = changes[0][1]
        if len(changes) == 1 or not self._shape.unique.isdisjoint(first):
            return tuple(self.change(record, **new) for record, new in changes)
        made = [self._changed(record, new) for record, new in changes]
        written = ready.run_all(self._connection, self._changing(first), [values for _, values in made])
        if written != len(made):
            message = f"one of {len(made)} {self._shape.table.name} was changed by somebody else meanwhile"
            raise Outrun(message)
        return tuple(changed for changed, _ in made)

    def _changed(self, record: Record, changes: Mapping[str, object]) -> tuple[Record, dict[str, object]]:
        """Give the record as it will be, and the values that make its row so."""
        if not changes.keys().isdisjoint({"id", "epoch"}):
            message = "id and epoch are the store's own"
            raise ValueError(message)
        if self._later.has(record.id) or not self._shape.refers.isdisjoint(changes):
            self._flush_all()
        self._must_be_a_move(record, changes)
        values: dict[str, object] = {"was_id": record.id}
        new = dict(changes)
        if self._shape.has_epoch:
            new["epoch"] = record.epoch + 1  # type: ignore[attr-defined]
            values |= {"was_state": record.state, "was_epoch": record.epoch}  # type: ignore[attr-defined]
        values |= {f"to_{name}": value for name, value in new.items()}
        return replace(record, **new), values

    def _changing(self, changes: Mapping[str, object]) -> Update:
        own = ("epoch",) if self._shape.has_epoch else ()
        return statements.changing(self._shape.table, tuple(sorted((*changes, *own))))

    def _update(self, statement: Executable, values: Mapping[str, object], changes: Mapping[str, object]) -> int:
        """Give how many rows were written. Where a unique identity is touched, a refusal must not spoil the commit."""
        if self._shape.unique.isdisjoint(changes):
            return ready.run(self._connection, statement, values)
        try:
            if self._connection.dialect.name == "sqlite":  # there a refused statement undoes itself and no more
                return ready.run(self._connection, statement, values)
            with self._connection.begin_nested():
                return ready.run(self._connection, statement, values)
        except IntegrityError as error:
            if not _is_unique(error):
                raise
            raise Taken(self._taken(changes)) from error

    def _must_be_writable(self) -> None:
        if not self._writable:
            message = "this is a view for reading; open a unit to write"
            raise RuntimeError(message)

    def _must_be_a_move(self, record: Record, changes: Mapping[str, object]) -> None:
        moves = self._shape.moves
        target = changes.get("state")
        if moves is None or target is None:
            return
        state: str = record.state  # type: ignore[attr-defined]
        if target != state and target not in moves.get(state, ()):
            message = f"{self._shape.table.name} {record.id} cannot go from {state} to {target}"
            raise ValueError(message)

    def _taken(self, values: Mapping[str, object]) -> str:
        known = {name: value for name, value in values.items() if name in self._shape.unique and value is not None}
        return f"{self._shape.table.name} exists already: " + ", ".join(f"{k} {v}" for k, v in known.items())


def _is_unique(error: IntegrityError) -> bool:
    """Say whether `error` is a unique identity given twice, and not a missing parent or an empty column."""
    if (state := getattr(error.orig, "sqlstate", None)) is not None:
        return bool(state == "23505")
    return "UNIQUE" in str(error.orig)
