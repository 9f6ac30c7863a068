"""What the flow needs from the workshop, as protocols. `store`, `transport` and `runtime` fill them; `app` wires them.

A `Unit` is one commit: all that happens inside `with ledger.unit("name") as unit:` lands together when the block ends,
or not at all when it raises. `name` names the crash points before and after that commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from edi_engine.errors import TransportError
from edi_engine.flow.records import (
    CartonRecord,
    CaseRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    FileRecord,
    GroupRecord,
    InterchangeRecord,
    LineRecord,
    NumberRecord,
    OrderRecord,
    SetRecord,
    ShipmentRecord,
    TimerRecord,
)

Record = TypeVar("Record")


class Rows(Protocol[Record]):
    """The records of one kind. Conditions are equalities by field name; a tuple value means any of its members,
    None means that the field is empty. Results come in the order of their ids.
    """

    def add(self, record: Record) -> Record:
        """Store a new record and give it back with its id. Raises Taken if a unique identity exists already."""
        ...

    def add_all(self, records: Iterable[Record]) -> None:
        """Store new records whose ids nobody asks for, at the latest at the end of this commit.

        Raises Taken, then or now, if a unique identity exists already: nothing of the commit happens.
        """
        ...

    def add_later(self, record: Record) -> Record:
        """Store a new record as `add_all` does, and give it back with the id that it will have."""
        ...

    def get(self, id: int) -> Record:  # noqa: A002
        """Give the record with this id. Raises KeyError."""
        ...

    def one(self, **equal: object) -> Record | None:
        """Give the first record that fits, None if there is none."""
        ...

    def select(
        self, *, limit: int | None = None, after: int = 0, descending: bool = False, **equal: object
    ) -> Sequence[Record]:
        """Give the records that fit, with ids above `after`, at most `limit`."""
        ...

    def count(self, **equal: object) -> int:
        """Count the records that fit."""
        ...

    def change(self, record: Record, **changes: object) -> Record:
        """Compare-and-set: write `changes` if the row still has this record's id, state and epoch, and raise its epoch.

        A change of `state` must be a move that `orders.lifecycle.MOVES` allows. Raises Outrun if the row has moved on.
        Records without state and epoch are changed by id alone.
        """
        ...

    def change_all(self, changes: Sequence[tuple[Record, Mapping[str, object]]]) -> tuple[Record, ...]:
        """Change many records as `change` does, each in its own way but all in the same fields."""
        ...


class Timers(Rows[TimerRecord], Protocol):
    """The timers."""

    def due(self, kind: str, now: datetime, limit: int) -> Sequence[TimerRecord]:
        """Give the timers of a kind that wait and are due, the longest due first, at most `limit`."""
        ...


class Blobs(Protocol):
    """Bytes by their SHA-256 (lower-case hex)."""

    def put(self, data: bytes) -> str:
        """Store `data` once, at the latest at the end of this commit, and give its SHA-256."""
        ...

    def get(self, sha256: str) -> bytes:
        """Give the bytes, checked against their hash. Raises KeyError if absent, ValueError if they were damaged."""
        ...


class Numbers(Protocol):
    """Control numbers: rising, never twice in a scope, in the commit of the document that carries them."""

    def take(self, scope: str) -> int:
        """Give the next number of `scope` (1 to 999999999, then 1 again in a new cycle)."""
        ...

    def used(self, scope: str) -> Sequence[NumberRecord]:
        """Give all numbers of `scope` given out so far."""
        ...

    def link(self, scope: str, number: int, document_id: int) -> None:
        """Say which document carries `number`."""
        ...


class Unit(Protocol):
    """One commit over all kinds of records."""

    files: Rows[FileRecord]
    interchanges: Rows[InterchangeRecord]
    groups: Rows[GroupRecord]
    sets: Rows[SetRecord]
    orders: Rows[OrderRecord]
    lines: Rows[LineRecord]
    shipments: Rows[ShipmentRecord]
    cartons: Rows[CartonRecord]
    documents: Rows[DocumentRecord]
    cases: Rows[CaseRecord]
    timers: Timers
    events: Rows[EventRecord]
    editions: Rows[EditionRecord]
    blobs: Blobs
    numbers: Numbers


class Ledger(Protocol):
    """The store as the flow sees it."""

    def unit(self, name: str) -> AbstractContextManager[Unit]:
        """Open one writing commit. On a fenced ledger, its first statement proves the fence (raises Fenced)."""
        ...

    def reading(self) -> AbstractContextManager[Unit]:
        """Open a consistent view for reading only."""
        ...

    def crashpoint(self, name: str) -> None:
        """Mark a point between two commits at which a test may kill the process; does nothing otherwise."""
        ...


class Clock(Protocol):
    """The time, for everything that is stored or written into a document."""

    def now(self) -> datetime:
        """Give the present moment as an aware datetime in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds on a clock that never goes back."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """An entry of a partner's folder. `name` is its exact bytes; `regular` is False for links, folders, devices.

    `special` is True for links and devices: what is neither a file nor a folder.
    """

    name: bytes
    size: int
    modified: int
    regular: bool = True
    special: bool = False


Fetched = tuple[bytes, bytes | TransportError]
"""The name of a file, and what it holds or why it could not be read."""

OF_THE_FILE = frozenset(
    {"transport.partial", "transport.size", "transport.filename", "transport.listing", "transport.postaction"}
)
"""Troubles of one file, where the next one may be fine; all others are of the whole connection."""


class Mailbox(Protocol):
    """A partner's folders, already connected. Every method raises TransportError (with a code) when the world fails."""

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        """Stream the entries of `folder`, without "." and ".."."""
        ...

    def size(self, folder: str, name: bytes) -> RemoteFile | None:
        """Look at one entry, None if it is absent."""
        ...

    def sizes(self, folder: str, names: Sequence[bytes]) -> Mapping[bytes, RemoteFile]:
        """Look at many entries, with as few questions as there can be. An absent one is left out."""
        ...

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        """Read a whole file. Raises TransportError with code transport.size beyond `limit` bytes."""
        ...

    def fetch_all(self, folder: str, names: Sequence[bytes], limit: int) -> Iterator[Fetched]:
        """Read many whole files, in any order, perhaps several at once. What is wrong with a file comes as its error;
        where the connection breaks, what was not begun does not come.
        """
        ...

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        """Write a whole file under `name`, replacing what a former attempt left there; with `new`, only where nothing
        stands. Raises TransportError with code document.deliver where it is refused for certain.
        """
        ...

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        """Rename without overwriting. Raises UnknownOutcome if the answer did not come."""
        ...

    def remove(self, folder: str, name: bytes) -> None:
        """Delete a file; an absent one is fine."""
        ...

    def close(self) -> None:
        """Leave the server."""
        ...
