"""The silent partner: what was expected by some time and did not come is a case, once; it closes when something comes.

Each expectation has one timer, so that a restart forgets none, and one that is new is due for the first time in future.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from edi_engine.errors import Outrun, Taken
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import TimerRecord
from edi_engine.partners.connection import Connection
from edi_engine.partners.expectation import FILES, Expectation

EXPECTED = "expected"
"""The kind of timer, and the first word of the subjects."""
SLACK = timedelta(minutes=1)
"""What is added to the pauses of a connection: a file that came in time may have been seen so much later."""

Act = Callable[[Unit], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """An expectation of a partner, or (with `partner` None) of a connection, and by which connection it comes."""

    subject: str
    title: str
    expectation: Expectation
    partner: str | None
    connection: Connection | None

    @property
    def grace(self) -> timedelta:
        """How long after it was due it is looked for: what lay there in time has been picked up by then."""
        if self.connection is None:
            return SLACK
        return self.connection.every + self.connection.intake.settle + SLACK


def watch(office: Office, polled: Mapping[str, datetime], *, dry: bool = False) -> int:
    """Set timers, tell what did not come, close what came after all. Gives how many of these; `dry` only counts.

    `polled` says when each connection was last looked at: nobody is called silent whom nobody listened to.
    """
    with office.ledger.reading() as unit:
        acts = list(_acts(office, unit, polled))
    if dry:
        return len(acts)
    done = 0
    for act in acts:
        if office.stopping():
            break
        try:
            with office.ledger.unit("clock.expected") as unit:
                act(unit)
            done += 1
        except (Outrun, Taken):  # somebody else did it, or a person closed the case
            continue
    return done


def watched(office: Office) -> Iterator[Watched]:
    """Give all expectations of the edition."""
    connections = office.edition.connections
    for partner in office.edition.partners.values():
        for one in partner.expect:
            subject = f"{EXPECTED}:partner/{partner.name}/{one.what}"
            yield Watched(subject, partner.title, one, partner.name, connections.get(partner.connection or ""))
    for connection in connections.values():
        for one in connection.expect if connection.name in office.edition.used else ():
            subject = f"{EXPECTED}:connection/{connection.name}/{one.what}"
            yield Watched(subject, f"the connection {connection.name}", one, None, connection)


def _acts(office: Office, unit: Unit, polled: Mapping[str, datetime]) -> Iterator[Act]:
    now = office.clock.now()
    timers = {timer.subject: timer for timer in unit.timers.select(kind=EXPECTED, state="WAITING")}
    cases = {case.subject: case for case in unit.cases.select(kind="partner.silent", state="OPEN")}
    for one in watched(office):
        timer, case = timers.pop(one.subject, None), cases.pop(one.subject, None)
        if case is not None and case.deadline is not None:
            came = last_arrival(unit, one)
            if came is not None and came > one.expectation.since(case.deadline):
                yield partial(_settle, office, one.subject, f"it came: {came:%Y-%m-%d %H:%M} UTC")
        if timer is None:
            yield partial(_set, one, now)
        elif timer.due_at > now:
            if timer.due_at != one.expectation.next_due(now):
                yield partial(_move, one, timer, now)
        elif not one.expectation.is_due(timer.due_at):  # the sentence was changed meanwhile
            yield partial(_move, one, timer, now)
        elif now >= timer.due_at + one.grace and _was_heard(unit, one, timer, polled):
            yield partial(_fire, office, one, timer, now)
    for timer in timers.values():
        yield partial(_cancel, timer)
    for subject in cases:
        yield partial(_settle, office, subject, "it is no longer expected")


def last_arrival(unit: Unit, one: Watched) -> datetime | None:
    """Give when the last thing came that counts; what repeats a former arrival is no new one."""
    if one.partner is None:
        name = one.connection.name if one.connection is not None else ""
        states = ("STORED", "INTERPRETED", "DONE", "UNREADABLE")
        files = unit.files.select(connection=name, state=states, descending=True, limit=1)
        return files[0].at if files else None
    if one.expectation.what == FILES:
        states = ("RECEIVED", "OPENED", "DONE", "QUARANTINED")
        got = unit.interchanges.select(partner=one.partner, direction="in", state=states, descending=True, limit=1)
        return got[0].at if got else None
    sets = unit.sets.select(partner=one.partner, set_id=one.expectation.sets, descending=True, limit=1)
    return sets[0].at if sets else None


def _was_heard(unit: Unit, one: Watched, timer: TimerRecord, polled: Mapping[str, datetime]) -> bool:
    """Say whether we would have what came in time. A connection that does not work has a case of its own."""
    if one.connection is None:
        return True
    last = polled.get(one.connection.name)
    if last is None or last < timer.due_at + one.connection.intake.settle:
        return False
    return unit.cases.one(subject=f"connection:{one.connection.name}", step="receive", state="OPEN") is None


def _set(one: Watched, moment: datetime, unit: Unit) -> None:
    due = one.expectation.next_due(moment)
    if due is not None:
        unit.timers.add(TimerRecord(one.subject, EXPECTED, due))


def _move(one: Watched, timer: TimerRecord, now: datetime, unit: Unit) -> None:
    _cancel(timer, unit)
    _set(one, now, unit)


def _cancel(timer: TimerRecord, unit: Unit) -> None:
    unit.timers.change(timer, state="CANCELLED")


def _settle(office: Office, subject: str, how: str, unit: Unit) -> None:
    settle_cases(office, unit, subject, how=how)


def _fire(office: Office, one: Watched, timer: TimerRecord, now: datetime, unit: Unit) -> None:
    unit.timers.change(timer, state="FIRED")
    due = one.expectation.last_due(now - one.grace) or timer.due_at  # after a long rest, only the last one matters
    _set(one, due, unit)
    if unit.cases.one(subject=one.subject, state="OPEN") is not None:
        return  # it has not come since it was missed first
    since = one.expectation.since(due)
    earlier = unit.cases.one(subject=one.subject, deadline=since)
    if earlier is not None and earlier.resolved_at is not None and one.expectation.after is None:
        since = max(since, earlier.resolved_at)  # what came late then does not count for now as well
    came = last_arrival(unit, one)
    if came is not None and came > since:
        return
    waiting = Waiting(one.subject, "receive", due, partner=one.partner, deadline=due)
    open_case(office, unit, waiting, [_silent(one, due, came)])


def _silent(one: Watched, due: datetime, came: datetime | None) -> Finding:
    said = one.expectation
    local = f"{due.astimezone(ZoneInfo(said.zone)):%Y-%m-%d %H:%M} {said.zone}"
    last = "nothing like it ever came" if came is None else f"the last came {came:%Y-%m-%d %H:%M} UTC"
    title = one.title[:1].upper() + one.title[1:]
    return Finding(
        "partner.silent",
        Severity.HOLD,
        f"{title} should have sent {said.what} by {local} (“{said.said}”); {last}.",
        wanted=said.said,
        fix="ask the partner whether they sent it, and where it went; the case closes by itself when something comes. "
        f"If it is not to be expected, correct `expect` in {said.source}",
        source=said.source,
    )
