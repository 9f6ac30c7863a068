"""One commit, and who may make it: the ledger that `flow` and `desk` see, over an opened store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from edi_engine.errors import Fenced
from edi_engine.flow import ports, records
from edi_engine.store import ready, rows
from edi_engine.store.blobs import Blobs
from edi_engine.store.crash import crashpoint
from edi_engine.store.faults import UNKEPT, StoreBusy, StoreUnusable, told_plainly
from edi_engine.store.migrate import bring_up
from edi_engine.store.numbers import Numbers
from edi_engine.store.place import Place, find
from edi_engine.store.restored import (
    RESTORED,
    floor,
    last_event,
    must_not_be_restored,
    raise_numbers,
    set_mark,
    why_restored,
)
from edi_engine.store.schema import LANE
from edi_engine.store.statements import PROVING, raising_fence
from edi_engine.store.timers import Timers

Now = Callable[[], datetime]


@dataclass(slots=True)
class Unit:
    """All kinds of records over one connection."""

    files: ports.Rows[records.FileRecord]
    interchanges: ports.Rows[records.InterchangeRecord]
    groups: ports.Rows[records.GroupRecord]
    sets: ports.Rows[records.SetRecord]
    orders: ports.Rows[records.OrderRecord]
    lines: ports.Rows[records.LineRecord]
    shipments: ports.Rows[records.ShipmentRecord]
    cartons: ports.Rows[records.CartonRecord]
    documents: ports.Rows[records.DocumentRecord]
    cases: ports.Rows[records.CaseRecord]
    timers: ports.Timers
    events: ports.Rows[records.EventRecord]
    editions: ports.Rows[records.EditionRecord]
    blobs: ports.Blobs
    numbers: ports.Numbers
    flush: Callable[[], None]
    """Write what was left to the end of the commit."""


def _unit(connection: Connection, now: Now, *, writable: bool) -> Unit:
    kinds: list[rows.Rows[Any]] = []
    blobs = Blobs(connection, writable=writable)

    def flush() -> None:  # what others refer to comes first
        blobs.flush()
        shipments.flush()
        documents.flush()
        for kind in kinds:
            kind.flush()
        numbers.flush()

    def over(shape: rows.Shape[rows.Record]) -> rows.Rows[rows.Record]:
        made = rows.Rows(connection, shape, writable=writable, flush_all=flush)
        kinds.append(made)
        return made

    numbers = Numbers(connection, now, flush, writable=writable)
    timers = Timers(connection, rows.TIMERS, writable=writable, flush_all=flush)
    kinds.append(timers)
    shipments, documents = over(rows.SHIPMENTS), over(rows.DOCUMENTS)
    return Unit(
        files=over(rows.FILES),
        interchanges=over(rows.INTERCHANGES),
        groups=over(rows.GROUPS),
        sets=over(rows.SETS),
        orders=over(rows.ORDERS),
        lines=over(rows.LINES),
        shipments=shipments,
        cartons=over(rows.CARTONS),
        documents=documents,
        cases=over(rows.CASES),
        timers=timers,
        events=over(rows.EVENTS),
        editions=over(rows.EDITIONS),
        blobs=blobs,
        numbers=numbers,
        flush=flush,
    )


class Store:
    """An opened store. It may be used by many threads; each has at most one unit open at a time."""

    def __init__(self, place: Place, now: Now) -> None:
        """Use `place`, whose tables are there, and take the time of numbers and lanes from `now`."""
        self.place = place
        self._now = now
        self._thread = threading.local()
        self._unkept: StoreUnusable | None = None

    def ledger(self, lane: str | None = None) -> StoreLedger:
        """Give the ledger for one-file commands; or, with a lane, raise its fence and give the ledger of its drain."""
        return StoreLedger(self, None) if lane is None else self.fenced(lane, self.raise_fence(lane))

    def fenced(self, lane: str, fence: int) -> StoreLedger:
        """Give a ledger whose every commit first proves that `lane` still has this fence. Its units raise Fenced."""
        return StoreLedger(self, (lane, fence))

    def raise_fence(self, lane: str) -> int:
        """Take over `lane`: from now on, all units under its earlier fences fail. Gives the new fence."""
        with self._writing("fence") as connection:
            statement = raising_fence(connection.dialect.name)
            return int(connection.execute(statement, {"lane": lane, "at": self._now()}).scalar_one())

    def lanes(self) -> tuple[tuple[str, int, datetime], ...]:
        """Give the name, fence and last sign of life of each lane."""
        with self._reading() as connection:
            found = connection.execute(select(LANE.c.name, LANE.c.fence, LANE.c.seen).order_by(LANE.c.name))
            return tuple((name, fence, seen) for name, fence, seen in found)

    def restored(self) -> str | None:
        """Say how it is seen that the store was taken back from a copy and waits for `bump`; None where it was not."""
        with self._reading() as connection:
            return why_restored(connection)

    def must_not_be_restored(self) -> None:
        """Raise StoreUnusable where the store waits for `bump`."""
        with self._reading() as connection:
            must_not_be_restored(connection)

    def last_event(self) -> int:
        """Give the number of the last event. It only rises, unless the store is taken back from a copy."""
        with self._reading() as connection:
            return last_event(connection)

    def mark_restored(self, why: str) -> None:
        """Note that the store was taken back from a copy: no number is given out any more."""
        with self._writing("restored") as connection:
            set_mark(connection, RESTORED, why)

    def floor(self) -> int:
        """Give the number behind which new sequences begin."""
        with self._reading() as connection:
            return floor(connection)

    def bump(self, by: int, highest: Mapping[str, int], reason: str, *, seen_floor: int = 0) -> int:
        """Raise every sequence of numbers by `by` and at least to `highest`, by scope; gives how many were raised.

        `seen_floor` is what `floor` gave here last, be it of a store that was lost.
        """
        record = records.NumberRecord("", 0, self._now(), void_reason=reason)
        with self._writing("bumped") as connection:
            return raise_numbers(connection, by, highest, record, seen_floor=seen_floor)

    def checkpoint(self) -> None:
        """Bring what SQLite wrote ahead into its main file, under the lock. On PostgreSQL there is nothing to do."""
        if self.place.file is None:
            return
        with self.place.writers(), self._sound(), told_plainly(self.place.file):
            connection = self.place.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Give back all connections."""
        self.place.engine.dispose()

    @contextmanager
    def unit(self, name: str, fence: tuple[str, int] | None) -> Iterator[ports.Unit]:
        """Make one commit of what happens inside. `StoreLedger.unit` says more."""
        with self._writing(name) as connection:
            if fence is not None:
                self._prove(connection, *fence)
            unit = _unit(connection, self._now, writable=True)
            self._thread.flush = unit.flush
            yield unit
            unit.flush()

    def writing(self, name: str) -> AbstractContextManager[Connection]:
        """Make one commit of statements in SQL, for what touches many rows at once. `name` names its crash points."""
        return self._writing(name)

    def looking(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one moment, for questions in SQL."""
        return self._reading()

    @contextmanager
    def view(self) -> Iterator[ports.Unit]:
        """Give a view for reading."""
        with self._reading() as connection:
            flush: Callable[[], None] | None = getattr(self._thread, "flush", None)
            if flush is not None:
                flush()
            yield _unit(connection, self._now, writable=False)

    def _prove(self, connection: Connection, lane: str, fence: int) -> None:
        if ready.run(connection, PROVING, {"lane": lane, "mine": fence, "at": self._now()}) != 1:
            message = f"the lane {lane} belongs to another drain by now (this one has fence {fence})"
            raise Fenced(message)

    def crashpoint(self, name: str) -> None:
        """Mark a point at which a test may kill the process; not where the examples of partners are tried in memory."""
        if not self.place.in_memory:
            crashpoint(name)

    @contextmanager
    def _writing(self, name: str) -> Iterator[Connection]:
        if getattr(self._thread, "connection", None) is not None:
            message = f"the unit {name} was opened inside another one; one commit is made after the other"
            raise RuntimeError(message)
        with (
            self.place.writers(),
            self._sound(),
            told_plainly(self.place.file),
            self.place.writing() as connection,
        ):
            transaction = connection.begin()
            self._thread.connection = connection
            try:
                yield connection
                self.crashpoint(f"{name}:before")
                _commit(connection)
                self.crashpoint(f"{name}:after")
            finally:
                self._thread.connection = self._thread.flush = None
                if transaction.is_active:
                    transaction.rollback()

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Write nothing more once the disk has said that it could not keep something: its next yes may be a lie."""
        if self._unkept is not None:
            raise self._unkept
        try:
            yield
        except StoreUnusable as error:
            if error.code == UNKEPT:
                self._unkept = error
            raise

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Open a view; inside a unit or a view of this thread, see what that one sees."""
        standing: Connection | None = getattr(self._thread, "connection", None)
        if standing is not None:
            yield standing
            return
        with (
            told_plainly(self.place.file),
            self.place.readers(),
            self.place.reading() as connection,
            connection.begin(),
        ):
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            message = "the store did not answer a commit, so it may or may not have happened; read the rows again"
            raise StoreBusy(message, code="system.store.commit-unknown") from error
        raise


class StoreLedger:
    """`flow.ports.Ledger` over a store, with or without a fence."""

    def __init__(self, store: Store, fence: tuple[str, int] | None) -> None:
        """Prove `fence`, a lane and its number, first in every unit."""
        self._store = store
        self._fence = fence

    def unit(self, name: str) -> AbstractContextManager[ports.Unit]:
        """Make one commit of what happens inside the block; if it raises, nothing has happened.

        Raises Fenced if the lane was taken over; StoreBusy if the whole block must be run again from a fresh read;
        StoreUnusable if a person must look. A unit inside a unit of the same thread is a bug: RuntimeError.
        """
        return self._store.unit(name, self._fence)

    def reading(self) -> AbstractContextManager[ports.Unit]:
        """Open a view of one moment, for reading only. Inside a unit or a view of this thread, see what it sees."""
        return self._store.view()

    def crashpoint(self, name: str) -> None:
        """Mark a point at which a test may kill the process."""
        self._store.crashpoint(name)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(url: str, *, owner: bool = True, now: Now = _utc_now) -> Store:
    """Open the store at `url`, make or upgrade its tables where needed, and give it ready for use.

    `url` is sqlite:///FILE, sqlite:// (in memory, gone when closed) or postgresql://USER@HOST/DATABASE. A command that
    works beside the daemon says `owner=False`: it leaves SQLite's checkpoints to it. Raises StoreUnusable if there is
    no such place, or if a newer version of this program has written it.
    """
    place = find(url, owner=owner)
    with told_plainly(place.file):
        try:
            bring_up(place)
        except BaseException:
            place.engine.dispose()
            raise
    return Store(place, now)
