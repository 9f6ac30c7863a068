"""The gaps in partners' interchange numbers: perhaps a file was lost on its way, perhaps it was for somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edi_engine.app.settings import Settings, SystemClock
from edi_engine.flow.gaps import Gap, gaps
from edi_engine.flow.wording import counted
from edi_engine.store.ledger import Store, open_store
from edi_engine.store.theirs import numbers_of_theirs

DAYS = 30
"""How far back is looked where nobody says it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing of one sender's count to one of our addresses; `came` is how many interchanges came."""

    partner: str | None
    sender: str
    receiver: str
    came: int
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> int:
        """Give how many numbers are missing."""
        return sum(gap.count for gap in self.gaps)


def missing(store: Store, since: datetime) -> tuple[Missing, ...]:
    """Look at what came since a moment, by sender and receiver; only those with gaps are given."""
    with store.looking() as connection:
        found = numbers_of_theirs(connection, since)
    found_gaps = (
        Missing(
            pair.partner,
            f"{pair.sender_qualifier}/{pair.sender}",
            f"{pair.receiver_qualifier}/{pair.receiver}",
            len(numbers),
            gaps(numbers),
        )
        for pair, numbers in found.items()
    )
    return tuple(one for one in found_gaps if one.gaps)


def partner_gaps(settings: Settings, days: int) -> tuple[Missing, ...]:
    """Give the gaps of the last `days`."""
    if settings.store_file is not None and not settings.store_file.exists():
        return ()
    store = open_store(settings.db, owner=False)
    try:
        return missing(store, SystemClock().now() - timedelta(days=days))
    finally:
        store.close()


def said(one: Missing) -> str:
    """Say in a line how many are missing."""
    who = one.partner or one.sender
    return (
        f"{counted(one.came, 'interchange')} of {who} came in the last {DAYS} days; {counted(one.missing, 'number')} "
        "between theirs did not, which may be files for others, or lost (`edi partner gaps`)"
    )
