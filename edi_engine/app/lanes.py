"""The daemon's lanes: what a poll, a partner's work, a connection's outbox and the clock do when it is their turn."""

from __future__ import annotations

from datetime import timedelta

from edi_engine.app.work import has_work, open_stored, work_through
from edi_engine.app.workplace import ERP, Workplace
from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.deliver import UNSENT, deliver, due
from edi_engine.flow.office import Office
from edi_engine.flow.overdue import fire_timers
from edi_engine.flow.pickup import Pickup, pick_up
from edi_engine.partners.connection import Connection
from edi_engine.runtime.lanes import Drained, Lane

WORK_EVERY = timedelta(seconds=1)
SEND_EVERY = timedelta(seconds=1)
CLOCK_EVERY = timedelta(seconds=5)
TROUBLE_AFTER = 3
"""Failed polls in a row, of the kind that may pass, before a person is told."""

FIRST_PAUSE = timedelta(seconds=5)
LAST_PAUSE = timedelta(minutes=15)
ODD_NAME = "transport.filename"
"""The cause of a connection's case that is about one name in its folder, not about the connection."""


def build_lanes(place: Workplace, pickups: dict[str, Pickup]) -> list[Lane]:
    """Give the lanes of the current edition. `pickups` outlives an edition, so that settling files keep their time."""
    edition = place.edition
    used = {partner.connection for partner in edition.partners.values() if partner.connection is not None}
    lanes: list[Lane] = []
    for name in sorted(used):
        connection = edition.connections[name]
        pickup = pickups.setdefault(name, Pickup())
        lanes.append(Lane(f"poll:{name}", _Poll(place, name, pickup), connection.every))
        lanes.append(Lane(f"send:{name}", _Send(place, name), SEND_EVERY))
    lanes.extend(Lane(f"work:{name}", _Work(place, name), WORK_EVERY) for name in sorted(edition.partners))
    lanes.append(Lane(f"send:{ERP}", _Send(place, ERP), SEND_EVERY))
    lanes.append(Lane("clock", _Clock(place), CLOCK_EVERY))
    return lanes


class _Poll:
    """Drain of `poll:C`: pick up what has settled, walk the envelopes of what is stored."""

    def __init__(self, place: Workplace, name: str, pickup: Pickup) -> None:
        self.place = place
        self.name = name
        self.pickup = pickup
        self.failures = 0

    def __call__(self) -> Drained:
        connection = self.place.connection(self.name)
        if connection is None:
            return Drained()
        office = self.place.office(self.place.store.ledger(f"poll:{self.name}"))
        stored = 0
        try:
            with self.place.mailbox(connection) as mailbox:
                stored = pick_up(office, connection, mailbox, self.pickup)
        except TransportError as error:
            if of_the_store(error):
                raise
            return self._failed(office, connection, error)
        self.failures = 0
        settle_trouble(office, connection, "receive")
        opened = open_stored(office, self.name)
        settle = connection.intake.settle
        again = min(connection.every, max(settle, timedelta(milliseconds=200))) if self.pickup.settling else None
        return Drained(worked=bool(stored or opened), waiting=bool(self.pickup.settling), again=again)

    def _failed(self, office: Office, connection: Connection, error: TransportError) -> Drained:
        self.failures += 1
        if not error.retry or self.failures >= TROUBLE_AFTER:
            report_trouble(office, connection, "receive", error, self.failures)
        pause = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 10), LAST_PAUSE)
        return Drained(waiting=error.retry and self.failures < TROUBLE_AFTER, again=min(pause, connection.every))


def of_the_store(error: TransportError) -> bool:
    """Say whether it is our own store that fails, and not a connection: then the lane fails."""
    return error.code.startswith("system.")


def report_trouble(office: Office, connection: Connection, step: str, error: TransportError, failures: int) -> None:
    """Make a connection that does not work visible, once per cause. `step` is what failed: receive or deliver."""
    times = f" ({failures} times in a row)" if failures > 1 else ""
    finding = Finding(
        error.code,
        Severity.HOLD,
        f"The connection {connection.name} does not work{times}: {error}",
        fix=f"see {connection.source or 'connections.yaml'}; it is tried again by itself",
    )
    with office.ledger.unit("poll.trouble") as unit:
        open_case(office, unit, Waiting(f"connection:{connection.name}", step, office.clock.now()), [finding])


def settle_trouble(office: Office, connection: Connection, step: str) -> None:
    """Close the cases of a connection on which `step` works again, whichever process or edition opened them."""
    subject = f"connection:{connection.name}"
    with office.ledger.reading() as unit:
        standing = unit.cases.select(subject=subject, state="OPEN")
    others = frozenset(case.cause for case in standing if case.step != step or case.cause == ODD_NAME)
    if any(case.cause not in others for case in standing):
        with office.ledger.unit("connection.recovered") as unit:
            settle_cases(office, unit, subject, keep=others, how="the connection works again")


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


class _Send:
    """Drain of `send:C`: deliver what waits for a connection."""

    def __init__(self, place: Workplace, name: str) -> None:
        self.place = place
        self.name = name
        self.failures = 0
        self.rests_until = 0.0
        """Until when (monotonic) a connection that failed is left alone, whatever comes to wait for it."""

    def __call__(self) -> Drained:
        connection = self.place.connection(self.name)
        reading = self.place.office()
        if connection is None:
            return Drained()
        resting = timedelta(seconds=self.rests_until - reading.clock.monotonic())
        if resting > timedelta(0) or not due(reading, self.name, reading.clock.now()):
            return self._not_now(reading, resting)
        office = self.place.office(self.place.store.ledger(f"send:{self.name}"))
        try:
            with self.place.mailbox(connection) as mailbox:
                done = deliver(office, connection, mailbox)
        except TransportError as error:
            if of_the_store(error):
                raise
            return self._failed(office, connection, error, 0)
        if done.stopped is not None:
            return self._failed(office, connection, done.stopped, done.sent)
        self.failures = 0
        settle_trouble(office, connection, "deliver")
        return Drained(worked=done.sent > 0)

    def _not_now(self, office: Office, resting: timedelta) -> Drained:
        """Say whether anything waits, and for how long."""
        with office.ledger.reading() as unit:
            first = unit.documents.one(connection=self.name, state=UNSENT)
        if first is None or self.failures >= TROUBLE_AFTER:
            return Drained()
        retry = first.next_at - office.clock.now() if first.next_at is not None else resting
        return Drained(waiting=True, again=max(retry, resting))

    def _failed(self, office: Office, connection: Connection, error: TransportError, sent: int) -> Drained:
        self.failures += 1
        if not error.retry or self.failures >= TROUBLE_AFTER:
            report_trouble(office, connection, "deliver", error, self.failures)
        pause = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 10), LAST_PAUSE)
        self.rests_until = office.clock.monotonic() + pause.total_seconds()
        return Drained(worked=sent > 0, waiting=error.retry and self.failures < TROUBLE_AFTER, again=pause)


class _Clock:
    """Drain of `clock`: fire the timers that fell due."""

    def __init__(self, place: Workplace) -> None:
        self.place = place

    def __call__(self) -> Drained:
        if not fire_timers(self.place.office(), dry=True):
            return Drained()
        return Drained(worked=bool(fire_timers(self.place.office(self.place.store.ledger("clock")))))
