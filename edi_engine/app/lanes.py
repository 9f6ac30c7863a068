"""The daemon's lanes: what a poll, a partner's work, a connection's outbox and the clock do when it is their turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from edi_engine.app.keeping import Scrub
from edi_engine.app.restoring import notice, remember
from edi_engine.app.trouble import (
    OF_THE_LOGIN,
    TROUBLE_AFTER,
    Rest,
    of_the_store,
    reached,
    report_trouble,
    settle_trouble,
    tell_stranded,
)
from edi_engine.app.work import has_work, open_stored, work_through
from edi_engine.app.workplace import ERP, Workplace
from edi_engine.errors import TransportError
from edi_engine.flow.deliver import UNSENT, deliver, due, queue
from edi_engine.flow.documents import OUT
from edi_engine.flow.expected import watch
from edi_engine.flow.office import Office
from edi_engine.flow.overdue import SCRUB, fire_timers
from edi_engine.flow.pickup import Pickup, pick_up
from edi_engine.partners.connection import Connection
from edi_engine.runtime.lanes import Drained, Lane

WORK_EVERY = timedelta(seconds=1)
SEND_EVERY = timedelta(seconds=1)
CLOCK_EVERY = timedelta(seconds=5)
REMEMBER_EVERY = timedelta(minutes=1)
SIGN = "daemon"
"""Stands among the lanes of a store on a server, as a sign of life for whoever looks from another machine: while all
connections rest, nothing else of a daemon is seen there. Beside a store in a file its lock tells (`app.beating`).
"""
POLL = "poll:"
AT_ONCE = timedelta(milliseconds=200)
FEW = 10
"""Documents of the first drain after a failure; each further one hands over twice as many, a second apart. So a partner
who was down for days does not get all of them at once.
"""
BATCH = 100
"""Documents that one drain of an outbox hands over: a long queue must not keep the lane from an end."""


def build_lanes(place: Workplace, pickups: dict[str, Pickup], full: Callable[[], bool] = lambda: False) -> list[Lane]:
    """Give the lanes of the current edition. `pickups` outlives an edition, so that settling files keep their time.
    While `full` says that there is no room, no file is fetched.

    A connection that no partner uses any more still sends what waits for it; one that is gone is told to people.
    """
    edition = place.edition
    used, polled = edition.used, {connection.name for connection in edition.polled}
    unsent = _unsent(place)
    lanes: list[Lane] = []
    for name in sorted(used | (unsent.keys() & edition.connections.keys())):
        connection, login = edition.connections[name], Rest()
        if name in polled:
            pickup = pickups.setdefault(name, Pickup())
            lanes.append(Lane(f"poll:{name}", _Poll(place, name, login, pickup, full), connection.every))
        if name != ERP:
            lanes.append(Lane(f"send:{name}", _Send(place, name, login), SEND_EVERY))
    tell_stranded(place, used, {name: unsent[name] for name in sorted(unsent.keys() - edition.connections.keys())})
    lanes.extend(Lane(f"work:{name}", _Work(place, name), WORK_EVERY) for name in sorted(edition.partners))
    lanes.append(Lane(f"send:{ERP}", _Send(place, ERP, Rest()), SEND_EVERY))
    lanes.append(Lane("clock", _Clock(place), CLOCK_EVERY))
    lanes.append(Lane(SCRUB, Scrub(place), REMEMBER_EVERY))
    return lanes


def watched_folders(place: Workplace) -> dict[Path, str]:
    """Give the folders of this machine from which files are picked up, each with the lane that reads it."""
    return {
        place.root(connection) / folder.lstrip("/"): f"{POLL}{connection.name}"
        for connection in place.edition.polled
        if connection.folder is not None
        for folder in connection.intake.folders
        if folder
    }


def _unsent(place: Workplace) -> Counter[str]:
    """Count the documents that wait, by connection, without those for the ERP and for the folder of a command."""
    with place.office().ledger.reading() as unit:
        names = Counter(document.connection for document in unit.documents.select(state=UNSENT))
    return Counter({name: count for name, count in names.items() if name.partition(":")[0] not in {ERP, OUT}})


class _Visitor:
    """What a poll and a drain of an outbox share: leaving a connection alone that failed, and telling of it.

    `login` is shared by all lanes of the connection; `own` counts what only this lane fails by.
    """

    step: str

    def __init__(self, place: Workplace, name: str, login: Rest) -> None:
        self.place = place
        self.name = name
        self.login = login
        self.own = Rest()

    @property
    def lasts(self) -> bool:
        """Whether the trouble has lasted, so that a run which shall end waits no longer."""
        return max(self.login.failures, self.own.failures) >= TROUBLE_AFTER

    def resting(self) -> timedelta:
        """Give for how long the connection is left alone."""
        now = self.place.clock.monotonic()
        return max(self.login.left(now), self.own.left(now))

    def begin(self) -> None:
        """Begin a try."""
        self.login.begin()
        self.own.begin()

    def try_now(self) -> None:
        """End the pause: a person has seen to the connection."""
        self.login.try_now()
        self.own.try_now()

    def failed(self, office: Office, connection: Connection, error: TransportError, *, worked: bool) -> Drained:
        """Count a failure, and tell people once it lasts. Raises what is the store's trouble."""
        if of_the_store(error):
            raise error
        rest = self.login if error.code in OF_THE_LOGIN else self.own
        pause = rest.failed(error, office.clock.monotonic())
        if not error.retry or rest.worth_telling(office.clock.monotonic()):
            report_trouble(office, connection, self.step, error, rest.failures, pause)
        return Drained(worked=worked, waiting=error.retry and not self.lasts, again=pause)

    def went_well(self, office: Office, connection: Connection) -> None:
        """Start over, and close the cases that told of trouble."""
        self.login.well()
        self.own.well()
        settle_trouble(office, connection, self.step)


