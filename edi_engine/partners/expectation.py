"""What a partner is expected to send, and when: `orders every weekday by 09:00`. Days are those of a zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FILES = "files"
"""Whatever comes; else it is some sets, by their ids."""

_FAR = 400
"""Days that are looked at: a year of holidays is the longest pause that makes sense."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One sentence. `what` is its first word; `sets` are the sets that count, none where any file does.

    It is due on each of `days` (0 is Monday) that is no holiday, at `by` in `zone`. What came since `after` of that day
    counts; where that is None, what came since it was due before.
    """

    said: str
    what: str
    sets: tuple[str, ...]
    days: frozenset[int]
    by: time
    zone: str
    after: time | None = None
    holidays: frozenset[date] = frozenset()
    source: str = ""

    def next_due(self, moment: datetime) -> datetime | None:
        """Give the first time behind `moment` at which it is due; None where all days to come are holidays."""
        return next((due for due in self._dues(moment, 1) if due > moment), None)

    def last_due(self, moment: datetime) -> datetime | None:
        """Give the last time up to `moment` at which it was due; None where there is none in reach."""
        return next((due for due in self._dues(moment, -1) if due <= moment), None)

    def is_due(self, moment: datetime) -> bool:
        """Say whether it falls due at this very moment."""
        return next(self._dues(moment, 1), None) == moment

    def since(self, due: datetime) -> datetime:
        """Give the moment from which on something must have come that was due at `due`."""
        if self.after is not None:
            day = due.astimezone(ZoneInfo(self.zone)).date()
            return datetime.combine(day, self.after, ZoneInfo(self.zone)).astimezone(UTC)
        return self.last_due(due - timedelta(microseconds=1)) or due - timedelta(days=1)

    def _dues(self, moment: datetime, step: int) -> Iterator[datetime]:
        """Give the times at which it is due, from the day of `moment` on, forwards or back."""
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date().toordinal()
        for ordinal in range(today, today + step * _FAR, step):
            if not date.min.toordinal() <= ordinal <= date.max.toordinal() - 1:
                return
            day = date.fromordinal(ordinal)
            if day.weekday() in self.days and day not in self.holidays:
                yield datetime.combine(day, self.by, zone).astimezone(UTC)
