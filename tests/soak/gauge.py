"""What a process takes of its machine, looked at every few seconds: memory, threads, open descriptors."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

MEGABYTE: Final = 1024
FEWEST: Final = 24
"""Looks at a process without which nothing is said of its growth."""
MORE_MEMORY: Final = 0.05
"""Of what a process has in the second quarter of its life, how much more it may have in the last one."""
PAGES: Final = 2 * MEGABYTE
"""Memory that SQLite fills with pages of the store for each connection to it, as the store grows, and then no more."""
MORE: Final = 6
"""So many threads or descriptors more are none: another session of SFTP, or two more connections to the store. What is
left behind at each fault or session adds up to many more within minutes.
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: kilobytes of memory, threads, open descriptors, and how many of those lead to the store itself."""

    memory: int
    threads: int
    descriptors: int
    connections: int = 0


def look(pid: int, store: Path | None = None) -> Look | None:
    """Look at a process that works on a store; None where it is gone."""
    try:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        leads_to = [_leads_to(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
        connections = leads_to.count(store)
        return Look(int(status["VmRSS"].split()[0]), int(status["Threads"]), len(leads_to), connections)
    except (OSError, KeyError):
        return None


def _leads_to(descriptor: Path) -> Path | None:
    try:
        return descriptor.readlink()
    except OSError:  # it was closed a moment ago
        return None


@dataclass
class Gauge(threading.Thread):
    """Looks at one process until it is gone, or `rest` is called."""

    pid: int
    store: Path | None = None
    every: float = 2.0
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(name="gauge", daemon=True)
        self._enough = threading.Event()
        self.begun = time.monotonic()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self._enough.wait(self.every):
            seen = look(self.pid, self.store)
            if seen is None:
                return
            self.looks.append(seen)

    def rest(self) -> None:
        self._enough.set()
        self.join()


@dataclass(frozen=True, slots=True)
class Growth:
    """Medians of the second quarter of a process's life, and of the last one."""

    early: Look
    late: Look

    def faults(self) -> list[str]:
        """Say what grew."""
        told: list[str] = []
        room = int(self.early.memory * MORE_MEMORY) + PAGES * self.late.connections
        if self.late.memory > self.early.memory + room:
            told.append(f"memory grew from {self.early.memory:,} to {self.late.memory:,} kB")
        for name in ("threads", "descriptors"):
            before, after = getattr(self.early, name), getattr(self.late, name)
            if after > before + MORE:
                told.append(f"{name} grew from {before} to {after}")
        return told

    def __str__(self) -> str:
        early, late = self.early, self.late
        return (
            f"{early.memory / MEGABYTE:.1f} to {late.memory / MEGABYTE:.1f} MB, {early.threads} to {late.threads} "
            f"threads, {early.descriptors} to {late.descriptors} descriptors"
        )


def growth(looks: Sequence[Look]) -> Growth | None:
    """Hold the second quarter of a life beside the last one; None for one that was too short."""
    if len(looks) < FEWEST:
        return None
    quarter = len(looks) // 4
    return Growth(_middle(looks[quarter : 2 * quarter]), _middle(looks[-quarter:]))


def _middle(looks: Sequence[Look]) -> Look:
    names = ("memory", "threads", "descriptors", "connections")
    return Look(*(int(median(getattr(one, name) for one in looks)) for name in names))
