"""When a connection does not work: how long it is left alone, and the cases that tell people of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from edi_engine.app.trouble_told import partners_of, told_of
from edi_engine.app.workplace import Workplace
from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Mailbox
from edi_engine.partners.connection import Connection

TROUBLE_AFTER: Final = 3
"""Failures in a row, of the kind that may pass, before a person is told."""

FIRST_PAUSE: Final = timedelta(seconds=5)
LAST_PAUSE: Final = timedelta(minutes=15)
LEAST: Final = 0.8
"""Of a pause, what is left of it at the least: by so much the pauses of connections differ."""
LOCKED_PAUSE: Final = timedelta(hours=1)
"""After a few refused logins: more of them would make the partner's server lock our account."""

NOT_THERE: Final = frozenset({"transport.connect", "transport.timeout"})
"""A server that is down is refused at one time and hangs at another: to people that is one trouble."""

TOLD_AFTER: Final = 30.0
"""Seconds of failing after which a person is told, however few attempts fit into them: where a server hangs, each of
them takes most of a minute.
"""

OF_THE_LOGIN: Final = frozenset({"transport.connect", "transport.hostkey", "transport.auth"})
"""Troubles of the whole connection, which whoever gets through next proves to be over."""


@dataclass(slots=True)
class Rest:
    """Failures in a row of one thing, and until when (monotonic seconds) it is left alone."""

    failures: int = 0
    until: float = 0.0
    since: float = 0.0
    wanted: bool = False
    """Whether somebody wants a try, and the one that may be on its way began before they said so."""

    def left(self, now: float) -> timedelta:
        """Give how long it still rests."""
        return timedelta(seconds=max(0.0, self.until - now))

    def worth_telling(self, now: float) -> bool:
        """Say whether it has failed for long enough to be told to people."""
        return self.failures >= TROUBLE_AFTER or (self.failures > 0 and now - self.since >= TOLD_AFTER)

    def failed(self, error: TransportError, now: float) -> timedelta:
        """Count a failure and give the pause after it. Pauses differ, so that not all connections come back at once."""
        if not self.failures:
            self.since = now
        self.failures += 1
        pause: timedelta = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 10), LAST_PAUSE)
        pause = pause * random.uniform(LEAST, 1.0)  # noqa: S311 (nothing secret hangs on it)
        if error.code == "transport.auth" and self.failures >= TROUBLE_AFTER:
            pause = LOCKED_PAUSE
        if self.wanted:
            pause = timedelta(0)
        self.until = now + pause.total_seconds()
        return pause

    def begin(self) -> None:
        """Begin a try: what was wanted is done by it."""
        self.wanted = False

    def try_now(self) -> None:
        """End the pause, also that of a try which hangs just now; forget no failure."""
        self.until, self.wanted = 0.0, True

    def well(self) -> None:
        """Start over: it works."""
        self.failures, self.until = 0, 0.0


@contextmanager
def reached(place: Workplace, connection: Connection, sessions: int = 1) -> Iterator[Mailbox]:
    """Connect, and leave at the end. Raises TransportError, also where a local folder cannot be made."""
    with ExitStack() as stack:
        try:
            mailbox = stack.enter_context(place.mailbox(connection, sessions))
        except OSError as error:
            message = f"{connection.folder or connection.name} cannot be used: {error.strerror or error}"
            raise TransportError(message) from error
        yield mailbox


def of_the_store(error: TransportError) -> bool:
    """Say whether it is our own store that fails, and not a connection: then the lane fails."""
    return error.code.startswith("system.")


def report_trouble(
    office: Office,
    connection: Connection,
    step: str,
    error: TransportError,
    failures: int,
    pause: timedelta | None = None,
) -> None:
    """Make a connection that does not work visible, once per cause; what is told is renewed with each failure.

    `step` is what failed: receive or deliver. `pause` is for how long the connection is left alone now.
    """
    subject = f"connection:{connection.name}"
    again = office.clock.now() + pause if pause is not None else None
    with office.ledger.unit("poll.trouble") as unit:
        finding = told_of(office, unit, connection, step, error, failures=failures, again=again)
        standing = unit.cases.select(subject=subject, state="OPEN")
        same = [case.cause for case in standing if {case.cause, finding.kind} <= NOT_THERE]
        if same:
            finding = replace(finding, code=same[0])
        keep = {case.cause for case in standing if case.step != step} | {finding.kind}
        settle_cases(office, unit, subject, keep=keep, how="it is something else by now")
        partners = partners_of(office, connection)
        partner = partners[0] if len(partners) == 1 else None
        open_case(office, unit, Waiting(subject, step, office.clock.now(), partner=partner), [finding])


def settle_trouble(office: Office, connection: Connection, step: str) -> None:
    """Close the cases of a connection on which `step` works again, whichever process or edition opened them."""
    subject = f"connection:{connection.name}"
    with office.ledger.reading() as unit:
        standing = unit.cases.select(subject=subject, state="OPEN")
    others = {case.cause for case in standing if case.step != step and case.cause not in OF_THE_LOGIN}
    if any(case.cause not in others for case in standing):
        with office.ledger.unit("connection.recovered") as unit:
            settle_cases(office, unit, subject, keep=others, how="the connection works again")


def tell_stranded(place: Workplace, used: frozenset[str], unsent: dict[str, int]) -> None:
    """Open a case for each connection that documents wait for, but that no file names any more (`unsent`: how many).

    Close those of connections that nobody uses and nothing waits for.
    """
    office = place.office()
    with office.ledger.reading() as unit:
        standing = {
            case.subject.partition(":")[2]: case
            for case in unit.cases.select(state="OPEN")
            if case.subject.startswith("connection:")
        }
    for name in sorted(standing.keys() - used - unsent.keys()):
        with office.ledger.unit("connection.recovered") as unit:
            settle_cases(office, unit, f"connection:{name}", how="the connection is no longer used")
    for name, count in unsent.items():
        finding = Finding(
            "document.deliver.connection",
            Severity.HOLD,
            f"{count} documents wait for the connection {name}, which is no longer in connections.yaml.",
            fix=f"write a connection {name} again, with the place where the partner fetches now; they go by themselves",
        )
        with office.ledger.unit("connection.gone") as unit:
            open_case(office, unit, Waiting(f"connection:{name}", "deliver", office.clock.now()), [finding])
