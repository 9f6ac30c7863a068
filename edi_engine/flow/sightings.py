"""What earlier polls saw of a partner's folder: a file is touched only when its size and time have come to rest."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from edi_engine.flow.ports import RemoteFile


@dataclass(frozen=True, slots=True)
class Sighting:
    """Size and time of one name; since when they stand so, and when the name was first seen (monotonic seconds)."""

    size: int
    modified: int
    since: float
    first: float


@dataclass(slots=True)
class Sightings:
    """The latest sighting of each name. Time is our own, never the partner's: their clock may be wrong."""

    seen: dict[bytes, Sighting] = field(default_factory=dict)

    def rests(self, entry: RemoteFile, now: float, settle: float) -> bool:
        """Say whether `entry` has kept its size and time for `settle` seconds, over at least two polls."""
        known = self.seen.get(entry.name)
        if known is not None and (known.size, known.modified) == (entry.size, entry.modified):
            return now - known.since >= settle
        first = now if known is None else known.first
        self.seen[entry.name] = Sighting(entry.size, entry.modified, now, first)
        return False

    def age(self, name: bytes, now: float) -> float:
        """Give for how many seconds a name has been in the folder without being read."""
        known = self.seen.get(name)
        return 0.0 if known is None else now - known.first

    def again(self, name: bytes) -> None:
        """Let a name settle anew: its file changed under our hands."""
        known = self.seen.get(name)
        if known is not None:
            self.seen[name] = Sighting(-1, -1, known.since, known.first)

    def keep(self, names: AbstractSet[bytes]) -> None:
        """Forget all names but these."""
        for name in [known for known in self.seen if known not in names]:
            del self.seen[name]

    def forget(self, name: bytes) -> None:
        """Start over with a name: its file was read."""
        self.seen.pop(name, None)