class _Poll(_Visitor):
    """Drain of `poll:C`: pick up what has settled, walk the envelopes of what is stored."""

    step = "receive"

    def __init__(
        self, place: Workplace, name: str, login: Rest, pickup: Pickup, full: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(place, name, login)
        self.pickup = pickup
        self.full = full

    def __call__(self) -> Drained:
        connection = self.place.connection(self.name)
        if connection is None:
            return Drained()
        rest = self.resting()
        if self.full():
            drained = Drained()
        elif not rest:
            office = self.place.office(self.place.store.ledger(f"poll:{self.name}"))
            office = replace(office, stopping=lambda: self.place.stopping() or self.full())
            drained = self._visit(office, connection)
        else:
            drained = Drained(waiting=not self.lasts, again=rest)
        return replace(drained, worked=self._open() or drained.worked)

    def _visit(self, office: Office, connection: Connection) -> Drained:
        sessions = self.place.doors.enter(connection, self.step, wanted=connection.sessions)
        if not sessions:
            return Drained(waiting=True, again=AT_ONCE)
        self.begin()
        try:
            with reached(self.place, connection, sessions) as mailbox:
                stored = pick_up(office, connection, mailbox, self.pickup)
        except TransportError as error:
            return self.failed(office, connection, error, worked=False)
        finally:
            self.place.doors.leave(connection, sessions)
        self.went_well(office, connection)
        if self.pickup.left:
            return Drained(worked=True, waiting=True, again=AT_ONCE)
        if self.pickup.settling:
            soon = min(connection.every, max(connection.intake.settle, AT_ONCE))
            return Drained(worked=stored > 0, waiting=True, again=soon)
        return Drained(worked=stored > 0)

    def _open(self) -> bool:
        """Walk the envelopes of what is stored, whether or not the partner can be reached now."""
        with self.place.office().ledger.reading() as unit:
            if unit.files.one(connection=self.name, state="STORED") is None:
                return False
        office = self.place.office(self.place.store.ledger(f"poll:{self.name}"))
        opened = 0
        while round_ := open_stored(office, self.name):
            opened += round_
        return opened > 0


class _Work:
    """Drain of `work:P`: judge, book and acknowledge a partner's sets, decide its orders, ship what ships by itself."""

    def __init__(self, place: Workplace, partner: str) -> None:
        self.place = place
        self.partner = partner

    def __call__(self) -> Drained:
        if not has_work(self.place.office(), self.partner):
            return Drained()
        office = self.place.office(self.place.store.ledger(f"work:{self.partner}"))
        worked = 0
        while round_ := work_through(self.place, office, self.partner):
            worked += round_
        return Drained(worked=bool(worked))


class _Send(_Visitor):
    """Drain of `send:C`: deliver what waits for a connection."""

    step = "deliver"

    def __init__(self, place: Workplace, name: str, login: Rest) -> None:
        super().__init__(place, name, login)
        self.most = BATCH
        self.next = 0.0

    def resting(self) -> timedelta:
        """Give for how long nothing is delivered: the connection rests, or the last drain of a burst was just now."""
        left = timedelta(seconds=max(0.0, self.next - self.place.clock.monotonic()))
        return max(super().resting(), left)

    def __call__(self) -> Drained:
        connection = self.place.connection(self.name)
        reading = self.place.office()
        if connection is None:
            return Drained()
        rest = self.resting()
        if rest or not due(reading, self.name, reading.clock.now(), limit=1):
            return self._not_now(reading, rest)
        if not self.place.doors.enter(connection, self.step):
            return Drained(waiting=True, again=AT_ONCE)
        office = self.place.office(self.place.store.ledger(f"send:{self.name}"))
        self.begin()
        try:
            with reached(self.place, connection) as mailbox:
                done = deliver(office, connection, mailbox, most=self.most)
        except TransportError as error:
            self.most = FEW
            return self.failed(office, connection, error, worked=False)
        finally:
            self.place.doors.leave(connection, 1)
        if done.stopped is not None:
            self.most = FEW
            return self.failed(office, connection, done.stopped, worked=done.sent > 0)
        self.went_well(office, connection)
        if self.most < BATCH:
            self.most = min(2 * self.most, BATCH)
            self.next = self.place.clock.monotonic() + SEND_EVERY.total_seconds()
        more = bool(due(reading, self.name, reading.clock.now(), limit=1))
        return Drained(worked=done.sent > 0 or more)

    def _not_now(self, office: Office, rest: timedelta) -> Drained:
        """Say whether anything waits, and for how long."""
        with office.ledger.reading() as unit:
            first = next(queue(unit, self.name), None)
        if first is None or self.lasts:
            return Drained()
        retry = first.next_at - office.clock.now() if first.next_at is not None else rest
        return Drained(waiting=True, again=max(retry, rest))


class _Clock:
    """Drain of `clock`: fire the timers that fell due, see who is silent, note how far the store is, give a sign."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.next = 0.0

    def __call__(self) -> Drained:
        if self.place.clock.monotonic() >= self.next:
            self.next = self.place.clock.monotonic() + REMEMBER_EVERY.total_seconds()
            notice(self.place.settings, self.place.store)
            remember(self.place.settings, self.place.store)
            if self.place.settings.store_file is None:
                self.place.store.raise_fence(SIGN)
        reading, polled = self.place.office(), self._polled()
        due, silent = fire_timers(reading, dry=True), watch(reading, polled, dry=True)
        if not due and not silent:
            return Drained()
        office = self.place.office(self.place.store.ledger("clock"))
        return Drained(worked=bool(fire_timers(office) + watch(office, polled)))

    def _polled(self) -> dict[str, datetime]:
        """Give when each connection was last looked at."""
        return {name.removeprefix(POLL): seen for name, _, seen in self.place.store.lanes() if name.startswith(POLL)}
