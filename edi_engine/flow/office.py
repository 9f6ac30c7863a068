"""What every step is given that acts: the books, the ledger and who is acting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from edi_engine.flow.books import Books
from edi_engine.flow.ports import Ledger, Unit
from edi_engine.flow.records import EventRecord


class Poisoned(Exception):
    """What was to be taken in hand has ended the program several times: it is not touched again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office(Books):
    """The surroundings of one drain or one command that may change things.

    `erp_connection` is the connection whose folder receives accepted orders. `who` is the operating system's user.
    `stopping` says whether an end was asked for: long work looks at it between two steps, and leaves the rest to the
    next run. `in_hand` is held around each thing while it is worked on; raises Poisoned where that thing has ended the
    program too often. `left_in_hand` says whether the program ended while it was.
    """

    ledger: Ledger
    who: str
    erp_connection: str = "erp"
    stopping: Callable[[], bool] = lambda: False
    in_hand: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()
    left_in_hand: Callable[[str], bool] = lambda _: False

    def note(
        self,
        unit: Unit,
        what: str,
        subject: str,
        detail: str = "",
        *,
        order_id: int | None = None,
        partner: str | None = None,
    ) -> None:
        """Write one line of history into this commit."""
        event = EventRecord(
            at=self.clock.now(),
            what=what,
            subject=subject,
            who=self.who,
            detail=detail,
            order_id=order_id,
            partner=partner,
            edition=self.edition.name,
        )
        unit.events.add_all((event,))
