"""The daemon: all lanes of the current edition, until a signal or (with once) until nothing is left to do."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from edi_engine.app.lanes import build_lanes
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition, folders
from edi_engine.app.workplace import Workplace, opened
from edi_engine.errors import ConfigurationError, Fenced, Outrun, UsageError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, by_kind, open_case, settle_cases
from edi_engine.flow.pickup import Pickup
from edi_engine.runtime.daemon import configure_log, until_told
from edi_engine.runtime.editions import EditionWatch
from edi_engine.runtime.embedded import Embedded

EDITION = "edition:current"
"""What the case of a refused edition is about."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep a second daemon of this machine off this store (lanes have fences beside). Raises UsageError."""
    name = hashlib.sha256(settings.db.encode()).hexdigest()[:16]
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / f".edi-daemon-{name}.lock"
    with path.open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            message = f"a daemon runs on this store already (process {held.read().strip() or 'unknown'})"
            raise UsageError(message) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def run(settings: Settings, *, once: bool, talk: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; with `once`, until all folders are drained and everything is sent."""
    configure_log()
    with alone(settings), opened(settings) as place:
        _note_edition(place)
        engine = Daemon(place)
        with until_told(engine.stop, lambda name: talk(f"{name}: finishing the step in hand, then stopping")):
            talk(f"{len(place.edition.partners)} partners; store {_shown(settings.db)}")
            engine.run(once=once)


def _shown(url: str) -> str:
    """Show a database URL without its password."""
    head, at, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://...@{tail}" if at else url


def _note_edition(place: Workplace) -> None:
    with place.office().ledger.unit("edition.sound") as unit:
        settle_cases(place.office(), unit, EDITION, how="the partner files are sound again")


class Daemon:
    """The lanes, and the watch over the partner files, of one process."""

    def __init__(self, place: Workplace) -> None:
        """Build the lanes of the edition in force."""
        self.place = place
        self.log = structlog.get_logger()
        self._pickups: dict[str, Pickup] = {}
        self._refused = ""
        self._reloading = threading.Lock()
        self.engine = Embedded(build_lanes(place, self._pickups), self._troubled)

    def run(self, *, once: bool, until: Callable[[], bool] | None = None) -> None:
        """Run; see `run` of this module. `until` ends a run early once everything is quiet."""
        own = [folder for folder in folders(self.place.settings) if self.place.settings.home in folder.parents]
        watch = EditionWatch(own, self.reload)
        watch.start()
        self.log.info("started", edition=self.place.edition.name[:12], partners=sorted(self.place.edition.partners))
        try:
            if once:
                self.engine.run_once()
            else:
                self.engine.run(until=until)
        finally:
            watch.stop()
            self.place.store.checkpoint()
            self.log.info("stopped")

    def stop(self) -> None:
        """End in order: drains finish their step."""
        self.engine.stop()

    def reload(self) -> None:
        """Try the partner files as they are now. Bad ones leave the edition in force, and say so in a case."""
        with self._reloading:
            try:
                edition = current_edition(self.place.settings)
            except ConfigurationError as error:
                self._refuse(error.findings)
                return
            except OSError as error:
                self._refuse(
                    (Finding("partner.file.unreadable", Severity.HOLD, f"The partner files cannot be read: {error}"),)
                )
                return
            self._refused = ""
            if edition.name == self.place.edition.name:
                return
            self.place.publish(edition)
            _note_edition(self.place)
            self.engine.replace(build_lanes(self.place, self._pickups))
            self.log.info("edition published", edition=edition.name[:12])

    def _refuse(self, findings: tuple[Finding, ...]) -> None:
        text = "\n".join(finding.message for finding in findings)
        if text == self._refused:
            return
        self._refused = text
        self.log.warning("edition refused", problems=len(findings), first=findings[0].message)
        office = self.place.office()
        standing = Finding(
            "partner.edition.refused",
            Severity.HOLD,
            f"A change of the partner files was refused; edition {self.place.edition.name[:12]} stays in force. "
            f"First problem: {findings[0].message}",
            findings[0].where if findings else Position(),
            fix="correct the files; `edi partner check` names every problem",
        )
        with office.ledger.unit("edition.refused") as unit:
            for same in by_kind([standing]).values():
                waiting = Waiting(EDITION, "receive", office.clock.now())
                open_case(office, unit, waiting, [*same, *findings])

    def _troubled(self, lane: str, error: BaseException) -> None:
        if isinstance(error, Fenced | Outrun):
            self.log.info("drain gave way", lane=lane, why=str(error))
            return
        self.log.error("drain failed", lane=lane, error=f"{type(error).__name__}: {error}", exc_info=error)
