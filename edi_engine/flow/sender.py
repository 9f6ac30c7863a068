"""Who sent an interchange: the partner whose addresses it names, and whether it is a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.x12.ta1 import receiver_note
from edi_engine.x12.values import InterchangeOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

TERMINAL = "cli"
"""The name of the connection of files that are given at a terminal: any partner's file may come that way."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose interchange it is. `test` is true when it came from a test address or says so in ISA15."""

    partner: Partner
    test: bool


def whose(books: Books, interchange: InterchangeOutline, connection: str) -> tuple[Sender | None, tuple[Finding, ...]]:
    """Resolve the partner of one interchange, for the connection that it came by."""
    found = books.edition.partner_for(
        interchange.sender_qualifier, interchange.sender, interchange.receiver_qualifier, interchange.receiver
    )
    sender = f"{interchange.sender_qualifier}/{interchange.sender}"
    receiver = f"{interchange.receiver_qualifier}/{interchange.receiver}"
    where = start_of(interchange)
    if found is None:
        known = books.edition.sender(interchange.sender_qualifier, interchange.sender) is not None
        finding = Finding(
            "envelope.unknown-partner",
            Severity.HOLD,
            f"No partner file claims the sender {sender} for the receiver {receiver}; nothing of it was booked.",
            where,
            seen=f"{sender} to {receiver}",
            ack=AckCode("TA1", receiver_note(interchange)) if known else None,
            fix="add the address to `identity` of a partner file and retry the case; or tell the sender",
        )
        return None, (finding,)
    partner, is_test = found
    if connection not in {TERMINAL, partner.connection}:
        finding = Finding(
            "envelope.unknown-partner",
            Severity.HOLD,
            f"{partner.title} ({sender}) does not deliver by the connection {connection}; nothing of it was booked.",
            where,
            seen=connection,
            wanted=partner.connection,
            fix=f"find out who put the file there; if it counts, put it into the mailbox {partner.connection}, or "
            f"write `connection: {connection}` in {partner.source or 'their partner file'} and retry the case",
        )
        return None, (finding,)
    # A partner that is not live yet gets test answers whatever its indicator says: its orders never become live ones.
    return Sender(partner, is_test or interchange.usage in {"T", "I"} or not partner.live), ()


def start_of(interchange: InterchangeOutline) -> Position:
    """Give the place where an interchange begins."""
    return Position(interchange=interchange.control, byte=interchange.start, segment=interchange.number)
