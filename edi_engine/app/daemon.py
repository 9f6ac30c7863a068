"""The daemon: all lanes of the current edition, until a signal or (with once) until nothing is left to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import structlog

from edi_engine.app.alone import alone
from edi_engine.app.beating import Beat, beating
from edi_engine.app.examples import tried_edition
from edi_engine.app.lanes import build_lanes, watched_folders
from edi_engine.app.nudging import EVERY as NUDGE_EVERY
from edi_engine.app.nudging import LANE as NUDGE
from edi_engine.app.nudging import Nudges
from edi_engine.app.room import EVERY as LOOK_EVERY
from edi_engine.app.room import LANE, Disks
from edi_engine.app.sealing import AGAIN, Sealer
from edi_engine.app.sealing import LANE as SEAL
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import folders
from edi_engine.app.telling import EVERY, History
from edi_engine.app.workplace import Workplace, last_edition, opened
from edi_engine.errors import ConfigurationError, EngineError, Fenced, Outrun, TransportError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.clear import not_cleared
from edi_engine.flow.pickup import Pickup
from edi_engine.flow.wording import findings_from_json
from edi_engine.partners.edition import Edition
from edi_engine.runtime.daemon import configure_log, until_told
from edi_engine.runtime.editions import EditionWatch
from edi_engine.runtime.embedded import GIVE_UP, Embedded
from edi_engine.runtime.folders import FolderWatch
from edi_engine.runtime.lanes import Lane
from edi_engine.store.faults import UNKEPT

EDITION = "edition:current"
"""What the case of a refused edition is about."""


def run(settings: Settings, *, once: bool) -> tuple[Finding, ...]:
    """Run until SIGTERM or SIGINT; with `once`, until all folders are drained and everything is sent.

    Gives what kept a run with `once` from doing all its work: connections that do not work, partner files that were
    refused. Where the partner files are wrong at the start, the last edition that was in force is taken; raises
    ConfigurationError where there was none, and in a home without partners: the shipped one trades with nobody.
    """
    configure_log()
    with alone(settings):
        _need_partners(settings)
        edition, refused = _edition_to_start(settings)
        with ExitStack() as stack:
            with beating(settings):
                place = stack.enter_context(opened(settings, edition))
            place.store.must_not_be_restored()
            daemon = Daemon(place)
            place.hand.tidy()
            settle_lanes(place)
            if refused:
                daemon.refuse(refused)
            else:
                settle_edition(place)
            with until_told(daemon.stop) as signalled:
                daemon.run(once=once, why=signalled)
            return daemon.left_undone() if once else ()


def _need_partners(settings: Settings) -> None:
    folder = settings.home / "partners"
    if not folder.is_dir():
        message = f"There are no partners here: {folder} is not there."
        fix = "write partners/NAME/partner.yaml (docs/howto/add-a-partner.md), name another --home, or run `edi demo`"
        raise ConfigurationError((Finding("partner.file.missing", Severity.HOLD, message, fix=fix),))


def _edition_to_start(settings: Settings) -> tuple[Edition, tuple[Finding, ...]]:
    """Give the edition of the files; or, where they are wrong, the last one in force, and what is wrong."""
    try:
        return tried_edition(settings), ()
    except ConfigurationError as error:
        standing = last_edition(settings)
        if standing is None:
            raise
        return standing, error.findings


def settle_edition(place: Workplace) -> None:
    """Close the case of a refused edition."""
    with place.office().ledger.unit("edition.sound") as unit:
        settle_cases(place.office(), unit, EDITION, how="the partner files are sound again")


def settle_lanes(place: Workplace) -> None:
    """Close the cases of lanes that failed in an earlier process; one that still fails is told anew."""
    office = place.office()
    with office.ledger.unit("lane.started") as unit:
        for case in unit.cases.select(state="OPEN"):
            if case.subject.startswith("lane:"):
                settle_cases(office, unit, case.subject, how="the daemon was started again")


class Daemon:
    """The lanes, and the watch over the partner files, of one process."""

    def __init__(self, place: Workplace) -> None:
        """Put the edition of `place` in force, and build its lanes."""
        place.publish(place.edition)
        self.place = place
        self.log = structlog.get_logger()
        self._pickups: dict[str, Pickup] = {}
        self._refused = ""
        self._told: set[str] = set()
        self._reloading = threading.Lock()
        self._history = History(place, self.log)
        self._sealer = Sealer(place, self.log)
        self.disks = Disks(place)
        self._fatal: TransportError | None = None
        self._current: Sequence[Lane] = ()
        self._nudges = Nudges(place, lambda: self._current, self._wake_lane)
        self.engine = Embedded(self._lanes(), self._failed, self._recovered, beat=Beat(place.settings))
        place.stopping = lambda: self.engine.stopping

    def run(
        self, *, once: bool, until: Callable[[], bool] | None = None, why: Callable[[], str] = lambda: "asked"
    ) -> None:
        """Run; see `run` of this module. `until` ends a run early once everything is quiet.

        Raises what a lane failed by, if a run with `once` had to end without it.
        """
        editions = EditionWatch(self._own_folders, self.reload, self._reload_failed)
        intakes = FolderWatch(lambda: watched_folders(self.place).keys(), self._wake, self._watch_failed)
        editions.start()
        intakes.start()
        self.log.info("started", edition=self.place.edition.name[:12], partners=sorted(self.place.edition.partners))
        try:
            self.engine.run(until=(lambda: True) if once else until)
        finally:
            if self.engine.stopping:
                self.log.info("stopping", why=why())
            intakes.stop()
            editions.stop()
            self._close(self.engine.finish())
        if self._fatal is not None:
            raise self._fatal
        if once and self.engine.failing:
            raise self.engine.failing[0][1]

    def _lanes(self) -> list[Lane]:
        """Give the lanes of the edition in force, and the one that tells the log what they did."""
        self._current = [
            *build_lanes(self.place, self._pickups, self.disks.short),
            Lane(LANE, self.disks, LOOK_EVERY),
            Lane("history", self._history, EVERY),
            Lane(SEAL, self._sealer, AGAIN),
            Lane(NUDGE, self._nudges, NUDGE_EVERY),
        ]
        return list(self._current)

    def stop(self) -> None:
        """End in order: drains finish their step."""
        self.engine.stop()

    def left_undone(self) -> tuple[Finding, ...]:
        """Give what could not be done at a connection, and what the open cases about this installation found."""
        with self.place.office().ledger.reading() as unit:
            standing = [
                case
                for case in unit.cases.select(state="OPEN")
                if case.subject.partition(":")[0] in {"connection", "edition", "lane"}
            ]
            stuck = not_cleared(unit)
        return (*stuck, *(finding for case in standing for finding in findings_from_json(case.findings_json)))

    def reload(self) -> None:
        """Try the partner files as they are now. Bad ones leave the edition in force, and say so in a case."""
        with self._reloading:
            try:
                edition = tried_edition(self.place.settings, self.place.edition, everything=bool(self._refused))
            except ConfigurationError as error:
                self.refuse(error.findings)
                return
            if edition.name != self.place.edition.name:
                self.place.publish(edition)
                self.engine.replace(self._lanes())
                self.log.info("edition published", edition=edition.name[:12])
            elif not self._refused:
                return
            settle_edition(self.place)  # first, so that what keeps the case open is tried again at the next look
            self._refused = ""

    def refuse(self, findings: tuple[Finding, ...]) -> None:
        """Keep the edition in force, and tell people once what is wrong with the files."""
        text = "\n".join(str(finding) for finding in findings)
        if text == self._refused:
            return
        self.log.warning("edition refused", problems=len(findings), first=findings[0].message if findings else "")
        office = self.place.office()
        first = f" First problem: {findings[0].message}" if findings else ""
        standing = Finding(
            "partner.edition.refused",
            Severity.HOLD,
            f"A change of the partner files was refused; edition {self.place.edition.name[:12]} stays in force.{first}",
            findings[0].where if findings else Position(),
            fix="correct the files; `edi partner check` names every problem",
        )
        with office.ledger.unit("edition.refused") as unit:
            open_case(office, unit, Waiting(EDITION, "receive", office.clock.now()), [standing, *findings])
        self._refused = text

    def _own_folders(self) -> list[Path]:
        home = self.place.settings.home
        return [folder for folder in folders(self.place.settings) if home in folder.parents]

    def _close(self, left: tuple[str, ...]) -> None:
        """Close the store after the last drain; what hangs ends with the process, and its fence keeps it harmless."""
        with suppress(TransportError):  # a store that is gone has its history; only these lines are not told
            self._history()
        seal = ""
        if left:
            self.log.warning("drains were left in the middle; they are taken up again", lanes=left)
        else:
            try:
                seal = self._sealer.last()
                self.place.store.checkpoint()
            except TransportError as error:
                self.log.warning("the store was left without a checkpoint", why=str(error))
        self.log.info("stopped", seal=seal)

    def _failed(self, lane: str, error: BaseException, times: int) -> None:
        if isinstance(error, Fenced | Outrun) and times < GIVE_UP:
            self.log.info("drain gave way", lane=lane, why=str(error))
            return
        self.log.error("drain failed", lane=lane, times=times, error=_said(error), exc_info=error)
        if isinstance(error, TransportError) and error.code == UNKEPT:
            self._fatal = error
            self.engine.stop()
            return
        if isinstance(error, TransportError) and error.code == "system.disk":
            self.disks.refused(str(error))  # one case for all lanes, once the disk takes it
            return
        if times < GIVE_UP or lane in self._told:
            return
        world = isinstance(error, TransportError)
        finding = Finding(
            error.code if isinstance(error, TransportError) else "system.bug",
            Severity.HOLD,
            f"The lane {lane} failed {times} times in a row ({_said(error)}). It is tried again; its work waits.",
            fix="see what the message names; nothing is lost" if world else "report it with the log of the daemon",
        )
        office = self.place.office()
        try:
            with office.ledger.unit("lane.failed") as unit:
                open_case(office, unit, Waiting(f"lane:{lane}", "receive", office.clock.now()), [finding])
            self._told.add(lane)
        except EngineError as again:
            self.log.error("case not kept", lane=lane, why=str(again))  # noqa: TRY400 (the drain's own trace says more)

    def _recovered(self, lane: str) -> bool:
        gone = all(one.name != lane for one in self._current)
        how = "the lane is no longer used" if gone else "the lane works again"
        office = self.place.office()
        try:
            with office.ledger.unit("lane.recovered") as unit:
                settle_cases(office, unit, f"lane:{lane}", how=how)
        except EngineError as error:  # what broke the lane may be the store itself, and not be over
            self.log.warning("case not closed yet", lane=lane, why=str(error))
            return False
        self._told.discard(lane)
        self.log.info("drain no longer used" if gone else "drain works again", lane=lane)
        return True

    def _wake_lane(self, lane: str) -> None:
        self.engine.wake(lane)

    def _wake(self, folder: Path) -> None:
        lane = watched_folders(self.place).get(folder)
        if lane is not None:
            self.engine.wake(lane)

    def _watch_failed(self, error: Exception) -> None:
        self.log.warning("a folder is not watched; it is looked at by the clock alone", why=_said(error))

    def _reload_failed(self, error: Exception) -> None:
        self.log.error("partner files not looked at", error=_said(error), exc_info=error)


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
