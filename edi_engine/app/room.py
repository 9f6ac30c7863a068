"""Room on the disks: below a share of free room nothing new is fetched, people are told once, and it goes on alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.runtime.lanes import Drained

FREE: Final = 5
"""Percent of a disk that must be free."""
LANE: Final = "disk"
EVERY: Final = timedelta(seconds=5)
OF_THE_DISK: Final = f"lane:{LANE}"
_CALM: Final = 10.0
"""Seconds without another refusal of the disk after which it counts as mended."""


@dataclass(frozen=True, slots=True)
class Room:
    """A disk: a folder on it, and its free and total bytes."""

    folder: Path
    free: int
    total: int

    @property
    def share(self) -> float:
        """Give how much is free, in percent; an empty device has room."""
        return 100 * self.free / self.total if self.total else 100.0

    @property
    def short(self) -> bool:
        """Say whether it is too little to fetch anything new."""
        return self.share < FREE


def disks(settings: Settings) -> tuple[Room, ...]:
    """Look at the disks of the home and of a SQLite store, each once."""
    wanted = [settings.home]
    if settings.store_file is not None:
        wanted.append(settings.store_file.parent)
    found: dict[int, Room] = {}
    for folder in wanted:
        standing = next((one for one in (folder, *folder.parents) if one.is_dir()), Path())
        usage = shutil.disk_usage(standing)
        found.setdefault(standing.stat().st_dev, Room(standing, usage.free, usage.total))
    return tuple(found.values())


class Disks:
    """What a daemon knows of its disks. Drains of all lanes ask `short` between two files, and tell of refusals."""

    def __init__(self, place: Workplace) -> None:
        """Begin with disks that refused nothing."""
        self._place = place
        self._refused = ""
        self._at = 0.0
        self._told: Finding | None = None

    def short(self) -> bool:
        """Say whether to fetch nothing new now."""
        return bool(self._refused) or any(room.short for room in disks(self._place.settings))

    def refused(self, why: str) -> None:
        """Remember that the disk of the store refused a write."""
        self._refused, self._at = why, self._place.clock.monotonic()

    def __call__(self) -> Drained:
        """Open the case when room gets short, close it when there is room again. Raises StoreBusy where it is full."""
        if self._refused and self._place.clock.monotonic() - self._at > _CALM:
            self._refused = ""
        wrong = self._wrong()
        if wrong == self._told:
            return Drained()
        office = self._place.office()
        with office.ledger.unit("disk.looked") as unit:
            if wrong is None:
                settle_cases(office, unit, OF_THE_DISK, how="there is room on the disk again")
            else:
                open_case(office, unit, Waiting(OF_THE_DISK, "receive", office.clock.now()), [wrong])
        self._told = wrong
        return Drained(worked=wrong is None)

    def _wrong(self) -> Finding | None:
        fix = "make room on it; fetching goes on by itself"
        for room in disks(self._place.settings):
            if room.short:
                message = f"Less than {FREE} % of the disk of {room.folder} are free. Nothing new is fetched."
                return Finding("system.disk", Severity.HOLD, message, fix=fix)
        if self._refused:
            message = f"The disk of the store refuses to write ({self._refused}). Nothing new is fetched."
            return Finding("system.disk", Severity.HOLD, message, fix=fix)
        return None
