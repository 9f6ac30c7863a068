"""Seals: what shows that a row of the history was changed, removed or put in between after it was written.

A seal is a hash over the seal before it and over all events since, each in one canonical line. So the newest one stands
for the whole history: whoever has kept it elsewhere can prove that nothing before it was touched, even by somebody who
writes all seals anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, text

from edi_engine.flow.records import EventRecord
from edi_engine.store.ledger import Store
from edi_engine.store.restored import last_event
from edi_engine.store.schema import EVENT, SEAL
from edi_engine.store.statements import upsert

MOST: Final = 5000
"""Events of one seal."""
NOTHING: Final = "0" * 64
"""What stands before the first seal."""

_PATIENCE: Final = "SET LOCAL lock_timeout = '2s'"
_SETTLE: Final = f"LOCK TABLE {EVENT.name} IN SHARE MODE"


@dataclass(frozen=True, slots=True)
class Seal:
    """A hash over the seal before it and the events since, `events` of them, up to the number `through`."""

    id: int
    at: datetime
    through: int
    events: int
    sha256: str


def canonical(event: EventRecord) -> str:
    """Give the one line that stands for an event. It may never change: seals of years ago rest on it."""
    moment = event.at.isoformat(timespec="microseconds")
    words = (event.what, event.subject, event.who, event.detail, event.order_id, event.partner, event.edition)
    return json.dumps([event.id, moment, *words], separators=(",", ":"))


def hashed(previous: str, events: Iterable[EventRecord], number: int, at: datetime, through: int) -> str:
    """Give the hash of seal `number` over these events, which follow the seal whose hash is `previous`."""
    sha256 = hashlib.sha256(f"{previous}\n".encode("ascii"))
    count = 0
    for event in events:
        count += 1
        sha256.update(f"{canonical(event)}\n".encode("ascii"))
    end = json.dumps([number, at.isoformat(timespec="microseconds"), through, count], separators=(",", ":"))
    sha256.update(f"{end}\n".encode("ascii"))
    return sha256.hexdigest()


def newest(connection: Connection) -> Seal | None:
    """Give the newest seal, None where there is none."""
    found = connection.execute(select(SEAL).order_by(SEAL.c.id.desc()).limit(1)).one_or_none()
    return None if found is None else Seal(*found)


def since(connection: Connection, last: Seal | None) -> int:
    """Count the events that are newer than a seal."""
    counted = select(func.count()).select_from(EVENT)
    if last is not None:
        counted = counted.where(EVENT.c.id > last.through)
    return connection.execute(counted).scalar_one()


def seal(store: Store, at: datetime, stopping: Callable[[], bool] = lambda: False) -> Iterator[Seal]:
    """Seal all events that no seal covers yet, some in each commit; gives each new seal.

    Raises StoreBusy where a writer did not end for 2 s: the next time will do as well.
    """
    end = _settled(store)
    while not stopping():
        with store.looking() as connection:
            last = newest(connection)
            begun = last.through if last is not None else None
            found = _events(connection, begun, end, limit=MOST)
        if not found:
            return
        number, through = (last.id if last is not None else 0) + 1, found[-1].id
        previous = last.sha256 if last is not None else NOTHING
        made = Seal(number, at, through, len(found), hashed(previous, found, number, at, through))
        with store.writing("sealed") as connection:
            values = dict(zip(SEAL.c.keys(), astuple(made), strict=True))
            statement = upsert(connection.dialect.name, SEAL).values(values).on_conflict_do_nothing()
            ours = connection.execute(statement.returning(SEAL.c.id)).first() is not None
        if ours:  # else another program has just sealed the same
            yield made


def _settled(store: Store) -> int:
    """Give the number of an event behind which all are stored: none with a lower number can come any more.

    SQLite has one writer at a time, so that numbers rise with the commits. On PostgreSQL they are given out before: a
    moment is awaited in which nobody is adding one.
    """
    if store.place.engine.dialect.name == "sqlite":
        return store.last_event()
    with store.writing("settled") as connection:
        connection.execute(text(_PATIENCE))
        connection.execute(text(_SETTLE))
        return last_event(connection)


def _events(connection: Connection, after: int | None, through: int, *, limit: int | None = None) -> list[EventRecord]:
    wanted = select(EVENT).where(EVENT.c.id <= through).order_by(EVENT.c.id).limit(limit)
    if after is not None:
        wanted = wanted.where(EVENT.c.id > after)
    return [EventRecord(**row) for row in connection.execute(wanted).mappings()]


def broken(connection: Connection) -> Iterator[str]:
    """Say of each seal that does not fit what it closed, the oldest first."""
    before: Seal | None = None
    for row in connection.execute(select(SEAL).order_by(SEAL.c.id)).all():
        one = Seal(*row)
        number, after = (before.id + 1, before.through) if before is not None else (1, None)
        previous = before.sha256 if before is not None else NOTHING
        before = one
        if one.id != number:
            yield f"the seal {number} of the history is missing, so what it closed may have been changed"
            continue
        found = _events(connection, after, one.through)
        what = ""
        if len(found) != one.events:
            what = f"{len(found)} are there, and {one.events} were when they were sealed"
        elif hashed(previous, found, one.id, one.at, one.through) != one.sha256:
            what = "one of them, or the seal, was changed"
        if not what:
            continue
        span = f"{(after or 0) + 1} to {one.through}"
        yield f"the history is not what seal {one.id} of {one.at:%Y-%m-%d %H:%M} UTC closed, its events {span}: {what}"


def without(connection: Connection, sha256: str) -> bool:
    """Say whether the history has no seal with this hash, which somebody has kept elsewhere."""
    return connection.execute(select(SEAL.c.id).where(SEAL.c.sha256 == sha256)).first() is None
