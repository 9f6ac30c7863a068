"""What is kept: the weekly scrub of all stored bytes, and the purge of those that were settled long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edi_engine.app.workplace import Workplace
from edi_engine.errors import UsageError
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.overdue import SCRUB
from edi_engine.flow.records import TimerRecord
from edi_engine.runtime.lanes import Drained
from edi_engine.store.purge import Purgeable, proof, purge, purgeable
from edi_engine.store.scrub import scrub

SCRUB_EVERY: Final = timedelta(days=7)
LEAST_AGE: Final = timedelta(days=30)
"""Nothing younger is purged: a person may still have to look at it."""
_STORE: Final = "store:scrub"


class Scrub:
    """Drain of `scrub`: once a week, read all stored bytes again; what is damaged is a case, each once."""

    def __init__(self, place: Workplace) -> None:
        """Scrub the store of `place`."""
        self.place = place

    def __call__(self) -> Drained:
        """Set the timer, or scrub when it has come due."""
        reading = self.place.office()
        now = reading.clock.now()
        with reading.ledger.reading() as unit:
            timer = unit.timers.one(subject=_STORE, kind=SCRUB, state="WAITING")
        if timer is not None and now < timer.due_at <= now + SCRUB_EVERY:
            return Drained()
        office = self.place.office(self.place.store.ledger(SCRUB))
        if timer is not None and timer.due_at <= now and not self._scrubbed(office):
            return Drained()
        with office.ledger.unit("scrub.done") as unit:
            if timer is not None:
                unit.timers.change(timer, state="FIRED")
            unit.timers.add(TimerRecord(_STORE, SCRUB, now + SCRUB_EVERY))
        return Drained(worked=True)

    def _scrubbed(self, office: Office) -> bool:
        """Look at everything. Gives whether it came to the end."""
        seen: set[str] = set()
        for found in scrub(self.place.store):
            for one in found:
                seen.add(f"store:bytes {one.sha256}")
                with office.ledger.unit("scrub.damaged") as unit:
                    waiting = Waiting(f"store:bytes {one.sha256}", "receive", office.clock.now())
                    open_case(office, unit, waiting, [one.finding])
            if office.stopping():
                return False
        with office.ledger.reading() as unit:
            standing = [case.subject for case in unit.cases.select(kind="system.store", state="OPEN")]
        for subject in standing:
            if subject.startswith("store:bytes ") and subject not in seen:
                with office.ledger.unit("scrub.healed") as unit:
                    settle_cases(office, unit, subject, how="the bytes are sound again")
        return True


@dataclass(frozen=True, slots=True)
class Purged:
    """What was let go, or would be: bytes by hash, all before a moment. `proof` is one hash over all their hashes."""

    before: datetime
    gone: tuple[Purgeable, ...]
    proof: str
    committed: bool

    @property
    def size(self) -> int:
        """Give how many bytes that are."""
        return sum(one.size for one in self.gone)


def purge_before(place: Workplace, age: timedelta, *, commit: bool) -> Purged:
    """Let go of the bytes of what was settled longer ago than `age`; without `commit`, only say which.

    Raises UsageError for less than 30 days.
    """
    if age < LEAST_AGE:
        message = f"nothing younger than {LEAST_AGE.days} days is purged"
        raise UsageError(message)
    now = place.clock.now()
    if not commit:
        found = purgeable(place.store, now - age)
        return Purged(now - age, found, proof(found), committed=False)
    gone = purge(place.store, now - age, now)
    done = Purged(now - age, gone, proof(gone), committed=True)
    office = place.office()
    with office.ledger.unit("purge.noted") as unit:
        detail = (
            f"{len(gone)} files and documents of {done.size} bytes, settled before {done.before:%Y-%m-%d}; "
            f"the hash of their hashes is {done.proof}"
        )
        office.note(unit, "bytes purged", "store:purge", detail)
    return done
